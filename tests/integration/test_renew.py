"""Certificates are renewed by themselves, while there is time."""

import asyncio
from datetime import datetime, timedelta

import pytest
from aiohttp import web
from cryptography import x509
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.jackson_rtcc import identity as identities
from custom_components.jackson_rtcc.renew import renewal_due
from tests.integration.cameras import FakeCamera
from tests.integration.city import City
from tests.integration.conftest import share_data, subentry
from tests.integration.enrolled import enrol

CAMERA = "c0ffee00c0ffee00"


@pytest.fixture
async def ending(hass: HomeAssistant, city: City, camera: FakeCamera) -> MockConfigEntry:
    """Enrol a home whose certificate ends within the hour."""
    city.authority.life = timedelta(hours=1)
    return await enrol(hass, city, [subentry(share_data(hass))])


def serial(pem: str) -> int:
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


@pytest.mark.parametrize(("day", "due"), [(0, False), (60, False), (61, True), (100, True)])
def test_due_in_the_last_third(day: int, due: bool) -> None:
    starts = datetime(2026, 1, 1, tzinfo=dt_util.UTC)
    ends = starts + timedelta(days=90)
    assert renewal_due(starts, ends, starts + timedelta(days=day)) is due


async def test_renewed_at_start(hass: HomeAssistant, city: City, ending: MockConfigEntry) -> None:
    id_ = ending.data["home"]
    before = serial(city.homes[id_].certificate)
    assert await hass.config_entries.async_setup(ending.entry_id)
    await city.until_granted(id_, CAMERA)
    renewed = city.homes[id_].certificate
    assert serial(renewed) != before
    stored = await identities.load(hass, id_)
    assert stored is not None
    assert stored.certificate == renewed
    assert ending.runtime_data.identity.certificate == renewed


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=503),
        web.json_response({"home": "another", "certificate": "", "ca": ""}),
    ],
)
async def test_tried_again_each_day(
    hass: HomeAssistant,
    city: City,
    ending: MockConfigEntry,
    answer: web.Response,
    caplog: pytest.LogCaptureFixture,
) -> None:
    id_ = ending.data["home"]
    city.answers["/api/v1/certificates"] = answer
    before = serial(city.homes[id_].certificate)
    assert await hass.config_entries.async_setup(ending.entry_id)
    await city.until_granted(id_, CAMERA)
    assert "could not be renewed" in caplog.text
    assert ending.runtime_data.identity.certificate == city.homes[id_].certificate

    city.answers.clear()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=1, minutes=1))
    async with asyncio.timeout(15):
        await city.renewed.wait()
    assert serial(city.homes[id_].certificate) != before


async def test_a_certificate_for_another_home(
    hass: HomeAssistant,
    city: City,
    ending: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    home = city.homes[ending.data["home"]]
    city.answers["/api/v1/certificates"] = web.json_response(
        {"home": "another", "certificate": home.certificate, "ca": city.authority.pem}
    )
    assert await hass.config_entries.async_setup(ending.entry_id)
    await city.until_granted(home.id, CAMERA)
    assert "another home" in caplog.text


async def test_a_certificate_for_another_key(
    hass: HomeAssistant,
    city: City,
    ending: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What does not belong to the new key would shut the home out, so the old one stays."""
    home = city.homes[ending.data["home"]]
    city.answers["/api/v1/certificates"] = web.json_response(
        {"home": home.id, "certificate": home.certificate, "ca": city.authority.pem}
    )
    assert await hass.config_entries.async_setup(ending.entry_id)
    await city.until_granted(home.id, CAMERA)
    assert "not for this home's key" in caplog.text
    assert ending.runtime_data.identity.certificate == home.certificate
