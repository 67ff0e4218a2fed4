"""The blueprints: each is loaded into Home Assistant as an automation, and triggered."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.components import automation
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_state_change_event
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.jackson_rtcc.protocol.grant import Grant
from tests.integration.city import City
from tests.integration.waiting import LIMIT_S, until_state

FOLDER = Path(__file__).parents[2] / "blueprints/automation/jackson_rtcc"
NAMES = sorted(path.stem for path in FOLDER.iterdir())
CAMERA = "c0ffee00c0ffee00"
PORCH = "switch.porch_sharing"
HOME = "switch.city_of_jackson_sharing"
MINUTE = timedelta(minutes=1)
PEOPLE = ["person.medgar", "device_tracker.myrlie"]


@pytest.fixture
def hass_config_dir(hass_tmp_config_dir: str) -> str:
    shutil.copytree(FOLDER, Path(hass_tmp_config_dir, "blueprints/automation/jackson_rtcc"))
    return hass_tmp_config_dir


@pytest.fixture(autouse=True)
async def off_afterwards(hass: HomeAssistant) -> AsyncGenerator[None]:
    """Let no automation wait for anything after its test."""
    yield
    if hass.services.has_service("automation", "turn_off"):
        data = {"entity_id": "all"}
        await hass.services.async_call("automation", "turn_off", data, blocking=True)


async def use(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Make an automation from a blueprint."""
    used = {"path": f"jackson_rtcc/{name}.yaml", "input": inputs}
    config = {"automation": [{"id": name, "alias": name, "use_blueprint": used}]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    state = hass.states.get(f"automation.{name}")
    assert state is not None
    assert state.state == "on"
    assert automation.automations_with_blueprint(hass, f"jackson_rtcc/{name}.yaml")


async def put(hass: HomeAssistant, entity_id: str, state: str) -> None:
    hass.states.async_set(entity_id, state)
    await hass.async_block_till_done()


async def switch(hass: HomeAssistant, entity_id: str, to: str) -> None:
    await hass.services.async_call("switch", f"turn_{to}", {"entity_id": entity_id}, blocking=True)
    await hass.async_block_till_done()


async def start(hass: HomeAssistant) -> None:
    """Let Home Assistant have started."""
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()


def is_on(hass: HomeAssistant, entity_id: str = PORCH) -> bool:
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state == "on"


@pytest.mark.parametrize("name", NAMES)
def test_shape(name: str) -> None:
    path = FOLDER / f"{name}.yaml"
    blueprint = Blueprint(
        load_yaml(path), expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )
    assert blueprint.validate() is None
    where = path.relative_to(FOLDER.parents[2])
    assert blueprint.metadata["source_url"].endswith(f"/blob/main/{where}")
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.10.0"


def test_all_are_documented_with_a_link_that_imports_them() -> None:
    text = (FOLDER.parents[2] / "docs/residents.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert (
            "https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url="
            "https%3A%2F%2Fgithub.com%2Fjackson-rtcc%2Fjackson-rtcc%2Fblob%2Fmain%2Fblueprints"
            f"%2Fautomation%2Fjackson_rtcc%2F{name}.yaml" in text
        )


async def test_someone_comes_home(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    for person in PEOPLE:
        hass.states.async_set(person, "not_home")
    await use(hass, "revoke_when_someone_comes_home", sharing=[PORCH], people=PEOPLE)
    assert is_on(hass)
    await put(hass, PEOPLE[1], "home")
    assert not is_on(hass)
    await city.until_revoked(home.data["home"], CAMERA)
    await put(hass, PEOPLE[1], "not_home")
    assert not is_on(hass)


async def test_someone_came_home_meanwhile(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set(PEOPLE[0], "home")
    hass.states.async_set(PEOPLE[1], "not_home")
    hass.set_state(CoreState.starting)
    await use(hass, "revoke_when_someone_comes_home", sharing=[HOME], people=PEOPLE)
    await start(hass)
    assert not is_on(hass, HOME)


async def test_only_while_away(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Not knowing where somebody is counts as at home."""
    for person in PEOPLE:
        hass.states.async_set(person, "home")
    hass.set_state(CoreState.starting)
    await use(hass, "share_only_while_away", sharing=[PORCH], people=PEOPLE)
    await start(hass)
    assert not is_on(hass)
    await put(hass, PEOPLE[0], "not_home")
    assert not is_on(hass)
    await put(hass, PEOPLE[1], "Work")
    assert is_on(hass)
    # From here the automation waits, so Home Assistant is never done in between.
    hass.states.async_set(PEOPLE[1], "unavailable")
    await until_state(hass, PORCH, "off")
    await put(hass, PEOPLE[1], "not_home")
    assert is_on(hass)
    await put(hass, PEOPLE[0], "home")
    assert not is_on(hass)
    hass.states.async_set(PEOPLE[0], "unknown")
    await put(hass, PEOPLE[0], "home")
    assert not is_on(hass)
    hass.states.async_set(PEOPLE[0], "unknown")
    await put(hass, PEOPLE[0], "not_home")
    assert is_on(hass)


async def test_taken_back_while_away(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Only somebody's leaving shares: not a way from place to place, a lost phone, a restart."""
    hass.states.async_set(PEOPLE[0], "not_home")
    hass.states.async_set(PEOPLE[1], "Work")
    hass.set_state(CoreState.starting)
    await use(hass, "share_only_while_away", sharing=[PORCH], people=PEOPLE)
    await switch(hass, PORCH, "off")
    await start(hass)
    assert not is_on(hass)
    await put(hass, PEOPLE[1], "not_home")
    assert not is_on(hass)
    hass.states.async_set(PEOPLE[0], "unavailable")
    await put(hass, PEOPLE[0], "not_home")
    assert not is_on(hass)
    await put(hass, PEOPLE[0], "home")
    await put(hass, PEOPLE[0], "not_home")
    assert is_on(hass)


async def test_from_sunset_to_sunrise(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set("sun.sun", "above_horizon")
    hass.set_state(CoreState.starting)
    await use(hass, "share_at_night", sharing=[PORCH])
    await start(hass)
    assert not is_on(hass)
    await put(hass, "sun.sun", "below_horizon")
    assert is_on(hass)
    await put(hass, "sun.sun", "unavailable")
    await put(hass, "sun.sun", "above_horizon")
    assert not is_on(hass)


async def test_taken_back_in_the_night(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """Only the beginning of the night shares: not the other clock, not a reload of the sun."""
    hass.states.async_set("sun.sun", "above_horizon")
    hass.set_state(CoreState.starting)
    soon = (dt_util.now() + 2 * MINUTE).replace(second=0)
    await use(hass, "share_at_night", sharing=[PORCH], starts=f"{soon:%H:%M:%S}")
    await start(hass)
    await put(hass, "sun.sun", "below_horizon")
    assert is_on(hass)
    await switch(hass, PORCH, "off")
    async_fire_time_changed(hass, soon)
    await hass.async_block_till_done()
    assert not is_on(hass)
    await put(hass, "sun.sun", "unavailable")
    await put(hass, "sun.sun", "below_horizon")
    assert not is_on(hass)


async def test_restarted_in_the_night(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set("sun.sun", "below_horizon")
    hass.set_state(CoreState.starting)
    await switch(hass, PORCH, "off")
    await use(hass, "share_at_night", sharing=[PORCH])
    await start(hass)
    assert not is_on(hass)


async def test_only_the_clock_begins(
    hass: HomeAssistant, home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A night between two times begins by the clock, whatever the sun does."""
    soon = (dt_util.now() + 2 * MINUTE).replace(second=0)
    clock = {"starts": f"{soon:%H:%M:%S}", "ends": f"{soon + 5 * MINUTE:%H:%M:%S}"}
    hass.states.async_set("sun.sun", "above_horizon")
    await use(hass, "share_at_night", sharing=[PORCH], night="times", **clock)
    await switch(hass, PORCH, "off")
    monkeypatch.setattr(dt_util, "now", lambda *_: soon)
    await put(hass, "sun.sun", "below_horizon")
    assert not is_on(hass)
    async_fire_time_changed(hass, soon)
    await hass.async_block_till_done()
    assert is_on(hass)


@pytest.mark.parametrize(
    ("starts", "ends", "shared"),
    [
        ("22:00:00", "06:00:00", {"21:59:59": False, "22:00:00": True, "06:00:00": False}),
        ("01:00:00", "05:30:00", {"00:59:59": False, "01:00:00": True, "05:30:00": False}),
    ],
)
async def test_between_two_times(
    hass: HomeAssistant,
    home: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
    starts: str,
    ends: str,
    shared: dict[str, bool],
) -> None:
    await use(hass, "share_at_night", sharing=[PORCH], night="times", starts=starts, ends=ends)
    now = dt_util.now()
    for clock, on in shared.items():
        moment = datetime.combine(now.date(), time.fromisoformat(clock), now.tzinfo)
        # Half a day in one step would end every connection, so templates alone see it.
        monkeypatch.setattr(dt_util, "now", lambda *_, moment=moment: moment)
        data = {"entity_id": "automation.share_at_night"}
        await hass.services.async_call("automation", "trigger", data, blocking=True)
        await hass.async_block_till_done()
        assert is_on(hass) is on, clock


REASON = "input_boolean.guests"


async def test_while_on(hass: HomeAssistant, city: City, home: MockConfigEntry) -> None:
    """What was shared is shared again, and nothing else."""
    hass.states.async_set(REASON, "off")
    await use(hass, "revoke_while_on", sharing=[PORCH, HOME], reason=REASON)
    # The automation waits until it is off, so Home Assistant is never done in between.
    hass.states.async_set(REASON, "on")
    await until_state(hass, HOME, "off")
    await until_state(hass, PORCH, "off")
    hass.states.async_set(REASON, "unavailable")
    await city.until_revoked(home.data["home"], CAMERA)
    assert not is_on(hass)
    await put(hass, REASON, "off")
    assert is_on(hass, PORCH)
    assert is_on(hass, HOME)
    await switch(hass, PORCH, "off")
    hass.states.async_set(REASON, "on")
    await until_state(hass, HOME, "off")
    await put(hass, REASON, "off")
    assert not is_on(hass, PORCH)
    assert is_on(hass, HOME)


async def test_for_a_while_is_not_for_good(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """What was shared for an hour only is not switched on afterwards."""
    hass.states.async_set(REASON, "off")
    await use(hass, "revoke_while_on", sharing=[PORCH, HOME], reason=REASON)
    await switch(hass, PORCH, "off")
    data = {"entity_id": PORCH, "duration": "01:00:00"}
    await hass.services.async_call("jackson_rtcc", "share_for", data, blocking=True)
    shared = hass.states.get(PORCH)
    assert shared is not None
    assert shared.state == "on"
    until = dt_util.parse_datetime(shared.attributes["shared_until"])
    assert until is not None
    assert until > dt_util.utcnow() + 58 * MINUTE
    hass.states.async_set(REASON, "on")
    await until_state(hass, HOME, "off")
    await until_state(hass, PORCH, "off")
    await put(hass, REASON, "off")
    assert is_on(hass, HOME)
    assert not is_on(hass)
    shared = hass.states.get(PORCH)
    assert shared is not None
    assert "shared_until" not in shared.attributes


async def test_on_again_at_once(hass: HomeAssistant, home: MockConfigEntry) -> None:
    """What begins while the last time is being undone counts."""
    hass.states.async_set(REASON, "off")
    await use(hass, "revoke_while_on", sharing=[PORCH], reason=REASON)
    hass.states.async_set(REASON, "on")
    await until_state(hass, PORCH, "off")
    seen: list[str] = []

    @callback
    def on_again(event: Event[EventStateChangedData]) -> None:
        assert event.data["new_state"] is not None
        seen.append(event.data["new_state"].state)
        if seen == ["on"]:
            hass.states.async_set(REASON, "on")

    unsubscribe = async_track_state_change_event(hass, PORCH, on_again)
    hass.states.async_set(REASON, "off")
    await until_state(hass, PORCH, "on")
    await until_state(hass, PORCH, "off")
    unsubscribe()
    assert seen == ["on", "off"]


async def test_while_on_and_ever_after(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set(REASON, "off")
    await use(hass, "revoke_while_on", sharing=PORCH, reason=REASON, share_again=False)
    await put(hass, REASON, "on")
    await put(hass, REASON, "off")
    assert not is_on(hass)


async def test_on_already(hass: HomeAssistant, home: MockConfigEntry) -> None:
    hass.states.async_set(REASON, "on")
    hass.set_state(CoreState.starting)
    await use(hass, "revoke_while_on", sharing=[PORCH], reason=REASON)
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await until_state(hass, PORCH, "off")
    await put(hass, REASON, "off")
    assert is_on(hass)


class Phone:
    """A phone with the Home Assistant app: registered, and listening for notifications."""

    def __init__(self, hass: HomeAssistant, client: Any, socket: Any, webhook: str) -> None:
        self._client = client
        self._socket = socket
        self._webhook = webhook
        (entry,) = hass.config_entries.async_entries("mobile_app")
        (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        self.device = device.id

    @classmethod
    async def register(cls, hass: HomeAssistant, client: Any, socket: Any) -> Phone:
        answer = await client.post(
            "/api/mobile_app/registrations",
            json={
                "app_data": {"push_websocket_channel": True},
                "app_id": "io.homeassistant.test",
                "app_name": "Test",
                "app_version": "1",
                "device_id": "phone-1",
                "device_name": "Phone",
                "manufacturer": "Test",
                "model": "Test",
                "os_name": "Test",
                "os_version": "1",
                "supports_encryption": False,
            },
        )
        assert answer.status == 201
        webhook = (await answer.json())["webhook_id"]
        await hass.async_block_till_done()
        await socket.send_json_auto_id(
            {"type": "mobile_app/push_notification_channel", "webhook_id": webhook}
        )
        assert (await socket.receive_json())["success"]
        return cls(hass, client, socket, webhook)

    async def notification(self) -> Any:
        async with asyncio.timeout(LIMIT_S):
            return (await self._socket.receive_json())["event"]

    async def press(self, action: str) -> None:
        event = {"event_type": "mobile_app_notification_action", "event_data": {"action": action}}
        answer = await self._client.post(
            f"/api/webhook/{self._webhook}", json={"type": "fire_event", "data": event}
        )
        assert answer.status == 200


@pytest.fixture
async def phone(
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    home: MockConfigEntry,
) -> Phone:
    for name in ("notify", "mobile_app"):
        assert await async_setup_component(hass, name, {})
    return await Phone.register(hass, await hass_client(), await hass_ws_client())


async def test_notify(hass: HomeAssistant, city: City, home: MockConfigEntry, phone: Phone) -> None:
    grant: Grant = await city.until_granted(home.data["home"], CAMERA)
    await use(hass, "notify_on_every_look", phone=phone.device)
    await city.look(grant)
    first = await phone.notification()
    assert first["title"] == "Porch"
    assert first["message"] == "Officer o1: Robbery, CAD-1"
    (button,) = first["data"]["actions"]
    assert button["title"] == "Stop sharing"
    await city.look(grant)
    second = (await phone.notification())["data"]["actions"][0]["action"]
    assert second != button["action"]
    assert len(second.removeprefix("JACKSON_RTCC_")) == 32
    await phone.press("JACKSON_RTCC_guessed")
    assert is_on(hass)
    await phone.press(button["action"])
    await until_state(hass, PORCH, "off")
    await city.until_revoked(home.data["home"], CAMERA)


async def test_notify_of_what_was_refused(
    hass: HomeAssistant, city: City, home: MockConfigEntry, phone: Phone
) -> None:
    """Of a camera that is not shared there is nothing to stop."""
    grant = await city.until_granted(home.data["home"], CAMERA)
    await use(hass, "notify_on_every_look", phone=phone.device, kinds=["look_refused"])
    await city.look(grant)
    await city.look(grant, camera="0123456789abcdef")
    told = await phone.notification()
    assert told["title"] == home.title
    assert told["message"] == "Officer o1: Robbery, CAD-1 (not granted)"
    assert told["data"]["actions"] == []


def test_yaml_is_as_home_assistant_exports_it() -> None:
    """Every input that is declared is used, and the other way round."""

    class Inputs(yaml.SafeLoader):
        """Collects the inputs that are used."""

    for name in NAMES:
        used: set[str] = set()

        def note(_loader: Any, node: Any, used: set[str] = used) -> str:
            used.add(node.value)
            return str(node.value)

        Inputs.add_constructor("!input", note)
        found = yaml.load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), Inputs)  # noqa: S506
        assert used == set(found["blueprint"]["input"]), name
