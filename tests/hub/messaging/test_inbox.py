"""Messages are sorted by topic, and nothing that anybody sends can raise."""

import pytest

from hub.protocol import topics
from tests.hub.whole import WholeHub


@pytest.mark.parametrize("topic", ["rtcc/v1/a/b/c/d", "other", "rtcc/v1/a b/presence", ""])
async def test_a_strange_topic_is_refused_and_counted(whole: WholeHub, topic: str) -> None:
    await whole.hub.inbox.take(topic, b"anything")
    assert await whole.counted('rtcc_messages_refused_total{reason="wrong_topic"}') == 1


async def test_a_home_that_is_not_enrolled_cannot_be_online(whole: WholeHub) -> None:
    await whole.hub.inbox.take(topics.presence("0123456789abcdef"), topics.ONLINE)
    await whole.hub.inbox.take(topics.grants("0123456789abcdef", "cam"), b"a grant")
    assert await whole.counted('rtcc_messages_refused_total{reason="unknown_home"}') == 2
    assert await whole.counted("rtcc_homes_online") == 0


async def test_alerts_are_not_for_this_version(whole: WholeHub) -> None:
    await whole.hub.inbox.take(topics.alerts("0123456789abcdef"), b"an alert")
    assert "rtcc_messages_refused_total{" not in (await whole.ask("GET", "/metrics")).body.decode()
