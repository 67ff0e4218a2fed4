"""The pages: few, in two languages, and nothing but the hub's own module runs in them."""

import re
from html import unescape

import pytest

from hub.operators.door import BANNERS, Door, banner_digest
from hub.operators.pages.render import arrived_page, sign_in_page
from hub.operators.pages.words import ENGLISH, SPANISH, language
from tests.hub.whole import WholeHub


@pytest.mark.parametrize("path", ["/sign-in", "/join", "/account"])
@pytest.mark.parametrize("accepted", ["en", "es-MX,es;q=0.9,en;q=0.5"])
async def test_a_page_runs_nothing_inline(whole: WholeHub, path: str, accepted: str) -> None:
    page = await whole.ask("GET", path, headers={"Accept-Language": accepted})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = page.body.decode()
    assert f'<html lang="{accepted[:2]}">' in text
    assert re.findall(r"<script[^>]*>", text) == ['<script type="module" src="/pages/pages.js">']
    assert not re.search(r"<style|\bstyle=|\bon\w+=|javascript:", text)
    rules = page.headers["Content-Security-Policy"]
    assert rules.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in rules
    assert "frame-ancestors 'none'" in rules
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    for reference in re.findall(r'(?:src|href)="(/pages/[^"]+)"', text):
        assert (await whole.ask("GET", reference, headers={})).status == 200


async def test_the_parts_say_what_they_are(whole: WholeHub) -> None:
    script = await whole.ask("GET", "/pages/pages.js", headers={})
    style = await whole.ask("GET", "/pages/pages.css", headers={})
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert style.headers["Content-Type"].startswith("text/css")
    assert (await whole.ask("GET", "/pages/words.py", headers={})).problem == "not-found"


@pytest.mark.parametrize("spoken", ["en", "es"])
def test_the_banner_shown_is_the_one_acknowledged(spoken: str) -> None:
    door = Door(city="Jackson & <Sons>")
    text = sign_in_page(door, spoken).decode()
    found = re.search(r'<p id="banner" data-digest="(\w+)">(.*?)</p>', text)
    assert found is not None
    assert "<Sons>" not in text
    assert unescape(found[2]) == BANNERS[spoken].format(city="Jackson & <Sons>")
    assert found[1] == banner_digest(unescape(found[2]))
    assert door.acknowledged(found[1])
    assert not door.acknowledged(banner_digest("another"))


def test_a_citys_own_banner_is_shown_in_every_language() -> None:
    door = Door(banners={"en": "Keep out of {city}, {not a key}."})
    assert door.banner("es") == "Keep out of Jackson, {not a key}."
    assert b"Keep out of Jackson, {not a key}." in sign_in_page(door, "es")


def test_the_citys_own_sign_in_is_offered_where_there_is_one() -> None:
    assert b"/sign-in/provider" not in sign_in_page(Door(), "en")


def test_the_page_after_the_citys_own_sign_in_leads_on() -> None:
    assert b'http-equiv="refresh" content="0;url=/account"' in arrived_page(Door(), "en")


@pytest.mark.parametrize(
    ("accepted", "liked"),
    [
        ("", "en"),
        ("fr, de", "en"),
        ("es", "es"),
        ("ES-mx", "es"),
        ("en, es;q=0.9", "en"),
        ("es;q=0.3, en;q=0.2", "es"),
        ("es;q=x, en;q=0.1", "en"),
        ("es;v=1", "en"),
        ("es;q=0", "en"),
    ],
)
def test_the_language_that_is_liked_best(accepted: str, liked: str) -> None:
    assert language(accepted) == liked


def test_both_languages_say_everything() -> None:
    assert ENGLISH.keys() == SPANISH.keys()
    same = {name for name in ENGLISH if ENGLISH[name] == SPANISH[name]}
    assert same == set()
