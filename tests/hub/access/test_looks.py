"""A look goes one way: incident, policy, camera, line, home, picture; and stops where it must."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.protocol.geo import Point, distance_m
from hub.protocol.reply import Reply, sign_reply
from hub.protocol.request import Request
from hub.protocol.topics import replies
from hub.protocol.vocabulary import Outcome
from hub.store.tables import looks as looks_table
from tests.hub.waiting import LIMIT
from tests.hub.whole import CAPITOL, Script, WholeHub

AWAY = Point(CAPITOL.lat + 0.02, CAPITOL.lon)


async def test_a_look_relays_the_picture_and_keeps_its_line_without_it(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    seen = await whole.look(incident, home.identity.camera)
    assert seen.status == 200
    assert seen.headers["Content-Type"] == "image/jpeg"
    assert seen.headers["RTCC-Still"] == "live"
    assert seen.body.startswith(b"\xff\xd8")
    (look,) = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    assert look["id"] == seen.headers["RTCC-Look"]
    assert look["outcome"] == "ok"
    assert look["length"] == len(seen.body)
    assert look["camera"] == home.identity.camera
    assert look["asked"] <= look["answered"]
    assert await whole.counted('rtcc_looks_total{outcome="ok"}') == 1


async def test_the_home_learns_who_asks_and_why(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    await whole.look(incident, home.identity.camera)
    request = home.asked.get_nowait()
    assert request.incident.id == incident
    assert request.incident.kind == "robbery"
    assert request.incident.reference == "CAD-2026-1"
    assert request.operator.role == "officer"
    assert request.operator.pseudonym.startswith("officer-")


async def test_what_cannot_be_looked_through_is_all_the_same(whole: WholeHub) -> None:
    """Rule 7: absent, outside, revoked, offline and refused by the owner are one answer."""
    here, there = await whole.home(), await whole.home(AWAY)
    incident = await whole.incident()
    absent = await whole.look(incident, "0123456789abcdef")
    outside = await whole.look(incident, there.identity.camera)
    here.script = lambda _request, reply: replace(
        reply, outcome=Outcome.REFUSED, reason="not_sharing", picture=None
    )
    refused = await whole.look(incident, here.identity.camera)
    here.revoke()
    await whole.until_live(here, live=False)
    revoked = await whole.look(incident, here.identity.camera)
    assert absent.problem == "camera-unavailable"
    assert absent.body == outside.body == refused.body == revoked.body
    assert absent.status == outside.status == refused.status == revoked.status == 404
    looks = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    assert [look["outcome"] for look in looks] == ["refused"] * 4
    for look in looks:
        assert look["reason"] is None
        assert look["answered"] == look["asked"]
    # The reasons are for auditors.
    async with whole.engine.connect() as connection:
        rows = await connection.execute(select(looks_table).order_by(looks_table.c.asked))
        reasons = [row.reason for row in rows]
    assert reasons == ["not_live", "outside_circle", "not_sharing", "not_live"]


@pytest.mark.parametrize("what", ["closed", "revoked", "moved"])
async def test_what_ends_while_the_home_answers_stops_the_picture(
    whole: WholeHub, what: str
) -> None:
    picture = asyncio.Event()
    home = await whole.home()
    held: list[bytes] = []

    def hold(_request: Request, reply: Reply) -> None:
        held.append(sign_reply(home.identity.signer, reply))
        picture.set()

    home.script = hold
    incident = await whole.incident()
    looking = asyncio.create_task(whole.look(incident, home.identity.camera))
    await asyncio.wait_for(picture.wait(), LIMIT)
    request = home.asked.get_nowait()
    match what:
        case "closed":
            await whole.ask("POST", f"incidents/{incident}/close")
        case "revoked":
            home.revoke()
            await whole.until_live(home, live=False)
        case "moved":
            await whole.ask("PATCH", f"incidents/{incident}", {"lat": AWAY.lat})
    home.publish(replies(home.identity.home, request.id), held[0], retain=False)
    answer = await looking
    assert answer.problem == ("incident-closed" if what == "closed" else "camera-unavailable")
    (look,) = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    assert look["outcome"] == "refused"


async def test_a_camera_that_fails_says_how(whole: WholeHub) -> None:
    home = await whole.home(
        script=lambda _request, reply: replace(
            reply, outcome=Outcome.FAILED, reason="camera_off", picture=None
        )
    )
    failed = await whole.look(await whole.incident(), home.identity.camera)
    assert failed.status == 502
    assert failed.problem == "camera-failed"
    assert failed.json["reason"] == "camera_off"


async def test_a_silent_home_is_not_waited_for_for_ever(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.access.asks.REPLY_LIMIT_S", 0.2)
    home = await whole.home(script=lambda _request, _reply: None)
    incident = await whole.incident()
    silent = await whole.look(incident, home.identity.camera)
    assert silent.status == 504
    assert silent.problem == "camera-silent"
    (look,) = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    assert look["outcome"] == "silent"


def tampered(_request: Request, _reply: Reply) -> bytes:
    return b"not a reply"


def for_another_request(_request: Request, reply: Reply) -> Reply:
    return replace(reply, request="another")


def for_another_hub(_request: Request, reply: Reply) -> Reply:
    return replace(reply, hub="another")


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (tampered, "malformed"),
        (for_another_request, "wrong_topic"),
        (for_another_hub, "wrong_audience"),
    ],
)
async def test_a_reply_that_cannot_be_believed_is_none(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch, script: Script, reason: str
) -> None:
    monkeypatch.setattr("hub.access.asks.REPLY_LIMIT_S", 0.3)
    home = await whole.home(script=script)
    answer = await whole.look(await whole.incident(), home.identity.camera)
    assert answer.problem == "camera-silent"
    assert await whole.counted(f'rtcc_messages_refused_total{{reason="{reason}"}}') == 1


async def test_another_home_cannot_answer(whole: WholeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.access.asks.REPLY_LIMIT_S", 0.5)
    home, stranger = await whole.home(script=lambda *_: None), await whole.home(AWAY)
    looking = asyncio.create_task(whole.look(await whole.incident(), home.identity.camera))
    request = await asyncio.wait_for(home.asked.get(), LIMIT)
    stranger.publish(
        f"rtcc/v1/{stranger.identity.home}/replies/{request.id}", b"mine", retain=False
    )
    assert (await looking).problem == "camera-silent"
    assert await whole.counted('rtcc_messages_refused_total{reason="wrong_topic"}') == 1


async def test_a_closed_incident_allows_nothing(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    assert (await whole.ask("POST", f"incidents/{incident}/close")).json["open"] is False
    assert (await whole.look(incident, home.identity.camera)).problem == "incident-closed"
    assert home.asked.empty()


async def test_an_incident_that_nobody_closed_ends_by_the_policy(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    opened = (await whole.ask("GET", f"incidents/{incident}")).json
    assert opened["open"] is True
    whole.clock.moved = timedelta(days=8)
    assert (await whole.look(incident, home.identity.camera)).problem == "incident-closed"
    assert (await whole.ask("GET", f"incidents/{incident}")).json["open"] is False


async def test_a_moved_circle_moves_what_can_be_seen(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    assert (await whole.look(incident, home.identity.camera)).status == 200
    moved = await whole.ask("PATCH", f"incidents/{incident}", {"lat": AWAY.lat})
    assert moved.json["lat"] == AWAY.lat
    assert moved.json["lon"] == CAPITOL.lon
    assert (await whole.look(incident, home.identity.camera)).problem == "camera-unavailable"
    listed = await whole.ask("GET", f"incidents/{incident}/cameras")
    assert listed.json["features"] == []


async def test_cameras_of_an_incident_are_listed_nearest_first(whole: WholeHub) -> None:
    far_place, near_place = (
        Point(CAPITOL.lat + 0.002, CAPITOL.lon),
        Point(CAPITOL.lat + 0.001, CAPITOL.lon),
    )
    far, near = await whole.home(far_place), await whole.home(near_place)
    incident = await whole.incident()
    listed = await whole.ask("GET", f"incidents/{incident}/cameras")
    assert listed.headers["Content-Type"].startswith("application/geo+json")
    features = listed.json["features"]
    assert [feature["properties"]["camera"] for feature in features] == [
        near.identity.camera,
        far.identity.camera,
    ]
    assert features[0]["geometry"]["coordinates"] == [near_place.lon, near_place.lat]
    assert features[0]["properties"]["distance_m"] == pytest.approx(
        distance_m(CAPITOL, near_place), abs=0.1
    )


async def test_no_line_no_look(whole: WholeHub) -> None:
    """If the line cannot be written the home is not asked."""
    home = await whole.home()
    incident = await whole.incident()
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE looks RENAME TO gone")
    answer = await whole.look(incident, home.identity.camera)
    assert answer.status == 503
    assert answer.problem == "store-failed"
    assert home.asked.empty()


async def test_a_refusal_is_listed_the_same_whoever_refused(whole: WholeHub) -> None:
    home = await whole.home(
        script=lambda _request, reply: replace(
            reply, outcome=Outcome.REFUSED, reason="not_granted", picture=None
        )
    )
    incident = await whole.incident()
    for camera in (home.identity.camera, "0123456789abcdef"):
        assert (await whole.look(incident, camera)).problem == "camera-unavailable"
    by_owner, by_nobody = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    own = {"id", "camera", "asked", "answered"}
    assert by_owner["asked"] == by_owner["answered"]
    assert by_nobody["asked"] == by_nobody["answered"]
    assert {name: by_owner[name] for name in by_owner.keys() - own} == {
        name: by_nobody[name] for name in by_nobody.keys() - own
    }
