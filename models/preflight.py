"""Looks at deliveries before they are due: what would keep each from going out.

Nothing here holds a delivery back. A look is kept as it was, so that an hour later it
can be seen what was known when.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    UniqueConstraint,
    and_,
    case,
    delete,
    exists,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.delivery import LONGEST_DETAIL, Delivery
from models.problems import Problem
from models.repository import Repository
from models.states import DeliveryState


class Look(StrEnum):
    """Which of the looks; the later one counts."""

    HOUR = "hour"
    TEN_MINUTES = "ten_minutes"


AHEAD: Mapping[Look, timedelta] = {
    Look.HOUR: timedelta(hours=1),
    Look.TEN_MINUTES: timedelta(minutes=10),
}
"""How long before a delivery is due each look begins."""

AGAIN = timedelta(minutes=10)  # what was found is looked at again: it may be mended
SHOWN_AFTER = timedelta(hours=6)  # a delivery that waits on though it was due


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that would keep a delivery from going out."""

    problem: Problem
    detail: str = ""  # what the network said


class Preflight(OfficeOwned, Base):
    """What one look at one delivery found; nothing, where all is well."""

    __tablename__ = "preflights"
    __table_args__ = (
        UniqueConstraint("delivery_id", "look"),
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int]
    look: Mapped[Look] = mapped_column(EnumText(Look))
    due_at: Mapped[datetime]  # when it was to go; put off, it is looked at anew
    looked_at: Mapped[datetime]
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))  # the first
    detail: Mapped[str] = mapped_column(default="")
    others: Mapped[str] = mapped_column(default="")  # JSON list of the other codes

    @property
    def problems(self) -> list[Problem]:
        """Everything that was found, the gravest first."""
        if self.problem is None:
            return []
        more: list[str] = json.loads(self.others) if self.others else []
        return [self.problem, *map(Problem, more)]


class Preflights(Repository):
    """Which deliveries are to be looked at, and what was found."""

    def first(self, now: datetime) -> Delivery | None:
        """The delivery due next of those that are to be looked at."""
        return self._session.scalar(
            select(Delivery)
            .where(_wants_look(now))
            .order_by(Delivery.due_at, Delivery.id)
            .limit(1)
        )

    def wanting(self, account_id: int, now: datetime, most: int) -> list[Delivery]:
        """Those of one account that are to be looked at, in the order they go."""
        return list(
            self._session.scalars(
                select(Delivery)
                .where(Delivery.account_id == account_id, _wants_look(now))
                .order_by(Delivery.due_at, Delivery.id)
                .limit(most)
            )
        )

    def before(self, account_id: int, until: datetime, most: int) -> list[Delivery]:
        """What the account is to send until then, in order: it uses quota and money."""
        return list(
            self._session.scalars(
                select(Delivery)
                .where(
                    Delivery.account_id == account_id,
                    Delivery.state == DeliveryState.SCHEDULED,
                    Delivery.due_at <= until,
                )
                .order_by(Delivery.due_at, Delivery.id)
                .limit(most)
            )
        )

    def keep(self, row: Delivery, found: Sequence[Found], now: datetime) -> None:
        """Keep what a look found, in the place of the same look before."""
        look = look_of(row.due_at, now)
        self._session.execute(
            delete(Preflight)
            .where(Preflight.delivery_id == row.id, Preflight.look == look)
            .execution_options(synchronize_session=False)
        )
        first = found[0] if found else None
        others = [one.problem.value for one in found[1:]]
        self._session.add(
            Preflight(
                office_id=row.office_id,
                delivery_id=row.id,
                look=look,
                due_at=row.due_at,
                looked_at=now,
                problem=first.problem if first else None,
                detail=first.detail[:LONGEST_DETAIL] if first else "",
                others=json.dumps(others) if others else "",
            )
        )

    def of(self, delivery_id: int) -> list[Preflight]:
        """Every look at one delivery, the latest first."""
        return list(
            self._session.scalars(
                select(Preflight)
                .where(Preflight.delivery_id == delivery_id)
                .order_by(Preflight.looked_at.desc(), Preflight.id.desc())
            )
        )

    def at_risk(self, now: datetime) -> list[tuple[Delivery, Preflight]]:
        """Deliveries whose last look found something, the next due first."""
        rows = self._session.execute(
            select(Delivery, Preflight)
            .join(Preflight, Preflight.delivery_id == Delivery.id)
            .where(_waits(now), Preflight.problem.is_not(None), _is_latest())
            .order_by(Delivery.due_at, Delivery.id)
        )
        return [(row, look) for row, look in rows]

    def risks(self, now: datetime) -> dict[int, Problem]:
        """The gravest finding of each delivery at risk, by its id."""
        found = self.at_risk(now)
        return {row.id: look.problem for row, look in found if look.problem}


def look_of(due_at: datetime, now: datetime) -> Look:
    """Which look it is time for; before the first, the first."""
    near = due_at - now <= AHEAD[Look.TEN_MINUTES]
    return Look.TEN_MINUTES if near else Look.HOUR


def at_risk(now: datetime) -> ColumnElement[bool]:
    """Whether the last look at a delivery found something; else it is past helping."""
    found = exists().where(
        Preflight.delivery_id == Delivery.id,
        Preflight.problem.is_not(None),
        _is_latest(),
    )
    return _waits(now) & found


def _waits(now: datetime) -> ColumnElement[bool]:
    return (
        (Delivery.state == DeliveryState.SCHEDULED)
        & (Delivery.due_at > now - SHOWN_AFTER)
        & (Delivery.due_at <= now + max(AHEAD.values()))
    )


def _is_latest() -> ColumnElement[bool]:
    """Whether a look is the last one at its delivery, for its present time."""
    later = aliased(Preflight)
    after = or_(
        later.looked_at > Preflight.looked_at,
        and_(later.looked_at == Preflight.looked_at, later.id > Preflight.id),
    )
    return (Preflight.due_at == Delivery.due_at) & ~exists().where(
        later.delivery_id == Preflight.delivery_id, after
    )


def _wants_look(now: datetime) -> ColumnElement[bool]:
    """Due soon, and its look is not made yet; or it found something a while ago."""
    which = case(
        (
            Delivery.due_at <= now + AHEAD[Look.TEN_MINUTES],
            literal(Look.TEN_MINUTES, EnumText(Look)),
        ),
        else_=literal(Look.HOUR, EnumText(Look)),
    )
    settled = or_(
        Preflight.problem.is_(None),
        # not in the time to come either: the clock was set back
        and_(Preflight.looked_at > now - AGAIN, Preflight.looked_at < now + AGAIN),
    )
    made = exists().where(
        Preflight.delivery_id == Delivery.id,
        Preflight.look == which,
        Preflight.due_at == Delivery.due_at,
        settled,
    )
    return (
        (Delivery.state == DeliveryState.SCHEDULED)
        & (Delivery.due_at > now)
        & (Delivery.due_at <= now + max(AHEAD.values()))
        & ~made
    )
