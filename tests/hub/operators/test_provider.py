"""The city's own sign-in at a real provider process: only who was invited, only unphishable."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from demo.waiting import free_port, until
from hub.config import Oidc
from hub.data import DataFolder
from hub.homes.authority import Authority
from hub.messaging.child import Broker
from hub.operators.csrf import COOKIE
from hub.operators.door import Door, banner_digest
from hub.protocol.entries import EntryKind
from hub.protocol.vocabulary import Role
from hub.transparency.log import PUBLIC
from tests.hub.operators.person import Person, entries, invited, outcomes
from tests.hub.waiting import LIMIT
from tests.hub.whole import Answer, WholeHub, whole_hub

SUB = "ann-at-the-city"
CLAIMS: dict[str, object] = {
    "email": "Ann@example.gov",
    "email_verified": True,
    "preferred_username": "ann",
    "amr": ["hwk", "user"],
    "groups": ["staff", "rtcc-officers"],
}


@dataclass
class City:
    """The provider's address, and the hub that trusts it."""

    issuer: str
    http: aiohttp.ClientSession
    whole: WholeHub

    async def knows(self, claims: dict[str, object], sub: str = SUB) -> None:
        """Make the provider know a person."""
        async with self.http.put(f"{self.issuer}/users/{sub}", json=claims) as answer:
            assert answer.status == 204

    async def leave(self, page: str = "en") -> Answer:
        """Press the button of the sign-in page."""
        digest = banner_digest(self.whole.hub.operators.door.banner(page))
        return await self._get(f"/sign-in/provider?banner={digest}", {})

    async def provider(self, address: str, sub: str = SUB) -> str:
        """Sign in there; return the path that the browser is led back to."""
        async with self.http.post(address, data={"sub": sub}, allow_redirects=False) as answer:
            back = answer.headers["Location"]
        assert back.startswith("https://localhost:8443/sign-in/callback?")
        return back.removeprefix("https://localhost:8443")

    async def arrive(self, back: str, cookie: str) -> Answer:
        """Come back to the hub."""
        return await self._get(back, {"Cookie": cookie})

    async def sign_in(self, sub: str = SUB) -> Answer:
        """Go the whole way."""
        left = await self.leave()
        back = await self.provider(left.headers["Location"], sub)
        return await self.arrive(back, cookie_of(left))

    async def _get(self, path: str, headers: dict[str, str]) -> Answer:
        async with self.whole.client.get(path, headers=headers, allow_redirects=False) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())


def cookie_of(answer: Answer) -> str:
    return answer.headers["Set-Cookie"].split(";")[0]


