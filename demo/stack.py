"""A hub, its broker and a Home Assistant that run together, and the two clients that use them."""

import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import aiohttp

from demo import home_assistant, hub
from demo.home_assistant import HomeAssistant, Household
from demo.hub import Hub
from demo.hub_client import HubClient
from demo.processes import Child, Processes
from demo.resident import Resident
from demo.waiting import Failed

TOKEN_FILE = "demo-token"  # noqa: S105 - a file's name


@dataclass(kw_only=True)
class Stack:
    """Everything on one machine; leaving the context ends all of it."""

    data: Path
    environment: Mapping[str, str]
    processes: Processes
    session: aiohttp.ClientSession
    hub: Hub
    home_assistant: HomeAssistant
    _exit: AsyncExitStack
    _camera: Child | None = None

    @classmethod
    async def open(
        cls,
        data: Path,
        *,
        environment: Mapping[str, str] | None = None,
        household: Household | None = None,
        usual_ports: bool = False,
    ) -> Self:
        """Prepare folders and ports; nothing runs yet.

        Without `usual_ports` all are free ones, so that stacks can run beside each other.
        """
        data = data.absolute()
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        stack = AsyncExitStack()
        session = await stack.enter_async_context(aiohttp.ClientSession())
        processes = await stack.enter_async_context(Processes(data / "logs", environment))
        return cls(
            data=data,
            environment=environment or {},
            processes=processes,
            session=session,
            hub=Hub.prepare(
                processes,
                data / "hub",
                environment,
                wanted_ports=hub.DEFAULT_PORTS if usual_ports else (0, 0),
            ),
            home_assistant=HomeAssistant.prepare(
                processes,
                data / "home-assistant",
                session,
                household,
                wanted_port=home_assistant.DEFAULT_PORT if usual_ports else 0,
            ),
            _exit=stack,
        )

    async def __aenter__(self) -> Self:
        """Return itself; `open` has entered already."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End every process."""
        await self._exit.aclose()

    @property
    def resident(self) -> Resident:
        """Return the owner, signed in to Home Assistant."""
        return Resident(self.home_assistant.client)

    @property
    def picture(self) -> Path:
        """Return the file that is the demo camera's picture."""
        return self.data / "camera/picture.jpg"

    @property
    def camera(self) -> Child:
        """Return the process that draws the demo camera's picture."""
        if self._camera is None:
            raise Failed("the camera was not started")
        return self._camera

    async def start_camera(self) -> None:
        """Begin to draw the demo camera's picture."""
        self._camera = await self.processes.start(
            "camera", [sys.executable, "-m", "demo.camera", self.picture]
        )

    async def operator(self) -> HubClient:
        """Return a client of the hub's API with a token of its own, kept for the next run."""
        file = self.hub.data / TOKEN_FILE
        if not file.exists():
            token = await self.hub.new_token()
            file.touch(mode=0o600)
            file.write_text(token)
        return HubClient(self.session, self.hub.url, self.hub.tls(), file.read_text())
