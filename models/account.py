"""An office's accounts on networks, their lease, and the money they spend."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    UniqueConstraint,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository
from models.states import AccountHealth, AccountMode


class Account(OfficeOwned, Base):
    """One account on one network; leased by one worker at a time."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("office_id", "network", "handle", "base_url"),
        Index("ix_accounts_lease", "lease_until", "next_allowed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(20))  # a network's NAME
    handle: Mapped[str] = mapped_column(String(120))
    base_url: Mapped[str] = mapped_column(String(300), default="")
    sealed_secrets: Mapped[bytes]  # JSON {name: secret}, encrypted
    sealed_session: Mapped[bytes | None]  # what the network gave for them, encrypted
    mode: Mapped[AccountMode] = mapped_column(EnumText(AccountMode))
    health: Mapped[AccountHealth] = mapped_column(EnumText(AccountHealth))
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    created_at: Mapped[datetime]
    token_made_at: Mapped[datetime | None]  # of secrets that end by themselves
    token_ends_at: Mapped[datetime | None]  # None: never, or untold
    token_next_at: Mapped[datetime | None]  # when it is looked at again; None: now
    token_problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    removed_at: Mapped[datetime | None]

    # the lease of a publishing worker, and the network's own "not before"
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime]
    next_allowed_at: Mapped[datetime]
    rests_since: Mapped[datetime | None]  # when that "not before" was noted

    # limits that the instance told us, at most a day old
    limits: Mapped[str] = mapped_column(default="")  # JSON
    limits_at: Mapped[datetime | None]

    # listening: cursor and health of this account's mentions
    hears: Mapped[bool] = mapped_column(default=True)  # of a door out, False
    cursor: Mapped[str] = mapped_column(default="")
    heard_at: Mapped[datetime | None]  # last good read
    hear_next_at: Mapped[datetime]
    hear_lease_token: Mapped[str] = mapped_column(String(32), default="")
    hear_lease_until: Mapped[datetime]
    hear_failures: Mapped[int] = mapped_column(default=0)
    hear_problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))


class BudgetMonth(OfficeOwned, Base):
    """What one office has spent in one calendar month of its own zone, in rupiah."""

    __tablename__ = "budget_months"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # "2026-11"
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"), primary_key=True)
    spent_idr: Mapped[int]


class Spending(OfficeOwned, Base):
    """What was spent on what: one row per account, month and action."""

    __tablename__ = "spendings"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
    )

    account_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    action: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int]
    spent_idr: Mapped[int]


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""When the lease of an account that nobody holds was over, on any clock."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one worker to work on one account and its delivery, for a time."""

    token: str
    taken_at: datetime
    length: timedelta

    @property
    def until(self) -> datetime:
        return self.taken_at + self.length


