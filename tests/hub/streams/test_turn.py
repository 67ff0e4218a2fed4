"""STUN and TURN: credentials that end, and a real coturn that runs by what the hub writes."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aioice import stun, turn

from hub import cli
from hub.config import Http, Stun, Turn, read_config
from hub.data import DataFolder
from hub.errors import StartError
from hub.http.browsers import browsers_pair, root_file
from hub.listening import listening_socket
from hub.protocol.stream import IceServer
from hub.streams.coturn import Relay, turnserver_conf
from hub.streams.turn import IceServers, credentials, ice_servers, turn_secret
from tests.hub.waiting import LIMIT

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TURN_URLS = ("turn:turn.example:3478?transport=udp", "turns:turn.example:5349?transport=tcp")


def test_without_servers_there_are_none() -> None:
    assert IceServers().fresh(NOW) == ()
    assert not IceServers().relay


def test_each_side_has_credentials_of_its_own_that_end() -> None:
    servers = IceServers(stun=("stun:s.example",), turn=TURN_URLS, secret="s")
    (stun_server, home), (_, browser) = servers.fresh(NOW), servers.fresh(NOW)
    assert stun_server == IceServer(("stun:s.example",))
    assert home.urls == browser.urls == TURN_URLS
    assert home.username != browser.username
    assert home.credential != browser.credential
    ends, _, label = str(home.username).partition(":")
    assert int(ends) == (NOW + timedelta(minutes=10)).timestamp()
    assert len(label) >= 16
    # What a home is told, it takes.
    assert IceServer.read(home.claims()) == home


def test_the_configuration_says_which_and_for_how_long(folder: DataFolder) -> None:
    found = ice_servers(
        Turn(urls=TURN_URLS, secret="s", seconds=60), Stun(urls=("stun:s.example",)), folder
    )
    assert (found.stun, found.turn, found.secret) == (("stun:s.example",), TURN_URLS, "s")
    assert found.life == timedelta(minutes=1)


def test_without_a_relay_no_secret_is_made(folder: DataFolder) -> None:
    assert ice_servers(Turn(), Stun(), folder) == IceServers()
    assert folder.read("keys/turn.secret") is None


def test_the_data_folder_keeps_a_secret_that_nobody_set(folder: DataFolder) -> None:
    made = turn_secret(Turn(), folder)
    assert len(made) >= 43
    assert turn_secret(Turn(), folder) == made
    assert (folder.path / "keys/turn.secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", [b"", b"\n", b"two words", b"\xff", "ü".encode(), b"a\nb"])
def test_a_secret_s_file_holds_one_word(content: bytes, tmp_path: Path, folder: DataFolder) -> None:
    path = tmp_path / "secret"
    path.write_bytes(content)
    with pytest.raises(StartError, match=r"turn\.secret_file"):
        turn_secret(Turn(secret_file=str(path)), folder)
    path.write_text(" word \n")
    assert turn_secret(Turn(secret_file=str(path)), folder) == "word"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RTCC_TURN__URLS", "stun:s.example"),
        ("RTCC_TURN__URLS", "turn:t.example?transport=sctp"),
        ("RTCC_TURN__URLS", 'turn:t.example"'),
        ("RTCC_TURN__URLS", ",".join(f"turn:t{n}.example" for n in range(9))),
        ("RTCC_STUN__URLS", ",".join(f"stun:s{n}.example" for n in range(9))),
        ("RTCC_STUN__URLS", "turn:t.example"),
        ("RTCC_TURN__SECRET", "two words"),
        ("RTCC_TURN__REALM", "a\nb"),
        ("RTCC_TURN__SECONDS", "1"),
    ],
)
def test_what_no_home_or_relay_would_take_is_refused(variable: str, value: str) -> None:
    with pytest.raises(StartError):
        read_config(None, {variable: value})


def test_a_secret_has_one_place() -> None:
    with pytest.raises(StartError, match="not both"):
        read_config(None, {"RTCC_TURN__SECRET": "s", "RTCC_TURN__SECRET_FILE": "f"})


@pytest.mark.parametrize(
    ("urls", "lines"),
    [
        ((), {"listening-port=3478", "no-tls", "no-dtls"}),
        (("turn:t.example",), {"listening-port=3478", "no-tls"}),
        (("turn:t.example:3480?transport=udp",), {"listening-port=3480"}),
        (("turns:t.example",), {"listening-port=3478", "tls-listening-port=5349"}),
        (("turns:[2001:db8::1]:443",), {"tls-listening-port=443", "no-tlsv1"}),
        (("turns:[2001:db8::1]",), {"tls-listening-port=5349"}),
    ],
)
def test_coturn_listens_where_the_addresses_say(urls: tuple[str, ...], lines: set[str]) -> None:
    conf = turnserver_conf(Turn(urls=urls), "s", Relay())
    assert lines <= set(conf.splitlines())
    assert ("no-tls" in conf.splitlines()) is not any(url.startswith("turns:") for url in urls)


@dataclass(frozen=True)
class Coturn:
    """A running coturn, and its ports."""

    secret: str
    port: int
    tls_port: int

    def user(self, life: float = 60, *, secret: str = "") -> tuple[str, str]:
        """Return credentials that end after so many seconds."""
        return credentials(
            secret or self.secret, "label", datetime.now(UTC) + timedelta(seconds=life)
        )

    async def allocate(self, user: tuple[str, str], **how: Any) -> turn.TurnTransport:
        """Allocate a relayed address.

        Raises:
            TransactionFailed: if coturn refuses.

        """
        port = self.tls_port if how.get("ssl") else self.port
        async with asyncio.timeout(LIMIT):
            transport, _ = await turn.create_turn_endpoint(
                asyncio.DatagramProtocol,
                ("127.0.0.1", port),
                username=user[0],
                password=user[1],
                **how,
            )
        return transport


def free_port() -> int:
    with listening_socket("127.0.0.1", 0) as found:
        return int(found.getsockname()[1])


type Start = Callable[..., AbstractAsyncContextManager[Coturn]]


@pytest.fixture
def start(
    program: Callable[[str], Path],
    folder: DataFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Start:
    """Start a real coturn by what `rtcc-hub turn-config coturn` prints."""
    turnserver = program("turnserver")

    @asynccontextmanager
    async def running(*arguments: str) -> AsyncIterator[Coturn]:
        port, tls_port = free_port(), free_port()
        urls = f"turn:127.0.0.1:{port}?transport=udp"
        if arguments:
            urls += f",turns:127.0.0.1:{tls_port}?transport=tcp"
        monkeypatch.setenv("RTCC_TURN__URLS", urls)
        command = ["--data", str(folder.path), "turn-config", "coturn", "--listen", "127.0.0.1"]
        assert await asyncio.to_thread(cli.main, [*command, *arguments]) == 0
        conf = tmp_path / "turnserver.conf"
        conf.write_text(capsys.readouterr().out)
        with (tmp_path / "coturn.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                turnserver, "-c", conf, "--pidfile", tmp_path / "pid", stdout=log, stderr=log
            )
        try:
            await listening(port)
            yield Coturn(turn_secret(Turn(), folder), port, tls_port)
        finally:
            process.terminate()
            await process.wait()
        assert "Bad configuration" not in (tmp_path / "coturn.log").read_text()

    return running


async def listening(port: int) -> None:
    async with asyncio.timeout(LIMIT):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


def code(caught: pytest.ExceptionInfo[stun.TransactionFailed]) -> int:
    found: int = caught.value.response.attributes["ERROR-CODE"][0]
    return found


async def test_coturn_takes_what_the_hub_makes_and_nothing_else(start: Start) -> None:
    async with start() as coturn:
        user = coturn.user(life=1)
        transport = await coturn.allocate(user)
        assert transport.get_extra_info("sockname")[0] == "127.0.0.1"
        (await coturn.allocate(coturn.user(), transport="tcp")).close()
        for wrong in (
            coturn.user(secret="another"),
            coturn.user(life=-5),
            (coturn.user()[0], "rubbish"),
            ("nobody", coturn.user()[1]),
        ):
            with pytest.raises(stun.TransactionFailed) as caught:
                await coturn.allocate(wrong)
            assert code(caught) == 401
        # A stream goes on when its credentials have ended: they are for its beginning.
        await refused(coturn, user)
        await refresh(transport)
        transport.close()


async def refused(coturn: Coturn, user: tuple[str, str]) -> None:
    """Wait until credentials have ended."""
    async with asyncio.timeout(LIMIT):
        while True:
            try:
                (await coturn.allocate(user)).close()
            except stun.TransactionFailed:
                return
            await asyncio.sleep(0.05)


async def refresh(transport: turn.TurnTransport) -> None:
    request = stun.Message(message_method=stun.Method.REFRESH, message_class=stun.Class.REQUEST)
    request.attributes["LIFETIME"] = 600
    answer, _ = await inner(transport).request_with_retry(request)
    assert answer.attributes["LIFETIME"] == 600


def inner(transport: turn.TurnTransport) -> Any:
    return transport._TurnTransport__inner_protocol  # type: ignore[attr-defined]


async def test_private_networks_are_not_reached_unless_they_are_allowed(start: Start) -> None:
    async with start("--allow-peer", "10.9.0.0/16") as coturn:
        transport = await coturn.allocate(coturn.user())
        reached = {}
        for number, peer in enumerate(
            ("192.0.2.7", "10.9.1.1", "10.8.1.1", "192.168.1.1", "169.254.169.254", "0.0.0.1")
        ):
            try:
                await inner(transport).channel_bind(0x4000 + number, (peer, 9))
            except stun.TransactionFailed as err:
                reached[peer] = err.response.attributes["ERROR-CODE"][0]
            else:
                reached[peer] = 200
        assert reached == {
            "192.0.2.7": 200,
            "10.9.1.1": 200,
            "10.8.1.1": 403,
            "192.168.1.1": 403,
            "169.254.169.254": 403,
            "0.0.0.1": 403,
        }
        transport.close()


async def test_one_side_of_one_stream_has_a_few_allocations(start: Start) -> None:
    async with start() as coturn:
        user = coturn.user()
        held = [await coturn.allocate(user) for _ in range(Relay().user_quota)]
        with pytest.raises(stun.TransactionFailed) as caught:
            await coturn.allocate(user)
        assert code(caught) == 486
        another = credentials(coturn.secret, "another", datetime.now(UTC) + timedelta(minutes=1))
        held.append(await coturn.allocate(another))
        for transport in held:
            transport.close()


async def test_by_tls_with_a_certificate_that_browsers_know(
    start: Start, folder: DataFolder
) -> None:
    pair = browsers_pair(folder, Http(), ["127.0.0.1"], datetime.now(UTC))
    context = ssl.create_default_context(cafile=str(root_file(folder, Http())))
    arguments = ("--certificate", str(pair.certificate), "--key", str(pair.key))
    async with start(*arguments) as coturn:
        await listening(coturn.tls_port)
        transport = await coturn.allocate(coturn.user(), transport="tcp", ssl=context)
        transport.close()


@pytest.mark.parametrize(
    "arguments",
    [
        ("--listen", "somewhere"),
        ("--external-ip", "203.0.113.1/x"),
        ("--port", "0"),
        ("--allow-peer", "10.0.0.1/8"),
        ("--certificate", "a b"),
    ],
)
def test_wrong_usage_is_told(
    arguments: tuple[str, ...], folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--data", str(folder.path), "turn-config", "coturn", *arguments])
    assert caught.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_relay_behind_a_nat_knows_its_public_address(
    folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    external = ["--external-ip", "203.0.113.1/10.0.0.2"]
    assert cli.main(["--data", str(folder.path), "turn-config", "coturn", *external]) == 0
    printed = capsys.readouterr().out
    assert "external-ip=203.0.113.1/10.0.0.2" in printed.splitlines()
    assert '"turn:turn.example.gov:3478?transport=udp"' in printed
