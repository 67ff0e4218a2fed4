"""A real Home Assistant in a folder of its own, with the integration of this checkout."""

import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import aiohttp

from demo.home_assistant_client import HomeAssistantClient
from demo.processes import ROOT, Child, Processes
from demo.waiting import Failed, free_port, until

START_LIMIT = 120.0
DEFAULT_PORT = 8123
INTEGRATION = ROOT / "custom_components/jackson_rtcc"
# The integrations are named one by one, because `default_config` wants packages of the internet.
CONFIGURATION = """\
homeassistant:
  name: {name}
  latitude: {latitude}
  longitude: {longitude}
  elevation: 90
  time_zone: America/Chicago
  unit_system: us_customary
  currency: USD
  country: US
  language: en
logger:
  default: warning
  logs:
    custom_components.jackson_rtcc: {log_level}
config:
frontend:
onboarding:
history:
logbook:
recorder:
  commit_interval: 1
automation: !include automations.yaml
script:
camera:
input_boolean:
{booleans}
schedule:
person:
system_health:
"""


@dataclass(frozen=True, kw_only=True)
class Household:
    """What a Home Assistant is set up with before its first start."""

    name: str = "Demo home"
    latitude: float = 32.2988
    longitude: float = -90.1848
    automations: str = "[]\n"
    log_level: str = "info"
    booleans: tuple[str, ...] = ("visitors",)
    components: tuple[Path, ...] = ()
    """Folders of further custom integrations."""
    configuration: str = ""
    """What configuration.yaml holds besides."""


@dataclass(kw_only=True)
class HomeAssistant:
    """One Home Assistant: its folder, its port, its process and a client signed in as its user."""

    folder: Path
    port: int
    client: HomeAssistantClient
    _processes: Processes
    child: Child | None = field(default=None)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def prepare(
        cls,
        processes: Processes,
        folder: Path,
        session: aiohttp.ClientSession,
        household: Household | None = None,
        *,
        wanted_port: int = DEFAULT_PORT,
    ) -> Self:
        """Write its configuration, and link the integration; what a first run left stays."""
        household = household or Household()
        port = free_port(wanted_port, "127.0.0.1")
        (folder / "custom_components").mkdir(parents=True, exist_ok=True)
        # A package, so that Python does not mix it with the checkout's folder of the same name.
        (folder / "custom_components/__init__.py").touch()
        for component in (INTEGRATION, *household.components):
            link = folder / "custom_components" / component.name
            link.unlink(missing_ok=True)
            link.symlink_to(component)
        (folder / "configuration.yaml").write_text(
            CONFIGURATION.format(
                name=household.name,
                latitude=household.latitude,
                longitude=household.longitude,
                log_level=household.log_level,
                booleans="\n".join(f"  {one}:" for one in household.booleans),
            )
            + household.configuration
        )
        (folder / "automations.yaml").write_text(household.automations)
        (folder / ".storage").mkdir(exist_ok=True)
        _skip_questions(folder)
        _choose_port(folder, port)
        return cls(
            folder=folder,
            port=port,
            client=HomeAssistantClient(session, f"http://127.0.0.1:{port}"),
            _processes=processes,
        )

    async def start(self) -> Child:
        """Start it, and return when its user is signed in and every integration is set up.

        Raises:
            Failed: if it does not come up.

        """
        child = await self._processes.start(
            "home-assistant",
            [sys.executable, "-m", "homeassistant", "--skip-pip", "--config", self.folder],
        )
        self.child = child
        await child.ready(
            until(self.client.signed_in, "Home Assistant did not answer", START_LIMIT, 0.1)
        )
        config = await child.ready(
            until(self.client.started, "Home Assistant did not finish to start", START_LIMIT, 0.1)
        )
        if config["config_dir"] != str(self.folder):
            raise Failed(f"another Home Assistant was faster to take port {self.port}: try again")
        return child


def _skip_questions(folder: Path) -> None:
    # All of the onboarding but the first user is answered by configuration.yaml.
    file = folder / ".storage/onboarding"
    if not file.exists():
        done = {"done": ["core_config", "analytics", "integration"]}
        file.write_text(
            json.dumps({"version": 4, "minor_version": 1, "key": "onboarding", "data": done})
        )


def _choose_port(folder: Path, port: int) -> None:
    # `http:` in configuration.yaml is read once, and undone after five minutes unless a person
    # confirms it in the user interface. What it becomes after that is written here.
    stable = {
        "server_port": port,
        "server_host": ["127.0.0.1"],
        "cors_allowed_origins": ["https://cast.home-assistant.io"],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": True,
        "ssl_profile": "modern",
        "use_x_frame_options": True,
        "created_at": datetime.now(UTC).isoformat(),
        "error": None,
        "error_message": None,
    }
    data = {"stable": stable, "pending": None, "yaml_migration_done": True}
    (folder / ".storage/http").write_text(
        json.dumps({"version": 2, "minor_version": 2, "key": "http", "data": data})
    )
