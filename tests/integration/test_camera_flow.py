"""The camera subentry flow: sharing a camera, seeing what the city would get, changing it later."""

import re
from io import BytesIO
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import label_registry as lr
from homeassistant.setup import async_setup_component
from PIL import Image
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.jackson_rtcc import preview
from custom_components.jackson_rtcc.indoor import indoor_hint
from custom_components.jackson_rtcc.protocol.geo import distance_m
from custom_components.jackson_rtcc.protocol.stream import Player
from custom_components.jackson_rtcc.protocol.vocabulary import Scope
from tests.integration.cameras import PICTURE, FakeCamera, LiveOnlyCamera, jpeg
from tests.integration.city import CAPITOL, City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol

PLACE = {"latitude": CAPITOL.lat, "longitude": CAPITOL.lon}
PORCH = {"entity_id": "camera.porch"}
SETTINGS: dict[str, Any] = {
    "site": "home",
    "scopes": ["snapshot"],
    "gate": "incident",
    "hours": "any",
    "nobody_home": False,
    "location": PLACE,
    "precision": "100m",
}
FINISH = {"next_step_id": "finish"}


@pytest.fixture
async def bare(hass: HomeAssistant, city: City, camera: FakeCamera) -> MockConfigEntry:
    """Set up a home without cameras."""
    entry = await enrol(hass, city)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_presence(entry.data["home"], b"online")
    await hass.async_block_till_done()
    return entry


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "camera"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    return result


async def go_on(hass: HomeAssistant, result: Any, user_input: dict[str, Any]) -> Any:
    result = await hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


async def until_settings(hass: HomeAssistant, entry: MockConfigEntry, **changes: Any) -> Any:
    result = await go_on(hass, await begin(hass, entry), PORCH | changes)
    assert result["step_id"] == "settings", result
    return result


async def until_preview(hass: HomeAssistant, entry: MockConfigEntry, **changes: Any) -> Any:
    result = await go_on(hass, await until_settings(hass, entry), SETTINGS | changes)
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "preview"), result
    return result


def suggested(result: Any) -> dict[str, Any]:
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description and "suggested_value" in key.description
    }


def choices(result: Any, field: str) -> list[str]:
    schema = result["data_schema"].schema
    return next(schema[key].config["options"] for key in schema if key == field)


def said(result: Any) -> str:
    return " ".join(result["description_placeholders"].values())


async def test_share_a_camera(hass: HomeAssistant, city: City, bare: MockConfigEntry) -> None:
    result = await go_on(hass, await until_preview(hass, bare), FINISH)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Porch"
    (added,) = bare.subentries.values()
    registered = er.async_get(hass).async_get("camera.porch")
    assert registered is not None
    assert added.unique_id == registered.id
    assert dict(added.data) == {
        "camera": added.data["camera"],
        "entity": registered.id,
        "name": "Porch",
        "site": "home",
        "scopes": ["snapshot"],
        "gate": "incident",
        "hours": None,
        "schedule": None,
        "nobody_home": False,
        "location": PLACE,
        "precision": 100,
        "mask": [],
        "still_every": 2,
        "viewers": 2,
        "relay_only": False,
    }
    grant = await city.until_granted(bare.data["home"], added.data["camera"])
    assert grant.name == "Porch"
    assert grant.view.accuracy_m == 100
    assert grant.view.place != CAPITOL
    assert distance_m(grant.view.place, CAPITOL) <= 100
    assert hass.states.get("switch.porch_sharing")


async def test_named_by_emoji(hass: HomeAssistant, city: City, bare: MockConfigEntry) -> None:
    """What joins emoji is no letter that a grant may hold."""
    er.async_get(hass).async_update_entity("camera.porch", name="Door \U0001f468\u200d\U0001f469\n")
    await hass.async_block_till_done()
    result = await go_on(hass, await until_preview(hass, bare), FINISH)
    assert result["title"] == "Door \U0001f468\U0001f469"


