"""Finding out what became of an uncertain delivery: look, replay, or ask a person.

A look only reads. A replay is a write: it goes only while the post itself might go (no
stop, approval valid, window open, live) and inside the life of its key. Where a post
has a name of its own (``record_key``), what is absent under it simply goes again.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.account import Account, Lease, Rest
from models.delivery import Delivery, FoundBy
from models.errors import Disconnected, GateClosed, NetworkError, TryLater
from models.problems import Problem
from models.speech import Outgoing, Receipt
from models.states import DeliveryState
from networks.capabilities import Settling
from pipeline.correcting import proved
from pipeline.ledger import (
    JOB,
    Claim,
    Ledger,
    Timer,
    chance,
    images_of,
    leave_behind,
    outgoing_of,
    problem_of,
    text_of,
)
from pipeline.outcomes import (
    LONGEST_PAUSE_OF_LOOKS,
    MOST_ARMINGS_OF_A_RECORD,
    NO_WAY,
    Plan,
    Verdict,
    after_look,
    after_replay,
    backoff,
    plan_of,
)
from pipeline.queue import TaskName
from pipeline.unit import Work
from publishers.base import Publisher

log = logging.getLogger(__name__)

Connect = Callable[[Account], Publisher]
"""Opens the publisher of an account; raises Disconnected or TryLater."""

STEPS = ("doubted", "asked", "settled")
"""Every step of settling, in order, as told to ``on_step``."""


@dataclass(frozen=True, slots=True)
class _Turn:
    claim: Claim
    plan: Plan
    outgoing: Outgoing


class Settler:
    """Settles uncertain deliveries, one account at a time as sending does."""

    def __init__(
        self,
        ledger: Ledger,
        connect: Connect,
        settles_by: Callable[[str], Sequence[Settling]],
    ) -> None:
        self._ledger = ledger
        self._store = ledger.store
        self._connect = connect
        self._settles_by = settles_by
        self._rests: dict[int, Rest] = {}  # of accounts, as their networks asked

    def settle_next(self, now: datetime) -> bool:
        """Settle one uncertain delivery whose look has come; False when none has."""
        found, turn = self._claim(Timer(now))
        if turn is not None:
            self._ledger.on_step("doubted")
            verdict = self._left_alone(turn) or self._find_out(turn)
            self._ledger.on_step("asked")
            self._record(turn, verdict)
            self._ledger.on_step("settled")
        return found

    def _claim(self, timer: Timer) -> tuple[bool, _Turn | None]:
        pace = self._ledger.pace
        furthest = LONGEST_PAUSE_OF_LOOKS
        with self._store.write(JOB) as work:
            now = timer.now()
            lease = Lease(secrets.token_hex(16), now, pace.lease)
            chosen = work.turns.doubtful_account(now, pace.lease, furthest)
            account = work.accounts.lease(chosen, lease)
            if account is None:
                return False, None
            for left in work.turns.orphans(account.id):
                leave_behind(work, left, now)
            row = work.turns.first_doubtful(account.id, now, furthest)
            if row is None:
                work.accounts.give_back(account.id, lease.token)
                return True, None
            outgoing = outgoing_of(work, row)
            images = images_of(work, row.announcement_id) if row.part == 1 else ()
            outgoing = replace(outgoing, images=images)  # a replay is the whole post
            if not outgoing.text:
                outgoing = replace(outgoing, text=text_of(work, row))
            if row.problem is Problem.RESTORED_BACKUP:  # it may have got another name
                outgoing = replace(outgoing, record_key=None)
            named = outgoing.record_key is not None
            plan = NO_WAY
            if outgoing.text:
                plan = self._plan(
                    work,
                    account,
                    row,
                    now,
                    named=named,
                    whole=all(image.whole for image in images),
                )
            row.lease_token, row.lease_until = lease.token, lease.until
            row.next_look_at = lease.until  # should we die
            row.updated_at = now
            claim = Claim(
                account,
                row.id,
                row.announcement_id,
                lease,
                timer,
                DeliveryState.UNCERTAIN,
                row.tries,
                work.deliveries.last_attempt(row.id),
                part=row.part,
            )
            return True, _Turn(claim, plan, outgoing)

    def _plan(
        self,
        work: Work,
        account: Account,
        row: Delivery,
        now: datetime,
        *,
        named: bool,
        whole: bool,
    ) -> Plan:
        # not when restored from an earlier backup, nor with other bytes than approved
        armed = bool(row.sent_text) and whole
        may_write = armed and problem_of(work, account, row, now) is None
        ways = self._settles_by(account.network)
        age = _age(row, now)
        return plan_of(ways, age, row.looks, may_write=may_write, named=named)

    def _left_alone(self, turn: _Turn) -> Verdict | None:
        """Only touch the row while the network does not want to be asked."""
        now, rest = turn.claim.timer.now(), self._rests.get(turn.claim.account.id)
        if rest is None or not rest.holds(now):
            return None
        return Verdict(wait=min(rest.until - now, LONGEST_PAUSE_OF_LOOKS))

    def _find_out(self, turn: _Turn) -> Verdict:
        """Ask the network; no transaction is open."""
        if turn.plan.nothing:
            return Verdict(ask=Problem.COULD_NOT_LOOK)
        tries = turn.claim.tries + 1
        try:
            publisher = self._connect(turn.claim.account)
            found = self._look(publisher, turn) if turn.plan.looks else None
            if found is not None:
                return Verdict(found, FoundBy.LOOK_UP)
            if turn.plan.replay:
                return self._replay(publisher, turn)
        except NetworkError as error:
            self._remember_rest(turn, error)
            return after_look(error, tries, chance())
        except Exception as error:
            log.exception("delivery %s not settled", turn.claim.delivery_id)
            wrapped = TryLater(Problem.OUR_FAULT, type(error).__name__)
            return after_look(wrapped, tries, chance())
        return Verdict(absent=True)

    def _look(self, publisher: Publisher, turn: _Turn) -> Receipt | None:
        found = publisher.look_up(turn.outgoing)
        if found is None:
            return None
        with self._store.read(JOB) as work:
            row = work.deliveries.get(turn.claim.delivery_id)
            if work.deliveries.stands_for_another(row, found.remote_id):
                return None  # the same text, sent for another announcement
        return found

    def _replay(self, publisher: Publisher, turn: _Turn) -> Verdict:
        gate = self._ledger.last_look(turn.claim)
        try:
            return Verdict(publisher.replay(turn.outgoing, gate), FoundBy.REPLAY)
        except (NetworkError, GateClosed) as error:
            self._remember_rest(turn, error)
            return after_replay(error, turn.claim.tries + 1, chance())

    def _remember_rest(self, turn: _Turn, error: NetworkError | GateClosed) -> None:
        """Ask an account's network no sooner than it said.

        It is kept here and not in the row, which must be touched every few minutes (see
        ``LONGEST_PAUSE_OF_LOOKS``); another process asks once more, and is told too.
        """
        if isinstance(error, TryLater) and error.wait is not None:
            now = turn.claim.timer.now()
            self._rests[turn.claim.account.id] = Rest(now, now + error.wait)

    def _record(self, turn: _Turn, verdict: Verdict) -> None:
        claim = turn.claim

        def write(work: Work) -> None:
            now = claim.timer.now()
            row = work.deliveries.get(claim.delivery_id, lock=True)
            if verdict.receipt is not None:
                self._stands(work, claim, row, verdict, now)
            elif row.state is claim.state and row.lease_token == claim.lease.token:
                self._go_on(work, turn, row, verdict, now)
            error = verdict.error
            if isinstance(error, Disconnected):
                self._ledger.disconnect(work, claim, error.problem, now)
            work.accounts.give_back(claim.account.id, claim.lease.token)

        self._ledger.keep(f"delivery {claim.delivery_id}", write)

    def _stands(
        self, work: Work, claim: Claim, row: Delivery, verdict: Verdict, now: datetime
    ) -> None:
        assert verdict.receipt is not None
        if work.deliveries.prove(
            row, verdict.receipt, verdict.found_by, now, part=claim.part
        ):
            stands = DeliveryState.PUBLISHED
            work.deliveries.end_attempt(row.id, claim.attempt, stands, now)
            proved(work, row, now)

    def _go_on(
        self, work: Work, turn: _Turn, row: Delivery, verdict: Verdict, now: datetime
    ) -> None:
        """Nothing proves the post yet: plan the next look, or ask a person."""
        pace = self._ledger.pace
        row.tries += 1
        row.looks = 0 if verdict.rewritten else row.looks + verdict.absent
        row.lease_token, row.lease_until = "", now
        detail = verdict.error.detail if verdict.error else row.detail
        ask = verdict.ask
        if verdict.absent and self._goes_again(turn):
            self._again(work, turn, row, now)
            return
        if verdict.absent and turn.plan.looks <= 1:
            ask = Problem.NOT_FOUND_AFTER_LOOKING
        elif row.uncertain_at and now - row.uncertain_at > pace.ask_after:
            ask = ask or Problem.COULD_NOT_LOOK
        if ask is not None:
            work.deliveries.put(row, DeliveryState.NEEDS_PERSON, now, ask, detail)
            return
        apart = turn.plan.apart if pace.apart is None else pace.apart
        row.next_look_at = now + (verdict.wait or apart)
        row.detail = detail
        row.updated_at = now

    def _goes_again(self, turn: _Turn) -> bool:
        """Whether absence is enough: under its record key nothing can double."""
        plan, armings = turn.plan, turn.claim.attempt
        proved = plan.at_once or plan.looks <= 1
        return plan.again and proved and armings < MOST_ARMINGS_OF_A_RECORD

    def _again(self, work: Work, turn: _Turn, row: Delivery, now: datetime) -> None:
        """Let the post take its turn again; whatever stands against it holds it."""
        work.deliveries.put(row, DeliveryState.SCHEDULED, now)
        wait = backoff(turn.claim.attempt, chance())
        rest = Rest(now, now + wait)
        work.accounts.give_back(turn.claim.account.id, turn.claim.lease.token, rest)
        work.enqueue(TaskName.PUBLISH)


def _age(row: Delivery, now: datetime) -> timedelta | None:
    """How old the key is, at least; a clock set back never makes it younger.

    The row was touched at ``updated_at``: a clock behind that was set back, by at least
    the difference. It is taken off the time of arming, for this look and the next.
    """
    if row.armed_at is None:
        return None
    set_back = row.updated_at - now
    if set_back > timedelta(0):
        row.armed_at -= set_back
    return now - row.armed_at
