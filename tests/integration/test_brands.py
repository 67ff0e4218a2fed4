"""Cameras of Home Assistant's own integrations, set up for real and shared through ours."""

import asyncio
from collections.abc import AsyncGenerator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from PIL import Image
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc.capabilities import Capabilities, capabilities
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.reply import Picture
from custom_components.jackson_rtcc.protocol.request import Operator
from custom_components.jackson_rtcc.protocol.vocabulary import Role, Scope, Still
from tests.integration import ring_cloud
from tests.integration.cameras import Provider, jpeg
from tests.integration.city import City
from tests.integration.conftest import share_data, subentry
from tests.integration.enrolled import enrol

# The same operator gets the same picture again for a while.
FIRST = Operator(pseudonym="o1", role=Role.OFFICER)
SECOND = Operator(pseudonym="o2", role=Role.OFFICER)
CAMERA = "c0ffee00c0ffee00"
STILL = jpeg((320, 240), "green")
RECORDED = jpeg((64, 48), "orange")


async def set_up(hass: HomeAssistant, domain: str, **entry: Any) -> None:
    found = MockConfigEntry(domain=domain, **entry)
    found.add_to_hass(hass)
    assert await async_setup_component(hass, "homeassistant", {})
    assert await hass.config_entries.async_setup(found.entry_id)
    await hass.async_block_till_done()


async def share(hass: HomeAssistant, city: City, entity_id: str, **changes: Any) -> Grant:
    """Share a camera and return its grant."""
    data = share_data(hass, entity_id, **changes)
    entry = await enrol(hass, city, [subentry(data)])
    assert await hass.config_entries.async_setup(entry.entry_id)
    return await city.until_granted(entry.data["home"], CAMERA)


async def look(city: City, grant: Grant, operator: Operator = FIRST) -> Picture:
    reply = await city.look(grant, operator=operator)
    assert reply.picture is not None, reply
    return reply.picture


def can(hass: HomeAssistant, entity_id: str) -> Capabilities:
    registered = er.async_get(hass).async_get(entity_id)
    assert registered is not None
    return capabilities(hass, registered.id)


def size(picture: Picture) -> tuple[int, int]:
    with Image.open(BytesIO(picture.data)) as image:
        return image.size


# Ring


@pytest.fixture
async def ring(
    hass: HomeAssistant, socket_enabled: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set up Home Assistant's Ring, whose library asks a cloud of ours."""
    monkeypatch.setattr("homeassistant.components.ring.Auth", ring_cloud.Cloud)
    monkeypatch.setattr(
        "homeassistant.components.ring.coordinator.RingEventListener", ring_cloud.Listener
    )
    # Ring's stills are frames of its recordings, which Home Assistant lets FFmpeg fetch.
    (tmp_path / "recorded.jpg").write_bytes(RECORDED)
    program = tmp_path / "ffmpeg"
    program.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *{ring_cloud.RECORDING_URL}*) cat {tmp_path}/recorded.jpg ;;\n'
        "*) echo ffmpeg version 8.0 ;; esac\n"
    )
    program.chmod(0o700)
    assert await async_setup_component(hass, "ffmpeg", {"ffmpeg": {"ffmpeg_bin": str(program)}})
    await set_up(
        hass,
        "ring",
        version=1,
        minor_version=3,
        data={"username": "owner@ring.test", "token": {"access_token": "x"}, "device_id": "d1"},
    )
    # What was recorded comes with the first update after the entities are there.
    (entry,) = hass.config_entries.async_entries("ring")
    await entry.runtime_data.devices_coordinator.async_refresh()
    await hass.async_block_till_done()


async def test_ring(hass: HomeAssistant, city: City, ring: None) -> None:
    """The still is of the last recording, and says so; there is live video."""
    entity_id = "camera.front_door_live_view"
    assert can(hass, entity_id) == Capabilities(Still.LAST, webrtc=True)
    grant = await share(hass, city, entity_id, scopes=["snapshot", "stream"])
    assert grant.scopes == {Scope.SNAPSHOT, Scope.STREAM}
    assert (grant.still, grant.live) == (Still.LAST, True)
    picture = await look(city, grant)
    assert picture.still is Still.LAST
    assert picture.data == RECORDED


async def test_ring_masked(hass: HomeAssistant, city: City, ring: None) -> None:
    grant = await share(
        hass,
        city,
        "camera.front_door_live_view",
        scopes=["snapshot", "stream"],
        mask=["0,0 1,0 1,1 0,1"],
    )
    assert not grant.live
    with Image.open(BytesIO((await look(city, grant)).data)) as image:
        assert image.convert("L").getextrema() == (0, 0)


@pytest.fixture
def no_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ring_cloud.DOORBELLS["doorbots"][0], "features", {})


