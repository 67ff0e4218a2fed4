"""Reviews: signed once, by a supervisor whom they are not about, and overdue if nobody does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.supervision.reviews import Cause, Finding
from tests.hub.supervision.conftest import REASON, Person, entries, person
from tests.hub.whole import WholeHub

NOTE = "Spoke with Sgt. Evers; the roof was named in the call."


async def open_reviews(caller: Person, state: str = "open") -> list[dict[str, Any]]:
    answer = await caller.ask("GET", f"reviews?state={state}")
    assert answer.status == 200, answer.json
    return list(answer.json["reviews"])


async def sign(caller: Person, review: str, finding: str = "justified") -> Any:
    return await caller.ask(
        "POST", f"reviews/{review}/signature", {"finding": finding, "note": NOTE}
    )


@pytest.mark.parametrize("finding", ["justified", "misuse", "unclear"])
async def test_a_signature_is_entered_without_its_note(
    whole: WholeHub, officer: Person, supervisor: Person, finding: str
) -> None:
    await officer.open(break_glass=REASON)
    (review,) = await open_reviews(supervisor)
    signed = await sign(supervisor, review["id"], finding)
    assert signed.status == 201
    assert (signed.json["finding"], signed.json["note"]) == (finding, NOTE)
    assert signed.json["signed_by"] == supervisor.pseudonym
    assert await open_reviews(supervisor) == []
    assert await open_reviews(supervisor, "signed") == await open_reviews(supervisor, "all")
    filed, entry = await entries(whole, EntryKind.REVIEW)
    assert (filed.actor, filed.outcome) == ("hub", "filed")
    assert (entry.actor, entry.outcome) == (supervisor.pseudonym, finding)
    assert entry.about["review"] == review["id"]
    assert "Evers" not in entry.data.decode()


async def test_a_review_is_signed_once(officer: Person, supervisor: Person) -> None:
    await officer.open(break_glass=REASON)
    (review,) = await open_reviews(supervisor)
    assert (await sign(supervisor, review["id"])).status == 201
    assert (await sign(supervisor, review["id"], "misuse")).problem == "review-signed"
    assert (await sign(supervisor, "0" * 16)).problem == "not-found"


async def test_nobody_signs_what_is_about_them(whole: WholeHub, supervisor: Person) -> None:
    await supervisor.open(break_glass=REASON)
    (review,) = await open_reviews(supervisor)
    assert (await sign(supervisor, review["id"])).problem == "forbidden"
    assert (await sign(await person(whole, Role.SUPERVISOR), review["id"])).status == 201


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_only_supervisors_sign(
    whole: WholeHub, officer: Person, supervisor: Person, role: Role
) -> None:
    await officer.open(break_glass=REASON)
    (review,) = await open_reviews(supervisor)
    assert (await sign(await person(whole, role), review["id"])).problem == "forbidden"
    answer = await whole.ask("POST", f"reviews/{review['id']}/signature", {"finding": "justified"})
    assert answer.problem == "forbidden"
    assert len(await open_reviews(supervisor)) == 1


async def test_auditors_read_reviews_and_officers_do_not(whole: WholeHub, officer: Person) -> None:
    await officer.open(break_glass=REASON)
    assert len(await open_reviews(await person(whole, Role.AUDITOR))) == 1
    assert (await officer.ask("GET", "reviews")).problem == "forbidden"


async def test_an_unsigned_break_glass_is_overdue_after_three_days(
    whole: WholeHub, officer: Person
) -> None:
    await officer.open(break_glass=REASON)
    for hours, overdue in ((71, False), (72, True)):
        whole.clock.moved = timedelta(hours=hours, seconds=1)
        reviews = (await whole.ask("GET", "reviews")).json["reviews"]
        assert [each["overdue"] for each in reviews if each["cause"] == "break_glass"] == [overdue]


async def test_each_week_has_a_review_though_the_hub_was_down(
    whole: WholeHub, officer: Person
) -> None:
    home = await whole.home()
    incident = await officer.open(radius_m=400)
    for _ in range(3):
        assert (await officer.look(incident, home.identity.camera)).status == 200
    began = datetime.now(UTC)
    await whole.hub.supervision.round(whole.clock())
    assert (await whole.ask("GET", "reviews")).json["reviews"] == []
    # The hub was down for three weeks: the first round files them all, once.
    whole.clock.moved = timedelta(weeks=3)
    for _ in range(2):
        await whole.hub.supervision.round(whole.clock())
    reviews = (await whole.ask("GET", "reviews")).json["reviews"]
    monday = began.date() - timedelta(days=began.weekday())
    assert sorted(each["about"]["week"] for each in reviews) == [
        (monday + timedelta(weeks=week)).isoformat() for week in range(3)
    ]
    first = next(each for each in reviews if each["about"]["week"] == monday.isoformat())
    assert first["about"]["counts"]["look.allowed"] == 3
    assert len(first["about"]["sample"]) == 3
    assert first["about"]["root"]
    empty = [each["about"] for each in reviews if each is not first]
    assert [each["sample"] for each in empty] == [[], []]
    assert empty[0]["counts"].get("look.allowed") is None


async def test_a_weekly_review_must_be_signed_too(whole: WholeHub, supervisor: Person) -> None:
    whole.clock.moved = timedelta(weeks=1)
    await whole.hub.supervision.round(whole.clock())
    (review,) = (await whole.ask("GET", "reviews")).json["reviews"]
    assert (review["cause"], review["subject"]) == ("weekly", None)
    whole.clock.moved = timedelta(weeks=2, days=1)
    reviews = (await whole.ask("GET", "reviews")).json["reviews"]
    assert [each["overdue"] for each in reviews] == [True]
    signer = await person(whole, Role.SUPERVISOR)
    assert (await sign(signer, review["id"])).status == 201


async def test_nothing_is_filed_twice(whole: WholeHub) -> None:
    finding = Finding(cause=Cause.REPEAT, key="repeat:x", subject="x", about={})
    filed = []
    for _ in range(2):
        async with whole.hub.log.writing() as page:
            filed.append(await whole.hub.supervision.reviews.file(page, finding, whole.clock()))
    assert filed[0] is not None
    assert filed[1] is None
    assert len(await entries(whole, EntryKind.REVIEW)) == 1
