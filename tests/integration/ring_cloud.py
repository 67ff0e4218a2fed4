"""Ring's cloud as its library's published interface shows it: one doorbell, with recordings."""

import json
from typing import Any

from ring_doorbell import Auth

DOORBELL = 987654
RECORDING = 42
RECORDING_URL = "https://recordings.ring.test/42.mp4"

DOORBELLS = {
    "doorbots": [
        {
            "id": DOORBELL,
            "description": "Front Door",
            "device_id": "aacdef123",
            "kind": "doorbell_v5",
            "location_id": "here",
            "battery_life": "90",
            "features": {"motions_enabled": True, "show_recordings": True},
            "settings": {"doorbell_volume": 5, "motion_detection_enabled": True},
            "subscribed": True,
            "subscribed_motions": True,
        }
    ],
    "authorized_doorbots": [],
    "chimes": [],
    "stickup_cams": [],
    "other": [],
}
HISTORY = [
    {
        "id": RECORDING,
        "kind": "motion",
        "created_at": "2026-06-08T17:00:00.000Z",
        "answered": False,
        "events": [],
        "favorite": False,
        "recording": {"status": "ready"},
        "snapshot_url": "",
    }
]
ANSWERS: dict[str, Any] = {
    "/clients_api/session": {"profile": {"id": 1}},
    "/clients_api/ring_devices": DOORBELLS,
    "/clients_api/dings/active": [],
    "/groups/v1/locations/here/groups": {"device_groups": []},
    f"/clients_api/doorbots/{DOORBELL}/history": HISTORY,
    f"/clients_api/doorbots/{DOORBELL}/health": {"device_health": {"wifi_name": "home"}},
    f"/clients_api/dings/{RECORDING}/share/play": {"url": RECORDING_URL},
}


class Cloud(Auth):
    """Answers what the library asks."""

    async def async_query(self, url: str, *_: Any, **__: Any) -> Auth.Response:
        path = url.removeprefix("https://api.ring.com")
        return Auth.Response(json.dumps(ANSWERS[path]).encode(), 200)


class Listener:
    """The push channel, over which nothing comes."""

    started = False

    def __init__(self, *_: Any) -> None:
        pass

    async def start(self, **_: Any) -> bool:
        self.started = True
        return True

    async def stop(self) -> None:
        self.started = False

    def add_notification_callback(self, _callback: Any) -> int:
        return 1
