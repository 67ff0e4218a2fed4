"""The public figures as a page that can be read and printed."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from hub.public.frame import page, paragraphs
from hub.public.words import WORDS, Language
from hub.transparency.figures import COUNTED

PATH = "/transparency"


def transparency_page(
    published: Mapping[str, Any], kinds: Mapping[str, str], language: Language, url: str
) -> bytes:
    """Return the page; `kinds` are the incident kinds' names, `url` is the hub's address."""
    words = WORDS[language]["transparency"]
    months = published["months"]
    periods = [(words["total"], published["total"])] + [
        (one["month"], one) for one in reversed(months)
    ]
    parts = [paragraphs(words["intro"])]
    if not months:
        parts.append(paragraphs(words["none"]))
    else:
        parts += [_period(name, period, kinds, words) for name, period in periods]
    log = published["log"]
    parts += [
        f"<h2>{escape(words['proof'])}</h2>",
        paragraphs(words["proof_text"], size=log["size"], url=url),
        f"<p><code>{_lines(log['checkpoint'])}</code></p>",
        f'<p><a href="/api/v1/transparency">{escape(words["data"])}</a></p>',
    ]
    elsewhere = Language.ES if language is Language.EN else Language.EN
    title = words["title"].format(city=published["city"])
    return page(title, "\n".join(parts), language, f"{PATH}?lang={elsewhere}")


def _period(
    name: str, period: Mapping[str, Any], kinds: Mapping[str, str], words: Mapping[str, Any]
) -> str:
    tables = [f"<h2>{escape(name)}</h2>"]
    if incidents := period["incidents"]:
        tables.append(
            _table(
                words["incidents"],
                words["count"],
                ((kinds.get(kind, kind), count) for kind, count in incidents.items()),
            )
        )
    for group in COUNTED:
        figures = period[group]
        tables.append(
            _table(
                words["groups"][group],
                words["count"],
                ((words["figures"][f"{group}.{one}"], count) for one, count in figures.items()),
            )
        )
    if policies := period["policies"]:
        rows = "".join(
            f"<tr><td>{escape(one['version'])}</td>"
            f"<td><code>{escape(one['sha256'])}</code></td></tr>"
            for one in policies
        )
        tables.append(
            f"<table><caption>{escape(words['policies'])}</caption><thead><tr>"
            f'<th scope="col">{escape(words["version"])}</th><th scope="col">SHA-256</th>'
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )
    return "\n".join(tables)


def _table(caption: str, count: str, rows: Iterable[tuple[str, int]]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{number:,}</td></tr>' for name, number in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>"
        f'<th scope="col"><span class="other">{escape(caption)}</span></th>'
        f'<th scope="col">{escape(count)}</th></tr></thead><tbody>{body}</tbody></table>'
    )


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
