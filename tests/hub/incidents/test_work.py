"""The work on incidents: taking them on, sightings, messages, and the summary."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hub.operators.tokens import TokenScope
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from tests.hub.changes.listening import listening
from tests.hub.whole import CAPITOL, Answer, ScriptedHome, WholeHub

SEEN = {"lat": CAPITOL.lat, "lon": CAPITOL.lon, "note": "red hood, north on State St"}


async def mark(whole: WholeHub, incident: str, **changes: object) -> Answer:
    return await whole.ask("POST", f"incidents/{incident}/sightings", SEEN | changes)


async def say(whole: WholeHub, incident: str, **body: object) -> Answer:
    return await whole.ask("POST", f"incidents/{incident}/messages", body)


async def test_the_first_to_accept_has_it(whole: WholeHub) -> None:
    incident = await whole.incident()
    path = f"incidents/{incident}/acceptance"
    officers = [await whole.operator(Role.OFFICER) for _ in range(3)]
    answers = await asyncio.gather(
        *(whole.ask("POST", path, headers=headers) for headers in officers)
    )
    (first,) = [answer for answer in answers if answer.status == 200]
    others = [answer for answer in answers if answer is not first]
    assert [other.problem for other in others] == ["accepted", "accepted"]
    assert {other.json["accepted_by"] for other in others} == {first.json["accepted_by"]}
    told = (await whole.ask("GET", f"incidents/{incident}")).json
    assert told["accepted"] == first.json["accepted"] == others[0].json["accepted"]
    (entry,) = await whole.entries(EntryKind.INCIDENT_CHANGED)
    assert (entry.outcome, entry.actor) == ("accepted", first.json["accepted_by"])


async def test_accepting_twice_is_accepting_once(whole: WholeHub) -> None:
    incident = await whole.incident()
    first = await whole.ask("POST", f"incidents/{incident}/acceptance")
    again = await whole.ask("POST", f"incidents/{incident}/acceptance")
    assert (first.json, again.status) == (again.json, 200)
    assert len(await whole.entries(EntryKind.INCIDENT_CHANGED)) == 1


async def test_a_closed_incident_is_not_accepted(whole: WholeHub) -> None:
    incident = await whole.incident()
    await whole.ask("POST", f"incidents/{incident}/close")
    answer = await whole.ask("POST", f"incidents/{incident}/acceptance")
    assert answer.problem == "incident-closed"


async def test_an_auditor_does_nothing_for_an_incident(whole: WholeHub) -> None:
    incident = await whole.incident()
    auditor = await whole.operator(Role.AUDITOR)
    for path, body in (("acceptance", None), ("sightings", SEEN), ("messages", {"text": "x"})):
        answer = await whole.ask("POST", f"incidents/{incident}/{path}", body, headers=auditor)
        assert answer.problem == "forbidden"


async def test_a_sighting_is_told_logged_and_taken_back(whole: WholeHub) -> None:
    incident = await whole.incident()
    async with listening(whole) as ear:
        await ear.until("everything")
        marked = await mark(whole, incident)
        assert marked.status == 201
        assert marked.json == await ear.until("sighting")
        path = f"incidents/{incident}/sightings/{marked.json['id']}"
        assert (await whole.ask("DELETE", path)).status == 200
        assert await ear.until("sighting_gone") == {"id": marked.json["id"]}
        assert (await whole.ask("DELETE", path)).problem == "not-found"
    entries = await whole.entries(EntryKind.SIGHTING)
    assert [entry.outcome for entry in entries] == ["marked", "removed"]
    assert entries[0].about["lat"] == repr(CAPITOL.lat)
    assert "red hood" not in str(entries[0].about)


async def test_a_sighting_on_a_camera_is_where_the_camera_stands(whole: WholeHub) -> None:
    home, incident = await whole.home(), await whole.incident()
    camera = home.identity.camera
    answer = await whole.ask("POST", f"incidents/{incident}/sightings", {"camera": camera})
    assert (answer.json["lat"], answer.json["lon"]) == (CAPITOL.lat, CAPITOL.lon)
    assert answer.json["camera"] == camera
    home.revoke()
    await whole.until_live(home, live=False)
    gone = await whole.ask("POST", f"incidents/{incident}/sightings", {"camera": camera})
    never = await whole.ask("POST", f"incidents/{incident}/sightings", {"camera": "never"})
    assert gone.body == never.body
    assert gone.problem == "camera-unavailable"


async def test_nobody_takes_back_what_another_one_saw(whole: WholeHub) -> None:
    incident = await whole.incident()
    marked = await mark(whole, incident)
    other = await whole.operator(Role.SUPERVISOR)
    path = f"incidents/{incident}/sightings/{marked.json['id']}"
    assert (await whole.ask("DELETE", path, headers=other)).problem == "forbidden"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"lat": 32.3},
        SEEN | {"at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()},
        SEEN | {"at": (datetime.now(UTC) - timedelta(days=2)).isoformat()},
        SEEN | {"at": "2026-11-21T12:00:00"},
        SEEN | {"note": "\x07"},
        SEEN | {"note": "x" * 301},
        SEEN | {"lat": 91},
    ],
)
async def test_what_cannot_have_been_seen_is_refused(
    whole: WholeHub, body: dict[str, object]
) -> None:
    incident = await whole.incident()
    answer = await whole.ask("POST", f"incidents/{incident}/sightings", body)
    assert answer.problem == "malformed"
    assert await whole.entries(EntryKind.SIGHTING) == []


async def test_a_closed_incident_gets_no_more(whole: WholeHub) -> None:
    incident = await whole.incident()
    await whole.ask("POST", f"incidents/{incident}/close")
    assert (await mark(whole, incident)).problem == "incident-closed"
    assert (await say(whole, incident, text="north")).problem == "incident-closed"


async def looked(whole: WholeHub, home: ScriptedHome, incident: str) -> str:
    answer = await whole.look(incident, home.identity.camera)
    assert answer.status == 200
    return answer.headers["RTCC-Look"]


async def test_a_message_is_kept_with_its_still_and_told(whole: WholeHub) -> None:
    home, incident = await whole.home(), await whole.incident()
    look = await looked(whole, home, incident)
    async with listening(whole) as ear:
        await ear.until("everything")
        message = (await say(whole, incident, text="Blue sedan, east", look=look)).json
        assert message == await ear.until("message")
    pictures = (await whole.ask("GET", f"incidents/{incident}/pictures")).json["pictures"]
    assert [one["id"] for one in pictures] == [message["picture"]]
    (entry,) = await whole.entries(EntryKind.MESSAGE)
    assert (entry.outcome, entry.home) == ("written", None)
    assert "sedan" not in str(entry.about)
    # Nothing left the hub: there is no system to which it could go.
    kept = await whole.entries(EntryKind.PICTURE)
    assert [entry.outcome for entry in kept] == ["attached"]
    assert message["sent"] is False


async def test_a_still_of_another_incident_is_not_sent(whole: WholeHub) -> None:
    home, incident = await whole.home(), await whole.incident()
    look = await looked(whole, home, incident)
    other = await whole.incident(reference="CAD-2026-2")
    assert (await say(whole, other, text="x", look=look)).problem == "not-found"
    assert await whole.entries(EntryKind.MESSAGE, EntryKind.PICTURE) == []


async def test_a_still_needs_the_right_to_pictures(whole: WholeHub) -> None:
    home, incident = await whole.home(), await whole.incident()
    look = await looked(whole, home, incident)
    scopes = frozenset({TokenScope.INCIDENTS_WRITE})
    bearer, _ = await whole.tokens.create("dispatch", Role.OFFICER, scopes, whole.clock())
    path, body = f"incidents/{incident}/messages", {"text": "x", "look": look}
    assert (await whole.ask("POST", path, body, bearer=bearer)).problem == "forbidden"
    del body["look"]
    assert (await whole.ask("POST", path, body, bearer=bearer)).status == 201


async def test_the_summary_has_what_a_report_needs(whole: WholeHub) -> None:
    home, incident = await whole.home(), await whole.incident()
    refusing = await whole.home()
    look = await looked(whole, home, incident)
    await looked(whole, home, incident)
    await whole.ask("POST", f"incidents/{incident}/acceptance")
    marked = (await mark(whole, incident)).json
    message = (await say(whole, incident, text="Blue sedan, east", look=look)).json
    refusing.revoke()
    await whole.until_live(refusing, live=False)
    await whole.look(incident, refusing.identity.camera)
    await whole.ask("POST", f"incidents/{incident}/close")
    summary = (await whole.ask("GET", f"incidents/{incident}/summary")).json
    told = (await whole.ask("GET", f"incidents/{incident}")).json
    for name in ("opened", "opened_by", "accepted", "accepted_by", "closed", "radius_m"):
        assert summary[name] == told[name], name
    assert summary["closed_by"] == told["opened_by"]
    (camera,) = summary["cameras"]
    assert (camera["camera"], camera["stills"], camera["streams"]) == (
        home.identity.camera,
        2,
        0,
    )
    assert camera["first"] < camera["last"]
    (operator,) = summary["operators"]
    assert operator == {"pseudonym": told["opened_by"], "role": "officer", "looks": 2}
    assert summary["sightings"] == [marked]
    assert summary["messages"] == [message]
    assert [one["id"] for one in summary["pictures"]] == [message["picture"]]


async def test_there_is_no_summary_of_nothing(whole: WholeHub) -> None:
    assert (await whole.ask("GET", "incidents/none/summary")).problem == "not-found"
