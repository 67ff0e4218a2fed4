"""Renders the look page: plain HTML whose one module asks the API."""

import json
from html import escape

from hub.streams.pages.words import NAMES, WORDS

_PAGE = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="dark light">
<title>{camera} · {title}</title>
<link rel="stylesheet" href="/pages/look.css">
<script type="module" src="/pages/look.js"></script>
<nav><a href="?lang={other}#ask" hreflang="{other}" lang="{other}">{other_name}</a></nav>
<main data-incident="{incident_id}" data-camera="{camera_id}" data-words="{words}">
<p class="title">{title}</p>
<h1 id="name">{camera}</h1>
<p id="incident"></p>
<figure id="view" data-state="idle">
<video id="video" muted playsinline autoplay disablepictureinpicture disableremoteplayback></video>
<img id="still" alt="" hidden>
<figcaption><strong id="mark"></strong> <span id="told" hidden>{told}</span></figcaption>
</figure>
<p id="message" role="status" aria-live="polite"></p>
<p><a id="account" href="/account" hidden>{account}</a></p>
<p class="buttons">
<button id="watch" type="button">{watch}</button>
<button id="stop" type="button" disabled aria-keyshortcuts="Escape">{stop}</button>
<button id="full" type="button" disabled>{full}</button>
<span>{keys}</span>
</p>
<dl>
<dt>{left}</dt><dd id="left" role="timer" aria-live="off">-</dd>
<dt>{delay}</dt><dd id="delay">-</dd>
</dl>
</main>
</html>
"""


def look_page(city: str, incident: str, camera: str, language: str) -> bytes:
    """Return the page of one camera; it tells nothing by itself but what was in its address."""
    words = WORDS[language]
    other = "es" if language == "en" else "en"
    escaped = {name: escape(text) for name, text in words.items()}
    own = {
        "language": language,
        "other": other,
        "other_name": NAMES[other],
        "title": escape(words["title"].format(city=city)),
        "incident_id": escape(incident),
        "camera_id": escape(camera),
        "words": escape(json.dumps(dict(words), ensure_ascii=False)),
    }
    return _PAGE.format(**escaped | own).encode()