async def refused(city: City, answer: Answer, why: str) -> None:
    """Check that the sign-in was refused, and that the log says why."""
    assert answer.status == 303
    assert answer.headers["Location"] == "/sign-in#sign-in-refused"
    assert "Set-Cookie" not in answer.headers
    last = (await entries(city.whole, EntryKind.SESSION))[-1]
    assert (last.outcome, last.about["why"]) == ("refused", why)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that runs in a process of its own."""
    port = free_port(0, "127.0.0.1")
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            asyncio.run(until(partial(_answers, address), "the provider is not there", LIMIT))
            yield address
        finally:
            child.terminate()


async def _answers(address: str) -> bool:
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{address}/jwks") as answer:
            return answer.ok
    except aiohttp.ClientError:
        return False


@pytest.fixture
def settings(issuer: str, tmp_path: Path) -> Oidc:
    secret = tmp_path / "client-secret"
    secret.write_text("known to both\n")
    return Oidc(
        issuer=issuer,
        client_id="jackson-rtcc",
        client_secret_file=str(secret),
        amr=("hwk", "phr"),
        role_claim="groups",
        roles={"rtcc-officers": Role.OFFICER, "rtcc-chiefs": Role.SUPERVISOR},
    )


@pytest.fixture
async def city(
    folder: DataFolder, authority: Authority, broker: Broker, settings: Oidc
) -> AsyncIterator[City]:
    door = Door(oidc=settings)
    async with (
        whole_hub(folder, authority, broker, door=door) as whole,
        aiohttp.ClientSession() as http,
    ):
        city = City(settings.issuer, http, whole)
        await city.knows(CLAIMS)
        yield city


async def ann(city: City, **details: object) -> Person:
    """Invite Ann under the name by which the provider knows her."""
    return await invited(city.whole, **{"login": "ann@example.gov"} | details)  # type: ignore[arg-type]


async def test_who_was_invited_signs_in(city: City) -> None:
    person = await ann(city)
    answer = await city.sign_in()
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in/arrived")
    header = answer.headers["Set-Cookie"]
    assert re.search(r"; Secure; HttpOnly; SameSite=Strict$", header)
    person.cookie = cookie_of(answer).removeprefix(f"{COOKIE}=")
    found = (await person.session()).json
    assert (found["operator"], found["via"]) == (person.account.id, "provider")
    assert await outcomes(city.whole, EntryKind.OPERATOR) == ["invited", "linked"]
    signed_in = (await entries(city.whole, EntryKind.SESSION))[-1]
    assert signed_in.about["via"] == "provider"
    assert signed_in.about["banner"] == banner_digest(city.whole.hub.operators.door.banner("en"))
    everything = str(await entries(city.whole, EntryKind.OPERATOR, EntryKind.SESSION))
    assert SUB not in everything
    assert "example.gov" not in everything


async def test_what_the_provider_is_asked(city: City) -> None:
    left = await city.leave()
    asked = parse_qs(urlsplit(left.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["https://localhost:8443/sign-in/callback"]
    assert {"state", "nonce", "code_challenge", "max_age"} <= asked.keys()
    again = parse_qs(urlsplit((await city.leave()).headers["Location"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert asked[name] != again[name]
    cookie = left.headers["Set-Cookie"]
    assert cookie.startswith("__Host-rtcc-provider=")
    assert "Secure; HttpOnly; SameSite=Lax" in cookie


async def test_the_button_is_on_the_page(city: City) -> None:
    page = await city.whole.ask("GET", "/sign-in", headers={})
    found = re.search(r'href="(/sign-in/provider\?banner=\w+)"', page.body.decode())
    assert found is not None
    assert (await city._get(found[1], {})).status == 303
    arrived = await city.whole.ask("GET", "/sign-in/arrived", headers={})
    assert arrived.status == 200


async def test_the_second_time_the_link_counts_not_the_name(city: City) -> None:
    await ann(city)
    await city.sign_in()
    await city.knows(CLAIMS | {"email": "married@example.gov", "preferred_username": "m"})
    assert (await city.sign_in()).headers["Location"] == "/sign-in/arrived"
    assert await outcomes(city.whole, EntryKind.OPERATOR) == ["invited", "linked"]


async def test_the_preferred_name_will_do(city: City) -> None:
    await ann(city, login="ann")
    assert (await city.sign_in()).headers["Location"] == "/sign-in/arrived"


async def test_who_was_not_invited_does_not_get_in(city: City) -> None:
    await invited(city.whole, login="eve")
    await refused(city, await city.sign_in(), "unknown")
    assert (await entries(city.whole, EntryKind.SESSION))[-1].actor == PUBLIC


async def test_an_address_that_is_not_verified_names_nobody(city: City) -> None:
    await ann(city)
    await city.knows(CLAIMS | {"email_verified": False})
    await refused(city, await city.sign_in(), "unknown")


async def test_who_takes_over_a_name_does_not_take_over_the_account(city: City) -> None:
    await ann(city)
    await city.sign_in()
    await city.knows(CLAIMS, "eve-at-the-city")
    await refused(city, await city.sign_in("eve-at-the-city"), "unknown")


@pytest.mark.parametrize("amr", [["pwd"], [], "pwd", None, ["pwd", "otp"], [5]])
async def test_a_sign_in_that_can_be_phished_is_refused(city: City, amr: object) -> None:
    person = await ann(city)
    await city.knows(CLAIMS | {"amr": amr})
    await refused(city, await city.sign_in(), "weak")
    assert (await entries(city.whole, EntryKind.SESSION))[-1].actor == person.account.pseudonym


@pytest.mark.parametrize("groups", [[], ["staff"], ["rtcc-chiefs"], "rtcc-chiefs", None])
async def test_the_provider_must_agree_with_the_role(city: City, groups: object) -> None:
    await ann(city)
    await city.knows(CLAIMS | {"groups": groups})
    await refused(city, await city.sign_in(), "role")


async def test_a_disabled_account_does_not_get_in(city: City) -> None:
    person = await ann(city)
    room = city.whole.hub.operators
    await city.sign_in()
    whole_admin = await city.whole.operator(Role.ADMINISTRATOR)
    path = f"operators/{person.account.id}/disable"
    answer = await city.whole.ask("POST", path, {"reason": "x"}, headers=whole_admin)
    assert answer.status == 204
    await refused(city, await city.sign_in(), "disabled")
    assert not (await room.accounts.find(person.account.id)).open


async def test_coming_back_works_once(city: City) -> None:
    await ann(city)
    left = await city.leave()
    back = await city.provider(left.headers["Location"])
    assert (await city.arrive(back, cookie_of(left))).headers["Location"] == "/sign-in/arrived"
    await refused(city, await city.arrive(back, cookie_of(left)), "challenge")


async def test_nobody_comes_back_in_anothers_browser(city: City) -> None:
    await ann(city)
    mine, theirs = await city.leave(), await city.leave()
    back = await city.provider(mine.headers["Location"])
    await refused(city, await city.arrive(back, cookie_of(theirs)), "challenge")
    left = await city.leave()
    back = await city.provider(left.headers["Location"])
    await refused(city, await city.arrive(back, ""), "challenge")


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=zz", "?error=access_denied"])
async def test_coming_back_with_nothing(city: City, query: str) -> None:
    left = await city.leave()
    await refused(
        city, await city.arrive(f"/sign-in/callback{query}", cookie_of(left)), "challenge"
    )


async def test_a_code_that_the_provider_did_not_give(city: City) -> None:
    await ann(city)
    left = await city.leave()
    back = await city.provider(left.headers["Location"])
    forged = re.sub(r"code=[^&]+", "code=forged", back)
    await refused(city, await city.arrive(forged, cookie_of(left)), "provider")


async def test_too_late(city: City) -> None:
    await ann(city)
    left = await city.leave()
    back = await city.provider(left.headers["Location"])
    city.whole.clock.moved = timedelta(minutes=5)
    await refused(city, await city.arrive(back, cookie_of(left)), "challenge")


async def test_five_that_can_be_phished_lock_the_account(city: City) -> None:
    person = await ann(city)
    await city.knows(CLAIMS | {"amr": ["pwd"]})
    for _ in range(5):
        await refused(city, await city.sign_in(), "weak")
    assert (await city.whole.hub.operators.accounts.find(person.account.id)).locked is not None


async def test_the_banner_comes_first_here_too(city: City) -> None:
    answer = await city._get(f"/sign-in/provider?banner={'0' * 64}", {})
    assert answer.problem == "banner"


async def test_a_provider_that_is_down_is_told_at_the_page(
    folder: DataFolder, authority: Authority, broker: Broker
) -> None:
    door = Door(oidc=Oidc(issuer="http://127.0.0.1:1", client_id="rtcc", amr=("hwk",)))
    async with whole_hub(folder, authority, broker, door=door) as whole:
        digest = banner_digest(door.banner("en"))
        async with whole.client.get(
            f"/sign-in/provider?banner={digest}", allow_redirects=False
        ) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == "/sign-in#provider-failed"