async def test_ring_without_a_subscription(
    hass: HomeAssistant, city: City, no_subscription: None, ring: None
) -> None:
    """There are no recordings, so there is no still; the city is told so, and nothing breaks."""
    grant = await share(hass, city, "camera.front_door_live_view")
    reply = await city.look(grant)
    assert reply.reason == "camera_failed"


# Generic and MJPEG, from a camera on the network


class NetworkCamera:
    """A camera that speaks HTTP."""

    def __init__(self) -> None:
        self.still = STILL
        self.up = True
        self.url = ""

    async def picture(self, _request: web.Request) -> web.Response:
        if not self.up:
            return web.Response(status=503)
        return web.Response(body=self.still, content_type="image/jpeg")

    async def moving(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "multipart/x-mixed-replace; boundary=frame"}
        )
        await response.prepare(request)
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(self.still)}\r\n\r\n"
        with_end = head.encode() + self.still + b"\r\n"
        while True:
            await response.write(with_end)
            await asyncio.sleep(0.01)


@pytest.fixture
async def network_camera(socket_enabled: None) -> AsyncGenerator[NetworkCamera]:
    camera = NetworkCamera()
    app = web.Application()
    app.add_routes([web.get("/still", camera.picture), web.get("/moving", camera.moving)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    camera.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield camera
    await runner.cleanup()


GENERIC: dict[str, Any] = {
    "authentication": "basic",
    "limit_refetch_to_url_change": False,
    "framerate": 1000,
    "verify_ssl": True,
    "content_type": "image/jpeg",
    "advanced": {
        "framerate": 1000,
        "verify_ssl": True,
        "limit_refetch_to_url_change": False,
        "authentication": "basic",
    },
}


async def test_generic(hass: HomeAssistant, city: City, network_camera: NetworkCamera) -> None:
    await set_up(
        hass,
        "generic",
        title="Driveway",
        options=GENERIC | {"still_image_url": f"{network_camera.url}/still"},
        version=2,
    )
    assert can(hass, "camera.driveway") == Capabilities(Still.LIVE, webrtc=False)
    grant = await share(hass, city, "camera.driveway")
    assert (grant.still, grant.live) == (Still.LIVE, False)
    assert (await look(city, grant)).data == STILL
    network_camera.still = jpeg((32, 32), "red")
    assert size(await look(city, grant, SECOND)) == (32, 32)


async def test_generic_with_a_stream(
    hass: HomeAssistant, city: City, network_camera: NetworkCamera
) -> None:
    """With something like go2rtc beside it, a stream can be watched in a browser."""
    from homeassistant.components.camera import async_register_webrtc_provider  # noqa: PLC0415

    options = GENERIC | {
        "still_image_url": f"{network_camera.url}/still",
        "stream_source": "rtsp://127.0.0.1:1/stream",
    }
    await set_up(hass, "generic", title="Driveway", options=options, version=2)
    assert not can(hass, "camera.driveway").webrtc
    remove = async_register_webrtc_provider(hass, Provider())
    await hass.async_block_till_done()
    assert can(hass, "camera.driveway") == Capabilities(Still.LIVE, webrtc=True)
    grant = await share(hass, city, "camera.driveway", scopes=["snapshot", "stream"])
    assert grant.live
    # It ends: the claim follows at the next minute's tick at the latest.
    remove()
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries("jackson_rtcc")
    entry.runtime_data.shares.settle()
    again = await city.until_granted(grant.home, CAMERA, grant.seq)
    assert not again.live


async def test_mjpeg(hass: HomeAssistant, city: City, network_camera: NetworkCamera) -> None:
    await set_up(
        hass,
        "mjpeg",
        title="Yard",
        options={
            "authentication": "basic",
            "mjpeg_url": f"{network_camera.url}/moving",
            "still_image_url": None,
            "password": "",
            "username": None,
            "verify_ssl": True,
        },
    )
    assert can(hass, "camera.yard") == Capabilities(Still.LIVE, webrtc=False)
    grant = await share(hass, city, "camera.yard")
    assert (await look(city, grant)).data == STILL


async def test_local_file(hass: HomeAssistant, city: City, tmp_path: Path) -> None:
    file = tmp_path / "street.png"
    with BytesIO() as out:
        Image.new("RGBA", (50, 40), "blue").save(out, "PNG")
        file.write_bytes(out.getvalue())
    hass.config.allowlist_external_dirs = {str(tmp_path)}
    await set_up(
        hass, "local_file", title="Street", options={"name": "Street", "file_path": str(file)}
    )
    assert can(hass, "camera.street") == Capabilities(Still.LIVE, webrtc=False)
    grant = await share(hass, city, "camera.street")
    picture = await look(city, grant)
    assert picture.content_type == "image/jpeg"
    assert size(picture) == (50, 40)
    file.unlink()
    assert (await city.look(grant, operator=SECOND)).reason == "camera_failed"