@dataclass(frozen=True, slots=True)
class Rest:
    """A time in which nothing is sent from an account."""

    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it is in force; before its beginning only if a clock was set back."""
        return self.since <= now < self.until

    def begun(self, at: datetime) -> "Rest":
        """The same length from another moment on."""
        return Rest(at, at + (self.until - self.since))


def lease_over(until: datetime, now: datetime, length: timedelta) -> bool:
    """Whether a lease is over, by a wall clock that may have been set back.

    No lease lies further ahead than its length, give or take the clocks of two
    machines: one that seems to was given before the clock was set back.
    """
    return until <= now or until > now + 2 * length


def lease_is_over(
    until: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    now: datetime,
    length: timedelta,
) -> ColumnElement[bool]:
    """The same as :func:`lease_over`, in SQL."""
    return or_(until <= now, until > now + 2 * length)


class Accounts(Repository):
    """Accounts, their leases and their money."""

    def lease(self, candidate: Select[int], lease: Lease) -> Account | None:
        """Take the account that ``candidate`` chooses, by one conditional UPDATE.

        ``candidate`` locks what it chooses and skips what others hold (PostgreSQL;
        SQLite has one writer).
        """
        return self._session.scalar(
            update(Account)
            .where(Account.id == candidate.scalar_subquery())
            .values(lease_token=lease.token, lease_until=lease.until)
            .returning(Account)
            .execution_options(synchronize_session=False, populate_existing=True)
        )

    def give_back(
        self,
        account_id: int,
        token: str,
        rest: Rest | None = None,
    ) -> None:
        """End a lease that is still ours; the account rests as long as is said."""
        values: dict[str, Any] = {"lease_token": "", "lease_until": LONG_AGO}
        if rest is not None:
            values["next_allowed_at"] = rest.until
            values["rests_since"] = rest.since
        self._session.execute(
            update(Account)
            .where(Account.id == account_id, Account.lease_token == token)
            .values(values)
            .execution_options(synchronize_session=False)
        )

    def keep_session(self, account_id: int, sealed: bytes, secrets: bytes) -> None:
        """Keep the session that these secrets began, unless there are others by now."""
        self._session.execute(
            update(Account)
            .where(Account.id == account_id, Account.sealed_secrets == secrets)
            .values(sealed_session=sealed)
            .execution_options(synchronize_session=False)
        )

    def disconnect(self, account_id: int, problem: Problem, sealed: bytes) -> bool:
        """Note that the network refuses this account's credentials.

        Args:
            sealed: the secrets that were refused; others that were given meanwhile
                are not judged by them.

        Returns:
            Whether it was connected until now.
        """
        refused = self._session.scalar(
            update(Account)
            .where(
                Account.id == account_id,
                Account.health == AccountHealth.CONNECTED,
                Account.sealed_secrets == sealed,
            )
            .values(health=AccountHealth.DISCONNECTED, problem=problem)
            .returning(Account.id)
            .execution_options(synchronize_session=False)
        )
        return refused is not None

    def keep_limits(self, account_id: int, limits: str, now: datetime) -> None:
        """Keep what the instance told of its limits, for who writes the next text."""
        self._session.execute(
            update(Account)
            .where(Account.id == account_id)
            .values(limits=limits, limits_at=now)
            .execution_options(synchronize_session=False)
        )

    def shorten_rests(self, now: datetime, most: int) -> int:
        """Let rests that began "later" than now begin now; return how many.

        Only a clock that was set back explains them. No rest is longer, from the
        clock as it is, than what the network or the back-off asked for.
        """
        rows = self._session.scalars(
            select(Account)
            .where(Account.rests_since > now, Account.next_allowed_at > now)
            .order_by(Account.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            assert row.rests_since is not None
            rest = Rest(row.rests_since, row.next_allowed_at).begun(now)
            row.rests_since, row.next_allowed_at = rest.since, rest.until
        return len(rows)

    def book(self, month: str, office_id: int, idr: int, cap_idr: int) -> bool:
        """Add ``idr`` to an office's month unless that would pass the cap.

        What is given back (a negative ``idr``) always fits.
        """
        self._once(BudgetMonth, month=month, office_id=office_id, spent_idr=0)
        after = BudgetMonth.spent_idr + idr
        return (
            self._session.scalar(
                update(BudgetMonth)
                .where(
                    BudgetMonth.month == month,
                    BudgetMonth.office_id == office_id,
                    or_(after <= cap_idr, literal(idr <= 0)),
                )
                .values(spent_idr=_at_least_0(after))
                .returning(BudgetMonth.spent_idr)
                .execution_options(synchronize_session=False)
            )
            is not None
        )

    def spent(self, month: str, office_id: int) -> int:
        """What an office has spent in a month, in rupiah."""
        return (
            self._session.scalar(
                select(BudgetMonth.spent_idr).where(
                    BudgetMonth.month == month, BudgetMonth.office_id == office_id
                )
            )
            or 0
        )

    def spent_on(self, month: str, office_id: int, action: str) -> int:
        """What an office has spent on one action in a month, in rupiah."""
        found = select(func.sum(Spending.spent_idr)).where(
            Spending.month == month,
            Spending.office_id == office_id,
            Spending.action == action,
        )
        return int(self._session.scalar(found) or 0)

    def note_spending(
        self, account: Account, month: str, action: str, count: int, idr: int
    ) -> None:
        """Add to what one account spent on one action in one month."""
        key = {
            "office_id": account.office_id,
            "account_id": account.id,
            "month": month,
            "action": action,
        }
        self._once(Spending, **key, count=0, spent_idr=0)
        self._session.execute(
            update(Spending)
            .filter_by(**key)
            .values(
                count=_at_least_0(Spending.count + count),
                spent_idr=_at_least_0(Spending.spent_idr + idr),
            )
            .execution_options(synchronize_session=False)
        )

    def _once(self, table: type[BudgetMonth | Spending], **values: Any) -> None:
        """Insert a row unless it is there."""
        dialect = self._session.get_bind().dialect.name
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        self._session.execute(insert(table).values(values).on_conflict_do_nothing())

    def get(self, account_id: int) -> Account:
        """Return one account of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(Account, account_id)

    def find(self, network: str, handle: str, base_url: str) -> Account | None:
        """The account of that name, also one that was removed."""
        return self._session.scalar(
            select(Account).where(
                Account.network == network,
                Account.handle == handle,
                Account.base_url == base_url,
            )
        )

    def listed(self) -> list[Account]:
        """Every account that is not removed, by id."""
        return list(
            self._session.scalars(
                select(Account).where(Account.removed_at.is_(None)).order_by(Account.id)
            )
        )

    def add(self, account: Account) -> int:
        """Store a new account and return its id."""
        self._session.add(account)
        self._session.flush()
        return account.id


def _at_least_0(amount: ColumnElement[int]) -> ColumnElement[int]:
    """Giving back in a new month what was booked in the old one makes no credit."""
    return case((amount < 0, 0), else_=amount)
