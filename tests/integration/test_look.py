"""Looks: the home checks each request again by itself."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.core import HomeAssistant
from PIL import Image
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc import look
from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.geo import Circle, Point
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.request import Request, sign_request
from custom_components.jackson_rtcc.protocol.stream import Offer
from custom_components.jackson_rtcc.protocol.tokens import LONGEST, Signer
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Scope, Still
from tests.integration.cameras import PICTURE, FakeCamera, jpeg
from tests.integration.city import CAPITOL, City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol

CAMERA = "c0ffee00c0ffee00"
SWITCH = {"entity_id": "switch.porch_sharing"}


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


def changed(request: Request, **incident: Any) -> Request:
    return replace(request, incident=replace(request.incident, **incident))


async def outcome(city: City, request: Request) -> tuple[Outcome, str | None]:
    await city.ask(request)
    reply = await city.reply(request)
    return reply.outcome, reply.reason


async def test_picture(city: City, grant: Grant, camera: FakeCamera) -> None:
    reply = await city.look(grant)
    assert reply.outcome is Outcome.OK
    assert reply.camera == CAMERA
    assert reply.picture is not None
    assert reply.picture.data == PICTURE
    assert reply.picture.still is Still.LIVE


NEAR = Point(CAPITOL.lat + 0.001, CAPITOL.lon)


@pytest.mark.parametrize(
    ("incident", "reason"),
    [
        ({"kind": "graffiti"}, "kind_not_allowed"),
        ({"circle": Circle(CAPITOL, 801)}, "circle_too_large"),
        ({"circle": Circle(Point(32.4, -90.2), 800)}, "outside_circle"),
        # 111 metres off: the coarse place that the city knows could be inside; this one is not.
        ({"circle": Circle(NEAR, 100)}, "outside_circle"),
        ({"circle": Circle(NEAR, 120)}, None),
    ],
)
async def test_rules_against_the_exact_place(
    city: City, grant: Grant, incident: dict[str, Any], reason: str | None
) -> None:
    result = await outcome(city, changed(city.request(grant), **incident))
    assert result == ((Outcome.REFUSED, reason) if reason else (Outcome.OK, None))


@pytest.mark.parametrize("minutes", [-10, 121])
async def test_incident_of_another_time(city: City, grant: Grant, minutes: int) -> None:
    opened = city.now - timedelta(minutes=minutes)
    result = await outcome(city, changed(city.request(grant), opened=opened))
    assert result[0] is Outcome.REFUSED
    assert result[1] in ("incident_not_open", "incident_too_old")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"camera": "0123456789abcdef"}, "not_granted"),
        ({"grant": "another"}, "not_granted"),
        ({"policy": "another"}, "policy_changed"),
        ({"action": Scope.STREAM, "offer": Offer("v=0")}, "scope_not_granted"),
        ({"action": Scope.CLIP}, "scope_not_allowed"),
    ],
)
async def test_refused(city: City, grant: Grant, changes: dict[str, Any], reason: str) -> None:
    assert await outcome(city, city.request(grant, **changes)) == (Outcome.REFUSED, reason)


async def test_used_once(
    city: City, grant: Grant, camera: FakeCamera, caplog: pytest.LogCaptureFixture
) -> None:
    request = city.request(grant)
    await city.ask(request)
    assert (await city.reply(request)).outcome is Outcome.OK
    city.messages.clear()
    assert await outcome(city, request) == (Outcome.REFUSED, "replayed")
    assert camera.times == 1
    assert caplog.text.count("replayed") == 1


async def test_delivered_twice_while_busy(city: City, grant: Grant, camera: FakeCamera) -> None:
    """The broker may deliver a request twice; the first is answered, as if there was no second."""
    camera.hold = asyncio.Event()
    request = city.request(grant)
    await city.ask(request)
    await camera.asked.wait()
    await city.ask(request)
    other = city.request(grant, grant="another")
    assert await outcome(city, other) == (Outcome.REFUSED, "not_granted")
    camera.hold.set()
    assert (await city.reply(request)).outcome is Outcome.OK
    answers = [topic for topic, _ in city.history if topic.endswith(request.id)]
    assert len(answers) == 1


@pytest.mark.parametrize(("seconds", "reason"), [(-31, "expired"), (90, "clock")])
async def test_clocks_differ(city: City, grant: Grant, seconds: int, reason: str) -> None:
    request = city.request(grant, issued=city.now + timedelta(seconds=seconds))
    assert await outcome(city, request) == (Outcome.REFUSED, reason)


async def test_forged_is_not_answered(
    city: City, grant: Grant, camera: FakeCamera, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = Signer(Ed25519PrivateKey.generate())
    forged = [
        sign_request(stranger, city.request(grant)),
        sign_request(city.signer, city.request(grant, hub="another")),
        sign_request(city.signer, city.request(grant, home="another")),
        sign_request(city.signer, city.request(grant))[:-4] + "AAAA",
        "rubbish",
        "x" * (LONGEST + 1),
    ]
    for token in forged * 2:
        await city.publish(topics.requests(grant.home), token)
    assert (await city.look(grant)).outcome is Outcome.OK
    assert len([topic for topic, _ in city.history if "/replies/" in topic]) == 1
    assert camera.times == 1
    # Once for each reason and minute.
    reasons = ["unknown_key", "wrong_issuer", "wrong_audience", "bad_signature", "oversized"]
    for reason in reasons:
        assert caplog.text.count(f"not believed: {reason}") == 1


async def test_signed_but_senseless_with_a_wrong_clock(city: City, grant: Grant) -> None:
    """Out of time and without a usable id: there is nowhere to answer to."""
    request = city.request(grant, issued=city.now - timedelta(minutes=5), id="a/b")
    await city.publish(topics.requests(grant.home), sign_request(city.signer, request))
    assert (await city.look(grant)).outcome is Outcome.OK


async def test_taken_back_while_the_camera_is_busy(
    hass: HomeAssistant, city: City, grant: Grant, camera: FakeCamera
) -> None:
    camera.hold = asyncio.Event()
    request = city.request(grant)
    await city.ask(request)
    await camera.asked.wait()
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    camera.hold.set()
    reply = await city.reply(request)
    assert (reply.outcome, reply.reason) == (Outcome.REFUSED, "not_granted")


async def test_looks_at_the_same_time_share_a_picture(
    city: City, grant: Grant, camera: FakeCamera
) -> None:
    camera.hold = asyncio.Event()
    requests = [city.request(grant) for _ in range(3)]
    for request in requests:
        await city.ask(request)
    refused = city.request(grant, grant="another")
    assert await outcome(city, refused) == (Outcome.REFUSED, "not_granted")
    camera.hold.set()
    for request in requests:
        assert (await city.reply(request)).outcome is Outcome.OK
    assert camera.times == 1


async def test_a_picture_from_before_does_not_answer_a_look_from_after(
    hass: HomeAssistant, city: City, grant: Grant, camera: FakeCamera
) -> None:
    """The owner took the camera back and lent it again while it was busy."""
    camera.hold = asyncio.Event()
    before = city.request(grant)
    await city.ask(before)
    await camera.asked.wait()
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    await hass.services.async_call("switch", "turn_on", SWITCH, blocking=True)
    camera.asked.clear()
    after = city.request(await city.until_granted(grant.home, CAMERA, after=grant.seq))
    await city.ask(after)
    await camera.asked.wait()
    camera.hold.set()
    assert (await city.reply(before)).outcome is Outcome.REFUSED
    assert (await city.reply(after)).outcome is Outcome.OK


async def test_too_many_at_once(
    city: City, grant: Grant, camera: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "MOST_WAITING", 1)
    camera.hold = asyncio.Event()
    first = city.request(grant)
    await city.ask(first)
    assert await outcome(city, city.request(grant)) == (Outcome.REFUSED, "busy")
    camera.hold.set()
    assert (await city.reply(first)).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (None, "camera_failed"),
        (b"rubbish", "camera_rubbish"),
        (RuntimeError("broken"), "camera_failed"),
    ],
)
async def test_camera_fails(
    city: City,
    grant: Grant,
    camera: FakeCamera,
    image: bytes | Exception | None,
    reason: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    camera.image = image
    reply = await city.look(grant)
    assert (reply.outcome, reply.reason) == (Outcome.FAILED, reason)
    assert reason in caplog.text


async def test_camera_off_or_unavailable(
    hass: HomeAssistant, city: City, grant: Grant, camera: FakeCamera
) -> None:
    camera._attr_is_on = False
    assert (await city.look(grant)).reason == "camera_off"
    hass.states.async_set("camera.porch", "unavailable")
    # What is not there is not granted.
    assert (await city.look(grant)).reason == "not_granted"


async def test_masked_while_the_camera_is_busy(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, camera: FakeCamera
) -> None:
    """A picture that was asked for before the mask does not leave, to this look or to another."""
    camera.hold = asyncio.Event()
    first, second = city.request(grant), city.request(grant)
    await city.ask(first)
    await camera.asked.wait()
    (added,) = home.subentries.values()
    masked = {**added.data, "mask": ["0,0 1,0 1,1 0,1"]}
    hass.config_entries.async_update_subentry(home, added, data=masked)
    camera.asked.clear()
    await city.ask(second)
    await camera.asked.wait()
    camera.hold.set()
    reply = await city.reply(first)
    assert (reply.outcome, reply.reason) == (Outcome.REFUSED, "not_sharing")
    picture = (await city.reply(second)).picture
    assert picture is not None
    with Image.open(BytesIO(picture.data)) as image:
        assert image.convert("L").getextrema() == (0, 0)


async def test_a_stream_that_the_camera_does_not_give_is_not_granted(
    hass: HomeAssistant, city: City, camera: FakeCamera
) -> None:
    data = share_data(hass, scopes=["snapshot", "stream"])
    entry = await enrol(hass, city, [subentry(data)])
    assert await hass.config_entries.async_setup(entry.entry_id)
    granted = await city.until_granted(entry.data["home"], CAMERA)
    assert granted.scopes == {Scope.SNAPSHOT}
    request = city.request(granted, action=Scope.STREAM, offer=Offer("v=0"))
    assert await outcome(city, request) == (Outcome.REFUSED, "scope_not_granted")


async def test_unload_while_the_camera_is_busy(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, camera: FakeCamera
) -> None:
    camera.hold = asyncio.Event()
    await city.ask(city.request(grant))
    await camera.asked.wait()
    assert await hass.config_entries.async_unload(home.entry_id)


async def test_each_camera_gives_its_own(
    hass: HomeAssistant, city: City, camera: FakeCamera
) -> None:
    (yard,) = await add_cameras(hass, FakeCamera("Yard", "yard"), domain="other")
    yard.image = jpeg(colour="green")
    second = share_data(hass, "camera.yard", camera="feedfacefeedface", name="Yard")
    entry = await enrol(hass, city, [subentry(share_data(hass)), subentry(second)])
    assert await hass.config_entries.async_setup(entry.entry_id)
    for id_, image in ((CAMERA, PICTURE), ("feedfacefeedface", yard.image)):
        reply = await city.look(await city.until_granted(entry.data["home"], id_))
        assert reply.picture is not None
        assert reply.picture.data == image


async def test_before_its_hours(hass: HomeAssistant, city: City, camera: FakeCamera) -> None:
    """A grant is published ahead; it opens nothing before its time."""
    await hass.config.async_set_time_zone("UTC")
    begins = city.now + timedelta(minutes=5)
    hours = {
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
        "start": f"{begins:%H:%M:%S}",
        "end": f"{begins + timedelta(hours=2):%H:%M:%S}",
    }
    entry = await enrol(hass, city, [subentry(share_data(hass, hours=hours))])
    assert await hass.config_entries.async_setup(entry.entry_id)
    ahead = await city.until_granted(entry.data["home"], CAMERA)
    assert ahead.starts > city.now
    assert (await city.look(ahead)).reason == "not_sharing"
