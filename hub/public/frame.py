"""The frame of every public page: strict, without scripts, legible and printable."""

import base64
import hashlib
from collections.abc import Mapping
from html import escape

import msgspec
from aiohttp import web

from hub.public.words import WORDS, Language, chosen

STYLE = """
:root { color-scheme: light dark; --ink: #14202b; --paper: #fff; --line: #8a97a3; --key: #0b5394 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #101418; --line: #75818c; --key: #7cc4ff } }
* { box-sizing: border-box }
body { background: var(--paper); color: var(--ink); font: 18px/1.55 system-ui, sans-serif;
  margin: 0 auto; max-width: 46rem; padding: 1.5rem 1rem 4rem }
a { color: var(--key) } nav { float: right }
h1 { line-height: 1.2 } h2 { margin-top: 2.5rem }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
caption { text-align: left; font-weight: 600; padding: .3rem 0 }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left;
  vertical-align: top }
td:last-child, th:last-child { text-align: right; font-variant-numeric: tabular-nums }
code { overflow-wrap: anywhere; font-size: .85em }
label { display: block; font-weight: 600; margin-top: 1rem }
label small { font-weight: 400 }
input, select, textarea { background: var(--paper); border: 1px solid var(--line);
  border-radius: 4px; color: var(--ink); font: inherit; padding: .4rem .5rem; width: 100% }
button { background: var(--key); border: 0; border-radius: 4px; color: var(--paper); font: inherit;
  font-weight: 600; margin-top: 1.5rem; padding: .6rem 1.2rem }
:focus-visible { outline: 3px solid var(--key); outline-offset: 2px }
.wrong { border-left: 4px solid #b3261e; padding-left: .8rem }
.other { left: -99rem; position: absolute }
@media print { nav, form { display: none } body { font-size: 11pt; max-width: none } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    # With no-referrer a browser would not say where a form comes from.
    "Referrer-Policy": "same-origin",
    "Vary": "Accept-Language",
}


class PageQuery(msgspec.Struct, frozen=True):
    """What a page's address may hold: the language; what else is in it does not matter."""

    lang: str = ""


def language_of(request: web.Request) -> Language:
    """Return the language in which to answer."""
    return chosen(request.query.get("lang"), request.headers.get("Accept-Language"))


def page(title: str, body: str, language: Language, other: str) -> bytes:
    """Return a page; `body` is HTML, `other` the address of the page in the other language."""
    elsewhere = Language.ES if language is Language.EN else Language.EN
    name = WORDS[elsewhere]["name"]
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<nav><a href="{escape(other)}" hreflang="{elsewhere}" lang="{elsewhere}">{name}</a></nav>'
        f"\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    ).encode(errors="replace")


def paragraphs(text: str, **values: object) -> str:
    """Return plain words as HTML paragraphs; each value is escaped."""
    filled = text.format_map({name: str(value) for name, value in values.items()})
    parts = [" ".join(part.split()) for part in filled.strip().split("\n\n")]
    return "\n".join(f"<p>{escape(part)}</p>" for part in parts)
