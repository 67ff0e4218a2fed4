"""The policy's rules beside its kinds: approvals, prohibited purposes, retention, a pilot."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.protocol.documents import (
    SHORTEST,
    Pilot,
    Policy,
    Purpose,
    Retention,
    Unaided,
    document_hash,
    too_vague,
)
from hub.protocol.errors import Reason, Rejected
from hub.protocol.stream import LONGEST_STREAM

RULE: dict[str, Any] = {
    "name": {"en": "Robbery", "es": "Robo"},
    "radius_m": 800,
    "duration_s": 7200,
    "scopes": ["snapshot"],
}
PROTESTS = {"id": "protests", "name": {"en": "Watching protests"}}
RETENTION = {"unattached_s": 300, "attached_days": 365, "uncharged_days": 60}
PILOT: dict[str, Any] = {"ends": "2027-01-15", "city_cameras": 5, "private_cameras": 4}


def policy(**more: object) -> dict[str, object]:
    return {"version": "1", "kinds": {"robbery": RULE}} | more


def kind(**more: object) -> dict[str, object]:
    return policy(kinds={"robbery": RULE | more})


def test_a_whole_policy_is_read_and_known_by_its_whole_hash() -> None:
    document = kind(approval={"radius_m": 600, "duration_s": 3600}) | {
        "prohibited": [PROTESTS],
        "retention": RETENTION,
        "pilot": PILOT,
    }
    found = Policy.parse(document)
    assert found.kinds["robbery"].approval == Unaided(600, timedelta(hours=1))
    assert found.prohibited == (Purpose("protests", {"en": "Watching protests"}),)
    assert found.retention == Retention(
        timedelta(minutes=5), timedelta(days=365), timedelta(days=60)
    )
    assert found.pilot == Pilot(datetime(2027, 1, 15, tzinfo=UTC), 5, 4)
    assert found.digest == document_hash(document)
    for part in ("prohibited", "retention", "pilot"):
        less = {name: value for name, value in document.items() if name != part}
        assert Policy.parse(less).digest != found.digest


def test_what_a_policy_leaves_out_is_the_narrowest() -> None:
    found = Policy.parse(policy())
    assert found.kinds["robbery"].approval is None
    assert found.prohibited == ()
    assert found.pilot is None
    assert found.retention == SHORTEST


@pytest.mark.parametrize("seconds", [60, 3_600, 86_400])
def test_how_long_a_stream_lives_at_most(seconds: int) -> None:
    document = policy(stream_s=seconds)
    assert Policy.parse(document).stream == timedelta(seconds=seconds)
    assert Policy.parse(document).digest != Policy.parse(policy()).digest


def test_a_stream_lives_an_hour_if_the_policy_does_not_say() -> None:
    assert Policy.parse(policy()).stream == LONGEST_STREAM == timedelta(hours=1)


def test_a_pilot_may_end_at_a_second() -> None:
    found = Policy.parse(policy(pilot=PILOT | {"ends": 1_800_000_000})).pilot
    assert found is not None
    assert found.ends == datetime.fromtimestamp(1_800_000_000, UTC)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (kind(approval={"radius_m": 801, "duration_s": 60}), "from 1 to 800"),
        (kind(approval={"radius_m": 0, "duration_s": 60}), "from 1 to 800"),
        (kind(approval={"radius_m": 800, "duration_s": 7201}), "from 60 to 7200"),
        (kind(approval={"radius_m": 800}), "'robbery': approval: duration_s"),
        (kind(approval=600), "approval: not a JSON object"),
        (policy(prohibited={}), "prohibited"),
        (policy(prohibited=[PROTESTS, PROTESTS]), "twice"),
        (policy(prohibited=[PROTESTS | {"id": "a b"}]), "prohibited: id"),
        (policy(prohibited=["protests"]), "prohibited: not a JSON object"),
        (policy(prohibited=[{"id": "x", "name": {"es": "x"}}]), "name is missing in English"),
        (policy(prohibited=[PROTESTS | {"id": "robbery"}]), "a kind and prohibited"),
        (policy(prohibited=[PROTESTS | {"id": str(i)} for i in range(51)]), "at most 50"),
        (policy(retention=RETENTION | {"unattached_s": 9}), "retention: unattached_s"),
        (policy(retention=RETENTION | {"unattached_s": 3601}), "retention: unattached_s"),
        (policy(retention=RETENTION | {"attached_days": 0}), "retention: attached_days"),
        (policy(retention=RETENTION | {"uncharged_days": 366}), "from 1 to 365"),
        (policy(retention=[]), "retention"),
        (policy(pilot=PILOT | {"ends": "2027-02-30"}), "pilot: ends is neither"),
        (policy(pilot=PILOT | {"ends": "15.1.2027"}), "pilot: ends is neither"),
        (policy(pilot=PILOT | {"ends": -1}), "pilot: ends"),
        (policy(pilot=PILOT | {"ends": None}), "pilot: ends is missing"),
        (policy(pilot=PILOT | {"city_cameras": -1}), "pilot: city_cameras"),
        (policy(pilot=PILOT | {"private_cameras": "5"}), "pilot: private_cameras"),
        (policy(stream_s=59), "stream_s is not an integer from 60 to 86400"),
        (policy(stream_s=86_401), "stream_s"),
        (policy(stream_s="3600"), "stream_s"),
        (policy(stream_s=True), "stream_s"),
        (policy(kinds={"investigation": RULE}), "'investigation' says nothing"),
        (policy(kinds={"Other": RULE}), "'Other' says nothing"),
        (policy(kinds={"general": RULE}), "'general' says nothing"),
        (policy(kinds={"general-investigation_2": RULE}), "says nothing"),
        (kind(name={"en": "Police investigation"}), "'Police investigation' says nothing"),
        (kind(name={"en": "Robbery", "es": "Otros"}), "'Otros' says nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_policy_out_of_shape_says_where(document: object, says: str) -> None:
    with pytest.raises(Rejected) as refused:
        Policy.parse(document)
    assert refused.value.reason is Reason.MALFORMED
    assert says in refused.value.detail


@pytest.mark.parametrize(
    "name", ["robbery", "death_investigation", "General hospital alarm", "911", "test drive"]
)
def test_a_name_that_says_what_happened_is_no_vague_one(name: str) -> None:
    assert not too_vague(name)
