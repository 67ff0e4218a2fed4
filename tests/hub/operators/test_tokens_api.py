"""The machines' tokens in the administrators' API."""

import pytest

from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from tests.hub.operators.person import Person, entries, signed_in
from tests.hub.whole import WholeHub

DISPATCH = {"name": "dispatch", "role": "officer", "scopes": ["incidents:read"]}


@pytest.fixture
async def admin(whole: WholeHub) -> Person:
    return await signed_in(whole, Role.ADMINISTRATOR)


async def test_a_token_is_made_used_and_revoked(whole: WholeHub, admin: Person) -> None:
    made = await admin.ask("POST", "tokens", DISPATCH | {"days": 30})
    assert made.status == 201
    token, secret = made.json["token"], made.json["secret"]
    assert (await whole.ask("GET", "incidents", bearer=secret)).status == 200
    assert (await whole.ask("GET", "operators", bearer=secret)).problem == "forbidden"
    listed = (await admin.ask("GET", "tokens")).json["tokens"]
    [found] = [one for one in listed if one["id"] == token["id"]]
    assert token["last_used"] is None
    assert found["last_used"] is not None
    assert secret not in str(listed)
    assert (await admin.ask("DELETE", f"tokens/{token['id']}")).status == 204
    assert (await whole.ask("GET", "incidents", bearer=secret)).problem == "unauthenticated"
    assert (await admin.ask("DELETE", f"tokens/{token['id']}")).problem == "not-found"

    made_entry, revoked = (await entries(whole, EntryKind.TOKEN))[-2:]
    assert (made_entry.actor, made_entry.outcome) == (admin.account.pseudonym, "made")
    assert (revoked.actor, revoked.role, revoked.outcome) == (
        admin.account.pseudonym,
        "administrator",
        "revoked",
    )
    assert "dispatch" not in str((made_entry, revoked))


async def test_a_machine_may_no_more_than_its_role(admin: Person) -> None:
    body = DISPATCH | {"role": "auditor", "scopes": ["log:read", "looks:write"]}
    answer = await admin.ask("POST", "tokens", body)
    assert (answer.status, answer.problem) == (422, "policy")
    assert "looks:write" in answer.json["detail"]


@pytest.mark.parametrize(
    "changes", [{"scopes": []}, {"scopes": ["everything"]}, {"days": 0}, {"days": 366}]
)
async def test_a_bad_token_is_not_made(admin: Person, changes: dict[str, object]) -> None:
    assert (await admin.ask("POST", "tokens", DISPATCH | changes)).problem == "malformed"
