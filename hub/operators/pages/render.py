"""Renders the pages: plain HTML whose one module asks the API."""

import json
from html import escape

from hub.operators.door import Door, banner_digest
from hub.operators.pages.words import WORDS

_FRAME = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="dark light">
<title>{heading} · {title}</title>
<link rel="stylesheet" href="/pages/pages.css">
<script type="module" src="/pages/pages.js"></script>
<main data-page="{page}" data-words="{words}">
<p class="title">{title}</p>
<h1>{heading}</h1>
{content}
<p id="message" role="status" aria-live="polite"></p>
</main>
</html>
"""

_SIGN_IN = """<p id="banner" data-digest="{digest}">{banner}</p>
<p><button id="sign-in" type="button">{acknowledge}</button></p>
"""
_PROVIDER = """<p><a id="provider" href="/sign-in/provider?banner={digest}">{provider}</a></p>
"""
_REFRESH = b'<meta http-equiv="refresh" content="0;url=/account">\n'
_LINK = """<p id="banner" data-digest="{digest}">{banner}</p>
<p><button id="enter" type="button">{enter}</button></p>
"""
_JOIN = """<p>{join_text}</p>
<p><button id="make" type="button">{make}</button></p>
"""
_ACCOUNT = """<section id="locked" hidden>
<p>{locked}</p>
<p><button id="unlock" type="button">{unlock}</button></p>
</section>
<section id="open" hidden>
<p><a id="console" href="/console">{console}</a></p>
<p>{who} <strong id="name"></strong> (<span id="pseudonym"></span>, <span id="role"></span>)</p>
<h2>{passkeys}</h2>
<ul id="passkeys"></ul>
<p><button id="another" type="button">{another}</button></p>
<p id="link" hidden>{link}<br><code id="address"></code></p>
<h2>{sessions}</h2>
<ul id="sessions"></ul>
</section>
<p><button id="sign-out" type="button" hidden>{sign_out}</button></p>
"""


def sign_in_page(door: Door, language: str) -> bytes:
    """Return the page with the banner, past which one signs in."""
    banner = door.banner(language)
    words = _escaped(language) | {"digest": banner_digest(banner), "banner": escape(banner)}
    content = _SIGN_IN + (_PROVIDER if door.oidc else "")
    return _page(door, language, "sign_in", content.format(**words))


def link_page(door: Door, language: str) -> bytes:
    """Return the page that a link that signs in opens."""
    banner = door.banner(language)
    words = _escaped(language) | {"digest": banner_digest(banner), "banner": escape(banner)}
    return _page(door, language, "link_sign_in", _LINK.format(**words))


def join_page(door: Door, language: str) -> bytes:
    """Return the page that an invitation opens."""
    return _page(door, language, "join", _JOIN.format(**_escaped(language)))


def account_page(door: Door, language: str) -> bytes:
    """Return the page of one's own account."""
    return _page(door, language, "account", _ACCOUNT.format(**_escaped(language)))


def arrived_page(door: Door, language: str) -> bytes:
    """Return the page after the city's own sign-in, which goes on to the account.

    A Strict cookie is not sent where another site leads to, but it is where this page leads to.
    """
    link = f'<p><a href="/account">{escape(WORDS[language]["account"])}</a></p>'
    page = _page(door, language, "sign_in", link)
    return page.replace(b"<title>", _REFRESH + b"<title>", 1)


def _page(door: Door, language: str, name: str, content: str) -> bytes:
    return _FRAME.format(
        language=language,
        title=escape(WORDS[language]["title"].format(city=door.city)),
        heading=escape(WORDS[language][name]),
        page=name.replace("_", "-"),
        words=escape(json.dumps(dict(WORDS[language]), ensure_ascii=False)),
        content=content,
    ).encode()


def _escaped(language: str) -> dict[str, str]:
    return {name: escape(text) for name, text in WORDS[language].items()}
