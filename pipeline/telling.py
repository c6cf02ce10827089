"""Telling the office's own programs what became of its deliveries elsewhere.

Success and failure, correction and withdrawal. A receiver knows an event by its key, so
a lost answer is told again; what cannot be told for a day is given up and shown.
"""

import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.account import Account, Lease, Rest
from models.database import StorageFailed
from models.errors import Disconnected, GateClosed, NetworkError, Refused, TryLater
from models.problems import Problem
from models.speech import Event
from pipeline.credentials import disconnect
from pipeline.ledger import JOB, Ledger, Pace, Timer, chance
from pipeline.outcomes import backoff
from pipeline.unit import Store, Work
from publishers.base import Publisher, Tells

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
GIVEN_UP_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Turn:
    account: Account
    event_id: int
    lease: Lease
    timer: Timer
    tries: int
    event: Event


class Telling:
    """Tells one event after another.

    Args:
        store: the one database.
        connect: opens the publisher of an account.
        networks: which of them listen.
        pace: how long things last.
    """

    def __init__(
        self,
        store: Store,
        connect: Callable[[Account], Publisher],
        networks: Collection[str],
        pace: Pace | None = None,
    ) -> None:
        self._store = store
        self._connect = connect
        self._networks = networks
        self._pace = pace or Pace()
        self._ledger = Ledger(store, self._pace)

    def tell_next(self, now: datetime) -> bool:
        """Tell one event; False when there is none.

        Raises:
            StorageFailed: the database failed; whatever was begun is found again.
        """
        timer = Timer(now)
        turn = self._begin(timer)
        if turn is None:
            return False
        error = self._tell(turn)
        self._record(turn, error)
        return True

    def _begin(self, timer: Timer) -> _Turn | None:
        now = timer.now()
        lease = Lease(secrets.token_hex(16), now, self._pace.lease)
        with self._store.write(JOB) as work:
            chosen = work.events.listener(self._networks, now, self._pace.lease)
            account = work.accounts.lease(chosen, lease)
            if account is None:
                return None
            work.events.gather(account, self._networks, now, MOST_AT_ONCE)
            row = work.events.next(account.id, now)
            if row is None:
                work.accounts.give_back(account.id, lease.token)
                return None
            row.tries += 1
            row.next_at = lease.until  # should we die
            delivery = work.deliveries.get(row.delivery_id)
            there = work.accounts.get(delivery.account_id)
            written = work.announcements.get(delivery.announcement_id)
            event = Event(
                name=row.name,
                delivery=delivery.key,
                announcement=delivery.announcement_id,
                network=there.network,
                account=there.handle,
                title=delivery.sent_title or written.title,
                url=delivery.url,
                at=row.at,
                cause=row.cause.value if row.cause else "",
            )
            return _Turn(account, row.id, lease, timer, row.tries, event)

    def _tell(self, turn: _Turn) -> NetworkError | None:
        """Make the one call; no transaction is open."""

        def gate() -> None:
            if turn.timer.passed() > self._pace.send_within:
                raise GateClosed(Problem.LEASE_LOST)

        try:
            publisher = self._connect(turn.account)
            assert isinstance(publisher, Tells), turn.account.network
            publisher.tell(turn.event, gate)
        except NetworkError as error:
            return error
        except (GateClosed, StorageFailed) as error:
            return TryLater(error.problem)
        except Exception as error:
            log.exception("event %s could not be told", turn.event_id)
            return TryLater(Problem.OUR_FAULT, type(error).__name__)
        return None

    def _record(self, turn: _Turn, error: NetworkError | None) -> None:
        def write(work: Work) -> None:
            now, rest = turn.timer.now(), None
            row = work.events.get(turn.event_id)
            if error is None:
                work.events.end(row, now)
            elif isinstance(error, Refused) or now - row.at > GIVEN_UP_AFTER:
                work.events.end(row, now, error.problem, error.detail)
            else:
                told = error.wait if isinstance(error, TryLater) else None
                row.next_at = now + (told or backoff(turn.tries, chance()))
                rest = Rest(now, now + told) if told else None
            one = turn.account
            if isinstance(error, Disconnected):
                args = (one.office_id, one.id, one.sealed_secrets, error.problem)
                disconnect(work, *args, now)
            work.accounts.give_back(one.id, turn.lease.token, rest)

        self._ledger.keep(f"event {turn.event_id}", write)
