"""HTTP: approvals, reviews and the activity export."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.errors import (
    FORBIDDEN,
    INCIDENT_CLOSED,
    MALFORMED,
    NOT_FOUND,
    NOTHING_WAITS,
    REVIEW_SIGNED,
    Problem,
)
from hub.http.routes import CSV, Answer, Call, Nothing, Route
from hub.operators.tokens import TokenScope
from hub.supervision.approvals import Approvals
from hub.supervision.messages import (
    ActivityReport,
    ApprovalList,
    NewApproval,
    ReviewAnswer,
    ReviewList,
    Signature,
    Span,
    WaitingList,
    Which,
    approvals_answer,
    review_answer,
    waiting_answer,
)
from hub.supervision.report import activity, as_csv
from hub.supervision.reviews import Reviews
from hub.supervision.standing import Word
from hub.supervision.words import checked
from hub.transparency.log import AccessLog

_LONGEST_REPORT = timedelta(days=366)


class SupervisionApi:
    """The routes of supervisors and auditors."""

    def __init__(
        self,
        engine: AsyncEngine,
        log: AccessLog,
        approvals: Approvals,
        reviews: Reviews,
        now: Callable[[], datetime],
    ) -> None:
        """Take the store, the log, the approvals, the reviews and the clock."""
        self._engine = engine
        self._log = log
        self._approvals = approvals
        self._reviews = reviews
        self._now = now

    def routes(self) -> list[Route]:
        """Return this room's lines of the table."""
        of_incident = "/api/v1/incidents/{incident}/approvals"
        return [
            Route(
                method="POST",
                path=of_incident,
                handler=self.approve,
                summary="Approve or deny what of an incident waits for a second person",
                scope=TokenScope.APPROVALS_WRITE,
                body=NewApproval,
                answer=ApprovalList,
                status=201,
                problems=(NOT_FOUND, INCIDENT_CLOSED, NOTHING_WAITS, FORBIDDEN),
            ),
            Route(
                method="GET",
                path=of_incident,
                handler=self.list_approvals,
                summary="What was approved, denied or opened by breaking glass for an incident",
                scope=TokenScope.REPORTS_READ,
                answer=ApprovalList,
                problems=(NOT_FOUND,),
            ),
            Route(
                method="GET",
                path="/api/v1/approvals",
                handler=self.list_waiting,
                summary="Open incidents that wait for a supervisor",
                scope=TokenScope.INCIDENTS_READ,
                answer=WaitingList,
            ),
            Route(
                method="GET",
                path="/api/v1/reviews",
                handler=self.list_reviews,
                summary="Reviews that the hub filed",
                scope=TokenScope.REPORTS_READ,
                query=Which,
                answer=ReviewList,
            ),
            Route(
                method="POST",
                path="/api/v1/reviews/{review}/signature",
                handler=self.sign_review,
                summary="Sign a review",
                scope=TokenScope.REVIEWS_WRITE,
                body=Signature,
                answer=ReviewAnswer,
                status=201,
                problems=(NOT_FOUND, REVIEW_SIGNED, FORBIDDEN),
            ),
            Route(
                method="GET",
                path="/api/v1/reports/activity",
                handler=self.report_activity,
                summary="Export looks, incidents and approvals, by pseudonym",
                scope=TokenScope.REPORTS_READ,
                query=Span,
                answer=ActivityReport,
                also=(CSV,),
            ),
        ]

    async def approve(self, call: Call[Nothing, NewApproval]) -> Answer:
        """Take a supervisor's word."""
        reason = checked(call.body.reason, "reason", 1)
        word = Word(call.body.decision)
        standing = await self._approvals.answer(
            call.path["incident"], word, reason, call.who, self._now()
        )
        return Answer(approvals_answer(standing))

    async def list_approvals(self, call: Call[Nothing, Nothing]) -> Answer:
        """Show what was said about an incident."""
        return Answer(
            approvals_answer(await self._approvals.standing_of(call.path["incident"], self._now()))
        )

    async def list_waiting(self, _call: Call[Nothing, Nothing]) -> Answer:
        """Show what waits."""
        waiting = await self._approvals.waiting(self._now())
        return Answer(WaitingList([waiting_answer(each) for each in waiting]))

    async def list_reviews(self, call: Call[Which, Nothing]) -> Answer:
        """Show reviews."""
        signed = {"open": False, "signed": True, "all": None}[call.query.state]
        now = self._now()
        found = await self._reviews.list(signed=signed)
        return Answer(ReviewList([review_answer(each, now) for each in found]))

    async def sign_review(self, call: Call[Nothing, Signature]) -> Answer:
        """Take a supervisor's signature."""
        now = self._now()
        note = checked(call.body.note, "note")
        review = await self._reviews.sign(
            call.path["review"], call.body.finding, note, call.who, now
        )
        return Answer(review_answer(review, now))

    async def report_activity(self, call: Call[Span, Nothing]) -> Answer:
        """Export what happened."""
        query = call.query
        if not timedelta(0) < query.until - query.since <= _LONGEST_REPORT:
            raise Problem(MALFORMED, "In the query: until is at most 366 days after since.")
        acts = await activity(
            self._engine, self._log, query.since, query.until, call.who, query.format
        )
        if query.format == "csv":
            name = f"activity-{query.since:%Y%m%d}-{query.until:%Y%m%d}.csv"
            disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Answer(as_csv(acts), disposition, media=CSV)
        return Answer(ActivityReport(query.since, query.until, acts))
