"""Grants and revocations: the home's signed word on one camera (rules 1 and 2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from sys import intern

from .claims import LARGEST_INTEGER, Fields, malformed, seconds
from .errors import Reason, Rejected
from .geo import Point
from .stream import SLOWEST_STILL_S, Player
from .tokens import LEEWAY, Signer, Token, Verifier, check_parties, check_times, envelope
from .vocabulary import Gate, Scope, Site, Still

GRANT = "rtcc-grant+jwt"
REVOCATION = "rtcc-revocation+jwt"

LONGEST_GRANT = timedelta(hours=1)
FURTHEST_AHEAD = timedelta(hours=1)
"""How long before its `nbf` a grant may be published."""
REVOCATION_LIFE = timedelta(hours=3)
"""Longer than any grant that it ends could still have to live."""
LARGEST_SEQ = LARGEST_INTEGER


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where a camera stands, as precisely as its owner chose, and where it looks.

    `accuracy_m` in metres; `bearing` in degrees clockwise from north; `fov` in degrees.
    """

    place: Point
    accuracy_m: int
    bearing: int | None = None
    fov: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The signed, expiring permission for one camera, from `starts` until before `ends`.

    One operator gets a new still every `still_every_s` seconds at most. `player` is there if the
    camera can stream now.
    """

    home: str
    hub: str
    camera: str
    jti: str
    seq: int
    issued: datetime
    starts: datetime
    ends: datetime
    scopes: frozenset[Scope]
    gate: Gate
    view: View
    name: str
    site: Site
    still: Still
    waiver: str
    policy: str
    still_every_s: int = 1
    player: Player | None = None

    @property
    def live(self) -> bool:
        """Tell whether the camera can stream now."""
        return self.player is not None

    @property
    def live_from(self) -> datetime:
        """Return from when the hub may believe it live.

        A grant for now is live now although the home's clock is a little fast. One that was
        published ahead has its start from the owner's hours, and no leeway.
        """
        return self.starts - LEEWAY if self.starts <= self.issued else self.starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """The signed end of a camera's grants up to `seq`."""

    home: str
    hub: str
    camera: str
    jti: str
    seq: int
    issued: datetime


def sign_grant(signer: Signer, grant: Grant) -> str:
    """Return the grant as a token signed by the home."""
    view = grant.view
    geo: dict[str, object] = {
        "lat": view.place.lat,
        "lon": view.place.lon,
        "accuracy_m": view.accuracy_m,
    }
    if view.bearing is not None:
        geo["bearing"] = view.bearing
    if view.fov is not None:
        geo["fov"] = view.fov
    return signer.sign(
        GRANT,
        envelope(grant.home, grant.hub, grant.jti, grant.issued, grant.ends)
        | {
            "sub": grant.camera,
            "seq": grant.seq,
            "nbf": seconds(grant.starts),
            "scope": sorted(grant.scopes),
            "gate": grant.gate,
            "geo": geo,
            "name": grant.name,
            "site": grant.site,
            "live": grant.player is not None,
            "still": grant.still,
            "still_every_s": grant.still_every_s,
            "waiver": grant.waiver,
            "policy": grant.policy,
        }
        | ({"player": grant.player.claims()} if grant.player is not None else {}),
    )


def sign_revocation(signer: Signer, revocation: Revocation) -> str:
    """Return the revocation as a token signed by the home."""
    ends = revocation.issued + REVOCATION_LIFE
    return signer.sign(
        REVOCATION,
        envelope(revocation.home, revocation.hub, revocation.jti, revocation.issued, ends)
        | {"sub": revocation.camera, "seq": revocation.seq},
    )


def verify(
    token: bytes, verifier: Verifier, home: str, camera: str, hub: str, now: datetime
) -> Grant | Revocation:
    """Read what arrived on `rtcc/v1/{home}/grants/{camera}` and prove that the home signed it.

    Rollback (rule 2) is not checked here: it needs the highest `seq` seen.

    Raises:
        Rejected: with the reason that applies first.

    """
    parsed = Token.parse(token)
    if parsed.header.get("typ") == REVOCATION:
        return _revocation(verifier.verify(parsed, REVOCATION), home, camera, hub, now)
    return _grant(verifier.verify(parsed, GRANT), home, camera, hub, now)


def parse_verified(claims: Fields) -> Grant:
    """Read the claims of a grant whose token was verified before (kept by the hub's store)."""
    return _read(claims, claims.time("iat"), claims.time("nbf"), claims.time("exp"))


def _grant(claims: Fields, home: str, camera: str, hub: str, now: datetime) -> Grant:
    check_parties(claims, home, hub)
    _check_camera(claims, camera)
    issued, ends = check_times(claims, now, FURTHEST_AHEAD + LONGEST_GRANT)
    starts = claims.time("nbf")
    if starts >= ends:
        raise malformed("nbf is not before exp")
    if starts - issued > FURTHEST_AHEAD:
        raise Rejected(
            Reason.TOO_LONG, f"a grant is made at most {FURTHEST_AHEAD} before it starts"
        )
    if ends - max(starts, issued) > LONGEST_GRANT:
        raise Rejected(Reason.TOO_LONG, f"a grant lives at most {LONGEST_GRANT}")
    return _read(claims, issued, starts, ends)


def _read(claims: Fields, issued: datetime, starts: datetime, ends: datetime) -> Grant:
    live = claims.flag("live")
    if live != ("player" in claims):
        raise malformed("there is a player if the camera is live, and only then")
    return Grant(
        # A city holds hundreds of thousands of grants: what they have in common is there once.
        home=intern(claims.text("iss")),
        hub=intern(claims.text("aud")),
        camera=intern(claims.text("sub")),
        jti=claims.identifier("jti"),
        seq=_seq(claims),
        issued=issued,
        starts=issued if starts == issued else starts,
        ends=ends,
        scopes=_one(claims.choices("scope", Scope)),
        gate=claims.choice("gate", Gate),
        view=_view(claims.object("geo")),
        name=claims.text("name", 100),
        site=claims.choice("site", Site),
        still=claims.choice("still", Still),
        waiver=intern(claims.text("waiver")),
        policy=intern(claims.text("policy")),
        still_every_s=claims.integer("still_every_s", 1, SLOWEST_STILL_S),
        player=Player.read(claims.object("player")) if live else None,
    )


@cache
def _one(scopes: frozenset[Scope]) -> frozenset[Scope]:
    return scopes


def _view(geo: Fields) -> View:
    return View(
        place=Point(geo.number("lat", -90, 90), geo.number("lon", -180, 180)),
        accuracy_m=geo.integer("accuracy_m", 0, 10_000),
        bearing=geo.integer("bearing", 0, 359) if "bearing" in geo else None,
        fov=geo.integer("fov", 1, 360) if "fov" in geo else None,
    )


def _revocation(claims: Fields, home: str, camera: str, hub: str, now: datetime) -> Revocation:
    check_parties(claims, home, hub)
    _check_camera(claims, camera)
    issued, _ = check_times(claims, now, REVOCATION_LIFE)
    return Revocation(
        home=home,
        hub=hub,
        camera=camera,
        jti=claims.identifier("jti"),
        seq=_seq(claims),
        issued=issued,
    )


def _check_camera(claims: Fields, camera: str) -> None:
    if claims.text("sub") != camera:
        raise Rejected(Reason.WRONG_TOPIC, "it speaks of another camera than its topic")


def _seq(claims: Fields) -> int:
    return claims.integer("seq", 1, LARGEST_SEQ)
