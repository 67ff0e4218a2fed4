"""Topics: what is built is read back, and nothing else is read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol import topics
from hub.protocol.errors import Reason, Rejected
from hub.protocol.topics import Address
from tests.protocol.samples import refusal

IDS = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


@given(IDS, IDS)
def test_what_a_home_writes_is_read_back(home: str, item: str) -> None:
    assert topics.parse(topics.presence(home)) == Address(home, "presence")
    assert topics.parse(topics.alerts(home)) == Address(home, "alerts")
    assert topics.parse(topics.grants(home, item)) == Address(home, "grants", item)
    assert topics.parse(topics.replies(home, item)) == Address(home, "replies", item)


@given(IDS)
def test_what_the_hub_writes_is_not_read_from_a_home(home: str) -> None:
    for topic in (topics.requests(home), topics.receipts(home)):
        with pytest.raises(Rejected) as refused:
            topics.parse(topic)
        assert refused.value.reason is Reason.WRONG_TOPIC


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "/",
        "rtcc/v1",
        "rtcc/v1/h",
        "rtcc/v1/h/grants",
        "rtcc/v1/h/grants/",
        "rtcc/v1/h/grants/c/",
        "rtcc/v1/h/grants/c/d",
        "rtcc/v1/h/presence/",
        "rtcc/v1/h/presence/c",
        "rtcc/v1//grants/c",
        "rtcc/v1/+/grants/c",
        "rtcc/v1/h/grants/+",
        "rtcc/v1/h/grants/#",
        "rtcc/v1/#",
        "rtcc/v1/h/../grants/c",
        "rtcc/v1/../grants/c",
        "rtcc/v1/h/grants/c\n",
        "rtcc/v1/h\x00/grants/c",
        "rtcc/v1/é/grants/c",
        "rtcc/v1/٣/grants/c",
        "rtcc/v1/h/grants/" + "c" * 65,
        "RTCC/v1/h/grants/c",
        "rtcc/V1/h/grants/c",
        "rtcc/v2/h/grants/c",
        "/rtcc/v1/h/grants/c",
        "$SYS/broker/uptime",
        "$share/group/rtcc/v1/h/grants/c",
    ],
)
def test_hostile_topics(topic: str) -> None:
    with pytest.raises(Rejected) as refused:
        topics.parse(topic)
    assert refused.value.reason is Reason.WRONG_TOPIC


LEVELS = st.lists(
    st.sampled_from(["rtcc", "v1", "h", "grants", "replies", "presence", "+", "#", ""])
    | st.text(max_size=5),
    max_size=7,
)


@given(LEVELS.map("/".join) | st.text())
def test_any_topic_is_read_by_the_table_or_refused(topic: str) -> None:
    known = re.fullmatch(
        r"rtcc/v1/([A-Za-z0-9_-]{1,64})/(?:(presence|alerts)|(grants|replies)/([A-Za-z0-9_-]{1,64}))",
        topic,
    )
    if known is None:
        assert refusal(lambda: topics.parse(topic)) is Reason.WRONG_TOPIC
    else:
        assert topics.parse(topic) == Address(known[1], known[2] or known[3], known[4])
