"""A real SMTP server for tests (aiosmtpd): with and without TLS, with and without a password."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.hub.waiting import LIMIT

USER, PASSWORD = "rtcc", "päss word"


@dataclass
class Post:
    """What a server took, and what it is told to refuse."""

    port: int = 0
    letters: asyncio.Queue[EmailMessage] = field(default_factory=asyncio.Queue)
    refuses: bool = False
    encrypted: list[bool] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter."""
        if self.refuses:
            return "554 5.7.1 not today"
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("cipher") is not None)
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.put_nowait(letter)
        return "250 taken"

    async def letter(self) -> EmailMessage:
        return await asyncio.wait_for(self.letters.get(), LIMIT)


def _authenticate(_server: SMTP, _session: Any, _envelope: Any, _how: str, data: Any) -> AuthResult:
    good = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=data == good, handled=data == good)


@asynccontextmanager
async def post_office(
    context: ssl.SSLContext | None = None, *, implicit: bool = False, password: bool = False
) -> AsyncIterator[Post]:
    """Run a server on this loop until the context ends; `implicit` is TLS from the first byte."""
    post, loop = Post(), asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(
            post,
            hostname="localhost",
            loop=loop,
            tls_context=None if implicit else context,
            require_starttls=context is not None and not implicit,
            authenticator=_authenticate,
            auth_required=password,
            auth_require_tls=not implicit,
        )

    server = await loop.create_server(protocol, "localhost", 0, ssl=context if implicit else None)
    post.port = server.sockets[0].getsockname()[1]
    try:
        yield post
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()
