"""These tests notice what Home Assistant's own would: the loop used from a wrong thread."""

import pytest
from homeassistant.core import HomeAssistant


async def test_a_call_from_a_wrong_thread_is_refused(hass: HomeAssistant) -> None:
    with pytest.raises(RuntimeError, match="other than the current one"):
        await hass.async_add_executor_job(hass.loop.call_soon, print)


async def test_a_timer_from_a_wrong_thread_is_refused(hass: HomeAssistant) -> None:
    with pytest.raises(RuntimeError, match="other than the current one"):
        await hass.async_add_executor_job(hass.loop.call_later, 0, print)
