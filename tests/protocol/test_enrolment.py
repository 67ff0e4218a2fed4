"""Enrolment codes as people type them, statements, and the documents that a new home reads."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol import enrolment
from hub.protocol.city import City
from hub.protocol.enrolment import Code, Enrolled, ca_pin, proof_digest
from hub.protocol.errors import Reason, Rejected
from hub.protocol.keys import to_jwk
from tests.protocol.samples import (
    CODE,
    CSR,
    ENROLMENT,
    HOME,
    HOME_ID,
    HUB,
    NOW,
    POLICY,
    SAMPLES,
    STRANGER,
    WAIVER,
    refusal,
)

CODES = st.builds(
    Code, secret=st.binary(min_size=9, max_size=9), pin=st.binary(min_size=9, max_size=9)
)
CITY = {
    "name": "Jackson, Mississippi",
    "key": to_jwk(HUB.key.public_key()),
    "waiver": WAIVER,
    "policy": POLICY,
    "broker": {"host": "hub.example", "port": 8883},
}


@given(CODES)
def test_a_code_comes_back_as_it_was(code: Code) -> None:
    text = str(code)
    assert Code.parse(text) == code
    assert [len(group) for group in text.split("-")] == [5, 5, 5, 5, 5, 4]
    assert set(text) <= set(string.ascii_uppercase + "234567-")
    assert bytes.fromhex(code.proof) == code.secret


@given(CODES, st.data())
def test_a_code_typed_sloppily(code: Code, data: st.DataObject) -> None:
    typed = ""
    for letter in str(code).replace("-", ""):
        shown = {"O": "O0o", "I": "I1i"}.get(letter, letter + letter.lower())
        typed += data.draw(st.sampled_from(shown))
        typed += data.draw(
            st.sampled_from(["", "", "", " ", "-", "\u2013", "\t", "\u00a0", "_", "."])
        )
    assert Code.parse(f" {typed}\n") == code


@given(st.text(max_size=28))
def test_anything_else_is_no_code(text: str) -> None:
    assert refusal(lambda: Code.parse(text)) is Reason.MALFORMED


@pytest.mark.parametrize("text", ["", "A" * 28, "A" * 30, "8" * 29, "é" * 29, str(CODE) + "A"])
def test_a_code_too_short_too_long_or_with_other_letters(text: str) -> None:
    with pytest.raises(Rejected):
        Code.parse(text)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_a_code_fits_one_certificate(der: bytes, other: bytes) -> None:
    code = Code(secret=bytes(9), pin=ca_pin(der))
    assert code.fits(der)
    assert code.fits(other) == (der == other)


def test_the_hub_keeps_no_secret() -> None:
    assert len(proof_digest(CODE.proof)) == 64
    assert CODE.proof not in proof_digest(CODE.proof)


def test_an_enrolment_comes_back_as_it_was() -> None:
    assert SAMPLES["enrolment"].read(SAMPLES["enrolment"].token, NOW) == ENROLMENT


def test_a_renewal_brings_its_request() -> None:
    assert SAMPLES["renewal"].read(SAMPLES["renewal"].token, NOW) == CSR


def test_only_the_holder_of_the_key_enrols_it() -> None:
    token = enrolment.sign_enrolment(STRANGER, ENROLMENT)
    with pytest.raises(Rejected) as refused:
        enrolment.verify_enrolment(token, ENROLMENT.key, HUB.kid, NOW)
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_the_key_named_inside_is_the_one_that_signs() -> None:
    other = replace(ENROLMENT, key=to_jwk(STRANGER.key.public_key()))
    token = enrolment.sign_enrolment(HOME, other)
    with pytest.raises(Rejected) as refused:
        enrolment.verify_enrolment(token, ENROLMENT.key, HUB.kid, NOW)
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_what_else_a_key_carries_is_dropped() -> None:
    key = ENROLMENT.key | {"use": "sig", "kid": "mine"}
    token = enrolment.sign_enrolment(HOME, replace(ENROLMENT, key=key)).encode()
    read = enrolment.verify_enrolment(token.decode(), key, HUB.kid, NOW)  # type: ignore[arg-type]
    assert read == ENROLMENT


@pytest.mark.parametrize(
    "csr",
    [
        "",
        "PEM",
        CSR.replace("\n", "\r\n"),
        CSR + "\x00",
        CSR.replace("-----END", "\u2014END"),
        "-----BEGIN X-----\n" + "A" * 8000,
        None,
        7,
    ],
)
@pytest.mark.parametrize("kind", ["enrolment", "renewal"])
def test_a_request_that_is_not_pem(kind: str, csr: object) -> None:
    with pytest.raises(Rejected) as refused:
        SAMPLES[kind].read(SAMPLES[kind].with_claims(csr=csr), NOW)
    assert refused.value.reason is Reason.MALFORMED


def test_the_city_document() -> None:
    city = City.parse(CITY)
    assert city.hub == HUB.kid
    assert city.broker.port == 8883
    assert city.policy.kinds["shooting"].radius_m == 800


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"key": None},
        {"key": {"kty": "RSA"}},
        {"waiver": "text"},
        {"policy": {}},
        {"broker": None},
        {"broker": {"host": "hub.example", "port": 0}},
        {"broker": {"host": "hub.example", "port": 65_536}},
        {"broker": {"host": "two\nlines", "port": 8883}},
    ],
    ids=repr,
)
def test_a_city_document_out_of_shape(changes: dict[str, object]) -> None:
    with pytest.raises(Rejected) as refused:
        City.parse(CITY | changes)
    assert refused.value.reason is Reason.MALFORMED


def test_the_answer_to_an_enrolment() -> None:
    answer = {"home": HOME_ID, "certificate": CSR, "ca": CSR}
    assert Enrolled.parse(answer) == Enrolled(home=HOME_ID, certificate=CSR, ca=CSR)
    for changes in ({"home": "a/b"}, {"home": None}, {"certificate": ""}, {"ca": 1}):
        with pytest.raises(Rejected):
            Enrolled.parse(answer | changes)
