"""What the city's provider must have said of a person before they are let in."""

from collections.abc import Mapping
from typing import Any

from hub.config import Oidc
from hub.operators.secret import digest
from hub.protocol.vocabulary import Role


def resists_phishing(claims: Mapping[str, Any], settings: Oidc) -> bool:
    """Tell whether the person signed in there in a way that cannot be phished."""
    if settings.acr and claims.get("acr") not in settings.acr:
        return False
    return not settings.amr or not _texts(claims.get("amr")).isdisjoint(settings.amr)


def role_allowed(claims: Mapping[str, Any], settings: Oidc, role: Role) -> bool:
    """Tell whether the provider agrees with the role that the account has here."""
    if not settings.role_claim:
        return True
    named = _texts(claims.get(settings.role_claim))
    return any(settings.roles.get(name) is role for name in named)


def subject(claims: Mapping[str, Any], issuer: str) -> str:
    """Return what an account is linked to: a digest that says nothing of the person."""
    return digest(f"{issuer}\n{claims['sub']}")


def logins(claims: Mapping[str, Any]) -> list[str]:
    """Return by what an invitation may have named the person; an address only if it is proved."""
    found = []
    if claims.get("email_verified") is True and isinstance(claims.get("email"), str):
        found.append(claims["email"].lower())
    name = claims.get("preferred_username")
    if isinstance(name, str) and "@" not in name:
        found.append(name.lower())
    return found


def _texts(value: object) -> set[str]:
    values = value if isinstance(value, list) else [value]
    return {one for one in values if isinstance(one, str)}
