"""Reads and writes what players send after their offer: further ICE candidates (RFC 8840).

`application/trickle-ice-sdpfrag` is a piece of an SDP: who sends it (`ice-ufrag`, `ice-pwd`), and
media lines that are there for their `mid` alone, each with its candidates.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hub.protocol.stream import Candidate

SDPFRAG = "application/trickle-ice-sdpfrag"
LONGEST_CANDIDATE = 500
MOST_CANDIDATES = 50
LARGEST_FRAGMENT = 16_000
MOST_LINES = 400
END = ""
"""The line of a candidate that says that there are no more."""

_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_MID = re.compile(r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]{1,64}")
# RFC 8839 section 5.1: foundation, component, transport, priority, address, port, and its type.
_CANDIDATE = re.compile(
    r"candidate:[A-Za-z0-9+/]{1,32} \d{1,5} (?P<transport>\S{1,20}) \d{1,10} \S{1,255} \d{1,5}"
    r" typ [a-z]{1,20}(?: [!-~]+ [!-~]+)*"
)
_TRANSPORTS = frozenset({"udp", "tcp"})


class FragmentError(ValueError):
    """A fragment that is out of shape; the message says which line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """What a fragment says; `ufrag` and `password` are None where it does not say.

    Candidates of transports that nobody knows, and of another generation, are not among these.
    """

    ufrag: str | None = None
    password: str | None = None
    candidates: tuple[Candidate, ...] = ()


@dataclass(slots=True)
class _Reading:
    ufrag: str | None = None
    password: str | None = None
    mid: str | None = None
    ends: bool = False


def read_fragment(text: str) -> Fragment:
    """Read a fragment.

    Raises:
        FragmentError: if it is out of shape.

    """
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if len(lines) > MOST_LINES:
        raise FragmentError(f"it has more than {MOST_LINES} lines")
    state = _Reading()
    found: list[Candidate] = []
    for number, line in enumerate(lines, 1):
        if not line.isascii() or not line.isprintable() or (line and line[1:2] != "="):
            raise FragmentError(f"line {number} is not a line of SDP")
        if line.startswith("m="):
            state.mid = None
        elif line.startswith("a="):
            candidate = _attribute(line[2:], state, number)
            if candidate is not None:
                found.append(candidate)
    if len(found) > MOST_CANDIDATES:
        raise FragmentError(f"it has more than {MOST_CANDIDATES} candidates")
    return Fragment(
        ufrag=state.ufrag,
        password=state.password,
        # They may come before the line that says whose they are.
        candidates=tuple(each for each in found if _of(each, state.ufrag)),
    )


def _attribute(text: str, state: _Reading, number: int) -> Candidate | None:
    """Take one attribute, and return the candidate that it is."""
    name, _, value = text.partition(":")
    match name:
        case "ice-ufrag":
            state.ufrag = _same(state.ufrag, value, _UFRAG, number)
        case "ice-pwd":
            state.password = _same(state.password, value, _PASSWORD, number)
        case "mid":
            if not _MID.fullmatch(value):
                raise FragmentError(f"line {number} has no mid")
            state.mid = value
        case "candidate":
            return _candidate(text, state.mid, number)
        case "end-of-candidates":
            return Candidate(END, state.mid)
    return None


def _same(before: str | None, value: str, shape: re.Pattern[str], number: int) -> str:
    # Each media line may repeat it; two of them would be two sessions.
    if not shape.fullmatch(value) or before not in (None, value):
        raise FragmentError(f"line {number} has other ICE credentials, or none")
    return value


def _candidate(text: str, mid: str | None, number: int) -> Candidate | None:
    if len(text) > LONGEST_CANDIDATE or (found := _CANDIDATE.fullmatch(text)) is None:
        raise FragmentError(f"line {number} is not a candidate")
    if found["transport"].lower() not in _TRANSPORTS:
        return None
    return Candidate(text, mid)


def _of(candidate: Candidate, ufrag: str | None) -> bool:
    """Tell whether a candidate is of this generation, as far as it says (RFC 8839, `ufrag`)."""
    words = candidate.line.split(" ")[8:]
    said = dict(zip(words[::2], words[1::2], strict=True)).get("ufrag")
    return ufrag is None or said in (None, ufrag)


def write_fragment(fragment: Fragment, media: Iterable[str] = ()) -> str:
    """Write a fragment; `media` are the mids that have a line even without candidates."""
    lines = []
    if fragment.ufrag is not None:
        lines.append(f"a=ice-ufrag:{fragment.ufrag}")
    if fragment.password is not None:
        lines.append(f"a=ice-pwd:{fragment.password}")
    lines += [_written(each) for each in fragment.candidates if each.mid is None]
    mids = [*media, *(each.mid for each in fragment.candidates if each.mid is not None)]
    for mid in dict.fromkeys(mids):
        lines += ["m=video 9 UDP/TLS/RTP/SAVPF 0", f"a=mid:{mid}"]
        lines += [_written(each) for each in fragment.candidates if each.mid == mid]
    return "".join(f"{line}\r\n" for line in lines)


def _written(candidate: Candidate) -> str:
    return f"a={candidate.line or 'end-of-candidates'}"
