"""Reading back what the public did with posts, within the rate and the money there is.

One account at a time, as many of its posts in a call as the network allows. Only reads;
the ledger, the account's health and its rest stay as they are whatever is answered.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import structlog

from models.account import Account
from models.database import StorageFailed
from models.delivery import Delivery
from models.errors import Disconnected, NetworkError, TryLater
from models.problems import Problem
from models.reading import AFTER, AFTER_PAID, AGAIN, next_reading
from models.scope import SystemScope
from models.speech import Numbers
from networks.base import Client, TellsNumbers
from pipeline import wiring
from pipeline.budget import load_prices, month_of
from pipeline.unit import Store, Work

log = structlog.get_logger(__name__)

SCOPE = SystemScope("reading numbers back")
MOST_GATHERED = 200
MOST_AT_ONCE = 20  # posts of a turn, where each takes a call of its own
SHARE = 10  # of the month's money a tenth, and no more, goes to numbers
POSTPONED = timedelta(days=1)  # for want of money, or of rights


@dataclass(frozen=True, slots=True)
class _Turn:
    account: Account
    rows: Sequence[Delivery]
    may_pay: bool


@dataclass(frozen=True, slots=True)
class ReadingBack:
    """Reads the numbers of one account's posts after another's.

    Args:
        store: the one database.
        client: the open client of an account.
    """

    store: Store
    client: Callable[[Account], Client]

    def next(self, now: datetime) -> bool:
        """Read the posts of one account whose turn has come; False when there is none.

        Raises:
            StorageFailed: nothing was kept; they are read in an hour.
        """
        turn = self._begin(now)
        if turn is None:
            return False
        told: dict[str, Numbers | None] = {}
        error = self._ask(turn, told) if turn.may_pay else _NO_SHARE
        self._keep(turn, told, error, now)
        return True

    def _begin(self, now: datetime) -> _Turn | None:
        """Choose an account and take its posts; a look without any writes nothing."""
        with self.store.read(SCOPE) as work:
            first = _first(work.tokens.networks())
            if not (work.readings.has_new(first, now) or work.readings.any_due(now)):
                return None
        with self.store.write(SCOPE) as work:
            work.readings.gather(first, now, MOST_GATHERED)
            work.readings.end_fallen(now)
            account = work.readings.account_due(now)
            if account is None:
                return None
            most = max(_a_call(account), MOST_AT_ONCE)
            rows = work.readings.take_due(account.id, now, now + AGAIN, most)
            return _Turn(account, rows, _may_pay(work, account, len(rows), now))

    def _ask(self, turn: _Turn, told: dict[str, Numbers | None]) -> NetworkError | None:
        """Put into ``told`` what the network says, until it says no."""
        ids = [row.remote_id for row in turn.rows]
        try:
            client = cast("TellsNumbers", self.client(turn.account))
            for some in _batched(ids, _a_call(turn.account)):
                told |= client.numbers(some)
        except NetworkError as error:
            return error
        except StorageFailed as error:
            return TryLater(error.problem)
        except Exception as error:
            log.exception("numbers_not_read", account=turn.account.id)
            return TryLater(Problem.OUR_FAULT, type(error).__name__)
        return None

    def _keep(
        self,
        turn: _Turn,
        told: Mapping[str, Numbers | None],
        error: NetworkError | None,
        now: datetime,
    ) -> None:
        after = _after(turn.account.network)
        why = error or TryLater(Problem.NUMBERS_UNTOLD)
        with self.store.write(SCOPE) as work:
            for row in turn.rows:
                numbers = told.get(row.remote_id)
                if numbers is not None:
                    assert row.published_at is not None
                    then = next_reading(row.published_at, now, after)
                    work.readings.keep(row, numbers, now, then)
                elif row.remote_id in told:
                    work.readings.not_found(row.id, now)
                else:
                    again = now + _wait(why)
                    work.readings.note(row.id, _said(why), why.detail, again)


_OF_MONEY = frozenset({Problem.NUMBERS_SHARE_SPENT, Problem.BUDGET_SPENT})
_NO_SHARE = TryLater(Problem.NUMBERS_SHARE_SPENT, wait=POSTPONED)


def _said(error: NetworkError) -> Problem:
    """What a person is told; the words of most causes are about sending."""
    known = isinstance(error, Disconnected) or error.problem in _OF_MONEY
    return error.problem if known else Problem.NUMBERS_UNTOLD


def _wait(error: NetworkError) -> timedelta:
    """Until the same is asked again."""
    if not isinstance(error, TryLater):
        return POSTPONED  # for want of rights; only a person can mend it
    return max(AGAIN, error.wait or AGAIN)


def _first(networks: Sequence[str]) -> dict[str, timedelta]:
    """Of those networks that tell numbers, when a post is read first."""
    told = (name for name in networks if name in wiring.NETWORKS)
    return {name: _after(name)[0] for name in told if wiring.capabilities(name).numbers}


def _after(network: str) -> Sequence[timedelta]:
    return AFTER_PAID if wiring.capabilities(network).paid else AFTER


def _a_call(account: Account) -> int:
    counts = wiring.capabilities(account.network).numbers
    return counts.a_call if counts else 1


def _batched(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def _may_pay(work: Work, account: Account, count: int, now: datetime) -> bool:
    """Whether reading stays within the share of the month's money."""
    if not wiring.capabilities(account.network).paid:
        return True
    office, action = work.offices.by_id(account.office_id), f"{account.network}.numbers"
    month = month_of(now, ZoneInfo(office.timezone))
    spent = work.accounts.spent_on(month, office.id, action)
    price = load_prices().idr(action, count)
    return (spent + price) * SHARE <= office.monthly_cap_idr
