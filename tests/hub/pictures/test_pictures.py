"""Attached pictures through the API: who may, what is logged, and when they are gone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from hub.operators.tokens import TokenScope
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.keys import from_jwk
from hub.protocol.reply import verify
from hub.protocol.tokens import Verifier
from hub.protocol.vocabulary import Role
from hub.store.tables import homes, log_entries, looks, pictures
from tests.hub.whole import ScriptedHome, WholeHub

type Bearer = Callable[[Role], Awaitable[str]]


@pytest.fixture
def bearer(whole: WholeHub) -> Bearer:
    async def make(role: Role) -> str:
        secret, _ = await whole.tokens.create("another", role, frozenset(TokenScope), whole.clock())
        return secret

    return make


@pytest.fixture
async def home(whole: WholeHub) -> ScriptedHome:
    return await whole.home()


async def looked(whole: WholeHub, home: ScriptedHome) -> tuple[str, str, bytes]:
    """Return an incident, a look for it, and the picture that it gave."""
    incident = await whole.incident()
    answer = await whole.look(incident, home.identity.camera)
    assert answer.status == 200, answer.json
    return incident, answer.headers["RTCC-Look"], answer.body


async def attached(whole: WholeHub, home: ScriptedHome) -> tuple[str, str, bytes]:
    """Return an incident, a picture attached to it, and its bytes."""
    incident, look, data = await looked(whole, home)
    answer = await whole.ask("POST", f"looks/{look}/attachment")
    assert answer.status == 201, answer.json
    return incident, str(answer.json["id"]), data


async def logged(whole: WholeHub) -> list[tuple[str, str, str | None, Any]]:
    """Return what the log tells of pictures: outcome, actor, home, picture."""
    async with whole.engine.connect() as connection:
        rows = await connection.scalars(
            select(log_entries.c.data)
            .where(log_entries.c.kind == EntryKind.PICTURE)
            .order_by(log_entries.c.index)
        )
        entries = [Entry.parse(data) for data in rows]
    return [(one.outcome, one.actor, one.home, one.about["picture"]) for one in entries]


async def stored(whole: WholeHub) -> int:
    async with whole.engine.connect() as connection:
        return len((await connection.execute(select(pictures.c.id))).all())


async def test_without_an_attachment_nothing_is_kept(whole: WholeHub, home: ScriptedHome) -> None:
    await looked(whole, home)
    assert await stored(whole) == 0


async def test_an_attached_picture_is_the_one_that_was_seen(
    whole: WholeHub, home: ScriptedHome
) -> None:
    incident, picture, data = await attached(whole, home)
    listed = (await whole.ask("GET", f"incidents/{incident}/pictures")).json
    assert [one["id"] for one in listed["pictures"]] == [picture]
    assert listed["kept_until"] is None
    read = await whole.ask("GET", f"pictures/{picture}")
    assert read.body == data
    assert read.headers["Content-Type"] == "image/jpeg"
    actor = (await whole.tokens.list())[0].caller.pseudonym
    assert await logged(whole) == [
        ("attached", actor, home.identity.home, picture),
        ("read", actor, home.identity.home, picture),
    ]


async def test_the_store_holds_no_picture_in_clear(whole: WholeHub, home: ScriptedHome) -> None:
    _, _, data = await attached(whole, home)
    async with whole.engine.connect() as connection:
        sealed = await connection.scalar(select(pictures.c.sealed))
    assert sealed is not None
    assert data[:32] not in sealed


async def test_the_homes_signature_proves_where_it_comes_from(
    whole: WholeHub, home: ScriptedHome
) -> None:
    _, picture, data = await attached(whole, home)
    read = await whole.ask("GET", f"pictures/{picture}")
    async with whole.engine.connect() as connection:
        key = await connection.scalar(select(homes.c.key_x))
    reply = verify(
        read.headers["RTCC-Reply"].encode() + b"\n" + data,
        Verifier(from_jwk({"kty": "OKP", "crv": "Ed25519", "x": key})),
        home.identity.home,
        (await whole.city()).hub,
        read.headers["RTCC-Look"],
        whole.clock(),
    )
    assert reply.picture is not None
    assert reply.picture.data == data


async def test_attaching_again_changes_nothing(whole: WholeHub, home: ScriptedHome) -> None:
    _, look, _ = await looked(whole, home)
    first, second = [await whole.ask("POST", f"looks/{look}/attachment") for _ in range(2)]
    assert first.json == second.json
    assert len(await logged(whole)) == 1


async def test_when_its_minutes_are_over_a_still_is_gone(
    whole: WholeHub, home: ScriptedHome
) -> None:
    _, look, _ = await looked(whole, home)
    whole.clock.moved = timedelta(minutes=5)
    gone = await whole.ask("POST", f"looks/{look}/attachment")
    assert gone.status == 410
    assert gone.problem == "picture-gone"
    assert await stored(whole) == 0


async def test_a_look_that_gave_nothing_has_nothing_to_attach(whole: WholeHub) -> None:
    assert (await whole.ask("POST", "looks/none/attachment")).problem == "picture-gone"


async def test_another_officer_may_not_attach_and_a_supervisor_may(
    whole: WholeHub, home: ScriptedHome, bearer: Bearer
) -> None:
    _, look, _ = await looked(whole, home)
    path = f"looks/{look}/attachment"
    other, supervisor = await bearer(Role.OFFICER), await bearer(Role.SUPERVISOR)
    assert (await whole.ask("POST", path, bearer=other)).problem == "forbidden"
    assert (await whole.ask("POST", path, bearer=supervisor)).status == 201
    assert (await whole.ask("POST", path, bearer=other)).problem == "forbidden"


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
async def test_whatever_their_scopes_others_see_no_pictures(
    whole: WholeHub, home: ScriptedHome, bearer: Bearer, role: Role
) -> None:
    incident, picture, _ = await attached(whole, home)
    secret = await bearer(role)
    for method, path in (
        ("GET", f"incidents/{incident}/pictures"),
        ("GET", f"pictures/{picture}"),
        ("DELETE", f"pictures/{picture}"),
        ("POST", "looks/any/attachment"),
        ("POST", f"incidents/{incident}/charges"),
    ):
        assert (await whole.ask(method, path, bearer=secret)).problem == "forbidden", path
    assert [one[0] for one in await logged(whole)] == ["attached"]


async def test_every_officer_reads_but_only_who_looked_deletes(
    whole: WholeHub, home: ScriptedHome, bearer: Bearer
) -> None:
    _, picture, _ = await attached(whole, home)
    other = await bearer(Role.OFFICER)
    assert (await whole.ask("GET", f"pictures/{picture}", bearer=other)).status == 200
    assert (await whole.ask("DELETE", f"pictures/{picture}", bearer=other)).problem == "forbidden"
    assert (await whole.ask("DELETE", f"pictures/{picture}")).json == {"id": picture}
    assert (await whole.ask("DELETE", f"pictures/{picture}")).problem == "not-found"
    assert (await whole.ask("GET", f"pictures/{picture}")).problem == "not-found"
    assert [one[0] for one in await logged(whole)] == ["attached", "read", "deleted"]


async def test_an_unknown_incident_has_no_pictures(whole: WholeHub) -> None:
    assert (await whole.ask("GET", "incidents/none/pictures")).problem == "not-found"


async def test_a_picture_changed_in_the_store_is_not_shown(
    whole: WholeHub, home: ScriptedHome
) -> None:
    _, picture, _ = await attached(whole, home)
    async with whole.engine.begin() as connection:
        await connection.execute(update(pictures).values(sealed=b"\0" * 100))
    broken = await whole.ask("GET", f"pictures/{picture}")
    assert broken.status == 503
    assert picture in broken.json["detail"]


async def test_while_the_incident_is_open_nothing_expires(
    whole: WholeHub, home: ScriptedHome
) -> None:
    await attached(whole, home)
    await whole.hub.expire()
    assert await stored(whole) == 1


@pytest.mark.parametrize(("charged", "days"), [(False, 60), (True, 365)])
async def test_attached_pictures_go_when_the_policy_says(
    whole: WholeHub, home: ScriptedHome, bearer: Bearer, *, charged: bool, days: int
) -> None:
    incident, picture, _ = await attached(whole, home)
    assert (await whole.ask("POST", f"incidents/{incident}/close")).status == 200
    supervisor = await bearer(Role.SUPERVISOR)
    path = f"incidents/{incident}/charges"
    if charged:
        assert (await whole.ask("POST", path)).problem == "forbidden"
        noted = await whole.ask("POST", path, bearer=supervisor)
        assert noted.json == (await whole.ask("POST", path, bearer=supervisor)).json
        listed = await whole.ask("GET", f"incidents/{incident}/pictures")
        assert listed.json["kept_until"] == noted.json["kept_until"]
    whole.clock.moved = timedelta(days=days, minutes=-1)
    await whole.hub.expire()
    assert await stored(whole) == 1
    whole.clock.moved = timedelta(days=days)
    await whole.hub.expire()
    assert await stored(whole) == 0
    assert (await logged(whole))[-1] == ("expired", "hub", home.identity.home, picture)


async def test_an_incident_that_nobody_closed_counts_from_its_end(
    whole: WholeHub, home: ScriptedHome
) -> None:
    await attached(whole, home)
    whole.clock.moved = timedelta(days=60)
    await whole.hub.expire()
    assert await stored(whole) == 1
    whole.clock.moved = timedelta(days=60, hours=4)
    await whole.hub.expire()
    assert await stored(whole) == 0


async def test_a_picture_that_cannot_be_logged_is_not_shown(
    whole: WholeHub, home: ScriptedHome
) -> None:
    _, picture, _ = await attached(whole, home)
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE log_entries RENAME TO gone")
    answer = await whole.ask("GET", f"pictures/{picture}")
    assert answer.status == 503


async def test_the_digest_is_that_of_the_look(whole: WholeHub, home: ScriptedHome) -> None:
    incident, _, _ = await attached(whole, home)
    (listed,) = (await whole.ask("GET", f"incidents/{incident}/pictures")).json["pictures"]
    async with whole.engine.connect() as connection:
        assert listed["sha256"] == await connection.scalar(select(looks.c.sha256))
