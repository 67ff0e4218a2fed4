"""What a browser must show besides its cookie, so that no other site can act through it."""

import hashlib
import hmac
from collections.abc import Mapping

from hub.errors import FORBIDDEN, Problem

COOKIE = "__Host-rtcc"
HEADER = "X-RTCC-CSRF"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing: they need the cookie alone."""
_FOREIGN = frozenset({"cross-site", "same-site"})


def csrf_token(cookie: str) -> str:
    """Return the token bound to a session: who has no cookie cannot make it."""
    key = cookie.encode(errors="surrogateescape")
    return hmac.new(key, b"rtcc csrf", hashlib.sha256).hexdigest()


def check_same_origin(headers: Mapping[str, str], origin: str) -> None:
    """Check that the hub's own page sends this.

    Raises:
        Problem: `forbidden`.

    """
    if headers.get("Origin") != origin or headers.get("Sec-Fetch-Site") in _FOREIGN:
        raise Problem(FORBIDDEN, f"Only pages of {origin} may send this.")


def check_csrf(headers: Mapping[str, str], cookie: str, origin: str) -> None:
    """Check that the hub's own page sends this, in the session of the cookie.

    Raises:
        Problem: `forbidden`.

    """
    check_same_origin(headers, origin)
    shown = headers.get(HEADER, "").encode(errors="surrogateescape")
    if not hmac.compare_digest(shown, csrf_token(cookie).encode()):
        raise Problem(FORBIDDEN, f"Send {HEADER} as GET /api/v1/session tells it.")


def check_navigation(headers: Mapping[str, str]) -> None:
    """Check that no other site reads with the cookie.

    Raises:
        Problem: `forbidden`.

    """
    if headers.get("Sec-Fetch-Site") in _FOREIGN:
        raise Problem(FORBIDDEN, "Other sites may not ask this.")


def cookie_header(secret: str) -> str:
    """Return the Set-Cookie header of a new session; an empty secret takes it away."""
    ended = "" if secret else "; Max-Age=0"
    return f"{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict{ended}"
