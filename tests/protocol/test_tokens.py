"""Every way to bend a token that we know of, on every kind of token: refused, and why."""

import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import example, given
from hypothesis import strategies as st

from hub.protocol.errors import Reason, Rejected
from hub.protocol.grant import Revocation
from hub.protocol.keys import b64url, public_bytes
from hub.protocol.tokens import LONGEST, Token
from tests.protocol.samples import NOW, SAMPLES, STRANGER, Sample, encode, refusal, unb64

KINDS = st.sampled_from(sorted(SAMPLES))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> Sample:
    return SAMPLES[request.param]


def reason(sample: Sample, token: bytes, now: datetime = NOW) -> Reason:
    with pytest.raises(Rejected) as refused:
        sample.read(token, now)
    assert refused.type is Rejected
    return refused.value.reason


def is_canonical(segment: bytes) -> bool:
    """Tell it without decoding, by RFC 4648: alphabet, length, and no stray bits at the end."""
    if not re.fullmatch(rb"[A-Za-z0-9_-]*", segment) or len(segment) % 4 == 1:
        return False
    last = {0: segment[-1:], 2: b"AQgw", 3: b"AEIMQUYcgkosw048"}[len(segment) % 4]
    return segment[-1:] in last or not segment


def expected(sample: Sample, token: bytes) -> Reason:
    """Say why a token that differs from the valid one is refused, told without our decoder."""
    if len(token) > LONGEST:
        return Reason.OVERSIZED
    segments = token.split(b".")
    if len(segments) != 3 or not all(map(is_canonical, segments)):
        return Reason.MALFORMED
    try:
        header = json.loads(unb64(segments[0]).decode("utf-8"))
    except ValueError:
        return Reason.MALFORMED
    if not isinstance(header, dict):
        return Reason.MALFORMED
    for name, why in (
        ("alg", Reason.WRONG_ALGORITHM),
        ("typ", Reason.WRONG_TYPE),
        ("kid", Reason.UNKNOWN_KEY),
    ):
        if header.get(name) != sample.header[name]:
            return why
    return Reason.MALFORMED if len(header) != 3 else Reason.BAD_SIGNATURE


def test_valid_tokens_are_read(sample: Sample) -> None:
    assert sample.read(sample.token, NOW) is not None


