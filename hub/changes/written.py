"""Server-sent events as bytes."""

import msgspec


def written(kind: str, value: object, id_: str = "") -> bytes:
    """Write an event; one with an id can be gone on from."""
    return sent(kind, msgspec.json.encode(value), id_)


def sent(kind: str, data: bytes, id_: str = "") -> bytes:
    """Write an event whose value is JSON already."""
    id_line = f"id: {id_}\n" if id_ else ""
    return b"%sevent: %s\ndata: %s\n\n" % (id_line.encode(), kind.encode(), data)
