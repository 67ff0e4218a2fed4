"""WebAuthn (fido2): what browsers are asked, and whether their answers can be believed."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fido2.cose import CoseKey, UnsupportedKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hub.operators.passkeys import NewPasskey
from hub.operators.secret import digest

# It tells every credential id.
logging.getLogger("fido2").setLevel(logging.WARNING)
_REQUIRED = UserVerificationRequirement.REQUIRED
_TIMEOUT_MS = 300_000


class Untrusted(Exception):  # noqa: N818 - a verdict on an answer, not a fault
    """A browser's answer that is not believed; the text says why, for the hub's own log."""


class WebAuthn:
    """One relying party: a domain, and the one origin whose pages may ask."""

    def __init__(self, rp_id: str, origin: str, name: str) -> None:
        """Take the domain, the origin, and the name that authenticators show."""
        self._server = Fido2Server(
            PublicKeyCredentialRpEntity(id=rp_id, name=name),
            verify_origin=lambda found: found == origin,
        )

    def creation(
        self, operator: str, name: str, known: Sequence[bytes], challenge: bytes
    ) -> dict[str, Any]:
        """Return what a browser needs to make a passkey: WebAuthn's options as JSON."""
        options, _ = self._server.register_begin(
            PublicKeyCredentialUserEntity(id=operator.encode(), name=name, display_name=name),
            credentials=[AttestedCredentialData(data) for data in known],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=_REQUIRED,
            challenge=challenge,
        )
        return _json(options.public_key)

    def request(self, known: Sequence[bytes], challenge: bytes) -> dict[str, Any]:
        """Return what a browser needs to show a passkey; with none `known`, any discoverable."""
        options, _ = self._server.authenticate_begin(
            [AttestedCredentialData(data) for data in known] or None,
            user_verification=_REQUIRED,
            challenge=challenge,
        )
        return _json(options.public_key)

    def registered(self, answer: Mapping[str, Any], challenge: bytes) -> NewPasskey:
        """Return the passkey that a browser made.

        Raises:
            Untrusted: if it did not make it here, now, and after verifying its user.

        """
        try:
            response = RegistrationResponse.from_dict(answer)
            self._same_page(response.response.client_data.cross_origin)
            found = self._server.register_complete(_state(challenge), response)
        except Untrusted:
            raise
        except Exception as err:
            # The library reads a stranger's bytes; whatever it stumbles over is not believed.
            raise Untrusted(f"{type(err).__name__}: {err}") from err
        credential = found.credential_data
        if credential is None or not _signs(credential.public_key):
            raise Untrusted("it holds no key of a kind that can be checked")
        return NewPasskey(passkey_id(credential.credential_id), bytes(credential), found.counter)

    def shown(
        self, answer: Mapping[str, Any], challenge: bytes, operator: str, data: bytes, counter: int
    ) -> int:
        """Return the counter of a passkey that a browser showed.

        Raises:
            Untrusted: if it is not this operator's, shown here, now, by its verified user.

        """
        try:
            response = AuthenticationResponse.from_dict(answer)
            self._same_page(response.response.client_data.cross_origin)
            self._server.authenticate_complete(
                _state(challenge), [AttestedCredentialData(data)], response
            )
            handle = response.response.user_handle
            count = response.response.authenticator_data.counter
        except Untrusted:
            raise
        except Exception as err:
            raise Untrusted(f"{type(err).__name__}: {err}") from err
        if handle is not None and handle != operator.encode():
            raise Untrusted("it names another operator")
        if not counter_grew(counter, count):
            raise Untrusted("its counter did not grow: there may be a copy of it")
        return count

    def _same_page(self, cross_origin: object) -> None:
        if cross_origin:
            raise Untrusted("another site's page asked for it")


def counter_grew(before: int, now: int) -> bool:
    """Tell whether a counter did what it must (WebAuthn 6.1.1); synced passkeys do not count."""
    return now > before or (now == 0 and before == 0)


def challenge_of(answer: Mapping[str, Any]) -> bytes:
    """Return the challenge that an answer says it is to.

    Raises:
        Untrusted: if it says none.

    """
    try:
        return RegistrationResponse.from_dict(answer).response.client_data.challenge
    except Exception:  # noqa: BLE001 - it may be the other kind of answer
        try:
            return AuthenticationResponse.from_dict(answer).response.client_data.challenge
        except Exception as err:
            raise Untrusted(f"{type(err).__name__}: {err}") from err


def passkey_of(answer: Mapping[str, Any]) -> str:
    """Return the id of the passkey that an answer says it is by.

    Raises:
        Untrusted: if it says none.

    """
    try:
        return passkey_id(AuthenticationResponse.from_dict(answer).raw_id)
    except Exception as err:
        raise Untrusted(f"{type(err).__name__}: {err}") from err


def passkey_id(credential: bytes) -> str:
    """Return the id by which the hub knows a credential."""
    return digest(credential)


def _state(challenge: bytes) -> dict[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": _REQUIRED}


def _signs(key: CoseKey) -> bool:
    return not isinstance(key, UnsupportedKey) and key.ALGORITHM in CoseKey.supported_algorithms()


def _json(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in options.items()} | {"timeout": _TIMEOUT_MS}


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(one) for one in value]
    return value
