"""The pages of registration: the form, and what follows it."""

from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import quote

from hub.public.frame import page, paragraphs
from hub.public.words import WORDS, Language
from hub.registrations.form import LONGEST, MOST_CAMERAS, SITES
from hub.registrations.letters import CONFIRM_PATH

PATH = "/register"
TRAP = "website"
"""A field that people do not see; what fills it in is none."""


def form_page(
    city: str,
    language: Language,
    *,
    by_mail: bool,
    told: Mapping[str, str] | None = None,
    wrong: Iterable[str] = (),
    said: str | None = None,
) -> bytes:
    """Return the form; `told` is what was written before, `wrong` the fields to look at again."""
    words, told = WORDS[language]["register"], told or {}
    wrong = tuple(wrong)
    parts = [paragraphs(words["intro"]), paragraphs(words["privacy"])]
    if said is not None:
        parts.append(f'<p class="wrong" role="alert">{escape(words[said])}</p>')
    elif wrong:
        fields = ", ".join(words[name] for name in wrong)
        parts.append(
            f'<p class="wrong" role="alert">{escape(words["fix"].format(fields=fields))}</p>'
        )
    inputs = [
        _input(words, told, wrong, "name", 'autocomplete="name" required'),
        _input(words, told, wrong, "address", 'autocomplete="street-address" required'),
        _input(
            words,
            told,
            wrong,
            "email",
            'type="email" autocomplete="email"' + (" required" if by_mail else ""),
        ),
        _input(
            words,
            told,
            wrong,
            "phone",
            'type="tel" autocomplete="tel"' + ("" if by_mail else " required"),
        ),
        _sites(words, told, wrong),
        _input(words, told, wrong, "cameras", f'type="number" min="1" max="{MOST_CAMERAS}"'),
        _note(words, told, wrong),
        f'<div class="other" aria-hidden="true"><label for="{TRAP}">{escape(words["trap"])}</label>'
        f'<input id="{TRAP}" name="{TRAP}" tabindex="-1" autocomplete="off"></div>',
        f"<p>{escape(words['after_mail' if by_mail else 'after_phone'])}</p>",
        f'<button type="submit">{escape(words["send"])}</button>',
    ]
    parts.append(
        f'<form method="post" action="{PATH}?lang={language}">\n' + "\n".join(inputs) + "\n</form>"
    )
    return _page(words["title"].format(city=city), "\n".join(parts), language, f"{PATH}?")


def confirm_page(token: str, language: Language) -> bytes:
    """Return the page behind the link: mail programs open links too, so a person presses."""
    words = WORDS[language]["register"]
    body = (
        f"<p>{escape(words['confirm_text'])}</p>\n"
        f'<form method="post" action="{CONFIRM_PATH}?lang={language}">'
        f'<input type="hidden" name="token" value="{escape(token)}">'
        f'<button type="submit">{escape(words["confirm_button"])}</button></form>'
    )
    return _page(words["confirm"], body, language, f"{CONFIRM_PATH}?token={quote(token)}&")


def said_page(title: str, text: str, language: Language) -> bytes:
    """Return a page that says one thing; both are names of words."""
    words = WORDS[language]["register"]
    back = f'<p><a href="{PATH}?lang={language}">{escape(words["back"])}</a></p>'
    return _page(words[title], f"{paragraphs(words[text])}\n{back}", language, f"{PATH}?")


def _page(title: str, body: str, language: Language, address: str) -> bytes:
    elsewhere = Language.ES if language is Language.EN else Language.EN
    return page(title, body, language, f"{address}lang={elsewhere}")


def _input(
    words: Mapping[str, str],
    told: Mapping[str, str],
    wrong: tuple[str, ...],
    name: str,
    attributes: str,
) -> str:
    longest = f' maxlength="{LONGEST[name]}"' if name in LONGEST else ""
    return (
        _label(words, name, optional="required" not in attributes)
        + f'<input id="{name}" name="{name}" value="{escape(told.get(name, ""))}"{longest} '
        f"{attributes}{_invalid(name, wrong)}>"
    )


def _note(words: Mapping[str, str], told: Mapping[str, str], wrong: tuple[str, ...]) -> str:
    return (
        _label(words, "note", optional=True)
        + f'<textarea id="note" name="note" rows="4" maxlength="{LONGEST["note"]}"'
        f"{_invalid('note', wrong)}>{escape(told.get('note', ''))}</textarea>"
    )


def _sites(words: Mapping[str, object], told: Mapping[str, str], wrong: tuple[str, ...]) -> str:
    names = words["sites"]
    assert isinstance(names, Mapping)  # noqa: S101 - the words are ours
    options = "".join(
        f'<option value="{site}"{" selected" if told.get("site") == site else ""}>'
        f"{escape(names[site])}</option>"
        for site in SITES
    )
    label = f'<label for="site">{escape(str(words["site"]))}</label>'
    return (
        f'{label}<select id="site" name="site" required{_invalid("site", wrong)}>{options}</select>'
    )


def _label(words: Mapping[str, str], name: str, *, optional: bool) -> str:
    more = f" <small>{escape(words['optional'])}</small>" if optional else ""
    return f'<label for="{name}">{escape(words[name])}{more}</label>'


def _invalid(name: str, wrong: tuple[str, ...]) -> str:
    return ' aria-invalid="true"' if name in wrong else ""
