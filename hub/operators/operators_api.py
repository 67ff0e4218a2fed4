"""HTTP: administrators invite operators, change their roles, and end their access."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from hub.errors import ACCOUNT_STATE, FORBIDDEN, MALFORMED, NOT_FOUND, Problem
from hub.http.routes import Answer, Call, Nothing, Route
from hub.operators.account_api import InvitationLink
from hub.operators.accounts import Account, Accounts
from hub.operators.actors import Actor
from hub.operators.invitations import LIFE, link
from hub.operators.sessions import Sessions
from hub.operators.tokens import TokenScope
from hub.protocol.vocabulary import Role
from hub.supervision.shifts import parse_shift

type Name = Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
type Login = Annotated[str, Meta(min_length=1, max_length=254, pattern=r"^[!-~]+$")]
type Shift = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
type Reason = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class CoarsePlace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """About where an operator lives: looks around it are reviewed. Coarse on purpose."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    radius_m: Annotated[float, Meta(ge=100, le=10_000)]


class NewOperator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite. `login` is what the city's own sign-in calls them, if it is used."""

    name: Name
    role: Role
    login: Login | None = None
    home: CoarsePlace | None = None
    shift: Shift | None = None


class OperatorChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    login: Login | UnsetType | None = UNSET
    home: CoarsePlace | UnsetType | None = UNSET
    shift: Shift | UnsetType | None = UNSET


class Disabling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why, for the administrators; it is not in the log."""

    reason: Reason


class AnotherInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the passkeys so far end, because one was lost."""

    replace: bool = False


class OperatorView(msgspec.Struct, frozen=True):
    """An account, as administrators see it."""

    id: str
    name: str
    pseudonym: str
    role: str
    created: datetime
    disabled: datetime | None
    disabled_why: str | None
    locked: datetime | None
    last_used: datetime | None
    login: str | None
    linked: bool
    home: CoarsePlace | None
    shift: str | None


class OperatorList(msgspec.Struct, frozen=True):
    """All accounts, oldest first."""

    operators: list[OperatorView]


class Invited(msgspec.Struct, frozen=True):
    """A new account, and the link for its operator; it is shown this once."""

    operator: OperatorView
    invitation: InvitationLink


class EndedSessions(msgspec.Struct, frozen=True):
    """How many sessions were ended."""

    ended: int


