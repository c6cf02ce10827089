"""What became of deliveries, told to the office's own programs: one row an event.

A row is made of a delivery's state as it stands, once for each listening account; the
state itself is the truth, so a crash between the two loses nothing.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.account import Account, lease_is_over
from models.base import Base, EnumText, OfficeOwned
from models.delivery import LONGEST_DETAIL, Delivery
from models.preflight import Preflight, at_risk
from models.problems import Problem
from models.repository import Repository
from models.states import AccountHealth, AccountMode, DeliveryState

_S = DeliveryState
TOLD: Mapping[DeliveryState, str] = {
    _S.SCHEDULED: "delivery.at_risk",  # only while a look ahead found something
    _S.PUBLISHED: "delivery.published",
    _S.REJECTED: "delivery.failed",
    _S.MISSED: "delivery.failed",
    _S.CORRECTED: "delivery.corrected",
    _S.WITHDRAWN: "delivery.withdrawn",
}
"""The states that are told, and by which name."""

LOOKS_BACK = timedelta(days=2)  # what is older is no news any more
FURTHEST = timedelta(days=2)  # a try further ahead was planned before a clock set back


class DeliveryEvent(OfficeOwned, Base):
    """One change of one delivery on its way to one listening account."""

    __tablename__ = "delivery_events"
    __table_args__ = (
        UniqueConstraint("account_id", "delivery_id", "state"),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
        Index("ix_delivery_events_next", "account_id", "ended_at", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int]  # who listens
    delivery_id: Mapped[int]
    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState))
    cause: Mapped[Problem | None] = mapped_column(EnumText(Problem))  # of a failure
    at: Mapped[datetime]  # when the delivery came to stand so
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # told, or given up with a problem
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")

    @property
    def name(self) -> str:
        """What the event is called."""
        return TOLD[self.state]


class Events(Repository):
    """What is told, and what still has to be."""

    def listener(
        self, networks: Collection[str], now: datetime, lease: timedelta
    ) -> Select[int]:
        """Choose a free listening account that has something to be told."""
        account = aliased(Account)
        fresh = [
            exists().where(
                Delivery.office_id == account.office_id,
                _is_news(what, account, networks, now),
            )
            for what in _News
        ]
        due = exists().where(DeliveryEvent.account_id == account.id, _due(now))
        return (
            select(account.id)
            .where(
                account.network.in_(networks),
                account.removed_at.is_(None),
                account.mode == AccountMode.LIVE,
                account.health == AccountHealth.CONNECTED,
                account.next_allowed_at <= now,
                lease_is_over(account.lease_until, now, lease),
                or_(due, *fresh),
            )
            .order_by(account.id)
            .limit(1)
            .with_for_update(of=account, skip_locked=True)
        )

    def gather(
        self, account: Account, networks: Collection[str], now: datetime, most: int
    ) -> None:
        """Make a row of every change that this account has not been told of."""
        rows = [
            row
            for what in _News
            for row in self._session.scalars(
                select(Delivery)
                .where(
                    Delivery.office_id == account.office_id,
                    _is_news(what, account, networks, now),
                )
                .order_by(Delivery.updated_at, Delivery.id)
                .limit(most)
            )
        ]
        for row in rows:
            cause, at = self._cause(row)
            self._session.add(
                DeliveryEvent(
                    office_id=account.office_id,
                    account_id=account.id,
                    delivery_id=row.id,
                    state=row.state,
                    cause=cause,
                    at=at,
                    next_at=at,
                )
            )
        self._session.flush()

    def _cause(self, row: Delivery) -> tuple[Problem | None, datetime]:
        """Why a delivery stands as it does, and since when."""
        if row.state is not _S.SCHEDULED:
            return row.problem, row.updated_at
        look = self._session.scalars(
            select(Preflight)
            .where(Preflight.delivery_id == row.id)
            .order_by(Preflight.looked_at.desc(), Preflight.id.desc())
            .limit(1)
        ).one()
        return look.problem, look.looked_at

    def next(self, account_id: int, now: datetime) -> DeliveryEvent | None:
        """The event that a leased account is told next."""
        return self._session.scalar(
            select(DeliveryEvent)
            .where(DeliveryEvent.account_id == account_id, _due(now))
            .order_by(DeliveryEvent.next_at, DeliveryEvent.id)
            .limit(1)
            .with_for_update()
        )

    def get(self, event_id: int) -> DeliveryEvent:
        """One event, locked until commit.

        Raises:
            NotFound: there is none.
        """
        return self._need(DeliveryEvent, event_id, lock=True)

    def end(
        self,
        row: DeliveryEvent,
        now: datetime,
        problem: Problem | None = None,
        detail: str = "",
    ) -> None:
        """It is told; with a problem it is given up."""
        row.ended_at = now
        row.problem, row.detail = problem, detail[:LONGEST_DETAIL]

    def given_up(self, since: datetime) -> dict[int, int]:
        """How many events each account was not told of, by account id."""
        rows = self._session.execute(
            select(DeliveryEvent.account_id, func.count())
            .where(DeliveryEvent.problem.is_not(None), DeliveryEvent.ended_at >= since)
            .group_by(DeliveryEvent.account_id)
        ).all()
        return {row[0]: row[1] for row in rows}


def _due(now: datetime) -> ColumnElement[bool]:
    come = or_(DeliveryEvent.next_at <= now, DeliveryEvent.next_at > now + FURTHEST)
    return DeliveryEvent.ended_at.is_(None) & come


class _News(StrEnum):
    """Each is asked for by itself, so that each has its index."""

    ENDED = "ended"
    AT_RISK = "at_risk"


Listener = type[Account] | Account


def _ended(account: Listener, now: datetime) -> ColumnElement[bool]:
    return (
        Delivery.state.in_([one for one in TOLD if one is not _S.SCHEDULED])
        & (Delivery.updated_at >= now - LOOKS_BACK)
        & (Delivery.updated_at >= account.created_at)
    )


def _at_risk(account: Listener, now: datetime) -> ColumnElement[bool]:
    return at_risk(now) & (Delivery.due_at >= account.created_at)


_IS_TOLD = {_News.ENDED: _ended, _News.AT_RISK: _at_risk}


def _is_news(
    what: _News, account: Listener, networks: Collection[str], now: datetime
) -> ColumnElement[bool]:
    """A change since the account was connected that it knows nothing of.

    Letters are left out: who gets one is nobody else's business.
    """
    known = exists().where(
        DeliveryEvent.account_id == account.id,
        DeliveryEvent.delivery_id == Delivery.id,
        DeliveryEvent.state == Delivery.state,
    )
    of_its_own = exists().where(
        _OTHER.id == Delivery.account_id, _OTHER.network.in_(networks)
    )
    return (
        _IS_TOLD[what](account, now)
        & Delivery.recipient_id.is_(None)
        & ~known
        & ~of_its_own
    )


_OTHER = aliased(Account)
