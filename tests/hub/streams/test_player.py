"""How a camera is played, asked before there is an offer: no look, and nobody is asked."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.messaging.child import Broker
from hub.operators.tokens import TokenScope
from hub.protocol.entries import EntryKind
from hub.protocol.grant import sign_grant
from hub.protocol.stream import Player
from hub.protocol.vocabulary import Role, Scope, Still
from hub.streams.turn import IceServers
from tests.hub.conftest import until
from tests.hub.streams.streaming import Streaming, streaming
from tests.hub.whole import Answer, WholeHub, whole_hub

STUN = ("stun:s.example",)
TURN = ("turn:t.example",)


@pytest.fixture
async def here(
    folder: DataFolder, authority: Authority, broker: Broker
) -> AsyncIterator[Streaming]:
    ice = IceServers(stun=STUN, turn=TURN, secret="s")
    async with whole_hub(folder, authority, broker, ice=ice) as whole:
        yield await streaming(whole)


async def ask(here: Streaming, **where: str) -> Answer:
    incident, camera = where.get("incident", here.incident), where.get("camera", here.camera)
    return await here.whole.ask("GET", f"incidents/{incident}/cameras/{camera}/player")


async def grant(here: Streaming, **changes: Any) -> None:
    """Let the home grant something else, and wait until the hub knows."""
    wanted = here.home.grant = here.home.make_grant(**changes)
    here.home.publish(here.home.grant_topic, sign_grant(here.home.signer, wanted))
    cameras = here.whole.hub._cameras

    def known() -> bool:
        live = cameras.live(here.camera, here.whole.clock())
        return live is not None and live.jti == wanted.jti

    await until(known)


async def test_all_that_a_player_must_know(here: Streaming) -> None:
    nest = Player(data_channel="dataSendChannel", audio=True)
    await grant(here, player=nest, still=Still.LAST, still_every_s=7)
    found = (await ask(here)).json
    stun, turn = found.pop("ice_servers")
    assert stun == {"urls": list(STUN)}
    assert turn.keys() == {"urls", "username", "credential"}
    assert turn["urls"] == list(TURN)
    assert found == {
        "live": True,
        "why_not": None,
        "ice_transport_policy": "all",
        "data_channel": "dataSendChannel",
        "audio": True,
        "lease_s": 60,
        "still": "last",
        "still_every_s": 7,
    }
    assert here.home.asked.empty()
    assert await here.whole.entries(EntryKind.LOOK) == []
    # Each asker has credentials of its own.
    assert (await ask(here)).json["ice_servers"][1]["username"] != turn["username"]


async def test_relay_only(here: Streaming) -> None:
    await grant(here, player=Player(relay_only=True))
    found = (await ask(here)).json
    assert (found["live"], found["ice_transport_policy"]) == (True, "relay")


@pytest.mark.parametrize(
    ("changes", "why_not"),
    [
        ({"player": None}, "no_webrtc"),
        ({"scopes": frozenset({Scope.SNAPSHOT})}, "not_lent"),
    ],
)
async def test_a_camera_may_have_stills_only(
    here: Streaming, changes: dict[str, Any], why_not: str
) -> None:
    await grant(here, **changes)
    found = (await ask(here)).json
    assert (found["live"], found["why_not"], found["ice_servers"]) == (False, why_not, [])
    assert found["still_every_s"] == 1


async def test_without_a_relay_relay_only_has_stills_only(whole: WholeHub) -> None:
    here = await streaming(whole)
    assert (await ask(here)).json["ice_servers"] == []
    await grant(here, player=Player(relay_only=True))
    found = (await ask(here)).json
    assert (found["live"], found["why_not"]) == (False, "relay_needed")


async def test_whatever_may_not_be_looked_through_is_not_told(here: Streaming) -> None:
    """Rule 7: outside the circle, absent and taken back are one answer."""
    far = await here.whole.incident(lat=32.4)
    answers = [
        await ask(here, incident=far),
        await ask(here, camera="0123456789abcdef"),
    ]
    await grant(here, scopes=frozenset({Scope.CLIP}))
    answers.append(await ask(here))
    here.home.revoke()
    await here.whole.until_live(here.home, live=False)
    answers.append(await ask(here))
    assert {answer.problem for answer in answers} == {"camera-unavailable"}
    assert len({answer.body for answer in answers}) == 1
    assert (await ask(here, incident="unknown")).problem == "not-found"
    await here.whole.ask("POST", f"incidents/{here.incident}/close")
    assert (await ask(here)).problem == "incident-closed"


async def test_whoever_may_not_look_learns_nothing(here: Streaming) -> None:
    path = f"incidents/{here.incident}/cameras/{here.camera}/player"
    for role, scopes, problem in (
        (Role.OFFICER, frozenset(TokenScope) - {TokenScope.LOOKS_WRITE}, "forbidden"),
        (Role.AUDITOR, frozenset(TokenScope), "policy"),
    ):
        bearer, _ = await here.whole.tokens.create("other", role, scopes, here.whole.clock())
        assert (await here.whole.ask("GET", path, bearer=bearer)).problem == problem