def test_another_library_reads_our_tokens(sample: Sample) -> None:
    key = sample.signer.key.public_key()
    options = {"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False}
    claims = jwt.decode(sample.token.decode(), key, algorithms=["EdDSA"], options=options)
    assert claims == sample.claims


def test_tokens_of_another_library_are_read(sample: Sample) -> None:
    token = jwt.encode(sample.claims, sample.signer.key, "EdDSA", headers=sample.header)
    assert sample.read(token.encode(), NOW) == sample.read(sample.token, NOW)


def test_spaces_and_another_order_of_members_are_nobodys_business(sample: Sample) -> None:
    header = dict(reversed(sample.header.items()))
    payload = json.dumps(dict(reversed(sample.claims.items())), indent=1).encode()
    token = sample.forge(header=header, payload=payload)
    assert sample.read(token, NOW) == sample.read(sample.token, NOW)


def test_every_character_counts(sample: Sample) -> None:
    token = sample.token
    for at, byte in enumerate(token):
        for other in {byte ^ 1, byte ^ 0x20, ord("."), ord("A"), ord("="), 0, 0xFF} - {byte}:
            bent = token[:at] + bytes([other]) + token[at + 1 :]
            if sample is SAMPLES["reply"] and other == ord("\n"):
                continue
            assert reason(sample, bent) is expected(sample, bent), (at, other)


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize("padding", [b"=", b"==", b"===", b"====", b"\n", b" ", b"\t"])
def test_padding_and_white_space_are_refused(sample: Sample, part: int, padding: bytes) -> None:
    for place in ("before", "behind"):
        parts = sample.token.split(b".")
        parts[part] = padding + parts[part] if place == "before" else parts[part] + padding
        if sample is SAMPLES["reply"] and padding == b"\n":
            continue
        assert reason(sample, b".".join(parts)) is Reason.MALFORMED


def test_every_truncation_is_refused(sample: Sample) -> None:
    for end in range(len(sample.token)):
        assert reason(sample, sample.token[:end]) is expected(sample, sample.token[:end])


@given(kind=KINDS, data=st.data())
def test_any_byte_changed(kind: str, data: st.DataObject) -> None:
    sample = SAMPLES[kind]
    at = data.draw(st.integers(0, len(sample.token) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte not in (sample.token[at], 10)))
    bent = sample.token[:at] + bytes([byte]) + sample.token[at + 1 :]
    assert reason(sample, bent) is expected(sample, bent)


@given(kind=KINDS, extra=st.binary(min_size=1, max_size=40), data=st.data())
def test_anything_inserted(kind: str, extra: bytes, data: st.DataObject) -> None:
    sample = SAMPLES[kind]
    at = data.draw(st.integers(0, len(sample.token)))
    bent = sample.token[:at] + extra + sample.token[at:]
    why = reason(sample, bent)
    if kind != "reply" or b"\n" not in extra:
        assert why is expected(sample, bent)


@given(kind=KINDS, noise=st.binary(max_size=300))
@example(kind="grant", noise=b"")
@example(kind="grant", noise=b"..")
@example(kind="enrolment", noise=b"e30.e30.e30")
def test_noise_is_refused(kind: str, noise: bytes) -> None:
    reason(SAMPLES[kind], noise)


@given(kind=KINDS, values=JSON)
def test_signed_nonsense_is_refused(kind: str, values: object) -> None:
    payload = json.dumps(values).encode()
    assert reason(SAMPLES[kind], SAMPLES[kind].forge(payload=payload)) is Reason.MALFORMED


@given(kind=KINDS, value=JSON, data=st.data())
def test_a_claim_replaced_by_anything_never_breaks_the_reader(
    kind: str, value: object, data: st.DataObject
) -> None:
    sample = SAMPLES[kind]
    name = data.draw(st.sampled_from(sorted(sample.claims)))
    token = sample.with_claims(**{name: value})
    if refusal(lambda: sample.read(token, NOW)) is None:
        assert name not in {"iss", "aud", "exp", "iat", "jwk", "geo", "incident", "operator"}


@given(value=JSON, data=st.data())
def test_a_nested_claim_replaced_by_anything_never_breaks_the_reader(
    value: object, data: st.DataObject
) -> None:
    kind, outer = data.draw(st.sampled_from([("grant", "geo"), ("request", "incident")]))
    sample = SAMPLES[kind]
    nested = sample.claims[outer]
    assert isinstance(nested, dict)
    name = data.draw(st.sampled_from(sorted(nested)))
    token = sample.with_claims(**{outer: nested | {name: value}})
    assert refusal(lambda: sample.read(token, NOW)) in {None, Reason.MALFORMED}


def test_no_claim_may_be_missing(sample: Sample) -> None:
    for name in sample.claims:
        if name == "jti" and sample is SAMPLES["renewal"]:
            continue
        assert reason(sample, sample.with_claims(**{name: ...})) is Reason.MALFORMED


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, [], "EDDSA"])
def test_no_other_algorithm_even_if_well_signed(sample: Sample, algorithm: object) -> None:
    header = sample.header | {"alg": algorithm}
    assert reason(sample, sample.forge(header=header)) is Reason.WRONG_ALGORITHM


def test_alg_none_without_a_signature(sample: Sample) -> None:
    token = sample.forge(header=sample.header | {"alg": "none"}).rpartition(b".")[0] + b"."
    assert reason(sample, token) is Reason.WRONG_ALGORITHM


def test_an_empty_signature(sample: Sample) -> None:
    token = sample.token.rpartition(b".")[0] + b"."
    assert reason(sample, token) is Reason.BAD_SIGNATURE


