"""Links that sign in: only where the city allows them, once, for minutes, and all in the log."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from hub import cli
from hub.config import Config, read_config
from hub.data import DataFolder
from hub.errors import Problem, StartError
from hub.homes.authority import Authority
from hub.messaging.child import Broker
from hub.operators.actors import BY_COMMAND
from hub.operators.door import Door, banner_digest, door_of
from hub.operators.sign_in_links import LIFE, new_link
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from tests.hub.operators.person import Person, entries, invited, joined, outcomes
from tests.hub.whole import Answer, WholeHub, whole_hub

DOOR = Door(links=True)


@pytest_asyncio.fixture
async def allowing(
    folder: DataFolder, authority: Authority, broker: Broker
) -> AsyncIterator[WholeHub]:
    """A hub of a city that allows them."""
    async with whole_hub(folder, authority, broker, door=DOOR) as whole:
        yield whole


async def made(person: Person, door: Door = DOOR) -> str:
    """Make a link as the command does, and return its secret."""
    address = await new_link(person.whole.hub.log, door, person.account.id)
    page, _, secret = address.partition("#")
    assert page == f"{door.origin}/link"
    return secret


async def use(person: Person, secret: str, banner: str | None = None) -> Answer:
    """Press the page's button, and keep the cookie."""
    shown = banner or banner_digest(DOOR.banner("en"))
    answer = await person.ask("POST", "session/link", {"secret": secret, "banner": shown})
    if answer.status == 204:
        person.cookie = answer.headers["Set-Cookie"].split(";")[0].split("=", 1)[1]
    return answer


async def test_a_link_signs_in_without_a_passkey(allowing: WholeHub) -> None:
    person = await invited(allowing, Role.SUPERVISOR)
    assert (await use(person, await made(person))).status == 204
    session = (await person.session()).json
    assert (session["operator"], session["role"]) == (person.account.id, "supervisor")
    assert session["via"] == "link"
    link = (await entries(allowing, EntryKind.OPERATOR))[-1]
    assert (link.actor, link.outcome) == (BY_COMMAND.pseudonym, "link-made")
    assert link.about["operator"] == person.account.id
    [begun] = await entries(allowing, EntryKind.SESSION)
    assert (begun.actor, begun.outcome) == (person.account.pseudonym, "signed-in")
    assert begun.about["via"] == "link"
    assert begun.about["banner"] == banner_digest(DOOR.banner("en"))


async def test_it_works_once(allowing: WholeHub) -> None:
    person = await invited(allowing)
    secret = await made(person)
    answers = await asyncio.gather(*(use(person, secret) for _ in range(3)))
    assert sorted(answer.status for answer in answers) == [204, 403, 403]
    assert (await use(person, secret)).problem == "sign-in-refused"
    refused = (await entries(allowing, EntryKind.SESSION))[-1]
    assert (refused.outcome, refused.about["why"]) == ("refused", "link")


async def test_it_ends_after_five_minutes(allowing: WholeHub) -> None:
    person = await invited(allowing)
    secret = await made(person)
    allowing.clock.moved = LIFE
    assert timedelta(minutes=5) == LIFE
    assert (await use(person, secret)).problem == "sign-in-refused"
    assert not person.cookie


async def test_a_disabled_account_gets_none_and_uses_none(allowing: WholeHub) -> None:
    person = await invited(allowing)
    secret = await made(person)
    await allowing.hub.operators.accounts.disable(person.account.id, "left", BY_COMMAND)
    assert (await use(person, secret)).problem == "sign-in-refused"
    with pytest.raises(Problem, match="disabled"):
        await made(person)


async def test_the_banner_comes_first(allowing: WholeHub) -> None:
    person = await invited(allowing)
    secret = await made(person)
    assert (await use(person, secret, "0" * 64)).problem == "banner"
    assert (await use(person, secret)).status == 204, "the link is still good"


async def test_only_the_hubs_own_page_may_use_it(allowing: WholeHub) -> None:
    person = await invited(allowing)
    secret = await made(person)
    person.extra = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert (await use(person, secret)).problem == "forbidden"


async def test_no_challenge_passes_for_a_link(allowing: WholeHub) -> None:
    person = await joined(allowing)
    challenge = (await person.options())["challenge"]
    assert (await use(person, challenge)).problem == "sign-in-refused"


async def test_who_came_by_a_link_opens_no_other_way_in(allowing: WholeHub) -> None:
    person = await invited(allowing)
    await use(person, await made(person))
    person.csrf = (await person.session()).json["csrf"]
    assert (await person.ask("POST", "account/invitations")).problem == "authenticate-again"


async def test_the_page_runs_nothing_inline(allowing: WholeHub) -> None:
    page = await allowing.ask("GET", "/link", headers={"Accept-Language": "es"})
    text = page.body.decode()
    assert re.findall(r"<script[^>]*>", text) == ['<script type="module" src="/pages/pages.js">']
    assert f'data-digest="{banner_digest(DOOR.banner("es"))}"' in text


async def test_a_city_that_says_nothing_has_none(whole: WholeHub) -> None:
    person = await invited(whole)
    secret = await made(person)
    assert (await use(person, secret)).status == 404
    assert (await whole.ask("GET", "/link", headers={})).status == 404
    assert await outcomes(whole, EntryKind.SESSION) == []
    with pytest.raises(StartError, match="sign_in_links"):
        await made(person, Door())


def test_it_is_off_unless_the_configuration_says_so() -> None:
    assert not door_of(Config(), 8443).links
    assert door_of(read_config(None, {"RTCC_OPERATORS__SIGN_IN_LINKS": "true"}), 8443).links


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: str) -> tuple[int, str]:
        status = cli.main(["--data", str(tmp_path / "data"), "operators", *words])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    run("invite", "Ann", "--role", "officer")
    status, said = run("link", "Ann")
    assert status == 1
    assert "sign_in_links" in said
    monkeypatch.setenv("RTCC_OPERATORS__SIGN_IN_LINKS", "true")
    status, said = run("link", "Ann")
    assert status == 0
    assert re.search(r"^Link: https://\S+/link#[\w-]{43}$", said, re.MULTILINE)
    run("invite", "Ann", "--role", "officer")
    assert "say the id" in run("link", "Ann")[1]
    assert "no such operator" in run("link", "Eve")[1]
