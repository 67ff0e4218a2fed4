"""The certificate for browsers, which know no Ed25519: the city's own, or one made here.

TLS offers it beside the homes' certificate. OpenSSL prefers Ed25519, so homes are not affected
as long as this one holds an RSA key.
"""

import ipaddress
import ssl
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.config import Http
from hub.data import DataFolder
from hub.errors import StartError
from hub.homes.authority import KeyPair
from hub.homes.certificates import BACKDATED, certificate_pem, names_in

LIFE = timedelta(days=800)
"""Browsers believe none that lives longer than 825 days."""
_RENEW_BEFORE = timedelta(days=90)
_BITS = 2048
_ROOT, _CERTIFICATE, _KEY = "keys/web-ca.pem", "keys/web.pem", "keys/web.key"


def browsers_pair(
    folder: DataFolder, settings: Http, names: Iterable[str], now: datetime
) -> KeyPair:
    """Return the certificate for browsers and its key.

    Raises:
        StartError: if the city's own cannot be read, or is not for RSA.

    """
    if settings.certificate:
        pair = KeyPair(Path(settings.certificate), Path(settings.key))
        _check(pair)
        return pair
    wanted = frozenset(names)
    pem = folder.read(_CERTIFICATE)
    if pem is None or folder.read(_KEY) is None or not _good(folder, pem, wanted, now):
        _make(folder, wanted, now)
    return KeyPair(folder.path / _CERTIFICATE, folder.path / _KEY)


def root_file(folder: DataFolder, settings: Http) -> Path | None:
    """Return what to install in operators' browsers, or None if the city has its own."""
    return None if settings.certificate else folder.path / _ROOT


def _check(pair: KeyPair) -> None:
    try:
        found = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(pair.certificate, pair.key)
    except (OSError, ValueError) as err:
        raise StartError(f"http.certificate and http.key cannot be used: {err}") from err
    if not isinstance(found.public_key(), rsa.RSAPublicKey):
        raise StartError(
            f"http.certificate {pair.certificate} must be for an RSA key: another would be shown"
            " to homes in place of the hub's own"
        )


def _good(folder: DataFolder, pem: str, wanted: frozenset[str], now: datetime) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as err:
        raise StartError(f"{folder.path / _CERTIFICATE} is damaged: {err}") from err
    ends = certificate.not_valid_after_utc
    return names_in(certificate) == wanted and ends - now > _RENEW_BEFORE


def _make(folder: DataFolder, names: frozenset[str], now: datetime) -> None:
    # The root's key is forgotten at once: nobody can ever sign for another site with it.
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = rsa.generate_private_key(65_537, _BITS)
    root = (
        _builder("Jackson RTCC hub, for browsers", root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(root=True), critical=True)
        .sign(root_key, SHA256())
    )
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    certificate = (
        _builder("Jackson RTCC hub", key.public_key(), now, root.subject)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(root=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(one) for one in sorted(names)]),
            critical=False,
        )
        .add_extension(authority, critical=False)
        .sign(root_key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    folder.write(_KEY, pem)
    folder.write(_ROOT, certificate_pem(root))
    folder.write(_CERTIFICATE, certificate_pem(certificate))


def _builder(
    name: str,
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
    now: datetime,
    issuer: x509.Name | None = None,
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now - BACKDATED + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not root,
        key_cert_sign=root,
        crl_sign=root,
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
