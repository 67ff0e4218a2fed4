"""The bridge: an offer to a camera entity, its answer held until it is whole, closed for sure."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import pytest
from homeassistant.components.camera import (
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCError,
    async_register_webrtc_provider,
)
from homeassistant.components.web_rtc import async_get_ice_servers
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from webrtc_models import RTCIceServer

from custom_components.jackson_rtcc import exchange, hold
from custom_components.jackson_rtcc.bridge import Answered, Bridge, BridgeError, player_of
from custom_components.jackson_rtcc.candidates import MOST
from custom_components.jackson_rtcc.protocol.stream import Candidate, IceServer, Offer, Player
from tests.integration import sdp_samples as sdp
from tests.integration.cameras import FakeCamera
from tests.integration.conftest import add_cameras
from tests.integration.sdp_samples import HOST, REFLEXIVE, RELAYED, RELAYED_HIDDEN, attributes
from tests.integration.webrtc_cameras import (
    GO2RTC_H265,
    GO2RTC_UNREACHABLE,
    Go2rtc,
    LiveCamera,
    NestCamera,
    RingCamera,
    RtspCamera,
    SleepingCamera,
)

RELAY = IceServer(("turn:198.51.100.4:3478",), "1999999999:look", "secret")
TURN = IceServer(("turn:turn.city.test:3478?transport=udp",), "1999999999:look", "secret")
STUN = IceServer(("stun:turn.city.test:3478",))
OWN = RTCIceServer("turn:own.house.test", "resident", "own-secret")


@dataclass
class Looker:
    """Whoever looks, at the other end of the bridge."""

    hass: HomeAssistant
    bridge: Bridge
    late: list[Candidate] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    async def open(
        self,
        asked: str | None = None,
        session: str = "look1",
        *,
        ice: tuple[IceServer, ...] = (),
        trickle: bool = False,
        relay_only: bool = False,
        entity: str = "camera.porch",
    ) -> Answered:
        return await self.bridge.open(
            registry_id(self.hass, entity),
            session,
            Offer(asked or sdp.offer(), ice, trickle),
            relay_only=relay_only,
            late=self.late.extend,
            failed=self.failed.append,
        )

    def opening(self, *args: Any, **options: Any) -> asyncio.Task[Answered]:
        return self.hass.async_create_task(self.open(*args, **options))


def registry_id(hass: HomeAssistant, entity_id: str = "camera.porch") -> str:
    registered = er.async_get(hass).async_get(entity_id)
    return "nothing" if registered is None else registered.id


async def refused(task: asyncio.Task[Answered]) -> str:
    with pytest.raises(BridgeError) as raised:
        await task
    return raised.value.reason


async def set_up[T: FakeCamera](hass: HomeAssistant, camera: T, domain: str = "test") -> T:
    await add_cameras(hass, camera, domain=domain)
    return camera


@pytest.fixture
async def live(hass: HomeAssistant) -> LiveCamera:
    return await set_up(hass, LiveCamera())


@pytest.fixture
async def player(hass: HomeAssistant, live: LiveCamera) -> AsyncGenerator[Looker]:
    """A player for `camera.porch`, which leaves everything to the test."""
    found = Looker(hass, Bridge(hass))
    yield found
    found.bridge.close()


async def player_for(hass: HomeAssistant, camera: FakeCamera, domain: str = "test") -> Looker:
    await set_up(hass, camera, domain)
    return Looker(hass, Bridge(hass))


# What the answer waits for


async def test_candidates_that_come_in_time_are_in_the_answer(
    player: Looker, live: LiveCamera
) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.trickle("look1", HOST)
    live.peers.answer("look1")
    live.peers.trickle("look1", REFLEXIVE, sdp_mid="0")
    answered = await task
    lines = attributes(answered.sdp)["video"]
    assert f"a={HOST}" in lines
    assert f"a={REFLEXIVE}" in lines
    assert "a=sendonly" in lines
    assert "end-of-candidates" not in answered.sdp
    assert not live.peers.closes
    answered.close()
    assert live.peers.closes == ["look1"]


@pytest.mark.parametrize("inside", [True, False], ids=["in the answer", "apart"])
async def test_nothing_is_waited_for_after_the_end_of_candidates(
    player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch, inside: bool
) -> None:
    monkeypatch.setattr(hold, "QUIET_S", 60)
    monkeypatch.setattr(hold, "LONGEST_S", 60)
    task = player.opening()
    await live.peers.offered.wait()
    whole = sdp.answer_to(live.peers.offers["look1"], HOST)
    live.peers.say("look1", WebRTCAnswer(whole + "a=end-of-candidates\r\n" * inside))
    if not inside:
        live.peers.trickle("look1", "")
    assert (await asyncio.wait_for(task, 5)).sdp.endswith(f"a={HOST}\r\na=end-of-candidates\r\n")


async def test_an_answer_without_any_candidate_is_not_held_for_ever(
    player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "LONGEST_S", 0.05)
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1")
    assert "candidate" not in (await task).sdp


async def test_candidates_that_do_not_cease_hold_nothing_up(
    hass: HomeAssistant, player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "QUIET_S", 60)
    monkeypatch.setattr(hold, "LONGEST_S", 0.1)
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1")
    count = 0
    while not task.done():
        count += 1
        live.peers.trickle("look1", HOST.replace("50001", str(count)))
        await asyncio.sleep(0)
    assert count > MOST
    assert (await task).sdp.count("a=candidate:") == MOST


async def test_later_candidates_are_passed_on(player: Looker, live: LiveCamera) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    answered = await task
    live.peers.trickle("look1", REFLEXIVE, sdp_mid="0", sdp_m_line_index=0)
    live.peers.trickle("look1", REFLEXIVE, sdp_mid="0", sdp_m_line_index=0)
    live.peers.trickle("look1", "rubbish")
    live.peers.trickle("look1", "")
    assert player.late == [Candidate(REFLEXIVE, "0", 0), Candidate("")]
    answered.close()
    live.peers.trickle("look1", RELAYED)
    assert len(player.late) == 2


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that is held is held for longer than a test takes."""
    for name in ("QUIET_S", "LONGEST_S", "LONGEST_FOR_RELAY_S"):
        monkeypatch.setattr(hold, name, 60)


