"""Automations that revoke, written in YAML as a user writes them."""

import pytest

from tests.e2e.conftest import WholePath


@pytest.mark.parametrize("trigger", ["input_boolean.visitors", "input_boolean.night"])
async def test_an_automation_revokes(path: WholePath, trigger: str) -> None:
    client, incident = path.stack.home_assistant.client, await path.incident()
    before = await path.operator.look(incident, path.camera)

    await client.call("input_boolean.turn_on", entity_id=trigger)
    try:
        await path.gone("the automation did not revoke", 5)
        after = await path.operator.look(incident, path.camera)
    finally:
        await client.call("input_boolean.turn_off", entity_id=trigger)

    assert before.ok
    assert (after.status, after.slug) == (404, "camera-unavailable")
    assert await client.state(path.switch) == "off"
