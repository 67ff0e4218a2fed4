"""Requests: the hub's signed ask to a home for one look."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .claims import Fields, malformed, seconds
from .errors import Reason, Rejected
from .geo import Circle, Point
from .proofs import Logged
from .rules import Incident
from .stream import Offer
from .tokens import LEEWAY, Signer, Verifier, check_parties, check_times, envelope
from .vocabulary import Role, Scope

REQUEST = "rtcc-request+jwt"
REQUEST_LIFE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Who looks: never a name, a role and a pseudonym that the hub can resolve."""

    pseudonym: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One ask for one look; `id` is the token's `jti` and names the reply's topic.

    `log` is the look's entry in the access log with its proofs (rule 4). There is an `offer` if
    the action is a stream; it lives `stream.LEASE` from `issued` unless it is renewed.
    """

    id: str
    hub: str
    home: str
    camera: str
    grant: str
    action: Scope
    incident: Incident
    operator: Operator
    policy: str
    issued: datetime
    log: Logged
    offer: Offer | None = None


def sign_request(signer: Signer, request: Request) -> str:
    """Return the request as a token signed by the hub."""
    incident = request.incident
    return signer.sign(
        REQUEST,
        envelope(
            request.hub, request.home, request.id, request.issued, request.issued + REQUEST_LIFE
        )
        | {
            "action": request.action,
            "camera": request.camera,
            "grant": request.grant,
            "incident": {
                "id": incident.id,
                "kind": incident.kind,
                "reference": incident.reference,
                "opened": seconds(incident.opened),
                "lat": incident.circle.centre.lat,
                "lon": incident.circle.centre.lon,
                "radius_m": incident.circle.radius_m,
            },
            "operator": {
                "pseudonym": request.operator.pseudonym,
                "role": request.operator.role,
            },
            "policy": request.policy,
            "log": request.log.claims(),
        }
        | ({"offer": request.offer.claims()} if request.offer is not None else {}),
    )


def verify(token: bytes, verifier: Verifier, home: str, hub: str, now: datetime) -> Request:
    """Read what arrived on `rtcc/v1/{home}/requests` and prove that the hub signed it for us.

    Whether it was used before, and whether the look may happen, is decided elsewhere.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, REQUEST)
    check_parties(claims, hub, home)
    check_times(claims, now, REQUEST_LIFE)
    return read(claims, home, hub)


def read(claims: Fields, home: str, hub: str) -> Request:
    """Read the claims of a request that the hub signed for this home, timely or not.

    Raises:
        Rejected: `malformed` with the field that is out of shape.

    """
    operator = claims.object("operator")
    action = claims.choice("action", Scope)
    if (action is Scope.STREAM) != ("offer" in claims):
        raise malformed("there is an offer if the action is a stream, and only then")
    return Request(
        id=claims.identifier("jti"),
        hub=hub,
        home=home,
        camera=claims.identifier("camera"),
        grant=claims.identifier("grant"),
        action=action,
        incident=_incident(claims.object("incident")),
        operator=Operator(
            pseudonym=operator.text("pseudonym", 40), role=operator.choice("role", Role)
        ),
        policy=claims.text("policy"),
        issued=claims.time("iat"),
        log=Logged.read(claims.object("log")),
        offer=Offer.read(claims.object("offer")) if "offer" in claims else None,
    )


class Used:
    """The ids of the requests answered lately: each is answered once (DESIGN.md 5.2)."""

    def __init__(self, since: datetime) -> None:
        """Start with none; what was issued before `since` may have been used, and counts so."""
        self._since = since.replace(microsecond=0)
        self._until: dict[str, datetime] = {}

    def claim(self, request: Request, now: datetime) -> None:
        """Take the request's one use.

        Raises:
            Rejected: `replayed` if it was taken before.

        """
        self.check(request, now)
        self._until[request.id] = request.issued + REQUEST_LIFE + LEEWAY

    def check(self, request: Request, now: datetime) -> None:
        """Refuse a request whose one use is taken, without taking it.

        Raises:
            Rejected: `replayed` if it was taken before.

        """
        self._until = {id_: until for id_, until in self._until.items() if until > now}
        if request.issued < self._since or request.id in self._until:
            raise Rejected(Reason.REPLAYED, "this request was used before")


def _incident(fields: Fields) -> Incident:
    return Incident(
        id=fields.text("id", 64),
        kind=fields.text("kind", 64),
        reference=fields.text("reference", 64),
        opened=fields.time("opened"),
        circle=Circle(
            Point(fields.number("lat", -90, 90), fields.number("lon", -180, 180)),
            fields.number("radius_m", 1, 100_000),
        ),
    )
