"""The config flow: from an address and a code to an enrolled, connected home, and again."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, override
from uuid import uuid4

import aiomqtt
import probatio
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
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

from . import consents as consent_records
from . import identity as identities
from . import memory as memories
from .camera_flow import CameraFlow
from .const import CONF_ACCEPTED_BY, CONF_CITY, CONF_HOME, DOMAIN, SUBENTRY_CAMERA
from .enrol import CityClient, CityError, Trouble, fetch_ca, hub_url
from .identity import Identity, Keys, certifies, signing_request, tls_context
from .link import Failure, LinkError, enter, leave, make_client, probe
from .options import HomeOptions
from .protocol import topics
from .protocol.city import Broker, City
from .protocol.consent import SignedConsent, accepted, sign_consent
from .protocol.enrolment import Code, Enrolment, sign_enrolment
from .protocol.errors import Rejected
from .protocol.keys import fingerprint, to_jwk
from .protocol.status import sign_status
from .protocol.tokens import Signer
from .reenrol import replace_enrolment
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
RECONFIGURE_SCHEMA = probatio.Schema(
    {
        probatio.Required(CONF_URL): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, autocomplete="url")
        ),
        probatio.Optional(CONF_CODE): TextSelector(
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


@dataclass(frozen=True, slots=True)
class _Enrolled:
    """What came of it."""

    home: str
    identity: Identity
    signed: SignedConsent


def name_errors(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with an acceptance by name."""
    if not 0 < len(user_input[CONF_ACCEPTED_BY].strip()) <= _LONGEST_NAME:
        return {CONF_ACCEPTED_BY: "name_missing"}
    return {} if user_input[CONF_ACCEPT] else {CONF_ACCEPT: "not_accepted"}


