"""Taking down what people withdrew: lease, arm, last look, call, record.

The intent is committed before the call and the outcome after it, as for a send; no
transaction is open while a network is awaited. A worker that dies in between leaves the
row ``armed``; when its lease is over it is asked again, for gone already is done.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.account import Account, Lease, Rest, lease_over
from models.database import StorageFailed
from models.delivery import Delivery
from models.errors import (
    Disconnected,
    GateClosed,
    NetworkError,
    Refused,
    TryLater,
    Uncertain,
)
from models.problems import Problem
from models.speech import Gate, Standing
from models.states import AccountHealth, AccountMode, WithdrawalState
from models.withdrawal import Withdrawal
from pipeline.credentials import disconnect
from pipeline.ledger import JOB, Ledger, OnStep, Pace, Timer, chance, no_step
from pipeline.outcomes import LONGEST_WAIT, MOST_TRIES_OF_A_FAULT, backoff
from pipeline.unit import Store, Work
from pipeline.withdrawing import taken_down
from publishers.base import Publisher, Withdraws

log = logging.getLogger(__name__)

STEPS = ("armed", "looked", "answered", "recorded")
"""Every step of one try, in order, as told to ``on_step``."""

MOST_TRIES_IN_DOUBT = 24
_RIGHTS = frozenset({Problem.SCOPE_MISSING, Problem.MAY_NOT_POST})
"""The account may post and not delete: it stays connected, a person deletes."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One post of one withdrawal in the hands of one worker."""

    account: Account
    withdrawal_id: int
    delivery_id: int
    lease: Lease
    timer: Timer
    tries: int
    number: int
    post: Standing


@dataclass(frozen=True, slots=True)
class Ending:
    """What came of one try."""

    state: WithdrawalState
    problem: Problem | None = None
    detail: str = ""
    wait: timedelta | None = None  # until it is tried again
    rest: timedelta | None = None  # of the whole account
    disconnected: bool = False


