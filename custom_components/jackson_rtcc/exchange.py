"""One session at a camera: the offer in, the answer and candidates out, and closed for sure."""

import asyncio
import logging
from collections.abc import Callable

from homeassistant.components.camera import (
    Camera,
    WebRTCAnswer,
    WebRTCCandidate,
    WebRTCError,
    WebRTCMessage,
)
from homeassistant.core import HomeAssistant, callback
from webrtc_models import RTCIceCandidateInit

from . import candidates as ice
from . import negotiate
from .bridge_error import BridgeError, Reason
from .hold import whole_at
from .ice import Loan
from .protocol.stream import Candidate
from .sdp import Description, NoCodecError, SdpError

_LOGGER = logging.getLogger(__name__)

LIMIT_S = 10


class Exchange:
    """A session that is asked for, and once it is answered, one that is under way.

    Whoever opened it closes it; it closes by itself only if the camera gives up.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        camera: Camera,
        session: str,
        offer: Description,
        loan: Loan,
        *,
        trickle: bool,
        relays: frozenset[str] | None,
        late: Callable[[tuple[Candidate, ...]], None],
        failed: Callable[[str], None],
    ) -> None:
        """Take an offer that has been checked, and with relay only the addresses of the relays."""
        self._hass = hass
        self._camera = camera
        self._session = session
        self._offer = offer
        self._loan = loan
        self._trickle = trickle
        self._relay_only = relays is not None
        self._relays = relays
        self._late = late
        self._failed = failed
        self.sdp = ""
        self._asked: asyncio.Task[None] | None = None
        self._answer: Description | None = None
        self._answered = 0.0
        self._last: float | None = None
        self._ended = False
        self._found: dict[Candidate, None] = {}
        self._whole = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._error: BridgeError | None = None
        self._players: set[asyncio.Task[None]] = set()
        self._player_count = 0
        self._closed = False
        self._answered_late = False

    async def ask(self) -> None:
        """Ask the camera, and hold its answer until its candidates have gone quiet, if need be.

        Raises:
            BridgeError: with the reason why there is no answer; the session is closed then.

        """
        try:
            with self._loan:
                self._asked = self._hass.async_create_background_task(
                    self._offer_it(), f"jackson_rtcc offer {self._session}", eager_start=False
                )
            self._asked.add_done_callback(self._asked_done)
            await self._until_whole()
            self._stop_timer()
            self.sdp = self._written()
        except BaseException:
            self.close()
            raise

    @callback
    def add(self, candidates: tuple[Candidate, ...]) -> None:
        """Pass the player's late candidates to the camera."""
        if self._closed:
            return
        room = ice.MOST - self._player_count
        cleaned = [ice.clean(each, relay_only=self._relay_only) for each in candidates[:room]]
        # An end of candidates is not passed on: not each brand's software takes one.
        passed = [each for each in cleaned if each is not None and self._reaches(each)]
        self._player_count += len(passed)
        if not passed:
            return
        task = self._hass.async_create_background_task(
            self._pass_on(passed), f"jackson_rtcc candidates {self._session}", eager_start=True
        )
        if not task.done():
            self._players.add(task)
            task.add_done_callback(self._players.discard)

    def _reaches(self, candidate: Candidate) -> bool:
        return self._relays is None or ice.relayed_by(candidate.line, self._relays)

    @callback
    def close(self) -> None:
        """End the session at the camera; only the first time does anything."""
        if self._closed:
            return
        self._closed = True
        self._loan.end()
        self._stop_timer()
        for task in self._players:
            task.cancel()
        if self._asked is not None and not self._asked.done():
            self._asked.cancel()
        self._close_at_camera()

    async def _offer_it(self) -> None:
        await self._camera.async_handle_async_webrtc_offer(
            str(self._offer), self._session, self._told
        )

    async def _until_whole(self) -> None:
        try:
            async with asyncio.timeout(LIMIT_S):
                await self._whole.wait()
        except TimeoutError:
            if self._answer is None:
                raise BridgeError(
                    Reason.SLOW, f"the camera gave no answer within {LIMIT_S} seconds"
                ) from None
        if self._error is not None:
            raise self._error

    def _written(self) -> str:
        assert self._answer is not None  # noqa: S101 - or there was an error
        try:
            return negotiate.whole_answer(
                self._answer,
                tuple(self._found),
                ended=self._ended,
                relay_only=self._relay_only,
            )
        except SdpError as err:
            raise BridgeError(Reason.FAILED, f"the camera's answer: {err}") from err

    @callback
    def _asked_done(self, task: asyncio.Task[None]) -> None:
        """Take note that the camera's own code has ended, which may be after the session has."""
        error = None if task.cancelled() else task.exception()
        if self._closed:
            # It may have made its session behind our back, before it ended.
            self._close_at_camera()
        elif task.cancelled():
            self._fail(Reason.FAILED, "the camera's integration stopped by itself")
        elif error is not None:
            self._fail(_reason_for(str(error)), str(error) or type(error).__name__)

    @callback
    def _told(self, message: WebRTCMessage) -> None:
        """Take what the camera sends."""
        match message:
            case WebRTCAnswer() if self._closed and not self._answered_late:
                # It has only now a session of this name.
                self._answered_late = True
                self._close_at_camera()
            case _ if self._closed:
                pass
            case WebRTCAnswer() if self._answer is None:
                self._take_answer(message.answer)
            case WebRTCCandidate():
                self._take_candidate(message.candidate)
            case WebRTCError():
                self._fail(_reason_for(message.message), f"{message.code}: {message.message}")

    def _take_answer(self, text: str) -> None:
        try:
            answer = negotiate.accept_answer(text, self._offer)
        except NoCodecError as err:
            self._fail(Reason.CODEC_UNSUPPORTED, f"the camera's answer: {err}")
            return
        except SdpError as err:
            self._fail(Reason.FAILED, f"the camera's answer: {err}")
            return
        self._answer = answer
        self._answered = self._hass.loop.time()
        if self._last is None and negotiate.candidates_in(answer, relay_only=self._relay_only):
            self._last = self._answered
        self._ended = self._ended or negotiate.has_ended(answer)
        self._hold()

    def _take_candidate(self, told: object) -> None:
        found = _read(told)
        if found is not None and found.line == "":
            self._ended = True
            self._pass(found)
            return
        cleaned = ice.clean(found, relay_only=self._relay_only) if found else None
        if cleaned is None or cleaned in self._found or len(self._found) >= ice.MOST:
            return
        self._found[cleaned] = None
        self._last = self._hass.loop.time()
        self._pass(cleaned)

    def _pass(self, candidate: Candidate) -> None:
        if self.sdp and self._answer is not None:
            self._late((negotiate.placed(self._answer, candidate),))
        else:
            self._hold()

    def _hold(self) -> None:
        if self._answer is None:
            return
        self._stop_timer()
        whole = whole_at(
            self._answered,
            self._last,
            ended=self._ended,
            trickle=self._trickle,
            relay_only=self._relay_only,
        )
        self._timer = self._hass.loop.call_at(whole, self._whole.set)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    @callback
    def _fail(self, reason: Reason, detail: str) -> None:
        """Take note that there will be nothing, or nothing more, from this camera."""
        if self._error is not None:
            return
        self._error = BridgeError(reason, detail)
        self._whole.set()
        if self.sdp:
            _LOGGER.warning("A camera ended a stream: %s (%s)", reason, detail)
            self.close()
            self._failed(reason)

    async def _pass_on(self, candidates: list[Candidate]) -> None:
        mids = [section.mid for section in self._offer.sections]
        for each in candidates:
            index = each.index
            if index is None and each.mid in mids:
                # Ring knows no names, only numbers.
                index = mids.index(each.mid)
            try:
                await self._camera.async_on_webrtc_candidate(
                    self._session,
                    RTCIceCandidateInit(each.line, sdp_mid=each.mid, sdp_m_line_index=index),
                )
            except Exception as err:  # noqa: BLE001 - a camera's integration may raise anything
                _LOGGER.debug("A camera took no candidate: %s", err)

    def _close_at_camera(self) -> None:
        try:
            self._camera.close_webrtc_session(self._session)
        except Exception as err:  # noqa: BLE001 - a camera's integration may raise anything
            _LOGGER.warning("A camera did not close its session: %r", err)


def _read(told: object) -> Candidate | None:
    """Read a candidate in whichever of Home Assistant's shapes, from code of any quality."""
    line = getattr(told, "candidate", None)
    mid = getattr(told, "sdp_mid", None)
    index = getattr(told, "sdp_m_line_index", None)
    if not isinstance(line, str):
        return None
    return Candidate(
        line,
        mid if isinstance(mid, str) else None,
        index if isinstance(index, int) else None,
    )


def _reason_for(words: str) -> Reason:
    return Reason.CODEC_UNSUPPORTED if negotiate.is_codec_error(words) else Reason.FAILED
