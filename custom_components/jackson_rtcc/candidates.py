"""Candidates: reads, cleans and places ICE candidates (RFC 8839) that two strangers exchange."""

import re
from ipaddress import ip_address

from .protocol.stream import Candidate

MOST = 64
"""Candidates of one side of one session; a camera with many networks has about 20."""
_LONGEST = 500
_LONGEST_MID = 64
_LAST_INDEX = 15
_PREFIX = "a="
_SHAPE = re.compile(
    r"(?P<itself>candidate:[A-Za-z0-9+/]{1,32} [0-9]{1,3} \S{1,10} [0-9]{1,10}"
    r" (?P<address>\S{1,255}) [0-9]{1,5}"
    r" typ (?:host|srflx|prflx|(?P<relay>relay)))(?: \S+ \S+)*",
    re.ASCII,
)
_HIDDEN = " raddr 0.0.0.0 rport 9"
"""What RFC 8839 section 5.1 writes for an address that is not to be known."""


def clean(candidate: Candidate, *, relay_only: bool) -> Candidate | None:
    """Return what may be passed on of a candidate; None if nothing may.

    With `relay_only` that is the relay's address, without the one behind it.
    """
    line = candidate.line.strip().removeprefix(_PREFIX)
    found = _SHAPE.fullmatch(line)
    if found is None or len(line) > _LONGEST or not line.isprintable():
        return None
    if relay_only:
        # A name would be looked up from within the house, by whoever's server knows it.
        if not found["relay"] or not _is_address(found["address"]):
            return None
        # What else is said of it may tell what is behind it.
        line = found["itself"] + _HIDDEN
    return Candidate(line, _mid(candidate.mid), _index(candidate.index))


def clean_line(line: str, *, relay_only: bool) -> str | None:
    """Return what may be passed on of an SDP line with a candidate."""
    cleaned = clean(Candidate(line), relay_only=relay_only)
    return None if cleaned is None else _PREFIX + cleaned.line


def relayed_by(line: str, relays: frozenset[str]) -> bool:
    """Tell whether a candidate that was cleaned with `relay_only` is at one of these relays.

    Whoever writes one may call any address a relay's.
    """
    found = _SHAPE.fullmatch(line.removeprefix(_PREFIX))
    return found is not None and str(ip_address(found["address"])) in relays


def is_candidate(line: str) -> bool:
    """Tell whether an SDP line holds a candidate."""
    return line.startswith("a=candidate:")


def place(candidate: Candidate, mids: list[str | None], usable: list[bool]) -> int:
    """Return the media line that a candidate belongs to: by its mid, by its index, or the first.

    A line that is refused carries nothing: what was meant for it goes to the first that does,
    with which it shares its transport. There is one that does.
    """
    wanted = 0
    if candidate.mid is not None and candidate.mid in mids:
        wanted = mids.index(candidate.mid)
    elif candidate.index is not None and candidate.index < len(mids):
        wanted = candidate.index
    return wanted if usable[wanted] else usable.index(True)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _mid(mid: str | None) -> str | None:
    return mid if mid and len(mid) <= _LONGEST_MID and mid.isprintable() else None


def _index(index: int | None) -> int | None:
    return index if index is not None and 0 <= index <= _LAST_INDEX else None
