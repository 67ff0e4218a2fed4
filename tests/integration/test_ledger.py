"""The ledger: what was answered, counted by the month of the home, within bounds."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from homeassistant.core import HomeAssistant

from custom_components.jackson_rtcc import ledger as ledgers
from custom_components.jackson_rtcc.ledger import KEPT, Answered, Ledger, Look, month_start
from custom_components.jackson_rtcc.protocol.reply import Picture
from custom_components.jackson_rtcc.protocol.request import Operator
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Role, Scope, Still

JACKSON = ZoneInfo("America/Chicago")
NOON = datetime(2026, 11, 20, 18, tzinfo=UTC)
PICTURE = Picture(
    data=b"\xff\xd8\xff\xe0", content_type="image/jpeg", received=NOON, still=Still.LIVE
)


def look(number: int = 0, /, **changes: Any) -> Look:
    values: dict[str, Any] = {
        "id": f"r{number}",
        "camera": "porch",
        "name": "Porch",
        "action": Scope.SNAPSHOT,
        "operator": Operator(pseudonym="o1", role=Role.OFFICER),
        "incident": "i1",
        "kind": "robbery",
        "reference": "CAD-1",
        "requested": NOON,
        "answered": NOON + timedelta(seconds=number),
        "outcome": Outcome.OK,
        "reason": None,
    }
    return Look(**(values | changes))


@pytest.fixture
async def ledger(hass: HomeAssistant) -> Ledger:
    return await ledgers.load(hass, "entry")


async def test_survives_a_restart(hass: HomeAssistant, ledger: Ledger) -> None:
    looks = [look(), look(1, outcome=Outcome.REFUSED, reason="busy", camera=None, name=None)]
    for one in looks:
        ledger.record(one, JACKSON)
    await ledger.save()
    again = await ledgers.load(hass, "entry")
    assert again.looks == looks[::-1]
    assert again.latest("porch") == NOON
    assert again.this_month("porch", NOON, JACKSON) == 1
    assert again.refused == 1
    assert again.knows("r1")
    assert not again.knows("r2")
    await ledgers.forget(hass, "entry")
    assert (await ledgers.load(hass, "entry")).looks == []


def test_counts_outlive_looks(ledger: Ledger) -> None:
    """And refusals, however many, push out nothing that was handed over."""
    for number in range(KEPT + 5):
        ledger.record(look(number), JACKSON)
    for number in range(KEPT + 7):
        ledger.record(look(number, outcome=Outcome.REFUSED, reason="busy"), JACKSON)
    outcomes = [one.outcome for one in ledger.looks]
    assert outcomes.count(Outcome.OK) == outcomes.count(Outcome.REFUSED) == KEPT
    assert ledger.this_month("porch", NOON, JACKSON) == KEPT + 5
    assert ledger.refused == KEPT + 7


def test_what_it_covers(ledger: Ledger) -> None:
    """From its beginning, and no further back than what was pushed out of it."""
    ledger.began = NOON
    assert ledger.covers(NOON)
    assert not ledger.covers(NOON - timedelta(seconds=1))
    for number in range(KEPT + 5):
        ledger.record(look(number), JACKSON)
    assert ledger.covers(NOON + timedelta(seconds=5))
    assert not ledger.covers(NOON + timedelta(seconds=4))


async def test_how_a_look_ended(hass: HomeAssistant, ledger: Ledger) -> None:
    ledger.record(look(), JACKSON)
    ledger.record(look(1, outcome=Outcome.REFUSED, reason="busy", log_index=7), JACKSON)
    ledger.began = NOON
    assert ledger.end("r0", seconds=5, outcome="ok", index=9)
    # The first word counts.
    assert ledger.end("r0", seconds=6, outcome="silent", index=10)
    assert not ledger.end("r2", seconds=5, outcome="ok", index=9)
    await ledger.save()
    again = await ledgers.load(hass, "entry")
    assert again.looks[1] == look(seconds=5, end="ok", end_index=9)
    assert again.looks[0].log_index == 7
    assert again.began == NOON


async def test_a_record_of_an_earlier_version(hass: HomeAssistant, ledger: Ledger) -> None:
    """It knows nothing of the log, and not when it began: from now on it is complete."""
    ledger.record(look(), JACKSON)
    stored: Any = ledger._stored()
    del stored["began"]
    for name in ("log_index", "seconds", "end", "end_index"):
        del stored["looks"][0][name]
    again = await ledgers.load(hass, "other")
    again.restore(stored)
    assert again.looks == [look()]
    assert again.began > NOON


def test_failures_are_no_looks_and_no_refusals(ledger: Ledger) -> None:
    ledger.record(look(outcome=Outcome.FAILED, reason="camera_off"), JACKSON)
    assert ledger.this_month("porch", NOON, JACKSON) == ledger.refused == 0
    assert ledger.latest("porch") is None


@pytest.mark.parametrize(
    ("answered", "now", "count"),
    [
        # 30 November, 23:30 where the home is: December in UTC already.
        (datetime(2026, 12, 1, 5, 30, tzinfo=UTC), datetime(2026, 12, 1, 5, 59, tzinfo=UTC), 1),
        (datetime(2026, 12, 1, 5, 30, tzinfo=UTC), datetime(2026, 12, 1, 6, 0, tzinfo=UTC), 0),
        (datetime(2026, 12, 1, 6, 0, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC), 1),
        (datetime(2025, 11, 20, tzinfo=UTC), NOON, 0),
    ],
)
def test_months_where_the_home_is(
    ledger: Ledger, answered: datetime, now: datetime, count: int
) -> None:
    ledger.record(look(answered=answered), JACKSON)
    assert ledger.this_month("porch", now, JACKSON) == count


def test_a_new_month_starts_at_nothing(ledger: Ledger) -> None:
    for number in range(3):
        ledger.record(look(number), JACKSON)
    later = NOON + timedelta(days=20)
    ledger.record(look(9, answered=later), JACKSON)
    assert ledger.this_month("porch", later, JACKSON) == 1


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (NOON, "2026-11-01T00:00:00-05:00"),
        (datetime(2026, 12, 1, 5, 59, tzinfo=UTC), "2026-11-01T00:00:00-05:00"),
        (datetime(2026, 12, 1, 6, tzinfo=UTC), "2026-12-01T00:00:00-06:00"),
    ],
)
def test_month_start(now: datetime, start: str) -> None:
    assert month_start(now, JACKSON).isoformat() == start


def test_search(ledger: Ledger) -> None:
    for number in range(6):
        ledger.record(look(number, camera="yard" if number % 2 else "porch"), JACKSON)
    found = ledger.search("yard", NOON + timedelta(seconds=2), 5)
    assert [one.id for one in found] == ["r5", "r3"]
    assert [one.id for one in ledger.search(limit=2)] == ["r5", "r4"]


def test_told(ledger: Ledger) -> None:
    heard: list[tuple[str, Answered]] = []
    everything = ledger.subscribe(lambda answered: heard.append(("all", answered)))
    ledger.subscribe(lambda answered: heard.append(("porch", answered)), "porch")
    ledger.subscribe(lambda answered: heard.append(("yard", answered)), "yard")
    ledger.record(look(), JACKSON, PICTURE)
    assert [who for who, _ in heard] == ["all", "porch"]
    assert heard[0][1] is heard[1][1]
    assert heard[0][1].picture is PICTURE
    everything()
    ledger.record(look(1, camera="yard"), JACKSON)
    assert [who for who, _ in heard][2:] == ["yard"]


def test_under_way(ledger: Ledger) -> None:
    """Two at the same time are one until both have ended; ending twice is ending once."""
    told: list[bool] = []
    stop = ledger.watch(lambda: told.append(ledger.under_way("porch")), "porch")
    first, second = ledger.begin("porch"), ledger.begin("porch")
    assert not ledger.under_way("yard")
    first()
    first()
    assert ledger.under_way("porch")
    second()
    with suppress(LookupError), ledger.looking("porch"):
        assert ledger.under_way("porch")
        raise LookupError
    assert told == [True, True, True, False, True, False]
    stop()
    ledger.begin("porch")
    assert len(told) == 6


def test_a_camera_that_left(ledger: Ledger) -> None:
    """Its counts go; what was seen through it stays in the record."""
    ledger.record(look(), JACKSON)
    ledger.record(look(1, camera="yard"), JACKSON)
    ledger.keep_only({"yard"})
    assert ledger.latest("porch") is None
    assert ledger.this_month("porch", NOON, JACKSON) == 0
    assert ledger.latest("yard")
    assert len(ledger.looks) == 2


async def test_what_lasted_ends_once_and_is_told(hass: HomeAssistant, ledger: Ledger) -> None:
    told: list[Answered] = []
    ledger.subscribe(told.append, "porch")
    ledger.record(look(action=Scope.STREAM), JACKSON)
    ledger.record(look(1), JACKSON)
    ledger.finish("r0", seconds=75, reason="closed")
    ledger.finish("another", seconds=1, reason="closed")
    assert [(each.look.id, each.over) for each in told] == [
        ("r0", False),
        ("r1", False),
        ("r0", True),
    ]
    assert (told[-1].look.seconds, told[-1].look.reason) == (75, "closed")
    await ledger.save()
    again = (await ledgers.load(hass, "entry")).find("r0")
    assert again == told[-1].look
    # What the city's log tells of its length counts.
    ledger.end("r0", seconds=76, outcome="ok", index=9)
    found = ledger.find("r0")
    assert found is not None
    assert (found.seconds, found.reason, found.end) == (76, "closed", "ok")
    assert ledger.this_month("porch", NOON, JACKSON) == 2
