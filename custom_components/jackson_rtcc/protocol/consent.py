"""Consent records: what an owner accepted or withdrew, signed, with ISO/IEC TS 27560's fields.

The record is what an owner keeps and can show; the hub keeps the same token. A token's `exp` is
only for its way to the hub: a record that was taken stays good until another one replaces it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .city import City
from .claims import Fields, malformed
from .tokens import Signer, Verifier, check_parties, check_times, envelope

CONSENT = "rtcc-consent+jwt"
DELIVERY_LIFE = timedelta(minutes=10)
SCHEMA = "ISO/IEC TS 27560:2023"
PURPOSE = "Looks through shared cameras by the city's Real Time Command Center for open incidents"
CATEGORIES = ("still pictures", "live video without sound", "recorded clips without sound", "place")
RETENTION = "Nothing is kept unless an operator attaches it to an incident"
WITHDRAWAL = "Remove the integration, or use its withdraw action, at any time"


class State(StrEnum):
    """What the record says: TS 27560 calls it the event state."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that was shown: its version, and its hash in canonical form."""

    version: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One event of an owner's consent. `principal` is the home's id, or at enrolment its key's."""

    id: str
    principal: str
    hub: str
    city: str
    state: State
    name: str
    language: str
    waiver: Document
    policy: Document
    at: datetime


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """A consent, and the token that proves it."""

    consent: Consent
    token: str


def accepted(
    city: City, *, id_: str, principal: str, name: str, language: str, now: datetime
) -> Consent:
    """Return the consent of an owner who accepts the city's rules as they are now."""
    return Consent(
        id=id_,
        principal=principal,
        hub=city.hub,
        city=city.name,
        state=State.GIVEN,
        name=name,
        language=language,
        waiver=Document(version=city.waiver.version, digest=city.waiver.digest),
        policy=Document(version=city.policy.version, digest=city.policy.digest),
        at=now,
    )


def record(consent: Consent) -> dict[str, object]:
    """Return the consent record with the sections and fields of TS 27560."""
    return {
        "record_metadata": {
            "schema_version": SCHEMA,
            "record_id": consent.id,
            "pii_principal_id": consent.principal,
        },
        "pii_processing": {
            "privacy_notice": {
                "version": consent.waiver.version,
                "sha256": consent.waiver.digest,
                "language": consent.language,
            },
            "rules": {"version": consent.policy.version, "sha256": consent.policy.digest},
            "purposes": [
                {
                    "purpose": PURPOSE,
                    "lawful_basis": "consent",
                    "pii_categories": list(CATEGORIES),
                    "retention": RETENTION,
                    "withdrawal_method": WITHDRAWAL,
                }
            ],
        },
        "party_identification": {
            "pii_controller": {"name": consent.city, "key": consent.hub},
            "pii_principal": {"name": consent.name},
        },
        "event": {
            "event_time": consent.at.isoformat(),
            "event_type": "explicit",
            "event_state": consent.state,
        },
    }


def sign_consent(signer: Signer, consent: Consent) -> SignedConsent:
    """Return the consent with its record as a token signed by the home."""
    token = signer.sign(
        CONSENT,
        envelope(consent.principal, consent.hub, consent.id, consent.at, consent.at + DELIVERY_LIFE)
        | {"record": record(consent)},
    )
    return SignedConsent(consent, token)


def verify_consent(
    token: str, verifier: Verifier, principal: str, hub: str, now: datetime
) -> SignedConsent:
    """Read a consent record and prove that the home signed it.

    Raises:
        Rejected: with the reason that applies first.

    """
    claims = verifier.verify(token, CONSENT)
    check_parties(claims, principal, hub)
    issued, _ = check_times(claims, now, DELIVERY_LIFE)
    consent = read_record(claims.mapping("record"), issued)
    if (consent.id, consent.principal, consent.hub) != (claims.identifier("jti"), principal, hub):
        raise malformed("the record is not the one that its token speaks of")
    return SignedConsent(consent, token)


def read_record(value: Mapping[str, object], at: datetime) -> Consent:
    """Read a consent record; what TS 27560 has and we always write alike is not read.

    Raises:
        Rejected: `malformed` with the field that is out of shape.

    """
    fields = Fields(dict(value))
    processing, parties = fields.object("pii_processing"), fields.object("party_identification")
    metadata, notice = fields.object("record_metadata"), processing.object("privacy_notice")
    rules, controller = processing.object("rules"), parties.object("pii_controller")
    return Consent(
        id=metadata.identifier("record_id"),
        principal=metadata.identifier("pii_principal_id"),
        hub=controller.text("key"),
        city=controller.text("name", 100),
        state=fields.object("event").choice("event_state", State),
        name=parties.object("pii_principal").text("name", 100),
        language=notice.text("language", 20),
        waiver=Document(version=notice.text("version", 40), digest=notice.text("sha256")),
        policy=Document(version=rules.text("version", 40), digest=rules.text("sha256")),
        at=at,
    )
