"""API tokens: shown once, kept as a digest, ended at once."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.data import DataFolder
from hub.errors import Problem
from hub.operators import tokens as module
from hub.operators.tokens import Tokens, TokenScope
from hub.protocol.vocabulary import Role
from tests.hub.conftest import log_of
from tests.hub.migrated import open_migrated

READ = frozenset({TokenScope.GRANTS_READ})


@pytest.fixture
async def engine(folder: DataFolder) -> AsyncIterator[AsyncEngine]:
    found = await open_migrated(folder)
    yield found
    await found.dispose()


async def refused(tokens: Tokens, bearer: str, now: datetime) -> None:
    with pytest.raises(Problem) as caught:
        await tokens.authenticate(bearer, now)
    assert caught.value.kind.slug == "unauthenticated"


async def test_a_token_says_who_calls(engine: AsyncEngine, now: datetime) -> None:
    tokens = Tokens(engine, log_of(engine))
    secret, token = await tokens.create("dispatch", Role.SUPERVISOR, READ, now)
    for _ in range(2):
        assert await tokens.authenticate(secret, now) == token.caller
    assert (token.caller.role, token.caller.scopes) == (Role.SUPERVISOR, READ)
    assert token.caller.pseudonym.startswith("supervisor-")
    assert secret.startswith("rtcc_")


async def test_the_secret_is_not_kept(engine: AsyncEngine, now: datetime) -> None:
    secret, _ = await Tokens(engine, log_of(engine)).create(
        "dispatch", Role.OFFICER, READ, now, pseudonym="unit 7"
    )
    async with engine.connect() as connection:
        [row] = await connection.execute(text("SELECT * FROM api_tokens"))
    assert secret not in str(row)
    [listed] = await Tokens(engine, log_of(engine)).list()
    assert (listed.name, listed.caller.pseudonym) == ("dispatch", "unit 7")
    assert listed.valid(now)


@pytest.mark.parametrize("bearer", ["", "x", "rtcc_", "rtcc_" + "a" * 43, "rtcc_" + "a" * 10_000])
async def test_anything_else_is_refused(engine: AsyncEngine, now: datetime, bearer: str) -> None:
    await refused(Tokens(engine, log_of(engine)), bearer, now)


async def test_a_token_ends(engine: AsyncEngine, now: datetime) -> None:
    tokens = Tokens(engine, log_of(engine))
    secret, _ = await tokens.create("x", Role.OFFICER, READ, now, life=timedelta(hours=1))
    await tokens.authenticate(secret, now + timedelta(minutes=59))
    await refused(tokens, secret, now + timedelta(hours=1))


async def test_revoking_takes_effect_at_once(engine: AsyncEngine, now: datetime) -> None:
    tokens = Tokens(engine, log_of(engine))
    secret, token = await tokens.create("x", Role.OFFICER, READ, now)
    await tokens.authenticate(secret, now)
    await tokens.revoke(token.id, now)
    await refused(tokens, secret, now)
    with pytest.raises(Problem) as caught:
        await tokens.revoke(token.id, now)
    assert caught.value.kind.slug == "not-found"


async def test_another_process_is_noticed_when_told_and_soon_anyway(
    engine: AsyncEngine, now: datetime
) -> None:
    tokens = Tokens(engine, log_of(engine))
    secret, token = await tokens.create("x", Role.OFFICER, READ, now)
    await tokens.authenticate(secret, now)
    await Tokens(engine, log_of(engine)).revoke(token.id, now)
    await tokens.authenticate(secret, now)
    await refused(tokens, secret, now + module.REMEMBERED)

    tokens = Tokens(engine, log_of(engine))
    secret, token = await tokens.create("y", Role.OFFICER, READ, now)
    await tokens.authenticate(secret, now)
    await Tokens(engine, log_of(engine)).revoke(token.id, now)
    tokens.forget()
    await refused(tokens, secret, now)


async def test_memory_is_bounded(
    engine: AsyncEngine, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_REMEMBERED", 1)
    tokens = Tokens(engine, log_of(engine))
    for _ in range(3):
        secret, _ = await tokens.create("x", Role.OFFICER, READ, now)
        await tokens.authenticate(secret, now)
    assert len(tokens._known) == 1
