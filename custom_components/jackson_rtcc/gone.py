"""Cameras and schedules that are shared by and gone from Home Assistant: raises and ends issues."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant, callback

from . import issues
from .capabilities import in_use
from .issues import Issue
from .share import Share


@callback
def report_gone(hass: HomeAssistant, entry_id: str, shares: Mapping[str, Share]) -> None:
    """Bring the issues in line with what is there; what is back, or shared no more, has none."""
    issues.keep_only(hass, entry_id, set(shares))
    for subentry_id, share in shares.items():
        if in_use(hass, share.entity):
            issues.gone(hass, Issue.CAMERA_GONE, subentry_id)
        else:
            issues.camera_gone(hass, entry_id, subentry_id, share.name)
        if share.schedule is None or in_use(hass, share.schedule):
            issues.gone(hass, Issue.SCHEDULE_GONE, subentry_id)
        else:
            issues.schedule_gone(hass, entry_id, subentry_id, share.name)
