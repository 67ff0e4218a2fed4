"""Pictures: what a camera's stills are, cleaned, or why there is none."""

import asyncio
from io import BytesIO
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from PIL import Image

from custom_components.jackson_rtcc import picture
from custom_components.jackson_rtcc.protocol.reply import LARGEST_PICTURE
from custom_components.jackson_rtcc.protocol.vocabulary import Still
from tests.integration.cameras import PICTURE, FakeCamera, LiveOnlyCamera
from tests.integration.conftest import add_cameras


def registry_id(hass: HomeAssistant, entity_id: str = "camera.porch") -> str:
    registered = er.async_get(hass).async_get(entity_id)
    assert registered is not None
    return registered.id


def encoded(kind: str, **options: Any) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, kind, **options)
    return out.getvalue()


def noise(width: int, height: int) -> bytes:
    out = BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def with_exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x8825] = {1: "N"}
    return encoded("JPEG", exif=exif)


async def test_a_jpeg_is_handed_over_as_it_is(hass: HomeAssistant, camera: FakeCamera) -> None:
    taken = await picture.take(hass, registry_id(hass))
    assert taken.data == PICTURE
    assert taken.still is Still.LIVE


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (encoded("PNG"), (40, 20)),
        (encoded("WEBP"), (40, 20)),
        (encoded("JPEG", comment=b"serial 123"), (40, 20)),
        (with_exif(1), (40, 20)),
        (with_exif(6), (20, 40)),
    ],
    ids=["png", "webp", "comment", "exif", "rotated"],
)
async def test_cleaned(
    hass: HomeAssistant, camera: FakeCamera, data: bytes, size: tuple[int, int]
) -> None:
    camera.image = data
    taken = await picture.take(hass, registry_id(hass))
    with Image.open(BytesIO(taken.data)) as image:
        assert image.format == "JPEG"
        assert image.size == size
        assert not {"exif", "comment"} & image.info.keys()


def with_segment(marker: int, content: bytes) -> bytes:
    """Put a segment behind the start of a JPEG."""
    size = (len(content) + 2).to_bytes(2)
    return PICTURE[:2] + bytes([0xFF, marker]) + size + content + PICTURE[2:]


JFIF_WITH_THUMBNAIL = b"\xff\xe0\0\x16JFIF\0\1\1\0\0\1\0\1\2\1SECRET"


@pytest.mark.parametrize(
    "data",
    [
        with_segment(0xEB, b"JP\0\1SECRET"),
        with_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0SECRET"),
        with_segment(0xFE, b"SECRET"),
        with_segment(0xE2, b"MPF\0SECRET"),
        PICTURE[:2] + JFIF_WITH_THUMBNAIL + PICTURE[20:],
        PICTURE[:-2] + b"\xff\xfe\0\x08SECRET\xff\xd9",
        PICTURE + b"\0\0\0\x18ftypmp42SECRET",
        PICTURE + PICTURE + b"SECRET\xff\xd9",
    ],
    ids=[
        "jumbf",
        "xmp",
        "comment",
        "multi-picture",
        "thumbnail",
        "late comment",
        "motion photo",
        "second picture",
    ],
)
async def test_nothing_but_the_picture_leaves(
    hass: HomeAssistant, camera: FakeCamera, data: bytes
) -> None:
    camera.image = data
    taken = await picture.take(hass, registry_id(hass))
    assert b"SECRET" not in taken.data
    with Image.open(BytesIO(taken.data)) as image, Image.open(BytesIO(PICTURE)) as expected:
        assert image.format == "JPEG"
        assert image.size == expected.size


async def test_made_small_enough(hass: HomeAssistant, camera: FakeCamera) -> None:
    camera.image = noise(2400, 1800)
    assert len(camera.image) > LARGEST_PICTURE
    taken = await picture.take(hass, registry_id(hass))
    assert len(taken.data) <= LARGEST_PICTURE


async def test_cannot_be_made_small_enough(
    hass: HomeAssistant, camera: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "LARGEST_PICTURE", 100)
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, registry_id(hass))
    assert caught.value.reason is picture.Reason.RUBBISH


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"", "camera_failed"),
        (b"<html>please log in</html>", "camera_rubbish"),
        (PICTURE[: len(PICTURE) // 2], "camera_rubbish"),
        (encoded("PNG")[:60], "camera_rubbish"),
        (None, "camera_failed"),
        (HomeAssistantError("no subscription"), "camera_failed"),
        (NotImplementedError(), "camera_failed"),
        (OSError("unplugged"), "camera_failed"),
    ],
)
async def test_no_picture(
    hass: HomeAssistant, camera: FakeCamera, image: bytes | Exception | None, reason: str
) -> None:
    camera.image = image
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, registry_id(hass))
    assert caught.value.reason == reason


async def test_too_many_pixels(
    hass: HomeAssistant, camera: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "_MOST_PIXELS", 100)
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, registry_id(hass))
    assert caught.value.reason is picture.Reason.RUBBISH


async def test_off(hass: HomeAssistant, camera: FakeCamera) -> None:
    camera._attr_is_on = False
    camera.async_write_ha_state()
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, registry_id(hass))
    assert caught.value.reason is picture.Reason.OFF


@pytest.mark.parametrize("state", ["unavailable", "unknown", None])
async def test_gone(hass: HomeAssistant, camera: FakeCamera, state: str | None) -> None:
    if state is None:
        hass.states.async_remove("camera.porch")
    else:
        hass.states.async_set("camera.porch", state)
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, registry_id(hass))
    assert caught.value.reason is picture.Reason.GONE


async def test_removed_from_registry(hass: HomeAssistant, camera: FakeCamera) -> None:
    known = registry_id(hass)
    er.async_get(hass).async_remove("camera.porch")
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, known)
    assert caught.value.reason is picture.Reason.GONE


async def test_state_without_entity(hass: HomeAssistant, camera: FakeCamera) -> None:
    """A restored state of a camera whose integration does not load."""
    known = registry_id(hass)
    (entry,) = hass.config_entries.async_entries("test")
    await hass.config_entries.async_unload(entry.entry_id)
    hass.states.async_set("camera.porch", "idle")
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, known)
    assert caught.value.reason is picture.Reason.GONE


async def test_slow(
    hass: HomeAssistant, camera: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture, "LIMIT_S", 0.05)
    camera.hold = asyncio.Event()
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, registry_id(hass))
    assert caught.value.reason is picture.Reason.SLOW


async def test_ring_gives_its_last_recording(hass: HomeAssistant) -> None:
    await add_cameras(hass, FakeCamera("Bell", "bell"), domain="ring")
    taken = await picture.take(hass, registry_id(hass, "camera.bell"))
    assert taken.still is Still.LAST


async def test_nest_with_webrtc_gives_a_placeholder(hass: HomeAssistant) -> None:
    await add_cameras(hass, LiveOnlyCamera("Nursery", "nursery"), domain="nest")
    with pytest.raises(picture.CameraError) as caught:
        await picture.take(hass, registry_id(hass, "camera.nursery"))
    assert caught.value.reason is picture.Reason.FAILED
