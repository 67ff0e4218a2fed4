"""Registrations from the form to the code, with real mail, and until they are forgotten."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from demo.simulated import enrol
from hub.operators.tokens import TokenScope
from hub.protocol.enrolment import Code
from hub.protocol.vocabulary import Role
from tests.hub.registrations.conftest import ANN, Office, token_in
from tests.hub.whole import CAPITOL, WholeHub


async def approve(office: Office) -> str:
    """Bring a registration to its code and return that."""
    await office.register()
    await office.confirm()
    one = await office.only()
    answer = await office.whole.ask("POST", f"registrations/{one['id']}/approve")
    assert answer.status == 200, answer.json
    assert answer.json["mailed"] is True
    assert answer.json["code"] is None
    found = re.search(r"Code: (\S+)", (await office.post.letter()).get_content())
    assert found is not None
    return found[1]


async def enrolled(whole: WholeHub, code: str) -> str:
    async def post(path: str, body: object) -> object:
        answer = await whole.ask("POST", path, body)
        assert answer.status == 201, answer.json
        return answer.json

    return (await enrol(post, await whole.city(), code, "Porch", CAPITOL)).home


async def test_a_resident_comes_from_the_form_to_an_enrolled_home(office: Office) -> None:
    assert (await office.register()).status == 200
    assert (await office.only())["state"] == "unconfirmed"
    assert (await office.confirm()).status == 200
    waiting = await office.only()
    assert waiting["state"] == "waiting"
    assert {name: waiting[name] for name in ANN} == ANN
    answer = await office.whole.ask("POST", f"registrations/{waiting['id']}/approve")
    assert answer.json["mailed"] is True
    letter = (await office.post.letter()).get_content()
    link = "https://my.home-assistant.io/redirect/config_flow_start/?domain=jackson_rtcc"
    assert link in letter.splitlines()
    code = re.search(r"Code: (\S+)", letter)
    assert code is not None
    await enrolled(office.whole, code[1])
    assert (await office.only())["enrolled"] is not None
    operator = (await office.whole.tokens.list())[0].caller.pseudonym
    assert await office.logged() == [
        ("received", "public"),
        ("confirmed", "public"),
        ("approved", operator),
    ]


async def test_the_log_holds_nothing_that_was_written(office: Office) -> None:
    await approve(office)
    whole = b"".join(one.data for one in await office.entries())
    for told in ANN.values():
        assert told.encode() not in whole.replace(b'"home"', b"")
    ids = {one.about["registration"] for one in await office.entries()}
    assert ids == {(await office.only())["id"]}


async def test_a_letter_speaks_the_language_of_the_page(office: Office) -> None:
    await office.browse("/register?lang=es", ANN)
    letter = await office.post.letter()
    assert letter["Subject"] == "Jackson: confirme su inscripción"
    assert "lang=es" in letter.get_content()


async def test_opening_the_link_confirms_nothing(office: Office) -> None:
    await office.register()
    path = await office.link()
    for _ in range(2):
        page = await office.browse(path)
        assert page.status == 200
        assert 'method="post"' in page.text
    assert (await office.only())["state"] == "unconfirmed"


async def test_a_link_works_once(office: Office) -> None:
    await office.register()
    path = await office.link()
    form = {"token": token_in(path)}
    assert (await office.browse("/register/confirm", form)).status == 200
    assert (await office.browse("/register/confirm", form)).status == 410
    assert (await office.browse(path)).status == 410


async def test_a_link_ends_after_48_hours(office: Office) -> None:
    await office.register()
    path = await office.link()
    office.whole.clock.moved = timedelta(hours=48, seconds=1)
    assert (await office.browse(path)).status == 410
    assert (await office.browse("/register/confirm", {"token": token_in(path)})).status == 410
    assert (await office.only())["state"] == "unconfirmed"


@pytest.mark.parametrize("token", ["", "wrong", "x" * 200])
async def test_a_link_that_was_made_up_is_none(office: Office, token: str) -> None:
    await office.register()
    assert (await office.browse("/register/confirm", {"token": token})).status == 410
    assert (await office.browse(f"/register/confirm?token={token}")).status == 410


async def test_the_store_does_not_hold_the_link(office: Office) -> None:
    await office.register()
    token = token_in(await office.link())
    async with office.whole.engine.connect() as connection:
        link = await connection.scalar(text("SELECT link FROM registrations"))
    assert link
    assert token not in link


async def test_if_the_letter_cannot_be_sent_nothing_is_kept(office: Office) -> None:
    office.post.refuses = True
    page = await office.register()
    assert page.status == 503
    assert "Ann Example" in page.text
    assert await office.listed() == []
    assert await office.logged() == []


async def test_one_address_is_not_flooded(office: Office) -> None:
    pages = [
        await office.register(email=name) for name in ("a@b.org", "A@b.org", "a@B.org", "a@b.org")
    ]
    assert {page.status for page in pages} == {200}
    assert len({page.text for page in pages}) == 1
    assert len(await office.listed()) == office.post.letters.qsize() == 3


async def test_who_registers_too_often_waits(office: Office) -> None:
    pages = [await office.register(email=f"a{number}@b.org") for number in range(11)]
    assert [page.status for page in pages] == [200] * 10 + [429]
    office.whole.clock.moved = timedelta(hours=1)
    assert (await office.register(email="late@b.org")).status == 200


async def test_a_machine_that_fills_in_everything_is_dropped(office: Office) -> None:
    page = await office.register(website="https://spam.example")
    assert page.text == (await office.register()).text
    assert len(await office.listed()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_from_elsewhere_is_refused(office: Office, headers: dict[str, str]) -> None:
    assert (await office.browse("/register", ANN, **headers)).status == 403
    assert (await office.browse("/register/confirm", {"token": "x"}, **headers)).status == 403
    assert await office.listed() == []


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://{host}", 200),
        ("https://{host}", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://[", 403),
        ("", 403),
    ],
)
async def test_older_browsers_are_known_by_their_origin(
    office: Office, origin: str, status: int
) -> None:
    client = office.whole.client
    headers = {"Origin": origin.format(host=f"{client.host}:{client.port}")}
    async with client.post("/register", data=ANN, headers=headers) as answer:
        assert answer.status == status


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "application/json", "text/plain"]
)
async def test_only_a_form_is_taken(office: Office, kind: str) -> None:
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin"}
    async with office.whole.client.post("/register", data=b"{}", headers=headers) as answer:
        assert answer.status == 403


@pytest.mark.parametrize("charset", ["nonsense", "utf-16"])
async def test_an_odd_encoding_is_refused_and_does_no_harm(office: Office, charset: str) -> None:
    headers = {
        "Content-Type": f"application/x-www-form-urlencoded; charset={charset}",
        "Sec-Fetch-Site": "same-origin",
    }
    async with office.whole.client.post("/register", data=b"name=%ff", headers=headers) as answer:
        assert answer.status in (403, 422)


async def test_a_field_that_does_not_fit_is_asked_for_again(office: Office) -> None:
    page = await office.register(email="nobody", name='<b>"Ann"</b>')
    assert page.status == 422
    assert "E-mail" in page.text
    assert "<b>" not in page.text
    assert "&lt;b&gt;&quot;Ann&quot;&lt;/b&gt;" in page.text
    assert await office.listed() == []


async def test_without_mail_the_city_calls_and_a_person_hands_the_code_over(
    without_mail: Office,
) -> None:
    office = without_mail
    page = await office.register(email="")
    assert "call" in page.text
    one = await office.only()
    path = f"registrations/{one['id']}"
    assert (await office.whole.ask("POST", f"{path}/approve")).problem == "registration-state"
    assert (await office.whole.ask("POST", f"{path}/confirm")).json["state"] == "waiting"
    answer = (await office.whole.ask("POST", f"{path}/approve")).json
    assert answer["mailed"] is False
    assert str(Code.parse(answer["code"])) == answer["code"]
    await enrolled(office.whole, answer["code"])


async def test_a_code_that_could_not_be_mailed_is_handed_over(office: Office) -> None:
    await office.register()
    await office.confirm()
    one = await office.only()
    office.post.refuses = True
    answer = (await office.whole.ask("POST", f"registrations/{one['id']}/approve")).json
    assert answer["mailed"] is False
    await enrolled(office.whole, answer["code"])


async def test_who_is_declined_is_told_why(office: Office) -> None:
    await office.register()
    await office.confirm()
    path = f"registrations/{(await office.only())['id']}"
    answer = await office.whole.ask("POST", f"{path}/decline", {"reason": "not in Jackson"})
    assert (answer.json["mailed"], answer.json["registration"]["state"]) == (True, "declined")
    assert "not in Jackson" in (await office.post.letter()).get_content()
    for act in ("approve", "confirm"):
        assert (await office.whole.ask("POST", f"{path}/{act}")).problem == "registration-state"
    again = await office.whole.ask("POST", f"{path}/decline", {"reason": "again"})
    assert again.problem == "registration-state"


async def test_an_address_that_nobody_confirmed_gets_no_letter(office: Office) -> None:
    await office.register()
    await office.post.letter()
    path = f"registrations/{(await office.only())['id']}/decline"
    assert (await office.whole.ask("POST", path, {"reason": "no"})).json["mailed"] is False
    assert office.post.letters.empty()


async def test_a_registration_is_deleted_when_asked_for(office: Office) -> None:
    await office.register()
    one = await office.only()
    assert (await office.whole.ask("DELETE", f"registrations/{one['id']}")).status == 200
    assert (await office.whole.ask("DELETE", f"registrations/{one['id']}")).problem == "not-found"
    assert (await office.logged())[-1][0] == "deleted"


async def test_only_administrators_scopes_open_the_list(office: Office) -> None:
    scopes = frozenset(TokenScope) - {TokenScope.REGISTRATIONS_WRITE}
    bearer, _ = await office.whole.tokens.create(
        "narrow", Role.OFFICER, scopes, office.whole.clock()
    )
    answer = await office.whole.ask("GET", "registrations", bearer=bearer)
    assert answer.problem == "forbidden"


async def forgotten_after(office: Office, days: float) -> None:
    """Check that the registration is there until then, and not after."""
    clock = office.whole.clock
    began = clock.moved
    clock.moved = began + timedelta(days=days, minutes=-2)
    await office.whole.hub.expire()
    assert await stored(office) == 1
    clock.moved = began + timedelta(days=days, minutes=2)
    await office.whole.hub.expire()
    assert await stored(office) == 0
    assert (await office.logged())[-1] == ("deleted", "hub")


async def stored(office: Office) -> int:
    async with office.whole.engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM registrations")) or 0)


async def test_what_nobody_confirms_is_forgotten_after_a_week(office: Office) -> None:
    await office.register()
    await forgotten_after(office, 7)


async def test_what_nobody_decides_is_forgotten_after_90_days(office: Office) -> None:
    await office.register()
    await office.confirm()
    await forgotten_after(office, 90)


async def test_what_was_declined_is_forgotten_after_30_days(office: Office) -> None:
    await office.register()
    path = f"registrations/{(await office.only())['id']}/decline"
    await office.whole.ask("POST", path, {"reason": "no"})
    await forgotten_after(office, 30)


async def test_what_was_enrolled_is_forgotten_after_30_days(office: Office) -> None:
    code = await approve(office)
    home = await enrolled(office.whole, code)
    await forgotten_after(office, 30)
    assert home in {record.home for record in await office.whole.homes.list()}


async def test_a_code_that_nobody_used_is_forgotten_30_days_after_its_end(office: Office) -> None:
    await approve(office)
    await forgotten_after(office, 44)
