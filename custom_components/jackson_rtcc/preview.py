"""The preview: shows the owner, while the flow is open, the very picture that the city would get.

An `img` in a browser carries no token, so its address is signed; and it names nothing but this one
picture, by an id that cannot be guessed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import UnknownFlow
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

LIFE = timedelta(minutes=10)
_PATH = f"/api/{DOMAIN}/preview"


@dataclass(frozen=True, slots=True)
class _Shown:
    id: str
    data: bytes
    until: datetime


_SHOWN: HassKey[dict[str, _Shown]] = HassKey(f"{DOMAIN}_previews")


@callback
def async_setup_preview(hass: HomeAssistant) -> None:
    """Offer the view."""
    hass.data[_SHOWN] = {}
    hass.http.register_view(PreviewView)


@callback
def show(hass: HomeAssistant, flow_id: str, data: bytes) -> str:
    """Return the address at which a flow's picture can be seen for a while; the last one only."""
    id_ = token_urlsafe(32)
    hass.data[_SHOWN][flow_id] = _Shown(id_, data, dt_util.utcnow() + LIFE)
    return async_sign_path(hass, f"{_PATH}/{id_}", LIFE)


@callback
def forget(hass: HomeAssistant, flow_id: str) -> None:
    """Drop a flow's picture."""
    hass.data[_SHOWN].pop(flow_id, None)


class PreviewView(HomeAssistantView):
    """Hands out the pictures of flows that are open."""

    url = f"{_PATH}/{{id}}"
    name = f"api:{DOMAIN}:preview"

    async def get(self, request: web.Request, id: str) -> web.Response:  # noqa: A002
        """Return the picture."""
        hass = request.app[KEY_HASS]
        now = dt_util.utcnow()
        for flow_id, shown in hass.data[_SHOWN].items():
            if shown.id == id and now < shown.until and _open(hass, flow_id):
                return web.Response(
                    body=shown.data,
                    content_type="image/jpeg",
                    headers={hdrs.CACHE_CONTROL: "no-store"},
                )
        raise web.HTTPNotFound


def _open(hass: HomeAssistant, flow_id: str) -> bool:
    try:
        hass.config_entries.subentries.async_get(flow_id)
    except UnknownFlow:
        return False
    return True
