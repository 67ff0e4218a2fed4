"""WHEP from outside: any player begins a stream, helps it on and ends it, and nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, web
from openapi_spec_validator import validate

from demo.simulated_streams import ANSWER
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.listening import listening_socket
from hub.messaging.child import Broker
from hub.operators.tokens import TokenScope
from hub.protocol.entries import EntryKind
from hub.protocol.reply import Reply
from hub.protocol.request import Request
from hub.protocol.session import Act
from hub.protocol.stream import LONGEST_SDP, Candidate
from hub.protocol.vocabulary import Outcome, Role
from hub.streams.turn import IceServers
from tests.hub.conftest import until
from tests.hub.streams.player import CANDIDATE, FRAGMENT, OFFER, UFRAG, WhepPlayer
from tests.hub.streams.streaming import Streaming, signed_in, streaming
from tests.hub.whole import WholeHub, whole_hub

ICE = IceServers(
    stun=("stun:s.example",), turn=("turn:t.example?transport=udp", "turns:t.example"), secret="s"
)
NOBODY: dict[str, str] = {}


@pytest.fixture
async def here(
    folder: DataFolder, authority: Authority, broker: Broker
) -> AsyncIterator[Streaming]:
    async with whole_hub(folder, authority, broker, ice=ICE) as whole:
        yield await streaming(whole)


@pytest.fixture
def player(here: Streaming) -> WhepPlayer:
    return WhepPlayer.of(here)


async def test_a_stream_is_begun_helped_on_and_ended(here: Streaming, player: WhepPlayer) -> None:
    address, started = await player.start()
    assert started.headers["Content-Type"] == "application/sdp"
    assert started.body.decode() == ANSWER
    look, tag = started.headers["RTCC-Look"], started.headers["ETag"]
    assert address.startswith("/api/v1/whep/")
    assert look not in address
    assert tag[0] == tag[-1] == '"'
    opens, ends = (
        datetime.fromisoformat(started.headers[name]) for name in ("RTCC-Until", "RTCC-Ends")
    )
    assert here.whole.clock() < opens < ends
    request = here.home.asked.get_nowait()
    assert request.id == look
    assert request.offer is not None
    assert request.offer.sdp == OFFER
    # Every candidate belongs to a line of the offer, with its place.
    sent = await player.trickle(address, f"{FRAGMENT}a=end-of-candidates\r\n")
    assert (sent.status, sent.body) == (204, b"")
    assert "ETag" not in sent.headers
    word = await here.word()
    assert (word.act, word.session) == (Act.CANDIDATES, look)
    assert word.candidates == (Candidate(CANDIDATE, "0", 0), Candidate("", "0", 0))
    assert (await player.send("HEAD", address)).headers["ETag"] == tag
    assert (await player.send("GET", address)).status == 204
    assert (await player.send("DELETE", address, headers={"If-Match": '"x"'})).status == 200
    word = await here.word()
    assert (word.act, word.reason) == (Act.CLOSE, "stopped")
    for method in ("DELETE", "GET"):
        assert (await player.send(method, address)).problem == "not-found"
    assert (await player.trickle(address)).problem == "not-found"
    assert (await player.send("HEAD", address)).status == 404
    assert (await here.end()).about["reason"] == "stopped"


@pytest.mark.parametrize("said", [None, "1", "0", "true", "1, 1"])
async def test_a_home_hears_who_takes_candidates_later(
    here: Streaming, player: WhepPlayer, said: str | None
) -> None:
    """A player that does not say so takes none: WHEP has no way."""
    answer = await player.offer(headers={} if said is None else {"RTCC-Trickle": said})
    assert answer.status == 201
    offer = here.home.asked.get_nowait().offer
    assert offer is not None
    assert offer.trickle is (said == "1")


async def test_home_and_player_have_their_own_ice_servers(
    here: Streaming, player: WhepPlayer
) -> None:
    _, started = await player.start()
    links = started.headers["Link"].split(", ")
    assert links[0] == '<stun:s.example>; rel="ice-server"'
    assert links[1].startswith('<turn:t.example?transport=udp>; rel="ice-server"; username="')
    assert links[2].startswith('<turns:t.example>; rel="ice-server"; username="')
    assert links[3].endswith('/lease>; rel="urn:jackson-rtcc:whep:lease"')
    assert links[4].endswith('/events>; rel="urn:jackson-rtcc:whep:events"')
    offer = here.home.asked.get_nowait().offer
    assert offer is not None
    stun, turn = offer.ice
    assert (stun.urls, turn.urls) == (ICE.stun, ICE.turn)
    assert turn.username is not None
    assert turn.username not in started.headers["Link"]


async def test_whoever_knows_the_address_needs_no_credentials_but_no_wrong_ones(
    here: Streaming, player: WhepPlayer
) -> None:
    address, _ = await player.start()
    _, browser = await signed_in(here.whole)
    stranger, _ = await here.whole.tokens.create(
        "another", Role.OFFICER, frozenset(TokenScope), here.whole.clock()
    )
    narrow, _ = await here.whole.tokens.create(
        "narrow", Role.OFFICER, frozenset({TokenScope.GRANTS_READ}), here.whole.clock()
    )
    for credentials, status in (
        ({"Authorization": "Bearer rtcc_wrong"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": f"Bearer {narrow}"}, 403),
        ({"Authorization": f"Bearer {stranger}"}, 404),
        ({"Cookie": "__Host-rtcc=wrong"}, 403),
        ({"Cookie": browser["Cookie"]}, 403),
        (browser, 404),
    ):
        refused = (
            await player.send("DELETE", address, credentials=credentials),
            await player.trickle(address, credentials=credentials),
        )
        assert [each.status for each in refused] == [status, status], credentials
    assert (await player.trickle(address, credentials=NOBODY)).status == 204
    assert (await here.word()).act is Act.CANDIDATES
    assert (await player.send("DELETE", address, credentials=NOBODY)).status == 200
    assert (await here.word()).act is Act.CLOSE


async def test_a_browser_begins_and_ends_by_its_session(here: Streaming) -> None:
    _, browser = await signed_in(here.whole)
    player = WhepPlayer(here.whole, here.incident, here.camera, browser)
    forged = await player.offer(credentials={"Cookie": browser["Cookie"]})
    assert forged.problem == "forbidden"
    address, _ = await player.start()
    assert (await player.send("DELETE", address)).status == 200


async def test_beginning_needs_credentials(here: Streaming, player: WhepPlayer) -> None:
    for method in ("POST", "GET"):
        answer = await player.send(
            method, player.endpoint, OFFER, "application/sdp", credentials=NOBODY
        )
        assert answer.problem == "unauthenticated"
    assert await here.whole.entries(EntryKind.LOOK) == []


NO_OFFERS: list[tuple[str | bytes, str, int]] = [
    (OFFER, "application/json", 415),
    (OFFER, "text/plain", 415),
    ("", "application/sdp", 400),
    ("hello", "application/sdp", 400),
    (OFFER.replace("recvonly", "sendonly"), "application/sdp", 400),
    (b"\xff", "application/sdp", 400),
    (OFFER + "a=x\r\n" * LONGEST_SDP, "application/sdp", 413),
    ("x" * (LONGEST_SDP + 1), "application/sdp", 413),
]


async def test_what_is_no_offer_is_no_look(here: Streaming, player: WhepPlayer) -> None:
    for body, media, status in NO_OFFERS:
        answer = await player.send("POST", player.endpoint, body, media)
        assert (answer.status, bool(answer.problem)) == (status, True)
        if status == 415:
            assert answer.headers["Accept-Post"] == "application/sdp"
    assert here.home.asked.empty()
    assert await here.whole.entries(EntryKind.LOOK) == []


async def test_what_is_no_fragment_reaches_nobody(here: Streaming, player: WhepPlayer) -> None:
    address, _ = await player.start()
    counter_offer = await player.send("PATCH", address, ANSWER, "application/sdp")
    assert counter_offer.problem == "unsupported-media-type"
    assert counter_offer.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
    assert (await player.trickle(address, "nonsense")).problem == "malformed"
    assert (await player.trickle(address, "a=mid:ü")).problem == "malformed"
    assert (await player.trickle(address, "a=x\r\n" * 10_000)).problem == "too-large"
    # What nobody knows, and what belongs to no line, is ignored.
    unknown = FRAGMENT.replace(" udp ", " sctp ")
    assert (await player.trickle(address, unknown)).status == 204
    assert (await player.trickle(address, FRAGMENT.replace("mid:0", "mid:7"))).status == 204
    await player.send("DELETE", address)
    assert (await here.word()).act is Act.CLOSE


async def test_a_restart_is_refused_and_the_stream_goes_on(
    here: Streaming, player: WhepPlayer
) -> None:
    address, _ = await player.start()
    restart = FRAGMENT.replace(UFRAG, "eFgH")
    for headers in ({"If-Match": "*"}, {}):
        refused = await player.trickle(address, restart, headers=headers)
        assert (refused.status, refused.problem) == (422, "ice-restart-unsupported")
    # The same tag on candidates of the same generation is no restart.
    assert (await player.trickle(address, headers={"If-Match": "*"})).status == 204
    assert (await here.word()).candidates == (Candidate(CANDIDATE, "0", 0),)


async def test_the_lax_need_no_tag_but_no_other_one(player: WhepPlayer) -> None:
    address, started = await player.start()
    tag = started.headers["ETag"]
    for good in (tag, "*"):
        assert (await player.trickle(address, headers={"If-Match": good})).status == 204
    for stale in ('"another"', f"W/{tag}"):
        answer = await player.trickle(address, headers={"If-Match": stale})
        assert (answer.status, answer.problem) == (412, "precondition-failed")


async def test_the_strict_need_the_tag(
    folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    async with whole_hub(folder, authority, broker, strict_etag=True) as whole:
        player = WhepPlayer.of(await streaming(whole))
        address, started = await player.start()
        assert "ice-server" not in started.headers["Link"]
        missing = await player.trickle(address)
        assert (missing.status, missing.problem) == (428, "precondition-required")
        tag = {"If-Match": started.headers["ETag"]}
        assert (await player.trickle(address, headers=tag)).status == 204
        assert (await player.trickle(address, headers={"If-Match": '"x"'})).status == 412


async def test_whatever_speaks_of_the_owner_is_one_answer(
    here: Streaming, player: WhepPlayer
) -> None:
    """Rule 7: absent, refused, outside and taken back look alike, and may be asked for again."""
    refusals = []
    here.home.script = refused_by("not_granted")
    refusals.append(await player.offer())
    far = await here.whole.incident(lat=32.4)
    refusals.append(await replace(player, incident=far).offer())
    refusals.append(await replace(player, camera="0123456789abcdef").offer())
    here.home.revoke()
    await here.whole.until_live(here.home, live=False)
    refusals.append(await player.offer())
    assert {answer.status for answer in refusals} == {409}
    assert {answer.headers["Retry-After"] for answer in refusals} == {"5"}
    assert len({answer.body for answer in refusals}) == 1
    assert refusals[0].problem == "camera-unavailable"


def refused_by(reason: str, outcome: Outcome = Outcome.REFUSED) -> Any:
    def script(_request: Request, reply: Reply) -> Reply:
        return replace(reply, outcome=outcome, reason=reason, answer=None)

    return script


async def test_what_a_home_says_of_its_camera_is_told(here: Streaming, player: WhepPlayer) -> None:
    for reason, status, problem, retry in (
        ("busy", 503, "camera-busy", "5"),
        ("no_webrtc", 422, "no-live-video", None),
        ("codec_unsupported", 422, "codec-unsupported", None),
        ("relay_needed", 422, "relay-needed", None),
        ("offer_malformed", 422, "offer-refused", None),
        ("camera_off", 502, "camera-failed", None),
    ):
        here.home.script = refused_by(reason, Outcome.FAILED)
        answer = await player.offer()
        assert (answer.status, answer.problem) == (status, problem)
        assert answer.headers.get("Retry-After") == retry


async def test_what_is_wrong_with_the_incident_or_the_path(
    here: Streaming, player: WhepPlayer
) -> None:
    assert (await replace(player, incident="unknown").offer()).problem == "not-found"
    assert (await replace(player, camera="not+an+id").offer()).problem == "malformed"
    await here.whole.ask("POST", f"incidents/{here.incident}/close")
    closed = await player.offer()
    assert (closed.status, closed.problem) == (409, "incident-closed")
    assert "Retry-After" not in closed.headers


async def test_what_endpoints_say_of_themselves(here: Streaming, player: WhepPlayer) -> None:
    address, _ = await player.start()
    probe = await player.send("HEAD", player.endpoint)
    assert (probe.status, probe.headers["Content-Type"]) == (200, "application/sdp")
    assert (await player.send("GET", player.endpoint)).status == 204
    preflight = await player.send("OPTIONS", player.endpoint, credentials=NOBODY)
    assert preflight.status == 200
    assert preflight.headers["Accept-Post"] == "application/sdp"
    assert "Link" not in preflight.headers
    known = await player.send("OPTIONS", player.endpoint)
    assert '<turn:t.example?transport=udp>; rel="ice-server"' in known.headers["Link"]
    wrong = {"Authorization": "Bearer rtcc_wrong"}
    assert (await player.send("OPTIONS", player.endpoint, credentials=wrong)).status == 401
    of_stream = await player.send("OPTIONS", address, credentials=NOBODY)
    assert of_stream.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
    here.home.revoke()
    await here.whole.until_live(here.home, live=False)
    assert "Link" not in (await player.send("OPTIONS", player.endpoint)).headers


async def test_without_servers_options_names_none(whole: WholeHub) -> None:
    player = WhepPlayer.of(await streaming(whole))
    assert "Link" not in (await player.send("OPTIONS", player.endpoint)).headers


async def test_a_lease_is_renewed_by_whoever_began_the_stream(
    here: Streaming, player: WhepPlayer
) -> None:
    address, started = await player.start()
    stranger, _ = await here.whole.tokens.create(
        "another", Role.OFFICER, frozenset(TokenScope), here.whole.clock()
    )
    for credentials, status in ((NOBODY, 401), ({"Authorization": f"Bearer {stranger}"}, 404)):
        refused = await player.send("POST", f"{address}/lease", credentials=credentials)
        assert refused.status == status
    here.whole.clock.moved += timedelta(seconds=20)
    renewed = await player.send("POST", f"{address}/lease")
    before = datetime.fromisoformat(started.headers["RTCC-Until"])
    assert datetime.fromisoformat(renewed.json["until"]) - before >= timedelta(seconds=19)
    assert renewed.json["ends"] == started.headers["RTCC-Ends"].replace("+00:00", "Z")
    assert (await here.word()).act is Act.RENEW
    await here.whole.ask("POST", f"incidents/{here.incident}/close")
    assert (await here.word()).act is Act.CLOSE
    assert (await player.send("POST", f"{address}/lease")).problem == "not-found"


async def test_one_caller_begins_so_many_at_once(player: WhepPlayer) -> None:
    answers = [await player.offer("no offer") for _ in range(45)]
    assert {answer.problem for answer in answers} == {"malformed", "rate-limited"}
    assert "Retry-After" in answers[-1].headers


async def test_one_player_says_so_much_at_once(player: WhepPlayer) -> None:
    address, _ = await player.start()
    answers = [await player.trickle(address, "") for _ in range(120)]
    assert {answer.status for answer in answers} == {204, 429}
    # Another of the same caller is not held up by it, and ending is always possible.
    other, _ = await player.start()
    assert (await player.trickle(other)).status == 204
    assert (await player.send("DELETE", address)).status == 200


async def test_whoever_is_gone_before_the_answer_has_no_stream(
    here: Streaming, player: WhepPlayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As served by `rtcc-hub serve`, where a handler goes on when its client has gone."""
    gone = asyncio.Event()
    streams = here.whole.hub.streams
    original = streams.open

    async def slow(*arguments: Any, **options: bool) -> Any:
        session = await original(*arguments, **options)
        await gone.wait()
        return session

    monkeypatch.setattr(streams, "open", slow)
    async with served(here.whole) as (url, server), ClientSession(url) as client:
        headers = {**player.credentials, "Content-Type": "application/sdp"}
        asking = asyncio.create_task(client.post(player.endpoint, data=OFFER, headers=headers))
        await until(lambda: len(streams) == 1)
        (connection,) = server.connections
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await until(lambda: connection.transport is None)
        gone.set()
        assert (await here.word()).act is Act.CLOSE


@asynccontextmanager
async def served(whole: WholeHub) -> AsyncIterator[tuple[str, web.Server]]:
    runner = web.AppRunner(whole.hub.application(), shutdown_timeout=1)
    await runner.setup()
    with listening_socket("127.0.0.1", 0) as listening:
        await web.SockSite(runner, listening).start()
        try:
            server = runner.server
            assert server is not None
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", server
        finally:
            await runner.cleanup()


async def test_the_description_tells_of_media_types_and_of_optional_credentials(
    here: Streaming,
) -> None:
    document = (await here.whole.ask("GET", "openapi.json")).json
    validate(document)
    stream = document["paths"]["/api/v1/whep/{secret}"]
    assert stream["patch"]["requestBody"]["content"].keys() == {"application/trickle-ice-sdpfrag"}
    assert {} in stream["delete"]["security"]
    assert stream["options"]["security"] == [{}, {"token": []}, {"session": []}]
    begin = document["paths"]["/api/v1/incidents/{incident}/cameras/{camera}/whep"]["post"]
    assert begin["security"] == [{"token": []}, {"session": [], "csrf": []}]
    assert {"201", "400", "409", "413", "415", "422", "429", "503"} <= begin["responses"].keys()
