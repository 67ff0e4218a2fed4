"""A share is read from its subentry once, strictly."""

from typing import Any

import pytest

from custom_components.jackson_rtcc.protocol.errors import Rejected
from custom_components.jackson_rtcc.protocol.geo import Point
from custom_components.jackson_rtcc.share import Share

DATA: dict[str, Any] = {
    "camera": "c1",
    "entity": "e1",
    "name": "Porch",
    "site": "home",
    "scopes": ["snapshot"],
    "gate": "incident",
    "hours": {"days": ["mon", "sun"], "start": "18:00:00", "end": "06:00"},
    "location": {"latitude": 32.3, "longitude": -90.2},
    "precision": 0,
}


def test_parse() -> None:
    share = Share.parse(DATA)
    assert share.hours is not None
    assert share.hours.days == {0, 6}
    assert share.view.place == share.place == Point(32.3, -90.2)
    assert share.view.accuracy_m == 0
    coarse = Share.parse(DATA | {"precision": 400, "hours": None})
    assert coarse.hours is None
    assert coarse.view.place != coarse.place
    assert (coarse.schedule, coarse.nobody_home, coarse.mask) == (None, False, ())
    more = Share.parse(
        DATA | {"schedule": "s1", "nobody_home": True, "mask": ["0,0 1,0 1,1", "0,0 .5,0 .5,.5"]}
    )
    assert (more.schedule, more.nobody_home) == ("s1", True)
    assert more.mask[1] == ((0, 0), (0.5, 0), (0.5, 0.5))
    # What shares of before say nothing of.
    assert (more.relay_only, more.viewers, more.still_every_s) == (False, 2, 2)
    limited = Share.parse(DATA | {"relay_only": True, "viewers": 5, "still_every": 60})
    assert (limited.relay_only, limited.viewers, limited.still_every_s) == (True, 5, 60)


@pytest.mark.parametrize(
    "changes",
    [
        {"camera": "../x"},
        {"scopes": []},
        {"gate": "never"},
        {"location": {"latitude": 99, "longitude": 0}},
        {"hours": {"days": ["someday"], "start": "18:00", "end": "06:00"}},
        {"hours": {"days": ["mon"], "start": "25:00", "end": "06:00"}},
        {"hours": {"days": ["mon"], "end": "06:00"}},
        {"mask": ["0,0 1,0"]},
        {"mask": [7]},
        {"nobody_home": "yes"},
        {"relay_only": 1},
        {"viewers": 0},
        {"viewers": 11},
        {"still_every": 0},
        {"still_every": 3_601},
    ],
)
def test_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        Share.parse(DATA | changes)
