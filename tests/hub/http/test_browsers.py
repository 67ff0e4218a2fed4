"""The certificate for browsers, beside the one that homes verify."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hub.config import Http
from hub.data import DataFolder
from hub.errors import StartError
from hub.homes.authority import Authority, KeyPair
from hub.http.browsers import LIFE, browsers_pair, root_file

NAMES = {"localhost", "127.0.0.1"}
HERE = Http()


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


@asynccontextmanager
async def serving(*pairs: KeyPair) -> AsyncIterator[int]:
    """Serve as the hub does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for pair in pairs:
        context.load_cert_chain(pair.certificate, pair.key)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def shown(port: int, trusted: Path, limit: Callable[[ssl.SSLContext], None]) -> object:
    """Return the kind of key that a client is shown who trusts one CA."""
    context = ssl.create_default_context(cafile=str(trusted))
    limit(context)
    _, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return x509.load_der_x509_certificate(der).public_key()


def knows_no_ed25519(context: ssl.SSLContext) -> None:
    # Python 3.14 cannot leave out Ed25519 in TLS 1.3; the cipher of TLS 1.2 says it too.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES256-GCM-SHA384")


async def test_homes_are_shown_theirs_and_browsers_theirs(
    folder: DataFolder, authority: Authority, now: datetime
) -> None:
    homes = authority.server(NAMES, now)
    browsers = browsers_pair(folder, HERE, NAMES, now)
    root = root_file(folder, HERE)
    assert root is not None
    async with serving(homes, browsers) as port:
        home = await shown(port, authority.ca_file, lambda _: None)
        assert isinstance(home, Ed25519PublicKey)
        browser = await shown(port, root, knows_no_ed25519)
        assert isinstance(browser, rsa.RSAPublicKey)
        with pytest.raises(ssl.SSLCertVerificationError):
            await shown(port, authority.ca_file, knows_no_ed25519)


def test_it_is_kept_and_made_anew_in_time(folder: DataFolder, now: datetime) -> None:
    first = read(browsers_pair(folder, HERE, NAMES, now).certificate)
    later = now + LIFE - timedelta(days=92)
    assert read(browsers_pair(folder, HERE, NAMES, later).certificate) == first
    due = now + LIFE - timedelta(days=91)
    assert read(browsers_pair(folder, HERE, NAMES, due).certificate) != first


def test_other_names_need_another(folder: DataFolder, now: datetime) -> None:
    first = read(browsers_pair(folder, HERE, NAMES, now).certificate)
    pair = browsers_pair(folder, HERE, NAMES | {"rtcc.example.gov"}, now)
    assert read(pair.certificate) != first
    assert pair.key.stat().st_mode & 0o777 == 0o600


def test_nobody_can_sign_with_the_root(folder: DataFolder, now: datetime) -> None:
    browsers_pair(folder, HERE, NAMES, now)
    assert {path.name for path in (folder.path / "keys").glob("web*")} == {
        "web-ca.pem",
        "web.pem",
        "web.key",
    }
    root = read(folder.path / "keys/web-ca.pem")
    leaf_key = (folder.path / "keys/web.key").read_bytes()
    leaf = read(folder.path / "keys/web.pem")
    leaf.verify_directly_issued_by(root)
    assert root.public_key() != leaf.public_key()
    assert leaf_key.count(b"PRIVATE KEY") == 2


def test_the_citys_own_is_taken(folder: DataFolder, now: datetime, tmp_path: Path) -> None:
    made = browsers_pair(folder, HERE, NAMES, now)
    settings = Http(certificate=str(made.certificate), key=str(made.key))
    other = DataFolder.open(tmp_path / "other")
    assert browsers_pair(other, settings, NAMES, now) == made
    assert root_file(other, settings) is None


def test_the_citys_own_must_be_readable_and_for_rsa(
    folder: DataFolder, authority: Authority, now: datetime
) -> None:
    homes = authority.server(NAMES, now)
    settings = Http(certificate=str(homes.certificate), key=str(homes.key))
    with pytest.raises(StartError, match="RSA"):
        browsers_pair(folder, settings, NAMES, now)
    with pytest.raises(StartError, match="cannot be used"):
        browsers_pair(folder, Http(certificate="/nowhere", key="/nowhere"), NAMES, now)


def test_a_damaged_one_is_one_line(folder: DataFolder, now: datetime) -> None:
    browsers_pair(folder, HERE, NAMES, now).certificate.write_text("damaged")
    with pytest.raises(StartError, match="damaged"):
        browsers_pair(folder, HERE, NAMES, now)
