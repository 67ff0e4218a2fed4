"""Looks at live video: they pass every check of a look, and the owner sees them begin."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from itertools import batched
from typing import Any

import pytest
from homeassistant.core import HomeAssistant, State
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_capture_events

from custom_components.jackson_rtcc.protocol import topics
from custom_components.jackson_rtcc.protocol.geo import Circle, Point
from custom_components.jackson_rtcc.protocol.grant import Grant
from custom_components.jackson_rtcc.protocol.reply import REPLY
from custom_components.jackson_rtcc.protocol.request import Request
from custom_components.jackson_rtcc.protocol.session import SESSION, Act
from custom_components.jackson_rtcc.protocol.stream import IceServer, Offer, Player
from custom_components.jackson_rtcc.protocol.tokens import Token
from custom_components.jackson_rtcc.protocol.vocabulary import Outcome, Scope
from tests.integration.city import CAPITOL, City
from tests.integration.conftest import add_cameras, share_data, subentry
from tests.integration.enrolled import enrol
from tests.integration.streaming import (
    HOST,
    LATER,
    StreamingCamera,
    ask_to_stream,
    candidates,
    close,
    ended,
    renew,
    said,
    say,
    sdp,
    watch,
    words,
)
from tests.integration.waiting import until_state

CAMERA = "c0ffee00c0ffee00"
SWITCH = {"entity_id": "switch.porch_sharing"}
VIEWED = "binary_sensor.porch_being_viewed"
EVENT = "event.porch_access"
TURN = IceServer(("turn:198.51.100.4",), "1:home", "secret")


@pytest.fixture
async def camera(hass: HomeAssistant) -> StreamingCamera:
    camera = StreamingCamera()
    await add_cameras(hass, camera)
    return camera


@pytest.fixture
def options() -> dict[str, Any]:
    return {}


@pytest.fixture
async def entry(
    hass: HomeAssistant, city: City, camera: StreamingCamera, options: dict[str, Any]
) -> MockConfigEntry:
    data = share_data(hass, scopes=["snapshot", "stream"], **options)
    return await enrol(hass, city, [subentry(data)])


@pytest.fixture
async def grant(city: City, home: MockConfigEntry) -> Grant:
    return await city.until_granted(home.data["home"], CAMERA)


def state_of(hass: HomeAssistant, entity_id: str) -> State:
    state = hass.states.get(entity_id)
    assert state is not None
    return state


async def outcome(city: City, request: Request) -> tuple[Outcome, str | None]:
    await city.ask(request)
    reply = await city.reply(request)
    assert (reply.answer is not None) == (reply.outcome is Outcome.OK)
    return reply.outcome, reply.reason


async def test_granted_with_how_it_is_played(grant: Grant) -> None:
    assert grant.scopes == {Scope.SNAPSHOT, Scope.STREAM}
    assert grant.player == Player()
    assert grant.still_every_s == 2


async def test_answered_and_seen_by_the_owner(
    hass: HomeAssistant, city: City, grant: Grant, camera: StreamingCamera
) -> None:
    announced = async_capture_events(hass, "jackson_rtcc_look")
    request = ask_to_stream(city, grant)
    await city.ask(request)
    reply = await city.reply(request)
    assert reply.outcome is Outcome.OK
    assert reply.picture is None
    assert reply.answer is not None
    assert "a=sendonly" in reply.answer
    assert HOST in reply.answer
    await hass.async_block_till_done()
    assert state_of(hass, VIEWED).state == "on"
    event = state_of(hass, EVENT)
    assert event.attributes["event_type"] == "stream_started"
    assert event.attributes["action"] == "stream"
    (began,) = announced
    assert began.data["type"] == "stream_started"
    assert began.data["outcome"] == "ok"
    assert camera.kept.closed == []


@pytest.mark.parametrize(
    ("incident", "reason"),
    [
        ({"circle": Circle(Point(32.4, -90.2), 800)}, "outside_circle"),
        ({"circle": Circle(CAPITOL, 801)}, "circle_too_large"),
        ({"kind": "dumping", "circle": Circle(CAPITOL, 100)}, "scope_not_allowed"),
    ],
)
async def test_refused_as_any_look(
    city: City, grant: Grant, camera: StreamingCamera, incident: dict[str, Any], reason: str
) -> None:
    request = ask_to_stream(city, grant)
    request = replace(request, incident=replace(request.incident, **incident))
    assert await outcome(city, request) == (Outcome.REFUSED, reason)
    assert not camera.offered.is_set()


@pytest.mark.parametrize(
    ("offer", "reason"),
    [("rubbish", "offer_malformed"), (sdp(direction="sendrecv"), "offer_not_receiving")],
)
async def test_an_offer_for_something_else_is_refused(
    hass: HomeAssistant, city: City, grant: Grant, offer: str, reason: str
) -> None:
    request = ask_to_stream(city, grant, offer=Offer(offer))
    assert await outcome(city, request) == (Outcome.REFUSED, reason)
    await until_state(hass, VIEWED, "off")


@pytest.mark.parametrize("options", [{"relay_only": True}])
async def test_relay_only(city: City, grant: Grant, camera: StreamingCamera) -> None:
    assert grant.player == Player(relay_only=True)
    refused = Outcome.REFUSED, "relay_needed"
    assert await outcome(city, ask_to_stream(city, grant)) == refused
    assert not camera.offered.is_set()
    request = ask_to_stream(city, grant, offer=Offer(sdp(), (TURN,)))
    await city.ask(request)
    reply = await city.reply(request)
    assert reply.answer is not None
    # What would tell where the home is does not leave it.
    assert "192.0.2.7" not in reply.answer


@pytest.mark.parametrize("options", [{"mask": ["0,0 1,0 1,1"]}])
async def test_masked_camera_gives_none(city: City, grant: Grant, camera: StreamingCamera) -> None:
    assert grant.scopes == {Scope.SNAPSHOT}
    assert grant.player is None
    refused = Outcome.REFUSED, "scope_not_granted"
    assert await outcome(city, ask_to_stream(city, grant)) == refused
    assert not camera.offered.is_set()


async def test_camera_fails(
    hass: HomeAssistant, city: City, grant: Grant, camera: StreamingCamera
) -> None:
    camera.refuses = RuntimeError("broken")
    failed = Outcome.FAILED, "camera_failed"
    assert await outcome(city, ask_to_stream(city, grant)) == failed
    await until_state(hass, VIEWED, "off")
    assert len(camera.kept.closed) == 1


@pytest.mark.parametrize("options", [{"viewers": 1}])
async def test_so_many_viewers_of_one_camera(
    city: City, grant: Grant, camera: StreamingCamera
) -> None:
    first = await watch(city, grant)
    assert await outcome(city, ask_to_stream(city, grant)) == (Outcome.REFUSED, "busy")
    await close(city, first)
    await ended(city, first)
    await watch(city, grant)


async def test_so_many_streams_of_one_home(
    hass: HomeAssistant, city: City, entry: MockConfigEntry, home: MockConfigEntry, grant: Grant
) -> None:
    """The owner changes the limit, and it holds from the next look on."""
    await watch(city, grant)
    flow = await hass.config_entries.options.async_init(entry.entry_id)
    assert flow["step_id"] == "init"
    result = await hass.config_entries.options.async_configure(flow["flow_id"], {"streams": 1})
    assert result["data"] == {"streams": 1}
    await hass.async_block_till_done()
    assert len(home.runtime_data.sessions) == 1
    assert await outcome(city, ask_to_stream(city, grant)) == (Outcome.REFUSED, "busy")


async def test_two_viewers_of_one_camera(
    hass: HomeAssistant, city: City, grant: Grant, camera: StreamingCamera
) -> None:
    first, second = await watch(city, grant), await watch(city, grant)
    await close(city, first)
    await ended(city, first)
    assert camera.kept.closed == [first.id]
    assert state_of(hass, VIEWED).state == "on"
    await close(city, second)
    await until_state(hass, VIEWED, "off")


async def test_taken_back_while_the_camera_is_asked(
    hass: HomeAssistant, city: City, grant: Grant, camera: StreamingCamera
) -> None:
    camera.hold_answer = asyncio.Event()
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await camera.offered.wait()
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    reply = await city.reply(request)
    assert (reply.outcome, reply.reason) == (Outcome.REFUSED, "not_granted")
    assert set(camera.kept.closed) == {request.id}
    await until_state(hass, VIEWED, "off")


async def test_closed_while_the_camera_is_asked(
    hass: HomeAssistant, city: City, grant: Grant, camera: StreamingCamera
) -> None:
    camera.hold_answer = asyncio.Event()
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await camera.offered.wait()
    await close(city, request)
    reply = await city.reply(request)
    assert (reply.outcome, reply.reason) == (Outcome.FAILED, "closed")
    assert set(camera.kept.closed) == {request.id}
    await until_state(hass, VIEWED, "off")


async def test_closed_before_its_request_arrives(
    city: City, grant: Grant, camera: StreamingCamera
) -> None:
    """The request may be on its way a second time, with another proof."""
    request = ask_to_stream(city, grant)
    await close(city, request)
    assert await outcome(city, request) == (Outcome.FAILED, "closed")
    assert not camera.offered.is_set()


async def test_unload_while_the_camera_is_asked(
    hass: HomeAssistant, city: City, home: MockConfigEntry, grant: Grant, camera: StreamingCamera
) -> None:
    camera.hold_answer = asyncio.Event()
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await camera.offered.wait()
    assert await hass.config_entries.async_unload(home.entry_id)
    assert set(camera.kept.closed) == {request.id}


async def test_candidates_pass_both_ways(city: City, grant: Grant, camera: StreamingCamera) -> None:
    """Those that come before the camera has answered are kept for it."""
    camera.hold_answer = asyncio.Event()
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await camera.offered.wait()
    await say(city, request, Act.CANDIDATES, candidates=candidates(HOST))
    refused = ask_to_stream(city, grant, grant="another")
    assert await outcome(city, refused) == (Outcome.REFUSED, "not_granted")
    camera.hold_answer.set()
    assert (await city.reply(request)).outcome is Outcome.OK
    await say(city, request, Act.CANDIDATES, candidates=candidates(LATER))
    await camera.until(lambda kept: kept.candidates == [HOST, LATER])
    camera.find_later(request.id)
    assert (await said(city, request, Act.CANDIDATES)).candidates == candidates(LATER)


@pytest.fixture
def slow_disk(home: MockConfigEntry, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """What was seen of the log is not saved before this is set; no answer goes out before."""
    saved = asyncio.Event()
    monkeypatch.setattr(home.runtime_data.watch, "save_seen", saved.wait)
    return saved


async def opened(home: MockConfigEntry, camera: StreamingCamera) -> None:
    """Wait until the camera has answered, which need not go out yet."""
    await camera.offered.wait()
    (session,) = home.runtime_data.sessions._sessions.values()
    await session.opening


BURST = tuple(LATER.replace("4712", str(port)) for port in range(4712, 4712 + 31))


async def test_late_candidates_come_behind_the_answer_a_burst_at_once(
    city: City,
    grant: Grant,
    home: MockConfigEntry,
    camera: StreamingCamera,
    slow_disk: asyncio.Event,
) -> None:
    request = ask_to_stream(city, grant, offer=Offer(sdp(), trickle=True))
    await city.ask(request)
    await opened(home, camera)
    camera.find_later(request.id, *BURST[:3])
    assert words(city, request) == []
    slow_disk.set()
    assert (await city.reply(request)).answer is not None
    assert (await said(city, request, Act.CANDIDATES)).candidates == candidates(*BURST[:3])
    topic = topics.replies(request.home, request.id)
    ours = [payload for at, payload in city.history if at == topic]
    assert [Token.parse(each.partition(b"\n")[0]).header["typ"] for each in ours] == [
        REPLY,
        SESSION,
    ]
    camera.find_later(request.id, *BURST[3:], HOST)
    rest = await city.until(lambda: words(city, request)[1:] or None)
    assert [word.candidates for word in rest] == [candidates(*BURST[3:], HOST)]


async def test_whose_answer_does_not_go_out_tells_no_candidate(
    city: City,
    grant: Grant,
    home: MockConfigEntry,
    camera: StreamingCamera,
    slow_disk: asyncio.Event,
) -> None:
    request = ask_to_stream(city, grant, offer=Offer(sdp(), trickle=True))
    await city.ask(request)
    await opened(home, camera)
    camera.find_later(request.id)
    await close(city, request)
    await camera.until(lambda kept: bool(kept.closed))
    slow_disk.set()
    assert (await city.reply(request)).reason == "closed"
    assert words(city, request) == []


async def test_what_is_found_when_it_ends_is_told_to_nobody(
    city: City, grant: Grant, camera: StreamingCamera
) -> None:
    request = await watch(city, grant, offer=Offer(sdp(), trickle=True))
    camera.find_later(request.id)
    camera.give_up(request.id)
    assert (await ended(city, request)).reason == "camera_failed"
    assert [word.act for word in words(city, request)] == [Act.ENDED]


async def test_closed_before_its_answer_goes_out(
    city: City, grant: Grant, camera: StreamingCamera, slow_disk: asyncio.Event
) -> None:
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await close(city, request)
    await camera.until(lambda kept: bool(kept.closed))
    slow_disk.set()
    reply = await city.reply(request)
    assert (reply.outcome, reply.reason) == (Outcome.FAILED, "closed")
    assert camera.kept.closed == [request.id]


async def test_taken_back_before_its_answer_goes_out(
    hass: HomeAssistant,
    city: City,
    grant: Grant,
    camera: StreamingCamera,
    slow_disk: asyncio.Event,
) -> None:
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await camera.offered.wait()
    await hass.services.async_call("switch", "turn_off", SWITCH, blocking=True)
    slow_disk.set()
    reply = await city.reply(request)
    assert (reply.outcome, reply.reason) == (Outcome.REFUSED, "not_granted")
    assert set(camera.kept.closed) == {request.id}
    assert words(city, request) == []


async def test_unloaded_before_its_answer_goes_out(
    hass: HomeAssistant,
    city: City,
    home: MockConfigEntry,
    grant: Grant,
    camera: StreamingCamera,
    slow_disk: asyncio.Event,
) -> None:
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await camera.offered.wait()
    await home.runtime_data.looks.close()
    assert set(camera.kept.closed) == {request.id}
    assert len(home.runtime_data.sessions) == 0


async def test_an_answer_that_comes_although_it_was_called_off_is_closed(
    city: City, home: MockConfigEntry, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = asyncio.Event()
    asked = asyncio.Event()

    class Stubborn:
        sdp = "v=0"

        def close(self) -> None:
            closed.set()

    async def stubborn(*_: Any, **__: Any) -> Stubborn:
        asked.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return Stubborn()

    monkeypatch.setattr(home.runtime_data.sessions._bridge, "open", stubborn)
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await asked.wait()
    await close(city, request)
    assert (await city.reply(request)).reason == "closed"
    assert closed.is_set()


async def test_words_on_no_session_do_nothing(
    city: City, grant: Grant, camera: StreamingCamera
) -> None:
    nothing = ask_to_stream(city, grant)
    await renew(city, nothing)
    await say(city, nothing, Act.CANDIDATES, candidates=candidates(HOST))
    await city.publish(f"rtcc/v1/{grant.home}/requests", "rubbish")
    request = await watch(city, grant)
    assert camera.kept.candidates == []
    assert words(city, nothing) == []
    assert camera.kept.closed == []
    await close(city, request)
    await ended(city, request)


async def test_no_more_candidates_are_kept_for_a_camera_than_it_could_use(
    city: City, grant: Grant, camera: StreamingCamera
) -> None:
    camera.hold_answer = asyncio.Event()
    request = ask_to_stream(city, grant)
    await city.ask(request)
    await camera.offered.wait()
    many = [HOST.replace("4711", str(port)) for port in range(1, 301)]
    for some in batched(many, 30, strict=True):
        await say(city, request, Act.CANDIDATES, candidates=candidates(*some))
    assert await outcome(city, ask_to_stream(city, grant, grant="another")) == (
        Outcome.REFUSED,
        "not_granted",
    )
    camera.hold_answer.set()
    assert (await city.reply(request)).outcome is Outcome.OK
    await camera.until(lambda kept: len(kept.candidates) >= 60)
    assert len(camera.kept.candidates) < 120
    assert camera.kept.candidates == many[: len(camera.kept.candidates)]
