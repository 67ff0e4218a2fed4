"""Repair flows over the API that the frontend uses, and issues to wait for."""

from typing import Any

from homeassistant.components.repairs import DOMAIN as REPAIRS
from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from tests.integration.waiting import until_told

DOMAIN = "jackson_rtcc"


def issue(hass: HomeAssistant, issue_id: str) -> ir.IssueEntry | None:
    """Return an issue that is raised now."""
    found = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    return found if found and found.active else None


async def until_issue(hass: HomeAssistant, issue_id: str, *, there: bool = True) -> None:
    """Return when the issue is there, or is not."""

    @callback
    def listen(tell: Any) -> Any:
        def told(_event: Event[Any]) -> None:
            tell()

        return hass.bus.async_listen(ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED, callback(told))

    await until_told(listen, lambda: (issue(hass, issue_id) is not None) is there)


async def begin_fix(hass: HomeAssistant, issue_id: str) -> Any:
    """Begin to fix an issue."""
    assert await async_setup_component(hass, REPAIRS, {})
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return await manager.async_init(DOMAIN, context={"issue_id": issue_id})


async def go_on_fixing(hass: HomeAssistant, result: Any, user_input: dict[str, Any]) -> Any:
    """Submit a step of a fix."""
    manager = repairs_flow_manager(hass)
    assert manager is not None
    return await manager.async_configure(result["flow_id"], user_input)
