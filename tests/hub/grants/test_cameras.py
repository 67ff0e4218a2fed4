"""The live set: only what is granted now, by a home that is online, is live."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.grants.cameras import MOST_CAMERAS, Cameras
from hub.protocol.errors import Reason, Rejected
from hub.protocol.geo import Circle, Point
from hub.protocol.grant import Grant, Revocation, View
from hub.protocol.vocabulary import Scope
from tests.hub.grants.conftest import CAPITOL, NOW, SigningHome

type Lend = Callable[[Grant | Revocation], None]
AROUND = Circle(CAPITOL, 400)


def live(cameras: Cameras, at: timedelta = timedelta(), scope: Scope = Scope.SNAPSHOT) -> list[str]:
    """Both ways to ask, which must agree."""
    near = [one.grant.camera for one in cameras.near(AROUND, scope, NOW + at)]
    if scope is Scope.SNAPSHOT:
        assert sorted(near) == sorted(
            camera for camera in cameras if cameras.live(camera, NOW + at)
        )
    return near


def test_a_grant_of_an_online_home_is_live(cameras: Cameras, home: SigningHome, lend: Lend) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant())
    assert live(cameras) == ["cam"]
    assert live(cameras, scope=Scope.STREAM) == []


def test_nothing_is_live_before_its_home_is_online_or_after(
    cameras: Cameras, home: SigningHome, lend: Lend
) -> None:
    lend(home.grant())
    assert live(cameras) == []
    cameras.set_online(home.id, online=True)
    assert live(cameras) == ["cam"]
    cameras.set_online(home.id, online=False)
    assert live(cameras) == []


def test_nothing_is_live_when_the_broker_is_not_heard(
    cameras: Cameras, home: SigningHome, lend: Lend
) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant())
    cameras.all_offline()
    assert live(cameras) == []
    assert cameras.online() == 0


def test_a_grant_is_live_from_its_start_until_before_its_end(
    cameras: Cameras, home: SigningHome, lend: Lend
) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant(starts=NOW + timedelta(minutes=10), ends=NOW + timedelta(minutes=20)))
    second = timedelta(seconds=1)
    assert live(cameras, timedelta(minutes=10) - second) == []
    assert live(cameras, timedelta(minutes=10)) == ["cam"]
    assert live(cameras, timedelta(minutes=20) - second) == ["cam"]
    assert live(cameras, timedelta(minutes=20)) == []


def test_a_grant_for_now_is_live_although_the_homes_clock_is_fast(
    cameras: Cameras, home: SigningHome, lend: Lend
) -> None:
    ahead = NOW + timedelta(seconds=60)
    cameras.set_online(home.id, online=True)
    lend(home.grant(issued=ahead, starts=ahead))
    assert live(cameras) == ["cam"]
    assert live(cameras, timedelta(seconds=-1)) == []


@pytest.mark.parametrize("changes", [{"waiver": "older"}, {"policy": "older"}])
def test_a_grant_under_other_rules_is_kept_but_not_live(
    cameras: Cameras, home: SigningHome, lend: Lend, changes: dict[str, str]
) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant(**changes))
    assert live(cameras) == []
    assert cameras.held("cam") is not None
    lend(home.grant())
    assert live(cameras) == ["cam"]


def test_a_revocation_ends_it_at_once(cameras: Cameras, home: SigningHome, lend: Lend) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant())
    lend(home.revocation())
    assert live(cameras) == []
    cameras.set_online(home.id, online=True)
    assert live(cameras) == []


def test_a_first_grant_is_not_live_until_it_is_stored(cameras: Cameras, home: SigningHome) -> None:
    cameras.set_online(home.id, online=True)
    cameras.reserve("cam", home.grant(), b"digest")
    assert live(cameras) == []
    cameras.set_online(home.id, online=True)
    assert live(cameras) == []
    cameras.admit("cam")
    assert live(cameras) == ["cam"]


def test_a_renewal_leaves_no_gap(cameras: Cameras, home: SigningHome, lend: Lend) -> None:
    cameras.set_online(home.id, online=True)
    first, renewed = home.grant(), home.grant(ends=NOW + timedelta(minutes=90))
    lend(first)
    cameras.reserve("cam", renewed, b"digest")
    assert cameras.live("cam", NOW) == first
    assert live(cameras) == ["cam"]
    cameras.admit("cam")
    assert cameras.live("cam", NOW) == renewed


@pytest.mark.parametrize(
    "less",
    [
        {"ends": NOW + timedelta(minutes=10)},
        {"starts": NOW + timedelta(minutes=5), "ends": NOW + timedelta(hours=1)},
        {"scopes": frozenset({Scope.STREAM})},
        {"view": View(place=Point(CAPITOL.lat + 0.01, CAPITOL.lon), accuracy_m=400)},
        {"policy": "another"},
    ],
)
def test_what_a_new_grant_does_not_give_any_more_ends_at_once(
    cameras: Cameras, home: SigningHome, lend: Lend, less: dict[str, object]
) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant())
    cameras.reserve("cam", home.grant(**less), b"digest")
    assert live(cameras) == []


def test_a_revocation_while_a_renewal_is_being_stored_wins(
    cameras: Cameras, home: SigningHome, lend: Lend
) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant())
    cameras.reserve("cam", home.grant(), b"digest")
    cameras.reserve("cam", home.revocation(), b"end")
    assert live(cameras) == []


def test_an_older_word_is_a_rollback(cameras: Cameras, home: SigningHome, lend: Lend) -> None:
    old = home.grant()
    lend(home.revocation())
    for stale in (old, home.grant(seq=home.seq - 1)):
        with pytest.raises(Rejected) as refused:
            lend(stale)
        assert refused.value.reason is Reason.ROLLBACK


def test_another_home_cannot_take_a_camera_over(
    cameras: Cameras, home: SigningHome, other_home: SigningHome, lend: Lend
) -> None:
    lend(home.grant())
    with pytest.raises(Rejected) as refused:
        lend(other_home.grant(seq=100))
    assert refused.value.reason is Reason.FOREIGN_CAMERA


def test_a_home_cannot_fill_the_hub(
    cameras: Cameras, home: SigningHome, other_home: SigningHome, lend: Lend
) -> None:
    for number in range(MOST_CAMERAS):
        lend(home.grant(f"cam-{number}"))
    with pytest.raises(Rejected) as refused:
        lend(home.grant("one-more"))
    assert refused.value.reason is Reason.TOO_MANY
    lend(home.grant("cam-0"))
    lend(other_home.grant("another"))


def test_nothing_is_believed_while_suspended(
    cameras: Cameras, home: SigningHome, lend: Lend
) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant())
    cameras.suspend()
    assert live(cameras) == []
    assert cameras.count(NOW) == 0
    cameras.resume()
    assert live(cameras) == ["cam"]


def test_a_removed_home_leaves_nothing(cameras: Cameras, home: SigningHome, lend: Lend) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant())
    cameras.forget_home(home.id)
    assert live(cameras) == []
    assert cameras.held("cam") is None


def test_the_sweep_takes_out_what_has_ended(
    cameras: Cameras, home: SigningHome, lend: Lend
) -> None:
    cameras.set_online(home.id, online=True)
    lend(home.grant("short", ends=NOW + timedelta(minutes=1)))
    lend(home.grant("long"))
    later = NOW + timedelta(minutes=1)
    assert cameras.count(NOW) == 2
    cameras.sweep(later)
    assert cameras.count(NOW) == cameras.count(later) == 1
    assert live(cameras) == ["long"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["grant", "revoke", "replay", "online", "offline", "broker lost"]),
            st.sampled_from(["one", "two"]),
        ),
        max_size=30,
    )
)
def test_whatever_happens_only_the_newest_word_of_an_online_home_counts(
    steps: list[tuple[str, str]],
) -> None:
    cameras, home = Cameras("w", "p"), SigningHome("aaaa")
    newest: dict[str, Grant | Revocation] = {}
    seen: list[Grant | Revocation] = []
    online = False
    for step, camera in steps:
        word: Grant | Revocation | None = None
        match step:
            case "grant":
                word = home.grant(camera)
            case "revoke":
                word = home.revocation(camera)
            case "replay" if seen:
                word = seen[len(seen) // 2]
            case "online" | "offline":
                online = step == "online"
                cameras.set_online(home.id, online=online)
            case "broker lost":
                online = False
                cameras.all_offline()
        if word is not None:
            seen.append(word)
            try:
                cameras.check(word.camera, word)
            except Rejected:
                assert word.seq <= newest[word.camera].seq
            else:
                cameras.reserve(word.camera, word, b"")
                cameras.admit(word.camera)
                newest[word.camera] = word
        expected = {name for name, last in newest.items() if online and isinstance(last, Grant)}
        assert set(live(cameras)) == expected
