"""A home's question about its entries, and the answer: round trip, and what each may hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.claims import LARGEST_INTEGER
from hub.protocol.errors import Reason
from hub.protocol.mine import PAGE, Mine, Question, sign_question, verify_question
from tests.protocol.samples import (
    BOOK,
    HISTORY,
    HOME,
    HOME_ID,
    HOME_KEY,
    HUB,
    HUB_KEY,
    NOW,
    SAMPLES,
    SEEN,
    refusal,
)

SIZES = st.integers(0, LARGEST_INTEGER)
ANSWER = Mine(
    advance=BOOK.advance(SEEN.size),
    proofs=tuple(BOOK.prove(HISTORY[at], at) for at in (3, 5)),
    more=False,
)


@given(st.builds(Question, since=SIZES, start=SIZES))
def test_any_question_comes_back_as_it_was(question: Question) -> None:
    token = sign_question(HOME, question, HOME_ID, HUB.kid, "jti", NOW)
    assert verify_question(token, HOME_KEY, HOME_ID, HUB.kid, NOW) == question


@pytest.mark.parametrize(
    "changes",
    [{"since": -1}, {"since": None}, {"start": 1.5}, {"start": LARGEST_INTEGER + 1}, {"jti": "/"}],
)
def test_a_question_out_of_shape_is_refused(changes: dict[str, object]) -> None:
    sample = SAMPLES["question"]
    assert refusal(lambda: sample.read(sample.with_claims(**changes), NOW)) is Reason.MALFORMED


def test_the_answer_comes_back_as_it_was_and_is_proved() -> None:
    answer = Mine.parse(ANSWER.claims())
    assert answer == ANSWER
    now = answer.advance.verify(HUB_KEY.key, HUB.kid, SEEN)
    for proof in answer.proofs:
        proof.verify(now)


@pytest.mark.parametrize(
    "changes",
    [
        {"log": ...},
        {"log": {}},
        {"entries": None},
        {"entries": [{}]},
        {"entries": [1]},
        {"entries": [ANSWER.proofs[0].claims()] * (PAGE + 1)},
        {"more": "no"},
        {"more": ...},
    ],
)
def test_an_answer_out_of_shape_is_refused(changes: dict[str, Any]) -> None:
    claims = {name: one for name, one in (ANSWER.claims() | changes).items() if one is not ...}
    assert refusal(lambda: Mine.parse(claims)) is Reason.MALFORMED


@pytest.mark.parametrize("answer", [None, [], "x", 1])
def test_what_is_no_object_is_refused(answer: object) -> None:
    assert refusal(lambda: Mine.parse(answer)) is Reason.MALFORMED
