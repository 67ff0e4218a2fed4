"""Signing in: the banner first, then a passkey shown here, now, by its verified holder."""

from datetime import timedelta
from typing import Any

import pytest
from fido2.utils import websafe_encode
from fido2.webauthn import AuthenticatorData

from hub.operators.actors import BY_COMMAND
from hub.operators.door import banner_digest
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.transparency.log import PUBLIC
from tests.hub.operators.authenticator import Authenticator
from tests.hub.operators.person import Person, entries, joined, outcomes, signed_in
from tests.hub.whole import WholeHub

FLAG = AuthenticatorData.FLAG


async def refused(person: Person, answer: Any, why: str) -> None:
    """Check that a sign-in was refused, without saying why, and that the log says why."""
    assert (answer.status, answer.problem) == (403, "sign-in-refused")
    assert answer.json["detail"] == "The sign-in was refused. Ask an administrator."
    assert "Set-Cookie" not in answer.headers
    last = (await entries(person.whole, EntryKind.SESSION))[-1]
    assert (last.outcome, last.about["why"]) == ("refused", why)


async def test_signing_in_is_an_entry(whole: WholeHub) -> None:
    person = await signed_in(whole)
    [entry] = await entries(whole, EntryKind.SESSION)
    assert (entry.actor, entry.role) == (person.account.pseudonym, "officer")
    session = (await person.session()).json
    assert entry.outcome == "signed-in"
    assert entry.about == {
        "banner": banner_digest(whole.hub.operators.door.banner("en")),
        "session": session["session"],
        "source": "127.0.0.1",
        "via": "passkey",
    }
    assert person.account.name not in str(entry)
    assert person.cookie not in str(entry)


