"""How long a registration is kept, state by state."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.registrations.retention import Standing, State, kept_until

T = datetime(2026, 11, 21, tzinfo=UTC)


def day(number: int) -> datetime:
    return T + timedelta(days=number)


@pytest.mark.parametrize(
    ("standing", "until"),
    [
        (Standing(state=State.UNCONFIRMED, created=T), day(7)),
        (Standing(state=State.WAITING, created=T, confirmed=day(2)), day(92)),
        (Standing(state=State.DECLINED, created=T, decided=day(3)), day(33)),
        (Standing(state=State.APPROVED, created=T, decided=day(3), code_ends=day(17)), day(47)),
        (
            Standing(
                state=State.APPROVED, created=T, decided=day(3), code_ends=day(17), used=day(5)
            ),
            day(35),
        ),
    ],
)
def test_a_registration_is_kept_until(standing: Standing, until: datetime) -> None:
    assert kept_until(standing) == until
