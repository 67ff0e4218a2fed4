"""How operators get in: under which name, past which banner, and for how long."""

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from hub.config import Config, Oidc, public_name

LOCALHOST = "localhost"
IDLE = timedelta(minutes=30)
BANNERS: Mapping[str, str] = {
    "en": "You are about to use a restricted information system of {city}. Your use is monitored,"
    " recorded and audited. Unauthorized use is prohibited and may bring criminal and civil"
    " penalties. By signing in you consent to monitoring and recording.",
    "es": "Va a usar un sistema de información restringido de {city}. Su uso se supervisa, se"
    " registra y se audita. El uso no autorizado está prohibido y puede acarrear sanciones penales"
    " y civiles. Al iniciar sesión, usted acepta la supervisión y el registro.",
}
"""What CJIS AC-8 asks to be acknowledged before anyone signs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The hub's door for operators; `rp_id` and `origin` are WebAuthn's."""

    rp_id: str = LOCALHOST
    origin: str = "https://localhost:8443"
    city: str = "Jackson"
    banners: Mapping[str, str] = field(default_factory=lambda: BANNERS)
    idle: timedelta = IDLE
    oidc: Oidc | None = None
    links: bool = False
    """Whether a one-time link made on the hub's machine signs in."""

    @property
    def title(self) -> str:
        """Return what authenticators call the hub."""
        return f"{self.city} RTCC"

    def banner(self, language: str) -> str:
        """Return the banner in a language, or in the one that the city wrote it in."""
        text = self.banners.get(language) or self.banners["en"]
        return text.replace("{city}", self.city)

    def acknowledged(self, shown: str) -> bool:
        """Tell whether `shown` is the digest of the banner in one of its languages."""
        return any(shown == banner_digest(self.banner(language)) for language in self.banners)


def banner_digest(text: str) -> str:
    """Return the hash by which an entry names the banner that was acknowledged."""
    return hashlib.sha256(text.encode()).hexdigest()


def door_of(config: Config, port: int) -> Door:
    """Return the door of a hub that serves HTTPS on this port."""
    settings = config.operators
    rp_id = settings.rp_id or _domain(public_name(config))
    default = f"https://{rp_id}" if port == 443 else f"https://{rp_id}:{port}"  # noqa: PLR2004
    return Door(
        rp_id=rp_id,
        origin=settings.origin.rstrip("/") or default,
        city=config.city.name,
        banners={"en": settings.banner} if settings.banner else BANNERS,
        idle=timedelta(minutes=settings.idle_minutes),
        oidc=settings.oidc if settings.oidc.issuer else None,
        links=settings.sign_in_links,
    )


def _domain(name: str) -> str:
    # Browsers make no passkeys for addresses; on the hub's own machine there is always this name.
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name
    return LOCALHOST
