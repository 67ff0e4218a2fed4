"""The home's identity: its signing key, and its TLS key with the city's certificate for it."""

import os
import ssl
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from .const import DOMAIN
from .protocol.keys import private_from_pem, private_to_pem
from .protocol.tokens import Signer

_VERSION = 1


class Stored(TypedDict):
    """The identity as it lies in the private store."""

    signing_key: str
    tls_key: str
    certificate: str
    ca: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The two private keys of a home; they are made here and never leave it."""

    signing: Ed25519PrivateKey
    tls: Ed25519PrivateKey

    @classmethod
    def make(cls) -> Keys:
        """Make both."""
        return cls(Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate())


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Keys and certificate of one enrolled home."""

    keys: Keys
    certificate: str
    ca: str

    @property
    def signer(self) -> Signer:
        """Return what signs this home's tokens."""
        return Signer(self.keys.signing)

    @property
    def valid(self) -> tuple[datetime, datetime]:
        """Return from when until when the certificate is valid."""
        certificate = x509.load_pem_x509_certificate(self.certificate.encode())
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc

    def renewed(self, tls: Ed25519PrivateKey, certificate: str) -> Identity:
        """Return the identity with a new certificate; the CA stays the one that the code pinned."""
        return replace(self, keys=replace(self.keys, tls=tls), certificate=certificate)


def certifies(certificate: str, key: Ed25519PrivateKey, ca: str) -> bool:
    """Tell whether a certificate is for this key and from this CA, and so can replace another."""
    try:
        read = x509.load_pem_x509_certificate(certificate.encode())
        read.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.encode()))
    except ValueError, TypeError, InvalidSignature:
        return False
    return read.public_key() == key.public_key()


def signing_request(key: Ed25519PrivateKey) -> str:
    """Return a certificate signing request in PEM; the city gives the name."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "home")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, None)
    return request.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _store(hass: HomeAssistant, home: str) -> Store[Stored]:
    return Store(hass, _VERSION, f"{DOMAIN}.{home}", private=True, atomic_writes=True)


async def load(hass: HomeAssistant, home: str) -> Identity | None:
    """Return the identity of a home, or None if its keys are not here (any more)."""
    if (stored := await _store(hass, home).async_load()) is None:
        return None
    return await hass.async_add_executor_job(_read, stored)


def _read(stored: Stored) -> Identity:
    return Identity(
        keys=Keys(private_from_pem(stored["signing_key"]), private_from_pem(stored["tls_key"])),
        certificate=stored["certificate"],
        ca=stored["ca"],
    )


async def save(hass: HomeAssistant, home: str, identity: Identity) -> None:
    """Keep the identity of a home."""
    await _store(hass, home).async_save(
        {
            "signing_key": private_to_pem(identity.keys.signing),
            "tls_key": private_to_pem(identity.keys.tls),
            "certificate": identity.certificate,
            "ca": identity.ca,
        }
    )


async def destroy(hass: HomeAssistant, home: str) -> None:
    """Delete the keys of a home for good."""
    await _store(hass, home).async_remove()


def tls_context(identity: Identity) -> ssl.SSLContext:
    """Return the context for the broker: this home's certificate, the city's CA and no other.

    Reads and writes files, because `ssl` takes a private key from a file only.
    """
    context = ssl.create_default_context(cadata=identity.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "home.pem")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(private_to_pem(identity.keys.tls) + identity.certificate)
        context.load_cert_chain(path)
    return context
