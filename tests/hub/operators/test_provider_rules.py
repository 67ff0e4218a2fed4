"""What the provider must have said, whatever it says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.config import Oidc
from hub.operators.provider_rules import logins, resists_phishing, role_allowed, subject
from hub.protocol.vocabulary import Role

WORDS = st.sampled_from(["phr", "phrh", "hwk", "pwd", "otp", "urn:city:2"])
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), WORDS, st.lists(st.one_of(WORDS, st.integers()))
)


def settings(**changes: Any) -> Oidc:
    return Oidc(issuer="https://login.example.gov", client_id="rtcc", **changes)


@given(VALUES, VALUES, st.booleans(), st.booleans())
def test_what_is_asked_for_was_said(acr: Any, amr: Any, wants_acr: bool, wants_amr: bool) -> None:
    if not wants_acr and not wants_amr:
        wants_acr = True
    wanted = settings(
        acr=("phr", "urn:city:2") if wants_acr else (), amr=("hwk",) if wants_amr else ()
    )
    said_acr = isinstance(acr, str) and acr in {"phr", "urn:city:2"}
    said_amr = amr == "hwk" or (isinstance(amr, list) and "hwk" in amr)
    expected = (not wants_acr or said_acr) and (not wants_amr or said_amr)
    assert resists_phishing({"acr": acr, "amr": amr}, wanted) is expected


@given(VALUES, st.sampled_from(Role))
def test_a_role_is_never_more_than_the_provider_says(groups: Any, role: Role) -> None:
    wanted = settings(
        amr=("hwk",), role_claim="groups", roles={"phr": Role.OFFICER, "otp": Role.AUDITOR}
    )
    named = groups if isinstance(groups, list) else [groups]
    expected = (role is Role.OFFICER and "phr" in named) or (
        role is Role.AUDITOR and "otp" in named
    )
    assert role_allowed({"groups": groups}, wanted, role) is expected
    assert role_allowed({"groups": groups}, settings(amr=("hwk",)), role)


def test_who_it_is() -> None:
    one = subject({"sub": "ann"}, "https://a.example")
    assert one == subject({"sub": "ann", "email": "x"}, "https://a.example")
    assert one != subject({"sub": "ann"}, "https://b.example")
    assert one != subject({"sub": "eve"}, "https://a.example")


def test_by_what_an_invitation_may_have_named_them() -> None:
    assert logins({"email": "Ann@B.gov", "email_verified": True, "preferred_username": "Ann"}) == [
        "ann@b.gov",
        "ann",
    ]
    assert logins({"email": "ann@b.gov", "email_verified": "true"}) == []
    assert logins({"email": 5, "email_verified": True, "preferred_username": None}) == []
    assert logins({"email": "ann@b.gov", "preferred_username": "ann@b.gov"}) == []
