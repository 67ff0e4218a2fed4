"""Repairs: what each issue is raised by, what it says, and what makes it go away."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.jackson_rtcc import issues
from custom_components.jackson_rtcc.protocol.keys import fingerprint, to_jwk
from custom_components.jackson_rtcc.protocol.tokens import Signer
from custom_components.jackson_rtcc.renew import ends_soon
from custom_components.jackson_rtcc.repairs import EnrolAnewFlow
from tests.integration.cameras import FakeCamera
from tests.integration.city import City, problem
from tests.integration.conftest import share_data, subentry
from tests.integration.enrolled import enrol
from tests.integration.repairing import begin_fix, go_on_fixing, issue, until_issue

CAMERA = "c0ffee00c0ffee00"
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1, minutes=1)


def tomorrow(hass: HomeAssistant, days: int = 1) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + days * DAY)


def placeholders(hass: HomeAssistant, id_: str) -> dict[str, str]:
    found = issue(hass, id_)
    assert found is not None
    return found.translation_placeholders or {}


# The clock: by the hub's refusal, or by the time that its answer bears.


@pytest.mark.parametrize("ahead", [-3 * MINUTE, -1.5 * MINUTE, 1.5 * MINUTE, 3 * MINUTE])
async def test_clock_off(
    hass: HomeAssistant, city: City, home: MockConfigEntry, ahead: timedelta
) -> None:
    id_ = f"clock_off_{home.entry_id}"
    city.ahead = ahead
    tomorrow(hass)
    await until_issue(hass, id_)
    assert placeholders(hass, id_) == {"city": "City of Jackson"}
    city.ahead = timedelta()
    tomorrow(hass, 2)
    await until_issue(hass, id_, there=False)


async def test_clock_right_again(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """Whoever has set the clock need not wait for the next day."""
    id_ = f"clock_off_{home.entry_id}"
    city.ahead = 3 * MINUTE
    await home.runtime_data.standing.check()
    assert issue(hass, id_)
    city.ahead = timedelta()
    now = dt_util.utcnow()
    assert not home.runtime_data.standing.ask_again_due(now + 10 * MINUTE)
    # The home's own clock stands still, so that no connection is lost on the way.
    home.runtime_data._on_tick(now + 16 * MINUTE)
    await until_issue(hass, id_, there=False)


async def test_clock_a_little_off(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    asked = city.asked.count("/api/v1/status")
    city.ahead = timedelta(seconds=50)
    tomorrow(hass)
    await city.until_asked("status", asked + 1)
    await hass.async_block_till_done(wait_background_tasks=False)
    assert issue(hass, f"clock_off_{home.entry_id}") is None


@pytest.mark.parametrize("answer", [None, problem(503, "internal")])
async def test_clock_seen_in_a_request(
    hass: HomeAssistant, city: City, home: MockConfigEntry, answer: web.Response | None
) -> None:
    """A request from another time makes the home ask; if it gets no answer it believes it."""
    grant = await city.until_granted(home.data["home"], CAMERA)
    city.ahead = 3 * MINUTE
    if answer is not None:
        city.answers["*"] = answer
    await city.ask(city.request(grant, issued=city.now))
    await until_issue(hass, f"clock_off_{home.entry_id}")


async def test_late_request_with_the_right_clock(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """A request that was long on its way says nothing about the clock."""
    asked = city.asked.count("/api/v1/status")
    grant = await city.until_granted(home.data["home"], CAMERA)
    reply = await city.look(grant, issued=city.now - 5 * MINUTE)
    assert reply.reason == "expired"
    await city.until_asked("status", asked + 1)
    await hass.async_block_till_done(wait_background_tasks=False)
    assert issue(hass, f"clock_off_{home.entry_id}") is None


@pytest.mark.parametrize("date", ["", "yesterday"])
async def test_no_date(hass: HomeAssistant, city: City, home: MockConfigEntry, date: str) -> None:
    """An answer without a time says nothing about the clock."""
    city.date = date
    city.ahead = 1.5 * MINUTE
    asked = city.asked.count("/api/v1/status")
    tomorrow(hass)
    await city.until_asked("status", asked + 1)
    await hass.async_block_till_done(wait_background_tasks=False)
    assert issue(hass, f"clock_off_{home.entry_id}") is None


# The hub's key.


async def test_hub_key_changed(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    id_, right = f"hub_key_changed_{home.entry_id}", city.document["key"]
    await city.until_granted(home.data["home"], CAMERA)
    other = Signer(Ed25519PrivateKey.generate())
    city.document["key"] = to_jwk(other.key.public_key())
    city.registry._hub = other.kid
    tomorrow(hass)
    await until_issue(hass, id_)
    assert placeholders(hass, id_) == {
        "city": "City of Jackson",
        "pinned": fingerprint(city.signer.kid),
        "found": fingerprint(other.kid),
    }
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    result = await begin_fix(hass, id_)
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "confirm")
    result = await go_on_fixing(hass, result, {})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "enrol_anew")

    city.document["key"] = right
    city.registry._hub = city.signer.kid
    tomorrow(hass, 2)
    await until_issue(hass, id_, there=False)
    await city.until_granted(home.data["home"], CAMERA, revocation.seq)


async def test_hub_key_changed_with_the_rules(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """Rules under another key are not even shown."""
    other = Signer(Ed25519PrivateKey.generate())
    city.document["key"] = to_jwk(other.key.public_key())
    city.change_rules(waiver={"version": "2", "text": {"en": "Anything goes."}})
    tomorrow(hass)
    await until_issue(hass, f"hub_key_changed_{home.entry_id}")
    assert issue(hass, f"rules_changed_{home.entry_id}") is None
    assert home.runtime_data.consents.offered is None


async def test_request_of_another_key(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    grant = await city.until_granted(home.data["home"], CAMERA)
    other = Signer(Ed25519PrivateKey.generate())
    city.document["key"] = to_jwk(other.key.public_key())
    city.registry._hub = other.kid
    await city.ask(city.request(grant), other)
    await until_issue(hass, f"hub_key_changed_{home.entry_id}")


async def test_refused_by_the_same_hub(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """A refusal for another reason changes nothing."""
    grant = await city.until_granted(home.data["home"], CAMERA)
    city.answers["/api/v1/status"] = problem(400, "refused-statement", reason="bad_signature")
    asked = city.asked.count("/api/v1/city")
    tomorrow(hass)
    await city.until_asked("city", asked + 1)
    await hass.async_block_till_done(wait_background_tasks=False)
    assert not home.runtime_data.standing.holds
    assert city.word(home.data["home"], CAMERA) == grant


async def test_status_out_of_shape(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    asked = city.asked.count("/api/v1/status")
    city.answers["/api/v1/status"] = web.json_response({"cameras": []})
    tomorrow(hass)
    await city.until_asked("status", asked + 1)
    await hass.async_block_till_done(wait_background_tasks=False)
    assert not home.runtime_data.standing.holds


# The certificate.


@pytest.fixture
async def ending(hass: HomeAssistant, city: City, camera: FakeCamera) -> MockConfigEntry:
    """Enrol a home whose certificate ends within the hour."""
    city.authority.life = timedelta(hours=1)
    return await enrol(hass, city, [subentry(share_data(hass))])


async def test_certificate_ending(hass: HomeAssistant, city: City, ending: MockConfigEntry) -> None:
    id_ = f"certificate_ending_{ending.entry_id}"
    city.answers["/api/v1/certificates"] = problem(503, "internal")
    assert await hass.config_entries.async_setup(ending.entry_id)
    await until_issue(hass, id_)
    words = placeholders(hass, id_)
    assert words["why"].startswith("Nothing answers at this address")
    _, ends = ending.runtime_data.identity.valid
    assert words["ends"] == f"{dt_util.as_local(ends):%Y-%m-%d %H:%M}"
    await city.until_granted(ending.data["home"], CAMERA)

    city.answers.clear()
    tomorrow(hass)
    await until_issue(hass, id_, there=False)


async def test_certificate_refused_then_renewed(
    hass: HomeAssistant, city: City, ending: MockConfigEntry
) -> None:
    """A broker's refusal may only mean that the certificate has ended: no new code for that."""
    city.answers["/api/v1/certificates"] = problem(503, "internal")
    assert await hass.config_entries.async_setup(ending.entry_id)
    await until_issue(hass, f"certificate_ending_{ending.entry_id}")
    await city.until_granted(ending.data["home"], CAMERA)
    city.answers.clear()
    ending.runtime_data._renewal_tried -= timedelta(hours=1)
    ending.runtime_data._on_refused()
    await until_issue(hass, f"certificate_ending_{ending.entry_id}", there=False)
    assert not hass.config_entries.flow.async_progress()


@pytest.mark.parametrize(("days", "soon"), [(15, False), (13, True), (-1, True)])
def test_ends_soon(days: int, soon: bool) -> None:
    now = dt_util.utcnow()
    assert ends_soon(now + timedelta(days=days), now) is soon


# Others.


async def test_entry_is_gone(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """The entry may be removed while its repair is open."""
    issues.twin_home(hass, home.entry_id, "City of Jackson")
    result = await begin_fix(hass, f"twin_home_{home.entry_id}")
    assert await hass.config_entries.async_remove(home.entry_id)
    result = await go_on_fixing(hass, result, {})
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_loaded")


async def test_issue_is_gone(hass: HomeAssistant) -> None:
    flow: Any = EnrolAnewFlow("gone")
    flow.hass, flow.issue_id, flow.context = hass, "twin_home_gone", {}
    assert (await flow.async_step_confirm())["description_placeholders"] is None
