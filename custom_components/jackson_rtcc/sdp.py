"""SDP (RFC 8866): reads a session description into its media lines, and writes it again."""

import re
from dataclasses import dataclass, replace

AUDIO = "audio"
VIDEO = "video"
APPLICATION = "application"
RECEIVING = "recvonly"
SENDING = "sendonly"
INACTIVE = "inactive"
_BOTH = "sendrecv"
_DIRECTIONS = frozenset({RECEIVING, SENDING, INACTIVE, _BOTH})
MOST_SECTIONS = 8
_LINE = re.compile(r"[a-z]=.*")
_MEDIA = re.compile(
    r"m=(?P<media>[a-z]+) (?P<port>[0-9]{1,5}) (?P<protocol>[A-Z/]+)"
    r"(?P<formats>(?: [\w.-]{1,32})+)",
    re.ASCII,
)
_HIGHEST_PORT = 65_535
_REPAIR = frozenset({"RTX", "RED", "ULPFEC", "FLEXFEC", "FLEXFEC-03"})
"""What stands among the codecs and carries no picture by itself."""


class SdpError(ValueError):
    """A session description that cannot be used; the detail holds nothing from inside it."""


class MalformedError(SdpError):
    """It is not what the standards say."""


class NotReceivingError(SdpError):
    """It is an offer for something other than to receive one video."""


class NoCodecError(SdpError):
    """It is an answer without a codec that was offered."""


@dataclass(frozen=True, slots=True)
class Section:
    """One media line and the lines that belong to it, the media line first."""

    media: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Tell whether it is offered or answered as not to be used (RFC 3264 section 6)."""
        return self.port == 0 and "a=bundle-only" not in self.lines

    @property
    def mid(self) -> str | None:
        """Return its name."""
        return next(iter(self.values("mid")), None)

    def values(self, attribute: str) -> list[str]:
        """Return the values of an attribute."""
        return values(self.lines, attribute)

    def codecs(self) -> frozenset[str]:
        """Return the names of its codecs, in capitals."""
        mapped = (each.partition(" ") for each in self.values("rtpmap"))
        names = {kind: name.partition("/")[0].upper() for kind, _, name in mapped}
        return frozenset(names[kind] for kind in self.formats if kind in names) - _REPAIR

    def turned(self, direction: str) -> Section:
        """Return it with this direction and no other."""
        lines = list(self.lines)
        if not any(_is_direction(line) for line in lines):
            lines.append(f"a={direction}")
        turned = [f"a={direction}" if _is_direction(line) else line for line in lines]
        first = turned.index(f"a={direction}")
        kept = (line for line in turned[first + 1 :] if not _is_direction(line))
        return replace(self, lines=(*turned[: first + 1], *kept))


@dataclass(frozen=True, slots=True)
class Description:
    """A session description: lines for all of it, then a section for each media line."""

    session: tuple[str, ...]
    sections: tuple[Section, ...]

    def __str__(self) -> str:
        """Write it down."""
        lines = [*self.session, *(line for section in self.sections for line in section.lines)]
        return "\r\n".join(lines) + "\r\n"

    @property
    def video(self) -> Section:
        """Return the line for video, of which there is one."""
        return next(section for section in self.sections if section.media == VIDEO)

    def direction(self, section: Section) -> str:
        """Return the direction of a media line: its own, or that of all, or both (RFC 8866)."""
        own = [line for line in section.lines if _is_direction(line)]
        everyones = [line for line in self.session if _is_direction(line)]
        if len(own) > 1 or len(everyones) > 1:
            raise MalformedError("a line has two directions")
        found = own or everyones
        return found[0].removeprefix("a=") if found else _BOTH

    def without_directions(self) -> Description:
        """Return it without a direction that holds for all media lines."""
        return replace(
            self, session=tuple(line for line in self.session if not _is_direction(line))
        )


def parse(text: str) -> Description:
    """Read a session description.

    Raises:
        MalformedError: with what is wrong.

    """
    lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    if not all(_LINE.fullmatch(line) and line.isprintable() for line in lines):
        raise MalformedError("a line is none")
    if any(_is_nearly_direction(line) for line in lines):
        # Some read it as a direction, and would not see the one that we write.
        raise MalformedError("a direction is written otherwise than the standard says")
    if lines[0] != "v=0" or len(lines) < len(("v", "o")) or not lines[1].startswith("o="):
        raise MalformedError("it begins otherwise than a session description")
    starts = [index for index, line in enumerate(lines) if line.startswith("m=")]
    if not 0 < len(starts) <= MOST_SECTIONS:
        raise MalformedError(f"it has not 1 to {MOST_SECTIONS} media lines")
    ends = [*starts[1:], len(lines)]
    sections = tuple(
        _section(tuple(lines[start:end])) for start, end in zip(starts, ends, strict=True)
    )
    names = [section.mid for section in sections if section.mid is not None]
    if len(set(names)) != len(names):
        raise MalformedError("two media lines have one name")
    return Description(tuple(lines[: starts[0]]), sections)


def values(lines: tuple[str, ...], attribute: str) -> list[str]:
    """Return the values of an attribute in some lines."""
    start = f"a={attribute}:"
    return [line.removeprefix(start).strip() for line in lines if line.startswith(start)]


def _section(lines: tuple[str, ...]) -> Section:
    found = _MEDIA.fullmatch(lines[0])
    if found is None or int(found["port"]) > _HIGHEST_PORT:
        raise MalformedError("a media line is none")
    return Section(
        found["media"],
        int(found["port"]),
        found["protocol"],
        tuple(found["formats"].split()),
        lines,
    )


def _is_direction(line: str) -> bool:
    return line.removeprefix("a=") in _DIRECTIONS and line.startswith("a=")


def _is_nearly_direction(line: str) -> bool:
    name = line.removeprefix("a=").partition(":")[0].strip().lower()
    return line.startswith("a=") and name in _DIRECTIONS and not _is_direction(line)
