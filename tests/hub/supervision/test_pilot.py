"""A pilot over a whole hub: its seats, and the day after its end."""

import asyncio
import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from hub.data import DataFolder
from hub.protocol.entries import EntryKind
from tests.hub.supervision.conftest import Person, entries
from tests.hub.waiting import LIMIT
from tests.hub.whole import CAPITOL, WholeHub

ENDS_IN = timedelta(minutes=20)
POLICY = """
version = "pilot"

[kinds.robbery]
name = {{ en = "Robbery" }}
radius_m = 800
duration_s = 14_400
scopes = ["snapshot"]

[pilot]
ends = {ends}
city_cameras = 0
private_cameras = 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    found = DataFolder.open(tmp_path / "data")
    ends = int(time.time() + ENDS_IN.total_seconds())
    (found.path / "policy.toml").write_text(POLICY.format(ends=ends))
    return found


async def test_who_comes_second_is_not_live_and_learns_no_error(
    whole: WholeHub, officer: Person
) -> None:
    first = await whole.home()
    second = await whole.home(live=False)
    full = 'rtcc_messages_refused_total{reason="pilot_full"}'
    async with asyncio.timeout(LIMIT):
        while await whole.counted(full) != 1:  # noqa: ASYNC110 - announces itself to nobody
            await asyncio.sleep(0.005)
    incident = await officer.open(radius_m=400)
    refused = await officer.look(incident, second.identity.camera)
    assert refused.problem == "camera-unavailable"
    assert refused.body == (await officer.look(incident, "0123456789abcdef")).body
    assert await whole.live() == [first.identity.camera]
    assert await whole.counted(full) == 1
    reasons = [entry.about["reason"] for entry in await entries(whole, EntryKind.LOOK)]
    assert reasons == ["pilot_full", "not_live"]
    first.revoke()
    await whole.until_live(second)
    assert (await officer.look(incident, second.identity.camera)).status == 200


async def test_after_its_end_nothing_is_live(whole: WholeHub, officer: Person) -> None:
    home = await whole.home()
    incident = await officer.open(radius_m=400)
    assert (await officer.look(incident, home.identity.camera)).status == 200
    whole.clock.moved = ENDS_IN + timedelta(seconds=1)
    assert await whole.live() == []
    listed = await officer.ask("GET", f"incidents/{incident}/cameras")
    assert listed.json["features"] == []
    over = await officer.look(incident, home.identity.camera)
    assert (over.problem, over.json["reason"]) == ("policy", "pilot_over")
    assert over.body == (await officer.look(incident, "0123456789abcdef")).body
    assert await whole.counted("rtcc_cameras_live") == 0
    last = (await entries(whole, EntryKind.LOOK))[-1]
    assert (last.outcome, last.about["reason"]) == ("refused", "pilot_over")


async def test_on_day_46_nothing_is_live(whole: WholeHub) -> None:
    await whole.home()
    whole.clock.moved = timedelta(days=46)
    path = f"grants?lat={CAPITOL.lat}&lon={CAPITOL.lon}&radius=100000"
    answer = await whole.ask("GET", path)
    assert json.loads(answer.body)["features"] == []


async def test_the_policy_that_ends_it_is_published_and_entered(whole: WholeHub) -> None:
    city = await whole.city()
    assert city.policy.pilot is not None
    (entry,) = await entries(whole, EntryKind.POLICY)
    assert entry.about["sha256"] == city.policy.digest