def test_hs256_with_the_public_key_as_the_secret(sample: Sample) -> None:
    signed = sample.forge(header=sample.header | {"alg": "HS256"}).rpartition(b".")[0]
    secret = public_bytes(sample.signer.key.public_key())
    mac = hmac.new(secret, signed, hashlib.sha256).digest()
    assert reason(sample, signed + b"." + b64url(mac).encode()) is Reason.WRONG_ALGORITHM


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_an_es256_signature_whatever_it_is_called(sample: Sample, algorithm: str) -> None:
    signed = sample.forge(header=sample.header | {"alg": algorithm}).rpartition(b".")[0]
    key = ec.generate_private_key(ec.SECP256R1())
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    token = signed + b"." + b64url(r.to_bytes(32) + s.to_bytes(32)).encode()
    why = Reason.WRONG_ALGORITHM if algorithm == "ES256" else Reason.BAD_SIGNATURE
    assert reason(sample, token) is why


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": b64url(bytes(32))}},
        {"jku": "https://example.org/keys"},
        {"x5u": "https://example.org/chain"},
        {"crit": ["b64"], "b64": False},
        {"b64": True},
        {"crit": []},
        {"cty": "JWT"},
        {"zip": "DEF"},
    ],
    ids="+".join,
)
def test_no_other_header_members(sample: Sample, extra: dict[str, object]) -> None:
    token = sample.forge(header=sample.header | extra)
    assert reason(sample, token) is Reason.MALFORMED


def test_a_strangers_key_in_the_header_convinces_nobody(sample: Sample) -> None:
    own = sample.forge(header=sample.header | {"kid": STRANGER.kid}, signer=STRANGER)
    assert reason(sample, own) is Reason.UNKNOWN_KEY
    assert reason(sample, sample.forge(signer=STRANGER)) is Reason.BAD_SIGNATURE


@pytest.mark.parametrize("name", ["alg", "typ", "kid"])
def test_a_header_member_missing_or_doubled(sample: Sample, name: str) -> None:
    less = {key: value for key, value in sample.header.items() if key != name}
    assert reason(sample, sample.forge(header=less)) is not Reason.BAD_SIGNATURE
    member = encode({name: "none"})[1:-1]
    doubled = encode(sample.header).replace(b"{", b"{" + member + b",", 1)
    assert reason(sample, sample.forge(header=doubled)) is Reason.MALFORMED


@pytest.mark.parametrize("header", [b"[]", b"1", b"null", b'"EdDSA"', b"{", b"", b"\xff"])
def test_a_header_that_is_no_object(sample: Sample, header: bytes) -> None:
    assert reason(sample, sample.forge(header=header)) is Reason.MALFORMED


def test_doubled_claims_are_refused_however_they_are_written(sample: Sample) -> None:
    payload = encode(sample.claims)
    for doubled in (b'{"exp":1,', b'{"\\u0065xp":1,', b'{ "exp" : {"a":":"} ,'):
        token = sample.forge(payload=payload.replace(b"{", doubled, 1))
        assert reason(sample, token) is Reason.MALFORMED


def test_doubled_members_inside_are_refused_too() -> None:
    payload = encode(SAMPLES["grant"].claims).replace(b'"geo":{', b'"geo":{"lat":0,')
    token = SAMPLES["grant"].forge(payload=payload)
    assert reason(SAMPLES["grant"], token) is Reason.MALFORMED


def test_a_colon_in_a_text_is_only_a_text() -> None:
    sample = SAMPLES["grant"]
    assert sample.read(sample.with_claims(name='Ada: "left", {right}'), NOW).name.startswith("Ada")


