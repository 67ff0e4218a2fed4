"""The city's OpenID Connect provider: code flow with PKCE, and ID tokens that are checked."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import aiohttp
import jwt

from hub.config import Oidc

CALLBACK = "/sign-in/callback"
FRESH = timedelta(minutes=5)
"""How long ago the provider may have asked its user; a sign-in of this morning is none of now."""
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "EdDSA"]
_LIMIT = aiohttp.ClientTimeout(total=10)
_LONGEST = 256 * 1024
_KEPT = timedelta(hours=1)
_LEEWAY_S = 60


class ProviderError(Exception):
    """The provider does not answer, or its answer is not believed; the text says why."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the provider publishes about itself."""

    authorization: str
    token: str
    keys: jwt.PyJWKSet
    read: datetime


class Provider:
    """One provider, whose facts and keys are read when they are needed."""

    def __init__(self, settings: Oidc, origin: str) -> None:
        """Take the settings, and the origin that the provider leads back to."""
        self.settings = settings
        self._redirect = f"{origin}{CALLBACK}"
        self._facts: _Facts | None = None
        self._http: aiohttp.ClientSession | None = None

    async def address(self, state: str, nonce: str, verifier: str, now: datetime) -> str:
        """Return where to send a browser.

        Raises:
            ProviderError: if the provider does not answer.

        """
        facts = await self._known(now)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": self._redirect,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": _s256(verifier),
            "code_challenge_method": "S256",
            "max_age": str(int(FRESH.total_seconds())),
        }
        if self.settings.acr:
            asked["acr_values"] = " ".join(self.settings.acr)
        joint = "&" if "?" in facts.authorization else "?"
        return f"{facts.authorization}{joint}{urlencode(asked)}"

    async def claims(
        self, code: str, nonce: str, verifier: str, now: datetime
    ) -> Mapping[str, Any]:
        """Return what the provider says of who came back with a code.

        Raises:
            ProviderError: if it does not answer, or the ID token is not believed.

        """
        facts = await self._known(now)
        answer = await self._ask(
            "POST",
            facts.token,
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect,
                "client_id": self.settings.client_id,
                "code_verifier": verifier,
            },
            headers=self._authorization(),
        )
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderError("it sent no ID token")
        return self._believed(token, nonce, await self._key(token, facts, now), now)

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.close()

    def _believed(self, token: str, nonce: str, key: jwt.PyJWK, now: datetime) -> Mapping[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                audience=self.settings.client_id,
                issuer=self.settings.issuer,
                leeway=_LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "nonce", "auth_time"]},
            )
        except jwt.PyJWTError as err:
            raise ProviderError(f"its ID token is not good: {err}") from err
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1:
            raise ProviderError("its ID token is for others too")
        if claims["nonce"] != nonce:
            raise ProviderError("its ID token is to another question")
        asked = claims["auth_time"]
        if not isinstance(asked, int | float) or (
            now.timestamp() - asked > FRESH.total_seconds() + _LEEWAY_S
        ):
            raise ProviderError("it did not ask its user just now")
        return claims

    async def _key(self, token: str, facts: _Facts, now: datetime) -> jwt.PyJWK:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except jwt.PyJWTError as err:
            raise ProviderError(f"its ID token is not good: {err}") from err
        for keys in (facts.keys, None):
            found = (keys or (await self._read(now)).keys).keys
            for key in found:
                if key.key_id == kid or (kid is None and len(found) == 1):
                    return key
        raise ProviderError("its ID token is signed by a key that it does not publish")

    async def _known(self, now: datetime) -> _Facts:
        facts = self._facts
        if facts is not None and timedelta(0) <= now - facts.read < _KEPT:
            return facts
        return await self._read(now)

    async def _read(self, now: datetime) -> _Facts:
        issuer = self.settings.issuer
        found = await self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != issuer:
            raise ProviderError(f"{issuer} says that it is {found.get('issuer')}")
        try:
            keys = jwt.PyJWKSet.from_dict(await self._ask("GET", str(found["jwks_uri"])))
            self._facts = _Facts(
                str(found["authorization_endpoint"]), str(found["token_endpoint"]), keys, now
            )
        except (KeyError, jwt.PyJWTError) as err:
            raise ProviderError(f"what it publishes is not complete: {err}") from err
        return self._facts

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=_LIMIT)
        try:
            async with self._http.request(
                method,
                url,
                data=data,
                headers={"Accept": "application/json", **(headers or {})},
                allow_redirects=False,
            ) as answer:
                body = b""
                async for part in answer.content.iter_any():
                    body += part
                    if len(body) > _LONGEST:
                        raise ProviderError("it answers too much")
                value = json.loads(body) if answer.ok else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as err:
            raise ProviderError(f"it does not answer: {type(err).__name__}") from err
        if not isinstance(value, dict):
            raise ProviderError(f"it answers with status {answer.status}")
        return value

    def _authorization(self) -> dict[str, str]:
        path = self.settings.client_secret_file
        if not path:
            return {}
        try:
            secret = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as err:
            raise ProviderError("the file of the client's secret cannot be read") from err
        # RFC 6749 section 2.3.1.
        pair = f"{quote_plus(self.settings.client_id)}:{quote_plus(secret)}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _s256(verifier: str) -> str:
    hashed = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
