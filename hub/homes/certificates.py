"""X.509 as the hub writes it: what a certificate of each kind says, and the revocation list."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.protocol.claims import malformed

CA_LIFE = timedelta(days=20 * 365)
SERVER_LIFE = timedelta(days=2 * 365)
HOME_LIFE = timedelta(days=90)
# OpenSSL refuses every client once the list is past its next update. It is written again at
# every start and change, so the date is only a far limit.
CRL_LIFE = timedelta(days=10 * 365)
BACKDATED = timedelta(days=1)
"""A home whose clock is behind must still be able to tell its owner so, over TLS."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """A CA's certificate and key."""

    certificate: x509.Certificate
    key: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Revoked:
    """A certificate that may not be used any more."""

    serial: str
    since: datetime


def serial_text(certificate: x509.Certificate) -> str:
    """Return the serial number in hex, as the database keeps it."""
    return f"{certificate.serial_number:x}"


def certificate_pem(certificate: x509.Certificate) -> str:
    """Write a certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def self_signed(key: Ed25519PrivateKey, name: str, now: datetime) -> x509.Certificate:
    """Return the root certificate of a CA that signs nothing but end certificates."""
    return (
        _certificate(_name(name), _name(name), key.public_key(), now, CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, None)
    )


def server_certificate(
    issuer: Issuer,
    key: Ed25519PublicKey,
    names: Iterable[str],
    now: datetime,
) -> x509.Certificate:
    """Return a certificate for a server that is reached under `names` (host names, addresses)."""
    return (
        _end_certificate(issuer.certificate, "Jackson RTCC hub", key, now, SERVER_LIFE)
        .add_extension(x509.SubjectAlternativeName(map(_general_name, names)), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(issuer.key, None)
    )


def client_certificate(
    issuer: Issuer,
    key: Ed25519PublicKey,
    name: str,
    now: datetime,
    life: timedelta,
) -> x509.Certificate:
    """Return a certificate by which the broker knows its holder as `name`."""
    return (
        _end_certificate(issuer.certificate, name, key, now, life)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(issuer.key, None)
    )


def key_of_csr(pem: str) -> Ed25519PublicKey:
    """Return the key that a CSR asks for; its signature proves possession, the rest is ignored.

    Raises:
        Rejected: `malformed` if it is not a CSR, not signed by its key, or not for Ed25519.

    """
    try:
        csr = x509.load_pem_x509_csr(pem.encode("ascii"))
        key = csr.public_key()
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion) as err:
        raise malformed("csr is not a certificate signing request") from err
    if not isinstance(key, Ed25519PublicKey):
        raise malformed("the CSR is not for an Ed25519 key")
    try:
        key.verify(csr.signature, csr.tbs_certrequest_bytes)
    except InvalidSignature as err:
        raise malformed("the CSR is not signed by the key it is for") from err
    return key


def names_in(certificate: x509.Certificate) -> frozenset[str]:
    """Return the host names and addresses that a server certificate is for."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return frozenset(str(name.value) for name in names)


def revocation_list(issuer: Issuer, revoked: Iterable[Revoked], now: datetime) -> bytes:
    """Return the signed list of revoked certificates in PEM form."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - BACKDATED)
        .next_update(now + CRL_LIFE)
        .add_extension(_authority_key(issuer.certificate), critical=False)
        .add_extension(x509.CRLNumber(int(now.timestamp() * 1000)), critical=False)
    )
    for entry in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(int(entry.serial, 16))
            .revocation_date(entry.since)
            .build()
        )
    return builder.sign(issuer.key, None).public_bytes(Encoding.PEM)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: Ed25519PublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
    )


def _end_certificate(
    ca: x509.Certificate, subject: str, key: Ed25519PublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    # Python's default context verifies strictly (RFC 5280): both key identifiers must be there.
    return (
        _certificate(_name(subject), ca.subject, key, now, life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_authority_key(ca), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _authority_key(ca: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
        ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
