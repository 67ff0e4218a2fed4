"""Accounts: made, changed and ended by administrators; each act an entry, without names."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub.errors import Problem
from hub.operators import accounts as module
from hub.operators.actors import BY_COMMAND
from hub.operators.secret import digest
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.store.tables import operators
from tests.hub.operators.person import Person, entries, invited, joined, outcomes, signed_in
from tests.hub.whole import WholeHub

NAME = "Ann Ángel O'Hara"
HOME = {"lat": 32.3, "lon": -90.2, "radius_m": 500.0}


@pytest.fixture
async def admin(whole: WholeHub) -> Person:
    return await signed_in(whole, Role.ADMINISTRATOR)


async def invite(admin: Person, **details: object) -> dict[str, object]:
    """Invite by the API and return the account and the link."""
    answer = await admin.ask("POST", "operators", {"name": NAME, "role": "officer"} | details)
    assert answer.status == 201, answer.json
    return dict(answer.json)


async def test_an_administrator_invites(whole: WholeHub, admin: Person) -> None:
    made = await invite(admin, login="Ann@Example.gov", home=HOME, shift="mon-fri 08:00-16:00")
    account = made["operator"]
    assert isinstance(account, dict)
    assert account["name"] == NAME
    assert (account["login"], account["home"]) == ("ann@example.gov", HOME)
    link = made["invitation"]
    assert isinstance(link, dict)
    assert link["link"].startswith("https://localhost:8443/join#")

    [*_, entry] = await entries(whole, EntryKind.OPERATOR)
    assert (entry.actor, entry.role, entry.outcome) == (
        admin.account.pseudonym,
        "administrator",
        "invited",
    )
    assert entry.about == {
        "operator": account["id"],
        "pseudonym": account["pseudonym"],
        "role": "officer",
    }
    listed = (await admin.ask("GET", "operators")).json["operators"]
    assert listed[-1] == account


async def test_nothing_personal_is_in_any_entry(whole: WholeHub, admin: Person) -> None:
    made = await invite(admin, login="ann@example.gov", home=HOME, shift="sun 22:00-06:00")
    account = made["operator"]
    assert isinstance(account, dict)
    path = f"operators/{account['id']}"
    changes = {
        "name": "Bea Buchanan",
        "login": "bea@example.gov",
        "shift": "sat 08:00-16:00",
        "home": None,
    }
    assert (await admin.ask("PATCH", path, changes)).status == 200
    assert (await admin.ask("POST", f"{path}/disable", {"reason": "moved to Bea"})).status == 204
    found = str(await entries(whole, EntryKind.OPERATOR, EntryKind.SESSION))
    for word in ("Ann", "Bea", "example.gov", "22:00", "08:00", "32.3", "'500", ": 500"):
        assert word not in found


async def test_a_change_says_what_changed(whole: WholeHub, admin: Person) -> None:
    person = await signed_in(whole)
    path = f"operators/{person.account.id}"
    answer = await admin.ask("PATCH", path, {"role": "supervisor", "home": HOME})
    assert (answer.json["role"], answer.json["home"]) == ("supervisor", HOME)
    [*_, entry] = await entries(whole, EntryKind.OPERATOR)
    assert entry.outcome == "changed"
    assert entry.about["role_before"] == "officer"
    assert entry.about["role"] == "supervisor"
    assert entry.about["changed"] == ["home_lat", "home_lon", "home_radius_m", "role"]
    assert (await person.session()).problem == "unauthenticated", "its sessions end"
    assert (await person.sign_in()).json["role"] == "supervisor"
    assert (await person.session()).json["pseudonym"] == person.account.pseudonym


async def test_what_is_left_out_stays(whole: WholeHub, admin: Person) -> None:
    person = await signed_in(whole)
    answer = await admin.ask("PATCH", f"operators/{person.account.id}", {})
    assert answer.json["name"] == person.account.name
    assert (await person.session()).status == 200


async def test_another_login_is_not_linked(whole: WholeHub, admin: Person) -> None:
    person = await invited(whole, login="ann")
    async with whole.engine.begin() as connection:
        await connection.execute(
            operators.update()
            .where(operators.c.id == person.account.id)
            .values(subject=digest("x"))
        )
    path = f"operators/{person.account.id}"
    assert (await admin.ask("PATCH", path, {"login": "Ann"})).json["linked"] is True
    assert (await admin.ask("PATCH", path, {"login": "eve"})).json["linked"] is False


async def test_a_login_is_one_accounts(whole: WholeHub, admin: Person) -> None:
    await invite(admin, login="ann")
    other = await invited(whole)
    body = {"name": "x", "role": "officer", "login": "ANN"}
    assert (await admin.ask("POST", "operators", body)).problem == "account-state"
    path = f"operators/{other.account.id}"
    assert (await admin.ask("PATCH", path, {"login": "ann"})).problem == "account-state"


async def test_nobody_promotes_or_disables_themselves(whole: WholeHub, admin: Person) -> None:
    path = f"operators/{admin.account.id}"
    assert (await admin.ask("PATCH", path, {"role": "officer"})).problem == "forbidden"
    disabled = await admin.ask("POST", f"{path}/disable", {"reason": "x"})
    assert disabled.problem == "forbidden"
    assert (await admin.ask("PATCH", path, {"shift": "sun 22:00-06:00"})).status == 200


@pytest.mark.parametrize("role", [Role.OFFICER, Role.SUPERVISOR, Role.AUDITOR])
async def test_only_administrators_do(whole: WholeHub, role: Role) -> None:
    headers = await whole.operator(role)
    account = whole.accounts[headers["Cookie"]].id
    for method, path, body in (
        ("GET", "operators", None),
        ("POST", "operators", {"name": "x", "role": "administrator"}),
        ("PATCH", f"operators/{account}", {"role": "administrator"}),
        ("POST", f"operators/{account}/invitations", {}),
        ("POST", f"operators/{account}/disable", {"reason": "x"}),
        ("POST", f"operators/{account}/enable", None),
        ("DELETE", f"operators/{account}/sessions", None),
        ("GET", "tokens", None),
        ("POST", "tokens", {"name": "x", "role": "officer", "scopes": ["looks:write"]}),
        ("DELETE", "tokens/x", None),
    ):
        answer = await whole.ask(method, path, body, headers=headers)
        assert (answer.status, answer.problem) == (403, "forbidden"), path


async def test_enabling_and_disabling(whole: WholeHub, admin: Person) -> None:
    person = await joined(whole)
    path = f"operators/{person.account.id}"
    assert (await admin.ask("POST", f"{path}/enable")).problem == "account-state"
    assert (await admin.ask("POST", f"{path}/disable", {"reason": "leave"})).status == 204
    again = await admin.ask("POST", f"{path}/disable", {"reason": "leave"})
    assert again.problem == "account-state"
    assert (await admin.ask("POST", f"{path}/invitations", {})).problem == "account-state"
    assert (await admin.ask("POST", f"{path}/enable")).status == 204
    assert (await person.sign_in()).status == 201
    assert (await outcomes(whole, EntryKind.OPERATOR))[-2:] == ["disabled", "enabled"]


async def test_a_lost_passkey_is_replaced(whole: WholeHub, admin: Person) -> None:
    person = await signed_in(whole)
    path = f"operators/{person.account.id}/invitations"
    answer = await admin.ask("POST", path, {"replace": True})
    assert (await person.session()).problem == "unauthenticated"
    assert (await person.sign_in()).problem == "sign-in-refused"
    [*_, entry] = await entries(whole, EntryKind.OPERATOR)
    assert (entry.outcome, entry.about["removed"]) == ("invited-again", 1)
    person.secret = answer.json["link"].partition("#")[2]
    person.passkey = (await invited(whole)).passkey
    assert (await person.join()).status == 204
    assert (await person.sign_in()).status == 201


async def test_who_is_not_there(admin: Person) -> None:
    for method, path, body in (
        ("PATCH", "operators/nobody", {}),
        ("POST", "operators/nobody/invitations", {}),
        ("POST", "operators/nobody/disable", {"reason": "x"}),
        ("POST", "operators/nobody/enable", None),
        ("DELETE", "operators/nobody/sessions", None),
    ):
        assert (await admin.ask(method, path, body)).problem == "not-found", path


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "role": "officer"},
        {"name": "a\nb", "role": "officer"},
        {"name": "x", "role": "chief"},
        {"name": "x", "role": "officer", "home": {"lat": 1, "lon": 1, "radius_m": 1}},
        {"name": "x", "role": "officer", "login": "two words"},
        {"name": "x", "role": "officer", "pseudonym": "y"},
    ],
)
async def test_a_bad_account_is_not_made(admin: Person, body: dict[str, object]) -> None:
    assert (await admin.ask("POST", "operators", body)).problem == "malformed"


async def test_accounts_that_nobody_uses_are_disabled(whole: WholeHub) -> None:
    used, unused, never = await signed_in(whole), await signed_in(whole), await invited(whole)
    whole.clock.moved = timedelta(days=60)
    assert (await used.sign_in()).status == 201
    whole.clock.moved = timedelta(days=89)
    await whole.hub.operators.sweep()
    assert {one.id for one in await whole.hub.operators.accounts.list() if one.open} == {
        used.account.id,
        unused.account.id,
        never.account.id,
    }
    whole.clock.moved = timedelta(days=90)
    await whole.hub.operators.sweep()
    await whole.hub.operators.sweep()
    found = {one.id: one for one in await whole.hub.operators.accounts.list()}
    assert found[used.account.id].open
    for person in (unused, never):
        assert found[person.account.id].disabled_why == "unused for 90 days"
    last = (await entries(whole, EntryKind.OPERATOR))[-2:]
    assert {(one.actor, one.outcome, one.about["why"]) for one in last} == {
        ("hub", "disabled", "unused for 90 days")
    }


async def test_a_pseudonym_is_one_accounts(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = (await invited(whole)).account.pseudonym.partition("-")[2]
    letters = iter([taken, taken, "22222"])
    monkeypatch.setattr(module, "random_letters", lambda _count: next(letters))
    assert (await invited(whole)).account.pseudonym == "operator-22222"


async def test_without_its_entry_no_account_is_made(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(module, "_enter", broken)
    with pytest.raises(RuntimeError):
        await invited(whole)
    async with whole.engine.connect() as connection:
        assert (await connection.execute(select(operators))).all() == []


async def test_finding_nobody(whole: WholeHub) -> None:
    with pytest.raises(Problem, match="not-found"):
        await whole.hub.operators.accounts.find("nobody")
    with pytest.raises(Problem, match="unauthenticated"):
        await whole.hub.operators.sessions.find("none")
    with pytest.raises(Problem, match="not-found"):
        await whole.hub.operators.accounts.disable("nobody", "x", BY_COMMAND)


async def test_a_shift_is_one_that_can_be_read(whole: WholeHub, admin: Person) -> None:
    body = {"name": "Ann", "role": "officer", "shift": "nights"}
    assert (await admin.ask("POST", "operators", body)).problem == "malformed"
    path = f"operators/{(await signed_in(whole)).account.id}"
    assert (await admin.ask("PATCH", path, {"shift": "nights"})).problem == "malformed"
    assert (await admin.ask("PATCH", path, {"shift": None})).status == 200