class Takedown:
    """Takes down one post after another; shared by threads and processes.

    Args:
        store: the one database.
        connect: opens the publisher of an account.
        pace: how long things last.
        on_step: told of every step.
    """

    def __init__(
        self,
        store: Store,
        connect: Callable[[Account], Publisher],
        pace: Pace | None = None,
        on_step: OnStep = no_step,
    ) -> None:
        self._store = store
        self._connect = connect
        self._pace = pace or Pace()
        self._ledger = Ledger(store, self._pace, on_step)
        self._on_step = on_step

    def withdraw_next(self, now: datetime) -> bool:
        """Take down one post that was withdrawn; False when none waits.

        Raises:
            StorageFailed: the database failed; whatever was begun is found again.
        """
        found, turn = self._arm(Timer(now))
        if turn is not None:
            self._on_step("armed")
            ending = self._attempt(turn)
            self._on_step("answered")
            self._record(turn, ending)
            self._on_step("recorded")
        return found

    def _arm(self, timer: Timer) -> tuple[bool, Turn | None]:
        """Lease an account and commit the intent to take down one post of it."""
        now = timer.now()
        with self._store.write(JOB, durable=True) as work:
            lease = Lease(secrets.token_hex(16), now, self._pace.lease)
            chosen = work.withdrawals.ready_account(now, self._pace.lease)
            account = work.accounts.lease(chosen, lease)
            if account is None:
                return False, None
            row = work.withdrawals.first_ready(account.id, now, self._pace.lease)
            if row is None:
                work.accounts.give_back(account.id, lease.token)
                return True, None
            return True, self._turn(work, account, row, lease, timer)

    def _turn(
        self, work: Work, account: Account, row: Withdrawal, lease: Lease, timer: Timer
    ) -> Turn:
        now, rows = timer.now(), work.withdrawals
        if row.state is WithdrawalState.ARMED:  # its worker died
            rows.put(row, WithdrawalState.UNCERTAIN, Problem.WORKER_DIED)
            rows.end_try(row, rows.last_try(row.id), now)
        delivery = work.deliveries.get(row.delivery_id)
        receipt = rows.standing(row, delivery)
        rows.put(row, WithdrawalState.ARMED)
        row.lease_token, row.lease_until = lease.token, lease.until
        row.tries += 1
        number = rows.begin_try(row, receipt.remote_id, now)
        post = Standing(delivery.key, receipt, delivery.sent_title, row.asked_at)
        return Turn(account, row.id, delivery.id, lease, timer, row.tries, number, post)

    def _attempt(self, turn: Turn) -> Ending:
        """Make the one call; no transaction is open."""
        try:
            publisher = self._connect(turn.account)
            if not isinstance(publisher, Withdraws):
                return Ending(WithdrawalState.REFUSED, Problem.ONLY_BY_HAND)
            publisher.withdraw(turn.post, self._gate(turn))
        except (NetworkError, GateClosed) as error:
            return after(error, turn.tries, chance())
        except StorageFailed as error:
            closed = GateClosed(error.problem)
            return after(closed, turn.tries, chance())
        except Exception as error:
            log.exception("withdrawal %s may have been made", turn.withdrawal_id)
            fault = Uncertain(Problem.OUR_FAULT, type(error).__name__)
            return after(fault, turn.tries, chance())
        return Ending(WithdrawalState.DONE)

    def _gate(self, turn: Turn) -> Gate:
        """The last look: still ours, still withdrawn, and the account may act."""

        def gate() -> None:
            with self._store.read(JOB) as work:
                row = work.withdrawals.get(turn.withdrawal_id)
                account = work.accounts.get(turn.account.id)
                problem = self._look(turn, row, account)
            if turn.timer.passed() > self._pace.send_within:
                problem = Problem.LEASE_LOST
            if problem is not None:
                raise GateClosed(problem)
            self._on_step("looked")

        return gate

    def _look(self, turn: Turn, row: Withdrawal, account: Account) -> Problem | None:
        token, now = turn.lease.token, turn.timer.now()
        ours = row.lease_token == account.lease_token == token
        over = lease_over(account.lease_until, now, self._pace.lease)
        if not ours or over or row.state is not WithdrawalState.ARMED:
            return Problem.LEASE_LOST
        if account.mode is not AccountMode.LIVE:
            return Problem.REHEARSAL
        connected = account.health is AccountHealth.CONNECTED
        return None if connected else Problem.ACCOUNT_DISCONNECTED

    def _record(self, turn: Turn, ending: Ending) -> None:
        """Write down what came of a try, while the turn is ours.

        Whoever has it now asks again, and finds gone what we took down.
        """

        def write(work: Work) -> None:
            now = turn.timer.now()
            delivery = work.deliveries.get(turn.delivery_id, lock=True)
            row = work.withdrawals.get(turn.withdrawal_id, lock=True)
            if row.lease_token == turn.lease.token:
                self._end(work, row, delivery, ending, now)
            work.withdrawals.end_try(row, turn.number, now)
            one = turn.account
            if ending.disconnected and ending.problem is not None:
                args = (one.office_id, one.id, one.sealed_secrets, ending.problem)
                disconnect(work, *args, now)
            rest = None if ending.rest is None else Rest(now, now + ending.rest)
            work.accounts.give_back(one.id, turn.lease.token, rest)

        self._ledger.keep(f"withdrawal {turn.withdrawal_id}", write)

    def _end(
        self,
        work: Work,
        row: Withdrawal,
        delivery: Delivery,
        ending: Ending,
        now: datetime,
    ) -> None:
        if ending.state is WithdrawalState.DONE and row.still_up > 1:
            row.still_up -= 1
            row.tries = 0
            work.withdrawals.put(row, WithdrawalState.ASKED)
            row.next_at = now
            return
        work.withdrawals.put(row, ending.state, ending.problem, ending.detail)
        row.next_at = now + (ending.wait or timedelta())
        if ending.state is not WithdrawalState.DONE:
            return
        row.still_up, row.ended_at = 0, now
        taken_down(work, delivery, now)
        work.audit.record(
            "delivery.withdrawn",
            Delivery.__tablename__,
            delivery.id,
            at=now,
            office_id=row.office_id,
        )


def after(error: NetworkError | GateClosed, tries: int, chance: float) -> Ending:
    """What a failed try leads to.

    Args:
        error: named for the caller's next move.
        tries: of this post, this one included.
        chance: 0 to 1, drawn at random: full jitter.
    """
    wait = backoff(tries, chance, LONGEST_WAIT)
    match error:
        case GateClosed():
            return Ending(WithdrawalState.ASKED, error.problem, wait=wait)
        case TryLater():
            wait = error.wait or wait
            rest = error.wait if not error.alone else None
            return Ending(
                WithdrawalState.ASKED, error.problem, error.detail, wait, rest
            )
        case Disconnected() if error.problem not in _RIGHTS:
            return Ending(
                WithdrawalState.ASKED, error.problem, error.detail, disconnected=True
            )
        case Refused() | Disconnected():
            return Ending(WithdrawalState.REFUSED, error.problem, error.detail)
        case _:  # Uncertain, and whatever a network may invent
            given_up = tries >= _most(error.problem)
            state = WithdrawalState.REFUSED if given_up else WithdrawalState.UNCERTAIN
            return Ending(state, error.problem, error.detail, wait)


def _most(problem: Problem) -> int:
    """How often in doubt until a person is shown it."""
    ours = problem is Problem.OUR_FAULT
    return MOST_TRIES_OF_A_FAULT if ours else MOST_TRIES_IN_DOUBT
