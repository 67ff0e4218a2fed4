"""The API from outside: who may ask, how bad input is told, and how it describes itself."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from openapi_spec_validator import validate

from hub.operators.tokens import TokenScope
from hub.protocol.vocabulary import Role
from tests.hub.whole import ROBBERY, WholeHub

AROUND = "grants?lat=32.3&lon=-90.18&radius=400"


@pytest.mark.parametrize("bearer", ["", "rtcc_wrong", "Ümlaut"])
async def test_without_a_token_nothing_is_told(whole: WholeHub, bearer: str) -> None:
    answer = await whole.ask("GET", AROUND, bearer=bearer)
    assert answer.status == 401
    assert answer.problem == "unauthenticated"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_an_ended_token_is_none(whole: WholeHub) -> None:
    whole.clock.moved = timedelta(days=366)
    assert (await whole.ask("GET", AROUND)).problem == "unauthenticated"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", AROUND, TokenScope.GRANTS_READ),
        ("GET", "incidents", TokenScope.INCIDENTS_READ),
        ("POST", "incidents", TokenScope.INCIDENTS_WRITE),
        ("POST", "incidents/x/looks", TokenScope.LOOKS_WRITE),
    ],
)
async def test_a_token_does_only_what_its_scopes_say(
    whole: WholeHub, method: str, path: str, scope: TokenScope
) -> None:
    others = frozenset(TokenScope) - {scope}
    bearer, _ = await whole.tokens.create("narrow", Role.OFFICER, others, whole.clock())
    answer = await whole.ask(method, path, {}, bearer=bearer)
    assert answer.status == 403
    assert answer.problem == "forbidden"
    assert scope in answer.json["detail"]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("grants", "lat"),
        ("grants?lat=91&lon=0&radius=1", "lat"),
        ("grants?lat=0&lon=0&radius=0", "radius"),
        ("grants?lat=0&lon=0&radius=nan", "radius"),
        ("grants?lat=0&lon=0&radius=1&scope=everything", "scope"),
        ("grants?lat=0&lon=0&radius=1&extra=1", "extra"),
        ("grants?lat=x&lon=0&radius=1", "lat"),
    ],
)
async def test_a_bad_query_is_told_by_its_parameter(whole: WholeHub, path: str, what: str) -> None:
    answer = await whole.ask("GET", path)
    assert answer.status == 400
    assert answer.problem == "malformed"
    assert what in answer.json["detail"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "investigation"}, "policy"),
        ({"radius_m": 90_000}, "policy"),
        ({"radius_m": -1}, "malformed"),
        ({"kind": ""}, "malformed"),
        ({"reference": "x" * 65}, "malformed"),
        ({"reference": "a\nb"}, "malformed"),
        ({"reference": "CAD\u00a01"}, "malformed"),
        ({"lat": "32.3"}, "malformed"),
        ({"surprise": 1}, "malformed"),
    ],
)
async def test_a_bad_incident_is_not_opened(
    whole: WholeHub, changes: dict[str, Any], problem: str
) -> None:
    answer = await whole.ask("POST", "incidents", ROBBERY | changes)
    assert answer.problem == problem
    assert (await whole.ask("GET", "incidents")).json == {"incidents": []}


async def test_a_body_must_be_json_and_small(whole: WholeHub) -> None:
    headers = {"Authorization": f"Bearer {whole.bearer}"}
    path = "/api/v1/incidents"
    for data, content_type, status in (
        (b"kind=robbery", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b" " * 70_000, "application/json", 413),
    ):
        async with whole.client.post(
            path, data=data, headers=headers | {"Content-Type": content_type}
        ) as answer:
            assert answer.status == status
            assert answer.content_type == "application/problem+json"
    for problem, count in (("malformed", 3), ("too-large", 1), ("unsupported-media-type", 1)):
        assert await whole.counted(f'rtcc_http_problems_total{{problem="{problem}"}}') == count


async def test_what_is_no_request_at_all_is_a_problem_too(whole: WholeHub) -> None:
    path = "/api/v1/incidents"
    bearer = {"Authorization": f"Bearer {whole.bearer}", "Content-Type": "application/json"}
    for headers, data, status in (
        ({"Authorization": b"Bearer rtcc_\xff".decode("latin-1")}, b"", 401),
        (bearer | {"Content-Encoding": "gzip"}, b"junk", 400),
    ):
        async with whole.client.post(path, data=data, headers=headers) as answer:
            assert answer.status == status, await answer.text()
            assert answer.content_type == "application/problem+json"


async def test_paths_and_methods_that_are_not_there(whole: WholeHub) -> None:
    assert (await whole.ask("GET", "/nothing")).problem == "not-found"
    wrong = await whole.ask("DELETE", "incidents")
    assert wrong.problem == "method-not-allowed"
    assert "POST" in wrong.json["detail"]
    assert (await whole.ask("GET", "incidents/unknown")).problem == "not-found"
    assert (await whole.ask("GET", "incidents/unknown/looks")).problem == "not-found"


async def test_a_defect_is_a_problem_too(whole: WholeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("hub.grants.api.collection", broken)
    answer = await whole.ask("GET", AROUND)
    assert answer.status == 500
    assert answer.problem == "internal"
    assert "defect" not in answer.body.decode()


async def test_incidents_are_listed_newest_first(whole: WholeHub) -> None:
    first = await whole.incident(reference="one")
    whole.clock.moved = timedelta(seconds=5)
    second = await whole.incident(reference="two")
    listed = (await whole.ask("GET", "incidents")).json["incidents"]
    assert [incident["id"] for incident in listed] == [second, first]


async def test_a_closed_incident_stays_as_it_was(whole: WholeHub) -> None:
    incident = await whole.incident()
    closed = (await whole.ask("POST", f"incidents/{incident}/close")).json
    assert closed["closed"] is not None
    for method, path, body in (
        ("POST", f"incidents/{incident}/close", None),
        ("PATCH", f"incidents/{incident}", {"radius_m": 10}),
        ("GET", f"incidents/{incident}/cameras", None),
    ):
        assert (await whole.ask(method, path, body)).problem == "incident-closed"
    assert (await whole.ask("GET", f"incidents/{incident}")).json == closed


async def test_a_circle_grows_only_as_far_as_the_policy(whole: WholeHub) -> None:
    incident = await whole.incident()
    answer = await whole.ask("PATCH", f"incidents/{incident}", {"radius_m": 90_000})
    assert answer.problem == "policy"
    assert answer.json["largest_radius_m"] < 90_000


async def test_the_front_page_is_for_a_person(whole: WholeHub) -> None:
    page = await whole.ask("GET", "/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert b"Jackson" in page.body


async def test_health_is_public(whole: WholeHub) -> None:
    assert (await whole.ask("GET", "/healthz", bearer="")).json == {"status": "alive"}
    assert (await whole.ask("GET", "/readyz", bearer="")).json == {"status": "ready"}


async def test_the_api_describes_itself(whole: WholeHub) -> None:
    document = (await whole.ask("GET", "openapi.json", bearer="")).json
    validate(document)
    assert document["openapi"].startswith("3.1")
    look = document["paths"]["/api/v1/incidents/{incident}/looks"]["post"]
    assert look["security"] == [{"token": []}, {"session": [], "csrf": []}]
    assert "image/jpeg" in look["responses"]["200"]["content"]
    assert {"400", "401", "403", "404", "409", "415", "502", "504"} <= look["responses"].keys()


async def test_every_described_route_answers(whole: WholeHub) -> None:
    document = (await whole.ask("GET", "openapi.json", bearer="")).json
    calls = [
        (method.upper(), re.sub("{(incident|camera|secret)}", "unknown", path), operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        # That answer goes on for ever.
        if path != "/api/v1/changes"
    ]
    answers = await asyncio.gather(*(whole.ask(method, path) for method, path, _ in calls))
    for (method, path, operation), answer in zip(calls, answers, strict=True):
        assert str(answer.status) in operation["responses"], (method, path, answer.status)
