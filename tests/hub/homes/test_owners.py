"""What an owner can demand of the hub: everything it holds, and to be forgotten."""

from asyncio import to_thread
from dataclasses import replace
from datetime import timedelta
from secrets import token_hex
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from hub import cli
from hub.data import DataFolder
from hub.protocol.consent import State, accepted, sign_consent
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.owner import Demand, sign_demand
from hub.protocol.tokens import Signer
from hub.store.tables import codes, consents, log_entries
from hub.store.tables import homes as homes_table
from tests.hub.whole import Answer, ScriptedHome, WholeHub


async def demand(
    whole: WholeHub, home: ScriptedHome, what: Demand, signer: Signer | None = None
) -> Answer:
    identity = home.identity
    token = sign_demand(
        signer or identity.signer,
        what,
        identity.home,
        (await whole.city()).hub,
        token_hex(16),
        whole.clock(),
    )
    path = "homes/record" if what is Demand.RECORD else "homes/deletion"
    return await whole.ask("POST", path, {"home": identity.home, "token": token}, bearer="")


async def leave(whole: WholeHub, home: ScriptedHome) -> None:
    consent = replace(
        accepted(
            await whole.city(),
            id_=token_hex(16),
            principal=home.identity.home,
            name="Ann",
            language="en",
            now=whole.clock(),
        ),
        state=State.WITHDRAWN,
    )
    body = {
        "home": home.identity.home,
        "consent": sign_consent(home.identity.signer, consent).token,
    }
    assert (await whole.ask("POST", "consents", body)).status == 200


async def outcomes(whole: WholeHub, home: ScriptedHome) -> list[str]:
    async with whole.engine.connect() as connection:
        rows = await connection.scalars(
            select(log_entries.c.data)
            .where(log_entries.c.home == home.identity.home, log_entries.c.kind == EntryKind.HOME)
            .order_by(log_entries.c.index)
        )
        return [Entry.parse(data).outcome for data in rows]


async def test_an_owner_sees_everything_that_is_held(whole: WholeHub) -> None:
    home = await whole.home()
    looked = await whole.look(await whole.incident(), home.identity.camera)
    await whole.ask("POST", f"looks/{looked.headers['RTCC-Look']}/attachment")
    answer = await demand(whole, home, Demand.RECORD)
    assert answer.status == 200, answer.json
    held: Any = answer.json
    assert held["home"] == home.identity.home
    assert held["name"] == "SIMULATED owner"
    assert [one["state"] for one in held["consents"]] == ["given"]
    assert held["consents"][0]["token"].count(".") == 2
    assert len(held["certificates"]) == len(held["codes"]) == 1
    assert [one["camera"] for one in held["cameras"]] == [home.identity.camera]
    assert held["cameras"][0]["seq"] > 0
    assert held["cameras"][0]["grant"].count(".") == 2
    assert [one["look"] for one in held["pictures"]] == [looked.headers["RTCC-Look"]]
    assert held["looks"] == 1
    # Enrolled, accepted, the look, its end, the attachment.
    assert held["entries"] == 5
    assert (held["removed"], held["deleted"], held["registrations"]) == (None, None, [])


async def test_a_home_learns_nothing_of_another(whole: WholeHub) -> None:
    home, other = await whole.home(), await whole.home()
    stolen = await demand(whole, home, Demand.RECORD, other.identity.signer)
    assert stolen.problem == "refused-statement"
    assert other.identity.home not in str((await demand(whole, home, Demand.RECORD)).json)


async def test_one_demand_is_not_good_for_the_other(whole: WholeHub) -> None:
    home = await whole.home()
    token = sign_demand(
        home.identity.signer,
        Demand.RECORD,
        home.identity.home,
        (await whole.city()).hub,
        "x",
        whole.clock(),
    )
    body = {"home": home.identity.home, "token": token}
    assert (await whole.ask("POST", "homes/deletion", body)).problem == "refused-statement"
    whole.clock.moved = timedelta(minutes=2, seconds=1)
    assert (await whole.ask("POST", "homes/record", body)).json["reason"] == "expired"


async def test_an_unknown_home_is_told_so(whole: WholeHub) -> None:
    home = await whole.home()
    stranger = Signer(Ed25519PrivateKey.generate())
    body = {
        "home": "nobody",
        "token": sign_demand(stranger, Demand.RECORD, "nobody", "hub", "x", whole.clock()),
    }
    assert (await whole.ask("POST", "homes/record", body)).problem == "home-unknown"
    assert (await demand(whole, home, Demand.DELETION, stranger)).problem == "refused-statement"


