"""Replies: the picture is exactly the one that was signed, and nothing rides along."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol import reply as replies
from hub.protocol.errors import Reason, Rejected
from hub.protocol.reply import LARGEST_PICTURE, Picture, Reply
from hub.protocol.stream import LONGEST_SDP
from hub.protocol.tokens import LONGEST
from hub.protocol.vocabulary import Outcome, Still
from tests.protocol.drawn import SDPS
from tests.protocol.samples import (
    ANSWER_REPLY,
    HOME,
    HOME_ID,
    HOME_KEY,
    HUB,
    JPEG,
    NOW,
    PICTURE_REPLY,
    REFUSAL,
    REQUEST_ID,
    SAMPLES,
    SDP,
    read_reply,
)

PAYLOAD = replies.sign_reply(HOME, PICTURE_REPLY)
TOKEN = PAYLOAD.partition(b"\n")[0]


def reason(payload: bytes) -> Reason:
    with pytest.raises(Rejected) as refused:
        read_reply(payload, NOW)
    return refused.value.reason


def with_picture(**changes: object) -> bytes:
    sample = replace(SAMPLES["reply"], token=TOKEN)
    picture = sample.claims["picture"]
    assert isinstance(picture, dict)
    return sample.with_claims(picture=picture | changes) + b"\n" + JPEG


@given(st.binary(min_size=1, max_size=2000), st.sampled_from(Still))
def test_any_picture_comes_back_as_it_was(data: bytes, still: Still) -> None:
    picture = Picture(data=data, content_type="image/jpeg", received=NOW, still=still)
    reply = replace(PICTURE_REPLY, picture=picture)
    assert read_reply(replies.sign_reply(HOME, reply), NOW) == reply


@given(SDPS)
def test_any_answer_comes_back_as_it_was(answer: str) -> None:
    reply = replace(ANSWER_REPLY, answer=answer)
    assert read_reply(replies.sign_reply(HOME, reply), NOW) == reply


def test_the_longest_answer_fits() -> None:
    reply = replace(ANSWER_REPLY, answer="a=x\r\n" * (LONGEST_SDP // 5))
    payload = replies.sign_reply(HOME, reply)
    assert len(payload) <= LONGEST
    assert read_reply(payload, NOW) == reply


@pytest.mark.parametrize(
    "answer", ["", "v" * (LONGEST_SDP + 1), "v=0\x00", 0, [SDP]], ids=lambda one: repr(one)[:20]
)
def test_answers_out_of_shape(answer: object) -> None:
    sample = replace(SAMPLES["reply"], token=replies.sign_reply(HOME, ANSWER_REPLY))
    assert reason(sample.with_claims(answer=answer)) is Reason.MALFORMED


@given(st.binary(max_size=50))
def test_nothing_rides_behind_an_answer(extra: bytes) -> None:
    token = replies.sign_reply(HOME, ANSWER_REPLY)
    assert reason(token + b"\n" + extra) is Reason.WRONG_BODY


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED])
def test_a_reason_comes_back_as_it_was(outcome: Outcome) -> None:
    reply = replace(REFUSAL, outcome=outcome, reason="camera_off")
    assert read_reply(replies.sign_reply(HOME, reply), NOW) == reply


def test_the_largest_picture_fits() -> None:
    data = bytes(LARGEST_PICTURE)
    picture = Picture(data=data, content_type="image/jpeg", received=NOW, still=Still.LIVE)
    reply = replace(PICTURE_REPLY, picture=picture)
    payload = replies.sign_reply(HOME, reply)
    assert len(payload) < 2**20
    assert read_reply(payload, NOW) == reply
    larger = replace(PICTURE_REPLY, picture=replace(picture, data=data + b"\0"))
    assert reason(replies.sign_reply(HOME, larger)) is Reason.MALFORMED


@given(st.data())
def test_any_change_to_the_picture(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(JPEG) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != JPEG[at]))
    assert reason(TOKEN + b"\n" + JPEG[:at] + bytes([byte]) + JPEG[at + 1 :]) is Reason.WRONG_BODY


@given(st.binary(min_size=1, max_size=50))
def test_anything_behind_the_picture_or_the_refusal(extra: bytes) -> None:
    assert reason(PAYLOAD + extra) is Reason.WRONG_BODY
    assert reason(SAMPLES["reply"].token + b"\n" + extra) is Reason.WRONG_BODY


def test_not_even_a_line_feed_behind_a_refusal() -> None:
    assert reason(SAMPLES["reply"].token + b"\n") is Reason.WRONG_BODY


@pytest.mark.parametrize("end", range(len(JPEG)))
def test_a_picture_cut_short(end: int) -> None:
    assert reason(TOKEN + b"\n" + JPEG[:end]) is Reason.WRONG_BODY


def test_a_picture_without_its_token_or_the_other_way() -> None:
    assert reason(TOKEN) is Reason.WRONG_BODY
    assert reason(JPEG) is Reason.MALFORMED
    assert reason(b"\n" + PAYLOAD) is Reason.MALFORMED
    assert reason(TOKEN + b"\r\n" + JPEG) is Reason.MALFORMED


def test_two_replies_do_not_swap_pictures() -> None:
    other = replace(PICTURE_REPLY, picture=replace(PICTURE_REPLY.picture, data=JPEG[::-1]))
    body = replies.sign_reply(HOME, other).partition(b"\n")[2]
    assert reason(TOKEN + b"\n" + body) is Reason.WRONG_BODY


@pytest.mark.parametrize(
    "changes",
    [
        {"length": 0},
        {"length": -1},
        {"length": float(len(JPEG))},
        {"content_type": "image/svg+xml"},
        {"content_type": None},
        {"received": -1},
        {"received": 1.5},
        {"still": "tomorrow"},
        {"sha256": None},
    ],
    ids=repr,
)
def test_pictures_out_of_shape(changes: dict[str, object]) -> None:
    assert reason(with_picture(**changes)) is Reason.MALFORMED


@pytest.mark.parametrize(
    "reply",
    [
        replace(PICTURE_REPLY, picture=None),
        replace(PICTURE_REPLY, reason="because"),
        replace(PICTURE_REPLY, outcome=Outcome.REFUSED),
        replace(PICTURE_REPLY, outcome=Outcome.FAILED, reason="camera_off"),
        replace(PICTURE_REPLY, answer=SDP),
        replace(ANSWER_REPLY, answer=None),
        replace(ANSWER_REPLY, reason="because"),
        replace(ANSWER_REPLY, outcome=Outcome.REFUSED),
        replace(ANSWER_REPLY, outcome=Outcome.FAILED, reason="camera_off"),
        replace(REFUSAL, answer=SDP),
        replace(REFUSAL, reason=None),
        replace(REFUSAL, reason=""),
        replace(REFUSAL, reason="r" * 65),
        replace(REFUSAL, outcome=Outcome.OK),
        replace(REFUSAL, jti="j" * 65),
        replace(REFUSAL, camera=""),
    ],
    ids=repr,
)
def test_one_picture_or_answer_if_ok_and_a_reason_if_not(reply: Reply) -> None:
    assert reason(replies.sign_reply(HOME, reply)) is Reason.MALFORMED


def test_it_answers_the_request_of_its_topic_only() -> None:
    with pytest.raises(Rejected) as refused:
        replies.verify(PAYLOAD, HOME_KEY, HOME_ID, HUB.kid, "another", NOW)
    assert refused.value.reason is Reason.WRONG_TOPIC
    assert read_reply(PAYLOAD, NOW) == PICTURE_REPLY
    assert PICTURE_REPLY.request == REQUEST_ID


def test_half_a_minute_and_no_more() -> None:
    with pytest.raises(Rejected) as refused:
        read_reply(PAYLOAD, NOW + timedelta(seconds=30))
    assert refused.value.reason is Reason.EXPIRED
