"""Sending what is due: lease, claim, prepare, arm, last look, send, record.

No transaction is open while the network is awaited. A crash after arming leaves the
delivery ``armed``; the sweeper makes it ``uncertain`` once its lease is over, and
settling finds out. See ``docs/design/0001-the-ledger.md``.
"""

import logging
import os
import secrets
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from models.account import Account, Lease
from models.database import StorageFailed
from models.delivery import Delivery
from models.errors import GateClosed, NetworkError, TryLater, Uncertain
from models.problems import Problem
from models.speech import Image, Outgoing, Prepared, Video
from models.states import DeliveryState
from networks.capabilities import Settling
from networks.videos import must_take
from pipeline.addresses import Address, no_address
from pipeline.budget import month_of
from pipeline.correcting import answer_original
from pipeline.holding import end_quiet
from pipeline.ledger import (
    JOB,
    MOST_ROWS,
    Claim,
    Ledger,
    OnStep,
    Pace,
    Timer,
    apply,
    chance,
    images_of,
    leave_behind,
    no_step,
    outgoing_of,
    prepared_of,
    problem_of,
    text_of,
)
from pipeline.looking import Connect, Settler
from pipeline.outcomes import Outcome, after, before_arming, stood_back
from pipeline.queue import TaskName
from pipeline.stopping import run_out
from pipeline.unit import Store, Work
from pipeline.videos import opened
from pipeline.wiring import account_capabilities
from publishers.base import Publisher

log = logging.getLogger(__name__)

STEPS = ("claimed", "prepared", "armed", "looked", "answered", "recorded")
"""Every step of a send, in order, as told to ``on_step``."""