@pytest.mark.parametrize("taken", sorted(SAMPLES))
def test_no_kind_passes_for_another(sample: Sample, taken: str) -> None:
    other = SAMPLES[taken]
    if sample.typ == other.typ or sample.read is other.read:
        return
    claims = encode(sample.claims)
    as_other = sample.forge(header=sample.header | {"typ": other.typ}, payload=claims)
    assert reason(sample, as_other) is Reason.WRONG_TYPE
    assert reason(other, sample.token) in {Reason.WRONG_TYPE, Reason.UNKNOWN_KEY}


def test_grant_and_revocation_do_not_pass_for_each_other() -> None:
    grant, revocation = SAMPLES["grant"], SAMPLES["revocation"]
    claims = encode(revocation.claims | {"exp": grant.claims["exp"]})
    as_grant = revocation.forge(header=grant.header, payload=claims)
    assert reason(grant, as_grant) is Reason.MALFORMED
    as_revocation = grant.forge(header=revocation.header)
    assert isinstance(revocation.read(as_revocation, NOW), Revocation)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "", None, 1, ["rtcc-grant+jwt"], "RTCC-GRANT+JWT"])
def test_any_other_type(sample: Sample, typ: object) -> None:
    token = sample.forge(header=sample.header | {"typ": typ})
    assert reason(sample, token) is Reason.WRONG_TYPE


def test_issuer_and_audience(sample: Sample) -> None:
    assert reason(sample, sample.with_claims(iss="another")) is Reason.WRONG_ISSUER
    assert reason(sample, sample.with_claims(aud="another")) is Reason.WRONG_AUDIENCE
    several = sample.with_claims(aud=[sample.claims["aud"]])
    assert reason(sample, several) is Reason.MALFORMED


def test_clock_edges(sample: Sample) -> None:
    issued, ends = int(sample.claims["iat"]), int(sample.claims["exp"])  # type: ignore[call-overload]
    life = timedelta(seconds=ends - issued)
    second = timedelta(seconds=1)
    assert sample.read(sample.token, NOW - timedelta(seconds=60))
    assert reason(sample, sample.token, NOW - timedelta(seconds=61)) is Reason.CLOCK
    assert sample.read(sample.token, NOW + life - second)
    assert reason(sample, sample.token, NOW + life) is Reason.EXPIRED
    assert reason(sample, sample.with_claims(exp=ends + 7200 + 1)) is Reason.TOO_LONG
    backwards = sample.with_claims(iat=issued + 30, exp=issued + 30)
    assert reason(sample, backwards) is Reason.MALFORMED


@pytest.mark.parametrize(
    "moment", [-1, 1.5, 1e300, 10**12, 2**63, 2**64, True, "1782928800", None, [], {}]
)
def test_times_that_are_none(sample: Sample, moment: object) -> None:
    assert reason(sample, sample.with_claims(exp=moment)) is Reason.MALFORMED
    assert reason(sample, sample.with_claims(iat=moment)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "payload",
    [
        b'{"iss":NaN}',
        b'{"iss":Infinity}',
        b'{"iss":1e400}',
        b'{"iss":' + b"9" * 5000 + b"}",
        b'{"iss":"\\ud800"}',
        b'{"iss":"\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b"[" * 1000 + b"]" * 1000,
        b"[" * 12_000,
        b"{'iss':1}",
        b"{}{}",
        b"",
        b"null",
    ],
    ids=lambda payload: repr(payload[:20]),
)
def test_payloads_that_break_careless_readers(sample: Sample, payload: bytes) -> None:
    assert reason(sample, sample.forge(payload=payload)) is Reason.MALFORMED


def test_size_limit(sample: Sample) -> None:
    assert reason(sample, b"." * LONGEST) is Reason.MALFORMED
    assert reason(sample, b"." * (LONGEST + 1)) is Reason.OVERSIZED


def test_text_that_is_not_ascii() -> None:
    for text in ("é.é.é", "\ud800.a.b", "\uff21.b.c"):
        with pytest.raises(Rejected) as refused:
            Token.parse(text)
        assert refused.value.reason is Reason.MALFORMED
    token = SAMPLES["grant"].token
    assert Token.parse(token.decode()) == Token.parse(token)
