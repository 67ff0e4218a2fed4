"""Changed rules: nothing is granted until the owner has read what changed and accepted it."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.jackson_rtcc import rules
from custom_components.jackson_rtcc.protocol.city import City as CityDocument
from custom_components.jackson_rtcc.protocol.consent import State
from custom_components.jackson_rtcc.protocol.documents import Policy
from custom_components.jackson_rtcc.words import policy_words
from tests.integration.city import POLICY, WAIVER, City, problem
from tests.integration.repairing import begin_fix, go_on_fixing, issue, until_issue
from tests.integration.waiting import until_idle

DOMAIN = "jackson_rtcc"
CAMERA = "c0ffee00c0ffee00"
DAY = timedelta(days=1, minutes=1)
ACCEPTED = {"accepted_by": "Myrlie Evers", "accept": True}

NEW_WAIVER = {
    "version": "2",
    "text": {
        "en": "You lend your camera.\n\nYou may\nstop at any time.",
        "es": "Usted presta su cámara.\n\nPuede dejarlo cuando quiera.",
    },
}
ROBBERY: dict[str, Any] = POLICY["kinds"]["robbery"]  # type: ignore[index]
NEW_POLICY = {
    "version": "3",
    "kinds": {
        "robbery": ROBBERY | {"radius_m": 900, "scopes": ["snapshot"]},
        "shots": {
            "name": {"en": "Shots fired", "es": "Disparos"},
            "radius_m": 1000,
            "duration_s": 3600,
            "scopes": ["snapshot"],
        },
    },
}


def rules_issue(entry: MockConfigEntry) -> str:
    return f"rules_changed_{entry.entry_id}"


async def change(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """Change the rules, and let the day pass on which the home asks."""
    city.change_rules(waiver=NEW_WAIVER, policy=NEW_POLICY)
    async_fire_time_changed(hass, dt_util.utcnow() + DAY)
    await until_issue(hass, rules_issue(home))


async def test_changed_and_accepted(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    id_ = home.data["home"]
    before = await city.until_granted(id_, CAMERA)
    await change(hass, city, home)
    revocation = await city.until_revoked(id_, CAMERA)
    assert revocation.seq > before.seq

    result = await begin_fix(hass, rules_issue(home))
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "accept"
    words = result["description_placeholders"]
    assert words["city"] == "City of Jackson"
    assert words["changes"] == (
        "- The **waiver** was version 1 and is now version 2.\n"
        "- The **rules** were version 1 and are now version 3.\n"
        "- Changed: **Robbery** (within 900 m of the incident, before 800 m;"
        " still pictures, before still pictures, live video)\n"
        "- New: **Shots fired** (within 1000 m of the incident; for 1\N{NO-BREAK SPACE}h;"
        " still pictures)\n"
        "- Not allowed any more: **Illegal dumping**\n"
        "\nNew in the waiver:\n\n> You may\n> stop at any time."
    )
    assert words["waiver"] == NEW_WAIVER["text"]["en"]  # type: ignore[index]
    assert words["policy"].startswith("- **Robbery**: within at most 900 metres")

    result = await go_on_fixing(hass, result, ACCEPTED)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    grant = await city.until_granted(id_, CAMERA, revocation.seq)
    assert grant.policy == CityDocument.parse(city.document).policy.digest
    await city.until(lambda: city.live.live(CAMERA, city.now))
    await hass.async_block_till_done()
    assert issue(hass, rules_issue(home)) is None
    assert home.data["accepted_by"] == "Myrlie Evers"
    assert home.data["city"] == city.document
    given, again = await city.consents(id_)
    assert (given.name, again.name) == ("Medgar Evers", "Myrlie Evers")
    assert again.state is State.GIVEN
    assert again.waiver.version == "2"
    newest = home.runtime_data.consents.newest
    assert newest is not None
    assert newest.consent == again


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (
            {"waiver": {"version": "2", "text": {"en": "You lend it."}}},
            "- The **waiver** was version 1 and is now version 2.\n"
            "\nNo longer in the waiver:\n\n> You lend your camera.\n"
            "\nNew in the waiver:\n\n> You lend it.",
        ),
        (
            {"policy": {**POLICY, "version": "2"}},
            "- The **rules** were version 1 and are now version 2.",
        ),
        ({}, ""),
    ],
)
async def test_one_document_changed(
    hass: HomeAssistant, city: City, entry: MockConfigEntry, document: dict[str, Any], words: str
) -> None:
    before, now = (CityDocument.parse(city.document | each) for each in ({}, document))
    assert await rules.changes_in_words(hass, before, now) == words
    assert rules.same_rules(before, now) is not bool(words)


PROTESTS = {"id": "protests", "name": {"en": "Watching protests", "es": "Vigilar protestas"}}
RETENTION = {"unattached_s": 120, "attached_days": 90, "uncharged_days": 30}
PILOT = {"ends": 1_800_000_000, "city_cameras": 5, "private_cameras": 4}
FULL_POLICY: dict[str, Any] = {
    "version": "4",
    "kinds": {
        "robbery": ROBBERY | {"approval": {"radius_m": 600, "duration_s": 3600}},
        "dumping": POLICY["kinds"]["dumping"],  # type: ignore[index]
    },
    "prohibited": [PROTESTS],
    "retention": RETENTION,
    "pilot": PILOT,
}
TRIAL = "it ends on 2027-01-15 02:00, with at most 5 cameras of the city and 4 others"
KEPT = "nobody attached it: {}\N{NO-BREAK SPACE}s; attached: {} days; without charges: {} days"
BEFORE_KEPT, NOW_KEPT = KEPT.format(300, 60, 60), KEPT.format(120, 90, 30)


@pytest.mark.parametrize(
    ("before", "now", "lines"),
    [
        (
            POLICY,
            FULL_POLICY,
            [
                "Changed: **Robbery** (beyond 600 m, 1\N{NO-BREAK SPACE}h a supervisor must agree)",
                "Now never allowed: Watching protests",
                f"How long pictures are kept: {NOW_KEPT}; before: {BEFORE_KEPT}",
                f"It is a pilot now: {TRIAL}",
            ],
        ),
        (
            FULL_POLICY,
            {**POLICY, "version": "5"},
            [
                "Changed: **Robbery** (no supervisor has to agree any more)",
                "No longer named as never allowed: Watching protests",
                f"How long pictures are kept: {BEFORE_KEPT}; before: {NOW_KEPT}",
                f"It is no pilot any more; before: {TRIAL}",
            ],
        ),
        (
            FULL_POLICY,
            {
                **FULL_POLICY,
                "version": "6",
                "kinds": {
                    "robbery": ROBBERY | {"approval": {"radius_m": 700, "duration_s": 3600}},
                    "dumping": POLICY["kinds"]["dumping"],  # type: ignore[index]
                },
                "pilot": PILOT | {"private_cameras": 5},
            },
            [
                "Changed: **Robbery** (beyond 700 m, 1\N{NO-BREAK SPACE}h a supervisor must agree,"
                " before beyond 600 m, 1\N{NO-BREAK SPACE}h)",
                f"The pilot changed: {TRIAL.replace('4 others', '5 others')}; before: {TRIAL}",
            ],
        ),
    ],
    ids=["more", "less", "other"],
)
async def test_rules_beside_the_kinds_changed(
    hass: HomeAssistant,
    city: City,
    entry: MockConfigEntry,
    before: dict[str, Any],
    now: dict[str, Any],
    lines: list[str],
) -> None:
    await hass.config.async_set_time_zone("America/Chicago")
    old, new = (CityDocument.parse(city.document | {"policy": each}) for each in (before, now))
    found = (await rules.changes_in_words(hass, old, new)).splitlines()
    assert found[1:] == [f"- {line}" for line in lines]


async def test_the_whole_policy_in_words(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.config.language = "es"
    await hass.config.async_set_time_zone("America/Chicago")
    found = (await policy_words(hass, Policy.parse(FULL_POLICY))).splitlines()
    assert found[0].endswith(
        "; más allá de 600 m, 1\N{NO-BREAK SPACE}h debe aceptarlo un supervisor"
    )
    assert "supervisor" not in found[1]
    assert found[2] == "- Nunca, sea cual sea el incidente: Vigilar protestas"
    assert "a los 90 días" in found[3]
    assert "Termina el 2027-01-15 02:00" in found[4]
    assert len(found) == 5


async def test_in_spanish(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    hass.config.language = "es"
    await change(hass, city, home)
    words = (await begin_fix(hass, rules_issue(home)))["description_placeholders"]
    assert words["changes"].startswith("- La **exención** era la versión 1")
    assert "Nuevo: **Disparos**" in words["changes"]
    assert "> Puede dejarlo cuando quiera." in words["changes"]
    assert words["waiver"].endswith("Puede dejarlo cuando quiera.")


async def test_ignored(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """Whoever does not want to answer grants nothing, after a restart too."""
    id_ = home.data["home"]
    await change(hass, city, home)
    ir.async_ignore_issue(hass, DOMAIN, rules_issue(home), True)
    revocation = await city.until_revoked(id_, CAMERA)
    await hass.services.async_call(
        "switch", "turn_on", {"entity_id": "switch.porch_sharing"}, blocking=True
    )
    await hass.services.async_call(
        DOMAIN,
        "share_for",
        {"entity_id": "switch.porch_sharing", "duration": "01:00:00"},
        blocking=True,
    )
    # Nobody needs to be asked again: the hold outlives a restart without the city.
    city.answers["*"] = problem(503, "internal")
    assert await hass.config_entries.async_reload(home.entry_id)
    await city.until_presence(id_, b"online")
    again = await city.until(lambda: newer(city, id_, revocation.seq))
    assert not hasattr(again, "scopes")
    assert home.runtime_data.shares.grant(next(iter(home.subentries))) is None


def newer(city: City, home: str, seq: int) -> Any:
    word = city.word(home, CAMERA)
    return word if word and word.seq > seq else None


async def test_noticed_by_a_request(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    grant = await city.until_granted(home.data["home"], CAMERA)
    asked = city.asked.count("/api/v1/status")
    city.change_rules(policy=NEW_POLICY)
    for _ in range(2):
        assert (await city.look(grant, policy="another")).reason in (
            "policy_changed",
            "not_granted",
        )
    await until_issue(hass, rules_issue(home))
    await city.until_revoked(home.data["home"], CAMERA)
    assert city.asked.count("/api/v1/status") == asked + 1


async def test_noticed_at_link_up(hass: HomeAssistant, city: City, entry: MockConfigEntry) -> None:
    """A home that comes back to other rules grants nothing for a moment."""
    city.change_rules(waiver=NEW_WAIVER)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until_issue(hass, rules_issue(entry))
    await city.until_revoked(entry.data["home"], CAMERA)
    assert not city.live.live(CAMERA, city.now)
    assert not [token for token in city.history if hasattr(_word(city, entry, token), "scopes")]


def _word(city: City, entry: MockConfigEntry, told: tuple[str, bytes]) -> Any:
    topic, payload = told
    if "/grants/" not in topic:
        return None
    return city.verify(entry.data["home"], CAMERA, payload)


async def test_changed_back(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    await change(hass, city, home)
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    result = await begin_fix(hass, rules_issue(home))
    city.change_rules(waiver=WAIVER, policy=POLICY)
    await until_idle(home.runtime_data)
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * DAY)
    await until_issue(hass, rules_issue(home), there=False)
    await city.until_granted(home.data["home"], CAMERA, revocation.seq)
    result = await go_on_fixing(hass, result, ACCEPTED)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "as_accepted"


async def test_changed_again_meanwhile(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    await change(hass, city, home)
    result = await begin_fix(hass, rules_issue(home))
    city.change_rules(policy={**NEW_POLICY, "version": "4"})
    result = await go_on_fixing(hass, result, ACCEPTED)
    assert result["errors"] == {"base": "rules_changed"}
    assert "now version 4" in result["description_placeholders"]["changes"]
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    result = await go_on_fixing(hass, result, ACCEPTED)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await city.until_granted(home.data["home"], CAMERA, revocation.seq)


async def test_what_was_not_shown_is_not_accepted(
    hass: HomeAssistant, city: City, home: MockConfigEntry
) -> None:
    """The home may have learnt of still newer rules while the form was open."""
    await change(hass, city, home)
    result = await begin_fix(hass, rules_issue(home))
    city.change_rules(policy={**NEW_POLICY, "version": "4"})
    await home.runtime_data.standing.check()
    result = await go_on_fixing(hass, result, ACCEPTED)
    assert result["errors"] == {"base": "rules_changed"}
    assert "now version 4" in result["description_placeholders"]["changes"]
    assert len(await city.consents(home.data["home"])) == 1
    result = await go_on_fixing(hass, result, ACCEPTED)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("accepted", "answer", "errors"),
    [
        ({"accepted_by": " ", "accept": True}, None, {"accepted_by": "name_missing"}),
        ({"accepted_by": "Myrlie", "accept": False}, None, {"accept": "not_accepted"}),
        (ACCEPTED, problem(503, "internal"), {"base": "cannot_connect"}),
    ],
)
async def test_not_accepted(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    accepted: dict[str, Any],
    answer: Any,
    errors: dict[str, str],
) -> None:
    await change(hass, city, home)
    if answer is not None:
        city.answers["/api/v1/consents"] = answer
    result = await begin_fix(hass, rules_issue(home))
    result = await go_on_fixing(hass, result, accepted)
    assert result["errors"] == errors
    assert not city.live.count(city.now)
    city.answers.clear()
    revocation = await city.until_revoked(home.data["home"], CAMERA)
    result = await go_on_fixing(hass, result, ACCEPTED)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await city.until_granted(home.data["home"], CAMERA, revocation.seq)


async def test_entry_not_loaded(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    await change(hass, city, home)
    assert await hass.config_entries.async_unload(home.entry_id)
    assert home.state is ConfigEntryState.NOT_LOADED
    result = await begin_fix(hass, rules_issue(home))
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_loaded")
    assert await hass.config_entries.async_remove(home.entry_id)
    assert issue(hass, rules_issue(home)) is None


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("a", "a", []),
        ("a\n\nb", "a", [("removed", "b")]),
        ("a\n\nc", "a\n\n\n b\n\nc", [("added", "b")]),
        ("a", "b", [("removed", "a"), ("added", "b")]),
    ],
)
def test_paragraphs(before: str, now: str, expected: list[tuple[str, str]]) -> None:
    assert list(rules.paragraphs(before, now)) == expected
