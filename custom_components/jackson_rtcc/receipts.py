"""Receipts: takes what the hub proves about the end of a look, and acknowledges it."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .ledger import Ledger
from .log_evidence import Source
from .log_watch import LogWatch
from .protocol import topics
from .protocol.city import City
from .protocol.entries import Entry
from .protocol.errors import Reason, Rejected
from .protocol.keys import from_jwk
from .protocol.look_entry import check_end
from .protocol.receipt import Acknowledgement, Receipt, sign_acknowledgement, verify_receipt
from .protocol.tokens import Signer, Verifier

_LOGGER = logging.getLogger(__name__)
_SILENCE = timedelta(minutes=1)


class Receipts:
    """The one path from a receipt to its acknowledgement."""

    def __init__(
        self, watch: LogWatch, ledger: Ledger, *, home: str, city: City, signer: Signer
    ) -> None:
        """Take who sends and who answers, what checks the log and what keeps the record."""
        self._watch = watch
        self._ledger = ledger
        self._home = home
        self._hub = city.hub
        self._verifier = Verifier(from_jwk(city.key))
        self._signer = signer
        self._logged: dict[Reason, datetime] = {}
        self.counts: Counter[str] = Counter()
        self.publish: Callable[[str, bytes], None] = lambda _topic, _payload: None
        self.doubt: Callable[[], None] = lambda: None
        """Told of a receipt that makes sense only if the log is compared with the record."""

    @callback
    def receive(self, token: bytes) -> None:
        """Take what arrived on the topic for receipts."""
        now = dt_util.utcnow()
        try:
            receipt = verify_receipt(token, self._verifier, self._home, self._hub, now)
        except Rejected as err:
            # Whoever sent it may not be the hub, or it is of another time: it comes again.
            self._note(err, now)
            return
        if self._watch.has_receipt(receipt.id):
            self._acknowledge(receipt, now)
            return
        try:
            self._watch.verify(receipt.log, Source.RECEIPT, lambda entry: _check(entry, receipt))
        except Rejected as err:
            self._note(err, now)
            self._acknowledge(receipt, now, err.reason)
            if err.reason is Reason.LOG_BEHIND:
                self.doubt()
            return
        self._take(receipt)
        self._acknowledge(receipt, now)

    def _take(self, receipt: Receipt) -> None:
        self.counts["kept"] += 1
        known = self._ledger.end(
            receipt.look,
            seconds=receipt.seconds,
            outcome=receipt.outcome,
            index=receipt.log.proof.index,
        )
        self._watch.keep_receipt(receipt.id)
        if not known:
            # Asked while this home was away, or by nobody that it knows of: the log tells which.
            self.doubt()

    def _acknowledge(self, receipt: Receipt, now: datetime, reason: str | None = None) -> None:
        acknowledgement = Acknowledgement(
            receipt=receipt.id, log_size=self._watch.seen.size, reason=reason
        )
        self.publish(
            topics.replies(self._home, receipt.id),
            sign_acknowledgement(
                self._signer, acknowledgement, self._home, self._hub, uuid4().hex, now
            ),
        )

    def _note(self, err: Rejected, now: datetime) -> None:
        self.counts[err.reason] += 1
        if err.reason is Reason.LOG_BEHIND:
            return
        if (last := self._logged.get(err.reason)) is None or now - last >= _SILENCE:
            self._logged[err.reason] = now
            _LOGGER.warning("A receipt was not believed: %s", err)


def _check(entry: Entry, receipt: Receipt) -> None:
    try:
        check_end(
            entry,
            home=receipt.home,
            look=receipt.look,
            outcome=receipt.outcome,
            seconds_=receipt.seconds,
        )
    except Rejected as err:
        # An entry that has no such field is not the one that closes the look either.
        raise Rejected(Reason.LOG_ENTRY, err.detail) from err
