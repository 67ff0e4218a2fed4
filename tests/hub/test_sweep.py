"""What the hub does by the clock: what fails in one room stops no other one."""

from datetime import timedelta

import pytest

from hub.protocol.vocabulary import Site
from hub.store.tables import registrations
from hub.supervision.watch import Watch
from tests.hub.whole import WholeHub


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "gone"), IndexError("a gap")])
async def test_what_fails_in_one_room_stops_no_other(
    whole: WholeHub, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(Watch, "round", fails)
    async with whole.engine.begin() as connection:
        await connection.execute(
            registrations.insert().values(
                id="0" * 16,
                state="unconfirmed",
                name="Ann",
                address="1 Elm St",
                site=Site.HOME,
                note="",
                language="en",
                created=whole.clock() - timedelta(days=8),
            )
        )
    await whole.hub.sweep()
    async with whole.engine.connect() as connection:
        assert (await connection.execute(registrations.select())).all() == []
