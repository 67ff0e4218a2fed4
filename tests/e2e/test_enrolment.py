"""Enrolling in Home Assistant's user interface: what can go wrong, leaving, and coming back."""

import secrets

import pytest

from demo.home_assistant_client import Refused
from demo.simulated import enrol
from demo.waiting import until
from hub.protocol.city import City
from hub.protocol.enrolment import SECRET_BYTES, Code
from hub.protocol.geo import Point
from tests.e2e.conftest import AWAY, LIMIT, WISH, WholePath, home_id, working


async def _errors(path: WholePath, url: str, code: str) -> dict[str, str]:
    camera = await path.resident.add_camera("Demo camera", path.stack.picture)
    with pytest.raises(Refused) as refused:
        await path.resident.enrol(url, code, camera, WISH)
    return refused.value.errors


async def test_wrong_addresses_and_codes_say_what_is_wrong(path: WholePath) -> None:
    hub, home = path.stack.hub, path.stack.home_assistant
    code = await hub.new_code()
    other_city = str(Code(secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(9)))

    assert await _errors(path, "https://localhost:1", code) == {"base": "cannot_connect"}
    assert await _errors(path, "https://no.such.host.invalid", code) == {"base": "cannot_connect"}
    assert await _errors(path, "mailto:someone", code) == {"url": "invalid_url"}
    assert await _errors(path, f"https://localhost:{home.port}", code) == {"base": "cannot_connect"}
    assert await _errors(path, hub.url, "ABCDE-12345") == {"code": "code_malformed"}
    assert await _errors(path, hub.url, other_city) == {"base": "wrong_city"}


async def test_leaving_revokes_and_a_used_code_is_refused(path: WholePath) -> None:
    client, hub = path.stack.home_assistant.client, path.stack.hub
    city = City.parse(await path.operator.ask("GET", "/api/v1/city"))
    used, unknown = await hub.new_code(), Code.parse(await hub.new_code())

    async def post(url: str, body: object) -> object:
        return await path.operator.ask("POST", url, body)

    await enrol(post, city, used, "Simulated camera", Point(*AWAY))
    entry = await path.resident.entry()
    assert entry is not None
    await client.ask("DELETE", f"/api/config/config_entries/entry/{entry['entry_id']}")
    await path.gone("a camera stayed live although its home has left")

    never_made = str(Code(secrets.token_bytes(SECRET_BYTES), unknown.pin))
    assert await _errors(path, hub.url, used) == {"code": "code_used"}
    assert await _errors(path, hub.url, never_made) == {"code": "code_unknown"}

    camera = await path.resident.add_camera("Demo camera", path.stack.picture)
    await path.resident.enrol(hub.url, str(unknown), camera, WISH)
    again = await working(path.stack)

    async def looks() -> bool:
        return (await again.operator.look(await again.incident(), again.camera)).ok

    await until(looks, "no picture after enrolling again", LIMIT, 0.5)
    assert again.camera != path.camera
    entry = await path.resident.entry()
    assert entry is not None
    left = list(path.stack.home_assistant.folder.glob(".storage/jackson_rtcc.*"))
    mine = {home_id(path.stack), entry["entry_id"]}
    assert {one.name.split(".")[1] for one in left} == mine
