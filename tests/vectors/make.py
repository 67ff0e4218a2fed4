"""Writes the golden vectors beside this file: python -m tests.vectors.make."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.protocol import documents, enrolment, geo, grant, receipt, reply, request, topics
from hub.protocol.checkpoint import Note, cosign
from hub.protocol.geo import Point
from hub.protocol.keys import b64url, fingerprint, public_bytes, thumbprint, to_jwk
from hub.protocol.mine import Mine
from hub.protocol.session import Word, sign_word
from tests.protocol import samples
from tests.protocol.samples import NOW, SAMPLES, STRANGER, Sample, encode, unb64

MINE = Mine(
    advance=samples.BOOK.advance(samples.QUESTION.since),
    proofs=tuple(
        samples.BOOK.prove(entry, at)
        for at, entry in enumerate(samples.HISTORY)
        if entry.home == samples.HOME_ID and at >= samples.QUESTION.start
    ),
    more=False,
)
FOLDER = Path(__file__).parent
RFC_8037 = Ed25519PrivateKey.from_private_bytes(
    unb64(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
)


def vectors() -> dict[str, object]:
    """Return the content of every file by its name."""
    return {
        "keys.json": keys(),
        "tokens.json": tokens(),
        "refused.json": refused(),
        "documents.json": [document(value) for value in (samples.WAIVER, samples.POLICY)],
        "codes.json": codes(),
        "topics.json": addresses(),
        "distances.json": distances(),
        "log.json": log(),
    }


def keys() -> list[dict[str, object]]:
    known = {
        "RFC 8037 appendix A.1 to A.3": RFC_8037,
        "home": samples.HOME.key,
        "hub": samples.HUB.key,
        "stranger": STRANGER.key,
    }
    return [
        {
            "name": name,
            "d": b64url(key.private_bytes_raw()),
            "jwk": to_jwk(key.public_key()),
            "thumbprint": thumbprint(key.public_key()),
            "fingerprint": fingerprint(thumbprint(key.public_key())),
        }
        for name, key in known.items()
    ]


def tokens() -> list[dict[str, object]]:
    later = replace(
        samples.GRANT,
        jti="g-always",
        issued=NOW - timedelta(minutes=30),
        starts=NOW + timedelta(minutes=20),
        ends=NOW + timedelta(minutes=80),
        scopes=frozenset({samples.Scope.SNAPSHOT}),
        gate=samples.Gate.ALWAYS,
        view=samples.View(place=Point(32.0, -90.5), accuracy_m=0),
        name='Parque: "norte" ñ',
        site=samples.Site.PARK,
        player=None,
        still=samples.Still.NONE,
    )
    more = {
        "grant ahead of its hours, without directions": replace(
            SAMPLES["grant"], token=grant.sign_grant(samples.HOME, later).encode()
        ),
        "acknowledgement that asks for another proof": replace(
            SAMPLES["acknowledgement"],
            token=receipt.sign_acknowledgement(
                samples.HOME,
                replace(samples.ACKNOWLEDGEMENT, log_size=1, reason="log_behind"),
                samples.HOME_ID,
                samples.HUB.kid,
                samples.ACKNOWLEDGEMENT_JTI,
                NOW,
            ),
        ),
        "reply with a picture": replace(
            SAMPLES["reply"], token=reply.sign_reply(samples.HOME, samples.PICTURE_REPLY)
        ),
        "reply with an answer": replace(
            SAMPLES["reply"], token=reply.sign_reply(samples.HOME, samples.ANSWER_REPLY)
        ),
        "request for a stream": replace(
            SAMPLES["request"],
            token=request.sign_request(samples.HUB, samples.STREAM_REQUEST).encode(),
        ),
        "word that closes a session": replace(
            SAMPLES["word"], token=sign_word(samples.HUB, samples.CLOSE)
        ),
        "word with candidates": replace(
            SAMPLES["word"], token=sign_word(samples.HUB, samples.CANDIDATES)
        ),
    }
    return [token(name, sample) for name, sample in (SAMPLES | more).items()]


def signed_by(sample: Sample) -> str:
    return "hub" if sample.signer is samples.HUB else "home"


def token(name: str, sample: Sample) -> dict[str, object]:
    first, line_feed, body = sample.token.partition(b"\n")
    header, payload, _ = first.split(b".")
    vector: dict[str, object] = {
        "name": name,
        "typ": sample.typ,
        "signer": signed_by(sample),
        "now": int(NOW.timestamp()),
        "header": unb64(header).decode(),
        "payload": unb64(payload).decode(),
        "token": first.decode("ascii"),
    }
    if line_feed:
        vector["body"] = base64.b64encode(body).decode("ascii")
    return vector


def refused() -> list[dict[str, object]]:
    return [
        {
            "name": f"{kind}: {name}",
            "typ": SAMPLES[kind].typ,
            "signer": signed_by(SAMPLES[kind]),
            "now": int((NOW + timedelta(seconds=later)).timestamp()),
            "message": base64.b64encode(message).decode("ascii"),
            "reason": reason,
        }
        for kind in SAMPLES
        for name, message, later, reason in [*_bent(SAMPLES[kind]), *_own(kind)]
    ]


type Bent = tuple[str, bytes, int, str]


def _bent(sample: Sample) -> list[Bent]:
    """Bend what every token has."""
    _, payload, signature = sample.token.split(b".")
    claims, issued = sample.claims, int(NOW.timestamp())
    life = int(str(claims["exp"])) - issued

    def with_header(**members: object) -> bytes:
        return sample.forge(header=samples.changed(sample.header, members))

    none = with_header(alg="none").rpartition(b".")[0] + b"."
    flipped = bytes([unb64(signature)[0] ^ 1]) + unb64(signature)[1:]
    cut = sample.token.rpartition(b".")[0]
    doubled = encode(claims).replace(b"{", b'{"exp":1,', 1)
    strange = sample.forge(header=sample.header | {"kid": STRANGER.kid}, signer=STRANGER)
    return [
        ("two parts", cut, 0, "malformed"),
        ("four parts", sample.token + b".", 0, "malformed"),
        ("padded base64url", sample.token + b"==", 0, "malformed"),
        ("stray bits at the end", sample.token[:-1] + _stray(sample.token), 0, "malformed"),
        ("standard base64", b"+/+/." + payload + b"." + signature, 0, "malformed"),
        ("alg none, no signature", none, 0, "wrong_algorithm"),
        ("alg HS256", with_header(alg="HS256"), 0, "wrong_algorithm"),
        ("alg in lower case", with_header(alg="eddsa"), 0, "wrong_algorithm"),
        ("no alg", with_header(alg=...), 0, "wrong_algorithm"),
        ("typ JWT", with_header(typ="JWT"), 0, "wrong_type"),
        ("no typ", with_header(typ=...), 0, "wrong_type"),
        ("a stranger's key", strange, 0, "unknown_key"),
        ("a stranger's signature", sample.forge(signer=STRANGER), 0, "bad_signature"),
        ("one bit of the signature", cut + b"." + b64url(flipped).encode(), 0, "bad_signature"),
        ("no signature", cut + b".", 0, "bad_signature"),
        ("header with jwk", with_header(jwk=to_jwk(STRANGER.key.public_key())), 0, "malformed"),
        ("header with crit", with_header(crit=["b64"], b64=True), 0, "malformed"),
        ("a claim twice", sample.forge(payload=doubled), 0, "malformed"),
        ("claims are a list", sample.forge(payload=b"[]"), 0, "malformed"),
        ("claims are not UTF-8", sample.forge(payload=b'{"iss":"\xff"}'), 0, "malformed"),
        ("number is infinite", sample.forge(payload=b'{"iat":1e999}'), 0, "malformed"),
        ("another issuer", sample.with_claims(iss="another"), 0, "wrong_issuer"),
        ("another audience", sample.with_claims(aud="another"), 0, "wrong_audience"),
        ("several audiences", sample.with_claims(aud=[claims["aud"]]), 0, "malformed"),
        ("at its end", sample.token, life, "expired"),
        ("61 seconds early", sample.token, -61, "clock"),
        ("too long a life", sample.with_claims(exp=issued + 14_400), 0, "too_long"),
        (
            "exp is not after iat",
            sample.with_claims(iat=issued + 9, exp=issued + 9),
            0,
            "malformed",
        ),
        ("exp is not whole", sample.with_claims(exp=issued + 9.5), 0, "malformed"),
    ]


def _stray(signed: bytes) -> bytes:
    # 64 bytes take 86 characters, whose last holds four bits that must be zero.
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return alphabet[alphabet.index(signed[-1:]) + 1 :][:1]


def _own(kind: str) -> list[Bent]:
    """Bend what only this kind of token has."""
    sample = SAMPLES[kind]
    issued = int(NOW.timestamp())
    bends: dict[str, Callable[[], list[Bent]]] = {
        "grant": lambda: [
            ("another camera", sample.with_claims(sub="another"), 0, "wrong_topic"),
            ("longer than 32768", b"A" * 32_769, 0, "oversized"),
            ("nested deeply", sample.forge(payload=b"[" * 2000 + b"]" * 2000), 0, "malformed"),
            ("seq is zero", sample.with_claims(seq=0), 0, "malformed"),
            ("seq above 2^53 - 1", sample.with_claims(seq=2**53), 0, "malformed"),
            ("over an hour", sample.with_claims(exp=issued + 3601), 0, "too_long"),
            (
                "made over an hour ahead",
                sample.with_claims(nbf=issued + 3601, exp=issued + 7200),
                0,
                "too_long",
            ),
            ("nbf is exp", sample.with_claims(nbf=issued + 3600), 0, "malformed"),
            ("unknown scope", sample.with_claims(scope=["sound"]), 0, "malformed"),
            ("no scope", sample.with_claims(scope=[]), 0, "malformed"),
            ("control character", sample.with_claims(name="a\nb"), 0, "malformed"),
            ("live without a player", sample.with_claims(player=...), 0, "malformed"),
            ("a player that is not live", sample.with_claims(live=False), 0, "malformed"),
            ("a still every no seconds", sample.with_claims(still_every_s=0), 0, "malformed"),
        ],
        "revocation": lambda: [
            ("another camera", sample.with_claims(sub="another"), 0, "wrong_topic"),
            ("seq is a float", sample.with_claims(seq=1.0), 0, "malformed"),
        ],
        "request": lambda: [
            ("unknown action", sample.with_claims(action="listen"), 0, "malformed"),
            ("jti is no topic level", sample.with_claims(jti="a/b"), 0, "malformed"),
            ("no log", sample.with_claims(log=...), 0, "malformed"),
            ("a stream without an offer", sample.with_claims(action="stream"), 0, "malformed"),
            ("a still with an offer", sample.with_claims(offer=_offer()), 0, "malformed"),
            (
                "an ICE server that is none",
                sample.with_claims(
                    action="stream", offer=_offer(ice=[{"urls": ["http://turn.example"]}])
                ),
                0,
                "malformed",
            ),
            (
                "trickle is a number",
                sample.with_claims(action="stream", offer=_offer(trickle=1)),
                0,
                "malformed",
            ),
            (
                "an entry in another form",
                sample.with_claims(log=_entry_in_another_form(sample)),
                0,
                "malformed",
            ),
        ],
        "reply": lambda: [
            ("another request", sample.with_claims(request="another"), 0, "wrong_topic"),
            ("a line feed behind it", sample.token + b"\n", 0, "wrong_body"),
            ("ok without a picture", sample.with_claims(outcome="ok"), 0, "malformed"),
            ("another picture", _pictured()[:-1] + b"\x00", 0, "wrong_body"),
            ("a shorter picture", _pictured()[:-1], 0, "wrong_body"),
            ("a longer picture", _pictured() + b"\x00", 0, "wrong_body"),
            ("an answer that is refused", sample.with_claims(answer=samples.SDP), 0, "malformed"),
            ("an answer and a picture", _both(), 0, "malformed"),
        ],
        "word": lambda: [
            ("unknown act", sample.with_claims(act="pause"), 0, "malformed"),
            ("session is no topic level", sample.with_claims(session="a/b"), 0, "malformed"),
            ("a renewal of no time", sample.with_claims(until=...), 0, "malformed"),
            ("a renewal by over a minute", sample.with_claims(until=issued + 62), 0, "too_long"),
            ("a renewal with a reason", sample.with_claims(reason="stopped"), 0, "malformed"),
            (
                "candidates that are none",
                _word(samples.CANDIDATES).with_claims(candidates=[]),
                0,
                "malformed",
            ),
            (
                "another line of an SDP",
                _word(samples.CANDIDATES).with_claims(
                    candidates=[{"candidate": "fingerprint:sha-256 AA:BB"}]
                ),
                0,
                "malformed",
            ),
        ],
        "ended": lambda: [
            ("another session", sample.with_claims(session="another"), 0, "wrong_topic"),
            ("an end without a reason", sample.with_claims(reason=...), 0, "malformed"),
            ("seconds are negative", sample.with_claims(seconds=-1), 0, "malformed"),
        ],
        "enrolment": lambda: [
            (
                "another key inside",
                sample.with_claims(jwk=to_jwk(STRANGER.key.public_key())),
                0,
                "unknown_key",
            ),
            ("csr is not PEM", sample.with_claims(csr="csr"), 0, "malformed"),
        ],
        "renewal": lambda: [("csr is not PEM", sample.with_claims(csr="csr"), 0, "malformed")],
        "consent": lambda: [
            ("another record id", sample.with_claims(jti="another"), 0, "malformed"),
            ("no record", sample.with_claims(record=None), 0, "malformed"),
        ],
        "receipt": lambda: [
            ("seconds are negative", sample.with_claims(seconds=-1), 0, "malformed"),
            ("no log", sample.with_claims(log=None), 0, "malformed"),
        ],
        "acknowledgement": lambda: [
            ("log_size is a text", sample.with_claims(log_size="7"), 0, "malformed"),
        ],
        "question": lambda: [("start is below zero", sample.with_claims(start=-1), 0, "malformed")],
        "status": lambda: [("another home", sample.with_claims(iss="other"), 0, "wrong_issuer")],
    }
    return bends[kind]()


def _entry_in_another_form(sample: Sample) -> dict[str, object]:
    claim = sample.claims["log"]
    assert isinstance(claim, dict)
    return claim | {"entry": f" {claim['entry']}"}


def _offer(**changes: object) -> dict[str, object]:
    assert samples.STREAM_REQUEST.offer is not None
    return samples.STREAM_REQUEST.offer.claims() | changes


def _word(word: Word) -> Sample:
    return replace(SAMPLES["word"], token=sign_word(samples.HUB, word))


def _both() -> bytes:
    first, line_feed, body = _pictured().partition(b"\n")
    sample = replace(SAMPLES["reply"], token=first)
    return sample.with_claims(answer=samples.SDP) + line_feed + body


def _pictured() -> bytes:
    return reply.sign_reply(samples.HOME, samples.PICTURE_REPLY)


def document(value: Mapping[str, object]) -> dict[str, object]:
    return {
        "document": value,
        "canonical": documents.canonical(value).decode(),
        "sha256": documents.document_hash(value),
    }


def codes() -> list[dict[str, object]]:
    certificate = b"the DER form of a certificate"
    known = [samples.CODE, enrolment.Code(secret=b"\xff" * 9, pin=enrolment.ca_pin(certificate))]
    return [
        {
            "secret": code.secret.hex(),
            "pin": code.pin.hex(),
            "text": str(code),
            "typed": str(code).lower().replace("-", " ").replace("o", "0").replace("i", "1"),
            "proof": code.proof,
            "proof_digest": enrolment.proof_digest(code.proof),
            "fits": base64.b64encode(certificate).decode() if code.fits(certificate) else None,
        }
        for code in known
    ]


def addresses() -> dict[str, object]:
    home, camera = samples.HOME_ID, samples.CAMERA
    from_home = [
        (topics.presence(home), "presence", None),
        (topics.alerts(home), "alerts", None),
        (topics.grants(home, camera), "grants", camera),
        (topics.replies(home, samples.REQUEST_ID), "replies", samples.REQUEST_ID),
    ]
    return {
        "from_home": [
            {"topic": topic, "home": home, "kind": kind, "item": item}
            for topic, kind, item in from_home
        ],
        "from_hub": {"requests": topics.requests(home), "receipts": topics.receipts(home)},
        "refused": [
            "rtcc/v1/+/presence",
            "rtcc/v1/#",
            f"rtcc/v1/{home}/grants/",
            f"rtcc/v1/{home}/grants/a/b",
            f"rtcc/v1/{home}/requests",
            f"rtcc/v2/{home}/presence",
        ],
    }


def distances() -> list[dict[str, object]]:
    pairs = [
        (Point(32.298757, -90.184807), Point(32.2998, -90.1846)),
        (Point(32.298757, -90.184807), Point(32.298757, -90.184807)),
        (Point(0, 179.999), Point(0, -179.999)),
        (Point(90, 0), Point(90, 123.4)),
        (Point(90, 0), Point(-90, 0)),
        (Point(32.3, -90.18), Point(40.7128, -74.006)),
    ]
    return [
        {
            "from": [a.lat, a.lon],
            "to": [b.lat, b.lon],
            # To the millimetre: the last bits of a sine differ between machines.
            "metres": round(geo.distance_m(a, b), 3),
        }
        for a, b in pairs
    ]


def log() -> dict[str, object]:
    """The log of the samples: every entry, root and proof, and what a home and a holder get."""
    tree, size = samples.BOOK.tree, len(samples.HISTORY)
    witness = samples.STRANGER.key
    note = samples.BOOK.note
    cosignature = cosign(witness, "witness.example", note.checkpoint, NOW)
    return {
        "origin": note.checkpoint.origin,
        "entries": [
            {"entry": entry.data.decode(), "hash": b64url(entry.hash)} for entry in samples.HISTORY
        ],
        "roots": [b64url(tree.root(at)) for at in range(size + 1)],
        "inclusion": [
            {"index": at, "size": within, "proof": [*map(b64url, tree.inclusion(at, within))]}
            for within in range(1, size + 1)
            for at in range(within)
        ],
        "consistency": [
            {"old": old, "size": new, "proof": [*map(b64url, tree.consistency(old, new))]}
            for new in range(size + 1)
            for old in range(new + 1)
        ],
        "checkpoint": note.text,
        "witness": {"name": "witness.example", "key": b64url(public_bytes(witness.public_key()))},
        "cosigned": Note(note.checkpoint, (*note.signatures, cosignature)).text,
        "seen": {"size": samples.SEEN.size, "root": b64url(samples.SEEN.root)},
        "logged": samples.LOGGED.claims(),
        "mine": MINE.claims(),
    }


def text(value: object) -> str:
    """Write a file's content as it is checked in."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file, content in vectors().items():
        (FOLDER / file).write_text(text(content), encoding="utf-8")
