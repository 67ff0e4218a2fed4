"""What cameras can do, as Home Assistant has them at this moment."""

import pytest
from homeassistant.components.camera import CameraEntityFeature, async_register_webrtc_provider
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.jackson_rtcc.capabilities import Capabilities, capabilities, in_use, ready
from custom_components.jackson_rtcc.protocol.vocabulary import Scope, Still
from tests.integration.cameras import FakeCamera, LiveOnlyCamera, Provider
from tests.integration.conftest import add_cameras


def registry_id(hass: HomeAssistant, entity_id: str = "camera.porch") -> str:
    registered = er.async_get(hass).async_get(entity_id)
    assert registered is not None
    return registered.id


@pytest.mark.parametrize(
    ("domain", "camera", "expected"),
    [
        ("test", FakeCamera, Capabilities(Still.LIVE, webrtc=False)),
        ("test", LiveOnlyCamera, Capabilities(Still.LIVE, webrtc=True)),
        ("ring", LiveOnlyCamera, Capabilities(Still.LAST, webrtc=True)),
        ("blink", FakeCamera, Capabilities(Still.LAST, webrtc=False)),
        ("nest", LiveOnlyCamera, Capabilities(Still.NONE, webrtc=True)),
        ("nest", FakeCamera, Capabilities(Still.LIVE, webrtc=False)),
    ],
)
async def test_by_brand(
    hass: HomeAssistant, domain: str, camera: type[FakeCamera], expected: Capabilities
) -> None:
    await add_cameras(hass, camera(), domain=domain)
    assert capabilities(hass, registry_id(hass)) == expected


@pytest.mark.parametrize(
    ("can", "masked", "scopes"),
    [
        (Capabilities(Still.LIVE, webrtc=False), False, {Scope.SNAPSHOT}),
        (Capabilities(Still.LAST, webrtc=True), False, {Scope.SNAPSHOT, Scope.STREAM}),
        (Capabilities(Still.LAST, webrtc=True), True, {Scope.SNAPSHOT}),
        (Capabilities(Still.NONE, webrtc=True), False, {Scope.STREAM}),
        (Capabilities(Still.NONE, webrtc=True), True, set()),
    ],
)
def test_scopes(can: Capabilities, masked: bool, scopes: set[Scope]) -> None:
    assert can.scopes(masked=masked) == scopes


async def test_a_provider_comes_and_goes(hass: HomeAssistant, camera: FakeCamera) -> None:
    """As go2rtc does for a camera with a stream of its own."""
    camera._attr_supported_features = CameraEntityFeature.STREAM
    camera.async_write_ha_state()
    await hass.async_block_till_done()
    known = registry_id(hass)
    assert not capabilities(hass, known).webrtc
    remove = async_register_webrtc_provider(hass, Provider())
    await hass.async_block_till_done()
    assert capabilities(hass, known).webrtc
    remove()
    await hass.async_block_till_done()
    assert not capabilities(hass, known).webrtc


async def test_in_use_and_ready(hass: HomeAssistant, camera: FakeCamera) -> None:
    known, registry = registry_id(hass), er.async_get(hass)
    assert in_use(hass, known)
    assert ready(hass, known)
    hass.states.async_set("camera.porch", "unavailable")
    assert in_use(hass, known)
    assert not ready(hass, known)
    registry.async_update_entity("camera.porch", disabled_by=er.RegistryEntryDisabler.USER)
    assert not in_use(hass, known)
    assert not ready(hass, known)
    registry.async_remove("camera.porch")
    assert not in_use(hass, known)
    assert not ready(hass, known)
    assert capabilities(hass, known) == Capabilities(Still.LIVE, webrtc=False)


async def test_not_loaded(hass: HomeAssistant) -> None:
    await add_cameras(hass, LiveOnlyCamera(), domain="nest")
    (entry,) = hass.config_entries.async_entries("nest")
    await hass.config_entries.async_unload(entry.entry_id)
    assert not capabilities(hass, registry_id(hass)).webrtc
