"""The watch over a whole hub: what an operator did becomes a review, within a round."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hub.protocol.geo import Point
from hub.store.tables import looks, operators
from tests.hub.supervision.conftest import Person
from tests.hub.whole import CAPITOL, ROBBERY, WholeHub


async def reviews(whole: WholeHub) -> list[dict[str, Any]]:
    await whole.hub.supervision.round(whole.clock())
    return list((await whole.ask("GET", "reviews")).json["reviews"])


async def causes(whole: WholeHub) -> list[str]:
    return [review["cause"] for review in await reviews(whole)]


async def account(whole: WholeHub, officer: Person, **values: object) -> None:
    """Note where an operator lives, or when they are on duty."""
    async with whole.engine.begin() as connection:
        await connection.execute(
            update(operators).where(operators.c.pseudonym == officer.pseudonym).values(**values)
        )


async def stalk(whole: WholeHub, officer: Person, camera: str, times: int = 5) -> list[str]:
    """Look at one camera again and again, each time for another incident of one's own."""
    incidents = []
    for number in range(times):
        incident = await officer.open(radius_m=400, reference=f"CAD-{number}")
        assert (await officer.look(incident, camera)).status == 200
        incidents.append(incident)
    return incidents


async def test_a_stalker_is_found(whole: WholeHub, officer: Person) -> None:
    home = await whole.home()
    await stalk(whole, officer, home.identity.camera, 4)
    assert await causes(whole) == []
    await stalk(whole, officer, home.identity.camera, 1)
    (review,) = await reviews(whole)
    assert (review["cause"], review["subject"]) == ("repeat", officer.pseudonym)
    assert review["about"]["camera"] == home.identity.camera
    assert review["about"]["looks"] == 5
    # Once per cause and day, whatever happens, and for a hub that was started anew too.
    await stalk(whole, officer, home.identity.camera, 2)
    assert len(await reviews(whole)) == 1


async def test_refused_looks_count_as_well(whole: WholeHub, officer: Person) -> None:
    await whole.home()
    for number in range(5):
        incident = await officer.open(radius_m=400, reference=f"CAD-{number}")
        refused = await officer.look(incident, "0123456789abcdef")
        assert refused.problem == "camera-unavailable"
    assert await causes(whole) == ["repeat"]


@pytest.mark.parametrize("part", ["opened", "moved", "looked", "closed"])
async def test_an_incident_that_others_had_a_part_in_is_none_of_it(
    whole: WholeHub, officer: Person, supervisor: Person, part: str
) -> None:
    camera = (await whole.home()).identity.camera
    incidents = await stalk(whole, officer, camera, 4)
    if part == "opened":
        last = await supervisor.open(radius_m=400)
        await officer.look(last, camera)
    else:
        (last,) = await stalk(whole, officer, camera, 1)
    if part == "moved":
        await supervisor.ask("PATCH", f"incidents/{last}", {"radius_m": 300})
    elif part == "looked":
        await supervisor.look(last, camera)
    elif part == "closed":
        await supervisor.ask("POST", f"incidents/{last}/close")
    assert len(incidents) == 4
    assert await causes(whole) == []


async def test_looks_around_the_own_address(whole: WholeHub, officer: Person) -> None:
    away = Point(CAPITOL.lat + 0.002, CAPITOL.lon)
    near, far = await whole.home(), await whole.home(away)
    await account(whole, officer, home_lat=CAPITOL.lat, home_lon=CAPITOL.lon)
    incident = await officer.open(radius_m=400)
    await officer.look(incident, far.identity.camera)
    assert await causes(whole) == []
    await officer.look(incident, near.identity.camera)
    (review,) = await reviews(whole)
    assert (review["cause"], review["subject"]) == ("own_address", officer.pseudonym)
    assert review["about"]["looks"] == 1


async def test_looks_outside_the_shift(whole: WholeHub, officer: Person) -> None:
    home = await whole.home()
    now = whole.clock()
    soon = now + timedelta(hours=2)
    day = f"{soon:%a}".lower()
    await account(whole, officer, shift=f"{day} {soon:%H:%M}-{soon + timedelta(hours=1):%H:%M}")
    await officer.look(await officer.open(radius_m=400), home.identity.camera)
    assert await causes(whole) == ["off_shift"]


@pytest.mark.parametrize("shift", ["mon-sun 00:00-24:00", "whenever", None])
async def test_on_duty_or_not_known(whole: WholeHub, officer: Person, shift: str | None) -> None:
    home = await whole.home()
    await account(whole, officer, shift=shift)
    await officer.look(await officer.open(radius_m=400), home.identity.camera)
    assert await causes(whole) == []


async def test_fishing_shows_when_the_last_of_it_is_closed(
    whole: WholeHub, officer: Person
) -> None:
    homes = [await whole.home() for _ in range(3)]
    for home in homes:
        incident = await officer.open(radius_m=400, reference=f"CAD-{home.identity.camera[:4]}")
        await officer.look(incident, home.identity.camera)
        assert await causes(whole) == []
        await officer.ask("POST", f"incidents/{incident}/close")
    assert await causes(whole) == ["fishing"]


async def test_a_round_that_fails_is_made_up_for(whole: WholeHub, officer: Person) -> None:
    home = await whole.home()
    await stalk(whole, officer, home.identity.camera)
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE looks RENAME TO gone")
    assert await causes(whole) == []
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO looks")
    assert await causes(whole) == ["repeat"]
    assert looks.name == "looks"


async def test_a_machine_is_watched_too(whole: WholeHub) -> None:
    home = await whole.home()
    for number in range(5):
        opened = await whole.ask("POST", "incidents", ROBBERY | {"reference": f"CAD-{number}"})
        await whole.look(opened.json["id"], home.identity.camera)
    assert await causes(whole) == ["repeat"]