class Publishing:
    """Sends and settles; shared by as many threads and processes as wanted.

    Args:
        store: the one database.
        connect: opens the publisher of an account.
        settles_by: a network's ways to settle, by its name.
        pace: how long things last.
        on_step: told of every step.
        address: where a network that fetches pictures finds one.
    """

    def __init__(
        self,
        store: Store,
        connect: Connect,
        settles_by: Callable[[str], Sequence[Settling]],
        pace: Pace | None = None,
        on_step: OnStep = no_step,
        address: Address = no_address,
    ) -> None:
        self._address = address
        self._ledger = Ledger(store, pace or Pace(), on_step)
        self._store = store
        self._connect = connect
        self._settler = Settler(self._ledger, connect, settles_by)
        self._worker = f"{socket.gethostname()}:{os.getpid()}"[:80]

    def send_next(self, now: datetime) -> bool:
        """Send the next due delivery of one account; False when none is due.

        Raises:
            StorageFailed: the database failed; whatever was begun is found again.
        """
        timer = Timer(now)
        found, claim = self._claim(timer)
        if claim is not None:
            self._ledger.on_step("claimed")
            self._send(claim)
        return found

    def settle_next(self, now: datetime) -> bool:
        """Settle one uncertain delivery whose look has come; False when none has."""
        return self._settler.settle_next(now)

    def sweep(self, now: datetime) -> int:
        """Take back what dead workers held, and miss what came too late.

        Stops and rests of accounts end here too, the latter by the clock as it is now.

        Returns:
            How many deliveries changed.
        """
        with self._store.write(JOB) as work:
            left = work.turns.abandoned(now, self._ledger.pace.lease, MOST_ROWS)
            for row in left:
                leave_behind(work, row, now)
        with self._store.write(JOB) as work:
            work.accounts.shorten_rests(now, MOST_ROWS)
            late = work.turns.too_late(now, MOST_ROWS)
            for row in late:
                problem = Problem.WINDOW_PASSED
                work.deliveries.put(row, DeliveryState.MISSED, now, problem)
        return len(left) + len(late) + self._let_go_on(now)

    def _let_go_on(self, now: datetime) -> int:
        """Schedule again what waited: for the end of a stop, for the day, for money."""
        with self._store.write(JOB) as work:
            released = run_out(work, now) + end_quiet(work, now)
            released += self._new_month(work, now)
            if released:
                work.enqueue(TaskName.PUBLISH)
            return released

    def _new_month(self, work: Work, now: datetime) -> int:
        """Let go on what the money of an earlier month did not suffice for."""
        released = 0
        for row, name in work.schedule.held_for(Problem.BUDGET_SPENT, MOST_ROWS):
            zone = ZoneInfo(name)
            if month_of(row.updated_at, zone) != month_of(now, zone):
                work.deliveries.put(row, DeliveryState.SCHEDULED, now)
                released += 1
        return released

    # claim

    def _claim(self, timer: Timer) -> tuple[bool, Claim | None]:
        """Lease one account and claim its first delivery that may go."""
        pace = self._ledger.pace
        with self._store.write(JOB) as work:
            now = timer.now()
            lease = Lease(secrets.token_hex(16), now, pace.lease)
            turn = work.turns.ready_account(now, pace.lease, pace.head_blocks)
            account = work.accounts.lease(turn, lease)
            if account is None:
                return False, None
            row = self._first(work, account, now)
            if row is None:
                work.accounts.give_back(account.id, lease.token)
                return True, None
            answer_original(work, account, row)
            work.deliveries.put(row, DeliveryState.CLAIMED, now)
            row.lease_token, row.lease_until = lease.token, lease.until
            return True, Claim(
                account,
                row.id,
                row.announcement_id,
                lease,
                timer,
                DeliveryState.CLAIMED,
                row.tries,
                content_hash=work.announcements.content(row.announcement_id).hash,
                part=row.part,
            )

    def _first(self, work: Work, account: Account, now: datetime) -> Delivery | None:
        """The account's first delivery that may go; those before it stand back."""
        doubt = False
        for row in work.turns.orphans(account.id):
            leave_behind(work, row, now)
            doubt = doubt or row.state is DeliveryState.UNCERTAIN
        if doubt:
            return None  # what follows waits until this is settled
        for _ in range(MOST_ROWS):
            first = work.turns.first_ready(account.id, now)
            if first is None:
                return None
            problem = problem_of(work, account, first, now)
            if problem is None:
                return first
            outcome = stood_back(problem, first.tries, now, 0)
            apply(work, first, outcome, now, self._ledger.pace)
        return None

    # prepare, arm, send

    def _send(self, claim: Claim) -> None:
        try:
            publisher = self._connect(claim.account)
            images = self._pictures(claim)
            made = self._prepare(publisher, claim, images)
        except (NetworkError, GateClosed) as error:
            self._not_prepared(claim, error)
            return
        except StorageFailed:
            raise
        except Exception as error:
            log.exception("delivery %s could not be prepared", claim.delivery_id)
            fault = TryLater(Problem.OUR_FAULT, type(error).__name__)
            self._not_prepared(claim, fault)
            return
        prepared = self._keep_prepared(claim, made)
        if prepared is None:
            return
        self._ledger.on_step("prepared")
        intent = self._arm(prepared)
        if intent is None:
            return
        armed, outgoing = intent
        self._ledger.on_step("armed")
        whole = replace(outgoing, images=images, video=self._video(armed))
        outcome = self._attempt(publisher, armed, whole)
        self._ledger.on_step("answered")
        self._ledger.record(armed, outcome)
        self._ledger.on_step("recorded")

    def _prepare(
        self, publisher: Publisher, claim: Claim, images: Sequence[Image]
    ) -> Prepared:
        """Upload the picture or the video, and name the post, unless that is done.

        In a thread it goes with the first part. What the network does not take was said
        to its author before, and is refused here again.
        """
        with self._store.read(JOB) as work:
            announcement = work.announcements.get(claim.announcement_id)
            row = work.deliveries.get(claim.delivery_id)
            if self._ledger.still_good(row.media_at, claim.timer.now()):
                return prepared_of(work, row)
            text, title = text_of(work, row), announcement.title
            post = outgoing_of(work, row)
            post = replace(post, title=title, text=text, media_ids=())
        found = [
            replace(image, address=self._address(claim.account, image))
            for image in images
        ]
        video = self._video(claim)
        if video is not None:
            able = account_capabilities(claim.account)
            must_take(video.facts, able.video)
            if able.fetches_pictures:
                video.read_through()
        return publisher.prepare(replace(post, video=video), found)

    def _video(self, claim: Claim) -> Video | None:
        """The announcement's video; while it is read the lease is kept."""
        if claim.part > 1:
            return None
        with self._store.read(JOB) as work:
            announcement = work.announcements.get(claim.announcement_id)
            media = work.announcements.media(announcement)
            if media is None or not media.facts:
                return None
            alt = announcement.alt_text

        def stay() -> None:
            self._ledger.stay(claim)

        video = opened(self._store, media, alt, stay)
        return replace(video, address=self._address(claim.account, video))

    def _pictures(self, claim: Claim) -> tuple[Image, ...]:
        """The announcement's pictures, byte for byte as they were approved.

        Raises:
            GateClosed: other bytes lie there by now.
        """
        if claim.part > 1:
            return ()
        with self._store.read(JOB) as work:
            images = images_of(work, claim.announcement_id)
        if not all(image.whole for image in images):
            raise GateClosed(Problem.MEDIA_MISSING)
        return images

    def _keep_prepared(self, claim: Claim, made: Prepared) -> Claim | None:
        """Keep what was prepared, for this try and for one after a lost lease."""
        with self._store.write(JOB) as work:
            owned = self._ledger.own(work, claim)
            if owned is None:
                return None
            _, row = owned
            now = claim.timer.now()
            work.deliveries.put(row, DeliveryState.PREPARED, now)
            as_kept = made == prepared_of(work, row)
            if not (as_kept and self._ledger.still_good(row.media_at, now)):
                work.deliveries.keep_prepared(row, made, now)
        return claim.at(DeliveryState.PREPARED)

    def _not_prepared(self, claim: Claim, error: NetworkError | GateClosed) -> None:
        now = claim.timer.now()
        with self._store.write(JOB) as work:
            owned = self._ledger.own(work, claim)
            if owned is not None:
                owned[1].tries += 1
        outcome = before_arming(error, claim.tries + 1, now, chance())
        self._ledger.record(claim, outcome)

    def _arm(self, claim: Claim) -> tuple[Claim, Outgoing] | None:
        """Commit the intent, durably; or stand back when something changed."""
        with self._store.write(JOB, durable=True) as work:
            owned = self._ledger.own(work, claim)
            if owned is None:
                return None
            account, row = owned
            now = claim.timer.now()
            problem = problem_of(work, account, row, now)
            if claim.timer.since_renewal() > self._ledger.pace.send_within:
                problem = problem or Problem.LEASE_LOST  # what was uploaded is kept
            content = work.announcements.content(row.announcement_id)
            if problem is None and content.hash != claim.content_hash:
                work.deliveries.forget_prepared(row)
                problem = Problem.LEASE_LOST  # approved anew meanwhile: begin again
            if problem is not None:
                outcome = stood_back(problem, row.tries, now, chance())
                apply(work, row, outcome, now, self._ledger.pace)
                self._ledger.give_back(work, claim, now, outcome.not_before)
                return None
            work.deliveries.put(row, DeliveryState.ARMED, now)
            row.sent_title, row.sent_text = content.title, text_of(work, row)
            row.armed_at = now
            row.tries += 1
            number = work.deliveries.begin_attempt(row, self._worker, now)
            return claim.at(DeliveryState.ARMED, number), outgoing_of(work, row)

    def _attempt(
        self, publisher: Publisher, claim: Claim, outgoing: Outgoing
    ) -> Outcome:
        """Make the one call, and say what came of it."""
        try:
            receipt = publisher.publish(outgoing, self._ledger.last_look(claim))
        except (NetworkError, GateClosed) as error:
            return after(error, claim.tries + 1, claim.timer.now(), chance())
        except Exception as error:
            log.exception("delivery %s may have been sent", claim.delivery_id)
            lost = Uncertain(Problem.ANSWER_LOST, type(error).__name__)
            return after(lost, claim.tries + 1, claim.timer.now(), chance())
        return Outcome(DeliveryState.PUBLISHED, receipt=receipt)
