"""The hub's tables (SQLAlchemy Core): who enrolled, what is granted, and what was looked at."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger as BigInt
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Write in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()
# SQLite counts rows with its own integers only.
_Number = BigInt().with_variant(Integer, "sqlite")

consents = Table(
    "consents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("home", String(64), nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
    # Empty when the owner had the record deleted; its digest stays.
    Column("token", Text, nullable=False),
    Column("digest", String(43)),
)

codes = Table(
    "codes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("label", String(100), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("used", UtcTime),
    Column("home", String(64)),
)

homes = Table(
    "homes",
    metadata,
    Column("home", String(64), primary_key=True),
    Column("key_x", String(43), nullable=False),
    Column("name", String(100), nullable=False),
    Column("waiver", String(43), nullable=False),
    Column("policy", String(43), nullable=False),
    Column("enrolled", UtcTime, nullable=False),
    Column("removed", UtcTime),
    # Entries of the log that the home has verified, by its own signed word.
    Column("log_size", _Number),
    Column("deleted", UtcTime),
)

certificates = Table(
    "certificates",
    metadata,
    Column("serial", String(40), primary_key=True),
    Column("home", String(64), nullable=False, index=True),
    Column("ends", UtcTime, nullable=False),
    Column("revoked", UtcTime),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("revoked", UtcTime),
    Column("last_used", UtcTime),
)

operators = Table(
    "operators",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("pseudonym", String(40), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("disabled", UtcTime),
    Column("disabled_why", String(200)),
    Column("locked", UtcTime),
    Column("last_used", UtcTime),
    Column("login", String(254), unique=True),
    Column("subject", String(255), unique=True),
    Column("home_lat", Float),
    Column("home_lon", Float),
    Column("home_radius_m", Float),
    Column("shift", String(200)),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("operator", String(32), nullable=False, index=True),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("used", UtcTime),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("operator", String(32), nullable=False, index=True),
    Column("data", LargeBinary, nullable=False),
    Column("counter", BigInt, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("last_used", UtcTime),
)

challenges = Table(
    "challenges",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("purpose", String(20), nullable=False),
    Column("bound", String(64), nullable=False),
    Column("expires", UtcTime, nullable=False, index=True),
    Column("data", Text, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("operator", String(32), nullable=False, index=True),
    Column("via", String(20), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("authenticated", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=False),
    Column("locked", UtcTime),
    Column("ended", UtcTime),
    Column("ended_why", String(20)),
)

failures = Table(
    "failures",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("operator", String(32), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
)

cameras = Table(
    "cameras",
    metadata,
    Column("camera", String(64), primary_key=True),
    Column("home", String(64), nullable=False, index=True),
    Column("seq", BigInt, nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("ends", BigInt, nullable=False, index=True),
    Column("token", LargeBinary),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("radius_m", Float, nullable=False),
    Column("opened", UtcTime, nullable=False),
    Column("opened_by", String(40), nullable=False),
    Column("closed", UtcTime),
    Column("moved_by", String(40)),
    Column("charged", UtcTime),
    Column("accepted", UtcTime),
    Column("accepted_by", String(40)),
)

sightings = Table(
    "sightings",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("incident", String(32), nullable=False, index=True),
    Column("camera", String(64)),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("marked", UtcTime, nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("note", String(300), nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("incident", String(32), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("picture", String(32)),
    # Whether it is to be sent on, and when it was taken.
    Column("wanted", Boolean, nullable=False),
    Column("sent", UtcTime),
)

looks = Table(
    "looks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("incident", String(32), nullable=False, index=True),
    Column("camera", String(64), nullable=False),
    Column("home", String(64)),
    Column("grant_jti", String(64)),
    Column("scope", String(20), nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("asked", UtcTime, nullable=False),
    Column("answered", UtcTime),
    Column("outcome", String(20)),
    Column("reason", String(64)),
    Column("sha256", String(43)),
    Column("length", Integer),
    # When a stream's lease ends, renewed while it runs; and how long it ran, when it is over.
    Column("until", UtcTime),
    Column("seconds", Integer),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("index", _Number, primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False, index=True),
    Column("time", UtcTime, nullable=False, index=True),
    Column("actor", String(64), nullable=False, index=True),
    Column("home", String(64), index=True),
    Column("hash", LargeBinary(32), nullable=False),
    Column("data", LargeBinary, nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", _Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("digest", String(43), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("first", UtcTime, nullable=False),
    Column("document", Text, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("home", String(64), nullable=False, index=True),
    Column("camera", String(64), nullable=False),
    Column("look", String(64), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("entry", _Number, nullable=False),
    Column("made", UtcTime, nullable=False),
)

registrations = Table(
    "registrations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("state", String(20), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("address", String(200), nullable=False),
    Column("email", String(254)),
    Column("phone", String(40)),
    Column("site", String(20), nullable=False),
    Column("cameras", Integer),
    Column("note", String(1000), nullable=False),
    Column("language", String(2), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("link", String(64), unique=True),
    Column("link_ends", UtcTime),
    Column("confirmed", UtcTime),
    Column("decided", UtcTime),
    Column("code", String(64)),
)

pictures = Table(
    "pictures",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("look", String(64), nullable=False, unique=True),
    Column("incident", String(32), nullable=False, index=True),
    Column("camera", String(64), nullable=False),
    Column("home", String(64), nullable=False, index=True),
    Column("looked_by", String(40), nullable=False),
    Column("attached_by", String(40), nullable=False),
    Column("attached", UtcTime, nullable=False),
    Column("received", UtcTime, nullable=False),
    Column("still", String(10), nullable=False),
    Column("content_type", String(40), nullable=False),
    Column("length", Integer, nullable=False),
    Column("sha256", String(43), nullable=False),
    Column("reply", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("incident", String(32), nullable=False, index=True),
    Column("decision", String(20), nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("radius_m", Float),
    Column("long", Boolean, nullable=False),
    Column("pseudonym", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("cause", String(20), nullable=False),
    Column("key", String(200), nullable=False, unique=True),
    Column("subject", String(40)),
    Column("incident", String(32)),
    Column("filed", UtcTime, nullable=False, index=True),
    Column("due", UtcTime, nullable=False),
    Column("about", Text, nullable=False),
    Column("signed", UtcTime),
    Column("signed_by", String(40)),
    Column("finding", String(20)),
    Column("note", Text),
)

places = Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("detail", String(200), nullable=False),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
    Column("number", Integer),
    Column("key", Text, nullable=False),
    Column("words", Text, nullable=False),
)
