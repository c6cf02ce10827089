"""Taking back what stands: one row a delivery, every try, and who wanted it.

A post's id is never given to another one, so taking down may be repeated: what is
uncertain is asked again, and gone already is done. See ``docs/design/0019``.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, aliased, mapped_column

from models.account import Account, lease_is_over
from models.base import Base, EnumText, OfficeOwned
from models.delivery import LONGEST_DETAIL, Deliveries, Delivery
from models.problems import Problem
from models.repository import Repository
from models.speech import Receipt
from models.states import (
    WITHDRAWAL_MOVES,
    AccountHealth,
    AccountMode,
    DeliveryState,
    WithdrawalState,
    move,
)

FURTHEST = timedelta(days=2)
"""A try planned further ahead was planned before the clock was set back."""

WAITING = (WithdrawalState.ASKED, WithdrawalState.UNCERTAIN)
IN_PUBLIC = (DeliveryState.PUBLISHED, DeliveryState.CORRECTED)
"""States of a delivery that can be taken back."""


class Withdrawal(OfficeOwned, Base):
    """What a person wants taken down, and how far that is."""

    __tablename__ = "withdrawals"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("delivery_id"),
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "asked_by"], ["users.office_id", "users.id"]
        ),
        Index("ix_withdrawals_next", "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int]
    account_id: Mapped[int]
    reason: Mapped[str]
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    state: Mapped[WithdrawalState] = mapped_column(EnumText(WithdrawalState))
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")  # what the network said
    still_up: Mapped[int]  # posts that still stand: the parts of a thread, last first
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]  # a person who took it down by hand


class WithdrawalTry(OfficeOwned, Base):
    """One call to take one post down, written before it was made."""

    __tablename__ = "withdrawal_tries"
    __table_args__ = (
        UniqueConstraint("withdrawal_id", "number"),
        ForeignKeyConstraint(
            ["office_id", "withdrawal_id"], ["withdrawals.office_id", "withdrawals.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    withdrawal_id: Mapped[int]
    number: Mapped[int]
    remote_id: Mapped[str] = mapped_column(String(200))
    armed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[WithdrawalState | None] = mapped_column(EnumText(WithdrawalState))
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")


class Withdrawals(Repository):
    """What is taken back."""

    def get(self, withdrawal_id: int, *, lock: bool = False) -> Withdrawal:
        """Return one of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(Withdrawal, withdrawal_id, lock=lock)

    def of(self, delivery_id: int) -> Withdrawal | None:
        """What became of taking back a delivery."""
        return self._session.scalar(
            select(Withdrawal).where(Withdrawal.delivery_id == delivery_id)
        )

    def of_many(self, delivery_ids: Collection[int]) -> dict[int, Withdrawal]:
        """The same of several, by the delivery's id."""
        rows = self._session.scalars(
            select(Withdrawal).where(Withdrawal.delivery_id.in_(delivery_ids))
        )
        return {row.delivery_id: row for row in rows}

    def add(self, row: Withdrawal) -> int:
        """Store a new one and return its id."""
        self._session.add(row)
        self._session.flush()
        return row.id

    def put(
        self,
        row: Withdrawal,
        to: WithdrawalState,
        problem: Problem | None = None,
        detail: str = "",
    ) -> None:
        """Move a withdrawal by the table.

        Raises:
            Conflict: the table has no such move.
        """
        row.state = move(WITHDRAWAL_MOVES, row.state, to)
        row.problem = problem
        row.detail = detail[:LONGEST_DETAIL]
        if to is not WithdrawalState.ARMED:
            row.lease_token = ""

    # whose turn it is

    def ready_account(self, now: datetime, lease: timedelta) -> Select[int]:
        """Choose the free account with the oldest withdrawal that may be tried."""
        account = aliased(Account)
        return (
            select(account.id)
            .join(Withdrawal, Withdrawal.account_id == account.id)
            .where(
                _may_be_tried(now, lease),
                account.removed_at.is_(None),
                account.mode == AccountMode.LIVE,
                account.health == AccountHealth.CONNECTED,
                account.next_allowed_at <= now,
                lease_is_over(account.lease_until, now, lease),
            )
            .order_by(Withdrawal.next_at, Withdrawal.id)
            .limit(1)
            .with_for_update(of=account, skip_locked=True)
        )

    def first_ready(
        self, account_id: int, now: datetime, lease: timedelta
    ) -> Withdrawal | None:
        """The withdrawal of a leased account that is tried next."""
        return self._session.scalar(
            select(Withdrawal)
            .where(Withdrawal.account_id == account_id, _may_be_tried(now, lease))
            .order_by(Withdrawal.next_at, Withdrawal.id)
            .limit(1)
            .with_for_update()
        )

    def standing(self, row: Withdrawal, delivery: Delivery) -> Receipt:
        """The proof of the post that goes next: the last part that still stands."""
        parts = Deliveries(self._session).thread(delivery.id)
        if parts:
            return parts[row.still_up - 1].receipt
        return Receipt(delivery.remote_id, delivery.url, delivery.published_at)

    # tries

    def begin_try(self, row: Withdrawal, remote_id: str, now: datetime) -> int:
        """Write down that a post is about to be taken down; return which try."""
        number = self.last_try(row.id) + 1
        self._session.add(
            WithdrawalTry(
                office_id=row.office_id,
                withdrawal_id=row.id,
                number=number,
                remote_id=remote_id,
                armed_at=now,
            )
        )
        return number

    def last_try(self, withdrawal_id: int) -> int:
        """The number of the latest try; 0 before the first."""
        return (
            self._session.scalar(
                select(func.max(WithdrawalTry.number)).where(
                    WithdrawalTry.withdrawal_id == withdrawal_id
                )
            )
            or 0
        )

    def end_try(self, row: Withdrawal, number: int, now: datetime) -> None:
        """Write down what came of a try: how its withdrawal stands by now."""
        one = self._session.scalar(
            select(WithdrawalTry).where(
                WithdrawalTry.withdrawal_id == row.id, WithdrawalTry.number == number
            )
        )
        if one is None or one.ended_at is not None:
            return
        one.ended_at = now
        one.outcome, one.problem, one.detail = row.state, row.problem, row.detail

    def tries(self, withdrawal_id: int) -> list[WithdrawalTry]:
        """Every try, oldest first."""
        return list(
            self._session.scalars(
                select(WithdrawalTry)
                .where(WithdrawalTry.withdrawal_id == withdrawal_id)
                .order_by(WithdrawalTry.number)
            )
        )


def _may_be_tried(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    left_behind = lease_is_over(Withdrawal.lease_until, now, lease)
    return or_(
        Withdrawal.state.in_(WAITING) & _come(Withdrawal.next_at, now),
        (Withdrawal.state == WithdrawalState.ARMED) & left_behind,
    )


def _come(at: InstrumentedAttribute[datetime], now: datetime) -> ColumnElement[bool]:
    return or_(at <= now, at > now + FURTHEST)
