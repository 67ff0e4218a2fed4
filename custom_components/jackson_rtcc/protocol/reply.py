"""Replies: the home's signed answer to a request: a picture on the next line, or an SDP answer."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .claims import LARGEST_INTEGER, Fields, malformed, seconds
from .errors import Reason, Rejected
from .keys import b64url
from .stream import LONGEST_SDP
from .tokens import Signer, Verifier, check_parties, check_times, envelope
from .vocabulary import Outcome, Still

REPLY = "rtcc-reply+jwt"
REPLY_LIFE = timedelta(seconds=30)
LARGEST_PICTURE = 900_000
"""Bytes; with its token below the broker's `message_size_limit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A still as the home hands it over: when it was received; nobody knows when it was taken."""

    data: bytes
    content_type: str
    received: datetime
    still: Still


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How the home answered: a picture or a WebRTC answer if it is ok, a reason if it is not.

    `log_size` is how many entries of the access log the home has verified.
    """

    home: str
    hub: str
    camera: str
    request: str
    jti: str
    issued: datetime
    outcome: Outcome
    log_size: int
    reason: str | None = None
    picture: Picture | None = None
    answer: str | None = None
    token: str = field(default="", compare=False, repr=False)
    """What was verified, kept as the proof of where a picture comes from."""


def sign_reply(signer: Signer, reply: Reply) -> bytes:
    """Return the reply as its payload: the token; a line feed and the picture if there is one."""
    claims = envelope(reply.home, reply.hub, reply.jti, reply.issued, reply.issued + REPLY_LIFE) | {
        "sub": reply.camera,
        "request": reply.request,
        "outcome": reply.outcome,
        "log_size": reply.log_size,
    }
    if reply.reason is not None:
        claims["reason"] = reply.reason
    if reply.answer is not None:
        claims["answer"] = reply.answer
    if (picture := reply.picture) is None:
        return signer.sign(REPLY, claims).encode("ascii")
    claims["picture"] = {
        "content_type": picture.content_type,
        "length": len(picture.data),
        "received": seconds(picture.received),
        "sha256": b64url(hashlib.sha256(picture.data).digest()),
        "still": picture.still,
    }
    return signer.sign(REPLY, claims).encode("ascii") + b"\n" + picture.data


def verify(
    payload: bytes, verifier: Verifier, home: str, hub: str, request: str, now: datetime
) -> Reply:
    """Read what arrived on `rtcc/v1/{home}/replies/{request}` and prove that the home signed it.

    Raises:
        Rejected: with the reason that applies first; `wrong_body` if the bytes behind the token
            are not those that were signed.

    """
    token, line_feed, body = payload.partition(b"\n")
    claims = verifier.verify(token, REPLY)
    check_parties(claims, home, hub)
    if claims.text("request") != request:
        raise Rejected(Reason.WRONG_TOPIC, "it answers another request than its topic")
    issued, _ = check_times(claims, now, REPLY_LIFE)
    outcome = claims.choice("outcome", Outcome)
    if ("picture" in claims) + ("answer" in claims) != (outcome is Outcome.OK):
        raise malformed("there is a picture or an answer if the outcome is ok, and only then")
    if (outcome is Outcome.OK) == ("reason" in claims):
        raise malformed("there is a reason if the outcome is not ok, and only then")
    if "picture" not in claims and line_feed:
        raise Rejected(Reason.WRONG_BODY, "there are bytes that nobody signed")
    return Reply(
        home=home,
        hub=hub,
        camera=claims.text("sub"),
        request=request,
        jti=claims.text("jti", 64),
        issued=issued,
        outcome=outcome,
        log_size=claims.integer("log_size", 0, LARGEST_INTEGER),
        reason=claims.text("reason", 64) if "reason" in claims else None,
        picture=_picture(claims.object("picture"), body) if "picture" in claims else None,
        answer=claims.lines("answer", LONGEST_SDP) if "answer" in claims else None,
        token=token.decode("ascii"),
    )


def _picture(fields: Fields, body: bytes) -> Picture:
    if fields.integer("length", 1, LARGEST_PICTURE) != len(body):
        raise Rejected(Reason.WRONG_BODY, "the picture has another length than was signed")
    if fields.text("sha256") != b64url(hashlib.sha256(body).digest()):
        raise Rejected(Reason.WRONG_BODY, "the picture is not the one that was signed")
    content_type = fields.text("content_type")
    if content_type != "image/jpeg":
        raise malformed("the picture is not a JPEG")
    return Picture(
        data=body,
        content_type=content_type,
        received=fields.time("received"),
        still=fields.choice("still", Still),
    )
