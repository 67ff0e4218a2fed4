"""Who hears the feed, and until when: supervisors, sessions that lock, tokens that are revoked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from hub.protocol.vocabulary import Role
from tests.hub.changes.listening import listening
from tests.hub.whole import WholeHub

WIDE = {"radius_m": 800}


async def test_a_supervisor_hears_what_waits(whole: WholeHub) -> None:
    supervisor = await whole.operator(Role.SUPERVISOR)
    async with listening(whole, supervisor) as ear:
        assert (await ear.until("everything"))["waiting"] == []
        incident = await whole.incident(**WIDE)
        (waiting,) = await ear.first("waiting")
        assert (waiting["incident"], waiting["waits"]) == (incident, ["circle"])
        approval = {"decision": "approve", "reason": "Go on."}
        path = f"incidents/{incident}/approvals"
        assert (await whole.ask("POST", path, approval, headers=supervisor)).status == 201
        assert await ear.first("waiting") == []
        assert {"id": incident, "waits": []}.items() <= next(
            value for kind, value in reversed(ear.heard) if kind == "incident"
        ).items()


async def test_a_supervisor_hears_how_many_reviews_are_open(whole: WholeHub) -> None:
    supervisor = await whole.operator(Role.SUPERVISOR)
    async with listening(whole, supervisor) as ear:
        before = (await ear.until("everything"))["open_reviews"]
        await whole.incident(**WIDE, break_glass="Shots from the roof, nobody else.")
        assert await ear.until("reviews") == {"open": before + 1}
        (review,) = (await whole.ask("GET", "reviews")).json["reviews"]
        body = {"finding": "justified"}
        path = f"reviews/{review['id']}/signature"
        assert (await whole.ask("POST", path, body, headers=supervisor)).status == 201
        assert await ear.until("reviews") == {"open": before}


async def test_an_officer_hears_nothing_of_approvals_and_reviews(whole: WholeHub) -> None:
    officer = await whole.operator(Role.OFFICER)
    async with listening(whole, officer) as ear:
        await ear.until("everything")
        incident = await whole.incident(**WIDE, break_glass="Shots from the roof, nobody else.")
        await ear.until("incident", id=incident)
        await whole.ask("POST", f"incidents/{incident}/close")
        await ear.until("incident", id=incident, open=False)
    assert not {"waiting", "reviews"} & {kind for kind, _ in ear.heard}


async def sign_out(whole: WholeHub, headers: dict[str, str]) -> None:
    assert (await whole.ask("DELETE", "session", headers=headers)).status < 300


async def leave_alone(whole: WholeHub, _headers: dict[str, str]) -> None:
    whole.clock.moved = timedelta(minutes=31)


@pytest.mark.parametrize("how", [sign_out, leave_alone])
async def test_it_ends_with_the_session_and_says_so(
    whole: WholeHub, how: Callable[[WholeHub, dict[str, str]], Awaitable[None]]
) -> None:
    headers = await whole.operator(Role.OFFICER)
    async with listening(whole, headers) as ear, listening(whole) as other:
        await ear.until("everything")
        await how(whole, headers)
        assert (await ear.rest())[-1] == "locked"
        await other.until("beat")
    after = await whole.ask("GET", "changes", headers=headers)
    assert after.status == 401


async def test_it_keeps_no_session_from_locking(whole: WholeHub) -> None:
    headers = await whole.operator(Role.OFFICER)
    whole.clock.moved = timedelta(minutes=29)
    async with listening(whole, headers) as ear:
        await ear.until("everything")
        whole.clock.moved = timedelta(minutes=31)
        assert (await ear.rest())[-1] == "locked"
    assert (await whole.ask("GET", "incidents", headers=headers)).problem == "session-locked"


async def test_it_ends_with_a_token(whole: WholeHub) -> None:
    (token,) = await whole.tokens.list()
    async with listening(whole) as ear:
        await ear.until("everything")
        await whole.tokens.revoke(token.id, whole.clock())
        assert (await ear.rest())[-1] == "locked"
