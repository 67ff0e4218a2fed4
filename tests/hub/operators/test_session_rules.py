"""The rules of sessions and of lockout, at any time and in any order."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.operators.door import IDLE
from hub.operators.lockout import MOST, WINDOW, lockout_due
from hub.operators.roles import SCOPES
from hub.operators.session_rules import AGAIN, FORGOTTEN, RECENT, Session, State
from hub.operators.tokens import TokenScope
from hub.operators.webauthn import counter_grew
from hub.protocol.vocabulary import Role

BEGIN = datetime(2026, 11, 20, 22, tzinfo=UTC)
SECONDS = st.integers(0, 3 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))


def session(authenticated: timedelta, used: timedelta, **changes: datetime | None) -> Session:
    return Session(
        id="s",
        operator="o",
        via="passkey",
        created=BEGIN,
        authenticated=BEGIN + authenticated,
        used=BEGIN + used,
        **changes,
    )


@given(SECONDS, SECONDS, SECONDS)
def test_an_active_session_was_used_and_proved_lately(
    authenticated: timedelta, used: timedelta, now: timedelta
) -> None:
    found = session(authenticated, used).state(BEGIN + now, IDLE)
    lately = now - used < IDLE and now - authenticated < AGAIN
    assert (found is State.ACTIVE) is lately
    assert (found is State.ENDED) is (now - authenticated >= FORGOTTEN)


@given(SECONDS, SECONDS, SECONDS)
def test_what_is_locked_or_ended_stays_so(
    authenticated: timedelta, used: timedelta, now: timedelta
) -> None:
    locked = session(authenticated, used, locked=BEGIN)
    assert locked.state(BEGIN + now, IDLE) is not State.ACTIVE
    assert session(authenticated, used, ended=BEGIN).state(BEGIN + now, IDLE) is State.ENDED


@given(SECONDS, SECONDS, SECONDS)
def test_it_locks_when_it_says(authenticated: timedelta, used: timedelta, now: timedelta) -> None:
    one = session(authenticated, used)
    active = one.state(BEGIN + now, IDLE) is State.ACTIVE
    assert active is (BEGIN + now < one.locks(IDLE))
    assert one.recent(BEGIN + now) is (now - authenticated < RECENT)


@given(st.lists(st.integers(0, 3600)), st.integers(0, 3600))
def test_an_account_locks_at_the_fifth_failure_in_the_window(failures: list[int], now: int) -> None:
    times = [BEGIN + timedelta(seconds=one) for one in failures]
    moment = BEGIN + timedelta(seconds=now)
    counted = [one for one in times if one > moment - WINDOW]
    assert lockout_due(times, moment) is (len(counted) >= MOST)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_counter_that_counts_never_goes_back(before: int, now: int) -> None:
    assert counter_grew(before, now) is (now > before or before == now == 0)


def test_the_roles_separate_duties() -> None:
    looking = {TokenScope.LOOKS_WRITE, TokenScope.PICTURES_WRITE, TokenScope.GRANTS_READ}
    assert SCOPES.keys() == set(Role)
    for role in (Role.AUDITOR, Role.ADMINISTRATOR):
        assert not SCOPES[role] & looking
    for role in Role:
        assert (TokenScope.OPERATORS_WRITE in SCOPES[role]) is (role is Role.ADMINISTRATOR)
        assert (TokenScope.APPROVALS_WRITE in SCOPES[role]) is (role is Role.SUPERVISOR)
        assert (TokenScope.LOG_READ in SCOPES[role]) is (role is Role.AUDITOR)
