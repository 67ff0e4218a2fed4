"""The bridge with Home Assistant's own integrations and their libraries, up to their clouds."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc.bridge import Answered, Bridge, BridgeError, player_of
from custom_components.jackson_rtcc.protocol.stream import Candidate, IceServer, Offer, Player
from tests.integration import ring_cloud
from tests.integration import sdp_samples as sdp
from tests.integration.conftest import add_cameras
from tests.integration.go2rtc_server import Go2rtcServer
from tests.integration.ring_socket import TICKET, Signalling
from tests.integration.sdp_samples import HOST, REFLEXIVE, attributes
from tests.integration.webrtc_cameras import GO2RTC_H265, RtspCamera

RING = "camera.front_door_live_view"
TURN = IceServer(("turn:turn.city.test:3478",), "1999999999:look", "secret")


class Looker:
    """Whoever looks through a camera."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        registered = er.async_get(hass).async_get(entity_id)
        assert registered is not None
        self._hass = hass
        self._bridge = Bridge(hass)
        self.entity = registered.id
        self.late: list[Candidate] = []
        self.failed: list[str] = []

    def opening(self, asked: str | None = None) -> asyncio.Task[Answered]:
        return self._hass.async_create_task(
            self._bridge.open(
                self.entity,
                "look1",
                Offer(asked or sdp.offer(), (TURN,)),
                relay_only=False,
                late=self.late.extend,
                failed=self.failed.append,
            )
        )


# go2rtc


@pytest.fixture
async def go2rtc(hass: HomeAssistant, socket_enabled: None) -> AsyncGenerator[Go2rtcServer]:
    server, runner = await Go2rtcServer.start()
    await add_cameras(hass, RtspCamera())
    # Asked for by `default_config:` too, which loads much more.
    assert await async_setup_component(hass, "go2rtc", {"go2rtc": {"url": server.url}})
    await hass.async_block_till_done(wait_background_tasks=True)
    yield server
    await hass.async_stop(force=True)
    await runner.cleanup()


async def test_go2rtc(hass: HomeAssistant, go2rtc: Go2rtcServer) -> None:
    go2rtc.trickled = (HOST, REFLEXIVE)
    looker = Looker(hass, "camera.porch")
    assert player_of(hass, looker.entity, relay_only=False) == Player()
    answered = await looker.opening(sdp.description(sdp.audio(), sdp.video()))
    (offer,) = go2rtc.offers
    assert "a=inactive" in attributes(offer["sdp"])["audio"]
    assert offer["ice_servers"][-1] == {
        "urls": [*TURN.urls],
        "username": TURN.username,
        "credential": TURN.credential,
    }
    assert {HOST, REFLEXIVE} <= {line[2:] for line in answered.sdp.split("\r\n")}
    answered.add((Candidate(HOST, "1", 1),))
    assert await go2rtc.candidates.get() == HOST
    answered.close()
    await asyncio.wait_for(go2rtc.no_viewers.wait(), 5)


async def test_go2rtc_with_h265_alone(hass: HomeAssistant, go2rtc: Go2rtcServer) -> None:
    go2rtc.error = GO2RTC_H265
    with pytest.raises(BridgeError) as raised:
        await Looker(hass, "camera.porch").opening()
    assert raised.value.reason == "codec_unsupported"
    await asyncio.wait_for(go2rtc.no_viewers.wait(), 5)


async def test_go2rtc_that_is_slow_gets_no_viewer_that_has_left(
    hass: HomeAssistant, go2rtc: Go2rtcServer
) -> None:
    go2rtc.slow = asyncio.Event()
    go2rtc.asked.clear()
    task = Looker(hass, "camera.porch").opening()
    await go2rtc.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go2rtc.slow.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not go2rtc.offers


# Ring


@pytest.fixture
async def ring(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Signalling:
    """Set up Home Assistant's Ring, whose library asks a cloud of ours."""
    signalling = Signalling()
    monkeypatch.setattr("homeassistant.components.ring.Auth", ring_cloud.Cloud)
    monkeypatch.setattr(
        "homeassistant.components.ring.coordinator.RingEventListener", ring_cloud.Listener
    )
    monkeypatch.setitem(ring_cloud.ANSWERS, TICKET, {"ticket": "t"})
    monkeypatch.setattr("ring_doorbell.webrtcstream.connect", signalling.connect)
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\necho ffmpeg version 8.0\n")
    program.chmod(0o700)
    assert await async_setup_component(hass, "ffmpeg", {"ffmpeg": {"ffmpeg_bin": str(program)}})
    entry = MockConfigEntry(
        domain="ring",
        version=1,
        minor_version=3,
        data={"username": "owner@ring.test", "token": {"access_token": "x"}, "device_id": "d1"},
    )
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return signalling


async def test_ring(hass: HomeAssistant, ring: Signalling) -> None:
    """Its library mends the first line of an answer only, which is not the one with video."""
    looker = Looker(hass, RING)
    assert player_of(hass, looker.entity, relay_only=False) == Player(audio=True)
    answered = await looker.opening(sdp.description(sdp.audio(), sdp.video()))
    found = attributes(answered.sdp)
    assert "a=inactive" in found["audio"]
    assert "a=sendonly" in found["video"]
    assert "sendrecv" not in answered.sdp
    assert f"a={REFLEXIVE}" in found["video"]
    (socket,) = ring.sockets
    assert "a=inactive" in attributes(socket.sent[0]["body"]["sdp"])["audio"]
    answered.add((Candidate(HOST, "1"),))
    await hass.async_block_till_done(wait_background_tasks=False)
    assert [each["body"]["mlineindex"] for each in socket.sent if each["method"] == "ice"] == [1]
    answered.close()
    await asyncio.wait_for(socket.closed.wait(), 5)


async def test_ring_that_is_slow_shows_nothing_to_who_has_left(
    hass: HomeAssistant, ring: Signalling
) -> None:
    """A doorbell that is woken for nobody would ring nobody either (core#177014)."""
    ring.slow = asyncio.Event()
    task = Looker(hass, RING).opening(sdp.description(sdp.audio(), sdp.video()))
    await ring.connecting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    ring.slow.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not any("live_view" in socket.methods() for socket in ring.sockets)


async def test_ring_without_a_ticket(
    hass: HomeAssistant, ring: Signalling, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ring_cloud.ANSWERS, TICKET, {})
    with pytest.raises(BridgeError) as raised:
        await Looker(hass, RING).opening(sdp.description(sdp.audio(), sdp.video()))
    assert raised.value.reason == "camera_failed"
