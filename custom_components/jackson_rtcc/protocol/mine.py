"""What a home asks its hub for about itself: the log's newest checkpoint and its own entries."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .claims import LARGEST_INTEGER, Fields
from .proofs import Advance, Proof, read_proofs
from .tokens import Signer, Verifier, check_parties, check_times, envelope

QUESTION = "rtcc-log+jwt"
LIFE = timedelta(minutes=5)
PAGE = 100
"""Entries in one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`since`: entries of the log that the home has verified; `start`: the first index it asks."""

    since: int
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """The answer: the log as it is now, entries about the home, and whether there are more."""

    advance: Advance
    proofs: tuple[Proof, ...]
    more: bool

    def claims(self) -> dict[str, object]:
        """Write it as JSON."""
        return {
            "log": self.advance.claims(),
            "entries": [proof.claims() for proof in self.proofs],
            "more": self.more,
        }

    @classmethod
    def parse(cls, answer: object) -> Mine:
        """Read it from JSON.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(answer)
        return cls(
            advance=Advance.read(fields.object("log")),
            proofs=tuple(read_proofs(fields.items("entries", PAGE))),
            more=fields.flag("more"),
        )


def sign_question(
    signer: Signer, question: Question, home: str, hub: str, jti: str, now: datetime
) -> str:
    """Return the question as a token signed by the home."""
    return signer.sign(
        QUESTION,
        envelope(home, hub, jti, now, now + LIFE)
        | {"since": question.since, "start": question.start},
    )


def verify_question(token: str, verifier: Verifier, home: str, hub: str, now: datetime) -> Question:
    """Read a question and prove that the home signed it.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, QUESTION)
    check_parties(claims, home, hub)
    check_times(claims, now, LIFE)
    claims.identifier("jti")
    return Question(
        since=claims.integer("since", 0, LARGEST_INTEGER),
        start=claims.integer("start", 0, LARGEST_INTEGER),
    )
