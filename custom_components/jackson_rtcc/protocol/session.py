"""Sessions: what the hub and the home tell each other of a stream that was answered.

Both kinds of word go on topics that exist already: the hub's on those for requests, the home's
on that for the reply that began the session.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .claims import Fields, malformed, seconds
from .errors import Reason, Rejected
from .stream import LEASE, Candidate, candidate_claims
from .tokens import Signer, Verifier, check_parties, check_times, envelope

SESSION = "rtcc-session+jwt"
WORD_LIFE = timedelta(seconds=30)
LONGEST_SESSION_S = 7 * 86_400
MOST_CANDIDATES = 30
"""In one word, so that it is never longer than a token may be; more go in several."""
_ROUNDING = timedelta(seconds=1)


class Act(StrEnum):
    """What a word does: the hub renews and closes, the home tells of an end, both of candidates."""

    RENEW = "renew"
    CLOSE = "close"
    CANDIDATES = "candidates"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word on one session; `session` is the request that began it.

    `until` is when the lease ends that a renewal gives; `reason` says why it is closed or ended;
    `seconds` is how long it lasted.
    """

    id: str
    sender: str
    receiver: str
    session: str
    act: Act
    issued: datetime
    until: datetime | None = None
    candidates: tuple[Candidate, ...] = ()
    reason: str | None = None
    seconds: int | None = None


def sign_word(signer: Signer, word: Word) -> bytes:
    """Return the word as a token signed by its sender."""
    claims: dict[str, object] = envelope(
        word.sender, word.receiver, word.id, word.issued, word.issued + WORD_LIFE
    ) | {"session": word.session, "act": word.act}
    if word.until is not None:
        claims["until"] = seconds(word.until)
    if word.candidates:
        claims["candidates"] = candidate_claims(word.candidates)
    if word.reason is not None:
        claims["reason"] = word.reason
    if word.seconds is not None:
        claims["seconds"] = word.seconds
    return signer.sign(SESSION, claims).encode("ascii")


def verify_word(
    token: bytes,
    verifier: Verifier,
    sender: str,
    receiver: str,
    now: datetime,
    session: str | None = None,
) -> Word:
    """Read a word and prove that its sender signed it for us; whether it is new is not checked.

    On a topic that names a session the word must be about that `session`.

    Raises:
        Rejected: with the reason that applies first; `too_long` if a renewal gives more than
            `stream.LEASE` from when it was issued.

    """
    claims = verifier.verify(token, SESSION)
    check_parties(claims, sender, receiver)
    if session is not None and claims.text("session") != session:
        raise Rejected(Reason.WRONG_TOPIC, "it speaks of another session than its topic")
    issued, _ = check_times(claims, now, WORD_LIFE)
    act = claims.choice("act", Act)
    _only(claims, act)
    return Word(
        id=claims.identifier("jti"),
        sender=sender,
        receiver=receiver,
        session=claims.identifier("session"),
        act=act,
        issued=issued,
        until=_until(claims, issued) if act is Act.RENEW else None,
        candidates=_candidates(claims) if act is Act.CANDIDATES else (),
        reason=claims.text("reason", 64) if act in _REASONED else None,
        seconds=claims.integer("seconds", 0, LONGEST_SESSION_S) if act is Act.ENDED else None,
    )


_REASONED = frozenset({Act.CLOSE, Act.ENDED})
_HOLDS: Mapping[Act, frozenset[str]] = {
    Act.RENEW: frozenset({"until"}),
    Act.CLOSE: frozenset({"reason"}),
    Act.CANDIDATES: frozenset({"candidates"}),
    Act.ENDED: frozenset({"reason", "seconds"}),
}


def _only(claims: Fields, act: Act) -> None:
    """Refuse a word that holds what another act would need."""
    for others in _HOLDS.values():
        for name in others - _HOLDS[act]:
            if name in claims:
                raise malformed(f"{act} holds no {name}")


def _until(claims: Fields, issued: datetime) -> datetime:
    until = claims.time("until")
    if until - issued > LEASE + _ROUNDING:
        raise Rejected(Reason.TOO_LONG, f"a renewal gives at most {LEASE}")
    return until


def _candidates(claims: Fields) -> tuple[Candidate, ...]:
    found = tuple(Candidate.read(each) for each in claims.items("candidates", MOST_CANDIDATES))
    if not found:
        raise malformed("candidates is empty")
    return found
