"""What is told of cameras is what is live, whatever happens and whatever time it is."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.changes.live import LiveCameras
from hub.changes.readers import Reader
from hub.grants.cameras import Cameras
from hub.operators.tokens import Caller
from hub.protocol.documents import Pilot
from hub.protocol.grant import Grant
from hub.protocol.vocabulary import Role, Scope
from tests.hub.grants.conftest import NOW, SigningHome

MINUTES = st.integers(0, 70)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.sampled_from("abc"), MINUTES, MINUTES),
        st.tuples(st.just("revoke"), st.sampled_from("abc")),
        st.tuples(st.just("online"), st.booleans()),
        st.tuples(st.just("hear"), st.booleans()),
        st.tuples(st.just("clip"), st.sampled_from("abc")),
        st.tuples(st.just("wait"), MINUTES),
        st.tuples(st.just("forget")),
    ),
    max_size=25,
)


def step(cameras: Cameras, home: SigningHome, what: Any, minutes: int) -> int:
    """Let something happen; return what time it is then."""
    now = NOW + timedelta(minutes=minutes)
    match what:
        case "grant", camera, starts, lasts:
            begin = now + timedelta(minutes=starts)
            ends = begin + timedelta(minutes=lasts + 1)
            grant = home.grant(camera, issued=now, starts=begin, ends=ends)
            cameras.reserve(camera, grant, b"")
            cameras.admit(camera)
        case "clip", camera:
            ends = now + timedelta(minutes=30)
            grant = home.grant(
                camera, issued=now, starts=now, ends=ends, scopes=frozenset({Scope.CLIP})
            )
            cameras.reserve(camera, grant, b"")
            cameras.admit(camera)
        case "revoke", camera:
            cameras.reserve(camera, home.revocation(camera), b"")
        case "online", online:
            cameras.set_online(home.id, online=online)
        case "hear", True:
            cameras.resume()
        case "hear", False:
            cameras.suspend()
        case ("forget",):
            cameras.forget_home(home.id)
        case "wait", lasts:
            minutes += lasts
    return minutes


def take(told: dict[str, Any], live: LiveCameras, minutes: int) -> None:
    changed = live.changes(NOW + timedelta(minutes=minutes))
    if changed is not None:
        assert not {one.camera for one in changed.live} & set(changed.gone)
        for camera in changed.gone:
            del told[camera]
        told |= {one.camera: one for one in changed.live}


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_whoever_takes_the_changes_knows_what_is_live(steps: list[Any]) -> None:
    cameras, home = Cameras("w", "p"), SigningHome("home")
    cameras.set_online(home.id, online=True)
    live = LiveCameras(cameras)
    cameras.on_changed = live.touch
    told: dict[str, Any] = {}
    minutes = 0
    for what in steps:
        minutes = step(cameras, home, what, minutes)
        take(told, live, minutes)
        now = NOW + timedelta(minutes=minutes)
        lent: dict[str, Grant] = {
            camera: grant
            for camera in "abc"
            if (grant := cameras.live(camera, now)) is not None
            and grant.scopes != frozenset({Scope.CLIP})
        }
        assert {one: value.ends for one, value in told.items()} == {
            camera: grant.ends for camera, grant in lent.items()
        }
        assert {one.camera for one in live.all()} == told.keys()


def test_all_are_gone_when_a_pilot_is_over() -> None:
    ends = NOW + timedelta(minutes=30)
    cameras = Cameras("w", "p", Pilot(ends=ends, city_cameras=5, private_cameras=5))
    home = SigningHome("home")
    cameras.set_online(home.id, online=True)
    cameras.reserve("cam", home.grant(), b"")
    cameras.admit("cam")
    live, told = LiveCameras(cameras), dict[str, Any]()
    take(told, live, 29)
    assert told.keys() == {"cam"}
    take(told, live, 30)
    assert told == {}


def test_a_reader_who_takes_no_events_of_streams_is_let_go() -> None:
    reader = Reader(Caller("officer-1", Role.OFFICER, frozenset()))
    for _ in range(1_001):
        reader.tell(b"x")
    assert (reader.over, len(reader.events)) == ("reset", 1_000)
