"""The config flow, from an address and a code to a connected home, and how each step can fail."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.jackson_rtcc.protocol.keys import fingerprint, to_jwk
from tests.integration.city import City, problem
from tests.integration.enrolled import enrol

DOMAIN = "jackson_rtcc"
ACCEPTED = {"accepted_by": "Fannie Lou Hamer", "accept": True}


async def begin(hass: HomeAssistant, url: str, code: str) -> Any:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    return await go_on(hass, result, {"url": url, "code": code})


async def go_on(hass: HomeAssistant, result: Any, user_input: dict[str, Any]) -> Any:
    return await hass.config_entries.flow.async_configure(result["flow_id"], user_input)


async def finish(hass: HomeAssistant, city: City, result: Any) -> None:
    """Accept, and see that the home is there and goes on with its first camera."""
    result = await go_on(hass, result, ACCEPTED)
    await created(hass, city, result)


async def created(hass: HomeAssistant, city: City, result: Any) -> None:
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "City of Jackson"
    (home,) = city.homes.values()
    (consent,) = await city.consents(home.id)
    assert consent.name == "Fannie Lou Hamer"
    entry = result["result"]
    assert entry.unique_id == home.id
    assert entry.data == {
        "url": city.url,
        "home": home.id,
        "city": city.document,
        "accepted_by": "Fannie Lou Hamer",
    }
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"
    assert hass.config_entries.subentries.async_get(flow_id)["step_id"] == "user"
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    await city.until_presence(home.id, b"online")


async def test_enrol(hass: HomeAssistant, city: City) -> None:
    result = await begin(hass, city.url, await city.code())
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "city"
    assert result["description_placeholders"] == {
        "city": "City of Jackson",
        "fingerprint": fingerprint(city.signer.kid),
        "waiver": "You lend your camera.",
        "waiver_version": "1",
        "policy_version": "1",
        "policy": (
            "- **Robbery**: within at most 800 metres of the incident and for at most"
            " 2\N{NO-BREAK SPACE}h after it was opened (still pictures, live video)\n"
            "- **Illegal dumping**: within at most 100 metres of the incident and for at most"
            " 90\N{NO-BREAK SPACE}min after it was opened (still pictures)\n"
            "- Pictures that nobody attaches to an incident are gone after 300\N{NO-BREAK SPACE}s."
            " Attached ones are deleted after 60 days, and after 60 days if no charges come of it"
        ),
    }
    await finish(hass, city, result)


async def test_rules_in_spanish(hass: HomeAssistant, city: City) -> None:
    hass.config.language = "es-MX"
    result = await begin(hass, city.url.removeprefix("https://"), (await city.code()).lower())
    words = result["description_placeholders"]
    assert words["waiver"] == "Usted presta su cámara."
    assert words["policy"].startswith("- **Robo**: a lo sumo a 800 metros")


@pytest.mark.parametrize(
    ("url", "field", "error"),
    [
        ("http://{host}", "url", "invalid_url"),
        ("https://me:secret@{host}", "url", "invalid_url"),
        ("https://", "url", "invalid_url"),
        ("https://[", "url", "invalid_url"),
        ("https://127.0.0.1:1", "base", "cannot_connect"),
        ("https://{host}/elsewhere", "base", "not_a_hub"),
    ],
)
async def test_wrong_address(
    hass: HomeAssistant, city: City, url: str, field: str, error: str
) -> None:
    code = await city.code()
    wrong = url.format(host=city.url.removeprefix("https://"))
    result = await begin(hass, wrong, code)
    assert result["errors"] == {field: error}
    result = await go_on(hass, result, {"url": city.url, "code": code})
    await finish(hass, city, result)


async def test_malformed_code(hass: HomeAssistant, city: City) -> None:
    result = await begin(hass, city.url, "ABCDE")
    assert result["errors"] == {"code": "code_malformed"}
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    await finish(hass, city, result)


async def test_code_of_another_city(hass: HomeAssistant, city: City) -> None:
    result = await begin(hass, city.url, city.foreign_code())
    assert result["errors"] == {"base": "wrong_city"}
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    await finish(hass, city, result)


@pytest.mark.parametrize(
    ("path", "answer", "error"),
    [
        ("/api/v1/ca", {"text": "It works!"}, "not_a_hub"),
        ("/api/v1/ca", {"body": bytes(300_000)}, "not_a_hub"),
        ("/api/v1/ca", {"status": 302, "headers": {"Location": "/"}}, "not_a_hub"),
        ("/api/v1/ca", {"status": 503}, "cannot_connect"),
        ("/api/v1/city", {"text": "<html>"}, "not_a_hub"),
        ("/api/v1/city", {"text": "[]"}, "not_a_hub"),
        ("/api/v1/city", {"text": '{"name": "Jackson"}'}, "not_a_hub"),
    ],
)
async def test_not_a_hub(
    hass: HomeAssistant, city: City, path: str, answer: dict[str, Any], error: str
) -> None:
    code = await city.code()
    city.answers[path] = web.Response(**answer)
    result = await begin(hass, city.url, code)
    assert result["errors"] == {"base": error}
    del city.answers[path]
    result = await go_on(hass, result, {"url": city.url, "code": code})
    await finish(hass, city, result)


async def test_certificate_for_another_name(hass: HomeAssistant, city: City) -> None:
    """A machine in the middle can show the right CA, but no certificate of it."""
    # The city's server shares our loop, and reports that its client hung up on it.
    hass.loop.set_exception_handler(lambda _loop, _context: None)
    await city.serve_again(city.authority.server(["hub.example.org"], city.now))
    result = await begin(hass, city.url, await city.code())
    assert result["errors"] == {"base": "wrong_certificate"}


@pytest.mark.parametrize(
    ("accepted", "error"),
    [
        ({"accepted_by": " ", "accept": True}, {"accepted_by": "name_missing"}),
        ({"accepted_by": "x" * 101, "accept": True}, {"accepted_by": "name_missing"}),
        ({"accepted_by": "Fannie", "accept": False}, {"accept": "not_accepted"}),
    ],
)
async def test_not_accepted(
    hass: HomeAssistant, city: City, accepted: dict[str, Any], error: dict[str, str]
) -> None:
    result = await begin(hass, city.url, await city.code())
    result = await go_on(hass, result, accepted)
    assert result["step_id"] == "city"
    assert result["errors"] == error
    assert not city.homes
    await finish(hass, city, result)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (problem(400, "refused-statement", reason="clock"), "clock"),
        (problem(400, "refused-statement", reason="expired"), "clock"),
        (problem(400, "refused-statement", reason="bad_signature"), "refused"),
        (problem(400, "malformed"), "refused"),
        (problem(500, "internal"), "cannot_connect"),
        (web.Response(text="created", status=201), "not_a_hub"),
        (web.json_response({"home": "../x"}, status=201), "not_a_hub"),
        (web.Response(text="gone", status=404), "not_a_hub"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_refused(hass: HomeAssistant, city: City, answer: web.Response, error: str) -> None:
    result = await begin(hass, city.url, await city.code())
    city.answers["/api/v1/enrolments"] = answer
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "city"
    assert result["errors"] == {"base": error}
    del city.answers["/api/v1/enrolments"]
    await finish(hass, city, result)


@pytest.mark.parametrize("slug", ["code-unknown", "code-used", "code-expired"])
async def test_code_refused(hass: HomeAssistant, city: City, slug: str) -> None:
    result = await begin(hass, city.url, await city.code())
    city.answers["/api/v1/enrolments"] = problem(409, slug)
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "user"
    assert result["errors"] == {"code": slug.replace("-", "_")}
    del city.answers["/api/v1/enrolments"]
    result = await go_on(hass, result, {"url": city.url, "code": await city.code()})
    await finish(hass, city, result)


async def test_rules_change_meanwhile(hass: HomeAssistant, city: City) -> None:
    result = await begin(hass, city.url, await city.code())
    city.change_rules(waiver={"version": "2", "text": {"en": "You lend it gladly."}})
    result = await go_on(hass, result, ACCEPTED)
    assert result["errors"] == {"base": "rules_changed"}
    assert result["description_placeholders"]["waiver"] == "You lend it gladly."
    await finish(hass, city, result)


async def test_rules_change_and_city_goes(hass: HomeAssistant, city: City) -> None:
    result = await begin(hass, city.url, await city.code())
    city.answers["/api/v1/enrolments"] = problem(409, "rules-changed")
    city.answers["/api/v1/city"] = web.Response(status=502)
    result = await go_on(hass, result, ACCEPTED)
    assert result["errors"] == {"base": "cannot_connect"}
    city.answers.clear()
    await finish(hass, city, result)


async def test_broker_unreachable_then_back(hass: HomeAssistant, city: City) -> None:
    """The first connection may be tried again without a new code."""
    result = await begin(hass, city.url, await city.code())
    await city.stop_broker()
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "connect"
    assert result["errors"] == {"base": "broker_unreachable"}
    await city.broker.start()
    await city.connect()
    await created(hass, city, await go_on(hass, result, {}))


async def test_broker_refuses(hass: HomeAssistant, city: City) -> None:
    result = await begin(hass, city.url, await city.code())
    # Its certificate has ended before it is used.
    city.authority.life = timedelta(0)
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "connect"
    assert result["errors"] == {"base": "broker_refused"}
    assert not hass.config_entries.async_entries(DOMAIN)


async def test_a_certificate_of_another_ca_is_not_taken(hass: HomeAssistant, city: City) -> None:
    result = await begin(hass, city.url, await city.code())
    city.authority.stand_in = city.stranger()
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "city"
    assert result["errors"] == {"base": "not_a_hub"}
    assert not hass.config_entries.async_entries(DOMAIN)


async def test_broker_is_another_server(hass: HomeAssistant, city: City) -> None:
    city.document["broker"] = {"host": "127.0.0.1", "port": int(city.port)}
    result = await begin(hass, city.url, await city.code())
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "connect"
    assert result["errors"] == {"base": "broker_unreachable"}


async def test_broker_forbids(hass: HomeAssistant, old_broker_city: City) -> None:
    """Mosquitto 2.0 disconnects whoever publishes what it may not."""
    city = old_broker_city
    result = await begin(hass, city.url, await city.code())
    await city.disconnect()
    await city.broker.forbid("presence")
    result = await go_on(hass, result, ACCEPTED)
    assert result["step_id"] == "connect"
    assert result["errors"] == {"base": "broker_refused"}


async def test_enrolled_with_another_city(hass: HomeAssistant, city: City) -> None:
    other = city.document | {"key": to_jwk(Ed25519PrivateKey.generate().public_key())}
    MockConfigEntry(domain=DOMAIN, data={"home": "x", "city": other}).add_to_hass(hass)
    await finish(hass, city, await begin(hass, city.url, await city.code()))


async def test_enrolled_already(hass: HomeAssistant, city: City) -> None:
    await enrol(hass, city)
    result = await begin(hass, city.url, await city.code())
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
