"""Receipts and acknowledgements: round trip, and what each field may hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.claims import LARGEST_INTEGER
from hub.protocol.errors import Reason
from hub.protocol.receipt import (
    Acknowledgement,
    Receipt,
    sign_acknowledgement,
    sign_receipt,
    verify_acknowledgement,
    verify_receipt,
)
from tests.protocol.samples import (
    BOOK,
    HISTORY,
    HOME,
    HOME_ID,
    HOME_KEY,
    HUB,
    HUB_KEY,
    NOW,
    RECEIPT,
    SAMPLES,
    refusal,
)

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
TEXTS = st.text(min_size=1, max_size=64).filter(str.isprintable)


@given(
    st.builds(
        Receipt,
        id=IDS,
        hub=TEXTS,
        home=TEXTS,
        camera=IDS,
        look=TEXTS,
        outcome=TEXTS,
        seconds=st.integers(0, 7 * 86_400),
        issued=st.just(NOW),
        log=st.integers(0, 6).map(lambda at: BOOK.logged(HISTORY[at], at, at)),
    )
)
def test_any_receipt_comes_back_as_it_was(receipt: Receipt) -> None:
    token = sign_receipt(HUB, receipt).encode()
    assert verify_receipt(token, HUB_KEY, receipt.home, receipt.hub, NOW) == receipt


@given(
    st.builds(
        Acknowledgement,
        receipt=IDS,
        log_size=st.integers(0, LARGEST_INTEGER),
        reason=st.none() | TEXTS,
    )
)
def test_any_acknowledgement_comes_back_as_it_was(word: Acknowledgement) -> None:
    token = sign_acknowledgement(HOME, word, HOME_ID, HUB.kid, "jti", NOW)
    assert verify_acknowledgement(token, HOME_KEY, HOME_ID, HUB.kid, NOW) == word


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("receipt", {"sub": "a/b"}),
        ("receipt", {"look": ""}),
        ("receipt", {"look": "x" * 65}),
        ("receipt", {"outcome": 1}),
        ("receipt", {"seconds": -1}),
        ("receipt", {"seconds": 7 * 86_400 + 1}),
        ("receipt", {"seconds": 0.5}),
        ("receipt", {"log": {}}),
        ("receipt", {"jti": "a/b"}),
        ("acknowledgement", {"receipt": "a/b"}),
        ("acknowledgement", {"log_size": -1}),
        ("acknowledgement", {"log_size": LARGEST_INTEGER + 1}),
        ("acknowledgement", {"reason": ""}),
        ("acknowledgement", {"reason": 1}),
        ("acknowledgement", {"jti": ""}),
    ],
)
def test_a_field_out_of_shape_is_refused(kind: str, changes: dict[str, object]) -> None:
    sample = SAMPLES[kind]
    assert refusal(lambda: sample.read(sample.with_claims(**changes), NOW)) is Reason.MALFORMED


def test_a_receipt_is_for_one_home() -> None:
    token = sign_receipt(HUB, replace(RECEIPT, home="another")).encode()
    assert refusal(lambda: SAMPLES["receipt"].read(token, NOW)) is Reason.WRONG_AUDIENCE
