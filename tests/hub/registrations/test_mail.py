"""Letters through real SMTP servers: encrypted, authenticated, and told if they were not sent."""

import ssl
from datetime import datetime
from pathlib import Path

import pytest

from hub.config import Mail
from hub.errors import StartError
from hub.homes.authority import Authority
from hub.registrations.mail import Letter, Mailer, NotSentError
from tests.hub.registrations.smtp import PASSWORD, USER, post_office

LETTER = Letter("ann@example.org", "Ihr Código: ñ", "Zeile eins\n\n.punkt\nñandú " + "x" * 200)
FROM = "rtcc@jackson.example"


@pytest.fixture
def context(authority: Authority, now: datetime) -> ssl.SSLContext:
    """What a server with a certificate of the test's CA shows."""
    pair = authority.server(["localhost"], now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    return context


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return path


def mailer(settings: Mail) -> Mailer:
    found = Mailer.open(settings)
    assert found is not None
    return found


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with post_office() as post:
        sender = mailer(Mail(host="localhost", port=post.port, tls="none", sender=FROM))
        await sender.send(LETTER)
        letter = await post.letter()
    assert (letter["From"], letter["To"]) == (FROM, LETTER.to)
    assert letter["Subject"] == LETTER.subject
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().rstrip("\r\n").replace("\r\n", "\n") == LETTER.text


# The server does not count TLS from the first byte as such.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("implicit", [False, True])
async def test_it_is_encrypted_and_signed_in(
    context: ssl.SSLContext, authority: Authority, password_file: Path, *, implicit: bool
) -> None:
    async with post_office(context, implicit=implicit, password=True) as post:
        await mailer(
            Mail(
                host="localhost",
                port=post.port,
                tls="tls" if implicit else "starttls",
                username=USER,
                password_file=str(password_file),
                ca=str(authority.ca_file),
                sender=FROM,
            )
        ).send(LETTER)
        await post.letter()
        assert post.encrypted == [True]


async def test_a_server_of_another_ca_is_told_nothing(context: ssl.SSLContext) -> None:
    async with post_office(context, implicit=True) as post:
        sender = mailer(Mail(host="localhost", port=post.port, tls="tls", sender=FROM))
        with pytest.raises(NotSentError):
            await sender.send(LETTER)
        assert post.letters.empty()


async def test_a_server_without_tls_is_told_nothing() -> None:
    async with post_office() as post:
        sender = mailer(Mail(host="localhost", port=post.port, sender=FROM))
        with pytest.raises(NotSentError):
            await sender.send(LETTER)
        assert post.letters.empty()


async def test_a_wrong_password_sends_nothing(
    context: ssl.SSLContext, authority: Authority, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("wrong")
    async with post_office(context, password=True) as post:
        sender = mailer(
            Mail(
                host="localhost",
                port=post.port,
                username=USER,
                password_file=str(wrong),
                ca=str(authority.ca_file),
                sender=FROM,
            )
        )
        with pytest.raises(NotSentError):
            await sender.send(LETTER)


async def test_what_the_server_refuses_was_not_sent() -> None:
    async with post_office() as post:
        post.refuses = True
        sender = mailer(Mail(host="localhost", port=post.port, tls="none", sender=FROM))
        with pytest.raises(NotSentError, match="not today"):
            await sender.send(LETTER)


async def test_nobody_there_is_not_sent() -> None:
    async with post_office() as post:
        port = post.port
    with pytest.raises(NotSentError):
        await mailer(Mail(host="localhost", port=port, tls="none", sender=FROM)).send(LETTER)


async def test_an_address_with_a_second_line_is_not_sent() -> None:
    async with post_office() as post:
        sender = mailer(Mail(host="localhost", port=post.port, tls="none", sender=FROM))
        with pytest.raises(NotSentError):
            await sender.send(Letter("ann@example.org\nBcc: eve@example.org", "x", "y"))
        assert post.letters.empty()


def test_without_a_host_there_is_no_mail() -> None:
    assert Mailer.open(Mail()) is None


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Mail(host="m"), "mail.from"),
        (Mail(host="m", sender=FROM, username="u", tls="none"), "mail.tls"),
        (Mail(host="m", sender=FROM, username="u"), "mail.password_file"),
        (Mail(host="m", sender=FROM, username="u", password_file="/nowhere"), "/nowhere"),
        (Mail(host="m", sender=FROM, ca="/nowhere"), "mail.ca"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(settings: Mail, says: str) -> None:
    with pytest.raises(StartError, match=says):
        Mailer.open(settings)
