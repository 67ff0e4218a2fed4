"""The public pages as a browser gets them: well-formed, strict, scriptless, in two languages."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from hub.public.words import Language
from hub.transparency.figures import COUNTED, figures
from hub.transparency.figures_page import transparency_page
from tests.hub.whole import WholeHub

VOID = {"meta", "input", "br"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "nav", "main", "a", "h1", "h2", "p", "code",
    "br", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "form", "label", "small",
    "input", "select", "option", "textarea", "button", "div",
}  # fmt: skip


@dataclass
class Checked(HTMLParser):
    """Reads a page strictly: tags known and closed in order, ids once, labels of what is there."""

    open: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    language: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        assert tag in ALLOWED, tag
        assert len(values) == len(attrs), f"{tag} names an attribute twice"
        assert not [name for name in values if name.startswith("on") or name == "style"]
        if tag == "html":
            self.language = values["lang"]
        if tag == "a":
            self.links.append(str(values["href"]))
        self.ids += [str(values["id"])] if "id" in values else []
        self.wanted += [str(values["for"])] if "for" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(text: str) -> Checked:
    assert text.startswith("<!doctype html>\n")
    page = Checked()
    page.feed(text)
    page.close()
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert set(page.wanted) <= set(page.ids)
    return page


@pytest.mark.parametrize("path", ["/transparency", "/register"])
@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_page_is_well_formed_and_strict(whole: WholeHub, path: str, language: str) -> None:
    answer = await whole.ask("GET", f"{path}?lang={language}&utm_source=anything", bearer="")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    page = checked(answer.body.decode())
    assert page.language == language
    assert (f"{path}?lang=es" if language == "en" else f"{path}?lang=en") in page.links


@pytest.mark.parametrize("path", ["/transparency", "/register"])
async def test_only_the_pages_own_style_may_be_used(whole: WholeHub, path: str) -> None:
    answer = await whole.ask("GET", path)
    policy = answer.headers["Content-Security-Policy"]
    assert "script" not in policy
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; ")
    style = re.search(r"<style>(.*?)</style>", answer.body.decode(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy


async def test_a_browser_chooses_the_language(whole: WholeHub) -> None:
    headers = {"Accept-Language": "es-MX, en;q=0.5"}
    async with whole.client.get("/transparency", headers=headers) as answer:
        assert checked(await answer.text()).language == "es"


async def test_the_page_shows_the_published_figures(whole: WholeHub) -> None:
    home = await whole.home()
    assert (await whole.look(await whole.incident(), home.identity.camera)).status == 200
    text = (await whole.ask("GET", "/transparency")).body.decode()
    checked(text)
    assert "Robbery" in text
    assert "handed over by a home" in text
    published = (await whole.ask("GET", "transparency")).json
    looks = published["total"]["looks"]
    assert (looks["allowed"], looks["handed_over"], looks["cameras"]) == (1, 1, 1)
    assert published["total"]["incidents"] == {"robbery": 1}
    assert published["total"]["homes"]["enrolled"] == 1
    assert published["total"]["policies"]
    assert published["log"]["checkpoint"].splitlines()[1] == str(published["log"]["size"])
    assert str(published["log"]["size"]) in text
    assert published["total"]["policies"][0]["sha256"] in text
    for hidden in (home.identity.home, home.identity.camera, "Porch", "CAD-2026-1"):
        assert hidden not in text
        assert hidden not in str(published)


async def test_figures_are_counted_anew_when_the_log_has_grown(whole: WholeHub) -> None:
    before = (await whole.ask("GET", "transparency")).json
    assert (await whole.ask("GET", "transparency")).json == before
    await whole.incident()
    after = (await whole.ask("GET", "transparency")).json
    assert after["log"]["size"] == before["log"]["size"] + 1
    assert after["total"]["incidents"] == {"robbery": 1}
    assert set(COUNTED) <= set(after["total"])


async def test_a_log_with_a_gap_is_not_published(whole: WholeHub) -> None:
    async with whole.engine.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM log_entries")
    assert (await whole.ask("GET", "transparency")).status == 503


def test_a_log_without_entries_is_a_page_too() -> None:
    log = {"size": 0, "root": "", "checkpoint": "origin\n0\n"}
    published = {"city": "<Jackson>", "log": log, **figures([])}
    text = transparency_page(published, {}, Language.EN, "https://hub.example").decode()
    checked(text)
    assert "Nothing has been logged yet." in text
    assert "&lt;Jackson&gt;" in text
