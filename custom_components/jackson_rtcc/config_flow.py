"""The config flow: from an address and a code to an enrolled, connected home."""

import logging
from dataclasses import dataclass
from typing import Any, override
from uuid import uuid4

import aiomqtt
import probatio
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    FlowType,
    SubentryFlowContext,
)
from homeassistant.const import CONF_CODE, CONF_URL
from homeassistant.core import callback
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util import dt as dt_util
from yarl import URL

from . import identity as identities
from .camera_flow import CameraFlow
from .const import CONF_ACCEPTED_BY, CONF_CITY, CONF_HOME, DOMAIN, SUBENTRY_CAMERA
from .enrol import CityClient, CityError, Trouble, fetch_ca, hub_url
from .identity import Identity, Keys, signing_request, tls_context
from .link import Failure, LinkError, enter, leave, make_client, probe
from .protocol import topics
from .protocol.city import City
from .protocol.consent import accepted, sign_consent
from .protocol.enrolment import Code, Enrolment, sign_enrolment
from .protocol.errors import Rejected
from .protocol.keys import fingerprint, to_jwk
from .protocol.tokens import Signer
from .words import policy_words, waiver_words

_LOGGER = logging.getLogger(__name__)

CONF_ACCEPT = "accept"
_LONGEST_NAME = 100

_CODE_TROUBLES = {Trouble.CODE_UNKNOWN, Trouble.CODE_USED, Trouble.CODE_EXPIRED}

USER_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
        ),
        probatio.Required(CONF_CODE): TextSelector(
            TextSelectorConfig(autocomplete="one-time-code")
        ),
    }
)
CITY_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_ACCEPTED_BY): TextSelector(TextSelectorConfig(autocomplete="name")),
        probatio.Required(CONF_ACCEPT, default=False): BooleanSelector(),
    }
)


@dataclass(slots=True)
class _Progress:
    """What the flow has found out so far."""

    url: URL
    code: Code
    ca: str
    client: CityClient
    document: dict[str, Any]
    city: City
    keys: Keys
    accepted_by: str = ""


