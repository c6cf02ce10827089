"""What sending and settling share: the lease, the last look, and the record."""

import json
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from config.settings import Settings
from models.account import Account, Lease, Rest, lease_over
from models.announcement import Announcement
from models.category import categories
from models.database import StorageFailed
from models.delivery import Delivery, FoundBy
from models.errors import GateClosed, TryLater
from models.problems import Problem
from models.scope import SystemScope
from models.speech import Gate, Image, Outgoing, Prepared
from models.states import AnnouncementState, DeliveryState
from pipeline.correcting import proved
from pipeline.credentials import disconnect
from pipeline.holding import held_back
from pipeline.outcomes import Outcome, standing
from pipeline.unit import Store, Work

JOB = SystemScope("publishing")
MOST_ROWS = 200  # of one unit
PROLONGED_AFTER = 6
"""A lease is prolonged when this part of it is over."""

RECORD_AGAIN = (0.2, 0.5, 1.0, 2.0)
"""Seconds to wait before an outcome is written again to a database that failed."""

log = logging.getLogger(__name__)

OnStep = Callable[[str], None]
"""Told of every step by name, so that a test can stop the process exactly there."""


def no_step(_step: str) -> None:
    """Nobody wants to know."""


def awake_or_not() -> float:
    """Seconds on a clock that cannot be set and runs on while the machine sleeps."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def chance() -> float:
    """Drawn for every wait, so that workers do not come back together."""
    return random.random()  # noqa: S311 - jitter, no secret


class Timer:
    """The time since a turn began; setting the wall clock does not move it."""

    def __init__(self, began: datetime) -> None:
        self._began = began
        self._at = self._renewed_at = awake_or_not()

    def since_renewal(self) -> timedelta:
        """The time since the lease was taken, or prolonged."""
        return timedelta(seconds=awake_or_not() - self._renewed_at)

    def renew(self) -> None:
        """The lease was prolonged just now."""
        self._renewed_at = awake_or_not()

    def passed(self) -> timedelta:
        return timedelta(seconds=awake_or_not() - self._at)

    def now(self) -> datetime:
        return self._began + self.passed()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things of the ledger last; ``of`` takes what an office may set."""

    lease: timedelta = timedelta(minutes=3)
    send_within: timedelta = timedelta(seconds=100)  # from claim to the last look
    first_look: timedelta = timedelta(seconds=3)  # after a lost answer
    apart: timedelta | None = None  # between looks; None: as the network says
    head_blocks: timedelta = timedelta(minutes=2)
    media_life: timedelta = timedelta(hours=6)  # networks keep uploads for a day
    ask_after: timedelta = timedelta(hours=1)  # when the network cannot be asked

    def __post_init__(self) -> None:
        assert self.send_within < self.lease, "a send must end inside its lease"

    @classmethod
    def of(cls, settings: Settings) -> "Pace":
        return cls(lease=settings.lease, send_within=settings.send_within)


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery and its account in the hands of one worker."""

    account: Account  # detached; as it was when leased
    delivery_id: int
    announcement_id: int
    lease: Lease
    timer: Timer = field(repr=False)
    state: DeliveryState
    tries: int
    attempt: int = 0
    content_hash: str = ""  # what was approved when it was claimed
    part: int = 1  # of a thread

    def at(self, state: DeliveryState, attempt: int = 0) -> "Claim":
        return replace(self, state=state, attempt=attempt or self.attempt)


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rules about a claimed delivery, over the one database."""

    store: Store
    pace: Pace
    on_step: OnStep = no_step

    def own(self, work: Work, claim: Claim) -> tuple[Account, Delivery] | None:
        """The rows of a claim, locked; None when another worker may be at them."""
        row = work.deliveries.get(claim.delivery_id, lock=True)
        account = work.accounts.get(claim.account.id)
        return (account, row) if self._is_ours(account, row, claim) else None

    def _is_ours(self, account: Account, row: Delivery, claim: Claim) -> bool:
        token, now = claim.lease.token, claim.timer.now()
        return (
            row.state is claim.state
            and row.lease_token == token
            and account.lease_token == token
            and not lease_over(account.lease_until, now, self.pace.lease)
        )

    def still_good(self, media_at: datetime | None, now: datetime) -> bool:
        """Whether an earlier upload may be used now."""
        if media_at is None:
            return False
        return media_at <= now < media_at + self.pace.media_life

    def last_look(self, claim: Claim) -> Gate:
        """The gate of a write: everything is read again before the bytes leave."""

        def gate() -> None:
            problem = self._look_again(claim)
            if claim.timer.since_renewal() > self.pace.send_within:
                problem = Problem.LEASE_LOST
            if problem is not None:
                raise GateClosed(problem)
            self.on_step("looked")

        return gate

    def stay(self, claim: Claim) -> None:
        """Keep the lease while something large is on its way; often called, cheap.

        Raises:
            TryLater: another has the account by now, or the database fails: nothing
                more may be sent.
        """
        if claim.timer.since_renewal() < self.pace.lease / PROLONGED_AFTER:
            return
        try:
            with self.store.write(JOB) as work:
                owned = self.own(work, claim)
                if owned is None:
                    raise TryLater(Problem.LEASE_LOST, "while a video was sent")
                until = claim.timer.now() + self.pace.lease
                for row in owned:
                    row.lease_until = until
                claim.timer.renew()
        except StorageFailed as error:
            raise TryLater(error.problem, error.detail) from None

    def _look_again(self, claim: Claim) -> Problem | None:
        try:
            with self.store.read(JOB) as work:
                row = work.deliveries.get(claim.delivery_id)
                account = work.accounts.get(claim.account.id)
                if not self._is_ours(account, row, claim):
                    return Problem.LEASE_LOST
                return problem_of(work, account, row, claim.timer.now())
        except StorageFailed as error:
            return error.problem

    def keep(self, what: str, write: Callable[[Work], None]) -> None:
        """Run ``write`` in a unit, again when the database fails.

        Raises:
            StorageFailed: it failed several times. The delivery stays as it was, and
                the sweeper finds it when its lease is over.
        """
        for pause in RECORD_AGAIN:
            try:
                with self.store.write(JOB) as work:
                    write(work)
            except StorageFailed as error:
                log.warning("%s not recorded yet: %s", what, error.detail)
                time.sleep(pause)
            else:
                return
        with self.store.write(JOB) as work:
            write(work)

    def record(self, claim: Claim, outcome: Outcome) -> None:
        """Write down what came of a send, and give the account back.

        A receipt is written whoever holds the lease now: it is proof. Any other
        outcome is written only while the claim is ours.
        """

        def write(work: Work) -> None:
            now = claim.timer.now()
            row = work.deliveries.get(claim.delivery_id, lock=True)
            if outcome.receipt is not None:
                if not work.deliveries.prove(
                    row, outcome.receipt, FoundBy.ANSWER, now, part=claim.part
                ):
                    log.info("delivery %s was known to stand", row.id)
                proved(work, row, now)
            elif row.state is claim.state and row.lease_token == claim.lease.token:
                apply(work, row, outcome, now, self.pace)
            else:
                log.warning(
                    "delivery %s: %s came after the lease was lost",
                    row.id,
                    outcome.state.value,
                )
                return
            self._after(work, claim, outcome, now)

        self.keep(f"delivery {claim.delivery_id}", write)

    def _after(self, work: Work, claim: Claim, outcome: Outcome, now: datetime) -> None:
        if claim.attempt:
            work.deliveries.end_attempt(
                claim.delivery_id,
                claim.attempt,
                outcome.state,
                now,
                outcome.problem,
                outcome.detail,
            )
        if outcome.disconnected and outcome.problem is not None:
            self.disconnect(work, claim, outcome.problem, now)
        self.give_back(work, claim, now, outcome.not_before)

    def disconnect(
        self, work: Work, claim: Claim, problem: Problem, now: datetime
    ) -> None:
        """Hold the account of a claim: its credentials are refused."""
        one = claim.account
        disconnect(work, one.office_id, one.id, one.sealed_secrets, problem, now)

    def give_back(
        self, work: Work, claim: Claim, now: datetime, not_before: datetime | None
    ) -> None:
        """End the lease of a claim; the account rests until ``not_before``."""
        rest = None if not_before is None else Rest(now, not_before)
        work.accounts.give_back(claim.account.id, claim.lease.token, rest)


