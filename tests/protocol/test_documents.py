"""The waiver and the policy: one canonical form and hash, and nothing that writers differ in."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protocol.documents import Policy, Waiver, canonical, document_hash
from hub.protocol.errors import Reason, Rejected
from tests.protocol.samples import POLICY, WAIVER

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
NAMES = st.text(st.characters(codec="ascii"), max_size=10)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # RFC 8785 section 3.2.2, without its numbers.
        (
            {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]},
            '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
        ),
        # RFC 8785 section 3.2.2.2: the two-character escapes, lower-case hex, nothing else.
        ("\b\t\n\f\r\u0000\u001f\u007f\u2028/", '"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f\u2028/"'),
        # RFC 8785 section 3.2.3, its names in ASCII: by code unit, at every level, lists as are.
        (
            {"\r": 1, "1": [{"b": 1, "a": 2}], "<": {"z": 0, "Z": 1}, "": 2},
            '{"":2,"\\r":1,"1":[{"a":2,"b":1}],"<":{"Z":1,"z":0}}',
        ),
        ([2**53 - 1, -(2**53) + 1, -0, 56], "[9007199254740991,-9007199254740991,0,56]"),
        ("\U0001f600", '"\U0001f600"'),
        ({}, "{}"),
    ],
)
def test_known_canonical_forms(value: object, text: str) -> None:
    assert canonical(value) == text.encode()


@given(DOCUMENTS)
def test_the_canonical_form_means_the_same_and_is_its_own(document: object) -> None:
    assert json.loads(canonical(document)) == document
    assert canonical(json.loads(canonical(document))) == canonical(document)


@given(DOCUMENTS, st.randoms())
def test_how_it_was_written_does_not_matter(document: object, shuffle: random.Random) -> None:
    def shuffled(value: object) -> object:
        if isinstance(value, dict):
            members = list(value.items())
            shuffle.shuffle(members)
            return {name: shuffled(item) for name, item in members}
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    again = json.loads(json.dumps(shuffled(document), indent=3))
    assert document_hash(again) == document_hash(document)


@given(DOCUMENTS, DOCUMENTS)
def test_different_documents_differ(one: object, other: object) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (document_hash(one) == document_hash(other)) == same


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        0.5,
        float("nan"),
        float("inf"),
        2**53,
        -(2**53),
        10**5000,
        {"é": 1},
        {1: 1},
        ("a",),
        b"a",
        object(),
        "\ud800",
        {"a": ["\udfff"]},
        {"\ud800": 1},
        nested(17),
        nested(100_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_canonical_form_here(value: object) -> None:
    with pytest.raises(Rejected) as refused:
        canonical({"rules": [value]})
    assert refused.value.reason is Reason.MALFORMED


def test_documents_are_known_by_their_hash() -> None:
    assert Waiver.parse(WAIVER).digest == document_hash(WAIVER)
    assert Policy.parse(POLICY).digest == document_hash(POLICY)
    remark = POLICY | {"remark": "unknown members count too"}
    assert Policy.parse(remark).digest != document_hash(POLICY)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        WAIVER | {"version": ""},
        WAIVER | {"version": 1},
        WAIVER | {"text": "English"},
        WAIVER | {"text": {}},
        WAIVER | {"text": {"es": "Presto mis cámaras."}},
        WAIVER | {"text": {"en": ""}},
        WAIVER | {"text": {"en": 1}},
        WAIVER | {"text": {"en": "a" * 20_001}},
        WAIVER | {"text": {"en": "a"} | {str(i): "a" for i in range(20)}},
        WAIVER | {"weight": 0.5},
    ],
    ids=lambda document: repr(document)[:60],
)
def test_a_waiver_out_of_shape(document: object) -> None:
    with pytest.raises(Rejected) as refused:
        Waiver.parse(document)
    assert refused.value.reason is Reason.MALFORMED


RULE = {"name": {"en": "Fire"}, "radius_m": 1, "duration_s": 60, "scopes": ["snapshot"]}


@pytest.mark.parametrize(
    "kinds",
    [
        {},
        [],
        {"fire": None},
        {"fire": []},
        {"fire": RULE | {"radius_m": 0}},
        {"fire": RULE | {"radius_m": 100_001}},
        {"fire": RULE | {"radius_m": 10.0}},
        {"fire": RULE | {"duration_s": 59}},
        {"fire": RULE | {"duration_s": 604_801}},
        {"fire": RULE | {"scopes": []}},
        {"fire": RULE | {"scopes": ["sound"]}},
        {"fire": RULE | {"name": {"es": "Fuego"}}},
        {str(i): RULE for i in range(101)},
        {"Feuer\u00fc": RULE},
    ],
    ids=lambda kinds: repr(kinds)[:60],
)
def test_a_policy_out_of_shape(kinds: object) -> None:
    with pytest.raises(Rejected) as refused:
        Policy.parse({"version": "1", "kinds": kinds})
    assert refused.value.reason is Reason.MALFORMED


def test_the_widest_policy() -> None:
    kinds = {str(i): RULE for i in range(100)}
    assert len(Policy.parse({"version": "1", "kinds": kinds}).kinds) == 100