@pytest.mark.usefixtures("patient")
async def test_who_takes_candidates_later_is_answered_at_once(
    player: Looker, live: LiveCamera
) -> None:
    task = player.opening(trickle=True)
    await live.peers.offered.wait()
    live.peers.trickle("look1", HOST)
    live.peers.answer("look1")
    answered = await asyncio.wait_for(task, 5)
    assert f"a={HOST}" in attributes(answered.sdp)["video"]
    live.peers.trickle("look1", REFLEXIVE)
    live.peers.trickle("look1", "")
    # A camera need not say to which line it belongs; a browser wants to know.
    assert player.late == [Candidate(REFLEXIVE, "0", 0), Candidate("")]


@pytest.mark.usefixtures("patient")
async def test_with_relay_only_no_other_candidate_comes_later_either(
    player: Looker, live: LiveCamera
) -> None:
    task = player.opening(trickle=True, relay_only=True, ice=(RELAY,))
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    answered = await asyncio.wait_for(task, 5)
    assert "candidate:" not in answered.sdp
    for line in (HOST, REFLEXIVE, RELAYED):
        live.peers.trickle("look1", line)
    assert player.late == [Candidate(RELAYED_HIDDEN, "0", 0)]


async def test_a_second_answer_changes_nothing(player: Looker, live: LiveCamera) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    live.peers.say("look1", WebRTCAnswer("rubbish"))
    assert HOST in (await task).sdp


# Brands


