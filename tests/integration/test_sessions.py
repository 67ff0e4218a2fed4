"""Sessions: a stream goes on only while its lease and the owner's word last, and ends but once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.request import Request
from custom_components.jackson_rtcc.protocol.session import Act
from custom_components.jackson_rtcc.protocol.stream import LEASE
from custom_components.jackson_rtcc.protocol.tokens import Signer
from custom_components.jackson_rtcc.session_rule import End
from tests.integration.city import POLICY, City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol
from tests.integration.streaming import (
    StreamingCamera,
    ask_to_stream,
    close,
    ended,
    renew,
    say,
    watch,
    words,
)
from tests.integration.waiting import until_idle, until_state

CAMERA = "c0ffee00c0ffee00"
SUBENTRY = "subentry-c0ffee"
SWITCH = {"entity_id": "switch.porch_sharing"}
VIEWED = "binary_sensor.porch_being_viewed"
EVENT = "event.porch_access"


@pytest.fixture
async def camera(hass: HomeAssistant) -> StreamingCamera:
    camera = StreamingCamera()
    await add_cameras(hass, camera)
    return camera


@pytest.fixture
async def entry(hass: HomeAssistant, city: City, camera: StreamingCamera) -> MockConfigEntry:
    data = share_data(hass, scopes=["snapshot", "stream"], nobody_home=False)
    return await enrol(hass, city, [subentry(data)])


@dataclass
class Scene:
    """A stream that is under way, and everybody who could end it."""

    hass: HomeAssistant
    city: City
    entry: MockConfigEntry
    camera: StreamingCamera
    grant: Grant
    request: Request

    async def move(self, freezer: FrozenDateTimeFactory, seconds: float) -> None:
        """Let time pass."""
        await until_idle(self.entry.runtime_data)
        freezer.tick(seconds)
        async_fire_time_changed(self.hass, dt_util.utcnow())
        await self.hass.async_block_till_done()

    async def renewed(self) -> None:
        """Renew, and return when the home has heard it: it answers a look that came after."""
        await renew(self.city, self.request)
        await self.city.look(self.grant, grant="another")

    @property
    def goes_on(self) -> bool:
        return self.camera.kept.closed == [] and len(self.entry.runtime_data.sessions) == 1


@pytest.fixture
async def scene(
    hass: HomeAssistant, city: City, home: MockConfigEntry, camera: StreamingCamera
) -> Scene:
    grant = await city.until_granted(home.data["home"], CAMERA)
    request = await watch(city, grant)
    await until_state(hass, VIEWED, "on")
    return Scene(hass, city, home, camera, grant, request)


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None
    return state


# What the owner does


async def switch_off(scene: Scene) -> None:
    await scene.hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)


async def off_and_on_again(scene: Scene) -> None:
    await switch_off(scene)
    await scene.hass.services.async_call("switch", "turn_on", SWITCH, blocking=True)


async def revoke_everything(scene: Scene) -> None:
    await scene.hass.services.async_call("jackson_rtcc", "revoke_all", {}, blocking=True)


async def change(scene: Scene, **data: Any) -> None:
    (share,) = scene.entry.subentries.values()
    changed = {**share.data, **data}
    scene.hass.config_entries.async_update_subentry(scene.entry, share, data=changed)
    await scene.hass.async_block_till_done()


async def mask(scene: Scene) -> None:
    await change(scene, mask=["0,0 1,0 1,1"])


async def take_live_video_out(scene: Scene) -> None:
    await change(scene, scopes=["snapshot"])


async def somebody_must_be_out(scene: Scene) -> None:
    await change(scene, nobody_home=True)


async def remove_the_camera(scene: Scene) -> None:
    scene.hass.config_entries.async_remove_subentry(scene.entry, SUBENTRY)


async def lose_the_camera(scene: Scene) -> None:
    scene.hass.states.async_set("camera.porch", "unavailable")


async def other_rules(scene: Scene) -> None:
    """The city changes its rules, and the owner has not accepted them."""
    scene.city.change_rules(policy={**POLICY, "version": "2"})
    await scene.entry.runtime_data.standing.check()


@pytest.mark.parametrize(
    "end",
    [
        switch_off,
        off_and_on_again,
        revoke_everything,
        mask,
        take_live_video_out,
        somebody_must_be_out,
        remove_the_camera,
        lose_the_camera,
        other_rules,
    ],
)
async def test_the_owner_ends_it(scene: Scene, end: Callable[[Scene], Awaitable[None]]) -> None:
    await end(scene)
    word = await ended(scene.city, scene.request)
    assert word.reason in ("not_sharing", "not_granted")
    assert scene.camera.kept.closed == [scene.request.id]
    assert len(scene.entry.runtime_data.sessions) == 0


async def test_the_end_is_seen(scene: Scene) -> None:
    announced = async_capture_events(scene.hass, "jackson_rtcc_look")
    await switch_off(scene)
    word = await ended(scene.city, scene.request)
    await scene.hass.async_block_till_done()
    assert state_of(scene.hass, VIEWED).state == "off"
    event = state_of(scene.hass, EVENT).attributes
    assert (event["event_type"], event["reason"]) == ("stream_ended", word.reason)
    (over,) = announced
    assert over.data["type"] == "stream_ended"
    assert over.data["seconds"] == word.seconds
    assert over.data["operator"] == "o1"
    (look,) = scene.entry.runtime_data.ledger.looks
    assert (look.outcome, look.reason, look.seconds) == ("ok", word.reason, word.seconds)


async def test_another_camera_goes_on(
    hass: HomeAssistant, city: City, camera: StreamingCamera
) -> None:
    yard = StreamingCamera("Yard", "yard")
    await add_cameras(hass, yard, domain="other")
    both: Any = {"scopes": ["snapshot", "stream"]}
    second = share_data(hass, "camera.yard", camera="feedfacefeedface", name="Yard", **both)
    entry = await enrol(hass, city, [subentry(share_data(hass, **both)), subentry(second)])
    assert await hass.config_entries.async_setup(entry.entry_id)
    requests = [
        await watch(city, await city.until_granted(entry.data["home"], id_))
        for id_ in (CAMERA, "feedfacefeedface")
    ]
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    await ended(city, requests[0])
    assert camera.kept.closed == [requests[0].id]
    assert yard.kept.closed == []


# What goes on


async def test_it_goes_on_when_its_grant_is_renewed(scene: Scene) -> None:
    shares = scene.entry.runtime_data.shares
    held = shares._held[SUBENTRY]
    shares._held[SUBENTRY] = replace(held, renewal=dt_util.utcnow())
    for _ in range(2):
        shares.settle()
        shares._held[SUBENTRY] = replace(shares._held[SUBENTRY], renewal=dt_util.utcnow())
    await scene.city.until_granted(scene.grant.home, CAMERA, after=scene.grant.seq)
    assert shares.granted(SUBENTRY, scene.grant.jti) is None
    assert scene.goes_on


async def test_it_goes_on_when_everything_is_granted_anew(scene: Scene) -> None:
    """As when the hub has seen higher numbers."""
    scene.entry.runtime_data.shares.start_over()
    await scene.city.until_granted(scene.grant.home, CAMERA, after=scene.grant.seq)
    assert scene.goes_on


# The lease


async def test_nobody_renews(scene: Scene, freezer: FrozenDateTimeFactory) -> None:
    await scene.move(freezer, LEASE.total_seconds() - 5)
    assert scene.goes_on
    await scene.move(freezer, 6)
    word = await ended(scene.city, scene.request)
    assert word.reason == "lease_over"
    assert word.seconds is not None
    assert word.seconds >= LEASE.total_seconds()
    assert scene.camera.kept.closed == [scene.request.id]


async def test_renewed(scene: Scene, freezer: FrozenDateTimeFactory) -> None:
    for _ in range(3):
        await scene.move(freezer, 40)
        await scene.renewed()
    assert scene.goes_on
    await scene.move(freezer, 61)
    assert (await ended(scene.city, scene.request)).reason == "lease_over"


async def test_a_renewal_said_again_gives_nothing(
    scene: Scene, freezer: FrozenDateTimeFactory
) -> None:
    until = scene.city.now + LEASE
    await scene.move(freezer, 25)
    # Word for word what gave the lease at the beginning.
    await say(scene.city, scene.request, Act.RENEW, until=until)
    await scene.city.look(scene.grant, grant="another")
    await scene.move(freezer, 36)
    assert (await ended(scene.city, scene.request)).reason == "lease_over"


async def test_only_the_hub_renews_and_closes(
    scene: Scene, freezer: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = Signer(Ed25519PrivateKey.generate())
    await scene.move(freezer, 30)
    until = scene.city.now + LEASE
    await say(scene.city, scene.request, Act.RENEW, stranger, until=until)
    await say(scene.city, scene.request, Act.CLOSE, stranger, reason="closed")
    await say(scene.city, scene.request, Act.ENDED, reason="closed", seconds=1)
    await scene.city.look(scene.grant, grant="another")
    assert scene.goes_on
    assert caplog.text.count("A word on a stream was not believed: unknown_key") == 1
    await scene.move(freezer, 31)
    assert (await ended(scene.city, scene.request)).reason == "lease_over"


async def test_no_session_outlives_the_rules(
    scene: Scene, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = scene.entry.runtime_data.sessions
    policy = replace(sessions._policy, stream=timedelta(seconds=100))
    monkeypatch.setattr(sessions, "_policy", policy)
    for _ in range(2):
        await scene.move(freezer, 45)
        await scene.renewed()
    assert scene.goes_on
    await scene.move(freezer, 12)
    assert (await ended(scene.city, scene.request)).reason == "longest"


async def test_no_session_outlives_its_incident(
    scene: Scene, request: pytest.FixtureRequest
) -> None:
    old = ask_to_stream(scene.city, scene.grant)
    opened = scene.city.now - timedelta(seconds=7200 - 30)
    old = replace(old, incident=replace(old.incident, opened=opened))
    await scene.city.ask(old)
    assert (await scene.city.reply(old)).answer is not None
    # Not before: nothing that waits for a while gets on in frozen time.
    await scene.move(request.getfixturevalue("freezer"), 31)
    assert (await ended(scene.city, old)).reason == "longest"
    assert scene.camera.kept.closed == [old.id]


async def test_a_clock_that_is_set_back_lengthens_no_lease(
    scene: Scene, freezer: FrozenDateTimeFactory
) -> None:
    await until_idle(scene.entry.runtime_data)
    freezer.tick(-10)
    scene.entry.runtime_data.shares.settle()
    assert scene.camera.kept.closed == [scene.request.id]


async def test_a_clock_that_is_set_back_stops_no_timer(
    scene: Scene, freezer: FrozenDateTimeFactory
) -> None:
    await until_idle(scene.entry.runtime_data)
    scene.entry.runtime_data.shares.changed = lambda: None
    freezer.tick(-3_600)
    async_fire_time_changed(scene.hass, dt_util.utcnow() + LEASE + timedelta(seconds=1))
    await scene.hass.async_block_till_done()
    assert scene.camera.kept.closed == [scene.request.id]


# How else it ends


async def test_the_hub_closes_it(scene: Scene) -> None:
    await close(scene.city, scene.request)
    assert (await ended(scene.city, scene.request)).reason == "closed"
    await close(scene.city, scene.request)
    await scene.city.look(scene.grant, grant="another")
    assert scene.camera.kept.closed == [scene.request.id]
    assert len(words(scene.city, scene.request)) == 1


async def test_the_camera_gives_up(scene: Scene) -> None:
    scene.camera.give_up(scene.request.id)
    assert (await ended(scene.city, scene.request)).reason == "camera_failed"
    assert scene.camera.kept.closed == [scene.request.id]
    await until_state(scene.hass, VIEWED, "off")


async def test_the_link_is_lost(scene: Scene) -> None:
    await scene.city.stop_broker()
    await until_state(scene.hass, VIEWED, "off")
    assert scene.camera.kept.closed == [scene.request.id]
    (look,) = scene.entry.runtime_data.ledger.looks
    assert look.reason == "disconnected"


@pytest.mark.parametrize("crashed", [True, False])
async def test_a_hub_that_did_not_hear_of_the_end_hears_it_when_it_renews(
    scene: Scene, crashed: bool
) -> None:
    sessions = scene.entry.runtime_data.sessions
    if crashed:
        sessions._sessions.clear()
    else:
        sessions.publish, publish = lambda _topic, _payload: None, sessions.publish
        sessions.end_all(End.DISCONNECTED)
        sessions.publish = publish
    assert words(scene.city, scene.request) == []
    await renew(scene.city, scene.request)
    word = await ended(scene.city, scene.request)
    assert word.reason == ("stopping" if crashed else "disconnected")
    assert word.seconds is not None
    assert word.seconds < 10


async def test_the_entry_is_unloaded(scene: Scene) -> None:
    assert await scene.hass.config_entries.async_unload(scene.entry.entry_id)
    assert scene.camera.kept.closed == [scene.request.id]
    assert (await ended(scene.city, scene.request)).reason == "stopping"


async def test_home_assistant_stops(scene: Scene) -> None:
    scene.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    assert (await ended(scene.city, scene.request)).reason == "stopping"
    assert scene.camera.kept.closed == [scene.request.id]


async def test_none_begins_while_the_home_stops(scene: Scene) -> None:
    home = scene.entry.runtime_data
    await home.sessions.close()
    request = ask_to_stream(scene.city, scene.grant)
    await scene.city.ask(request)
    reply = await scene.city.reply(request)
    assert (reply.outcome, reply.reason) == ("refused", "stopping")
