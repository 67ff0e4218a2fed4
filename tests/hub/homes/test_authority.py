"""The CA: made once, kept, and signing only what it should."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hub.data import DataFolder
from hub.errors import StartError
from hub.homes.authority import Authority, local_names, open_hub_key
from hub.homes.certificates import Revoked, key_of_csr, names_in
from hub.protocol.errors import Reason, Rejected
from hub.protocol.keys import private_to_pem
from tests.hub.conftest import csr_for

YEAR = timedelta(days=365)


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_it_is_made_once(folder: DataFolder, authority: Authority, now: datetime) -> None:
    again = Authority.open(folder, "Another name", now + YEAR)
    assert again.pem == authority.pem
    assert again.der == authority.der
    assert again.ca_file.read_text() == authority.pem
    assert open_hub_key(folder).kid == open_hub_key(folder).kid


def test_a_first_start_that_was_cut_off_is_finished(folder: DataFolder, now: datetime) -> None:
    folder.write("keys/ca.key", private_to_pem(Ed25519PrivateKey.generate()))
    made = Authority.open(folder, "Jackson", now)
    assert Authority.open(folder, "Jackson", now).pem == made.pem


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("ca.key", "rubbish", "ca.key is damaged"),
        ("ca.key", "näh", "ca.key is damaged"),
        ("ca.pem", "rubbish", "ca.pem is damaged"),
        ("ca.key", None, "ca.key is missing"),
        ("ca.key", private_to_pem(Ed25519PrivateKey.generate()), "does not belong to"),
    ],
)
def test_damaged_files_are_one_line(
    folder: DataFolder,
    authority: Authority,
    now: datetime,
    name: str,
    content: str | None,
    says: str,
) -> None:
    path = folder.path / "keys" / name
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    with pytest.raises(StartError, match=says):
        Authority.open(folder, "Jackson", now)


def test_a_damaged_hub_key_is_one_line(folder: DataFolder) -> None:
    folder.write("keys/hub.key", "rubbish")
    with pytest.raises(StartError, match=r"hub\.key is damaged"):
        open_hub_key(folder)


def test_the_servers_certificate_is_renewed_when_it_must(
    authority: Authority, now: datetime
) -> None:
    names = ["localhost", "127.0.0.1", "::1", "rtcc.example"]
    first = read(authority.server(names, now).certificate)
    assert names_in(first) == set(names)
    assert read(authority.server(reversed(names), now + YEAR / 2).certificate) == first
    assert read(authority.server(names, now + 1.1 * YEAR).certificate) != first
    other = read(authority.server(names[:2], now).certificate)
    assert names_in(other) == {"localhost", "127.0.0.1"}


def test_the_hubs_own_certificate_is_renewed_when_it_must(
    authority: Authority, now: datetime
) -> None:
    first = read(authority.client("hub", now).certificate)
    assert read(authority.client("hub", now + YEAR / 2).certificate) == first
    pair = authority.client("hub", now + 1.1 * YEAR)
    assert read(pair.certificate) != first
    pair.key.unlink()
    assert read(authority.client("hub", now + 1.1 * YEAR).certificate) != first


def test_a_homes_certificate_says_its_id_and_nothing_that_the_home_wrote(
    authority: Authority, now: datetime
) -> None:
    key = Ed25519PrivateKey.generate()
    signed = authority.sign_home(key_of_csr(csr_for(key, "hub")), "a1" * 8, now)
    certificate = x509.load_pem_x509_certificate(signed.pem.encode())
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "a1" * 8
    assert certificate.public_key() == key.public_key()
    assert signed.ends == certificate.not_valid_after_utc == now + timedelta(days=90)
    assert int(signed.serial, 16) == certificate.serial_number
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert not constraints.ca
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.pem.encode()))


def a_csr_of_another_kind() -> str:
    name = x509.Name([])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = builder.sign(generate_private_key(SECP256R1()), SHA256())
    return signed.public_bytes(Encoding.PEM).decode()


def a_csr_without_possession() -> str:
    key = Ed25519PrivateKey.generate()
    der = bytearray(x509.load_pem_x509_csr(csr_for(key).encode()).public_bytes(Encoding.DER))
    der[-1] ^= 1
    return x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("csr", "says"),
    [
        ("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n", "not a certificate signing request"),
        ("ä", "not a certificate signing request"),
        (a_csr_of_another_kind(), "not for an Ed25519 key"),
        (a_csr_without_possession(), "not signed by the key"),
    ],
    ids=["rubbish", "not ASCII", "another kind of key", "no proof of possession"],
)
def test_a_bad_csr_is_refused(csr: str, says: str) -> None:
    with pytest.raises(Rejected, match=says) as caught:
        key_of_csr(csr)
    assert caught.value.reason is Reason.MALFORMED


def test_the_revocation_list_is_signed_and_grows(authority: Authority, now: datetime) -> None:
    ca = x509.load_pem_x509_certificate(authority.pem.encode())
    for serials in ([], ["a1"], ["a1", "b2"]):
        path = authority.write_crl([Revoked(serial, now) for serial in serials], now)
        found = x509.load_pem_x509_crl(path.read_bytes())
        assert found.is_signature_valid(ca.public_key())  # type: ignore[arg-type]
        assert [f"{entry.serial_number:x}" for entry in found] == serials
        assert path == authority.crl_file


def test_this_machine_knows_its_own_names() -> None:
    assert {"localhost", "127.0.0.1", "::1"} <= local_names()
