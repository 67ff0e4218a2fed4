"""What a resident writes into the registration form, checked field by field."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hub.protocol.vocabulary import Site
from hub.public.words import Language

SITES = tuple(site for site in Site if site is not Site.CITY)
"""The kinds of place that a resident may choose; the city needs no registration."""
LONGEST: Mapping[str, int] = {
    "name": 100,
    "address": 200,
    "email": 254,
    "phone": 40,
    "note": 1_000,
}
MOST_CAMERAS = 256

# Addresses as people have them; what mail servers could do beyond that is not worth the risk.
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"[0-9+()./ -]{5,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A registration as it was asked for."""

    name: str
    address: str
    email: str | None
    phone: str | None
    site: Site
    cameras: int | None
    note: str
    language: Language


def read_wish(
    fields: Mapping[str, str], language: Language, *, by_mail: bool
) -> Wish | tuple[str, ...]:
    """Return what the fields say, or the names of those that do not fit.

    `by_mail`: whether the city confirms by e-mail, which then is needed, or by telephone.
    """
    told = {name: _text(fields.get(name, ""), name) for name in LONGEST}
    wrong = [name for name in LONGEST if told[name] is None]
    if by_mail or told["email"]:
        _expect(told, "email", _EMAIL, wrong)
    if not by_mail or told["phone"]:
        _expect(told, "phone", _PHONE, wrong)
    wrong += [name for name in ("name", "address") if told[name] == ""]
    site = fields.get("site", "")
    if site not in SITES:
        wrong.append("site")
    cameras = fields.get("cameras", "").strip()
    if cameras and not (cameras.isascii() and cameras.isdecimal() and _few(cameras)):
        wrong.append("cameras")
    if wrong:
        return tuple(dict.fromkeys(wrong))
    return Wish(
        name=told["name"] or "",
        address=told["address"] or "",
        email=told["email"] or None,
        phone=told["phone"] or None,
        site=Site(site),
        cameras=int(cameras) if cameras else None,
        note=told["note"] or "",
        language=language,
    )


def _text(value: str, name: str) -> str | None:
    """Return the text on one line, or None if it is too long or does not print."""
    text = " ".join(value.split())
    return text if len(text) <= LONGEST[name] and text.isprintable() else None


def _expect(
    told: Mapping[str, str | None], name: str, form: re.Pattern[str], wrong: list[str]
) -> None:
    value = told[name]
    if value is not None and not form.fullmatch(value):
        wrong.append(name)


def _few(digits: str) -> bool:
    return len(digits) <= len(str(MOST_CAMERAS)) and 0 < int(digits) <= MOST_CAMERAS
