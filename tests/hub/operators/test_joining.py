"""Joining: an invitation makes one passkey, once, for a verified person on the hub's own page."""

from datetime import timedelta

import pytest
from fido2.webauthn import AuthenticatorData
from sqlalchemy import text

from hub.operators.invitations import LIFE
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from tests.hub.operators.person import entries, invited, joined, outcomes, signed_in
from tests.hub.whole import WholeHub

FLAG = AuthenticatorData.FLAG


async def test_an_invitation_makes_a_passkey_that_signs_in(whole: WholeHub) -> None:
    person = await invited(whole, Role.SUPERVISOR)
    assert (await person.join()).status == 204
    answer = await person.sign_in()
    assert answer.status == 201
    assert answer.json["operator"] == person.account.id
    assert answer.json["role"] == "supervisor"
    [_, added] = await entries(whole, EntryKind.OPERATOR)
    assert (added.actor, added.outcome) == (person.account.pseudonym, "passkey-added")


async def test_what_is_asked_of_a_new_passkey(whole: WholeHub) -> None:
    person = await invited(whole)
    options = await person.new_options()
    assert options["rp"]["id"] == "localhost"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"


async def test_the_secret_is_not_kept(whole: WholeHub) -> None:
    person = await invited(whole)
    async with whole.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT * FROM invitations"))).all()
    assert len(rows) == 1
    assert person.secret not in str(rows)


async def test_it_works_once(whole: WholeHub) -> None:
    person = await joined(whole)
    again = await person.ask("POST", "join/challenge", {"secret": person.secret})
    assert (again.status, again.problem) == (409, "invitation-used")


async def test_two_at_once_make_one_passkey(whole: WholeHub) -> None:
    person = await invited(whole)
    first, second = await person.new_options(), await person.new_options()
    body = {"secret": person.secret, "credential": person.passkey.make(first)}
    assert (await person.ask("POST", "join", body)).status == 204
    body["credential"] = (await invited(whole)).passkey.make(second)
    assert (await person.ask("POST", "join", body)).problem == "invitation-used"


async def test_it_ends(whole: WholeHub) -> None:
    person = await invited(whole)
    options = await person.new_options()
    whole.clock.moved = LIFE
    made = person.passkey.make(options)
    answer = await person.ask("POST", "join", {"secret": person.secret, "credential": made})
    assert (answer.status, answer.problem) == (410, "invitation-expired")


async def test_another_invitation_ends_the_one_before(whole: WholeHub) -> None:
    person = await invited(whole)
    admin = await signed_in(whole, Role.ADMINISTRATOR)
    path = f"operators/{person.account.id}/invitations"
    again = await admin.ask("POST", path, {"replace": False})
    assert again.status == 201
    answer = await person.ask("POST", "join/challenge", {"secret": person.secret})
    assert answer.problem == "invitation-unknown"
    person.secret = again.json["link"].partition("#")[2]
    assert (await person.join()).status == 204


@pytest.mark.parametrize(
    ("lie", "changes"),
    [
        ({"origin": "https://localhost"}, {}),
        ({"origin": "https://evil.example"}, {}),
        ({"cross_origin": True}, {}),
        ({"rp_id": "evil.example"}, {}),
        ({"flags": FLAG.UP}, {}),
        ({"flags": FLAG.UV}, {}),
        ({}, {"type": "webauthn.get"}),
        ({}, {"challenge": b"another challenge of its own"}),
    ],
)
async def test_a_passkey_that_was_not_made_here_is_refused(
    whole: WholeHub, lie: dict[str, object], changes: dict[str, object]
) -> None:
    person = await invited(whole)
    for name, value in lie.items():
        setattr(person.passkey, name, value)
    answer = await person.join(**changes)
    assert (answer.status, answer.problem) == (403, "sign-in-refused")
    assert await outcomes(whole, EntryKind.SESSION) == ["refused"]
    for name in lie:
        setattr(person.passkey, name, getattr((await invited(whole)).passkey, name))
    assert (await person.join()).status == 204, "the invitation is still good"


async def test_a_challenge_is_for_one_invitation(whole: WholeHub) -> None:
    ann, eve = await invited(whole), await invited(whole)
    made = eve.passkey.make(await eve.new_options())
    answer = await eve.ask("POST", "join", {"secret": ann.secret, "credential": made})
    assert answer.problem == "sign-in-refused"


async def test_a_challenge_is_for_one_try(whole: WholeHub) -> None:
    person = await invited(whole)
    options = await person.new_options()
    person.passkey.flags = FLAG.UP
    body = {"secret": person.secret, "credential": person.passkey.make(options)}
    assert (await person.ask("POST", "join", body)).problem == "sign-in-refused"
    person.passkey.flags = FLAG.UP | FLAG.UV
    body["credential"] = person.passkey.make(options)
    assert (await person.ask("POST", "join", body)).problem == "sign-in-refused"


async def test_a_challenge_ends(whole: WholeHub) -> None:
    person = await invited(whole)
    options = await person.new_options()
    whole.clock.moved = timedelta(minutes=5)
    body = {"secret": person.secret, "credential": person.passkey.make(options)}
    assert (await person.ask("POST", "join", body)).problem == "sign-in-refused"


@pytest.mark.parametrize(
    "credential", [{"id": "x"}, {"id": "eA", "rawId": "eA", "response": {}}, {"response": 5}]
)
async def test_what_is_no_passkey_at_all_is_refused(
    whole: WholeHub, credential: dict[str, object]
) -> None:
    person = await invited(whole)
    answer = await person.ask("POST", "join", {"secret": person.secret, "credential": credential})
    assert answer.problem == "sign-in-refused"


async def test_a_passkey_belongs_to_one_account(whole: WholeHub) -> None:
    ann, eve = await joined(whole), await invited(whole)
    eve.passkey.credential = ann.passkey.credential
    assert (await eve.join()).problem == "sign-in-refused"
    assert (await ann.sign_in()).json["operator"] == ann.account.id


async def test_who_is_disabled_meanwhile_does_not_join(whole: WholeHub) -> None:
    person = await invited(whole)
    admin = await signed_in(whole, Role.ADMINISTRATOR)
    path = f"operators/{person.account.id}/disable"
    assert (await admin.ask("POST", path, {"reason": "left"})).status == 204
    assert (await person.join()).problem == "account-state"


async def test_another_sites_page_cannot_use_an_invitation(whole: WholeHub) -> None:
    person = await invited(whole)
    person.extra = {"Origin": "https://evil.example"}
    answer = await person.ask("POST", "join/challenge", {"secret": person.secret})
    assert answer.problem == "forbidden"
