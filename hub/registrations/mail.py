"""Sends letters through the city's SMTP server; nothing is sent in the clear with a password."""

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

import aiosmtplib

from hub.config import Mail
from hub.errors import StartError

_LIMIT_S = 20.0


class NotSentError(Exception):
    """The letter was not taken by the mail server."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in plain text."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Mailer:
    """The city's mail server, and as whom to send."""

    settings: Mail
    _password: str | None
    _context: ssl.SSLContext | None

    @classmethod
    def open(cls, settings: Mail) -> Mailer | None:
        """Read what the settings name; None if there is no mail server.

        Raises:
            StartError: if a file cannot be read, or something that is needed is missing.

        """
        if not settings.host:
            return None
        if not settings.sender:
            raise StartError("mail.from is missing: the address that letters come from")
        password = None
        if settings.username:
            if settings.tls == "none":
                raise StartError("mail.username needs mail.tls: a password is not sent in clear")
            password = _read(settings.password_file, "mail.password_file").strip()
        context = None
        if settings.tls != "none":
            try:
                context = ssl.create_default_context(cafile=settings.ca or None)
            except OSError as err:
                raise StartError(f"cannot read mail.ca {settings.ca}: {err.strerror}") from err
        return cls(settings, password, context)

    async def send(self, letter: Letter) -> None:
        """Hand a letter to the mail server.

        Raises:
            NotSentError: if the server did not take it.

        """
        settings = self.settings
        try:
            await aiosmtplib.send(
                self._message(letter),
                sender=settings.sender,
                recipients=[letter.to],
                hostname=settings.host,
                port=settings.port,
                username=settings.username or None,
                password=self._password,
                use_tls=settings.tls == "tls",
                start_tls=settings.tls == "starttls",
                tls_context=self._context,
                timeout=_LIMIT_S,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as err:
            raise NotSentError(f"{type(err).__name__}: {err}") from err

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.settings.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self.settings.sender.rpartition("@")[2])
        # So that holiday notes do not come back (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        return message


def _read(file: str, name: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        reason = getattr(err, "strerror", None) or "not a text"
        raise StartError(f"cannot read {name} {file or '(none)'}: {reason}") from err
