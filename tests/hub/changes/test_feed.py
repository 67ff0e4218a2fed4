"""The change feed: all at once, then each change, for whoever may know of it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from hub.changes import city
from hub.incidents.incidents import Incidents
from hub.protocol.geo import Circle
from hub.protocol.reply import Reply
from hub.protocol.request import Request
from hub.protocol.vocabulary import Outcome, Role
from hub.transparency.log import AccessLog
from tests.hub.changes.listening import listening
from tests.hub.whole import CAPITOL, WholeHub

FAR = timedelta(hours=2)


async def test_it_begins_with_everything(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    assert (await whole.look(incident, home.identity.camera)).status == 200
    async with listening(whole) as ear:
        kind, value = await ear.next()
    assert kind == "everything"
    (camera,) = value["cameras"]
    assert camera | {"starts": "", "ends": "", "name": ""} == {
        "camera": home.identity.camera,
        "name": "",
        "site": "home",
        "scopes": ["snapshot"],
        "gate": "incident",
        "accuracy_m": camera["accuracy_m"],
        "live": False,
        "still": "live",
        "still_every_s": camera["still_every_s"],
        "starts": "",
        "ends": "",
        "lat": CAPITOL.lat,
        "lon": CAPITOL.lon,
    } | {name: camera[name] for name in ("bearing", "fov") if name in camera}
    (told,) = value["incidents"]
    assert told == (await whole.ask("GET", f"incidents/{incident}")).json
    (look,) = value["looks"]
    assert (look["incident"], look["camera"], look["outcome"]) == (
        incident,
        home.identity.camera,
        "ok",
    )
    assert look["ended"] >= look["asked"]
    assert (value["sightings"], value["messages"], value["waiting"]) == ([], [], [])
    assert value["open_reviews"] == 0


async def test_it_says_each_second_that_it_is_there(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        first = await ear.until("beat")
        second = await ear.until("beat")
    assert second["now"] > first["now"]


async def test_a_camera_comes_changes_and_goes(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        assert (await ear.until("everything"))["cameras"] == []
        home = await whole.home(live=False)
        came = await ear.until("cameras", gone=[])
        assert [one["camera"] for one in came["live"]] == [home.identity.camera]
        home.revoke()
        await ear.until("cameras", live=[], gone=[home.identity.camera])


async def test_a_grant_that_ends_by_time_alone_is_gone_at_once(whole: WholeHub) -> None:
    home = await whole.home()
    async with listening(whole) as ear:
        await ear.until("everything")
        whole.clock.moved = FAR
        # The session of the token goes on: it has a year.
        await ear.until("cameras", live=[], gone=[home.identity.camera])


async def test_an_incident_is_told_when_it_opens_moves_and_closes(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
        incident = await whole.incident()
        opened = await ear.until("incident", id=incident)
        assert (opened["open"], opened["radius_m"]) == (True, 400)
        await whole.ask("PATCH", f"incidents/{incident}", {"radius_m": 200})
        await ear.until("incident", id=incident, radius_m=200)
        await whole.ask("POST", f"incidents/{incident}/close")
        await ear.until("incident", id=incident, open=False)


async def test_a_look_is_told_when_it_is_over(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    async with listening(whole) as ear:
        await ear.until("everything")
        assert (await whole.look(incident, home.identity.camera)).status == 200
        look = await ear.until("look")
    (listed,) = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    assert {name: look[name] for name in ("id", "camera", "pseudonym", "asked", "outcome")} == {
        name: listed[name] for name in ("id", "camera", "pseudonym", "asked", "outcome")
    }


async def test_an_auditor_hears_of_incidents_only(whole: WholeHub) -> None:
    await whole.home()
    auditor = await whole.operator(Role.AUDITOR)
    async with listening(whole, auditor) as ear:
        value = await ear.until("everything")
        assert value["cameras"] == []
        await whole.home(CAPITOL)
        incident = await whole.incident()
        await ear.until("incident", id=incident)
    assert not {"cameras", "look", "waiting", "reviews"} & {kind for kind, _ in ear.heard}


async def test_an_administrator_does_not_hear_it(whole: WholeHub) -> None:
    headers = await whole.operator(Role.ADMINISTRATOR)
    assert (await whole.ask("GET", "changes", headers=headers)).problem == "forbidden"


async def test_many_cameras_are_told_in_one_message(whole: WholeHub) -> None:
    async with listening(whole) as ear:
        await ear.until("everything")
        homes = await asyncio.gather(*(whole.home() for _ in range(4)))
        seen: set[str] = set()
        while len(seen) < len(homes):
            seen |= {one["camera"] for one in (await ear.until("cameras"))["live"]}
    assert seen == {home.identity.camera for home in homes}


async def test_who_refused_is_not_told(whole: WholeHub) -> None:
    def refuse(_request: Request, reply: Reply) -> Reply:
        return replace(reply, outcome=Outcome.REFUSED, reason="not_sharing", picture=None)

    refusing, gone, giving = [await whole.home() for _ in range(3)]
    refusing.script = refuse
    incident = await whole.incident()
    async with listening(whole) as ear:
        await ear.until("everything")
        gone.revoke()
        await whole.until_live(gone, live=False)
        answers = [await whole.look(incident, one.identity.camera) for one in (refusing, gone)]
        assert {answer.problem for answer in answers} == {"camera-unavailable"}
        assert (await whole.look(incident, giving.identity.camera)).status == 200
        look = await ear.until("look")
    assert look["camera"] == giving.identity.camera


async def test_1500_cameras_are_one_message(whole: WholeHub) -> None:
    cameras = whole.hub._cameras
    home = await whole.home()
    held = cameras.held(home.identity.camera)
    assert held is not None
    assert held.grant is not None
    for number in range(1_500):
        camera = f"camera-{number}"
        other = replace(held.grant, camera=camera, home=f"home-{number // 100}")
        cameras.reserve(camera, other, b"")
        cameras.set_online(other.home, online=True)
        cameras.admit(camera)
    async with listening(whole) as ear:
        kind, value = await ear.next()
        assert kind == "everything"
        assert len(value["cameras"]) == 1_501
        for number in range(15):
            cameras.set_online(f"home-{number}", online=False)
        changed = await ear.until("cameras", live=[])
        assert len(changed["gone"]) == 1_500


async def test_what_another_process_wrote_is_told_too(whole: WholeHub) -> None:
    parts = whole.hub._parts
    log = AccessLog(whole.engine, parts.signer, whole.clock)
    await log.load()
    incidents = Incidents(whole.engine, log, parts.policy)
    caller = await whole.tokens.authenticate(whole.bearer, whole.clock())
    async with listening(whole) as ear:
        await ear.until("everything")
        circle = Circle(CAPITOL, 100)
        record = await incidents.open("robbery", "CAD-9", circle, caller, whole.clock())
        await ear.until("incident", id=record.incident.id)
        await incidents.close(record.incident.id, caller, whole.clock())
        await ear.until("incident", id=record.incident.id, open=False)


async def test_an_incident_that_ends_by_itself_is_told(whole: WholeHub) -> None:
    incident = await whole.incident()
    async with listening(whole) as ear:
        assert (await ear.until("everything"))["incidents"][0]["open"] is True
        whole.clock.moved = timedelta(days=2)
        await ear.until("incident", id=incident, open=False)


async def test_looks_are_not_kept_without_end(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city, "MOST_LOOKS", 2)
    home, incident = await whole.home(), await whole.incident()
    async with listening(whole) as ear:
        await ear.until("everything")
        for _ in range(4):
            assert (await whole.look(incident, home.identity.camera)).status == 200
            await ear.until("look")
    newest = [value["id"] for kind, value in ear.heard if kind == "look"][-2:]
    async with listening(whole) as again:
        told = (await again.until("everything"))["looks"]
    assert [look["id"] for look in told] == newest