def problem_of(
    work: Work, account: Account, row: Delivery, now: datetime
) -> Problem | None:
    """Why a delivery may not go now, as everything stands in the database."""
    if _replaced(work, row):
        return Problem.APPROVAL_VOID
    if row.recipient_id is not None and not work.recipients.is_on(row.recipient_id):
        return Problem.RECIPIENT_OFF
    announcement = work.announcements.get(row.announcement_id)
    code = announcement.category
    stop = work.stops.over(row.office_id, row.account_id, code, now)
    approval = work.announcements.approval_problem(row.announcement_id)
    stopped = stop.target.problem if stop else None
    problem = standing(account, row.not_after, stopped, approval, now)
    problem = problem or _outside(announcement, now)
    if problem is not None:
        return problem
    office = work.offices.by_id(row.office_id)
    urgent = bool(announcement.emergency)
    return held_back(office, categories().of(code), row, now, emergency=urgent)


def _outside(announcement: Announcement, now: datetime) -> Problem | None:
    """Why now is outside the window that was approved, whatever the delivery says."""
    if announcement.publish_at is not None and now < announcement.publish_at:
        return Problem.APPROVAL_VOID
    if announcement.not_after is not None and announcement.not_after <= now:
        return Problem.WINDOW_PASSED
    return None


