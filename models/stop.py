"""Stops: nothing leaves from one account, of one category, or from the whole office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    and_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from models.base import Base, OfficeOwned
from models.problems import Problem
from models.repository import Repository

Number = int | InstrumentedAttribute[int]
Text = str | ColumnElement[str]


@dataclass(frozen=True, slots=True)
class Target:
    """What is stopped: one account, one category, or everything (neither)."""

    account_id: int | None = None
    category: str = ""

    def __post_init__(self) -> None:
        assert not (self.account_id and self.category), "one or the other"

    @property
    def problem(self) -> Problem:
        """Why a delivery is held by a stop of this kind."""
        if self.account_id is not None:
            return Problem.ACCOUNT_STOPPED
        return Problem.CATEGORY_STOPPED if self.category else Problem.ALL_STOPPED


EVERYTHING = Target()
STOPPED = frozenset(
    {Problem.ACCOUNT_STOPPED, Problem.CATEGORY_STOPPED, Problem.ALL_STOPPED}
)


class Stop(OfficeOwned, Base):
    """One stop from its beginning to its end; rows are kept."""

    __tablename__ = "stops"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
        ForeignKeyConstraint(["office_id", "made_by"], ["users.office_id", "users.id"]),
        Index("ix_stops_standing", "office_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None]
    category: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[str]
    made_by: Mapped[int | None]
    made_at: Mapped[datetime]
    until: Mapped[datetime | None]  # when it ends by itself
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None]  # None where it ended by itself

    @property
    def target(self) -> Target:
        return Target(self.account_id, self.category)


class Stops(Repository):
    """Which stops stand, and what ended."""

    def get(self, stop_id: int, *, lock: bool = False) -> Stop:
        """Return one stop of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(Stop, stop_id, lock=lock)

    def add(self, stop: Stop) -> int:
        """Store a new stop and return its id."""
        self._session.add(stop)
        self._session.flush()
        return stop.id

    def over(
        self, office_id: int, account_id: int, category: str, now: datetime
    ) -> Stop | None:
        """The stop that forbids a post of this category on this account now."""
        return self._session.scalar(
            select(Stop)
            .where(stands_over(office_id, account_id, category, now))
            .order_by(Stop.id)
            .limit(1)
        )

    def standing(self, now: datetime) -> list[Stop]:
        """Every stop in force, the newest first."""
        return self._listed(select(Stop).where(_stands(now)))

    def ended(self, now: datetime, most: int) -> list[Stop]:
        """The latest stops that are over, the newest first."""
        return self._listed(select(Stop).where(~_stands(now)).limit(most))

    def of(self, target: Target, now: datetime) -> list[Stop]:
        """The stops in force of exactly this target, locked until the commit."""
        return self._listed(
            select(Stop)
            .where(
                _stands(now),
                Stop.account_id.is_(None)
                if target.account_id is None
                else Stop.account_id == target.account_id,
                Stop.category == target.category,
            )
            .with_for_update()
        )

    def run_out(self, now: datetime) -> None:
        """Note of stops whose own end has come that they are over."""
        self._session.execute(
            update(Stop)
            .where(Stop.ended_at.is_(None), Stop.until <= now)
            .values(ended_at=now)
            .execution_options(synchronize_session=False)
        )

    def _listed(self, statement: Select[Stop]) -> list[Stop]:
        return list(self._session.scalars(statement.order_by(Stop.id.desc())))


def by_account(stops: Sequence[Stop]) -> dict[int, Stop]:
    """The newest stop of each account among ``stops``."""
    return {
        stop.account_id: stop for stop in reversed(stops) if stop.account_id is not None
    }


def stands_over(
    office_id: Number, account_id: Number, category: Text, now: datetime
) -> ColumnElement[bool]:
    """Whether a row of ``stops`` forbids such a post now."""
    return and_(
        Stop.office_id == office_id,
        _stands(now),
        or_(Stop.account_id.is_(None), Stop.account_id == account_id),
        or_(Stop.category == "", Stop.category == category),
    )


def _stands(now: datetime) -> ColumnElement[bool]:
    return Stop.ended_at.is_(None) & or_(Stop.until.is_(None), Stop.until > now)
