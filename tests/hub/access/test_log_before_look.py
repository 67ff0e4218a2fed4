"""No look without its entry (rule 4): what is written when, and what happens if it cannot be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from demo.simulated import utcnow
from hub.access.case import read_case
from hub.access.decide import decide
from hub.operators.tokens import TokenScope
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.proofs import Seen
from hub.protocol.reply import Reply, sign_reply
from hub.protocol.request import Request, Used
from hub.protocol.topics import replies
from hub.protocol.vocabulary import Outcome, Role
from hub.store.tables import homes, looks
from tests.hub.conftest import until
from tests.hub.waiting import LIMIT
from tests.hub.whole import ROBBERY, ScriptedHome, WholeHub

LOOKS = (EntryKind.LOOK, EntryKind.LOOK_ENDED)


@asynccontextmanager
async def without(whole: WholeHub, table: str) -> AsyncIterator[None]:
    """Take a table away, as a broken disk would."""
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO elsewhere")
    yield
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE elsewhere RENAME TO {table}")


async def acknowledged(whole: WholeHub) -> None:
    await until(lambda: not len(whole.hub._receipts))


async def test_a_look_stands_between_its_entry_and_its_end(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    seen = await whole.look(incident, home.identity.camera)
    request = home.asked.get_nowait()
    look, ended = await whole.entries(*LOOKS)
    assert request.log.proof.entry == look
    assert (look.outcome, look.home) == ("allowed", home.identity.home)
    assert (look.actor, look.role) == (request.operator.pseudonym, "officer")
    assert look.about["reason"] is None
    assert (ended.outcome, ended.home) == ("ok", home.identity.home)
    assert ended.about == {
        "look": seen.headers["RTCC-Look"],
        "camera": home.identity.camera,
        "incident": incident,
        "seconds": 0,
        "reason": None,
        "sha256": ended.about["sha256"],
        "length": len(seen.body),
    }
    (line,) = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    assert line["sha256"] == ended.about["sha256"]


async def test_every_decision_can_be_made_again_from_its_entry(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    camera = home.identity.camera
    await whole.look(incident, camera)
    await whole.look(incident, "0123456789abcdef")
    await whole.ask("PATCH", f"incidents/{incident}", {"lat": ROBBERY["lat"] + 0.02})
    await whole.look(incident, camera)
    await whole.ask("POST", f"incidents/{incident}/close")
    await whole.look(incident, camera)
    entries = await whole.entries(EntryKind.LOOK)
    policy = (await whole.city()).policy
    found = []
    for entry in entries:
        decision = decide(policy, read_case(entry.about["case"]))
        assert decision.reason == entry.about["reason"]
        assert ("allowed" if decision.allowed else "refused") == entry.outcome
        found.append(decision.reason)
    assert found == [None, "not_live", "outside_circle", "incident_not_open"]
    # The owner may know of what was refused, as far as the hub knows whose camera it was.
    assert [entry.home for entry in entries] == [
        home.identity.home, None, home.identity.home, home.identity.home,
    ]  # fmt: skip


async def test_whoever_may_not_look_is_entered_too(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    scopes = frozenset({TokenScope.LOOKS_WRITE})
    auditor, token = await whole.tokens.create("a", Role.AUDITOR, scopes, whole.clock())
    body = {"camera": home.identity.camera, "scope": "snapshot"}
    answer = await whole.ask("POST", f"incidents/{incident}/looks", body, bearer=auditor)
    assert (answer.status, answer.problem) == (422, "policy")
    (entry,) = await whole.entries(EntryKind.LOOK)
    assert (entry.actor, entry.role, entry.outcome) == (
        token.caller.pseudonym, "auditor", "refused",
    )  # fmt: skip
    assert home.asked.empty()


async def test_a_log_that_cannot_be_written_stops_every_look(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    async with without(whole, "log_entries"):
        answer = await whole.look(incident, home.identity.camera)
        assert (answer.status, answer.problem) == (503, "store-failed")
        ready = await whole.ask("GET", "/readyz")
        assert (ready.status, ready.problem) == (503, "not-ready")
        assert "log" in ready.json["detail"]
        assert await whole.counted("rtcc_log_writable") == 0
    assert home.asked.empty()
    async with whole.engine.connect() as connection:
        assert (await connection.execute(select(looks))).all() == []
    # By itself, because nobody asks a hub that is not ready.
    await whole.hub._look_after_log(whole.clock())
    assert (await whole.ask("GET", "/readyz")).status == 200
    assert await whole.counted("rtcc_log_writable") == 1
    (alarm,) = await whole.entries(EntryKind.ALARM)
    assert alarm.outcome == "over"
    assert (await whole.look(incident, home.identity.camera)).status == 200
    assert await whole.counted("rtcc_log_size") == len(whole.hub.log)


async def test_a_picture_whose_end_cannot_be_written_is_not_relayed(whole: WholeHub) -> None:
    home = await whole.home()
    held: list[bytes] = []
    home.script = lambda _request, reply: held.append(sign_reply(home.signer, reply))
    incident = await whole.incident()
    looking = asyncio.create_task(whole.look(incident, home.identity.camera))
    request = await asyncio.wait_for(home.asked.get(), LIMIT)
    async with without(whole, "log_entries"):
        home.publish(replies(home.identity.home, request.id), held[0], retain=False)
        answer = await looking
    assert answer.problem == "store-failed"
    assert b"\xff\xd8" not in answer.body
    # Its end is written when somebody finds it without one.
    now = whole.clock()
    await whole.hub._ends.finish(now)
    assert [entry.kind for entry in await whole.entries(*LOOKS)] == ["look"]
    for _ in range(2):
        await whole.hub._ends.finish(now + timedelta(minutes=2))
    _, ended = await whole.entries(*LOOKS)
    assert (ended.outcome, ended.about["reason"]) == ("failed", "hub_stopped")
    (line,) = (await whole.ask("GET", f"incidents/{incident}/looks")).json["looks"]
    assert line["outcome"] == "failed"
    await acknowledged(whole)
    assert [receipt.outcome for receipt in home.receipts] == ["failed"]


async def test_a_camera_taken_back_while_the_entry_is_written_is_not_asked_for(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await whole.home()
    incident = await whole.incident()
    judge = whole.hub._path.judge
    decided = judge.judge

    async def and_then_it_is_revoked(*arguments: object) -> object:
        judged = await decided(*arguments)  # type: ignore[arg-type]
        whole.hub._cameras.set_online(home.identity.home, online=False)
        return judged

    monkeypatch.setattr(judge, "judge", and_then_it_is_revoked)
    assert (await whole.look(incident, home.identity.camera)).problem == "camera-unavailable"
    assert home.asked.empty()
    _, ended = await whole.entries(*LOOKS)
    assert (ended.outcome, ended.about["reason"]) == ("refused", "not_live")


async def test_a_home_that_has_seen_less_gets_the_proof_from_there(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    camera = home.identity.camera
    assert (await whole.look(incident, camera)).status == 200
    await acknowledged(whole)
    home.seen = Seen()  # restored from a backup, say
    assert (await whole.look(incident, camera)).status == 200
    first, second, third = (home.asked.get_nowait() for _ in range(3))
    assert first.id != second.id == third.id
    assert second.log.advance.since > third.log.advance.since == 0
    assert home.counts["log_behind"] == 1
    await acknowledged(whole)
    assert home.seen.size == len(whole.hub.log)


async def test_many_looks_at_once_at_a_home_that_has_seen_less(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    camera = home.identity.camera
    await whole.look(incident, camera)
    await acknowledged(whole)
    home.seen = Seen()
    answers = await asyncio.gather(*(whole.look(incident, camera) for _ in range(8)))
    assert [answer.status for answer in answers] == [200] * 8
    await acknowledged(whole)
    assert len(home.receipts) == 9


async def test_a_home_that_is_always_behind_is_asked_twice(whole: WholeHub) -> None:
    home = await whole.home()

    def forget_everything(_request: Request, reply: Reply) -> Reply:
        home.seen, home._used = Seen(), Used(utcnow() - timedelta(hours=1))
        return replace(
            reply, outcome=Outcome.REFUSED, reason="log_behind", picture=None, log_size=0
        )

    home.script = forget_everything
    answer = await whole.look(await whole.incident(), home.identity.camera)
    assert answer.problem == "camera-unavailable"
    assert home.asked.qsize() == 2
    assert await whole.counted('rtcc_log_doubted_total{reason="log_behind"}') == 0


@pytest.mark.parametrize("reason", ["log_consistency", "log_inclusion", "log_entry"])
async def test_a_home_that_says_that_the_log_does_not_add_up_raises_an_alarm(
    whole: WholeHub, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    home = await whole.home(
        script=lambda _request, reply: replace(
            reply, outcome=Outcome.REFUSED, reason=reason, picture=None
        )
    )
    answer = await whole.look(await whole.incident(), home.identity.camera)
    assert answer.problem == "camera-unavailable"
    assert home.asked.qsize() == 1
    assert await whole.counted(f'rtcc_log_doubted_total{{reason="{reason}"}}') == 1
    (alarm,) = [record for record in caplog.records if record.levelname == "CRITICAL"]
    assert home.identity.home in alarm.getMessage()
    _, ended = await whole.entries(*LOOKS)
    assert (ended.outcome, ended.about["reason"]) == ("refused", reason)


async def test_a_home_that_has_seen_what_the_log_does_not_hold_raises_an_alarm(
    whole: WholeHub,
) -> None:
    home = await whole.home()
    home.seen = Seen(1_000, bytes(32))
    answer = await whole.look(await whole.incident(), home.identity.camera)
    assert answer.problem == "camera-unavailable"
    assert home.asked.qsize() == 1
    assert await whole.counted('rtcc_log_doubted_total{reason="log_behind"}') == 1
    async with whole.engine.connect() as connection:
        # Such a word is not kept.
        assert await connection.scalar(select(homes.c.log_size)) is None


async def test_another_history_is_refused_by_the_home(whole: WholeHub) -> None:
    home = await whole.home()
    incident = await whole.incident()
    camera = home.identity.camera
    await whole.look(incident, camera)
    await acknowledged(whole)
    home.seen = replace(home.seen, root=bytes(32))
    assert (await whole.look(incident, camera)).problem == "camera-unavailable"
    assert await whole.counted('rtcc_log_doubted_total{reason="log_consistency"}') == 1


async def test_how_far_a_home_is_survives_a_restart(whole: WholeHub) -> None:
    home: ScriptedHome = await whole.home()
    await whole.look(await whole.incident(), home.identity.camera)
    await acknowledged(whole)
    async with whole.engine.connect() as connection:
        assert await connection.scalar(select(homes.c.log_size)) == home.seen.size


async def test_incidents_are_entered_with_every_change(whole: WholeHub) -> None:
    incident = await whole.incident()
    await whole.ask("PATCH", f"incidents/{incident}", {"radius_m": 300.5})
    await whole.ask("PATCH", f"incidents/{incident}", {"radius_m": 99_000})  # refused
    await whole.ask("POST", f"incidents/{incident}/close")
    await whole.ask("PATCH", f"incidents/{incident}", {"radius_m": 10})  # too late
    opened, changed, closed = await whole.entries(
        EntryKind.INCIDENT_OPENED, EntryKind.INCIDENT_CHANGED, EntryKind.INCIDENT_CLOSED
    )
    circle = {
        "lat": repr(ROBBERY["lat"]),
        "lon": repr(ROBBERY["lon"]),
        "radius_m": repr(float(ROBBERY["radius_m"])),
    }
    told = opened.about["incident"]
    assert isinstance(told, dict)
    assert (told["id"], told["reference"], told["circle"]) == (incident, "CAD-2026-1", circle)
    assert changed.about == {
        "incident": incident,
        "old": circle,
        "new": circle | {"radius_m": "300.5"},
    }
    assert closed.about == {"incident": incident}
    for entry in (opened, changed, closed):
        assert (entry.role, entry.home) == ("officer", None)
        assert entry.actor.startswith("officer-")


async def test_an_incident_closes_by_the_log_s_clock(whole: WholeHub) -> None:
    """By another, a look could come after the closing entry and still be before it."""
    incident = await whole.incident()
    closed = (await whole.ask("POST", f"incidents/{incident}/close")).json["closed"]
    (entry,) = await whole.entries(EntryKind.INCIDENT_CLOSED)
    assert datetime.fromisoformat(closed) == entry.time


async def test_homes_codes_and_tokens_are_entered(whole: WholeHub) -> None:
    home = await whole.home()
    key = home.signer.kid
    await whole.homes.remove(home.identity.home, whole.clock())
    await whole.homes.remove(home.identity.home, whole.clock())  # again: nothing new
    invited, enrolled, accepted, removed = await whole.entries(EntryKind.HOME)
    assert [one.outcome for one in (invited, enrolled, accepted, removed)] == [
        "invited", "enrolled", "accepted", "removed",
    ]  # fmt: skip
    assert invited.home is None
    assert invited.about["code"] == enrolled.about["code"]
    assert enrolled.about["key"] == key
    for entry in (enrolled, accepted, removed):
        assert entry.home == home.identity.home
    assert (enrolled.actor, removed.actor) == ("public", "commands")
    (token, *_) = await whole.entries(EntryKind.TOKEN)
    assert token.outcome == "made"
    assert whole.bearer not in token.data.decode()


async def test_no_name_goes_into_the_log(whole: WholeHub) -> None:
    home = await whole.home()
    await whole.look(await whole.incident(), home.identity.camera)
    entries: list[Entry] = await whole.entries(*EntryKind)
    said = b"\n".join(entry.data for entry in entries)
    for name in (b"SIMULATED owner", b"Porch"):
        assert name not in said


async def test_refused_tokens_are_entered_once_a_minute(whole: WholeHub) -> None:
    for _ in range(3):
        assert (await whole.ask("GET", "incidents", bearer="rtcc_wrong")).status == 401
    (entry,) = await whole.entries(EntryKind.SESSION)
    assert (entry.actor, entry.outcome) == ("public", "refused")
    assert entry.about == {"why": "token", "source": "127.0.0.1"}
    whole.clock.moved = timedelta(minutes=2)
    await whole.ask("GET", "incidents", bearer="rtcc_wrong")
    assert len(await whole.entries(EntryKind.SESSION)) == 2


async def test_the_rules_in_force_are_entered_before_anything_else(whole: WholeHub) -> None:
    (rules,) = await whole.entries(EntryKind.POLICY)
    city = await whole.city()
    assert city.policy.digest in rules.data.decode()
    assert city.waiver.digest in rules.data.decode()


async def test_a_home_that_was_silent_is_in_step_again_at_its_next_look(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that was lost takes its proof with it."""
    home = await whole.home()
    incident = await whole.incident()
    monkeypatch.setattr("hub.access.asks.REPLY_LIMIT_S", 0.1)
    lost = home._take_request
    monkeypatch.setattr(home, "_take_request", lambda *_: None)
    monkeypatch.setattr(home, "_take_receipt", lambda *_: None)
    assert (await whole.look(incident, home.identity.camera)).problem == "camera-silent"
    monkeypatch.setattr("hub.access.asks.REPLY_LIMIT_S", LIMIT)
    monkeypatch.setattr(home, "_take_request", lost)
    assert (await whole.look(incident, home.identity.camera)).status == 200
    assert home.counts["log_behind"] == 1


async def test_a_look_has_one_end(whole: WholeHub) -> None:
    """A clock that jumps, or a store that was busy for long, makes a look seem forgotten."""
    home = await whole.home()
    held: list[bytes] = []
    home.script = lambda _request, reply: held.append(sign_reply(home.signer, reply))
    incident = await whole.incident()
    looking = asyncio.create_task(whole.look(incident, home.identity.camera))
    request = await asyncio.wait_for(home.asked.get(), LIMIT)
    await whole.hub._ends.finish(whole.clock() + timedelta(minutes=2))
    home.publish(replies(home.identity.home, request.id), held[0], retain=False)
    answer = await looking
    assert answer.problem == "camera-silent"
    assert b"\xff\xd8" not in answer.body
    _, ended = await whole.entries(*LOOKS)
    assert (ended.outcome, ended.about["reason"]) == ("failed", "hub_stopped")
