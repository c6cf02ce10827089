"""The money of paid networks: a hard monthly cap in rupiah, booked before each call."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from models.database import StorageFailed
from models.errors import TryLater
from models.office import Office
from models.problems import Problem
from models.scope import OfficeScope
from pipeline.unit import Now, Store

PRICES = Path(__file__).resolve().parent.parent / "config" / "data" / "prices.toml"
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """What a paid call costs; facts with their source in ``prices.toml``."""

    idr_per_usd: int
    micro_usd: Mapping[str, int]  # by action

    def idr(self, action: str, count: int = 1) -> int:
        """The price in whole rupiah, rounded up for the call as a whole.

        Raises:
            KeyError: the action has no price; a paid call is never guessed to be free.
        """
        return -(-self.micro_usd[action] * count * self.idr_per_usd // MICRO)


@cache
def load_prices(path: Path = PRICES) -> Prices:
    """Read the prices that ship with the product."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Prices(
        data["exchange"]["idr_per_usd"],
        {row["code"]: row["micro_usd"] for row in data["price"]},
    )


class DatabasePurse:
    """The purse of one account, out of its office's month.

    Every booking is a unit of its own, committed before the paid call: a crash may book
    a call that was not made, never make one that was not booked.
    """

    def __init__(
        self, store: Store, office_id: int, account_id: int, prices: Prices, now: Now
    ) -> None:
        self._store = store
        self._office_id = office_id
        self._account_id = account_id
        self._prices = prices
        self._now = now

    def spend(self, action: str, count: int = 1) -> None:
        """Book ``count`` times the price of ``action``; a negative count gives back.

        Raises:
            TryLater: this month's cap would be passed, or the database cannot book
                now; nothing was booked.
        """
        try:
            self._book(action, count, self._now())
        except StorageFailed as error:
            raise TryLater(error.problem, error.detail) from None

    def _book(self, action: str, count: int, now: datetime) -> None:
        idr = self._prices.idr(action, count)
        with self._store.write(OfficeScope(self._office_id)) as work:
            office = work.session.get_one(Office, self._office_id)
            zone = ZoneInfo(office.timezone)
            month = month_of(now, zone)
            cap = office.monthly_cap_idr
            if work.accounts.book(month, office.id, idr, cap):
                account = work.accounts.get(self._account_id)
                work.accounts.note_spending(account, month, action, count, idr)
                return
        raise TryLater(
            Problem.BUDGET_SPENT,
            f"{action}: Rp{idr} does not fit under Rp{cap} in {month}",
            wait=next_month(now, zone) - now,
        )


def month_of(now: datetime, zone: ZoneInfo) -> str:
    """The calendar month of an office, such as ``2026-11``."""
    return now.astimezone(zone).strftime("%Y-%m")


def next_month(now: datetime, zone: ZoneInfo) -> datetime:
    """When the office's next month begins."""
    local = now.astimezone(zone)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if local.month == 12:
        return first.replace(year=local.year + 1, month=1)
    return first.replace(month=local.month + 1)
