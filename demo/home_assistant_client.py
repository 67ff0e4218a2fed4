"""Home Assistant over its own HTTP and websocket API, as its user interface uses them."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import aiohttp

from demo.waiting import Failed

USER = "demo"
PASSWORD = "jackson-demo"  # noqa: S105 - printed, and good for this machine only
_LIMIT = aiohttp.ClientTimeout(total=60)

type Answer = Mapping[str, object] | Callable[[Mapping[str, Any]], Mapping[str, object]]


_FLOWS = "/api/config/config_entries"
_STEPS = ("form", "menu")


class Refused(Failed):
    """A flow that did not take an answer; `errors` are its words by field."""

    def __init__(self, step: str, errors: dict[str, str]) -> None:
        """Keep the step and the errors."""
        super().__init__(f"the step {step or 'at the end'} says {errors}")
        self.step = step
        self.errors = errors


class HomeAssistantClient:
    """A session of the demo user."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Take where Home Assistant is."""
        self._session = session
        self._url = url
        self._token = ""

    async def signed_in(self) -> bool:
        """Sign in, and make the demo user first if there is none; False if it is too early."""
        try:
            await self.sign_in()
        except aiohttp.ClientError, TimeoutError, Failed:
            return False
        return True

    async def started(self) -> dict[str, Any]:
        """Return its configuration once everything is set up, and nothing before."""
        config = await self.ask("GET", "/api/config")
        return dict(config) if config["state"] == "RUNNING" else {}

    async def sign_in(self) -> None:
        """Sign in, and make the demo user first if there is none."""
        client = {"client_id": f"{self._url}/"}
        person = {"username": USER, "password": PASSWORD}
        flow = await self._request(
            "POST",
            "/auth/login_flow",
            json=client | {"handler": ["homeassistant", None], "redirect_uri": self._url + "/"},
        )
        login = await self._request(
            "POST", f"/auth/login_flow/{flow['flow_id']}", json=client | person
        )
        if login["type"] == "create_entry":
            code = login["result"]
        else:
            user = client | person | {"name": "Demo", "language": "en"}
            code = (await self._request("POST", "/api/onboarding/users", json=user))["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code}
        token = await self._request("POST", "/auth/token", data=client | grant)
        self._token = token["access_token"]

    async def ask(self, method: str, path: str, json: object = None) -> Any:
        """Return the answer of the REST API.

        Raises:
            Failed: if it is an error.

        """
        return await self._json(method, path, json)

    async def command(self, kind: str, **fields: object) -> Any:
        """Return the answer to one websocket command.

        Raises:
            Failed: if it is an error.

        """
        async with self._session.ws_connect(f"{self._url}/api/websocket") as socket:
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": self._token})
            await socket.receive_json()
            await socket.send_json({"id": 1, "type": kind, **fields})
            answer = await socket.receive_json()
        if not answer["success"]:
            raise Failed(f"Home Assistant refused {kind}: {answer['error']}")
        return answer["result"]

    async def state(self, entity: str) -> str | None:
        """Return an entity's state, or None if there is no such entity."""
        async with self._session.get(
            f"{self._url}/api/states/{entity}", headers=self._headers, timeout=_LIMIT
        ) as answer:
            return str((await answer.json())["state"]) if answer.ok else None

    async def states(self) -> list[dict[str, Any]]:
        """Return every entity's state."""
        return list(await self.ask("GET", "/api/states"))

    async def call(self, action: str, **data: object) -> Any:
        """Perform an action such as `switch.turn_off`; returns when it is done."""
        return await self.ask("POST", f"/api/services/{action.replace('.', '/')}", data)

    async def flow(
        self, kind: str, handler: str | list[str], answers: Mapping[str, Answer]
    ) -> dict[str, Any]:
        """Begin a flow, answer each of its steps by the step's name, return how it ended.

        `kind` is `flow` for an integration and `subentries/flow` for a part of one.

        Raises:
            Refused: if a step refuses its answer, or has none here.

        """
        form = await self.ask("POST", f"{_FLOWS}/{kind}", {"handler": handler})
        return await self._walk(kind, form, answers)

    async def go_on(self, kind: str, flow_id: str, answers: Mapping[str, Answer]) -> dict[str, Any]:
        """Answer the steps of a flow that another one began; as `flow`."""
        form = await self.ask("GET", f"{_FLOWS}/{kind}/{flow_id}")
        return await self._walk(kind, form, answers)

    async def _walk(
        self, kind: str, form: dict[str, Any], answers: Mapping[str, Answer]
    ) -> dict[str, Any]:
        path = f"{_FLOWS}/{kind}/{form['flow_id']}"
        answered: set[str] = set()
        while form["type"] in _STEPS:
            step = form["step_id"]
            if form.get("errors") or step not in answers or step in answered:
                await self.ask("DELETE", path)
                raise Refused(step, form.get("errors") or {"base": "unexpected_step"})
            answered.add(step)
            answer = answers[step]
            form = await self.ask("POST", path, answer(form) if callable(answer) else answer)
        if form["type"] != "create_entry":
            raise Refused("", {"base": str(form.get("reason", form["type"]))})
        return form

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    async def _json(self, method: str, path: str, json: object) -> Any:
        try:
            return await self._request(method, path, json=json)
        except PermissionError:
            # Access tokens end after half an hour.
            self._token = ""
            await self.sign_in()
            return await self._request(method, path, json=json)

    async def _request(self, method: str, path: str, **options: Any) -> Any:
        async with self._session.request(
            method, self._url + path, headers=self._headers, timeout=_LIMIT, **options
        ) as answer:
            if answer.status == HTTPStatus.UNAUTHORIZED and self._token:
                raise PermissionError(path)
            if not answer.ok:
                raise Failed(
                    f"Home Assistant answered {answer.status} to {method} {path}: "
                    f"{(await answer.text())[:300]}"
                )
            return await answer.json()
