"""The shares of a home: publishes the difference between what is due and what was granted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from uuid import uuid4

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from .bridge import player_of
from .capabilities import ANSWERED_SCOPES, Capabilities, capabilities
from .conditions import Watch, surroundings
from .decide import (
    Due,
    Surroundings,
    Switches,
    grant_due,
    next_edge,
    renewal_at,
    share_for_end,
    stands,
)
from .memory import CameraMemory, Memory
from .permit import Given
from .protocol import topics
from .protocol.city import City
from .protocol.grant import REVOCATION_LIFE, Grant, Revocation, sign_grant, sign_revocation
from .protocol.tokens import Signer
from .protocol.vocabulary import Scope
from .share import Share

_RETIRED = REVOCATION_LIFE
"""How long a removed camera's revocation is repeated: longer than any grant could live."""


@dataclass(frozen=True, slots=True)
class Held:
    """A grant that was given, its token, when to renew it."""

    grant: Grant
    token: str
    renewal: datetime

    @property
    def content(self) -> Grant:
        """Return the grant without what differs from token to token."""
        return _content(self.grant)


class Shares:
    """Every camera of a home: what its owner wants, and what the city holds of it."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        home: str,
        city: City,
        signer: Signer,
        memory: Memory,
        random: Random,
    ) -> None:
        """Start with no cameras; `apply` brings them."""
        self._hass = hass
        self._home = home
        self._city = city
        self._signer = signer
        self._memory = memory
        self._random = random
        self._shares: dict[str, Share] = {}
        self._held: dict[str, Held] = {}
        self._before: dict[str, Grant] = {}
        self._timers: dict[str, CALLBACK_TYPE] = {}
        self._stopped = False
        self._waiting = False
        self._closed = False
        self._watch = Watch(hass, self.settle)
        self.publish: Callable[[str, str], None] = lambda _topic, _token: None
        self.publish_urgently: Callable[[str, str], None] = lambda _topic, _token: None
        self.changed: Callable[[], None] = lambda: None

    @property
    def home_on(self) -> bool:
        """Tell whether the home shares at all."""
        return self._memory.on

    @property
    def all(self) -> Mapping[str, Share]:
        """Return the shares by subentry id."""
        return self._shares

    def camera_on(self, subentry_id: str) -> bool:
        """Tell whether the owner shares this camera, by its switch or for a while."""
        switches = self._switches(subentry_id)
        return switches.camera or switches.for_a_while(dt_util.utcnow())

    def only_until(self, subentry_id: str) -> datetime | None:
        """Return until when this camera is shared, if only for a while: its own switch is off."""
        switches = self._switches(subentry_id)
        only = not switches.camera and switches.for_a_while(dt_util.utcnow())
        return switches.until if only else None

    def grant(self, subentry_id: str) -> Grant | None:
        """Return the grant that the city should hold for this camera."""
        return held.grant if (held := self._held.get(subentry_id)) else None

    def find(self, camera: str) -> str | None:
        """Return the subentry of a camera id."""
        return next((id_ for id_, share in self._shares.items() if share.camera == camera), None)

    def granted(self, subentry_id: str, jti: str) -> Grant | None:
        """Return the grant of this id if it still stands.

        The one before a renewal stands too: a request may be on its way while we renew.
        """
        current = self.grant(subentry_id)
        for grant in (current, self._before.get(subentry_id)):
            if grant is not None and grant.jti == jti:
                return grant
        return None

    def sharing(self, subentry_id: str, now: datetime) -> bool:
        """Tell whether the camera is shared at this moment by switch and hours."""
        return (due := self._due(subentry_id, now)) is not None and due.starts <= now

    def given(self, subentry_id: str, now: datetime, jti: str | None = None) -> Given:
        """Return what the owner gives of a camera now, under the grant of this id or the newest."""
        if (share := self._shares.get(subentry_id)) is None:
            return Given()
        grant = self.grant(subentry_id) if jti is None else self.granted(subentry_id, jti)
        return Given(share=share, grant=grant, sharing=self.sharing(subentry_id, now))

    @callback
    def apply(self, shares: Mapping[str, Share]) -> None:
        """Take what the subentries say now; cameras that left are revoked before anything else."""
        left = [id_ for id_ in self._memory.cameras if id_ not in shares]
        left += [
            id_
            for id_, share in shares.items()
            if (known := self._memory.cameras.get(id_)) and known.camera != share.camera
        ]
        for subentry_id in left:
            self._retire(subentry_id)
        self._shares = dict(shares)
        for subentry_id, share in shares.items():
            self._memory.cameras.setdefault(subentry_id, CameraMemory(share.camera))
        self._memory.save_later()
        self.follow()

    @callback
    def follow(self) -> None:
        """Watch what the shares depend on, under the names that it has now."""
        self._watch.follow(self._shares.values())
        self.settle()

    async def set_home(self, on: bool) -> None:
        """Switch the whole home; off also ends sharing for a while."""
        self._memory.on = on
        if not on:
            for camera in self._memory.cameras.values():
                camera.until = None
        self.settle()
        await self._memory.save()

    async def set_camera(self, subentry_id: str, on: bool) -> None:
        """Switch one camera; off also ends sharing for a while."""
        camera = self._memory.cameras[subentry_id]
        camera.on = on
        if not on:
            camera.until = None
        self.settle([subentry_id])
        await self._memory.save()

    async def share_for(self, subentry_id: str, duration: timedelta) -> None:
        """Share one camera for a while, whatever its hours and its switch say."""
        self._memory.cameras[subentry_id].until = share_for_end(dt_util.utcnow(), duration)
        self.settle([subentry_id])
        await self._memory.save()

    @callback
    def settle(self, subentry_ids: Iterable[str] | None = None) -> None:
        """Bring what is granted in line with what is due; revocations go first."""
        now = dt_util.utcnow()
        ids = list(self._shares if subentry_ids is None else subentry_ids)
        due = {subentry_id: self._due(subentry_id, now) for subentry_id in ids}
        for subentry_id in ids:
            if due[subentry_id] is None and subentry_id in self._held:
                self._revoke(subentry_id, now)
        for subentry_id in ids:
            if (wanted := due[subentry_id]) is not None and not self._waiting and not self._closed:
                self._grant(subentry_id, wanted, now)
            self._set_timer(subentry_id, now)
        self.changed()

    @callback
    def stop_granting(self, stopped: bool) -> None:
        """Revoke everything and grant nothing, or let the owner's rules decide again."""
        if stopped is not self._stopped:
            self._stopped = stopped
            self.settle()

    @callback
    def publish_all(self) -> None:
        """Say everything again."""
        self.publish_revocations()
        self.publish_grants()

    @callback
    def publish_revocations(self) -> None:
        """Say again what is not granted; grants wait until `publish_grants`."""
        self._waiting = True
        now = dt_util.utcnow()
        self._memory.retired = {
            camera: until for camera, until in self._memory.retired.items() if until > now
        }
        for camera in self._memory.retired:
            self._publish_revocation(camera, now)
        for subentry_id, share in self._shares.items():
            if self._due(subentry_id, now) is None:
                self._held.pop(subentry_id, None)
                self._before.pop(subentry_id, None)
                self._publish_revocation(share.camera, now)

    @callback
    def publish_grants(self) -> None:
        """Say again what is granted, as the broker may have forgotten all of it."""
        self._waiting = False
        standing = dict(self._held)
        self.settle()
        for subentry_id, held in standing.items():
            if self._held.get(subentry_id) is held:
                self.publish(topics.grants(self._home, held.grant.camera), held.token)

    @callback
    def start_over(self) -> None:
        """Say everything anew with higher numbers: the hub has seen some above ours."""
        waiting = self._waiting
        self._held.clear()
        self._before.clear()
        self.publish_revocations()
        if not waiting:
            self.publish_grants()

    @callback
    def close(self) -> None:
        """Stop timers and watch; what is granted ends with the presence, or by itself."""
        self._closed = True
        self._watch.close()
        for cancel in self._timers.values():
            cancel()
        self._timers.clear()

    def _switches(self, subentry_id: str) -> Switches:
        camera = self._memory.cameras[subentry_id]
        return Switches(home=self._memory.on, camera=camera.on, until=camera.until)

    def _due(self, subentry_id: str, now: datetime) -> Due | None:
        if self._stopped:
            return None
        return grant_due(
            self._shares[subentry_id],
            self._switches(subentry_id),
            self._surroundings(subentry_id),
            now,
            dt_util.get_default_time_zone(),
        )

    def _surroundings(self, subentry_id: str) -> Surroundings:
        share = self._shares[subentry_id]
        around = surroundings(self._hass, share)
        if not granted_scopes(share, capabilities(self._hass, share.entity)):
            return replace(around, ready=False)
        return around

    def _grant(self, subentry_id: str, due: Due, now: datetime) -> None:
        share = self._shares[subentry_id]
        can = capabilities(self._hass, share.entity)
        scopes = granted_scopes(share, can)
        grant = Grant(
            home=self._home,
            hub=self._city.hub,
            camera=share.camera,
            jti=uuid4().hex,
            seq=0,
            issued=now,
            starts=due.starts,
            ends=due.ends.replace(microsecond=0),
            scopes=scopes,
            gate=share.gate,
            view=share.view,
            name=share.name,
            site=share.site,
            still=can.still,
            waiver=self._city.waiver.digest,
            policy=self._city.policy.digest,
            still_every_s=share.still_every_s,
            player=player_of(self._hass, share.entity, relay_only=share.relay_only)
            if Scope.STREAM in scopes
            else None,
        )
        held = self._held.get(subentry_id)
        if (
            held is not None
            and held.content == _content(grant)
            and stands(held.grant.starts, held.grant.ends, held.renewal, due, now)
        ):
            return
        grant = replace(grant, seq=self._memory.next_seq(now))
        token = sign_grant(self._signer, grant)
        renewal = renewal_at(grant.starts, grant.ends, self._random.uniform(-1, 1))
        self._before.pop(subentry_id, None)
        if held is not None and held.content == _content(grant):
            self._before[subentry_id] = held.grant
        self._held[subentry_id] = Held(grant, token, renewal)
        self.publish(topics.grants(self._home, grant.camera), token)

    def _revoke(self, subentry_id: str, now: datetime) -> None:
        self._before.pop(subentry_id, None)
        self._publish_revocation(self._held.pop(subentry_id).grant.camera, now)

    def _retire(self, subentry_id: str) -> None:
        now = dt_util.utcnow()
        camera = self._memory.cameras.pop(subentry_id).camera
        self._held.pop(subentry_id, None)
        self._before.pop(subentry_id, None)
        if cancel := self._timers.pop(subentry_id, None):
            cancel()
        self._memory.retired[camera] = now + _RETIRED
        self._publish_revocation(camera, now)

    def _publish_revocation(self, camera: str, now: datetime) -> None:
        self.publish_urgently(
            topics.grants(self._home, camera),
            revocation(
                self._signer,
                self._memory,
                now,
                home=self._home,
                hub=self._city.hub,
                camera=camera,
            ),
        )

    def _set_timer(self, subentry_id: str, now: datetime) -> None:
        if cancel := self._timers.pop(subentry_id, None):
            cancel()
        if self._closed:
            return
        held = self._held.get(subentry_id)
        edge = next_edge(
            self._shares[subentry_id],
            self._switches(subentry_id),
            surroundings(self._hass, self._shares[subentry_id]),
            now,
            dt_util.get_default_time_zone(),
            renewal=held.renewal if held else None,
            ends=held.grant.ends if held else None,
        )
        if edge is not None:
            self._timers[subentry_id] = async_track_point_in_utc_time(
                self._hass, partial(self._on_timer, subentry_id), edge
            )

    @callback
    def _on_timer(self, subentry_id: str, _now: datetime) -> None:
        del self._timers[subentry_id]
        self.settle([subentry_id])


def granted_scopes(share: Share, can: Capabilities) -> frozenset[Scope]:
    """Return what a grant may hold: chosen by the owner, possible now, and answered by us."""
    return share.scopes & can.scopes(masked=bool(share.mask)) & ANSWERED_SCOPES


def revocation(
    signer: Signer, memory: Memory, now: datetime, *, home: str, hub: str, camera: str
) -> str:
    """Return a new revocation of one camera."""
    return sign_revocation(
        signer,
        Revocation(
            home=home,
            hub=hub,
            camera=camera,
            jti=uuid4().hex,
            seq=memory.next_seq(now),
            issued=now,
        ),
    )


def _content(grant: Grant) -> Grant:
    at = grant.starts.min
    return replace(grant, jti="", seq=0, issued=at, starts=at, ends=at)
