"""An office's accounts on networks, their lease, and the money they spend."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.errors import NotFound
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
    mode: Mapped[AccountMode] = mapped_column(EnumText(AccountMode))
    health: Mapped[AccountHealth] = mapped_column(EnumText(AccountHealth))
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    # stop (honoured at the last look)
    stopped_at: Mapped[datetime | None]
    stopped_until: Mapped[datetime | None]
    stopped_by: Mapped[int | None]
    stop_reason: Mapped[str] = mapped_column(default="")

    # the lease of a publishing worker, and the network's own "not before"
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime]
    next_allowed_at: Mapped[datetime]

    # limits that the instance told us, at most a day old
    limits: Mapped[str] = mapped_column(default="")  # JSON
    limits_at: Mapped[datetime | None]

    # listening: cursor and health of this account's mentions
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


class Accounts(Repository):
    """Accounts, their leases and their money."""

    def get(self, account_id: int) -> Account:
        """Return one account of this scope.

        Raises:
            NotFound: there is none.
        """
        found = self._session.get(Account, account_id)
        if found is None:
            raise NotFound(f"account {account_id}")
        return found

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
