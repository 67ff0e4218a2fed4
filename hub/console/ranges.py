"""Which bytes of a file are asked for (RFC 9110, section 14)."""

import re

_ONE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class BeyondEndError(ValueError):
    """The file ends before the range begins."""


def wanted(header: str, length: int) -> range | None:
    """Return the bytes that a Range header asks for, or None for the whole file.

    What cannot be read, and several ranges at once, are the whole file, as the RFC allows.

    Raises:
        BeyondEndError: if the file has none of them.

    """
    found = _ONE.fullmatch(header.strip().replace(" ", ""))
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found[1], found[2]
    if not first:
        begin, end = max(0, length - int(last)), length
    else:
        begin, end = int(first), min(int(last or length - 1) + 1, length)
        if last and int(last) < begin:
            return None
    if begin >= end:
        raise BeyondEndError
    return range(begin, end)
