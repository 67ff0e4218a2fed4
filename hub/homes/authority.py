"""The hub's certificate authority: its key, what it signs, and the files that come of it."""

import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding

from hub.data import DataFolder
from hub.errors import StartError
from hub.homes.certificates import (
    HOME_LIFE,
    SERVER_LIFE,
    Issuer,
    Revoked,
    certificate_pem,
    client_certificate,
    names_in,
    revocation_list,
    self_signed,
    serial_text,
    server_certificate,
)
from hub.protocol.keys import private_from_pem, private_to_pem
from hub.protocol.tokens import Signer

HUB = "hub"
HUB_REPLIES = "hub-replies"
"""The broker's names for the hub's two connections."""

RENEW_BEFORE = SERVER_LIFE / 2
"""Servers' certificates are renewed at a start; a hub may well run for a year without one."""

_CA_KEY = "keys/ca.key"
_CA = "keys/ca.pem"
_HUB_KEY = "keys/hub.key"
_SERVER = "keys/server.pem"
_SERVER_KEY = "keys/server.key"
_CRL = "keys/crl.pem"


@dataclass(frozen=True, slots=True)
class HomeCertificate:
    """A certificate signed for a home."""

    pem: str
    serial: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """A certificate made for a server, with its key."""

    pem: str
    key_pem: str
    ends: datetime


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its key, as files in PEM form."""

    certificate: Path
    key: Path


class Authority:
    """Signs for the hub's servers, the hub's own connections and the homes."""

    def __init__(self, folder: DataFolder, issuer: Issuer) -> None:
        """Take what `open` read."""
        self._folder = folder
        self._issuer = issuer

    @classmethod
    def open(cls, folder: DataFolder, city: str, now: datetime) -> Self:
        """Read the CA from the data folder, or make it if there is none.

        Raises:
            StartError: if a file is damaged, or only one of the two is there.

        """
        with folder.changed():
            key_pem, pem = folder.read(_CA_KEY), folder.read(_CA)
            if key_pem is None and pem is not None:
                raise StartError(f"{folder.path / _CA_KEY} is missing, but {_CA} is there")
            if key_pem is None:
                key_pem = private_to_pem(Ed25519PrivateKey.generate())
                folder.write(_CA_KEY, key_pem)
            key = _private_key(folder, _CA_KEY, key_pem)
            if pem is None:
                pem = certificate_pem(self_signed(key, f"Jackson RTCC hub of {city}"[:64], now))
                folder.write(_CA, pem)
        certificate = _certificate(folder, _CA, pem)
        if certificate.public_key() != key.public_key():
            raise StartError(f"{folder.path / _CA} does not belong to {_CA_KEY}")
        return cls(folder, Issuer(certificate, key))

    @property
    def pem(self) -> str:
        """Return the CA's certificate in PEM form."""
        return certificate_pem(self._issuer.certificate)

    @property
    def der(self) -> bytes:
        """Return the CA's certificate in DER form, which an enrolment code pins."""
        return self._issuer.certificate.public_bytes(Encoding.DER)

    @property
    def ca_file(self) -> Path:
        """Return the file of the CA's certificate."""
        return self._folder.path / _CA

    @property
    def crl_file(self) -> Path:
        """Return the file of the revocation list."""
        return self._folder.path / _CRL

    def server(self, names: Iterable[str], now: datetime) -> KeyPair:
        """Return the servers' certificate, made anew if it ends soon or is for other names."""
        wanted = frozenset(names)
        pem = self._folder.read(_SERVER)
        if pem is None or self._folder.read(_SERVER_KEY) is None:
            renew = True
        else:
            certificate = _certificate(self._folder, _SERVER, pem)
            renew = self._ends_soon(certificate, now) or names_in(certificate) != wanted
        if renew:
            new = self.new_server(wanted, now)
            self._folder.write(_SERVER_KEY, new.key_pem)
            self._folder.write(_SERVER, new.pem)
        return KeyPair(self._folder.path / _SERVER, self._folder.path / _SERVER_KEY)

    def new_server(self, names: Iterable[str], now: datetime) -> ServerCertificate:
        """Return a new certificate for servers under these names, with its key."""
        key = Ed25519PrivateKey.generate()
        certificate = server_certificate(self._issuer, key.public_key(), sorted(names), now)
        return ServerCertificate(
            certificate_pem(certificate), private_to_pem(key), certificate.not_valid_after_utc
        )

    def client(self, name: str, now: datetime) -> KeyPair:
        """Return a certificate for one of the hub's own connections to the broker."""
        certificate_file, key_file = f"keys/{name}.pem", f"keys/{name}.client.key"
        pem = self._folder.read(certificate_file)
        if (
            pem is None
            or self._folder.read(key_file) is None
            or self._ends_soon(_certificate(self._folder, certificate_file, pem), now)
        ):
            key = Ed25519PrivateKey.generate()
            certificate = client_certificate(self._issuer, key.public_key(), name, now, SERVER_LIFE)
            self._folder.write(key_file, private_to_pem(key))
            self._folder.write(certificate_file, certificate_pem(certificate))
        return KeyPair(self._folder.path / certificate_file, self._folder.path / key_file)

    def sign_home(
        self, key: Ed25519PublicKey, home: str, now: datetime, life: timedelta = HOME_LIFE
    ) -> HomeCertificate:
        """Return a certificate by which the broker knows a home."""
        certificate = client_certificate(self._issuer, key, home, now, life)
        return HomeCertificate(
            pem=certificate_pem(certificate),
            serial=serial_text(certificate),
            ends=certificate.not_valid_after_utc,
        )

    def write_crl(self, revoked: Iterable[Revoked], now: datetime) -> Path:
        """Write the revocation list and return its file."""
        return self._folder.write(_CRL, revocation_list(self._issuer, revoked, now))

    def _ends_soon(self, certificate: x509.Certificate, now: datetime) -> bool:
        return (
            certificate.not_valid_after_utc - now < RENEW_BEFORE
            or certificate.issuer != self._issuer.certificate.subject
        )


