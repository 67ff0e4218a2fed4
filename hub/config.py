"""The hub's configuration: sensible without any, a TOML file, and the environment above it."""

import os
import socket
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

import msgspec
from msgspec import Meta, Struct

from hub.errors import StartError
from hub.protocol.vocabulary import Role

PREFIX = "RTCC_"
DATA_FOLDER = "rtcc-data"
_MOST_URLS = 8

type Port = Annotated[int, Meta(ge=0, le=65_535)]
type Host = Annotated[str, Meta(max_length=253)]
type StunUrl = Annotated[str, Meta(pattern=r"^stuns?:[A-Za-z0-9.:[\]-]+$", max_length=200)]
type TurnUrl = Annotated[
    str,
    Meta(pattern=r"^turns?:[A-Za-z0-9.:[\]-]+(\?transport=(udp|tcp))?$", max_length=200),
]

type MapHost = Annotated[
    str, Meta(pattern=r"^https://[A-Za-z0-9.*-]+(:[0-9]{1,5})?$", max_length=200)
]


class City(Struct, frozen=True, forbid_unknown_fields=True):
    """Who the hub belongs to."""

    name: Annotated[str, Meta(min_length=1, max_length=100)] = "Jackson"


class Http(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the hub serves HTTPS. Port 0 is any free one."""

    bind: Host = ""
    port: Port = 8443
    names: tuple[Annotated[str, Meta(min_length=1, max_length=253)], ...] = ()
    certificate: str = ""
    key: str = ""


class Broker(Struct, frozen=True, forbid_unknown_fields=True):
    """The MQTT broker: the hub's own child, or one that the city runs."""

    mode: Literal["embedded", "external"] = "embedded"
    bind: Host = ""
    host: Host = "127.0.0.1"
    port: Port = 8883
    public_host: Host = ""
    reload: tuple[str, ...] = ()
    crl: str = ""


class Database(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the hub keeps what it knows."""

    url: str = ""


class Documents(Struct, frozen=True, forbid_unknown_fields=True):
    """The city's own rules, in place of the packaged ones."""

    waiver: str = ""
    policy: str = ""


class Oidc(Struct, frozen=True, forbid_unknown_fields=True):
    """The city's own sign-in (OpenID Connect), beside passkeys; off without an issuer."""

    issuer: Annotated[
        str, Meta(pattern=r"^(|https://.+|http://(localhost|127\.0\.0\.1)[:/].*)$")
    ] = ""
    client_id: Annotated[str, Meta(max_length=200)] = ""
    client_secret_file: str = ""
    role_claim: str = ""
    roles: dict[str, Role] = {}
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what would let a password in."""
        if self.issuer and not self.client_id:
            raise ValueError("name the hub's client_id at the provider")
        if self.issuer and not self.acr and not self.amr:
            raise ValueError(
                "name the values of acr or amr by which the provider says that the sign-in"
                " resisted phishing"
            )


class Operators(Struct, frozen=True, forbid_unknown_fields=True):
    """How operators sign in."""

    rp_id: Host = ""
    origin: Annotated[str, Meta(pattern=r"^(https://[^/]+/?)?$")] = ""
    banner: Annotated[str, Meta(max_length=4000)] = ""
    idle_minutes: Annotated[int, Meta(ge=1, le=30)] = 30
    sign_in_links: bool = False
    oidc: Oidc = Oidc()


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """How much is answered; more waits. Of an address, and of a session or a token."""

    requests_per_second: Annotated[int, Meta(ge=1)] = 500
    sign_ins_per_minute: Annotated[int, Meta(ge=1)] = 20


class Mail(Struct, frozen=True, forbid_unknown_fields=True):
    """The city's mail server, for letters to those who register; off without a host."""

    host: Host = ""
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: Annotated[str, Meta(max_length=200)] = ""
    password_file: str = ""
    ca: str = ""
    sender: Annotated[str, Meta(pattern=r"^(|[^\s@<>]+@[^\s@<>]+)$")] = msgspec.field(
        default="", name="from"
    )


def _few(urls: tuple[str, ...]) -> None:
    if len(urls) > _MOST_URLS:
        raise ValueError(f"name at most {_MOST_URLS} addresses")


class Turn(Struct, frozen=True, forbid_unknown_fields=True):
    """The city's relay for live video (coturn); off without addresses."""

    urls: tuple[TurnUrl, ...] = ()
    secret: Annotated[str, Meta(pattern=r"^[!-~]*$", max_length=200)] = ""
    secret_file: str = ""
    realm: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,127}$")] = "rtcc"
    seconds: Annotated[int, Meta(ge=60, le=86_400)] = 600

    def __post_init__(self) -> None:
        """Refuse what no home would take, and what says two things."""
        _few(self.urls)
        if self.secret and self.secret_file:
            raise ValueError("name the secret or its file, not both")


class Stun(Struct, frozen=True, forbid_unknown_fields=True):
    """Servers that tell each side of a stream its own public address."""

    urls: tuple[StunUrl, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no home would take."""
        _few(self.urls)


class Streams(Struct, frozen=True, forbid_unknown_fields=True):
    """How the hub answers players."""

    strict_etag: bool = False


class Map(Struct, frozen=True, forbid_unknown_fields=True):
    """The map under the operators' console: a file of the city's, or a style elsewhere."""

    file: str = ""
    style: Annotated[
        str, Meta(pattern=r"^(https://[^\s/;,'\"]+/[^\s;,'\"]*)?$", max_length=500)
    ] = ""
    hosts: tuple[MapHost, ...] = ()
    lat: Annotated[float, Meta(ge=-90, le=90)] = 32.2988
    lon: Annotated[float, Meta(ge=-180, le=180)] = -90.1848

    def __post_init__(self) -> None:
        """Refuse what says two things."""
        if self.file and self.style:
            raise ValueError("name the map's file or its style, not both")
        _few(self.hosts)


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """The units' system, which takes what operators tell them; off without an address."""

    url: Annotated[str, Meta(pattern=r"^(|https?://[^\s]+)$", max_length=500)] = ""
    secret: Annotated[str, Meta(pattern=r"^(|[!-~]{16,200})$")] = ""

    def __post_init__(self) -> None:
        """Refuse to send what nobody could check."""
        if self.url and not self.secret:
            raise ValueError("name the secret that messages are signed with")


class Witness(Struct, frozen=True, forbid_unknown_fields=True):
    """A second party that signs the access log's checkpoints (C2SP tlog-witness)."""

    name: Annotated[str, Meta(min_length=1, max_length=100, pattern=r"^[!-*,-<>-~]+$")]
    key: Annotated[str, Meta(min_length=43, max_length=44)]
    url: Annotated[str, Meta(pattern=r"^https?://[^\s]+$", max_length=500)]


class Log(Struct, frozen=True, forbid_unknown_fields=True):
    """What the hub says about its work, and who signs the access log with it."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json: bool = False
    witnesses: tuple[Witness, ...] = ()


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """All of the configuration; hub/config.example.toml explains every key."""

    city: City = City()
    http: Http = Http()
    broker: Broker = Broker()
    database: Database = Database()
    documents: Documents = Documents()
    operators: Operators = Operators()
    limits: Limits = Limits()
    mail: Mail = Mail()
    stun: Stun = Stun()
    turn: Turn = Turn()
    streams: Streams = Streams()
    webhook: Webhook = Webhook()
    map: Map = Map()
    log: Log = Log()


def read_config(path: Path | None, environment: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration of a file, if there is one, with the environment above it.

    Raises:
        StartError: naming the file or the variable, and the key; one clear line.

    """
    values = {} if path is None else _read(path)
    _convert(values, str(path))
    for variable, text in sorted(environment.items()):
        section, _, key = variable.removeprefix(PREFIX).lower().partition("__")
        if not variable.startswith(PREFIX) or not key:
            continue
        values.setdefault(section, {})[key] = _value(variable, section, key, text)
    return _convert(values, "the environment")


def data_folder(argument: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Return where the data folder is: the argument, $RTCC_DATA, or a folder here."""
    return Path(argument or environment.get("RTCC_DATA") or DATA_FOLDER)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as err:
        raise StartError(f"cannot read the configuration {path}: {err.strerror}") from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as err:
        raise StartError(f"the configuration {path} is not TOML: {err}") from err


def _value(variable: str, section: str, key: str, text: str) -> object:
    sections = {field.name: field.type for field in msgspec.structs.fields(Config)}
    if section not in sections:
        raise StartError(f"{variable}: there is no section {section}")
    keys = {field.encode_name: field.type for field in msgspec.structs.fields(sections[section])}
    if key not in keys:
        raise StartError(f"{variable}: there is no key {section}.{key}")
    if get_origin(keys[key]) is tuple:
        return [item.strip() for item in text.split(",") if item.strip()]
    try:
        return msgspec.convert(text, keys[key], strict=False)
    except msgspec.ValidationError as err:
        raise StartError(f"{variable}: {err}") from err


def _convert(values: dict[str, Any], source: str) -> Config:
    try:
        return msgspec.convert(values, Config)
    except msgspec.ValidationError as err:
        what, _, where = str(err).partition(" - at `$")
        key = where.strip("`.")
        raise StartError(f"the configuration {source}: {f'{key}: ' if key else ''}{what}") from err


def public_name(config: Config) -> str:
    """Return the name or address to print for others to reach this hub by."""
    if config.http.names:
        return config.http.names[0]
    if config.http.bind not in ("", "0.0.0.0", "::"):  # noqa: S104
        return config.http.bind
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Connecting a datagram socket sends nothing; it only chooses the outward address.
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
    return "127.0.0.1"
