"""Refused API tokens in the log: each source once a minute, and never a flood."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from hub.data import DataFolder
from hub.operators.refused_tokens import MOST, RefusedTokens
from hub.store.engine import open_database
from hub.transparency.log import AccessLog
from tests.hub.conftest import log_of


@pytest.fixture
async def log(folder: DataFolder) -> AsyncIterator[AccessLog]:
    engine = await open_database(folder)
    yield log_of(engine)
    await engine.dispose()


async def test_each_source_once_a_minute(log: AccessLog, now: datetime) -> None:
    refused = RefusedTokens(log)
    for source in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        await refused.note(source, now)
    assert len(log) == 2
    await refused.note("192.0.2.1", now + timedelta(seconds=59))
    assert len(log) == 2
    await refused.note("192.0.2.1", now + timedelta(seconds=60))
    assert len(log) == 3


async def test_a_thousand_sources_do_not_flood_it(log: AccessLog, now: datetime) -> None:
    refused = RefusedTokens(log)
    for number in range(1_000):
        await refused.note(f"192.0.2.{number}", now)
    assert len(log) == MOST


async def test_a_clock_that_was_set_back_stops_nothing(log: AccessLog, now: datetime) -> None:
    refused = RefusedTokens(log)
    await refused.note("192.0.2.1", now)
    await refused.note("192.0.2.1", now - timedelta(hours=1))
    assert len(log) == 2
