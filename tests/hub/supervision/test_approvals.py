"""The two-person rule: beyond one person's limits nothing is seen until a second one agrees."""

from datetime import timedelta

import pytest

from hub.operators.tokens import TokenScope
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from tests.hub.supervision.conftest import (
    FAR,
    REASON,
    WIDE,
    Person,
    age,
    entries,
    person,
)
from tests.hub.whole import CAPITOL, ROBBERY, WholeHub


async def test_a_wide_circle_waits_and_shows_the_smaller_one_meanwhile(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    near, far = await whole.home(), await whole.home(FAR)
    opened = await officer.ask("POST", "incidents", WIDE)
    assert (opened.json["waits"], opened.json["allowed_radius_m"]) == (["circle"], 600)
    incident = opened.json["id"]
    assert (await officer.look(incident, near.identity.camera)).status == 200
    assert near.asked.get_nowait().incident.circle.radius_m == 600
    assert (await officer.look(incident, far.identity.camera)).problem == "camera-unavailable"
    listed = await officer.ask("GET", f"incidents/{incident}/cameras")
    assert [each["properties"]["camera"] for each in listed.json["features"]] == [
        near.identity.camera
    ]

    approved = await supervisor.say(incident)
    assert approved.status == 201
    assert approved.json["waits"] == []
    assert (await officer.look(incident, far.identity.camera)).status == 200
    assert far.asked.get_nowait().incident.circle.radius_m == 800
    shown = (await officer.ask("GET", f"incidents/{incident}")).json
    assert (shown["waits"], shown["allowed_radius_m"]) == ([], 800)
    (entry,) = await entries(whole, EntryKind.APPROVAL)
    assert (entry.actor, entry.role, entry.outcome) == (
        supervisor.pseudonym,
        "supervisor",
        "approved",
    )
    assert "As told." not in entry.data.decode()


async def test_what_waits_is_listed_for_supervisors(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    await officer.open(radius_m=400)
    older, newer = await officer.open(), await officer.open(reference="CAD-2")
    await age(whole, older, 1)
    waiting = (await supervisor.ask("GET", "approvals")).json["waiting"]
    assert [each["incident"] for each in waiting] == [older, newer]
    assert waiting[0]["opened_by"] == officer.pseudonym
    assert (waiting[0]["radius_m"], waiting[0]["allowed_radius_m"]) == (800, 600)
    await officer.ask("POST", f"incidents/{older}/close")
    waiting = (await supervisor.ask("GET", "approvals")).json["waiting"]
    assert [each["incident"] for each in waiting] == [newer]


async def test_nobody_approves_what_is_their_own(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    own = await supervisor.open()
    assert (await supervisor.say(own)).problem == "forbidden"
    # Whoever draws a circle wider than its opener did is no second person either.
    other = await officer.open(radius_m=400)
    await supervisor.ask("PATCH", f"incidents/{other}", {"radius_m": 800})
    assert (await supervisor.say(other)).problem == "forbidden"
    second = await person(whole, Role.SUPERVISOR)
    assert (await second.say(own)).status == 201
    assert (await second.say(other)).status == 201


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_only_supervisors_approve(whole: WholeHub, officer: Person, role: Role) -> None:
    incident = await officer.open()
    assert (await (await person(whole, role)).say(incident)).problem == "forbidden"
    # A token with the scope, but of another role, does not help.
    answer = await whole.ask(
        "POST", f"incidents/{incident}/approvals", {"decision": "approve", "reason": "x"}
    )
    assert answer.problem == "forbidden"
    assert await entries(whole, EntryKind.APPROVAL) == []


async def test_what_needs_no_approval_takes_none(officer: Person, supervisor: Person) -> None:
    incident = await officer.open(radius_m=600)
    assert (await supervisor.say(incident)).problem == "nothing-waits"
    assert (await supervisor.say(incident, "deny")).problem == "nothing-waits"
    assert (await supervisor.say("0" * 16)).problem == "not-found"
    await officer.ask("POST", f"incidents/{incident}/close")
    assert (await supervisor.say(incident)).problem == "incident-closed"


async def test_a_denial_ends_the_wait_and_what_was_approved(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    far = await whole.home(FAR)
    incident = await officer.open()
    denied = await supervisor.say(incident, "deny")
    assert denied.json["waits"] == []
    assert (await supervisor.ask("GET", "approvals")).json["waiting"] == []
    assert (await officer.look(incident, far.identity.camera)).problem == "camera-unavailable"
    # Denied is denied: the same circle cannot be had by breaking glass.
    again = {"radius_m": 800, "break_glass": REASON}
    assert (await officer.ask("PATCH", f"incidents/{incident}", again)).problem == "forbidden"

    other = await officer.open()
    await supervisor.say(other)
    assert (await officer.look(other, far.identity.camera)).status == 200
    assert (await supervisor.say(other, "deny")).status == 201
    assert (await officer.look(other, far.identity.camera)).problem == "camera-unavailable"
    outcomes = [entry.outcome for entry in await entries(whole, EntryKind.APPROVAL)]
    assert outcomes == ["denied", "approved", "denied"]


async def test_an_approval_is_of_one_circle(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    incident = await officer.open()
    await supervisor.say(incident)
    smaller = await officer.ask("PATCH", f"incidents/{incident}", {"radius_m": 700})
    assert smaller.json["waits"] == []
    away = await officer.ask("PATCH", f"incidents/{incident}", {"lat": CAPITOL.lat + 0.05})
    assert (away.json["waits"], away.json["allowed_radius_m"]) == (["circle"], 600)


async def test_a_long_view_waits(whole: WholeHub, officer: Person, supervisor: Person) -> None:
    home = await whole.home()
    incident = await officer.open(radius_m=400)
    # Some minutes before, so that a view need not break off.
    await age(whole, incident, 106)
    assert (await officer.ask("GET", f"incidents/{incident}")).json["waits"] == ["time"]
    assert (await officer.look(incident, home.identity.camera)).status == 200
    await age(whole, incident, 15)
    late = await officer.look(incident, home.identity.camera)
    assert (late.problem, late.json["reason"]) == ("policy", "approval_needed")
    # The same for a camera that is not there: nothing is told about which there are.
    assert (await officer.look(incident, "0123456789abcdef")).body == late.body
    assert (await supervisor.say(incident)).json["waits"] == []
    assert (await officer.look(incident, home.identity.camera)).status == 200


async def test_breaking_glass_opens_at_once_and_files_a_review(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    far = await whole.home(FAR)
    incident = await officer.open(break_glass=REASON)
    assert (await officer.look(incident, far.identity.camera)).status == 200
    (entry,) = await entries(whole, EntryKind.APPROVAL)
    assert (entry.actor, entry.outcome) == (officer.pseudonym, "break_glass")
    assert REASON not in entry.data.decode()
    (said,) = (await supervisor.ask("GET", f"incidents/{incident}/approvals")).json["approvals"]
    assert (said["decision"], said["reason"]) == ("break_glass", REASON)
    (review,) = (await supervisor.ask("GET", "reviews")).json["reviews"]
    assert (review["cause"], review["subject"], review["incident"]) == (
        "break_glass",
        officer.pseudonym,
        incident,
    )
    assert review["overdue"] is False


async def test_a_circle_can_be_widened_by_breaking_glass(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    incident = await officer.open(radius_m=400)
    moved = await officer.ask(
        "PATCH", f"incidents/{incident}", {"radius_m": 800, "break_glass": REASON}
    )
    assert (moved.json["waits"], moved.json["allowed_radius_m"]) == ([], 800)
    # A supervisor ends it.
    assert (await supervisor.say(incident, "deny")).status == 201
    shown = (await officer.ask("GET", f"incidents/{incident}")).json
    assert shown["allowed_radius_m"] == 600


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"break_glass": "Too short."}, "malformed"),
        ({"break_glass": "x" * 301}, "malformed"),
        ({"break_glass": " " * 30}, "malformed"),
        ({"break_glass": "Twenty characters\x00\x01\x02"}, "malformed"),
        ({"break_glass": REASON, "radius_m": 801}, "policy"),
        ({"break_glass": REASON, "radius_m": 400}, "nothing-waits"),
        ({"kind": "immigration"}, "policy"),
    ],
)
async def test_no_glass_that_can_be_broken(
    whole: WholeHub, officer: Person, changes: dict[str, object], problem: str
) -> None:
    assert (await officer.ask("POST", "incidents", WIDE | changes)).problem == problem
    assert (await officer.ask("GET", "incidents")).json["incidents"] == []
    assert await entries(whole, EntryKind.INCIDENT_OPENED) == []
    assert await entries(whole, EntryKind.REVIEW) == []


async def test_whoever_has_an_overdue_review_breaks_no_more_glass(
    whole: WholeHub, officer: Person
) -> None:
    await officer.open(break_glass=REASON)
    whole.clock.moved = timedelta(hours=72, minutes=1)
    body = WIDE | {"break_glass": REASON}
    again = await whole.ask("POST", "incidents", body)
    # Another's is none of theirs.
    assert again.status == 201
    token, _ = await whole.tokens.create(
        "same",
        Role.OFFICER,
        frozenset({TokenScope.INCIDENTS_WRITE}),
        whole.clock(),
        pseudonym=officer.pseudonym,
    )
    refused = await whole.ask("POST", "incidents", body, bearer=token)
    assert refused.problem == "review-overdue"
    assert (await whole.ask("POST", "incidents", ROBBERY, bearer=token)).status == 201


async def test_a_long_trace_does_not_outgrow_the_log(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    home = await whole.home()
    incident = await officer.open()
    for step in range(85):
        if step:
            away = CAPITOL.lat + step / 1_000_000
            await officer.ask("PATCH", f"incidents/{incident}", {"lat": away, "radius_m": 600})
            await officer.ask("PATCH", f"incidents/{incident}", {"radius_m": 800})
        await supervisor.say(incident)
    assert (await officer.look(incident, home.identity.camera)).status == 200
    look = (await entries(whole, EntryKind.LOOK))[-1]
    assert len(look.about["case"]["approvals"]) == 1  # type: ignore[index]


async def test_the_last_word_counts_though_the_clock_was_set_back(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    far = await whole.home(FAR)
    incident = await officer.open()
    assert (await supervisor.say(incident)).json["waits"] == []
    whole.clock.moved = timedelta(seconds=-20)
    assert (await supervisor.say(incident, "deny")).status == 201
    assert (await officer.look(incident, far.identity.camera)).problem == "camera-unavailable"