class JacksonRtccConfigFlow(ConfigFlow, domain=DOMAIN):
    """Enrol a home with its city."""

    VERSION = 1

    _step: str
    _progress: _Progress
    _enrolled: _Enrolled

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Each shared camera is a subentry."""
        return {SUBENTRY_CAMERA: CameraFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> HomeOptions:
        """Change the limits of the whole home."""
        return HomeOptions()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the city is, and for the code that it gave."""
        return await self._ask_for_code("user", user_input)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Enrol the home anew, because its city does not accept it any more."""
        return await self._ask_for_code("reauth_confirm", None, entry_data[CONF_URL])

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the city is now, and for a new code."""
        return await self._ask_for_code("reauth_confirm", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Follow a hub that has moved, or enrol anew if there is a code."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            if user_input.get(CONF_CODE):
                return await self._ask_for_code("reconfigure", user_input)
            try:
                data = await self._follow(entry, user_input[CONF_URL])
            except CityError as err:
                _LOGGER.debug("The hub is not there: %s", err)
                field = CONF_URL if err.trouble is Trouble.INVALID_URL else "base"
                errors[field] = err.trouble
            except LinkError as err:
                _LOGGER.debug("No connection: %s", err)
                errors["base"] = err.failure.value
            else:
                if data is None:
                    errors[CONF_CODE] = "code_needed"
                else:
                    return self._update(entry, data)
        values = user_input or {CONF_URL: entry.data[CONF_URL]}
        return self._form("reconfigure", values, errors)

    async def async_step_city(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show who the city is and its rules; enrol once they are accepted by name."""
        progress = self._progress
        self._abort_if_known(progress.city)
        errors: dict[str, str] = {}
        if user_input is not None:
            progress.accepted_by = user_input[CONF_ACCEPTED_BY].strip()
            errors = name_errors(user_input)
            if not errors:
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
                "waiver_version": city.waiver.version,
                "policy": await policy_words(self.hass, city.policy),
                "policy_version": city.policy.version,
            },
        )

    async def async_step_connect(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - an empty form
    ) -> ConfigFlowResult:
        """Prove the first connection to the broker; it may be tried again without a new code."""
        progress, enrolled = self._progress, self._enrolled
        try:
            await self._prove_connection(enrolled.home, enrolled.identity, progress.city.broker)
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
        data = {
            CONF_URL: str(progress.url),
            CONF_HOME: enrolled.home,
            CONF_CITY: progress.document,
            CONF_ACCEPTED_BY: progress.accepted_by,
        }
        if self.source != SOURCE_USER:
            return await self._replace(data)
        await self.async_set_unique_id(enrolled.home)
        self._abort_if_unique_id_configured()
        await identities.save(self.hass, enrolled.home, enrolled.identity)
        consents = await consent_records.load(self.hass, enrolled.home)
        await consents.add(enrolled.signed, told=True)
        await memories.new(self.hass, enrolled.home).save()
        return self.async_create_entry(title=progress.city.name, data=data)

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

    async def _ask_for_code(
        self, step: str, user_input: dict[str, Any] | None, url: str | None = None
    ) -> ConfigFlowResult:
        """Ask for an address and a code, and go on when they lead to a city."""
        self._step = step
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
        return self._form(step, user_input or ({CONF_URL: url} if url else None), errors)

    def _form(
        self, step: str, values: Mapping[str, Any] | None, errors: dict[str, str]
    ) -> ConfigFlowResult:
        schema = RECONFIGURE_SCHEMA if step == "reconfigure" else USER_SCHEMA
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
        )

    def _abort_if_known(self, city: City) -> None:
        again = None if self.source == SOURCE_USER else self.context.get("entry_id")
        for entry in self._async_current_entries():
            if entry.entry_id != again and City.parse(entry.data[CONF_CITY]).hub == city.hub:
                self._async_abort_entries_match({CONF_HOME: entry.data[CONF_HOME]})

    async def _follow(self, entry: ConfigEntry, address: str) -> dict[str, Any] | None:
        """Return the entry's data for a hub that moved there; None if the keys are lost.

        It is the same hub if it shows the same key under the pinned CA, and knows this home.

        Raises:
            CityError: if it is not, or cannot be reached.
            LinkError: if its broker cannot be reached.

        """
        url, home = hub_url(address), entry.data[CONF_HOME]
        if (identity := await identities.load(self.hass, home)) is None:
            return None
        client = await CityClient.open(self.hass, url, identity.ca)
        document, known = await client.city(), City.parse(entry.data[CONF_CITY])
        city = City.parse(document)
        if city.hub != known.hub:
            raise CityError(Trouble.WRONG_CITY, f"its key is {city.hub}")
        question = sign_status(identity.signer, home, city.hub, uuid4().hex, dt_util.utcnow())
        await client.status(home, question)
        if city.broker != known.broker:
            await self._prove_connection(home, identity, city.broker)
        # Its rules are those that were accepted, until others are.
        moved = {**entry.data[CONF_CITY], "broker": document["broker"]}
        return {**entry.data, CONF_URL: str(url), CONF_CITY: moved}

    def _update(self, entry: ConfigEntry, data: dict[str, Any]) -> ConfigFlowResult:
        result = self.async_update_and_abort(entry, data=data)
        # A running home starts anew by itself when its entry changes.
        if entry.state is not ConfigEntryState.LOADED:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    async def _replace(self, data: dict[str, Any]) -> ConfigFlowResult:
        reauth = self.source == SOURCE_REAUTH
        entry = self._get_reauth_entry() if reauth else self._get_reconfigure_entry()
        before, now = City.parse(entry.data[CONF_CITY]).name, self._progress.city.name
        await replace_enrolment(
            self.hass,
            entry,
            data=data,
            title=now if entry.title == before else entry.title,
            identity=self._enrolled.identity,
            signed=self._enrolled.signed,
        )
        return self.async_update_and_abort(entry)

    async def _enrol(self) -> _Enrolled:
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
        signed = sign_consent(signer, consent)
        statement = sign_enrolment(
            signer,
            Enrolment(
                code=progress.code.proof,
                hub=progress.city.hub,
                csr=signing_request(progress.keys.tls),
                key=key,
                consent=signed,
                jti=uuid4().hex,
                issued=now,
            ),
        )
        answer = await progress.client.enrol(statement, key)
        if not certifies(answer.certificate, progress.keys.tls, progress.ca):
            raise CityError(Trouble.NOT_A_HUB, "the certificate is not for this home's key")
        identity = Identity(
            # Not the CA of the answer: this one is proved by the code.
            keys=progress.keys,
            certificate=answer.certificate,
            ca=progress.ca,
        )
        return _Enrolled(answer.home, identity, signed)

    def _ask_for_another_code(self, trouble: Trouble) -> ConfigFlowResult:
        return self._form(self._step, {CONF_URL: str(self._progress.url)}, {CONF_CODE: trouble})

    async def _read_rules_again(self, errors: dict[str, str]) -> None:
        try:
            self._progress.document = await self._progress.client.city()
            self._progress.city = City.parse(self._progress.document)
        except CityError as err:
            errors["base"] = err.trouble

    async def _prove_connection(self, home: str, identity: Identity, broker: Broker) -> None:
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
