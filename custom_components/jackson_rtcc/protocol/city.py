"""The city document: who the hub is, and its rules in full."""

from dataclasses import dataclass

from .claims import Fields
from .documents import Policy, Waiver
from .keys import Jwk, from_jwk, thumbprint, to_jwk


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where homes connect by MQTT over TLS."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Who the hub is and what its rules are, as `GET /api/v1/city` tells."""

    name: str
    key: Jwk
    waiver: Waiver
    policy: Policy
    broker: Broker

    @property
    def hub(self) -> str:
        """Return the hub's id: the thumbprint of its key."""
        return thumbprint(from_jwk(self.key))

    @classmethod
    def parse(cls, value: object) -> City:
        """Read the city document.

        Raises:
            Rejected: `malformed` with the field that is out of shape.

        """
        fields = Fields(value)
        broker = fields.object("broker")
        return cls(
            name=fields.text("name", 100),
            key=to_jwk(from_jwk(fields.raw("key"))),
            waiver=Waiver.parse(fields.raw("waiver")),
            policy=Policy.parse(fields.raw("policy")),
            broker=Broker(host=broker.text("host", 253), port=broker.integer("port", 1, 65_535)),
        )
