"""The hub's front page: says to a person what answers here."""

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name}: Jackson RTCC hub</title>
<style>
body {{ background: #101418; color: #e6e9ec; font: 18px/1.5 system-ui, sans-serif;
  margin: 3rem auto; max-width: 40rem; padding: 0 1rem }}
a {{ color: #7cc4ff }} code {{ color: #b8e0b0 }}
</style>
<h1>{name}</h1>
<p>This is the hub of the Real Time Command Center. Residents lend it their cameras on their own
terms; it cannot look through any of them without its owner's signed grant.</p>
<p>Its key's fingerprint is <code>{fingerprint}</code>. Home Assistant shows the same when a home
enrols.</p>
<ul>
<li><a href="/register">Lend a camera</a></li>
<li><a href="/transparency">What was looked at, in figures</a>, and
<a href="/log/checkpoint">the access log's checkpoint</a></li>
<li><a href="/console">The operators' console</a>, and
<a href="/sign-in">where operators sign in</a></li>
<li><a href="/api/v1/city">The city's waiver and policy</a></li>
<li><a href="/api/v1/openapi.json">The API (OpenAPI 3.1)</a></li>
<li><a href="/readyz">Is it ready?</a> <a href="/metrics">Metrics</a></li>
</ul>
</html>
"""


def front_page(name: str, fingerprint: str) -> bytes:
    """Return the page for a city and its hub's fingerprint."""
    return _PAGE.format(name=escape(name), fingerprint=escape(fingerprint)).encode()
