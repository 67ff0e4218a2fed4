"""Consent records: signed, complete, and of one home for one hub."""

from dataclasses import replace
from typing import Any

import pytest

from hub.protocol import consent
from hub.protocol.city import City
from hub.protocol.consent import State
from hub.protocol.errors import Reason, Rejected
from hub.protocol.keys import to_jwk
from tests.protocol.samples import CONSENT, HOME, HOME_ID, HOME_KEY, HUB, NOW, POLICY, WAIVER


def read(token: str) -> consent.SignedConsent:
    return consent.verify_consent(token, HOME_KEY, HOME_ID, HUB.kid, NOW)


@pytest.mark.parametrize("state", State)
def test_a_consent_comes_back_as_it_was(state: State) -> None:
    signed = consent.sign_consent(HOME, replace(CONSENT, state=state))
    assert read(signed.token) == signed


def test_a_record_has_the_sections_of_the_standard() -> None:
    record: Any = consent.record(CONSENT)
    assert set(record) == {
        "record_metadata",
        "pii_processing",
        "party_identification",
        "event",
    }
    assert record["record_metadata"]["schema_version"] == "ISO/IEC TS 27560:2023"
    assert record["event"] == {
        "event_time": "2026-07-01T18:00:00+00:00",
        "event_type": "explicit",
        "event_state": "given",
    }
    (purpose,) = record["pii_processing"]["purposes"]
    assert purpose["lawful_basis"] == "consent"
    assert purpose["withdrawal_method"]


@pytest.mark.parametrize("changes", [{"principal": "another"}, {"hub": "another"}])
def test_a_record_is_of_one_home_for_one_hub(changes: dict[str, Any]) -> None:
    other = replace(CONSENT, **changes)
    claims = {"iss": HOME_ID, "aud": HUB.kid, "jti": CONSENT.id, "iat": 0, "exp": 0}
    seconds = int(NOW.timestamp())
    token = HOME.sign(
        consent.CONSENT,
        claims | {"iat": seconds, "exp": seconds + 60, "record": consent.record(other)},
    )
    with pytest.raises(Rejected) as refused:
        read(token)
    assert refused.value.reason is Reason.MALFORMED


def test_accepting_names_the_rules_of_the_city() -> None:
    city = City.parse(
        {
            "name": "Jackson",
            "key": to_jwk(HUB.key.public_key()),
            "waiver": WAIVER,
            "policy": POLICY,
            "broker": {"host": "hub.example", "port": 8883},
        }
    )
    given = consent.accepted(
        city, id_="c1", principal=HOME_ID, name="Ada López", language="es", now=NOW
    )
    assert given.hub == HUB.kid
    assert (given.waiver.digest, given.waiver.version) == (city.waiver.digest, "2026-1")
    assert (given.policy.digest, given.policy.version) == (city.policy.digest, "2026-1")
    assert read(consent.sign_consent(HOME, given).token).consent == given
