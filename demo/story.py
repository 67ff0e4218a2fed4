"""The main job, told as it happens: a home lends a camera, the center looks, the owner ends it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from demo.homes import FOLDER, SimulatedHomes, places
from demo.hub_client import HubClient, Look
from demo.resident import Resident, Wish
from demo.stack import Stack
from demo.waiting import Failed, until

RADIUS_M = 400.0
WISH = Wish()
STREET, ENTITY = "Demo street", "camera.demo_street"
_LIMIT = 30.0
_CITY = (32.30, -90.19, 40_000.0)


class Lines:
    """Numbered lines with the time since the start, printed at once."""

    def __init__(self) -> None:
        """Start the clock."""
        self._start = time.monotonic()
        self._number = 0

    def __call__(self, text: str) -> None:
        """Print a step of the story."""
        self._number += 1
        self._print(f"{self._number:2}", text)

    def note(self, text: str) -> None:
        """Print what belongs to the step before or to the next one."""
        self._print("  ", text)

    def _print(self, number: str, text: str) -> None:
        print(f"{number} {time.monotonic() - self._start:6.1f} s  {text}", flush=True)


async def tell(stack: Stack, say: Lines) -> HubClient:
    """Start everything and go through the whole path once; return the operator's client.

    Raises:
        Failed: at the first step that does not happen.

    """
    say.note("starting a hub with its own broker")
    await stack.hub.start()
    say(f"hub is up: {stack.hub.url}, key {stack.hub.facts['fingerprint']}")
    operator = await stack.operator()
    await until(operator.ready, "the hub did not connect to its broker", _LIMIT)
    await stack.start_camera()
    say.note("starting Home Assistant (some ten seconds)")
    await stack.home_assistant.start()
    say(f"Home Assistant is up: {stack.home_assistant.url}")
    await share(stack, stack.resident, say)
    grant = await _arrived(operator)
    say(f"grant arrived: the hub's API shows {WISH.name!r} as live until {grant['ends']}")
    camera = grant["camera"]
    incident = await _open_incident(operator, say)
    await _look_once(stack, operator, incident, camera, say)
    await _check_log(stack, operator, say)
    await _revoke_and_return(stack.resident, operator, incident, camera, say)
    return operator


async def share(stack: Stack, resident: Resident, say: Lines) -> None:
    """Enrol and share, by the same flows as in the user interface, unless a run before did."""
    camera = await resident.add_camera(WISH.name, stack.picture)
    entry = await resident.entry()
    if entry is not None:
        say(f"enrolled with {entry['title']} in an earlier run; the camera is shared")
        switch = await resident.entity("switch", "sharing", WISH.name)
        await resident.switch(switch, on=True)
        return
    say(f"camera added to Home Assistant: {camera}")
    code = await stack.hub.new_code()
    say.note(f"the city made an enrolment code: {code}")
    begun = time.monotonic()
    await resident.enrol(stack.hub.url, code, camera, WISH)
    say(f"enrolled by Home Assistant's config flow, and {camera} shared as a subentry")
    say.note(f"city, waiver, keys, certificate and first camera took {_since(begun)}")


async def _open_incident(operator: HubClient, say: Lines) -> str:
    city = await operator.ask("GET", "/api/v1/city")
    kind, rule = next(
        (kind, rule)
        for kind, rule in city["policy"]["kinds"].items()
        if "snapshot" in rule["scopes"] and rule["radius_m"] >= RADIUS_M
    )
    reference = f"DEMO-{datetime.now(UTC):%H%M%S}"
    incident = await operator.open_incident(*_place(), RADIUS_M, kind, reference)
    cameras = await operator.cameras(incident)
    say(
        f"incident opened: {rule['name']['en']} {reference}, a circle of {RADIUS_M:.0f} m, "
        f"{len(cameras)} live camera{'s' * (len(cameras) != 1)} in it"
    )
    return incident


async def _look_once(
    stack: Stack, operator: HubClient, incident: str, camera: str, say: Lines
) -> None:
    begun = time.monotonic()
    look = await operator.look(incident, camera)
    took = _since(begun)
    if not look.ok:
        raise Failed(f"the look ended with {look.status} {look.slug}: {look.body[:200]!r}")
    path = _save(stack.data / "pictures", look)
    say(f"snapshot taken in {took}: {len(look.body)} bytes of JPEG, saved as {path}")


async def _check_log(stack: Stack, operator: HubClient, say: Lines) -> None:
    """Check the public log as anybody can, and hear from the home that it did so too."""
    begun = time.monotonic()
    key = (await operator.ask("GET", "/api/v1/city"))["key"]["x"]
    await stack.hub.command(
        "verify-log", "--url", stack.hub.url, "--ca", str(stack.hub.ca), "--key", key
    )
    say(f"the public access log adds up, checked from outside in {_since(begun)}")
    switch = await stack.resident.entity("switch", "sharing", WISH.name)
    look = (await stack.resident.looks(switch))[0]
    say(
        f"the owner reads of it: {look['operator']}, {look['incident_reference']}, "
        f"entry {look['log_index']} of the log"
    )


async def _revoke_and_return(
    resident: Resident, operator: HubClient, incident: str, camera: str, say: Lines
) -> None:
    switch = await resident.entity("switch", "sharing", WISH.name)
    begun = time.monotonic()
    await resident.switch(switch, on=False)
    say(f"the owner turned {switch} off")
    await operator.live(_place(), lambda live: not _shared(live), "it stays live", _LIMIT, RADIUS_M)
    say(f"grant gone from the hub's API {_since(begun)} after the tap")
    look = await operator.look(incident, camera)
    if look.ok:
        raise Failed("a look succeeded although the owner had revoked the grant")
    say(f"next look refused: {look.status} {look.slug}: {look.problem['detail']}")
    begun = time.monotonic()
    await resident.switch(switch, on=True)
    await _arrived(operator)
    say(f"the owner turned {switch} on: grant back {_since(begun)} after the tap")


async def share_street(stack: Stack, operator: HubClient, say: Lines) -> None:
    """Share the camera that streams, unless a run before did, and wait until it is live."""
    wish = Wish(name=STREET, lat=WISH.lat + 0.0006, lon=WISH.lon, scopes=("snapshot", "stream"))

    async def entity() -> bool:
        return await stack.home_assistant.client.state(ENTITY) is not None

    await until(entity, f"{ENTITY} did not appear", _LIMIT)
    try:
        switch = await stack.resident.entity("switch", "sharing", STREET)
    except Failed:
        entry = await stack.resident.entry()
        if entry is None:
            raise
        await stack.resident.share(entry["entry_id"], ENTITY, wish)
    else:
        await stack.resident.switch(switch, on=True)

    def live(found: list[dict[str, Any]]) -> bool:
        return any(one["name"] == STREET for one in found)

    await operator.live(_place(), live, "the camera that streams is not live", _LIMIT, RADIUS_M)
    say(f"{ENTITY} shared as well: it streams, drawn as it is (nothing of this is a real street)")


async def join(stack: Stack, operator: HubClient, count: int, say: Lines) -> SimulatedHomes:
    """Enrol simulated homes; the caller enters and leaves the context of what comes back."""
    folder, where = stack.data / FOLDER, places(count)
    return await SimulatedHomes.enrolled(stack.hub, operator, folder, where, say.note)


async def joined(operator: HubClient, homes: SimulatedHomes, say: Lines) -> None:
    """Wait until every simulated home is connected and its camera live at the hub."""
    await homes.online()
    wanted = {home.identity.camera for home in homes.homes}

    async def live() -> bool:
        return wanted <= {one["camera"] for one in await operator.grants(*_CITY)}

    await until(live, "not every simulated camera became live", _LIMIT, 0.2)
    say(f"{len(wanted)} simulated homes are connected and their cameras live (all SIMULATED)")


def _place() -> tuple[float, float]:
    return WISH.lat, WISH.lon


def _shared(live: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in live if one["name"] == WISH.name]


async def _arrived(operator: HubClient) -> dict[str, Any]:
    live = await operator.live(
        _place(), lambda live: bool(_shared(live)), "no grant arrived at the hub", _LIMIT, RADIUS_M
    )
    return _shared(live)[0]


def _save(folder: Path, look: Look) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.jpg"
    path.write_bytes(look.body)
    return path


def _since(begun: float) -> str:
    seconds = time.monotonic() - begun
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
