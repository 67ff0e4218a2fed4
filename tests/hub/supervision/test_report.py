"""The activity export: entered first, by pseudonym, and no spreadsheet calculates with it."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from hub.protocol.entries import EntryKind
from hub.protocol.reply import Reply
from hub.protocol.request import Request
from hub.protocol.vocabulary import Outcome, Role
from hub.supervision.report import Act, as_csv
from tests.hub.supervision.conftest import REASON, Person, entries, person
from tests.hub.whole import Answer, WholeHub


async def export(caller: Person, **changes: str) -> Answer:
    now = datetime.now(UTC)
    span = {
        "since": (now - timedelta(hours=1)).isoformat(),
        "until": (now + timedelta(hours=1)).isoformat(),
    }
    return await caller.ask("GET", f"reports/activity?{urlencode(span | changes)}")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
async def test_what_happened_in_its_order(whole: WholeHub, officer: Person, role: Role) -> None:
    home = await whole.home()
    incident = await officer.open(break_glass=REASON)
    await officer.look(incident, home.identity.camera)
    await officer.ask("POST", f"incidents/{incident}/close")
    reader = await person(whole, role)
    answer = await export(reader)
    acts = answer.json["acts"]
    assert [(act["kind"], act["outcome"]) for act in acts] == [
        ("incident_opened", "done"),
        ("approval", "break_glass"),
        ("look", "allowed"),
        ("look_ended", "ok"),
        ("incident_closed", "done"),
    ]
    assert {act["operator"] for act in acts} == {officer.pseudonym}
    look: dict[str, Any] = acts[2]
    assert (look["incident"], look["reference"]) == (incident, "CAD-2026-1")
    assert (look["camera"], look["scope"]) == (home.identity.camera, "snapshot")
    assert "Ann Operator" not in answer.body.decode()
    assert REASON not in answer.body.decode()
    (entry,) = await entries(whole, EntryKind.EXPORT)
    assert (entry.actor, entry.role, entry.outcome) == (reader.pseudonym, role, "done")
    assert entry.about["format"] == "json"


async def test_a_file_for_a_spreadsheet(whole: WholeHub, supervisor: Person) -> None:
    await supervisor.open(radius_m=400, reference='=HYPERLINK("http://x")')
    answer = await export(supervisor, format="csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="activity-')
    (row,) = csv.DictReader(io.StringIO(answer.body.decode()))
    assert row["kind"] == "incident_opened"
    assert row["reference"] == '\'=HYPERLINK("http://x")'
    (entry,) = await entries(whole, EntryKind.EXPORT)
    assert entry.about["format"] == "csv"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1", "|x", "%x"]
)
def test_nothing_is_a_formula(text: str) -> None:
    act = Act(
        entry=1,
        time="",
        kind="look",
        operator=text,
        role="",
        outcome="",
        reason="",
        incident="",
        incident_kind="",
        reference=text,
        camera="",
        scope="",
        look="",
        seconds=None,
    )
    (row,) = csv.DictReader(io.StringIO(as_csv([act]).decode(), newline=""))
    assert row["operator"] == row["reference"] == f"'{text}"
    assert (row["entry"], row["seconds"]) == ("1", "")


async def test_only_the_span_is_told(whole: WholeHub, officer: Person, supervisor: Person) -> None:
    await officer.open(radius_m=400)
    now = datetime.now(UTC)
    early = await export(
        supervisor,
        since=(now - timedelta(days=2)).isoformat(),
        until=(now - timedelta(days=1)).isoformat(),
    )
    assert early.json["acts"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"since": "2026-01-01T00:00:00"},
        {"since": "yesterday"},
        {"since": "2027-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "2020-01-01T00:00:00Z"},
        {"format": "xls"},
    ],
)
async def test_what_is_no_span(
    whole: WholeHub, supervisor: Person, changes: dict[str, str]
) -> None:
    assert (await export(supervisor, **changes)).problem == "malformed"
    assert await entries(whole, EntryKind.EXPORT) == []


async def test_officers_export_nothing(officer: Person) -> None:
    assert (await export(officer)).problem == "forbidden"


async def test_no_entry_no_export(whole: WholeHub, supervisor: Person) -> None:
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON log_entries BEGIN"
            " SELECT RAISE(FAIL, 'disk full'); END"
        )
    assert (await export(supervisor)).status == 503


def refusing(_request: Request, reply: Reply) -> Reply:
    return replace(reply, outcome=Outcome.REFUSED, reason="not_sharing", picture=None)


async def test_a_refusal_looks_the_same_to_supervisors_whoever_refused(
    whole: WholeHub, officer: Person, supervisor: Person
) -> None:
    """Rule 7: neither the export nor a week's sample tells an owner's no from no camera."""
    home = await whole.home(script=refusing)
    incident = await officer.open(radius_m=400)
    for camera in (home.identity.camera, "0123456789abcdef"):
        assert (await officer.look(incident, camera)).problem == "camera-unavailable"

    acts = (await export(supervisor)).json["acts"]
    assert [act["kind"] for act in acts] == ["incident_opened", "look", "look"]
    by_home, by_hub = (
        {**act, "entry": 0, "time": "", "camera": "", "look": ""} for act in acts[1:]
    )
    assert by_home == by_hub
    assert (by_hub["outcome"], by_hub["reason"]) == ("refused", "")

    # Nor does a span that ends before the home had answered.
    ended = (await entries(whole, EntryKind.LOOK_ENDED))[0].time
    early = (await export(supervisor, until=ended.isoformat())).json["acts"]
    assert {act["outcome"] for act in early} <= {"done", "refused"}

    told = (await export(await person(whole, Role.AUDITOR))).json["acts"]
    assert [(act["kind"], act["outcome"], act["reason"]) for act in told[1:]] == [
        ("look", "allowed", ""),
        ("look_ended", "refused", "not_sharing"),
        ("look", "refused", "not_live"),
    ]

    whole.clock.moved = timedelta(weeks=1)
    await whole.hub.supervision.round(whole.clock())
    (review,) = (await whole.ask("GET", "reviews")).json["reviews"]
    assert [look["outcome"] for look in review["about"]["sample"]] == ["refused", "refused"]
