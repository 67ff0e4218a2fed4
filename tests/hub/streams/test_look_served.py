"""The look page as it is served: strict, in two languages, and with a word for everything."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub import errors
from hub.streams.pages.render import look_page
from hub.streams.pages.words import ENGLISH, NAMES, SPANISH, WORDS
from hub.streams.players import NotLive
from hub.streams.told import Over
from tests.hub.conftest import CHECKOUT
from tests.hub.streams.look_hub import PAGE, LookHub
from tests.hub.whole import WholeHub

FOLDER = CHECKOUT / "hub/streams/pages"
ELSEWHERE = {
    # Of enrolment, pictures, sign-in, reviews and so on: no call of this page has them.
    "code-unknown", "code-used", "code-expired", "rules-changed", "refused-statement",
    "home-unknown", "picture-gone", "registration-state", "sign-in-refused", "banner",
    "authenticate-again", "invitation-unknown", "invitation-used", "invitation-expired",
    "account-state", "nothing-waits", "review-signed", "method-not-allowed", "accepted", "range",
}  # fmt: skip


@pytest.fixture
async def served() -> AsyncIterator[tuple[LookHub, TestClient[Any, Any]]]:
    hub = LookHub(camera=None)
    async with TestClient(TestServer(hub.application())) as client:
        yield hub, client


@pytest.mark.parametrize("accepted", ["en", "es-MX,es;q=0.9,en;q=0.5"])
async def test_the_page_runs_nothing_inline(
    served: tuple[LookHub, TestClient[Any, Any]], accepted: str
) -> None:
    page = await served[1].get(PAGE, headers={"Accept-Language": accepted})
    text = await page.text()
    assert f'<html lang="{accepted[:2]}">' in text
    assert re.findall(r"<script[^>]*>", text) == ['<script type="module" src="/pages/look.js">']
    assert not re.search(r"<style|\bstyle=|\bon\w+=|javascript:", text)
    rules = page.headers["Content-Security-Policy"]
    assert rules.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in rules
    assert "frame-ancestors 'none'" in rules
    assert page.headers["Cache-Control"] == "no-store"
    assert "camera=(), microphone=()" in page.headers["Permissions-Policy"]
    assert "<Sons>" not in text


async def test_all_modules_are_served(served: tuple[LookHub, TestClient[Any, Any]]) -> None:
    modules = sorted(FOLDER.glob("*.js"))
    assert modules
    for path in (*modules, FOLDER / "look.css"):
        answer = await served[1].get(f"/pages/{path.name}")
        kind = "text/css" if path.suffix == ".css" else "text/javascript"
        assert answer.headers["Content-Type"].startswith(kind)
        assert await answer.text() == path.read_text(encoding="utf-8")
        for imported in re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8")):
            assert (FOLDER / imported).exists()


async def test_only_who_signed_in_is_shown_the_page(
    served: tuple[LookHub, TestClient[Any, Any]],
) -> None:
    hub, client = served
    hub.signed_in = False
    page = await client.get(PAGE, allow_redirects=False)
    assert (page.status, page.headers["Location"]) == (303, f"/sign-in#{PAGE}")
    assert await page.read() == b""


@pytest.mark.parametrize("path", ["/look/a", "/look/a/b/c", "/look/a/b%22", f"/look/a/{'b' * 65}"])
async def test_no_other_address_is_a_page(
    served: tuple[LookHub, TestClient[Any, Any]], path: str
) -> None:
    assert (await served[1].get(path)).status == 404


async def test_a_language_is_chosen_by_the_address_first(
    served: tuple[LookHub, TestClient[Any, Any]],
) -> None:
    for lang, shown in (("es", "es"), ("en", "en"), ("fr", "es")):
        page = await served[1].get(f"{PAGE}?lang={lang}", headers={"Accept-Language": "es"})
        assert f'<html lang="{shown}">' in await page.text()


def test_both_languages_say_the_same_things() -> None:
    assert ENGLISH.keys() == SPANISH.keys()
    assert WORDS.keys() == NAMES.keys()
    for name, text in ENGLISH.items():
        assert text != SPANISH[name], name
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", SPANISH[name])), name


def test_the_words_reach_the_page_whole() -> None:
    text = look_page("Jackson", "i", "c", "es").decode()
    found = re.search(r'data-words="([^"]*)"', text)
    assert found is not None
    assert json.loads(unescape(found[1])) == SPANISH


def test_there_is_a_word_for_every_problem_and_every_end() -> None:
    kinds = {one.slug for one in vars(errors).values() if isinstance(one, errors.Kind)}
    assert kinds - ENGLISH.keys() == ELSEWHERE
    assert {*Over, *NotLive} <= ENGLISH.keys()


def test_there_is_a_word_for_all_that_the_modules_say() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.js")))
    said = set(re.findall(r'(?:\bword\(|Refused\(|"failed", |#over\("\w+", )"([\w-]+)"', text))
    assert {"mark_live", "unreachable", "connection-lost", "codec-unsupported"} <= said
    assert said <= ENGLISH.keys()


async def test_the_hub_serves_the_page(whole: WholeHub) -> None:
    away = await whole.ask("GET", "/pages/player.js", headers={})
    assert away.status == 200
    async with whole.client.get(PAGE, allow_redirects=False) as answer:
        assert answer.headers["Location"] == f"/sign-in#{PAGE}"
