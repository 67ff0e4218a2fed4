"""What the home lets through of an offer and of an answer (rules 3 and 8); no I/O."""

import re
from dataclasses import replace
from ipaddress import IPv6Address

from . import candidates as ice
from .protocol.stream import LONGEST_SDP, Candidate
from .sdp import (
    APPLICATION,
    AUDIO,
    INACTIVE,
    RECEIVING,
    SENDING,
    VIDEO,
    Description,
    MalformedError,
    NoCodecError,
    NotReceivingError,
    Section,
    parse,
    values,
)

_MEDIA_PROTOCOLS = frozenset({"UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVPF"})
_DATA_PROTOCOLS = frozenset({"UDP/DTLS/SCTP", "TCP/DTLS/SCTP", "DTLS/SCTP"})
_NEEDED = ("ice-ufrag", "ice-pwd", "fingerprint")
_END = "a=end-of-candidates"
_NO_CODEC = re.compile(
    # go2rtc, and before its version 1.8
    r"codecs not match"
    # go2rtc reached a camera that has no sound: that alone, which Home Assistant lets ffmpeg
    # look for as well, is the error that it tells then
    r"|streams: exec/rtsp\s(?!.*\bexec/)(?=.*404 not found)"
    # pion, of which go2rtc is made
    r"|codec is not supported by remote"
    # aiortc
    r"|failed to set remote video description"
    # in the words of whoever else says it
    r"|no (?:common|compatible|matching|supported) codec|unsupported (?:video )?codec"
    r"|codec (?:is )?(?:not supported|unsupported)",
    re.IGNORECASE | re.DOTALL,
)
"""There is no code for it: Home Assistant passes on what the camera's software writes."""
_NEAR = re.compile(
    r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)|\.(?:local|lan|home\.arpa)\b", re.IGNORECASE
)
_MAYBE_IPV6 = re.compile(r"(?<!\w)[0-9a-f:]+(?!\w)", re.IGNORECASE)


def accept_offer(text: str, *, relay_only: bool) -> Description:
    """Return what a camera gets of an offer: one video to be received, and no sound.

    Raises:
        MalformedError: if it is not a WebRTC offer.
        NotReceivingError: if it offers to send, or asks for no video.

    """
    offer = parse(text)
    kinds = [section.media for section in offer.sections]
    if not set(kinds) <= {AUDIO, VIDEO, APPLICATION}:
        raise MalformedError("a media line is neither audio nor video nor application")
    if VIDEO not in kinds:
        raise NotReceivingError("there is no video line")
    if kinds.count(VIDEO) > 1 or kinds.count(APPLICATION) > 1:
        raise MalformedError("there is more than one video or application line")
    for section in offer.sections:
        _check_protocol(section)
    _check_security(offer)
    directions = [offer.direction(section) for section in offer.sections]
    if directions[kinds.index(VIDEO)] != RECEIVING or offer.video.refused:
        raise NotReceivingError("its video line is not there to receive")
    return _cleaned(_directed(offer, RECEIVING), relay_only=relay_only)


def through(offer: Description, relays: frozenset[str]) -> Description:
    """Return an offer that was accepted with `relay_only`, with candidates at these relays only."""
    return replace(
        offer,
        session=_at(offer.session, relays),
        sections=tuple(replace(each, lines=_at(each.lines, relays)) for each in offer.sections),
    )


def _at(lines: tuple[str, ...], relays: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        line for line in lines if not ice.is_candidate(line) or ice.relayed_by(line, relays)
    )


def accept_answer(text: str, offer: Description) -> Description:
    """Return an answer that says what WHEP wants, whatever direction the camera wrote.

    Raises:
        MalformedError: if it is no answer to this offer, or one to send nothing.
        NoCodecError: if the camera has no codec that was offered.

    """
    answer = parse(text)
    if [each.media for each in answer.sections] != [each.media for each in offer.sections]:
        raise MalformedError("its media lines are not those of the offer")
    video = answer.video
    if video.refused or not video.codecs() & offer.video.codecs():
        raise NoCodecError("it takes none of the offered codecs")
    _check_security(answer)
    if answer.direction(video) == INACTIVE:
        raise MalformedError("it says that no video will come")
    return _directed(answer, SENDING)