async def test_a_home_is_forgotten_while_it_is_enrolled(whole: WholeHub) -> None:
    home = await whole.home()
    async with whole.engine.begin() as connection:
        await connection.execute(update(codes).values(label="Farish St 12"))
    answer = await demand(whole, home, Demand.DELETION)
    assert answer.status == 200, answer.json
    await whole.until_live(home, live=False)
    assert whole.homes.verifier(home.identity.home) is None
    assert await outcomes(whole, home) == ["enrolled", "accepted", "removed", "deleted"]
    held = (await demand(whole, home, Demand.RECORD)).json
    assert held["name"] == ""
    assert held["deleted"] == answer.json["deleted"]
    assert held["cameras"] == []
    assert [one["label"] for one in held["codes"]] == [""]
    assert held["certificates"][0]["revoked"] is not None


async def test_of_a_consent_its_id_and_hash_are_left(whole: WholeHub) -> None:
    home = await whole.home()
    before = (await demand(whole, home, Demand.RECORD)).json["consents"]
    await demand(whole, home, Demand.DELETION)
    after = (await demand(whole, home, Demand.RECORD)).json["consents"]
    assert after == [{**one, "token": ""} for one in before]
    async with whole.engine.connect() as connection:
        tokens = (await connection.scalars(select(consents.c.token))).all()
        names = (await connection.scalars(select(homes_table.c.name))).all()
    assert (tokens, names) == ([""], [""])


async def test_a_home_is_forgotten_after_it_has_left(whole: WholeHub) -> None:
    home = await whole.home()
    await leave(whole, home)
    first = await demand(whole, home, Demand.DELETION)
    whole.clock.moved = timedelta(minutes=1)
    again = await demand(whole, home, Demand.DELETION)
    assert first.json == again.json
    assert (await outcomes(whole, home)).count("deleted") == 1


async def test_looks_and_the_log_stay(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    await whole.look(incident, home.identity.camera)
    await demand(whole, home, Demand.DELETION)
    assert len((await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]) == 1
    assert (await demand(whole, home, Demand.RECORD)).json["looks"] == 1


async def test_if_the_log_cannot_be_written_nothing_is_deleted(whole: WholeHub) -> None:
    home = await whole.home()
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE log_entries RENAME TO gone")
    assert (await demand(whole, home, Demand.DELETION)).status == 503
    async with whole.engine.connect() as connection:
        row = (await connection.execute(select(homes_table))).one()
    assert (row.name, row.removed, row.deleted) == ("SIMULATED owner", None, None)


async def test_a_registration_is_forgotten_with_its_home(whole: WholeHub) -> None:
    form = {
        "name": "Ann Example",
        "address": "12 Farish St",
        "phone": "601 555 0100",
        "site": "home",
    }
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with whole.client.post("/register", data=form, headers=headers) as page:
        assert page.status == 200
    (one,) = (await whole.ask("GET", "registrations")).json["registrations"]
    await whole.ask("POST", f"registrations/{one['id']}/confirm")
    await whole.ask("POST", f"registrations/{one['id']}/approve")
    home = await whole.home()
    async with whole.engine.begin() as connection:
        used = await connection.scalar(
            select(codes.c.digest).where(codes.c.home == home.identity.home)
        )
        await connection.exec_driver_sql(f"UPDATE registrations SET code = '{used}'")  # noqa: S608
    held = (await demand(whole, home, Demand.RECORD)).json["registrations"]
    assert [one["address"] for one in held] == ["12 Farish St"]
    await demand(whole, home, Demand.DELETION)
    assert (await demand(whole, home, Demand.RECORD)).json["registrations"] == []
    assert (await whole.ask("GET", "registrations")).json["registrations"] == []


async def test_the_city_forgets_a_home_by_command(
    whole: WholeHub, folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    home = await whole.home()
    data = ["--data", str(folder.path)]
    assert await to_thread(cli.main, [*data, "homes", "delete", home.identity.home]) == 0
    assert home.identity.home in capsys.readouterr().out
    assert (await demand(whole, home, Demand.RECORD)).json["name"] == ""
    assert await to_thread(cli.main, [*data, "homes", "delete", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err
