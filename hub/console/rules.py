"""What the console's page may load: its own files, and the city's map style if it is elsewhere."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from hub.config import Map


def page_headers(map_hosts: Iterable[str] = ()) -> Mapping[str, str]:
    """Return the headers of the page; `map_hosts` are the origins of the city's map style."""
    elsewhere = "".join(f" {host}" for host in sorted(set(map_hosts)))
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' blob: data:{elsewhere}",
        "connect-src": f"'self'{elsewhere}",
        "font-src": "'self'",
        # The map draws its tiles in workers; the hub's are files of its own.
        "worker-src": "'self' blob:",
        "media-src": "'self' blob:",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in rules.items()),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        # Nothing that an operator has is ever sent to a home.
        "Permissions-Policy": "camera=(), microphone=(), display-capture=(), geolocation=(),"
        " picture-in-picture=(), fullscreen=(self), clipboard-write=(self),"
        " publickey-credentials-get=(self)",
        "X-Frame-Options": "DENY",
    }


def map_hosts(settings: Map) -> set[str]:
    """Return the origins that the city's map style may be loaded from."""
    return {origin(settings.style), *settings.hosts} - {""}


def origin(url: str) -> str:
    """Return the origin of an address, or nothing for none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