class JacksonRtccConfigFlow(ConfigFlow, domain=DOMAIN):
    """Enrol a home with its city."""

    VERSION = 1

    _progress: _Progress
    _enrolled: tuple[str, Identity]

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Each shared camera is a subentry."""
        return {SUBENTRY_CAMERA: CameraFlow}

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the city is, and for the code that it gave."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._progress = await self._find_city(user_input)
            except Rejected:
                errors[CONF_CODE] = "code_malformed"
            except CityError as err:
                _LOGGER.debug("No city there: %s", err)
                field = CONF_URL if err.trouble is Trouble.INVALID_URL else "base"
                errors[field] = err.trouble
            else:
                return await self.async_step_city()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(USER_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_city(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show who the city is and its rules; enrol once they are accepted by name."""
        progress = self._progress
        self._abort_if_known(progress.city)
        errors: dict[str, str] = {}
        if user_input is not None:
            progress.accepted_by = user_input[CONF_ACCEPTED_BY].strip()
            if not 0 < len(progress.accepted_by) <= _LONGEST_NAME:
                errors[CONF_ACCEPTED_BY] = "name_missing"
            elif not user_input[CONF_ACCEPT]:
                errors[CONF_ACCEPT] = "not_accepted"
            else:
                try:
                    self._enrolled = await self._enrol()
                except CityError as err:
                    _LOGGER.debug("Not enrolled: %s", err)
                    errors["base"] = err.trouble
                    if err.trouble in _CODE_TROUBLES:
                        return self._ask_for_another_code(err.trouble)
                    if err.trouble is Trouble.RULES_CHANGED:
                        await self._read_rules_again(errors)
                else:
                    return await self.async_step_connect()
        city = progress.city
        return self.async_show_form(
            step_id="city",
            data_schema=self.add_suggested_values_to_schema(CITY_SCHEMA, user_input),
            errors=errors,
            description_placeholders={
                "city": city.name,
                "fingerprint": fingerprint(city.hub),
                "waiver": waiver_words(self.hass, city.waiver),
                "policy": await policy_words(self.hass, city.policy),
            },
        )

    async def async_step_connect(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - an empty form
    ) -> ConfigFlowResult:
        """Prove the first connection to the broker; it may be tried again without a new code."""
        progress, (home, identity) = self._progress, self._enrolled
        try:
            await self._prove_connection(home, identity)
        except LinkError as err:
            _LOGGER.debug("No connection: %s", err)
            broker = progress.city.broker
            return self.async_show_form(
                step_id="connect",
                data_schema=probatio.Schema({}),
                errors={"base": err.failure.value},
                description_placeholders={
                    "city": progress.city.name,
                    "broker": f"{broker.host}:{broker.port}",
                },
            )
        await self.async_set_unique_id(home)
        self._abort_if_unique_id_configured()
        await identities.save(self.hass, home, identity)
        return self.async_create_entry(
            title=progress.city.name,
            data={
                CONF_URL: str(progress.url),
                CONF_HOME: home,
                CONF_CITY: progress.document,
                CONF_ACCEPTED_BY: progress.accepted_by,
            },
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on with the first camera."""
        subentry = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_CAMERA),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, subentry["flow_id"])
        return result

    async def _find_city(self, user_input: dict[str, Any]) -> _Progress:
        code = Code.parse(user_input[CONF_CODE])
        url = hub_url(user_input[CONF_URL])
        ca = await fetch_ca(self.hass, url, code)
        client = await CityClient.open(self.hass, url, ca)
        document = await client.city()
        return _Progress(url, code, ca, client, document, City.parse(document), Keys.make())

    def _abort_if_known(self, city: City) -> None:
        for entry in self._async_current_entries():
            if City.parse(entry.data[CONF_CITY]).hub == city.hub:
                self._async_abort_entries_match({CONF_HOME: entry.data[CONF_HOME]})

    async def _enrol(self) -> tuple[str, Identity]:
        progress = self._progress
        key, now = to_jwk(progress.keys.signing.public_key()), dt_util.utcnow()
        signer = Signer(progress.keys.signing)
        consent = accepted(
            progress.city,
            id_=uuid4().hex,
            principal=signer.kid,
            name=progress.accepted_by,
            language=self.hass.config.language,
            now=now,
        )
        statement = sign_enrolment(
            signer,
            Enrolment(
                code=progress.code.proof,
                hub=progress.city.hub,
                csr=signing_request(progress.keys.tls),
                key=key,
                consent=sign_consent(signer, consent),
                jti=uuid4().hex,
                issued=now,
            ),
        )
        answer = await progress.client.enrol(statement, key)
        return answer.home, Identity(
            # Not the CA of the answer: this one is proved by the code.
            keys=progress.keys,
            certificate=answer.certificate,
            ca=progress.ca,
        )

    def _ask_for_another_code(self, trouble: Trouble) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                USER_SCHEMA, {CONF_URL: str(self._progress.url)}
            ),
            errors={CONF_CODE: trouble},
        )

    async def _read_rules_again(self, errors: dict[str, str]) -> None:
        try:
            self._progress.document = await self._progress.client.city()
            self._progress.city = City.parse(self._progress.document)
        except CityError as err:
            errors["base"] = err.trouble

    async def _prove_connection(self, home: str, identity: Identity) -> None:
        broker = self._progress.city.broker
        context = await self.hass.async_add_executor_job(tls_context, identity)
        client = make_client(home, broker, context)
        try:
            await enter(client, broker)
        except LinkError as err:
            raise (await probe(broker, context)) or err from err
        try:
            for word in (topics.ONLINE, topics.OFFLINE):
                await client.publish(topics.presence(home), word, qos=1, retain=True)
        except aiomqtt.MqttError as err:
            raise LinkError(Failure.REFUSED, str(err)) from err
        finally:
            await leave(client)