async def test_another_name_and_another_enrolment_meanwhile(
    hass: HomeAssistant, home: MockConfigEntry
) -> None:
    (shared,) = home.subentries.values()
    result = await home.start_subentry_reconfigure_flow(hass, shared.subentry_id)
    result = await go_on(hass, result, SETTINGS | {"name": "Front door"})
    data = {**shared.data, "camera": "feedfacefeedface"}
    hass.config_entries.async_update_subentry(home, shared, data=data)
    result = await go_on(hass, result, FINISH)
    assert result["reason"] == "reconfigure_successful"
    assert shared.data["camera"] == "feedfacefeedface"
    registered = er.async_get(hass).async_get("switch.porch_sharing")
    assert registered is not None
    assert registered.device_id is not None
    device = dr.async_get(hass).async_get(registered.device_id)
    assert device is not None
    assert device.name == "Front door"


async def test_share_at_night(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    form = SETTINGS | {"hours": "chosen", "name": " Front door ", "precision": "exact"}
    result = await go_on(hass, await until_settings(hass, bare), form)
    assert result["step_id"] == "hours"
    result = await go_on(hass, result, {"days": [], "start": "18:00:00", "end": "06:00:00"})
    assert result["errors"] == {"days": "no_day"}
    result = await go_on(
        hass, result, {"days": ["sun", "fri"], "start": "18:00:00", "end": "06:00:00"}
    )
    result = await go_on(hass, result, FINISH)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Front door"
    assert result["data"]["hours"] == {
        "days": ["fri", "sun"],
        "start": "18:00:00",
        "end": "06:00:00",
    }
    assert result["data"]["precision"] == 0


@pytest.mark.parametrize(
    ("entity_id", "error"),
    [("light.porch", "not_a_camera"), ("camera.nowhere", "not_registered")],
)
async def test_no_such_camera(
    hass: HomeAssistant, bare: MockConfigEntry, entity_id: str, error: str
) -> None:
    result = await go_on(hass, await begin(hass, bare), {"entity_id": entity_id})
    assert result["errors"] == {"entity_id": error}
    assert (await go_on(hass, result, PORCH))["step_id"] == "settings"


async def test_another_entity_is_no_camera(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    """The selector's filter is the browser's business."""
    er.async_get(hass).async_get_or_create("light", "test", "lamp", suggested_object_id="lamp")
    result = await go_on(hass, await begin(hass, bare), {"entity_id": "light.lamp"})
    assert result["errors"] == {"entity_id": "not_a_camera"}


async def test_disabled_camera(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    er.async_get(hass).async_get_or_create(
        "camera",
        "test",
        "yard",
        suggested_object_id="yard",
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    result = await go_on(hass, await begin(hass, bare), {"entity_id": "camera.yard"})
    assert result["errors"] == {"entity_id": "camera_disabled"}


@pytest.mark.parametrize(
    ("changes", "errors", "line"),
    [
        ({"scopes": []}, {"scopes": "no_scope"}, "0"),
        ({"name": "x" * 101}, {"name": "name_too_long"}, "0"),
        ({"name": "two\nlines"}, {"name": "name_too_long"}, "0"),
        ({"schedule": "schedule.nowhere"}, {"schedule": "not_a_schedule"}, "0"),
        ({"schedule": "camera.porch"}, {"schedule": "not_a_schedule"}, "0"),
        ({"nobody_home": True}, {"nobody_home": "nobody_tracked"}, "0"),
        ({"mask": "0,0 1,0 1,1\n\n0,0 1,0"}, {"mask": "mask_too_few_corners"}, "3"),
        ({"mask": "0,0 1,0 1,2"}, {"mask": "mask_outside"}, "1"),
    ],
)
async def test_errors(
    hass: HomeAssistant,
    bare: MockConfigEntry,
    changes: dict[str, Any],
    errors: dict[str, str],
    line: str,
) -> None:
    result = await go_on(hass, await until_settings(hass, bare), SETTINGS | changes)
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == errors
    assert result["description_placeholders"]["line"] == line
    result = await go_on(hass, result, SETTINGS)
    assert result["step_id"] == "preview"


async def test_camera_without_registry_entry(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    await add_cameras(hass, FakeCamera("Yard", unique_id=None), domain="yaml")
    assert hass.states.get("camera.yard")
    result = await go_on(hass, await begin(hass, bare), {"entity_id": "camera.yard"})
    assert result["errors"] == {"entity_id": "not_registered"}


async def test_registry_id_will_do(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    registered = er.async_get(hass).async_get("camera.porch")
    assert registered is not None
    result = await until_settings(hass, bare, entity_id=registered.id)
    result = await go_on(hass, await go_on(hass, result, SETTINGS), FINISH)
    assert result["data"]["entity"] == registered.id


async def test_camera_without_stills(
    hass: HomeAssistant, city: City, bare: MockConfigEntry
) -> None:
    """It gives live video, and nothing else can be chosen."""
    await add_cameras(hass, LiveOnlyCamera("Yard", "yard"), domain="nest")
    result = await until_settings(hass, bare, entity_id="camera.yard")
    assert choices(result, "scopes") == ["stream"]
    assert result["data_schema"](SETTINGS | {"scopes": ["stream"]})["scopes"] == ["stream"]
    result = await go_on(hass, result, SETTINGS | {"scopes": ["stream"]})
    assert "There is no picture to show now" in said(result)
    await go_on(hass, result, FINISH)
    (added,) = bare.subentries.values()
    grant = await city.until_granted(bare.data["home"], added.data["camera"])
    assert grant.scopes == {Scope.STREAM}
    assert grant.live


async def test_shared_already(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    late = await until_preview(hass, bare)
    await go_on(hass, await until_preview(hass, bare), FINISH)
    result = await go_on(hass, await begin(hass, bare), PORCH)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    # Two flows at the same time: the second comes too late.
    result = await go_on(hass, late, FINISH)
    assert result["reason"] == "already_configured"
    assert len(bare.subentries) == 1


# The preview


async def test_the_preview_is_what_the_city_gets(
    hass: HomeAssistant,
    city: City,
    bare: MockConfigEntry,
    camera: FakeCamera,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N"}
    camera.image = jpeg((64, 48), "white", exif=exif)
    result = await until_preview(hass, bare, mask="0,0 0.5,0 0.5,1 0,1", name="Porch [1]")
    shown = re.fullmatch(
        r"!\[Porch 1\]\((/api/jackson_rtcc/preview/[\w-]{40,}\?authSig=[\w.-]+)\)\n\n"
        r"64 . 48 pixels, 1 kB\..*",
        result["description_placeholders"]["picture"],
    )
    assert shown is not None

    client = await hass_client_no_auth()
    answer = await client.get(shown[1])
    assert answer.status == 200
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Cache-Control"] == "no-store"
    seen = await answer.read()
    with Image.open(BytesIO(seen)) as image:
        assert image.size == (64, 48)
        assert "exif" not in image.info
        grey = image.convert("L")
        left, right = grey.getpixel((10, 24)), grey.getpixel((60, 24))
    assert (left, right) == (0, 255)

    await go_on(hass, result, FINISH)
    (added,) = bare.subentries.values()
    reply = await city.look(await city.until_granted(bare.data["home"], added.data["camera"]))
    assert reply.picture is not None
    assert reply.picture.data == seen
    # The flow is over.
    assert (await client.get(shown[1])).status == 404


def address(result: Any) -> str:
    found = re.search(r"\((/api/[^)]+)\)", result["description_placeholders"]["picture"])
    assert found is not None
    return found[1]


async def test_a_preview_is_for_its_flow_and_its_time(
    hass: HomeAssistant,
    bare: MockConfigEntry,
    hass_client_no_auth: ClientSessionGenerator,
    hass_client: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    client, signed_in = await hass_client_no_auth(), await hass_client()
    result = await until_preview(hass, bare)
    first = address(result)
    assert (await client.get(first)).status == 200
    # Not without its signature, not with another id, and nothing else by this signature.
    path, _, signature = first.partition("?")
    assert (await client.get(path)).status == 401
    assert (await client.get(f"{path}x?{signature}")).status == 401
    assert (await client.get(f"/api/camera_proxy/camera.porch?{signature}")).status == 403
    assert (await signed_in.get(f"{path}x")).status == 404

    result = await go_on(hass, result, {"next_step_id": "again"})
    assert result["step_id"] == "preview"
    second = address(result)
    assert second != first
    assert (await client.get(first)).status == 404
    assert (await client.get(second)).status == 200

    freezer.tick(preview.LIFE)
    assert (await signed_in.get(second.partition("?")[0])).status in (401, 404)
    result = await go_on(hass, result, {"next_step_id": "again"})
    third = address(result)
    hass.config_entries.subentries.async_abort(result["flow_id"])
    assert (await client.get(third)).status == 404


async def test_a_picture_of_no_flow_is_not_shown(
    hass: HomeAssistant, bare: MockConfigEntry, hass_client_no_auth: ClientSessionGenerator
) -> None:
    client = await hass_client_no_auth()
    assert (await client.get(preview.show(hass, "no flow", PICTURE))).status == 404


async def test_without_a_picture_the_owner_can_go_on(
    hass: HomeAssistant, bare: MockConfigEntry, camera: FakeCamera
) -> None:
    camera.image = b"rubbish"
    result = await until_preview(hass, bare)
    assert "the camera gave something that is no picture" in said(result)
    assert "/api/" not in said(result)
    camera.image = PICTURE
    result = await go_on(hass, result, {"next_step_id": "again"})
    assert "/api/" in said(result)
    camera.image = None
    result = await go_on(hass, result, {"next_step_id": "again"})
    assert "the camera gave no picture" in said(result)
    assert (await go_on(hass, result, FINISH))["type"] is FlowResultType.CREATE_ENTRY


async def test_back_to_the_settings(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    mask = "0,0 1,0 1,1\n0,0 0.2,0 0.2,0.2"
    result = await until_preview(hass, bare, mask=mask, name="Door", precision="400m")
    result = await go_on(hass, result, {"next_step_id": "settings"})
    assert result["step_id"] == "settings"
    again = suggested(result)
    assert (again["mask"], again["name"], again["precision"]) == (mask, "Door", "400m")
    result = await go_on(hass, await go_on(hass, result, SETTINGS), FINISH)
    assert result["data"]["mask"] == []


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ("exact", "The city sees the exact place: 32.30380, -90.18210."),
        ("100m", "to within about 100 metres. That is "),
        ("400m", "to within about 400 metres. That is "),
    ],
)
async def test_the_place_as_the_city_sees_it(
    hass: HomeAssistant, city: City, bare: MockConfigEntry, precision: str, words: str
) -> None:
    result = await until_preview(hass, bare, precision=precision)
    assert words in result["description_placeholders"]["place"]
    await go_on(hass, result, FINISH)
    (added,) = bare.subentries.values()
    view = (await city.until_granted(bare.data["home"], added.data["camera"])).view
    place = result["description_placeholders"]["place"]
    assert f"{view.place.lat:.5f}, {view.place.lon:.5f}" in place
    if view.accuracy_m:
        assert f"That is {round(distance_m(view.place, CAPITOL))} metres" in place


async def test_in_spanish(hass: HomeAssistant, bare: MockConfigEntry, camera: FakeCamera) -> None:
    hass.config.language = "es-MX"
    camera.image = None
    assert "Ahora no hay ninguna imagen que mostrar" in said(await until_preview(hass, bare))


# By what the camera can do


async def test_stream_is_offered_and_granted(
    hass: HomeAssistant, city: City, bare: MockConfigEntry
) -> None:
    await add_cameras(hass, LiveOnlyCamera("Bell", "bell"), domain="ring")
    result = await until_settings(hass, bare, entity_id="camera.bell")
    assert choices(result, "scopes") == ["snapshot", "stream"]
    assert "The center will see the last recording, not now" in said(result)
    assert "can give live video too" in said(result)
    both = SETTINGS | {"scopes": ["snapshot", "stream"]}
    result = await go_on(hass, result, both | {"mask": "0,0 1,0 1,1"})
    assert result["errors"] == {"scopes": "masked_stream"}
    result = await go_on(hass, result, both)
    assert "Live video too, just as the camera gives it, without sound." in said(result)
    await go_on(hass, result, FINISH)
    (added,) = bare.subentries.values()
    assert added.data["scopes"] == ["snapshot", "stream"]
    limits = {name: added.data[name] for name in ("viewers", "still_every", "relay_only")}
    assert limits == {"viewers": 2, "still_every": 2, "relay_only": False}
    grant = await city.until_granted(bare.data["home"], added.data["camera"])
    assert grant.scopes == {Scope.SNAPSHOT, Scope.STREAM}
    # Ring is only known to answer with a line for sound.
    assert grant.player == Player(audio=True)
    assert grant.still == "last"


async def test_limits_of_live_video_are_changed(
    hass: HomeAssistant, city: City, bare: MockConfigEntry
) -> None:
    await add_cameras(hass, LiveOnlyCamera("Bell", "bell"), domain="ring")
    both = SETTINGS | {"scopes": ["snapshot", "stream"]}
    result = await until_settings(hass, bare, entity_id="camera.bell")
    await go_on(hass, await go_on(hass, result, both), FINISH)
    (added,) = bare.subentries.values()
    seq = (await city.until_granted(bare.data["home"], added.data["camera"])).seq
    result = await bare.start_subentry_reconfigure_flow(hass, added.subentry_id)
    # Home Assistant's number field gives a fraction.
    limits = {"viewers": 1.0, "still_every": 30.0, "relay_only": True}
    result = await go_on(hass, result, both | limits)
    assert "through the city's relay only" in said(result)
    await go_on(hass, result, FINISH)
    assert {name: added.data[name] for name in limits} == limits
    assert bare.runtime_data.shares.all[added.subentry_id].viewers == 1
    grant = await city.until_granted(bare.data["home"], added.data["camera"], seq)
    assert grant.still_every_s == 30
    assert grant.player == Player(audio=True, relay_only=True)


async def test_stream_is_not_offered(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    result = await until_settings(hass, bare)
    assert choices(result, "scopes") == ["snapshot"]
    assert "this camera offers none that a browser can show" in said(result)


async def test_a_masked_camera_offers_no_stream(
    hass: HomeAssistant, city: City, bare: MockConfigEntry
) -> None:
    await add_cameras(hass, LiveOnlyCamera("Bell", "bell"), domain="ring")
    result = await until_settings(hass, bare, entity_id="camera.bell")
    result = await go_on(hass, result, SETTINGS | {"mask": "0,0 1,0 1,1"})
    result = await go_on(hass, result, {"next_step_id": "settings"})
    assert choices(result, "scopes") == ["snapshot"]
    assert "nobody can paint the privacy mask into it" in said(result)


async def test_a_camera_with_live_video_only_must_lose_its_mask(
    hass: HomeAssistant, bare: MockConfigEntry
) -> None:
    """It comes to one where it stands in for another camera."""
    await add_cameras(hass, LiveOnlyCamera("Yard", "yard"), domain="nest")
    await go_on(hass, await until_preview(hass, bare, mask="0,0 1,0 1,1"), FINISH)
    er.async_get(hass).async_update_entity(
        "camera.porch", disabled_by=er.RegistryEntryDisabler.USER
    )
    (added,) = bare.subentries.values()
    result = await bare.start_subentry_reconfigure_flow(hass, added.subentry_id)
    result = await go_on(hass, result, {"entity_id": "camera.yard"})
    assert choices(result, "scopes") == ["stream"]
    live = SETTINGS | {"scopes": ["stream"]}
    result = await go_on(hass, result, live | {"mask": "0,0 1,0 1,1"})
    assert result["errors"] == {"scopes": "masked_stream"}
    assert (await go_on(hass, result, live))["step_id"] == "preview"


# Indoors


async def test_a_camera_that_sounds_indoors_is_asked_about(
    hass: HomeAssistant, bare: MockConfigEntry
) -> None:
    await add_cameras(hass, FakeCamera("Cámara del Baño", "bath"), domain="inner")
    result = await go_on(hass, await begin(hass, bare), {"entity_id": "camera.camara_del_bano"})
    assert result["step_id"] == "indoor"
    assert result["description_placeholders"]["hint"] == "Cámara del Baño"
    result = await go_on(hass, result, {"indoors": False})
    assert result["errors"] == {"indoors": "indoors_not_confirmed"}
    assert (await go_on(hass, result, {"indoors": True}))["step_id"] == "settings"


@pytest.mark.parametrize(
    ("name", "indoors"),
    [
        ("Living Room", True),
        ("livingroom", False),
        ("Kid's bedroom 2", True),
        ("indoor_cam", True),
        ("Sótano", True),
        ("Recámara principal", True),
        ("Sala", True),
        ("Salamander", False),
        ("Porch", False),
        ("Garage door", False),
        ("Denver street", False),
        ("Entrada", False),
    ],
)
async def test_by_name(hass: HomeAssistant, camera: FakeCamera, name: str, indoors: bool) -> None:
    registered = er.async_get(hass).async_update_entity("camera.porch", name=name)
    assert (indoor_hint(hass, registered) == name) is indoors


async def test_by_area_label_or_device(hass: HomeAssistant, camera: FakeCamera) -> None:
    entities, devices = er.async_get(hass), dr.async_get(hass)
    (entry,) = hass.config_entries.async_entries("test")
    device = devices.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "1")}, name="Cam"
    )
    registered = entities.async_update_entity("camera.porch", device_id=device.id)
    assert indoor_hint(hass, registered) is None
    labels = [lr.async_get(hass).async_create(name) for name in ("Favourite", "Inside")]
    devices.async_update_device(device.id, labels={labels[0].label_id, "no label"})
    assert indoor_hint(hass, registered) is None
    label = labels[1]
    devices.async_update_device(device.id, labels={label.label_id})
    assert indoor_hint(hass, registered) == "Inside"
    area = ar.async_get(hass).async_create("Guest Room")
    devices.async_update_device(device.id, area_id=area.id)
    assert indoor_hint(hass, registered) == "Guest Room"
    devices.async_update_device(device.id, name_by_user="Nursery cam")
    assert indoor_hint(hass, registered) == "Nursery cam"
    hall = ar.async_get(hass).async_create("Yard")
    registered = entities.async_update_entity("camera.porch", area_id=hall.id, device_id=None)
    assert indoor_hint(hass, registered) is None
    er.async_get(hass).async_update_entity("camera.porch", name=None)
    hass.states.async_remove("camera.porch")
    registered = entities.async_update_entity(
        "camera.porch", new_entity_id="camera.kitchen_2", area_id="no area"
    )
    hass.states.async_remove("camera.kitchen_2")
    assert indoor_hint(hass, registered) == "kitchen_2"


# Later


async def test_reconfigure(hass: HomeAssistant, city: City, bare: MockConfigEntry) -> None:
    await go_on(hass, await until_preview(hass, bare), FINISH)
    (added,) = bare.subentries.values()
    before = await city.until_granted(bare.data["home"], added.data["camera"])

    result = await bare.start_subentry_reconfigure_flow(hass, added.subentry_id)
    assert result["step_id"] == "settings"
    result = await go_on(hass, result, SETTINGS | {"scopes": []})
    assert result["errors"] == {"scopes": "no_scope"}
    changed = {"name": "Gate", "gate": "always", "site": "city"}
    result = await go_on(hass, result, SETTINGS | changed)
    result = await go_on(hass, result, FINISH)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"

    assert added.title == "Gate"
    after = await city.until_granted(bare.data["home"], added.data["camera"], before.seq)
    assert (after.name, after.gate, after.site) == ("Gate", "always", "city")
    assert after.camera == before.camera


async def test_reconfigure_hours(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    hours = {"days": ["mon"], "start": "22:00:00", "end": "05:00:00"}
    result = await go_on(hass, await until_settings(hass, bare), SETTINGS | {"hours": "chosen"})
    await go_on(hass, await go_on(hass, result, hours), FINISH)
    (added,) = bare.subentries.values()

    result = await bare.start_subentry_reconfigure_flow(hass, added.subentry_id)
    assert suggested(result)["hours"] == "chosen"
    result = await go_on(hass, result, SETTINGS | {"hours": "chosen"})
    assert result["step_id"] == "hours"
    assert suggested(result) == hours
    result = await go_on(hass, result, hours | {"end": "06:00:00"})
    await go_on(hass, result, FINISH)
    assert added.data["hours"] == hours | {"end": "06:00:00"}
    assert added.data["name"] == "Porch"


async def test_what_was_shared_by_an_earlier_version(hass: HomeAssistant, city: City) -> None:
    """Its subentry knows neither schedule nor mask."""
    await add_cameras(hass, FakeCamera())
    entry = await enrol(hass, city, [subentry(share_data(hass))])
    assert await hass.config_entries.async_setup(entry.entry_id)
    (added,) = entry.subentries.values()
    await city.until_granted(entry.data["home"], added.data["camera"])
    result = await entry.start_subentry_reconfigure_flow(hass, added.subentry_id)
    result = await go_on(hass, result, SETTINGS)
    assert (await go_on(hass, result, FINISH))["reason"] == "reconfigure_successful"
    assert added.data["mask"] == []


async def test_a_choice_outlives_what_the_camera_can_do_now(
    hass: HomeAssistant, bare: MockConfigEntry
) -> None:
    await add_cameras(hass, LiveOnlyCamera("Bell", "bell"), domain="ring")
    result = await until_settings(hass, bare, entity_id="camera.bell")
    both = SETTINGS | {"scopes": ["snapshot", "stream"]}
    await go_on(hass, await go_on(hass, result, both), FINISH)
    (added,) = bare.subentries.values()
    (ring,) = hass.config_entries.async_entries("ring")
    await hass.config_entries.async_unload(ring.entry_id)
    result = await bare.start_subentry_reconfigure_flow(hass, added.subentry_id)
    assert choices(result, "scopes") == ["snapshot", "stream"]
    result = await go_on(hass, result, both)
    assert "the camera is not there" in said(result)
    await go_on(hass, result, FINISH)
    assert added.data["scopes"] == ["snapshot", "stream"]


async def test_schedule(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    assert await async_setup_component(
        hass, "schedule", {"schedule": {"nights": {"name": "Nights"}}}
    )
    await hass.async_block_till_done()
    schedule = er.async_get(hass).async_get("schedule.nights")
    assert schedule is not None
    result = await until_preview(hass, bare, schedule="schedule.nights")
    await go_on(hass, result, FINISH)
    (added,) = bare.subentries.values()
    assert added.data["schedule"] == schedule.id
    result = await bare.start_subentry_reconfigure_flow(hass, added.subentry_id)
    assert suggested(result)["schedule"] == "schedule.nights"
    # One that is gone is not dropped without the owner.
    er.async_get(hass).async_remove("schedule.nights")
    result = await bare.start_subentry_reconfigure_flow(hass, added.subentry_id)
    result = await go_on(hass, result, SETTINGS | {"schedule": suggested(result)["schedule"]})
    assert result["errors"] == {"schedule": "not_a_schedule"}
    await go_on(hass, await go_on(hass, result, SETTINGS), FINISH)
    assert added.data["schedule"] is None


async def test_only_while_nobody_is_home(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    hass.states.async_set("person.ada", "home", {"device_trackers": ["device_tracker.phone"]})
    result = await until_preview(hass, bare, nobody_home=True)
    result = await go_on(hass, result, FINISH)
    assert result["data"]["nobody_home"] is True


async def test_removed_while_the_form_is_open(hass: HomeAssistant, bare: MockConfigEntry) -> None:
    result = await until_settings(hass, bare)
    er.async_get(hass).async_remove("camera.porch")
    result = await go_on(hass, result, SETTINGS | {"scopes": []})
    assert result["errors"] == {"scopes": "no_scope"}
    result = await go_on(hass, result, SETTINGS | {"name": "Door"})
    assert "the camera is not there" in said(result)
