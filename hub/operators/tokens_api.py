"""HTTP: administrators make and revoke the machines' tokens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from hub.errors import NOT_FOUND, POLICY, Problem
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.actors import Actor
from hub.operators.roles import SCOPES
from hub.operators.tokens import ApiToken, Tokens, TokenScope
from hub.protocol.vocabulary import Role


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to make. Its role allows the scopes that operators of this role have, or fewer."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    role: Role
    scopes: Annotated[list[TokenScope], Meta(min_length=1, max_length=20)]
    days: Annotated[int, Meta(ge=1, le=365)] = 365


class TokenView(msgspec.Struct, frozen=True):
    """A token, without its secret."""

    id: str
    name: str
    pseudonym: str
    role: str
    scopes: list[str]
    created: datetime
    expires: datetime
    revoked: datetime | None
    last_used: datetime | None


class TokenList(msgspec.Struct, frozen=True):
    """All tokens that were made, oldest first."""

    tokens: list[TokenView]


class MadeToken(msgspec.Struct, frozen=True):
    """A new token, and its secret, which is shown this once."""

    token: TokenView
    secret: str


class TokensApi:
    """The routes of the machines' tokens."""

    def __init__(self, tokens: Tokens, now: Callable[[], datetime]) -> None:
        """Take the tokens and the clock."""
        self._tokens = tokens
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        scope, path = TokenScope.OPERATORS_WRITE, "/api/v1/tokens"
        return [
            Route(
                method="GET",
                path=path,
                handler=self.list_tokens,
                summary="All machines' tokens, without their secrets",
                scope=scope,
                answer=TokenList,
            ),
            Route(
                method="POST",
                path=path,
                handler=self.make_token,
                summary="Make a token for a machine",
                scope=scope,
                body=NewToken,
                answer=MadeToken,
                status=201,
                problems=(POLICY,),
            ),
            Route(
                method="DELETE",
                path=f"{path}/{{token}}",
                handler=self.revoke_token,
                summary="Revoke a token at once",
                scope=scope,
                status=204,
                problems=(NOT_FOUND,),
            ),
        ]

    async def list_tokens(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show all tokens."""
        return Answer(TokenList([_view(one) for one in await self._tokens.list()]))

    async def make_token(self, call: Call[Nothing, NewToken]) -> Answer:
        """Make a token."""
        body, by = call.body, Actor.of(call.who)
        scopes = frozenset(body.scopes)
        if beyond := scopes - SCOPES[body.role]:
            raise Problem(POLICY, f"The role {body.role} has no scope {', '.join(sorted(beyond))}.")
        secret, token = await self._tokens.create(
            body.name,
            body.role,
            scopes,
            self._now(),
            life=timedelta(days=body.days),
            actor=by.pseudonym,
            actor_role=by.role,
        )
        return Answer(MadeToken(_view(token), secret))

    async def revoke_token(self, call: Call[Nothing, Nothing]) -> Answer:
        """Revoke a token."""
        by = Actor.of(call.who)
        await self._tokens.revoke(
            call.path["token"], self._now(), actor=by.pseudonym, actor_role=by.role
        )
        return Answer(b"")


def _view(token: ApiToken) -> TokenView:
    caller = token.caller
    return TokenView(
        id=token.id,
        name=token.name,
        pseudonym=caller.pseudonym,
        role=caller.role,
        scopes=sorted(caller.scopes),
        created=token.created,
        expires=token.expires,
        revoked=token.revoked,
        last_used=token.last_used,
    )
