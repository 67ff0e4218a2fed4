"""What a resident does in Home Assistant's user interface: add a camera, enrol, share, switch."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.home_assistant_client import HomeAssistantClient
from demo.waiting import Failed, until

DOMAIN = "jackson_rtcc"
NAME = "Demo Resident"
_LIMIT = 30.0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How a camera shall be shared."""

    name: str = "Demo camera"
    lat: float = 32.2988
    lon: float = -90.1848
    gate: str = "incident"
    precision: str = "exact"
    hours: dict[str, Any] | None = field(default=None)
    scopes: tuple[str, ...] = ("snapshot",)
    viewers: int = 2
    relay_only: bool = False


class Resident:
    """The owner, at the user interface of one Home Assistant."""

    def __init__(self, client: HomeAssistantClient) -> None:
        """Take the session in which the owner is signed in."""
        self._client = client

    async def entry(self) -> dict[str, Any] | None:
        """Return this home's entry, if it has enrolled."""
        entries = await self._client.ask("GET", "/api/config/config_entries/entry")
        return next((entry for entry in entries if entry["domain"] == DOMAIN), None)

    async def add_camera(self, name: str, file: Path) -> str:
        """Add a local file camera and return its entity id; one that is there is used again."""

        async def cameras() -> list[str]:
            return [
                state["entity_id"]
                for state in await self._client.states()
                if state["entity_id"].startswith("camera.")
                and state["attributes"].get("file_path") == str(file)
            ]

        if not await cameras():
            await self._client.flow(
                "flow", "local_file", {"user": {"name": name, "file_path": str(file)}}
            )
        return (await until(cameras, f"the camera {name} did not appear", _LIMIT))[0]

    async def enrol(self, url: str, code: str, camera: str, wish: Wish) -> str:
        """Enrol with the city, go on to share a first camera, and return the entry's id."""
        done = await self._client.flow(
            "flow",
            DOMAIN,
            {
                "user": {"url": url, "code": code},
                "city": {"accepted_by": NAME, "accept": True},
            },
        )
        kind, flow_id = done["next_flow"]
        if kind != "config_subentries_flow":
            raise Failed(f"after enrolling, Home Assistant goes on with {kind}")
        await self._client.go_on("subentries/flow", flow_id, _answers(camera, wish))
        return str(done["result"]["entry_id"])

    async def share(self, entry: str, camera: str, wish: Wish) -> None:
        """Share one more camera."""
        await self._client.flow("subentries/flow", [entry, "camera"], _answers(camera, wish))

    async def entity(self, platform: str, key: str, device: str | None = None) -> str:
        """Return the id of one of the integration's entities by its key and its device's name."""
        devices = {
            one["id"]: one["name"]
            for one in await self._client.command("config/device_registry/list")
        }
        for one in await self._client.command("config/entity_registry/list"):
            if (
                one["platform"] == DOMAIN
                and one["entity_id"].startswith(f"{platform}.")
                and one["translation_key"] == key
                and device in (None, devices.get(one["device_id"]))
            ):
                return str(one["entity_id"])
        raise Failed(f"Home Assistant has no {platform} {key} of {device or 'this home'}")

    async def looks(self, switch: str) -> list[dict[str, Any]]:
        """Return what the owner is told of looks at the camera of a switch, newest first."""
        answer = await self._client.call(f"{DOMAIN}.list_looks?return_response", entity_id=switch)
        return list(answer["service_response"][switch]["looks"])

    async def switch(self, entity: str, on: bool) -> None:
        """Turn a switch, as by a tap on it."""
        await self._client.call(f"switch.turn_{'on' if on else 'off'}", entity_id=entity)


def _answers(camera: str, wish: Wish) -> dict[str, dict[str, Any]]:
    answers: dict[str, dict[str, Any]] = {
        "user": {"entity_id": camera},
        "settings": {
            "name": wish.name,
            "site": "home",
            "scopes": list(wish.scopes),
            "gate": wish.gate,
            "hours": "chosen" if wish.hours else "any",
            "nobody_home": False,
            "location": {"latitude": wish.lat, "longitude": wish.lon},
            "precision": wish.precision,
            "viewers": wish.viewers,
            "relay_only": wish.relay_only,
        },
        "preview": {"next_step_id": "finish"},
    }
    if wish.hours:
        answers["hours"] = wish.hours
    return answers
