"""Two homes, one of them out of the circle (the second one is simulated)."""

from demo.simulated import SimulatedHome
from demo.waiting import until
from tests.e2e.conftest import AWAY, HOME, LIMIT, WholePath


async def test_only_what_is_in_the_circle_is_shown(
    path: WholePath, neighbour: SimulatedHome
) -> None:
    theirs = neighbour.identity.camera
    await path.operator.live(AWAY, bool, "the second home is not live", LIMIT)

    here = await path.operator.cameras(await path.incident(HOME))
    there = await path.operator.cameras(await path.incident(AWAY))
    everywhere = await path.operator.grants(*HOME, 20_000)

    assert [one["camera"] for one in here] == [path.camera]
    assert [one["camera"] for one in there] == [theirs]
    assert [one["camera"] for one in everywhere] == [path.camera, theirs]


async def test_a_look_outside_the_circle_reaches_no_home(
    path: WholePath, neighbour: SimulatedHome
) -> None:
    theirs, incident = neighbour.identity.camera, await path.incident(HOME)
    before = _asked(neighbour)

    outside = await path.operator.look(incident, theirs)
    await path.operator.ask(
        "PATCH", f"/api/v1/incidents/{incident}", {"lat": AWAY[0], "lon": AWAY[1]}
    )
    inside = await path.operator.look(incident, theirs)
    left_behind = await path.operator.look(incident, path.camera)

    assert (outside.status, outside.slug) == (404, "camera-unavailable")
    assert inside.ok
    assert (left_behind.status, left_behind.slug) == (404, "camera-unavailable")
    assert _asked(neighbour) == before + 1


def _asked(home: SimulatedHome) -> int:
    return home.counts.total() - home.counts["receipt"]


async def test_one_home_s_revocation_leaves_the_other(
    path: WholePath, neighbour: SimulatedHome
) -> None:
    await path.resident.switch(path.switch, on=False)
    await path.gone("the grant outlived the owner's switch")

    async def still_there() -> bool:
        return bool(await path.operator.grants(*AWAY, 400))

    await until(still_there, "the other home's grant went too", 1)
    look = await path.operator.look(await path.incident(AWAY), neighbour.identity.camera)
    assert look.ok
