"""A witness signs what continues the log, and nothing else; the hub follows up with it."""

import asyncio
import logging
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from hub import cli
from hub.config import Witness as WitnessSetting
from hub.data import DataFolder
from hub.errors import StartError
from hub.homes.authority import Authority, open_hub_key
from hub.messaging.child import Broker
from hub.protocol.checkpoint import (
    Checkpoint,
    Note,
    cosign,
    cosigned_at,
    origin_of,
    sign_checkpoint,
)
from hub.protocol.keys import to_jwk
from hub.protocol.merkle import Tree, leaf_hash
from hub.store.engine import open_database
from hub.transparency import witness as witness_module
from hub.transparency.cosigning import Question, Refused, Status, judge
from hub.transparency.log import AccessLog
from hub.transparency.witness import Witness, application
from hub.transparency.witnesses import Patience, WitnessAt, Witnesses, witnesses_of
from tests.hub.transparency.histories import KEY, SIGNER, Stepping, open_log, write
from tests.hub.waiting import LIMIT
from tests.hub.whole import whole_hub

ORIGIN = origin_of(SIGNER.kid)
CLERK = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PUBLIC = SIGNER.key.public_key()


def tree(size: int, lie: int = -1) -> Tree:
    return Tree(leaf_hash(b"%d" % (number if number != lie else -1)) for number in range(size))


def signed(of: Tree, key: Ed25519PrivateKey = SIGNER.key, origin: str = ORIGIN) -> str:
    return sign_checkpoint(key, Checkpoint(origin, len(of), of.root())).text


def question(old: int, of: Tree) -> Question:
    return Question(old, tuple(of.consistency(min(old, len(of)), len(of))), signed(of))


def witness_in(folder: Path, *, at: datetime = NOW) -> Witness:
    return Witness((PUBLIC, ORIGIN), "clerk", CLERK, folder / "checkpoint", lambda: at)


class TestJudging:
    """What may be signed, by the statuses of the standard."""

    latest = Checkpoint(ORIGIN, 5, tree(5).root())

    @given(st.integers(0, 70), st.integers(0, 70))
    def test_what_continues_may_be_signed(self, old: int, more: int) -> None:
        size = old + more
        latest = Checkpoint(ORIGIN, old, tree(old).root())
        note = judge(question(old, tree(size)), PUBLIC, ORIGIN, latest)
        assert note.checkpoint.size == size

    @given(st.integers(1, 40), st.integers(0, 40), st.data())
    def test_a_fork_may_not(self, old: int, more: int, data: st.DataObject) -> None:
        lie = data.draw(st.integers(0, old - 1))
        latest = Checkpoint(ORIGIN, old, tree(old).root())
        with pytest.raises(Refused) as caught:
            judge(question(old, tree(old + more, lie)), PUBLIC, ORIGIN, latest)
        expected = Status.CONFLICT if more == 0 else Status.NOT_CONSISTENT
        assert caught.value.status is expected

    @pytest.mark.parametrize(
        ("asked", "latest", "status"),
        [
            (question(5, tree(8)), latest, None),
            (question(5, tree(5)), latest, None),
            (question(0, tree(8)), None, None),
            (question(0, tree(0)), None, None),
            (question(0, tree(8)), latest, 409),
            (question(4, tree(8)), latest, 409),
            (question(6, tree(8)), latest, 409),
            (question(5, tree(8)), None, 409),
            (question(9, tree(8)), latest, 400),
            (question(5, tree(4)), latest, 400),
            (question(0, tree(4)), latest, 409),
            (Question(5, (), signed(tree(8))), latest, 422),
            (Question(5, tuple(tree(8).consistency(4, 8)), signed(tree(8))), latest, 422),
            (Question(0, (bytes(32),), signed(tree(8))), None, 422),
            (Question(5, (bytes(32),), signed(tree(5))), latest, 422),
            (Question(5, (), signed(tree(8), CLERK)), latest, 403),
            (Question(5, (), signed(tree(8), origin="another/log")), latest, 404),
            (Question(5, (), "nonsense"), latest, 400),
            (Question(0, (), sign_checkpoint(SIGNER.key, Checkpoint(ORIGIN, 0, bytes(32))).text),
             None, 409),
        ],
    )  # fmt: skip
    def test_the_statuses_of_the_standard(
        self, asked: Question, latest: Checkpoint | None, status: int | None
    ) -> None:
        found = None
        try:
            judge(asked, PUBLIC, ORIGIN, latest)
        except Refused as err:
            found = err.status
        assert found == status

    @given(st.integers(0, 2**53 - 1), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
    def test_a_question_is_read_as_it_was_written(self, old: int, proof: list[bytes]) -> None:
        asked = Question(old, tuple(proof), signed(tree(3)))
        assert Question.decode(asked.encode()) == asked

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"\n\n", b"old 1", b"old -1\n\nx", b"old 01\n\nx", b"old 1 \n\nx", b"new 1\n\nx",
            b"old 1\nAAAA\n\nx", b"old 1\n*\n\nx", b"\xff", b"old 1\n" + b"A" * 43 + b"\n\nx",
            b"old 1" + b"\n" + b"\n".join([b"A" * 43 + b"="] * 64) + b"\n\nx",
        ],
    )  # fmt: skip
    def test_what_is_out_of_shape_is_refused(self, body: bytes) -> None:
        with pytest.raises(Refused) as caught:
            Question.decode(body)
        assert caught.value.status is Status.MALFORMED


