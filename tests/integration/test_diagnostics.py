"""Diagnostics hold no secret of any kind, wherever it lies."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.protocol.keys import private_to_pem
from custom_components.jackson_rtcc.protocol.request import Operator
from custom_components.jackson_rtcc.protocol.vocabulary import Role
from tests.integration.cameras import FakeCamera
from tests.integration.city import CAPITOL, City
from tests.integration.conftest import share_data, subentry
from tests.integration.enrolled import enrol

CAMERA = "c0ffee00c0ffee00"


async def told(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, entry: MockConfigEntry
) -> tuple[Any, str]:
    """Return the diagnostics of a home, and with those of all its devices as text."""
    assert await async_setup_component(hass, "diagnostics", {})
    found = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    everything: list[Any] = [
        found,
        *[await get_diagnostics_for_device(hass, hass_client, entry, one) for one in devices],
    ]
    assert len(everything) == 3
    return found, json.dumps(everything)


async def test_what_is_told(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, city: City, home: MockConfigEntry
) -> None:
    grant = await city.until_granted(home.data["home"], CAMERA)
    await city.look(grant)
    await city.look(grant, policy="another")
    await hass.async_block_till_done()
    found, _ = await told(hass, hass_client, home)
    assert found["link"]["connected"] is True
    assert found["link"]["connections"] == 1
    assert found["sharing"] is True
    assert found["answers"] == {"ok": 1, "policy_changed": 1}
    assert found["streams"] == {"under_way": 0, "counts": {}}
    assert found["looks"]["outcomes"] == {"ok": 1, "policy_changed": 1}
    assert found["looks"]["newest"][0]["reason"] == "policy_changed"
    (camera,) = found["cameras"]
    assert camera["granted"] is camera["sharing"] is camera["switch"] is True
    assert camera["integration"] == "test"
    assert camera["state"] == "idle"
    assert camera["looks_this_month"] == 1
    assert camera["masked"] is False


async def test_of_one_camera(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, city: City, home: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "diagnostics", {})
    await city.look(await city.until_granted(home.data["home"], CAMERA))
    registered = er.async_get(hass).async_get("switch.porch_sharing")
    assert registered is not None
    assert registered.device_id is not None
    device = dr.async_get(hass).async_get(registered.device_id)
    assert device is not None
    found: Any = await get_diagnostics_for_device(hass, hass_client, home, device)
    assert found["granted"] is True
    assert found["looks"]["outcomes"] == {"ok": 1}


async def test_of_a_camera_that_is_gone(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, home: MockConfigEntry
) -> None:
    er.async_get(hass).async_remove("camera.porch")
    await hass.async_block_till_done()
    found, _ = await told(hass, hass_client, home)
    (camera,) = found["cameras"]
    assert camera["integration"] is None
    assert camera["granted"] is False
    assert camera["grant_ends"] is None


async def test_of_a_home_that_is_not_loaded(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, home: MockConfigEntry
) -> None:
    await hass.config_entries.async_unload(home.entry_id)
    found, text = await told(hass, hass_client, home)
    assert found == {"state": "not_loaded"}
    assert home.data["home"] not in text


SECRETS = {
    "name": "Medgar Wiley Evers",
    "address": "2332 Margaret Walker Alexander Drive",
    "url with credentials": "https://medgar:hunter2@hub.example.org:8443/x?t=1",
    "public address": "203.0.113.77",
    "public address 6": "2001:db8::7:77",
    "coordinates": "32.341500,-90.212300",
    "token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjIn0.c2lnbmF0dXJl",
    "sdp": "a=candidate:1 1 UDP 2130706431 198.51.100.9 54400 typ host",
    "ice": "a=ice-pwd:asd88fgpdd777uzjYhagZg",
    "key": "-----BEGIN PRIVATE KEY-----MC4CAQAwBQYDK2VwBCIEIA==",
    "certificate": "-----BEGIN CERTIFICATE-----MIIBszCCAVmgAwIBAgIUZ==",
    "password": "correct horse battery staple",
    "mac": "02:00:5e:10:00:7f",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
async def test_no_secret(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    city: City,
    camera: FakeCamera,
    secret: str,
) -> None:
    """Wherever words of people, of the city or of others may stand."""
    er.async_get(hass).async_update_entity("camera.porch", name=secret)
    share = share_data(hass, name=secret, stream_source=secret, password=secret)
    entry = await enrol(hass, city, [subentry(share)])
    hass.config_entries.async_update_entry(
        entry,
        title=secret,
        data={**entry.data, "accepted_by": secret, "token": secret, "options": {"sdp": secret}},
        options={"note": secret},
    )
    hass.states.async_set("camera.porch", "idle", {"access_token": secret, "source": secret})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await city.until_granted(entry.data["home"], CAMERA)
    grant = await city.until_granted(entry.data["home"], CAMERA)
    request = city.request(grant, operator=Operator(pseudonym=secret[:40], role=Role.OFFICER))
    incident = replace(request.incident, kind=secret[:64], reference=secret[:64], id=secret[:64])
    await city.ask(replace(request, incident=incident))
    await city.reply(request)
    camera.image = RuntimeError(secret)
    await city.look(grant)
    await hass.async_block_till_done()
    _, text = await told(hass, hass_client, entry)
    assert json.dumps(secret)[1:-1] not in text
    for part in re.findall(r"[\w.:]{8,}", secret):
        assert part not in text, part


async def test_nothing_of_its_own(
    hass: HomeAssistant, hass_client: ClientSessionGenerator, city: City, home: MockConfigEntry
) -> None:
    """No key, no certificate, no id of the wire, no place, exact or coarse; nothing like them."""
    grant = await city.until_granted(home.data["home"], CAMERA)
    await city.look(grant)
    await hass.async_block_till_done()
    found = await identities.load(hass, home.data["home"])
    assert found is not None
    _, text = await told(hass, hass_client, home)
    place = grant.view.place
    for secret in (
        private_to_pem(found.keys.signing).splitlines()[1],
        private_to_pem(found.keys.tls).splitlines()[1],
        found.certificate.splitlines()[1],
        found.ca.splitlines()[1],
        home.data["home"],
        home.data["url"],
        CAMERA,
        grant.jti,
        city.signer.kid,
        city.document["key"]["x"],
        city.name,
        "Evers",
        "127.0.0.1",
        "Porch",
        "CAD-1",
        "o1",
        *(str(number)[:6] for number in (CAPITOL.lat, CAPITOL.lon, place.lat, place.lon)),
    ):
        assert json.dumps(secret)[1:-1] not in text, secret
    for pattern in (
        r"-----BEGIN",
        r"\beyJ[\w-]+\.",
        r"\w+://",
        r"\b\d{1,3}(\.\d{1,3}){3}\b",
        r"-?\d{1,3}\.\d{3,5}\b(?!\d*\+)",
        r"a=(candidate|ice)",
    ):
        assert not re.search(pattern, text), pattern
