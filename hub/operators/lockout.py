"""Five failed sign-ins in fifteen minutes lock an account (CJIS AC-7)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
MOST = 5


def lockout_due(failures: Iterable[datetime], now: datetime) -> bool:
    """Tell whether these failures lock the account."""
    return sum(now - WINDOW < at for at in failures) >= MOST