async def test_the_cookie_is_strict(whole: WholeHub) -> None:
    person = await joined(whole)
    header = (await person.sign_in()).headers["Set-Cookie"]
    name, *attributes = header.split("; ")
    assert name.startswith("__Host-rtcc=")
    assert set(attributes) == {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"}


async def test_nothing_is_asked_before_the_banner_is_acknowledged(whole: WholeHub) -> None:
    person = await joined(whole)
    answer = await person.ask("POST", "session/challenge", {"banner": "0" * 64})
    assert (answer.status, answer.problem) == (403, "banner")


async def test_the_banner_may_be_acknowledged_in_spanish(whole: WholeHub) -> None:
    person = await joined(whole)
    digest = banner_digest(whole.hub.operators.door.banner("es"))
    assert (await person.ask("POST", "session/challenge", {"banner": digest})).status == 200


@pytest.mark.parametrize(
    ("lie", "changes", "why"),
    [
        ({"origin": "https://localhost"}, {}, "untrusted"),
        ({"origin": "https://evil.example"}, {}, "untrusted"),
        ({"cross_origin": True}, {}, "untrusted"),
        ({"rp_id": "evil.example"}, {}, "untrusted"),
        ({"flags": FLAG.UP}, {}, "untrusted"),
        ({"flags": FLAG.UV}, {}, "untrusted"),
        ({"user": b"somebody else"}, {}, "untrusted"),
        ({}, {"signature": b"no signature"}, "untrusted"),
        ({}, {"type": "webauthn.create"}, "untrusted"),
        ({}, {"challenge": b"a challenge that nobody made"}, "challenge"),
    ],
)
async def test_a_passkey_that_was_not_shown_here_is_refused(
    whole: WholeHub, lie: dict[str, object], changes: dict[str, object], why: str
) -> None:
    person = await joined(whole)
    for name, value in lie.items():
        setattr(person.passkey, name, value)
    await refused(person, await person.sign_in(**changes), why)
    last = (await entries(whole, EntryKind.SESSION))[-1]
    assert last.actor == person.account.pseudonym


async def test_another_key_under_the_same_name_is_refused(whole: WholeHub) -> None:
    person = await joined(whole)
    forged = Authenticator(person.passkey.origin, credential=person.passkey.credential)
    forged.user, forged.counter = person.passkey.user, 100
    person.passkey = forged
    await refused(person, await person.sign_in(), "untrusted")


async def test_a_passkey_that_nobody_registered_is_refused(whole: WholeHub) -> None:
    person = await joined(whole)
    person.passkey = Authenticator(person.passkey.origin, user=person.passkey.user)
    await refused(person, await person.sign_in(), "unknown")
    assert (await entries(whole, EntryKind.SESSION))[-1].actor == PUBLIC


async def test_what_was_shown_once_is_not_taken_again(whole: WholeHub) -> None:
    person = await joined(whole)
    shown = person.passkey.show(await person.options())
    assert (await person.send(shown)).status == 201
    await refused(person, await person.send(shown), "challenge")


async def test_a_challenge_ends(whole: WholeHub) -> None:
    person = await joined(whole)
    shown = person.passkey.show(await person.options())
    whole.clock.moved = timedelta(minutes=5)
    await refused(person, await person.send(shown), "challenge")


async def test_a_challenge_to_join_is_none_to_sign_in(whole: WholeHub) -> None:
    person = await joined(whole)
    again = await whole.hub.operators.accounts.invite_again(person.account.id, BY_COMMAND)
    shown = person.passkey.show(await person.new_options(again))
    await refused(person, await person.send(shown), "challenge")


async def test_a_copied_passkey_is_noticed(whole: WholeHub) -> None:
    person = await joined(whole)
    copy = Authenticator(
        person.passkey.origin,
        credential=person.passkey.credential,
        key=person.passkey.key,
        user=person.passkey.user,
        counter=person.passkey.counter,
    )
    assert (await person.sign_in()).status == 201
    person.passkey = copy
    await refused(person, await person.sign_in(), "counter")


async def test_a_passkey_that_does_not_count_is_fine(whole: WholeHub) -> None:
    person = await joined(whole)
    synced = Authenticator(person.passkey.origin, counts=False)
    room = whole.hub.operators
    person.secret = await room.accounts.invite_again(person.account.id, BY_COMMAND)
    person.passkey = synced
    assert (await person.join()).status == 204
    for _ in range(2):
        assert (await person.sign_in()).status == 201


@pytest.mark.parametrize(
    "credential",
    [
        {"id": "x"},
        {"response": {"clientDataJSON": "e30"}},
        {"id": "eA", "rawId": "eA", "response": {"clientDataJSON": websafe_encode(b"[" * 9)}},
    ],
)
async def test_what_is_no_answer_at_all_is_refused(
    whole: WholeHub, credential: dict[str, object]
) -> None:
    person = await joined(whole)
    await refused(person, await person.send(credential), "malformed")


@pytest.mark.parametrize(
    "extra",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_sites_page_cannot_sign_anyone_in(
    whole: WholeHub, extra: dict[str, str]
) -> None:
    person = await joined(whole)
    shown = person.passkey.show(await person.options())
    person.extra = extra
    assert (await person.send(shown)).problem == "forbidden"


async def test_five_failures_lock_the_account_until_an_administrator_releases_it(
    whole: WholeHub,
) -> None:
    person, admin = await signed_in(whole), await signed_in(whole, Role.ADMINISTRATOR)
    elsewhere = person.cookie, person.csrf
    for _ in range(5):
        assert (await person.session()).status in (200, 401)
        await refused(person, await person.sign_in(signature=b"wrong"), "untrusted")
    await refused(person, await person.sign_in(), "locked")
    person.cookie, person.csrf = elsewhere
    assert (await person.session()).problem == "unauthenticated"
    locked = [
        entry for entry in await entries(whole, EntryKind.OPERATOR) if entry.outcome == "locked"
    ]
    assert [entry.about["operator"] for entry in locked] == [person.account.id]

    whole.clock.moved = timedelta(days=1)
    await refused(person, await person.sign_in(), "locked")
    assert (await admin.sign_in()).status == 201
    path = f"operators/{person.account.id}/enable"
    assert (await admin.ask("POST", path)).status == 204
    assert (await person.sign_in()).status == 201
    assert (await outcomes(whole, EntryKind.OPERATOR))[-1] == "released"


async def test_four_failures_do_not_and_a_success_forgives_them(whole: WholeHub) -> None:
    person = await joined(whole)
    for _ in range(2):
        for _ in range(4):
            await refused(person, await person.sign_in(signature=b"wrong"), "untrusted")
        assert (await person.sign_in()).status == 201
        whole.clock.moved += timedelta(minutes=2)


async def test_failures_count_for_fifteen_minutes(whole: WholeHub) -> None:
    person = await joined(whole)
    for _ in range(6):
        await refused(person, await person.sign_in(signature=b"wrong"), "untrusted")
        whole.clock.moved += timedelta(minutes=4)
    assert (await person.sign_in()).status == 201


async def test_signing_in_is_limited_for_each_address(whole: WholeHub) -> None:
    person = await joined(whole)
    answers = [await person.ask("POST", "session", {"credential": {"x": 1}}) for _ in range(20)]
    last = answers[-1]
    assert (last.status, last.problem) == (429, "rate-limited")
    assert last.headers["Retry-After"] == str(last.json["retry_after"])
    assert (await whole.ask("GET", "incidents")).status == 200
    whole.clock.moved = timedelta(seconds=last.json["retry_after"])
    assert (await person.ask("POST", "session", {"credential": {"x": 1}})).status == 403
