"""Words on a session: round trip, nothing too much or too little, and no lease beyond a minute."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.protocol.errors import Reason, Rejected
from hub.protocol.session import (
    LONGEST_SESSION_S,
    MOST_CANDIDATES,
    WORD_LIFE,
    Act,
    Word,
    sign_word,
    verify_word,
)
from hub.protocol.stream import LEASE, Candidate
from hub.protocol.tokens import LONGEST
from tests.protocol.drawn import CANDIDATES as DRAWN
from tests.protocol.drawn import IDS, texts
from tests.protocol.samples import (
    CANDIDATES,
    CLOSE,
    ENDED,
    HOME,
    HOME_ID,
    HOME_KEY,
    HUB,
    HUB_KEY,
    NOW,
    RENEWAL,
    REQUEST_ID,
    SAMPLES,
    read_ended,
    read_word,
    refusal,
)

BY_ACT = {word.act: word for word in (RENEWAL, CLOSE, CANDIDATES, ENDED)}
SECOND = timedelta(seconds=1)


def drawn(act: Act, **fields: st.SearchStrategy[object]) -> st.SearchStrategy[Word]:
    return st.builds(
        Word,
        id=IDS,
        sender=texts(64),
        receiver=texts(64),
        session=IDS,
        act=st.just(act),
        issued=st.just(NOW),
        **fields,
    )


WORDS = (
    drawn(
        Act.RENEW,
        until=st.integers(-86_400, int(LEASE.total_seconds())).map(lambda s: NOW + s * SECOND),
    )
    | drawn(Act.CLOSE, reason=texts(64))
    | drawn(Act.CANDIDATES, candidates=st.lists(DRAWN, min_size=1, max_size=5).map(tuple))
    | drawn(Act.ENDED, reason=texts(64), seconds=st.integers(0, LONGEST_SESSION_S))
)


def reason(token: bytes) -> Reason:
    with pytest.raises(Rejected) as refused:
        read_word(token, NOW)
    return refused.value.reason


def forged(word: Word, **changes: object) -> bytes:
    """Sign the claims of a word of the hub with changes."""
    return replace(SAMPLES["word"], token=sign_word(HUB, word)).with_claims(**changes)


def from_hub(act: Act) -> Word:
    """Return a valid word as the hub would say it; what a home says is read the same way."""
    return replace(BY_ACT[act], sender=HUB.kid, receiver=HOME_ID)


@given(WORDS)
def test_any_valid_word_comes_back_as_it_was(word: Word) -> None:
    token = sign_word(HUB, word)
    assert verify_word(token, HUB_KEY, word.sender, word.receiver, NOW) == word
    assert verify_word(token, HUB_KEY, word.sender, word.receiver, NOW, word.session) == word


@given(WORDS, IDS)
def test_a_word_is_about_the_session_of_its_topic(word: Word, topic: str) -> None:
    assume(word.session != topic)
    token = sign_word(HOME, word)
    why = refusal(lambda: verify_word(token, HOME_KEY, word.sender, word.receiver, NOW, topic))
    assert why is Reason.WRONG_TOPIC


def test_a_home_tells_of_an_end_on_the_topic_of_the_session_only() -> None:
    token = sign_word(HOME, ENDED)
    assert read_ended(token, NOW) == ENDED
    other = sign_word(HOME, replace(ENDED, session="r-another"))
    with pytest.raises(Rejected) as refused:
        read_ended(other, NOW)
    assert refused.value.reason is Reason.WRONG_TOPIC


def test_a_word_does_not_turn_round() -> None:
    """What the hub says to a home is no word of that home, and the other way about."""
    for word, signer, key in ((RENEWAL, HUB, HUB_KEY), (ENDED, HOME, HOME_KEY)):
        with pytest.raises(Rejected) as refused:
            verify_word(sign_word(signer, word), key, word.receiver, word.sender, NOW)
        assert refused.value.reason is Reason.WRONG_ISSUER
    with pytest.raises(Rejected) as refused:
        read_ended(sign_word(HUB, ENDED), NOW)
    assert refused.value.reason is Reason.UNKNOWN_KEY


def test_a_word_for_one_home_is_none_for_another() -> None:
    with pytest.raises(Rejected) as refused:
        verify_word(sign_word(HUB, RENEWAL), HUB_KEY, HUB.kid, "another", NOW)
    assert refused.value.reason is Reason.WRONG_AUDIENCE


@pytest.mark.parametrize("act", Act)
def test_half_a_minute_and_no_more(act: Act) -> None:
    token = sign_word(HUB, from_hub(act))
    assert read_word(token, NOW + WORD_LIFE - SECOND) == from_hub(act)
    with pytest.raises(Rejected) as refused:
        read_word(token, NOW + WORD_LIFE)
    assert refused.value.reason is Reason.EXPIRED
    longer = int((NOW + WORD_LIFE).timestamp()) + 1
    assert reason(forged(from_hub(act), exp=longer)) is Reason.TOO_LONG


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("other", Act)
def test_a_word_holds_what_its_act_needs_and_nothing_else(act: Act, other: Act) -> None:
    valid = replace(SAMPLES["word"], token=sign_word(HUB, from_hub(act)))
    assert read_word(valid.token, NOW) == from_hub(act)
    needs = {"until", "reason", "seconds", "candidates"} & set(valid.claims)
    for name in needs:
        assert reason(valid.with_claims(**{name: ...})) is Reason.MALFORMED
    foreign = replace(valid, token=sign_word(HUB, from_hub(other)))
    for name in {"until", "reason", "seconds", "candidates"} & set(foreign.claims) - needs:
        assert reason(valid.with_claims(**{name: foreign.claims[name]})) is Reason.MALFORMED


@given(st.integers(-100, 10_000))
def test_a_renewal_gives_a_lease_and_no_more(ahead: int) -> None:
    token = sign_word(HUB, replace(RENEWAL, until=NOW + ahead * SECOND))
    # A second is for the rounding of two times that were taken one after the other.
    if ahead <= LEASE.total_seconds() + 1:
        read = read_word(token, NOW)
        assert isinstance(read, Word)
        assert read.until == NOW + ahead * SECOND
    else:
        assert reason(token) is Reason.TOO_LONG


def test_fractions_of_seconds_never_lengthen_a_lease() -> None:
    late = timedelta(microseconds=999_999)
    word = replace(RENEWAL, issued=NOW + late, until=NOW + LEASE + late)
    assert read_word(sign_word(HUB, word), NOW + late) == RENEWAL


def test_the_most_candidates_fit_into_a_token_however_long() -> None:
    each = Candidate("candidate:" + "a" * 490, "m" * 64, 15)
    word = replace(CANDIDATES, candidates=(each,) * MOST_CANDIDATES)
    token = sign_word(HUB, word)
    assert len(token) <= LONGEST
    assert read_word(token, NOW) == word
    more = replace(word, candidates=(Candidate(""),) * (MOST_CANDIDATES + 1))
    assert reason(sign_word(HUB, more)) is Reason.MALFORMED


@pytest.mark.parametrize(
    ("act", "changes"),
    [
        (Act.RENEW, {"act": "pause"}),
        (Act.RENEW, {"act": ["renew"]}),
        (Act.RENEW, {"session": "a/b"}),
        (Act.RENEW, {"session": "+"}),
        (Act.RENEW, {"session": "s" * 65}),
        (Act.RENEW, {"jti": "a/b"}),
        (Act.RENEW, {"until": -1}),
        (Act.RENEW, {"until": 1.5}),
        (Act.RENEW, {"until": "soon"}),
        (Act.CLOSE, {"reason": ""}),
        (Act.CLOSE, {"reason": "r" * 65}),
        (Act.CLOSE, {"reason": "two\nlines"}),
        (Act.CANDIDATES, {"candidates": []}),
        (Act.CANDIDATES, {"candidates": {}}),
        (Act.CANDIDATES, {"candidates": ["candidate:1"]}),
        (Act.CANDIDATES, {"candidates": [{"candidate": "fingerprint:sha-256 AA:BB"}]}),
        (Act.ENDED, {"seconds": -1}),
        (Act.ENDED, {"seconds": 1.0}),
        (Act.ENDED, {"seconds": LONGEST_SESSION_S + 1}),
        (Act.ENDED, {"reason": None}),
    ],
    ids=repr,
)
def test_words_out_of_shape(act: Act, changes: dict[str, object]) -> None:
    assert reason(forged(from_hub(act), **changes)) is Reason.MALFORMED


def test_a_session_is_named_like_the_request_that_began_it() -> None:
    assert RENEWAL.session == REQUEST_ID