class TestKeeping:
    """A witness keeps what it signed before it tells."""

    def test_it_knows_after_a_restart_what_it_signed(self, tmp_path: Path) -> None:
        witness_in(tmp_path).add(question(0, tree(5)).encode())
        again = witness_in(tmp_path)
        with pytest.raises(Refused):
            again.add(question(0, tree(8, lie=2)).encode())
        again.add(question(5, tree(8)).encode())
        assert again.latest is not None
        assert again.latest.checkpoint.size == 8

    def test_what_it_cannot_keep_it_does_not_sign(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        witness = witness_in(tmp_path)
        monkeypatch.setattr(witness_module, "replace_file", full)
        with pytest.raises(OSError, match="No space"):
            witness.add(question(0, tree(5)).encode())
        assert witness.latest is None

    @pytest.mark.parametrize("text", ["", "nonsense", signed(tree(3), CLERK)])
    def test_a_damaged_file_is_no_fresh_start(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "checkpoint").write_text(text)
        with pytest.raises(StartError, match="is not what this witness kept"):
            witness_in(tmp_path)

    def test_its_signature_is_a_cosignature_of_its_time(self, tmp_path: Path) -> None:
        witness = witness_in(tmp_path)
        line = witness.add(question(0, tree(5)).encode())
        note = Note(Checkpoint(ORIGIN, 5, tree(5).root()), (line,))
        assert cosigned_at(note, {"clerk": CLERK.public_key()}) == {"clerk": NOW}
        assert witness.latest is not None
        assert [one.name for one in witness.latest.signatures] == [ORIGIN, "clerk"]


async def post(url: str, body: bytes) -> tuple[int, str, str]:
    import aiohttp  # noqa: PLC0415

    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/add-checkpoint", data=body) as response,
    ):
        return response.status, response.content_type, await response.text()


@asynccontextmanager
async def serving(witness: Witness) -> AsyncIterator[str]:
    server = TestServer(application(witness))
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