def open_hub_key(folder: DataFolder) -> Signer:
    """Return the hub's signing key, made at the first start; its `kid` is the hub's id.

    Raises:
        StartError: if the file is damaged.

    """
    with folder.changed():
        pem = folder.read(_HUB_KEY)
        if pem is None:
            key = Ed25519PrivateKey.generate()
            folder.write(_HUB_KEY, private_to_pem(key))
            return Signer(key)
    return Signer(_private_key(folder, _HUB_KEY, pem))


def client_context(ca: Path, pair: KeyPair) -> ssl.SSLContext:
    """Return the TLS side of a client that knows one CA and shows a certificate."""
    context = ssl.create_default_context(cafile=str(ca))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(pair.certificate, pair.key)
    return context


def local_names() -> frozenset[str]:
    """Return the names and addresses by which this machine is reached, as far as it knows."""
    names = {"localhost", "127.0.0.1", "::1"}
    host = socket.gethostname()
    if host and len(host) <= 253:  # noqa: PLR2004 - longest DNS name
        names.add(host.lower())
    with suppress(OSError):
        for *_, address in socket.getaddrinfo(host, None):
            names.add(str(address[0]).partition("%")[0])
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # Connecting a datagram socket sends nothing; it only chooses the outward address.
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((far, 9))
            names.add(str(probe.getsockname()[0]).partition("%")[0])
    return frozenset(names)


def _private_key(folder: DataFolder, name: str, pem: str) -> Ed25519PrivateKey:
    try:
        return private_from_pem(pem)
    except ValueError as err:
        raise StartError(f"{folder.path / name} is damaged: not a private key") from err


def _certificate(folder: DataFolder, name: str, pem: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError as err:
        raise StartError(f"{folder.path / name} is damaged: not a certificate") from err