def text_of(work: Work, row: Delivery) -> str:
    """What the delivery is to post next, as it stands now; empty when nothing."""
    parts = work.announcements.content(row.announcement_id).parts
    mine = next((p.posts for p in parts if p.account_id == row.account_id), ())
    return mine[row.part - 1] if row.part <= len(mine) else ""


def outgoing_of(work: Work, row: Delivery) -> Outgoing:
    """The post as it was armed; the same for the call, a replay and a look."""
    media_ids = tuple(json.loads(row.media_ids)) if row.media_ids else ()
    to = None
    if row.recipient_id is not None:
        to = work.recipients.addressee(row.recipient_id)
    return Outgoing(
        row.key,
        row.sent_text,
        media_ids,
        title=row.sent_title,
        to=to,
        reply_to=row.reply_to or None,
        armed_at=row.armed_at,
        record_key=row.record_key,
        letter_number=work.announcements.get(row.announcement_id).letter_number,
    )


def prepared_of(work: Work, row: Delivery) -> Prepared:
    """What the network holds of a post already."""
    outgoing = outgoing_of(work, row)
    return Prepared(outgoing.media_ids, outgoing.record_key)


def images_of(work: Work, announcement_id: int) -> tuple[Image, ...]:
    """The announcement's pictures with their alternative texts, as they are kept."""
    announcement = work.announcements.get(announcement_id)
    media = work.announcements.media(announcement)
    if media is None or media.facts:  # a video goes another way
        return ()
    alt = announcement.alt_text
    return (Image(media.content, media.media_type, media.sha256, alt),)


def apply(
    work: Work, row: Delivery, outcome: Outcome, now: datetime, pace: Pace
) -> None:
    """Move a delivery to where ``outcome`` says; no receipt."""
    work.deliveries.put(row, outcome.state, now, outcome.problem, outcome.detail)
    if outcome.state is DeliveryState.UNCERTAIN:
        row.next_look_at = now + pace.first_look
    if outcome.due_at is not None:
        row.due_at = outcome.due_at
    if outcome.problem is Problem.RECIPIENT_REFUSED and row.recipient_id is not None:
        refused = Problem.RECIPIENT_REFUSED
        work.recipients.turn_off(row.recipient_id, refused, outcome.detail, now)
    waits = outcome.state in (DeliveryState.SCHEDULED, DeliveryState.HELD)
    if waits and gone(outcome.problem):
        row.media_at = None
    if outcome.problem is Problem.APPROVAL_VOID and _given_up(work, row):
        work.deliveries.put(row, DeliveryState.CANCELLED, now, outcome.problem)


def gone(problem: Problem | None) -> bool:
    """Whether the network lost what was prepared, so that it is prepared anew."""
    return problem is Problem.MEDIA_REFUSED


def _given_up(work: Work, row: Delivery) -> bool:
    """Whether no new approval can ever bring this delivery back."""
    announcement = work.announcements.get(row.announcement_id)
    match announcement.state:
        case AnnouncementState.CANCELLED:
            return True
        case AnnouncementState.APPROVED:
            return _replaced(work, row)
    return work.deliveries.superseded(row)


def _replaced(work: Work, row: Delivery) -> bool:
    """Whether a later approval goes another way: a new round, or other accounts."""
    return work.deliveries.superseded(row) or not work.announcements.goes_to(
        row.announcement_id, row.account_id
    )


def leave_behind(work: Work, row: Delivery, now: datetime) -> None:
    """Take a delivery from a worker whose lease is over."""
    if row.state is DeliveryState.ARMED:
        problem = Problem.WORKER_DIED
        work.deliveries.put(row, DeliveryState.UNCERTAIN, now, problem)
        number = work.deliveries.last_attempt(row.id)
        work.deliveries.end_attempt(
            row.id, number, DeliveryState.UNCERTAIN, now, problem
        )
    else:
        row.tries += 1
        work.deliveries.put(row, DeliveryState.SCHEDULED, now)
