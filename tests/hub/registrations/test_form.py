"""The form's fields: what is taken, and which ones are asked for again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.vocabulary import Site
from hub.public.words import Language
from hub.registrations.form import LONGEST, Wish, read_wish

GOOD = {
    "name": "Ann Example",
    "address": "12 Farish St\nJackson",
    "email": "ann@example.org",
    "phone": "+1 (601) 555-0100",
    "site": "business",
    "cameras": "3",
    "note": "the yard",
}


def test_a_good_form_is_a_wish() -> None:
    assert read_wish(GOOD, Language.ES, by_mail=True) == Wish(
        name="Ann Example",
        address="12 Farish St Jackson",
        email="ann@example.org",
        phone="+1 (601) 555-0100",
        site=Site.BUSINESS,
        cameras=3,
        note="the yard",
        language=Language.ES,
    )


def test_what_is_optional_may_be_left_out() -> None:
    few = {"name": "Ann", "address": "12 Farish St", "email": "a@b.org", "site": "home"}
    found = read_wish(few, Language.EN, by_mail=True)
    assert isinstance(found, Wish)
    assert (found.phone, found.cameras, found.note) == (None, None, "")


@pytest.mark.parametrize(("by_mail", "wrong"), [(True, ("email",)), (False, ("phone",))])
def test_what_the_city_answers_by_is_needed(*, by_mail: bool, wrong: tuple[str, ...]) -> None:
    fields = GOOD | {"email": "", "phone": ""}
    assert read_wish(fields, Language.EN, by_mail=by_mail) == wrong


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 101),
        ("name", "a\x00b"),
        ("address", ""),
        ("address", "x" * 201),
        ("email", "ann"),
        ("email", "ann@localhost"),
        ("email", "ann@example.org, eve@example.org"),
        ("email", "<ann@example.org>"),
        ("email", "ann@exa mple.org"),
        ("email", "änn@example.org"),
        ("email", "a" * 65 + "@example.org"),
        ("phone", "call me"),
        ("phone", "1"),
        ("site", ""),
        ("site", "city"),
        ("site", "palace"),
        ("cameras", "0"),
        ("cameras", "257"),
        ("cameras", "-1"),
        ("cameras", "three"),
        ("cameras", "٣"),
        ("cameras", "9" * 5_000),
        ("note", "x" * 1_001),
    ],
)
def test_what_does_not_fit_is_named(name: str, value: str) -> None:
    assert read_wish(GOOD | {name: value}, Language.EN, by_mail=True) == (name,)


@given(st.dictionaries(st.sampled_from([*GOOD, "other"]), st.text(max_size=300)), st.booleans())
def test_whatever_comes_is_a_wish_within_limits_or_named_fields(
    fields: dict[str, str], by_mail: bool
) -> None:
    found = read_wish(fields, Language.EN, by_mail=by_mail)
    if isinstance(found, Wish):
        for name, longest in LONGEST.items():
            value = getattr(found, name) or ""
            assert len(value) <= longest
            assert value.isprintable()
        assert found.email or not by_mail
    else:
        assert found
        assert set(found) <= set(GOOD)