async def test_a_witness_over_http(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import aiohttp  # noqa: PLC0415

    witness = witness_in(tmp_path)
    async with serving(witness) as url, aiohttp.ClientSession() as session:
        assert (await session.get(f"{url}/checkpoint")).status == 404
        status, kind, text = await post(url, question(0, tree(5)).encode())
        assert (status, kind) == (200, "text/plain")
        assert re.fullmatch("\N{EM DASH} clerk [A-Za-z0-9+/]+=*\n", text)
        async with session.get(f"{url}/checkpoint") as shown:
            assert (await shown.text()).endswith(text)
            assert shown.headers["Access-Control-Allow-Origin"] == "*"
        assert await post(url, question(0, tree(8)).encode()) == (409, "text/x.tlog.size", "5\n")
        fork = await post(url, question(5, tree(8, lie=1)).encode())
        assert fork[0] == 422
        for body, expected in (
            (b"nonsense", 400),
            (b"x" * 20_000, 413),
            (Question(5, (), signed(tree(8), CLERK)).encode(), 403),
            (Question(5, (), signed(tree(8), origin="o")).encode(), 404),
        ):
            assert (await post(url, body))[0] == expected
        assert (await session.get(f"{url}/add-checkpoint")).status == 405

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(witness_module, "replace_file", full)
        assert (await post(url, question(5, tree(8)).encode()))[0] == 503
    assert "signs none" in caplog.text


async def test_a_witness_that_signed_nothing_says_zero(tmp_path: Path) -> None:
    async with serving(witness_in(tmp_path)) as url:
        assert await post(url, question(3, tree(8)).encode()) == (409, "text/x.tlog.size", "0\n")


# The hub's side.


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(DataFolder.open(tmp_path / "hub"))
    yield engine
    await engine.dispose()


@dataclass
class Following:
    """A log that its witnesses follow."""

    log: AccessLog
    engine: AsyncEngine
    witnesses: Witnesses

    async def until(self, *names: str) -> None:
        """Wait until the newest checkpoint carries these signatures."""
        async with asyncio.timeout(LIMIT):
            while {one.name for one in self.log.book.note.signatures} != {ORIGIN, *names}:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@asynccontextmanager
async def following(
    engine: AsyncEngine, *witnesses: WitnessAt, count: int = 0
) -> AsyncIterator[Following]:
    """Let witnesses follow a log that has at least `count` entries before."""
    log = await open_log(engine, Stepping())
    await write(log, count - len(log))
    following = Witnesses(log, engine, witnesses, Patience(0.0, 0.01, 0.02))
    log.on_grown = following.grown
    following.start()
    try:
        yield Following(log, engine, following)
    finally:
        await following.stop()


def at(url: str, name: str = "clerk", key: Ed25519PrivateKey = CLERK) -> WitnessAt:
    return WitnessAt(name, key.public_key(), url)


async def test_the_newest_checkpoint_is_signed_and_stays_so(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    async with (
        serving(witness_in(tmp_path)) as url,
        following(engine, at(f"{url}/")) as hub,
    ):
        await write(hub.log, 1)
        await hub.until("clerk")
        await write(hub.log, 20)
        await hub.until("clerk")
        assert (await open_log(engine, Stepping())).book.note == hub.log.book.note
        assert cosigned_at(hub.log.book.note, {"clerk": CLERK.public_key()}) == {"clerk": NOW}


async def test_a_restarted_hub_learns_what_the_witness_has_signed(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    async with serving(witness_in(tmp_path)) as url:
        async with following(engine, at(url)) as hub:
            await write(hub.log, 3)
            await hub.until("clerk")
        async with following(engine, at(url)) as hub:
            await write(hub.log, 4)
            await hub.until("clerk")


async def test_two_witnesses_sign_the_same_checkpoint(engine: AsyncEngine, tmp_path: Path) -> None:
    press = Ed25519PrivateKey.generate()
    second = Witness((PUBLIC, ORIGIN), "press", press, tmp_path / "press", lambda: NOW)
    async with (
        serving(witness_in(tmp_path)) as one,
        serving(second) as two,
        following(engine, at(one), at(two, "press", press)) as hub,
    ):
        await write(hub.log, 5)
        await hub.until("clerk", "press")


async def test_a_witness_that_knows_another_history_is_an_alarm(
    engine: AsyncEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for other, told in (
        (tree(5), "it has signed 5 entries, and this log has only 3"),
        (tree(3, lie=0), "it has signed another log of 3 entries"),
    ):
        folder = tmp_path / str(len(other))
        folder.mkdir()
        witness = witness_in(folder)
        witness.add(question(0, other).encode())
        async with (
            serving(witness) as url,
            following(engine, at(url), count=3) as hub,
        ):
            async with asyncio.timeout(LIMIT):
                while told not in caplog.text:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
            [record] = [one for one in caplog.records if told in one.getMessage()]
            assert record.levelno == logging.CRITICAL
            assert [one.name for one in hub.log.book.note.signatures] == [ORIGIN]
        caplog.clear()


type Answering = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def answering(answer: Answering) -> AsyncIterator[str]:
    """Serve a witness that is none."""
    app = web.Application()
    app.router.add_post("/add-checkpoint", answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


def of(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text)


def cosigned_by(key: Ed25519PrivateKey, name: str, body: bytes, when: datetime = NOW) -> str:
    checkpoint = Note.parse(Question.decode(body).checkpoint).checkpoint
    return cosign(key, name, checkpoint, when).line


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (lambda _: of(500, "broken"), "status 500: broken"),
        (lambda _: of(409, "many"), "status 409: many"),
        (lambda _: of(409, "99"), "has signed 99 entries"),
        (lambda _: of(200, ""), "out of shape"),
        (lambda _: of(200, "nonsense\n"), "out of shape"),
        (lambda _: of(200, "x" * 20_000), "answers too much"),
        (lambda _: of(302, ""), "status 302"),
        (lambda body: of(200, cosigned_by(SIGNER.key, "clerk", body)), "missing or wrong"),
        (lambda body: of(200, cosigned_by(CLERK, "another", body)), "missing or wrong"),
    ],
)
async def test_a_witness_that_lies_is_told_of_once_and_not_believed(
    engine: AsyncEngine,
    caplog: pytest.LogCaptureFixture,
    lie: Callable[[bytes], web.Response],
    told: str,
) -> None:
    asked = 0
    often = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked > 3:
            often.set()
        return lie(await request.read())

    async with answering(answer) as url, following(engine, at(url), count=3) as hub:
        await asyncio.wait_for(often.wait(), LIMIT)
        assert [one.name for one in hub.log.book.note.signatures] == [ORIGIN]
    lines = [one.getMessage() for one in caplog.records if "does not sign" in one.getMessage()]
    assert len(lines) == 1
    assert told in lines[0]


async def test_a_size_that_changes_each_time_is_not_followed_for_ever(
    engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    size = 1

    async def answer(_request: web.Request) -> web.Response:
        nonlocal size
        size = 3 - size
        return of(409, f"{size}\n")

    async with answering(answer) as url, following(engine, at(url), count=3):
        async with asyncio.timeout(LIMIT):
            while "another size each time" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


async def test_a_witness_that_was_away_signs_again(
    engine: AsyncEngine, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    witness, away = witness_in(tmp_path), True

    async def answer(request: web.Request) -> web.Response:
        if away:
            return of(503, "away")
        return of(200, witness.add(await request.read()).line)

    async with answering(answer) as url, following(engine, at(url)) as hub:
        await write(hub.log, 3)
        async with asyncio.timeout(LIMIT):
            while "does not sign" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        away = False
        await hub.until("clerk")
        async with asyncio.timeout(LIMIT):
            while "signs again" not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.005)


async def test_the_log_does_not_wait_for_a_witness(engine: AsyncEngine) -> None:
    asked, leave = asyncio.Event(), asyncio.Event()

    async def answer(_request: web.Request) -> web.Response:
        asked.set()
        await leave.wait()
        return of(500, "")

    async with answering(answer) as url, following(engine, at(url)) as hub:
        await asyncio.wait_for(asked.wait(), LIMIT)
        await asyncio.wait_for(write(hub.log, 10), LIMIT)
        assert len(hub.log) == 10
        leave.set()


async def test_without_witnesses_nothing_runs(engine: AsyncEngine) -> None:
    before = len(asyncio.all_tasks())
    async with following(engine) as hub:
        await write(hub.log, 1)
        assert len(asyncio.all_tasks()) == before


async def test_a_whole_hub_has_its_log_witnessed_and_shows_it(
    folder: DataFolder, authority: Authority, broker: Broker, tmp_path: Path
) -> None:
    signer = open_hub_key(folder)
    log = (signer.key.public_key(), origin_of(signer.kid))
    clerk = Witness(log, "clerk", CLERK, tmp_path / "clerk", lambda: NOW)
    async with (
        serving(clerk) as url,
        whole_hub(folder, authority, broker, witnesses=(at(url),)) as whole,
        asyncio.timeout(LIMIT),
    ):
        await whole.incident()
        while True:
            shown = Note.parse((await whole.ask("GET", "/log/checkpoint", bearer="")).body.decode())
            seen = cosigned_at(shown, {"clerk": CLERK.public_key()})
            if shown.checkpoint.size == len(whole.hub.log) and seen:
                break
            await asyncio.sleep(0.005)
    assert seen == {"clerk": NOW}


def setting(name: str = "clerk", key: str = to_jwk(CLERK.public_key())["x"]) -> WitnessSetting:
    return WitnessSetting(name=name, key=key, url="http://127.0.0.1:1")


def test_the_configuration_is_read() -> None:
    [found] = witnesses_of([setting()])
    assert (found.name, found.key) == ("clerk", CLERK.public_key())
    with pytest.raises(StartError, match="not an Ed25519 public key"):
        witnesses_of([setting(key="!" * 43)])
    with pytest.raises(StartError, match="the same name"):
        witnesses_of([setting(), setting()])


# The command.


@asynccontextmanager
async def command(folder: Path, *arguments: str) -> AsyncIterator[tuple[Any, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hub", "witness", "--name", "clerk", "--log-key", KEY,
        "--key-file", str(folder / "clerk.key"), "--state", str(folder / "state"),
        "--listen", "127.0.0.1:0", *arguments,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    told = ""
    try:
        async with asyncio.timeout(LIMIT):
            while "url" not in told:
                line = await process.stdout.readline()
                assert line, told
                told += line.decode()
        yield process, told
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def test_the_command_serves_and_ends_cleanly(engine: AsyncEngine, tmp_path: Path) -> None:
    import tomllib  # noqa: PLC0415

    for _ in range(2):
        async with command(tmp_path) as (process, told):
            settings = tomllib.loads(told.partition("configuration:\n")[2])["log"]["witnesses"]
            [witness] = witnesses_of(WitnessSetting(**one) for one in settings)
            async with following(engine, witness) as hub:
                await write(hub.log, 2)
                await hub.until("clerk")
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), LIMIT) == 0
    assert (tmp_path / "clerk.key").stat().st_mode & 0o077 == 0


async def test_a_second_witness_keeps_out_of_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with command(tmp_path):
        status = await asyncio.to_thread(main_fails, tmp_path)
    assert status == 1
    assert "another witness is running" in capsys.readouterr().err


def main_fails(folder: Path, **changes: str) -> int:
    """Run the command in a process of its own and return its status and say its errors."""
    import subprocess  # noqa: PLC0415

    options = {
        "name": "clerk", "log-key": KEY, "key-file": str(folder / "clerk.key"),
        "state": str(folder / "state"), "listen": "127.0.0.1:0",
    } | changes  # fmt: skip
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    done = subprocess.run(
        [sys.executable, "-m", "hub", "witness", *arguments],
        check=False, timeout=LIMIT, capture_output=True, text=True,
    )  # fmt: skip
    sys.stderr.write(done.stderr)
    return done.returncode


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"log_key": "short"}, "not an Ed25519 public key"),
        ({"name": "a clerk"}, "cannot be named"),
        ({"listen": "nowhere"}, "not HOST:PORT"),
        ({"listen": "127.0.0.1:99999"}, "not HOST:PORT"),
        ({"listen": "192.0.2.1:1"}, "cannot run"),
        ({"key_file": __file__}, "is not an Ed25519 key"),
        ({"key_file": "/nowhere/key"}, "cannot run"),
    ],
)
def test_what_is_wrong_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, str], told: str
) -> None:
    options = {
        "name": "clerk", "log_key": KEY, "key_file": str(tmp_path / "key"),
        "state": str(tmp_path / "state"), "listen": "127.0.0.1:0",
    } | changes  # fmt: skip
    arguments = [
        part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)
    ]
    assert cli.main(["witness", *arguments]) == 1
    err = capsys.readouterr().err
    assert err.startswith("rtcc-hub: ")
    assert told in err
