"""Sessions: what they allow, how they lock and end, and what else a browser must show."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from hub.operators.authentication import BACKGROUND
from hub.operators.csrf import HEADER
from hub.operators.roles import SCOPES
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from tests.hub.operators.person import Person, entries, joined, outcomes, signed_in
from tests.hub.whole import ROBBERY, WholeHub

ADMIN = Role.ADMINISTRATOR


@pytest.fixture
def told(whole: WholeHub) -> list[tuple[str, str]]:
    """What the listener for ended sessions hears."""
    heard: list[tuple[str, str]] = []
    whole.hub.operators.sessions.on_session_ended = lambda *one: heard.append(one)
    return heard


async def works(person: Person) -> bool:
    """Tell whether the session may be used for work."""
    answer = await person.ask("GET", "incidents")
    assert answer.status in {200, 401}
    return answer.status == 200


async def test_a_session_says_who_and_what_and_until_when(whole: WholeHub) -> None:
    person = await signed_in(whole, Role.SUPERVISOR)
    found = (await person.session()).json
    assert found["pseudonym"] == person.account.pseudonym
    assert found["scopes"] == sorted(SCOPES[Role.SUPERVISOR])
    assert (found["state"], found["via"], found["idle_limit_s"]) == ("active", "passkey", 1800)
    assert found["csrf"] == person.csrf


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_does_what_its_scopes_say(whole: WholeHub, role: Role) -> None:
    headers = await whole.operator(role)
    scopes = {str(scope) for scope in SCOPES[role]}
    for method, path, body, scope in (
        ("GET", "incidents", None, "incidents:read"),
        ("POST", "incidents", ROBBERY, "incidents:write"),
        ("GET", "operators", None, "operators:write"),
        ("GET", "grants?lat=32.3&lon=-90.18&radius=400", None, "grants:read"),
    ):
        answer = await whole.ask(method, path, body, headers=headers)
        assert answer.status in ({200, 201} if scope in scopes else {403}), (path, answer.body)


async def test_the_cookie_is_not_kept(whole: WholeHub) -> None:
    person = await signed_in(whole)
    async with whole.engine.connect() as connection:
        [row] = await connection.execute(text("SELECT * FROM sessions"))
    assert person.cookie not in str(row)


async def test_a_cookie_that_nobody_gave_opens_nothing(whole: WholeHub) -> None:
    person = await joined(whole)
    person.cookie = "a" * 43
    assert not await works(person)


async def test_it_locks_when_idle_and_a_passkey_lets_it_go_on(
    whole: WholeHub, told: list[tuple[str, str]]
) -> None:
    person = await signed_in(whole)
    session = (await person.session()).json["session"]
    whole.clock.moved = timedelta(minutes=29)
    assert await works(person)
    whole.clock.moved += timedelta(minutes=30)
    for _ in range(2):
        answer = await person.ask("GET", "incidents")
        assert (answer.status, answer.problem) == (401, "session-locked")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await person.session()).json["state"] == "locked"
    assert told == [(person.account.id, session)]
    unlocked = await person.unlock()
    assert (unlocked.status, unlocked.json["state"]) == (200, "active")
    assert await works(person)
    assert await outcomes(whole, EntryKind.SESSION) == ["signed-in", "locked", "authenticated"]


async def test_what_the_page_does_by_itself_keeps_nothing_open(whole: WholeHub) -> None:
    person = await signed_in(whole)
    for _ in range(4):
        whole.clock.moved += timedelta(minutes=8)
        assert (await person.session()).status == 200
        person.extra = {BACKGROUND: "1"}
        await person.ask("GET", "incidents")
        person.extra = {}
    assert not await works(person)


async def test_after_twelve_hours_a_passkey_is_asked_for_however_busy_one_is(
    whole: WholeHub,
) -> None:
    person = await signed_in(whole)
    for _ in range(36):
        assert await works(person)
        whole.clock.moved += timedelta(minutes=20)
    assert (await person.ask("GET", "incidents")).problem == "session-locked"
    assert (await person.unlock()).status == 200
    assert await works(person)


async def test_nobody_takes_up_what_was_forgotten_for_a_day(
    whole: WholeHub, told: list[tuple[str, str]]
) -> None:
    person = await signed_in(whole)
    session = (await person.session()).json["session"]
    whole.clock.moved = timedelta(hours=23)
    assert (await person.session()).json["state"] == "locked"
    whole.clock.moved = timedelta(hours=24)
    answer = await person.ask("POST", "session/unlock/challenge")
    assert answer.problem == "unauthenticated"
    assert told == [(person.account.id, session)] * 2
    assert await outcomes(whole, EntryKind.SESSION) == ["signed-in", "locked", "ended"]


async def test_a_session_forgotten_while_its_passkey_is_shown_stays_over(whole: WholeHub) -> None:
    person = await signed_in(whole)
    whole.clock.moved = timedelta(hours=24) - timedelta(seconds=20)
    asked = await person.ask("POST", "session/unlock/challenge")
    shown = person.passkey.show(asked.json["options"])
    whole.clock.moved += timedelta(seconds=30)
    answer = await person.ask("POST", "session/unlock", {"credential": shown})
    assert answer.problem == "unauthenticated"


async def test_only_a_passkey_of_its_operator_unlocks_a_session(whole: WholeHub) -> None:
    ann, eve = await signed_in(whole), await signed_in(whole)
    whole.clock.moved = timedelta(minutes=31)
    assert (await ann.unlock(eve.passkey)).problem == "sign-in-refused"
    entry = (await entries(whole, EntryKind.SESSION))[-1]
    assert (entry.actor, entry.about["why"]) == (ann.account.pseudonym, "foreign")
    assert not await works(ann)


async def test_what_unlocks_is_for_one_session_once(whole: WholeHub) -> None:
    ann, eve = await signed_in(whole), await signed_in(whole)
    asked = await ann.ask("POST", "session/unlock/challenge")
    shown = ann.passkey.show(asked.json["options"])
    assert (await eve.ask("POST", "session/unlock", {"credential": shown})).status == 403
    asked = await ann.ask("POST", "session/unlock/challenge")
    shown = ann.passkey.show(asked.json["options"])
    assert (await ann.ask("POST", "session/unlock", {"credential": shown})).status == 200
    again = await ann.ask("POST", "session/unlock", {"credential": shown})
    assert again.problem == "sign-in-refused"


async def test_five_failures_at_a_locked_session_end_it(whole: WholeHub) -> None:
    ann, eve = await signed_in(whole), await signed_in(whole)
    whole.clock.moved = timedelta(minutes=31)
    for _ in range(5):
        assert (await ann.unlock(eve.passkey)).status == 403
    assert (await ann.session()).problem == "unauthenticated"


async def test_a_stolen_cookie_is_worth_nothing_after_signing_out(
    whole: WholeHub, told: list[tuple[str, str]]
) -> None:
    person = await signed_in(whole)
    session = (await person.session()).json["session"]
    answer = await person.ask("DELETE", "session")
    assert answer.status == 204
    assert "__Host-rtcc=; " in answer.headers["Set-Cookie"]
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert not await works(person)
    assert (await person.session()).status == 401
    assert told == [(person.account.id, session)]
    assert await outcomes(whole, EntryKind.SESSION) == ["signed-in", "signed-out"]


async def test_a_disabled_accounts_session_dies_at_once(
    whole: WholeHub, told: list[tuple[str, str]]
) -> None:
    person, admin = await signed_in(whole), await signed_in(whole, ADMIN)
    session = (await person.session()).json["session"]
    path = f"operators/{person.account.id}/disable"
    assert (await admin.ask("POST", path, {"reason": "left the city"})).status == 204
    assert not await works(person)
    assert told == [(person.account.id, session)]
    assert (await person.sign_in()).problem == "sign-in-refused"
    assert (await entries(whole, EntryKind.SESSION))[-1].about["why"] == "disabled"


async def test_an_administrator_ends_sessions(whole: WholeHub) -> None:
    person, admin = await signed_in(whole), await signed_in(whole, ADMIN)
    answer = await admin.ask("DELETE", f"operators/{person.account.id}/sessions")
    assert answer.json == {"ended": 1}
    assert not await works(person)
    entry = (await entries(whole, EntryKind.SESSION))[-1]
    assert (entry.actor, entry.outcome) == (admin.account.pseudonym, "ended")
    assert (await person.sign_in()).status == 201


async def test_what_another_process_ends_is_noticed(
    whole: WholeHub, told: list[tuple[str, str]]
) -> None:
    person = await signed_in(whole)
    session = (await person.session()).json["session"]
    async with whole.engine.begin() as connection:
        await connection.execute(text("UPDATE sessions SET ended = created"))
    await whole.hub.operators.sweep()
    assert told == [(person.account.id, session)]


async def test_the_sweep_locks_and_ends_what_nobody_uses(
    whole: WholeHub, told: list[tuple[str, str]]
) -> None:
    await signed_in(whole)
    for hours, count in ((0, 0), (1, 1), (2, 1), (25, 2), (26, 2)):
        whole.clock.moved = timedelta(hours=hours)
        await whole.hub.operators.sweep()
        assert len(told) == count
    assert await outcomes(whole, EntryKind.SESSION) == ["signed-in", "locked", "ended"]


@pytest.mark.parametrize(
    "extra",
    [
        {HEADER: ""},
        {HEADER: "0" * 64},
        {HEADER: "Ümlaut"},
        {"Origin": "https://evil.example"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_site_cannot_act_through_the_cookie(
    whole: WholeHub, extra: dict[str, str]
) -> None:
    person = await signed_in(whole)
    person.extra = extra
    answer = await person.ask("POST", "incidents", ROBBERY)
    assert (answer.status, answer.problem) == (403, "forbidden")
    person.extra = {}
    assert (await person.ask("POST", "incidents", ROBBERY)).status == 201


async def test_the_token_of_another_session_is_none(whole: WholeHub) -> None:
    ann, eve = await signed_in(whole), await signed_in(whole)
    ann.csrf = eve.csrf
    assert (await ann.ask("DELETE", "session")).problem == "forbidden"


async def test_another_site_cannot_read_through_the_cookie(whole: WholeHub) -> None:
    person = await signed_in(whole)
    person.extra = {"Sec-Fetch-Site": "cross-site"}
    assert (await person.ask("GET", "incidents")).problem == "forbidden"


async def test_a_token_goes_before_a_cookie(whole: WholeHub) -> None:
    person = await signed_in(whole, ADMIN)
    person.extra = {"Authorization": "Bearer rtcc_wrong"}
    assert (await person.ask("GET", "operators")).problem == "unauthenticated"


async def test_a_machine_has_no_session(whole: WholeHub) -> None:
    answer = await whole.ask("GET", "session")
    assert (answer.status, answer.problem) == (403, "forbidden")


async def test_nobody_has_none_either(whole: WholeHub) -> None:
    assert (await whole.ask("GET", "session", headers={})).problem == "unauthenticated"