class OperatorsApi:
    """The routes of administrators."""

    def __init__(
        self, accounts: Accounts, sessions: Sessions, origin: str, now: Callable[[], datetime]
    ) -> None:
        """Take the accounts, the sessions, the origin of the hub's own pages, and the clock."""
        self._accounts = accounts
        self._sessions = sessions
        self._origin = origin
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        scope = TokenScope.OPERATORS_WRITE
        path = "/api/v1/operators"
        one = f"{path}/{{operator}}"
        return [
            Route(
                method="GET",
                path=path,
                handler=self.list_operators,
                summary="All operators' accounts",
                scope=scope,
                answer=OperatorList,
            ),
            Route(
                method="POST",
                path=path,
                handler=self.invite_operator,
                summary="Make an account and the link that its operator joins by",
                scope=scope,
                body=NewOperator,
                answer=Invited,
                status=201,
                problems=(ACCOUNT_STATE,),
            ),
            Route(
                method="PATCH",
                path=one,
                handler=self.change_operator,
                summary="Change an account; with another role its sessions end",
                scope=scope,
                body=OperatorChange,
                answer=OperatorView,
                problems=(NOT_FOUND, ACCOUNT_STATE),
            ),
            Route(
                method="POST",
                path=f"{one}/invitations",
                handler=self.invite_operator_again,
                summary="Another link to make a passkey, for one who lost theirs",
                scope=scope,
                body=AnotherInvitation,
                answer=InvitationLink,
                status=201,
                problems=(NOT_FOUND, ACCOUNT_STATE),
            ),
            Route(
                method="POST",
                path=f"{one}/disable",
                handler=self.disable_operator,
                summary="Disable an account; its operator is out at once",
                scope=scope,
                body=Disabling,
                status=204,
                problems=(NOT_FOUND, ACCOUNT_STATE),
            ),
            Route(
                method="POST",
                path=f"{one}/enable",
                handler=self.enable_operator,
                summary="Enable a disabled account, or release one that failed sign-ins locked",
                scope=scope,
                status=204,
                problems=(NOT_FOUND, ACCOUNT_STATE),
            ),
            Route(
                method="DELETE",
                path=f"{one}/sessions",
                handler=self.end_operators_sessions,
                summary="End all sessions of an operator",
                scope=scope,
                answer=EndedSessions,
                problems=(NOT_FOUND,),
            ),
        ]

    async def list_operators(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show all accounts."""
        return Answer(OperatorList([_view(one) for one in await self._accounts.list()]))

    async def invite_operator(self, call: Call[Nothing, NewOperator]) -> Answer:
        """Make an account."""
        body = call.body
        account, secret = await self._accounts.invite(
            body.name,
            body.role,
            Actor.of(call.who),
            details={
                "login": _lower(body.login),
                "shift": _shift(body.shift),
                **_columns(body.home),
            },
        )
        account = await self._accounts.find(account.id)
        return Answer(Invited(_view(account), self._link(secret)))

    async def change_operator(self, call: Call[Nothing, OperatorChange]) -> Answer:
        """Change an account."""
        body, operator = call.body, call.path["operator"]
        if body.role is not UNSET:
            self._other(call, operator)
        changes: dict[str, object] = {
            name: value
            for name in ("name", "role", "login", "shift")
            if (value := getattr(body, name)) is not UNSET
        }
        if isinstance(body.login, str):
            changes["login"] = _lower(body.login)
        if isinstance(body.shift, str):
            changes["shift"] = _shift(body.shift)
        if not isinstance(body.home, UnsetType):
            changes |= _columns(body.home)
        return Answer(_view(await self._accounts.change(operator, Actor.of(call.who), changes)))

    async def invite_operator_again(self, call: Call[Nothing, AnotherInvitation]) -> Answer:
        """Make another link."""
        secret = await self._accounts.invite_again(
            call.path["operator"], Actor.of(call.who), replace=call.body.replace
        )
        return Answer(self._link(secret))

    async def disable_operator(self, call: Call[Nothing, Disabling]) -> Answer:
        """Disable an account."""
        operator = call.path["operator"]
        self._other(call, operator)
        await self._accounts.disable(operator, call.body.reason, Actor.of(call.who))
        return Answer(b"")

    async def enable_operator(self, call: Call[Nothing, Nothing]) -> Answer:
        """Enable or release an account."""
        await self._accounts.enable(call.path["operator"], Actor.of(call.who))
        return Answer(b"")

    async def end_operators_sessions(self, call: Call[Nothing, Nothing]) -> Answer:
        """End sessions."""
        ended = await self._accounts.end_sessions(call.path["operator"], Actor.of(call.who))
        return Answer(EndedSessions(ended))

    def _other(self, call: Call[Nothing, object], operator: str) -> None:
        # So there is always an administrator left, and nobody gives themselves another role.
        if call.who.operator == operator:
            raise Problem(FORBIDDEN, "Another administrator must do this to your account.")

    def _link(self, secret: str) -> InvitationLink:
        return InvitationLink(link(self._origin, secret), self._now() + LIFE)


def _lower(login: str | None) -> str | None:
    return None if login is None else login.lower()


def _columns(home: CoarsePlace | None) -> dict[str, float | None]:
    if home is None:
        return {"home_lat": None, "home_lon": None, "home_radius_m": None}
    return {"home_lat": home.lat, "home_lon": home.lon, "home_radius_m": home.radius_m}


def _shift(text: str | None) -> str | None:
    """Return a shift that the misuse detector can read, or none."""
    if text is None:
        return None
    try:
        parse_shift(text)
    except ValueError as err:
        raise Problem(MALFORMED, f"In the body: shift: {err}.") from err
    return text


def _view(account: Account) -> OperatorView:
    home = None
    if (
        account.home_lat is not None
        and account.home_lon is not None
        and account.home_radius_m is not None
    ):
        home = CoarsePlace(account.home_lat, account.home_lon, account.home_radius_m)
    return OperatorView(
        id=account.id,
        name=account.name,
        pseudonym=account.pseudonym,
        role=account.role,
        created=account.created,
        disabled=account.disabled,
        disabled_why=account.disabled_why,
        locked=account.locked,
        last_used=account.last_used,
        login=account.login,
        linked=account.subject is not None,
        home=home,
        shift=account.shift,
    )