async def test_go2rtc(hass: HomeAssistant) -> None:
    go2rtc = Go2rtc()
    player = await player_for(hass, RtspCamera())
    assert player_of(hass, registry_id(hass), relay_only=False) is None
    assert await refused(player.opening()) == "no_webrtc"
    remove = async_register_webrtc_provider(hass, go2rtc)
    await hass.async_block_till_done()
    assert player_of(hass, registry_id(hass), relay_only=False) == Player()
    answered = await player.open(ice=(STUN, TURN))
    assert answered.sdp.count("a=candidate:") == 2
    assert attributes(go2rtc.peers.offers["look1"])["video"].count("a=recvonly") == 1
    lent = [(server.urls, server.credential) for server in go2rtc.peers.servers]
    assert lent[-2:] == [([*STUN.urls], None), ([*TURN.urls], "secret")]
    answered.add((Candidate(HOST, "0", 0),))
    assert [each.candidate for each in go2rtc.peers.candidates] == [HOST]
    answered.close()
    assert go2rtc.peers.closes == ["look1"]
    remove()


@pytest.mark.parametrize(
    ("words", "reason"),
    [(GO2RTC_H265, "codec_unsupported"), (GO2RTC_UNREACHABLE, "camera_failed")],
    ids=["H.265", "unreachable"],
)
async def test_go2rtc_says_why_there_is_no_video(
    hass: HomeAssistant, words: str, reason: str
) -> None:
    go2rtc = Go2rtc()
    go2rtc.error = words
    player = await player_for(hass, RtspCamera())
    remove = async_register_webrtc_provider(hass, go2rtc)
    await hass.async_block_till_done()
    assert await refused(player.opening()) == reason
    assert go2rtc.peers.closes == ["look1"]
    assert not go2rtc.peers.open
    remove()


async def test_ring(hass: HomeAssistant) -> None:
    ring = RingCamera()
    player = await player_for(hass, ring, domain="ring")
    assert player_of(hass, registry_id(hass), relay_only=True) == Player(
        audio=True, relay_only=True
    )
    answered = await player.open(sdp.description(sdp.audio(), sdp.video()))
    offered = attributes(ring.peers.offers["look1"])
    assert "a=inactive" in offered["audio"]
    found = attributes(answered.sdp)
    assert "a=inactive" in found["audio"]
    assert "a=sendonly" in found["video"]
    assert "sendrecv" not in answered.sdp
    assert {f"a={HOST}", f"a={REFLEXIVE}"} <= {*found["audio"], *found["video"]}
    answered.add((Candidate(HOST, "1"), Candidate(REFLEXIVE, "0", 0), Candidate("")))
    assert [
        (each.candidate, each.sdp_mid, each.sdp_m_line_index) for each in ring.peers.candidates
    ] == [(HOST, "1", 1), (REFLEXIVE, "0", 0)]
    answered.close()
    answered.close()
    assert ring.peers.closes == ["look1"]


async def test_nest(hass: HomeAssistant) -> None:
    nest = NestCamera()
    player = await player_for(hass, nest, domain="nest")
    known = player_of(hass, registry_id(hass), relay_only=False)
    assert known == Player(data_channel="dataSendChannel", audio=True)
    task = player.opening(sdp.nest_offer())
    await nest.peers.offered.wait()
    assert not task.done()
    nest.cloud.set()
    answered = await task
    assert list(attributes(answered.sdp)) == ["audio", "video", "application"]
    answered.add((Candidate(HOST),))
    answered.close()
    assert nest.peers.closes == ["look1"]


async def test_nest_refuses_what_it_does_not_know(hass: HomeAssistant) -> None:
    player = await player_for(hass, NestCamera())
    assert await refused(player.opening(sdp.offer())) == "camera_failed"


# Cameras that do not stream


