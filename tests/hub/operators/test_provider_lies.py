"""A provider, or someone in its place, that lies: what it says is not believed."""

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from hub.config import Oidc
from hub.operators.provider import Provider, ProviderError

CLIENT = "jackson-rtcc"
NOW = datetime.now(UTC)


def key_pair(kid: str) -> tuple[ec.EllipticCurvePrivateKey, dict[str, Any]]:
    key = ec.generate_private_key(ec.SECP256R1())
    return key, ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid}


@dataclass
class Liar:
    """A provider whose every word a test can change."""

    issuer: str = ""
    key: ec.EllipticCurvePrivateKey = field(init=False)
    keys: dict[str, Any] = field(init=False)
    facts: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=lambda: {"kid": "one"})
    answer: Callable[[], web.StreamResponse] | None = None
    asked: list[dict[str, str]] = field(default_factory=list)
    authorization: str | None = None
    reads: int = 0

    def __post_init__(self) -> None:
        self.key, public = key_pair("one")
        self.keys = {"keys": [public]}

    def token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "ann",
            "iat": now,
            "exp": now + 60,
            "auth_time": now,
            "nonce": "the nonce",
        } | self.claims
        said = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(said, self.key, algorithm="ES256", headers=self.header)

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._facts)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        return app

    async def _facts(self, _request: web.Request) -> web.StreamResponse:
        self.reads += 1
        facts = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        } | self.facts
        return web.json_response({name: one for name, one in facts.items() if one is not None})

    async def _keys(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self.keys)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.asked.append({name: str(value) for name, value in (await request.post()).items()})
        self.authorization = request.headers.get("Authorization")
        if self.answer is not None:
            return self.answer()
        return web.json_response({"id_token": self.token(), "token_type": "Bearer"})


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    found = Liar()
    runner = web.AppRunner(found.application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def provider(liar: Liar) -> AsyncIterator[Provider]:
    settings = Oidc(issuer=liar.issuer, client_id=CLIENT, acr=("phr", "phrh"))
    found = Provider(settings, "https://rtcc.example.gov")
    yield found
    await found.close()


async def asks(provider: Provider, now: datetime = NOW) -> dict[str, Any]:
    return dict(await provider.claims("the code", "the nonce", "the verifier", now))


async def test_an_honest_one_is_believed(liar: Liar, provider: Provider) -> None:
    assert (await asks(provider))["sub"] == "ann"
    [asked] = liar.asked
    assert asked == {
        "grant_type": "authorization_code",
        "code": "the code",
        "redirect_uri": "https://rtcc.example.gov/sign-in/callback",
        "client_id": CLIENT,
        "code_verifier": "the verifier",
    }
    assert liar.authorization is None


async def test_where_a_browser_is_sent(provider: Provider) -> None:
    address = await provider.address("the state", "the nonce", "the verifier", NOW)
    assert "/authorize?tenant=1&response_type=code&" in address
    # RFC 7636 appendix B, with our verifier.
    assert "code_challenge=" in address
    assert "the+verifier" not in address
    assert "acr_values=phr+phrh" in address


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": [CLIENT, "another client"]},
        {"aud": None},
        {"nonce": "another nonce"},
        {"nonce": None},
        {"sub": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"auth_time": int(time.time()) - 3600},
        {"auth_time": "today"},
        {"auth_time": None},
    ],
)
async def test_a_token_of_another_kind_is_not_believed(
    liar: Liar, provider: Provider, claims: dict[str, Any]
) -> None:
    liar.claims = claims
    with pytest.raises(ProviderError):
        await asks(provider)


async def test_a_token_for_us_alone_may_say_so_in_a_list(liar: Liar, provider: Provider) -> None:
    liar.claims = {"aud": [CLIENT]}
    assert (await asks(provider))["sub"] == "ann"


async def test_a_token_by_another_key_is_not_believed(liar: Liar, provider: Provider) -> None:
    liar.key, _ = key_pair("one")
    with pytest.raises(ProviderError, match="not good"):
        await asks(provider)


