"""The misuse detector: a stalker is found, and ordinary work is not held against anybody."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from hub.protocol.geo import Circle, Point
from hub.supervision.misuse import (
    Glance,
    Story,
    fishing,
    near_own_address,
    off_shift,
    repeats,
)
from hub.supervision.reviews import Cause, Finding

NOW = datetime(2026, 11, 19, 20, tzinfo=UTC)
ADDRESS = Point(32.3038, -90.1821)
FAR = Point(32.33, -90.1821)
ME = "officer-7F3K"
ALONE = Story(people=frozenset({ME}))


def glance(
    index: int,
    *,
    camera: str = "ex",
    incident: str = "i",
    days: float = 0,
    place: Point | None = None,
) -> Glance:
    return Glance(
        index=index,
        moment=NOW + timedelta(days=days),
        operator=ME,
        camera=camera,
        incident=incident,
        place=place,
    )


def found_by_repeats(looks: Sequence[Glance], **stories: Story) -> list[Finding]:
    return list(repeats(looks, {look.incident: ALONE for look in looks} | stories))


def test_coming_back_alone_to_one_camera_is_a_repeat() -> None:
    looks = [glance(index, incident=f"i{index}", days=index) for index in range(5)]
    (finding,) = found_by_repeats(looks)
    assert finding.cause is Cause.REPEAT
    assert finding.subject == ME
    assert finding.key == f"repeat:{ME}:ex:2026-11-23"
    assert finding.about == {
        "camera": "ex",
        "looks": 5,
        "incidents": 5,
        "days": 5,
        "entries": [0, 1, 2, 3, 4],
    }


@pytest.mark.parametrize(
    "looks",
    [
        # Four looks.
        [glance(index, incident=f"i{index}", days=index) for index in range(4)],
        # One incident on one day: somebody at work.
        [glance(index) for index in range(12)],
        # Five looks, none twice at the same camera.
        [glance(index, camera=f"c{index}", incident=f"i{index}") for index in range(5)],
    ],
    ids=["few", "one incident", "many cameras"],
)
def test_what_is_no_repeat(looks: list[Glance]) -> None:
    assert found_by_repeats(looks) == []


def test_several_incidents_of_a_day_and_several_days_of_an_incident_are_repeats() -> None:
    assert found_by_repeats([glance(index, incident=f"i{index % 2}") for index in range(5)])
    assert found_by_repeats([glance(index, days=index % 2) for index in range(5)])


def test_an_incident_that_others_had_a_part_in_explains_it() -> None:
    looks = [glance(index, incident=f"i{index}", days=index) for index in range(5)]
    opened_by_dispatch = Story(people=frozenset({ME, "dispatch"}))
    assert found_by_repeats(looks, i4=opened_by_dispatch) == []


def test_a_review_is_filed_once_a_day() -> None:
    looks = [glance(index, incident=f"i{index}", days=index / 100) for index in range(6)]
    (before,), (after,) = found_by_repeats(looks[:5]), found_by_repeats(looks)
    assert before.key == after.key


def test_looks_around_the_own_address() -> None:
    looks = [glance(0, place=FAR), glance(1, place=ADDRESS), glance(2), glance(3, place=ADDRESS)]
    (finding,) = near_own_address(looks, Circle(ADDRESS, 200))
    assert finding.cause is Cause.OWN_ADDRESS
    assert finding.about["entries"] == [1, 3]
    assert "32.30" not in repr(finding)
    assert list(near_own_address(looks, None)) == []


def test_looks_outside_the_shift() -> None:
    looks = [glance(index, days=index) for index in range(3)]
    findings = list(off_shift(looks, {0}))
    assert [finding.cause for finding in findings] == [Cause.OFF_SHIFT] * 2
    assert len({finding.key for finding in findings}) == 2
    assert list(off_shift(looks, None)) == []
    assert list(off_shift(looks, {0, 1, 2})) == []


def closed(look: Glance, after_s: float, *others: str) -> Story:
    return Story(people=frozenset({ME, *others}), closed=look.moment + timedelta(seconds=after_s))


def test_incidents_for_a_single_look_are_fishing() -> None:
    looks = [glance(index, camera=f"c{index}", incident=f"i{index}") for index in range(3)]
    stories = {look.incident: closed(look, 60) for look in looks}
    (finding,) = fishing(looks, stories)
    assert finding.cause is Cause.FISHING
    assert finding.about["incidents"] == 3


@pytest.mark.parametrize("why", ["two of them", "second look", "stayed open", "later", "others"])
def test_what_is_no_fishing(why: str) -> None:
    looks = [glance(index, incident=f"i{index}") for index in range(3)]
    stories = {look.incident: closed(look, 10) for look in looks}
    match why:
        case "two of them":
            looks.pop()
        case "second look":
            looks.append(glance(4, incident="i0"))
        case "stayed open":
            stories["i0"] = ALONE
        case "later":
            stories["i0"] = closed(looks[0], 61)
        case "others":
            stories["i0"] = closed(looks[0], 10, "supervisor-2222")
    assert list(fishing(looks, stories)) == []


def test_ordinary_work_is_flagged_at_most_once_in_500_looks() -> None:
    """Two weeks of an officer: each incident is opened by dispatch or by the officer alone."""
    chance = random.Random(7)  # noqa: S311 - the same cases each time
    flagged, looks_made = 0, 0
    for officer in range(20):
        looks: list[Glance] = []
        stories: dict[str, Story] = {}
        for number in range(30):
            id_ = f"{officer}-{number}"
            by_dispatch = chance.random() < 0.7
            stories[id_] = Story(
                people=frozenset({ME, "dispatch"} if by_dispatch else {ME}),
                closed=NOW + timedelta(days=number / 2, hours=1),
            )
            cameras = chance.sample(range(600), 4)
            looks += [
                glance(len(looks), camera=f"c{camera}", incident=id_, days=number / 2)
                for camera in cameras
                for _ in range(chance.randint(1, 3))
            ]
        looks_made += len(looks)
        flagged += len(list(repeats(looks, stories))) + len(list(fishing(looks, stories)))
    assert looks_made > 4_000
    assert flagged <= looks_made / 500