@pytest.mark.parametrize(
    "error",
    [
        HomeAssistantError("no"),
        RuntimeError(),
        TimeoutError(),
        asyncio.CancelledError(),
        KeyError("ticket"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_camera_that_raises(player: Looker, live: LiveCamera, error: BaseException) -> None:
    live.error = error
    assert await refused(player.opening()) == "camera_failed"
    assert live.peers.closes == ["look1"]


async def test_a_camera_that_raises_what_go2rtc_says(player: Looker, live: LiveCamera) -> None:
    live.error = HomeAssistantError(GO2RTC_H265)
    assert await refused(player.opening()) == "codec_unsupported"


async def test_an_answer_with_h265_alone(player: Looker, live: LiveCamera) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    foreign = sdp.answer_to(sdp.description(sdp.video(mid="0", codecs=["H265"])))
    live.peers.say("look1", WebRTCAnswer(foreign))
    assert await refused(task) == "codec_unsupported"
    assert live.peers.closes == ["look1"]


@pytest.mark.parametrize(
    "text",
    [
        "rubbish",
        sdp.answer_to(sdp.nest_offer()),
        sdp.answer_to(sdp.offer()) + "a=x:" + "x" * 12_000,
    ],
    ids=["rubbish", "another", "too long"],
)
async def test_an_answer_that_cannot_be_used(player: Looker, live: LiveCamera, text: str) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.say("look1", WebRTCAnswer(text))
    live.peers.trickle("look1", "")
    assert await refused(task) == "camera_failed"
    assert live.peers.closes == ["look1"]


async def test_a_camera_that_fails_while_its_answer_is_held(
    player: Looker, live: LiveCamera
) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1")
    live.peers.say("look1", WebRTCError("26", "answered_timeout"))
    live.peers.say("look1", WebRTCError("27", GO2RTC_H265))
    assert await refused(task) == "camera_failed"
    assert live.peers.closes == ["look1"]
    assert not player.failed


async def test_a_camera_that_is_too_slow(
    player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LIMIT_S", 0.05)
    assert await refused(player.opening()) == "camera_slow"
    assert live.peers.closes == ["look1"]


async def test_an_answer_at_the_last_moment_counts(
    player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LIMIT_S", 0.1)
    monkeypatch.setattr(hold, "LONGEST_S", 60)
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1")
    assert (await task).sdp


async def test_a_camera_that_is_off_or_gone(
    hass: HomeAssistant, player: Looker, live: LiveCamera
) -> None:
    live._attr_is_on = False
    assert await refused(player.opening()) == "camera_off"
    assert player_of(hass, registry_id(hass), relay_only=False) is None
    hass.states.async_set("camera.porch", "unavailable")
    assert await refused(player.opening()) == "camera_gone"
    assert await refused(player.opening(entity="camera.none")) == "camera_gone"
    (entry,) = hass.config_entries.async_entries("test")
    registered = registry_id(hass)
    await hass.config_entries.async_unload(entry.entry_id)
    hass.states.async_set("camera.porch", "idle")
    assert player_of(hass, registered, relay_only=False) is None
    assert not live.peers.offers


# Offers that reach no camera


@pytest.mark.parametrize(
    ("asked", "relay_only", "ice", "reason"),
    [
        ("rubbish", False, (), "offer_malformed"),
        (sdp.offer("sendrecv"), False, (), "offer_not_receiving"),
        (sdp.offer(), True, (), "relay_needed"),
        (sdp.offer(), True, (STUN,), "relay_needed"),
    ],
)
async def test_an_offer_that_is_refused_does_not_reach_the_camera(
    player: Looker, live: LiveCamera, asked: str, relay_only: bool, ice: Any, reason: str
) -> None:
    assert await refused(player.opening(asked, relay_only=relay_only, ice=ice)) == reason
    assert not live.peers.offers
    assert not live.peers.closes


# Relay only


async def test_with_relay_only_an_answer_waits_for_a_relay_and_tells_nothing_else(
    player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hold, "LONGEST_S", 0.01)
    forged = RELAYED_HIDDEN.replace("198.51.100.4", "198.51.100.66")
    asked = sdp.offer() + f"a={HOST}\r\na={forged}\r\na={RELAYED}\r\n"
    task = player.opening(asked, relay_only=True, ice=(RELAY,))
    await live.peers.offered.wait()
    assert HOST not in live.peers.offers["look1"]
    # The camera would call there itself, and so tell whoever wrote it where the home is.
    assert forged not in live.peers.offers["look1"]
    assert RELAYED_HIDDEN in live.peers.offers["look1"]
    live.peers.answer("look1", HOST)
    live.peers.trickle("look1", REFLEXIVE)
    done, _ = await asyncio.wait({task}, timeout=0.3)
    assert not done
    live.peers.trickle("look1", RELAYED)
    answered = await task
    assert answered.sdp.count("a=candidate:") == 1
    assert f"a={RELAYED_HIDDEN}" in answered.sdp
    answered.add((Candidate(HOST), Candidate(forged), Candidate(RELAYED)))
    assert [each.candidate for each in live.peers.candidates] == [RELAYED_HIDDEN]
    live.peers.trickle("look1", REFLEXIVE)
    live.peers.trickle("look1", RELAYED.replace("60003", "60004"))
    assert [each.line for each in player.late] == [RELAYED_HIDDEN.replace("60003", "60004")]


# Ends


async def test_a_camera_that_gives_up_later(player: Looker, live: LiveCamera) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    answered = await task
    live.peers.say("look1", WebRTCError("26", "answered_timeout"))
    assert player.failed == ["camera_failed"]
    assert live.peers.closes == ["look1"]
    live.peers.say("look1", WebRTCError("26", "again"))
    answered.close()
    assert player.failed == ["camera_failed"]
    assert live.peers.closes == ["look1"]


async def test_ended_while_the_camera_wakes(hass: HomeAssistant) -> None:
    """It is closed at once, and again when the camera's own code has ended."""
    sleeping = SleepingCamera()
    player = await player_for(hass, sleeping)
    task = player.opening()
    await sleeping.peers.offered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sleeping.peers.closes[:1] == ["look1"]
    sleeping.awake.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert sleeping.peers.closes == ["look1"] * 2
    assert not sleeping.peers.open


async def test_a_session_that_opens_after_its_end_is_closed_again(hass: HomeAssistant) -> None:
    sleeping = SleepingCamera()
    sleeping.stubborn = True
    player = await player_for(hass, sleeping)
    task = player.opening()
    await sleeping.peers.offered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sleeping.peers.closes == ["look1"]
    sleeping.awake.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    await hass.async_block_till_done()
    # When it is answered, and when the camera's own code has ended.
    assert sleeping.peers.closes == ["look1"] * 3
    assert not sleeping.peers.open


async def test_a_session_that_is_answered_after_its_end_is_closed_again(
    player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "LIMIT_S", 0.05)
    assert await refused(player.opening()) == "camera_slow"
    live.peers.open.add("look1")
    live.peers.trickle("look1", HOST)
    assert live.peers.closes == ["look1"]
    live.peers.answer("look1")
    live.peers.answer("look1")
    assert live.peers.closes == ["look1"] * 2
    assert not live.peers.open


async def test_a_camera_that_cannot_close(
    player: Looker, live: LiveCamera, caplog: pytest.LogCaptureFixture
) -> None:
    live.closing_error = RuntimeError("already gone")
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    (await task).close()
    assert live.peers.closes == ["look1"]
    assert "did not close its session" in caplog.text
    caplog.clear()


async def test_candidates_of_the_player(
    hass: HomeAssistant,
    player: Looker,
    live: LiveCamera,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that the camera does not take costs no other; no more are taken than anyone needs."""
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    answered = await task
    answered.add((Candidate("rubbish"), Candidate("")))
    assert not live.peers.candidates
    taken: list[str] = []
    release = asyncio.Event()

    async def take(_session: str, candidate: Any) -> None:
        if not taken:
            taken.append("first")
            raise HomeAssistantError("not now")
        await release.wait()
        taken.append(candidate.candidate)

    monkeypatch.setattr(live, "async_on_webrtc_candidate", take)
    many = [HOST.replace("50001", str(number)) for number in range(1, MOST + 9)]
    answered.add(tuple(Candidate(line) for line in many))
    answered.add((Candidate(REFLEXIVE),))
    release.set()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert taken == ["first", *many[1:MOST]]


async def test_candidates_after_the_end_go_nowhere(
    hass: HomeAssistant, player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    answered = await task
    begun = asyncio.Event()
    ended = asyncio.Event()

    async def take(*_: Any) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(live, "async_on_webrtc_candidate", take)
    answered.add((Candidate(HOST),))
    await begun.wait()
    answered.close()
    await asyncio.wait_for(ended.wait(), 5)
    begun.clear()
    answered.add((Candidate(HOST),))
    await hass.async_block_till_done()
    assert not begun.is_set()


# Whose ICE servers


async def test_the_citys_servers_are_lent_to_its_sessions_only(
    hass: HomeAssistant, player: Looker, live: LiveCamera
) -> None:
    hass.config.webrtc.ice_servers.append(OWN)
    task = player.opening(ice=(STUN, TURN))
    await live.peers.offered.wait()
    assert [server.urls for server in live.peers.servers] == [OWN.urls, [*STUN.urls], [*TURN.urls]]
    assert [server.urls for server in async_get_ice_servers(hass)] == [OWN.urls]
    live.peers.answer("look1", HOST)
    answered = await task
    for sent in (answered.sdp, str(player.late)):
        assert "own" not in sent


async def test_what_outlives_a_session_has_its_servers_no_longer(
    hass: HomeAssistant, player: Looker, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = asyncio.Event()
    seen: list[list[RTCIceServer]] = []

    async def work() -> None:
        seen.append(async_get_ice_servers(hass))
        await over.wait()
        seen.append(async_get_ice_servers(hass))

    async def answered(_session: str) -> None:
        hass.async_create_task(work())

    monkeypatch.setattr(live, "answered", answered)
    hass.config.webrtc.ice_servers.append(OWN)
    task = player.opening(ice=(TURN,))
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    (await task).close()
    over.set()
    await hass.async_block_till_done()
    assert [[server.urls for server in each] for each in seen] == [
        [OWN.urls, [*TURN.urls]],
        [OWN.urls],
    ]


async def test_two_cities_lend_their_own_servers(
    hass: HomeAssistant, player: Looker, live: LiveCamera
) -> None:
    other = Looker(hass, Bridge(hass))
    task = other.opening(ice=(TURN,))
    await live.peers.offered.wait()
    assert [each.urls for each in live.peers.servers].count([*TURN.urls]) == 1
    live.peers.answer("look1", HOST)
    await task
    other.bridge.close()
    count = len(async_get_ice_servers(hass))
    assert count == 1


async def test_a_data_channel_with_no_proper_name_is_none(
    hass: HomeAssistant, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    def configured(name: Any) -> Player | None:
        configuration = live._async_get_webrtc_client_configuration()
        configuration.data_channel = name
        monkeypatch.setattr(live, "_async_get_webrtc_client_configuration", lambda: configuration)
        return player_of(hass, registry_id(hass), relay_only=False)

    assert configured("sound") == Player(data_channel="sound", audio=True)
    for name in ("", "x" * 65, "a\nb", 7):
        assert configured(name) == Player()


async def test_a_camera_that_cannot_say_how_it_is_played(
    hass: HomeAssistant, live: LiveCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    def configuration() -> None:
        raise RuntimeError

    monkeypatch.setattr(live, "_async_get_webrtc_client_configuration", configuration)
    assert player_of(hass, registry_id(hass), relay_only=False) == Player()


async def test_what_is_no_candidate_at_all(player: Looker, live: LiveCamera) -> None:
    task = player.opening()
    await live.peers.offered.wait()
    live.peers.answer("look1", HOST)
    live.peers.say("look1", WebRTCCandidate(None))  # type: ignore[arg-type]
    assert (await task).sdp.count("candidate:") == 1
