"""Mosquitto's configuration: written here once, for the hub's child and for a city's service."""

from dataclasses import dataclass
from pathlib import Path

from hub.homes.authority import HUB, HUB_REPLIES, KeyPair
from hub.protocol.topics import ROOT

LARGEST_MESSAGE = 1_048_576

# Each line was measured or is a rule of trust.
_CONFIGURATION = """\
# Written by rtcc-hub for Mosquitto 2.0 and 2.1. Change the hub's configuration, not this file.
{user}listener {port}{bind}
tls_version tlsv1.3
cafile {ca}
certfile {certificate}
keyfile {key}
crlfile {crl}

# Who you are is what your certificate says, and nobody takes another's place.
allow_anonymous false
require_certificate true
use_identity_as_username true
use_username_as_clientid true
acl_file {acl}

# With Mosquitto's defaults a subscriber silently gets 1,020 of 50,000 retained grants.
max_queued_messages 0
max_inflight_messages 1000
# Without it a picture waits 40 ms for Nagle's algorithm.
set_tcp_nodelay true
message_size_limit {largest}
# Longer silences would break "not live within 60 s" when a home is cut off.
max_keepalive 30
# What waits for a hub that is away; homes publish their grants again by themselves.
persistent_client_expiration 1h
# The broker is disposable: homes publish again what they grant when they come back.
persistence false
sys_interval 0

log_dest stderr
log_timestamp false
log_type error
log_type warning
log_type notice
log_type information
connection_messages true
"""

_ACCESS = f"""\
# Written by rtcc-hub. %u is the name in the certificate: a home touches its own topics only.
pattern write {ROOT}/%u/presence
pattern write {ROOT}/%u/grants/+
pattern write {ROOT}/%u/alerts
pattern write {ROOT}/%u/replies/+
pattern read {ROOT}/%u/requests
pattern read {ROOT}/%u/receipts

user {HUB}
topic read {ROOT}/+/presence
topic read {ROOT}/+/grants/+
topic read {ROOT}/+/alerts
topic write {ROOT}/+/requests
topic write {ROOT}/+/receipts

user {HUB_REPLIES}
topic read {ROOT}/+/replies/+
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where Mosquitto finds what its configuration names."""

    acl: Path
    ca: Path
    crl: Path
    server: KeyPair


def access_list() -> str:
    """Return the ACL file: which topics a home and the hub may touch."""
    return _ACCESS


def configuration(files: Files, *, port: int, bind: str = "", user: str | None = None) -> str:
    """Return mosquitto.conf.

    `bind` is the address to listen on (all if empty). `user` is who to stay when started as root:
    a child of the hub must stay able to read the hub's private files.
    """
    return _CONFIGURATION.format(
        user=f"user {user}\n" if user else "",
        port=port,
        bind=f" {bind}" if bind else "",
        ca=files.ca,
        certificate=files.server.certificate,
        key=files.server.key,
        crl=files.crl,
        acl=files.acl,
        largest=LARGEST_MESSAGE,
    )