def whole_answer(
    answer: Description, found: tuple[Candidate, ...], *, ended: bool, relay_only: bool
) -> str:
    """Write down an answer with the candidates that came apart from it.

    Raises:
        MalformedError: if it is longer than a reply may be.

    """
    answer = _cleaned(answer, relay_only=relay_only)
    added: dict[int, list[str]] = {}
    for candidate in found:
        added.setdefault(_place(answer, candidate), []).append(f"a={candidate.line}")
    text = str(
        replace(
            answer,
            sections=tuple(
                _with_candidates(section, added.get(index, []), ended=ended)
                for index, section in enumerate(answer.sections)
            ),
        )
    )
    if len(text) > LONGEST_SDP:
        raise MalformedError(f"it is longer than {LONGEST_SDP} characters")
    return text


def placed(answer: Description, candidate: Candidate) -> Candidate:
    """Return a candidate that comes after its answer, with the media line that it belongs to.

    The end of candidates is that of all lines.
    """
    if candidate.line == "":
        return candidate
    index = _place(answer, candidate)
    return Candidate(candidate.line, answer.sections[index].mid, index)


def _place(answer: Description, candidate: Candidate) -> int:
    mids = [section.mid for section in answer.sections]
    return ice.place(candidate, mids, [not section.refused for section in answer.sections])


def candidates_in(answer: Description, *, relay_only: bool) -> bool:
    """Tell whether an answer has a candidate that may be passed on."""
    lines = _all_lines(answer)
    return any(
        ice.is_candidate(line) and ice.clean_line(line, relay_only=relay_only) for line in lines
    )


def has_ended(answer: Description) -> bool:
    """Tell whether an answer says that it has all candidates that there are."""
    return _END in _all_lines(answer)


def is_codec_error(words: str) -> bool:
    """Tell whether a camera's error says that there is no codec that both sides know."""
    return _NO_CODEC.search(words) is not None


def _check_protocol(section: Section) -> None:
    allowed = _DATA_PROTOCOLS if section.media == APPLICATION else _MEDIA_PROTOCOLS
    if section.protocol not in allowed:
        raise MalformedError("a media line is not WebRTC's")


def _check_security(description: Description) -> None:
    lines = _all_lines(description)
    if missing := [name for name in _NEEDED if not values(lines, name)]:
        raise MalformedError(f"it has no {missing[0]}")
    if values(lines, "crypto"):
        raise MalformedError("it has keys in it that whoever carries it could use")


def _all_lines(description: Description) -> tuple[str, ...]:
    return (*description.session, *(line for each in description.sections for line in each.lines))


def _directed(description: Description, video: str) -> Description:
    return replace(
        description.without_directions(),
        sections=tuple(
            section
            if section.media == APPLICATION
            else section.turned(video if section.media == VIDEO else INACTIVE)
            for section in description.sections
        ),
    )


def _cleaned(description: Description, *, relay_only: bool) -> Description:
    """Drop candidates that may not be passed on, and all other addresses with `relay_only`."""
    return Description(
        tuple(_clean_lines(description.session, relay_only=relay_only)),
        tuple(
            replace(section, lines=tuple(_clean_lines(section.lines, relay_only=relay_only)))
            for section in description.sections
        ),
    )


def _clean_lines(lines: tuple[str, ...], *, relay_only: bool) -> list[str]:
    kept = []
    for line in lines:
        found: str | None = line
        if ice.is_candidate(line):
            found = ice.clean_line(line, relay_only=relay_only)
        elif relay_only:
            found = _placeless(line)
        if found is not None:
            kept.append(found)
    return kept


def _placeless(line: str) -> str | None:
    """Return a line without the address of whoever wrote it; None if there is nothing else."""
    kind, value = line[0], line[2:]
    match kind:
        case "o":
            _, identity, version, *_ = [*value.split(), "0", "0", "0"]
            return f"o=- {identity} {version} IN IP4 127.0.0.1"
        case "c":
            return "c=IN IP4 0.0.0.0"
        case "m":
            media, port, rest = value.split(" ", 2)
            return f"m={media} {'0' if port == '0' else '9'} {rest}"
        case "a" if value.startswith("rtcp:"):
            return "a=rtcp:9 IN IP4 0.0.0.0"
        case "a" if value.startswith("remote-candidates:") or _tells_place(value):
            return None
    # The others may name the one who writes: a title, a page, a mail address, a telephone.
    return line if kind in "vbta" else "s=-" if kind == "s" else None


def _tells_place(text: str) -> bool:
    """Tell whether an address, or a name in the house's network, stands anywhere in a text."""
    return _NEAR.search(text) is not None or any(map(_is_address, _MAYBE_IPV6.findall(text)))


def _is_address(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _with_candidates(section: Section, added: list[str], *, ended: bool) -> Section:
    kept = [line for line in section.lines if line != _END]
    kept += [line for line in dict.fromkeys(added) if line not in kept]
    if ended and not section.refused:
        kept.append(_END)
    return replace(section, lines=tuple(kept))