async def test_a_token_by_nobody_or_by_the_public_key_is_not_believed(
    liar: Liar, provider: Provider
) -> None:
    claims = jwt.decode(liar.token(), options={"verify_signature": False})
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})
    public = str(liar.keys["keys"][0]) * 2
    symmetric = jwt.encode(claims, public, algorithm="HS256", headers={"kid": "one"})
    for token in (unsigned, symmetric, "no.token", ""):
        liar.answer = lambda token=token: web.json_response({"id_token": token})
        with pytest.raises(ProviderError):
            await asks(provider)


async def test_keys_may_change(liar: Liar, provider: Provider) -> None:
    await asks(provider)
    liar.key, public = key_pair("two")
    liar.header = {"kid": "two"}
    with pytest.raises(ProviderError, match="does not publish"):
        await asks(provider)
    liar.keys = {"keys": [public]}
    assert (await asks(provider))["sub"] == "ann"


async def test_a_single_key_needs_no_name(liar: Liar, provider: Provider) -> None:
    liar.header = {}
    assert (await asks(provider))["sub"] == "ann"
    liar.keys["keys"].append(key_pair("two")[1])
    with pytest.raises(ProviderError, match="does not publish"):
        await asks(provider, NOW + timedelta(hours=2))


async def test_an_answer_may_come_in_parts(liar: Liar, provider: Provider) -> None:
    liar.keys["keys"] += [key_pair(f"old {number}")[1] for number in range(500)]
    assert (await asks(provider))["sub"] == "ann"


async def test_what_it_publishes_is_read_once_an_hour(liar: Liar, provider: Provider) -> None:
    for minutes, reads in ((0, 1), (59, 1), (60, 2), (-1, 3)):
        await provider.address("s", "n", "v", NOW + timedelta(minutes=minutes))
        assert liar.reads == reads


@pytest.mark.parametrize(
    "facts",
    [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": "file:///x"}],
)
async def test_facts_of_another_are_not_believed(
    liar: Liar, provider: Provider, facts: dict[str, Any]
) -> None:
    liar.facts = facts
    with pytest.raises(ProviderError):
        await provider.address("s", "n", "v", NOW)


async def test_no_keys_are_no_facts(liar: Liar, provider: Provider) -> None:
    liar.keys = {"keys": []}
    with pytest.raises(ProviderError, match="not complete"):
        await provider.address("s", "n", "v", NOW)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=302, headers={"Location": "https://evil.example/token"}),
        lambda: web.json_response({"error": "invalid_grant"}, status=400),
        lambda: web.json_response(["no", "object"]),
        lambda: web.json_response({}),
        lambda: web.Response(body=b'{"id_token": "' + b"x" * 300_000 + b'"}'),
    ],
)
async def test_an_answer_of_another_kind_is_not_believed(
    liar: Liar, provider: Provider, answer: Callable[[], web.StreamResponse]
) -> None:
    liar.answer = answer
    with pytest.raises(ProviderError):
        await asks(provider)


async def test_one_that_is_not_there(tmp_path: Path) -> None:
    settings = Oidc(issuer="http://127.0.0.1:1", client_id=CLIENT, amr=("hwk",))
    provider = Provider(settings, "https://rtcc.example.gov")
    with pytest.raises(ProviderError, match="does not answer"):
        await provider.address("s", "n", "v", NOW)
    await provider.close()


async def test_the_clients_secret(liar: Liar, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    settings = Oidc(
        issuer=liar.issuer, client_id=CLIENT, client_secret_file=str(file), amr=("hwk",)
    )
    provider = Provider(settings, "https://rtcc.example.gov")
    with pytest.raises(ProviderError, match="secret cannot be read"):
        await asks(provider)
    file.write_text("a secret: with % signs\n")
    await asks(provider)
    assert liar.authorization is not None
    assert liar.authorization.startswith("Basic ")
    assert "secret" not in liar.authorization
    await provider.close()
    await Provider(settings, "https://rtcc.example.gov").close()
