"""One's own account: passkeys, sessions, and another device, after a passkey just now."""

from datetime import timedelta

from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from tests.hub.operators.authenticator import Authenticator
from tests.hub.operators.person import Person, entries, joined, outcomes, signed_in
from tests.hub.whole import WholeHub


async def another_passkey(person: Person) -> Authenticator:
    """Add a passkey by a link of one's own."""
    link = await person.ask("POST", "account/invitations")
    assert link.status == 201, link.json
    first, person.passkey = person.passkey, Authenticator(person.passkey.origin)
    person.secret = link.json["link"].partition("#")[2]
    assert (await person.join()).status == 204
    added, person.passkey = person.passkey, first
    return added


async def test_what_one_sees(whole: WholeHub) -> None:
    person = await signed_in(whole)
    found = (await person.ask("GET", "account")).json
    assert (found["name"], found["role"]) == (person.account.name, "officer")
    assert len(found["passkeys"]) == 1
    assert [one["this"] for one in found["sessions"]] == [True]


async def test_a_link_for_another_device(whole: WholeHub) -> None:
    person = await signed_in(whole)
    added = await another_passkey(person)
    assert len((await person.ask("GET", "account")).json["passkeys"]) == 2
    person.passkey = added
    assert (await person.sign_in()).status == 201


async def test_the_link_ends_soon(whole: WholeHub) -> None:
    person = await signed_in(whole)
    link = await person.ask("POST", "account/invitations")
    whole.clock.moved = timedelta(minutes=15)
    secret = link.json["link"].partition("#")[2]
    answer = await person.ask("POST", "join/challenge", {"secret": secret})
    assert answer.problem == "invitation-expired"


async def test_who_gets_in_is_changed_only_by_who_showed_a_passkey_just_now(
    whole: WholeHub,
) -> None:
    person = await signed_in(whole)
    passkey = (await person.ask("GET", "account")).json["passkeys"][0]["id"]
    whole.clock.moved = timedelta(minutes=5)
    for method, path in (
        ("POST", "account/invitations"),
        ("DELETE", f"account/passkeys/{passkey}"),
    ):
        assert (await person.ask(method, path)).problem == "authenticate-again"
    assert (await person.unlock()).status == 200
    assert (await person.ask("POST", "account/invitations")).status == 201


async def test_a_passkey_is_removed_but_not_the_last(whole: WholeHub) -> None:
    person = await signed_in(whole)
    first = (await person.ask("GET", "account")).json["passkeys"][0]["id"]
    path = f"account/passkeys/{first}"
    assert (await person.ask("DELETE", path)).problem == "account-state"
    added = await another_passkey(person)
    assert (await person.ask("DELETE", path)).status == 204
    assert (await person.ask("DELETE", path)).problem == "not-found"
    assert (await outcomes(whole, EntryKind.OPERATOR))[-1] == "passkey-removed"
    assert (await person.sign_in()).problem == "sign-in-refused"
    person.passkey = added
    assert (await person.sign_in()).status == 201


async def test_nobody_removes_anothers(whole: WholeHub) -> None:
    ann, eve = await signed_in(whole), await signed_in(whole)
    passkey = (await ann.ask("GET", "account")).json["passkeys"][0]["id"]
    session = (await ann.session()).json["session"]
    assert (await eve.ask("DELETE", f"account/passkeys/{passkey}")).problem == "not-found"
    assert (await eve.ask("DELETE", f"account/sessions/{session}")).problem == "not-found"
    assert (await ann.session()).status == 200


async def test_ending_a_session_elsewhere(whole: WholeHub) -> None:
    person = await joined(whole)
    await person.sign_in()
    elsewhere = person.cookie, person.csrf
    other = (await person.session()).json["session"]
    await person.sign_in()
    listed = (await person.ask("GET", "account")).json["sessions"]
    assert [one["this"] for one in listed] == [False, True]
    assert (await person.ask("DELETE", f"account/sessions/{other}")).status == 204
    entry = (await entries(whole, EntryKind.SESSION))[-1]
    assert (entry.actor, entry.about["session"]) == (person.account.pseudonym, other)
    person.cookie, person.csrf = elsewhere
    assert (await person.session()).problem == "unauthenticated"


async def test_sessions_that_are_over_are_not_shown(whole: WholeHub) -> None:
    person = await joined(whole)
    await person.sign_in()
    whole.clock.moved = timedelta(hours=25)
    await person.sign_in()
    assert len((await person.ask("GET", "account")).json["sessions"]) == 1


async def test_a_machine_has_no_account(whole: WholeHub) -> None:
    assert (await whole.ask("GET", "account")).problem == "forbidden"
    headers = await whole.operator(Role.AUDITOR)
    assert (await whole.ask("GET", "account", headers=headers)).status == 200
