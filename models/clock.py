"""The clock's own rows: who ticks, when each task ran, and the morning pages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import (
    Date,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository
from models.upserts import insert_new, insert_or_update


class Lease(Base):
    """A role that one process holds at a time, e.g. the active clock."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


class Tick(Base):
    """When a periodic task last ran, for ``doctor`` and ``/healthz``."""

    __tablename__ = "ticks"

    task: Mapped[str] = mapped_column(String(40), primary_key=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")


class Report(OfficeOwned, Base):
    """One morning page: numbers as they stood when it was made."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("office_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date)  # in the office's zone
    made_at: Mapped[datetime]
    numbers: Mapped[str]  # JSON of reports.summary.Summary
    text: Mapped[str]  # ready to paste into a chat
    pdf: Mapped[bytes] = deferred(mapped_column(LargeBinary))


@dataclass(frozen=True, slots=True)
class TickRow:
    """The last run of one task; the names are the columns of ``ticks``."""

    task: str
    started_at: datetime
    ended_at: datetime | None  # None: it runs, or died running
    problem: Problem | None = None
    detail: str = ""


class Clockwork(Repository):
    """Leases of roles, ticks of tasks, and morning pages."""

    def lease(self, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
        """Take or prolong a role; False while another holds it.

        A lease that ends later than any taken now could is one of before the clock
        was set back, and does not bind.
        """
        row = {"name": name, "holder": holder, "until": now + lasts}
        taken = self._session.scalars(
            insert_new(self._session, Lease, [row]).returning(Lease.name)
        ).all()
        if taken:
            return True
        kept = self._session.scalar(
            update(Lease)
            .where(
                Lease.name == name,
                or_(
                    Lease.holder == holder,
                    Lease.until <= now,
                    Lease.until > now + 2 * lasts,
                ),
            )
            .values(holder=holder, until=now + lasts)
            .returning(Lease.name)
        )
        return kept is not None

    def give_back(self, name: str, holder: str, now: datetime) -> None:
        """End a role that ``holder`` has, so that another can begin at once."""
        self._session.execute(
            update(Lease)
            .where(Lease.name == name, Lease.holder == holder)
            .values(until=now)
        )

    def holder(self, name: str) -> Lease | None:
        """Who holds a role, or held it last."""
        return self._session.get(Lease, name)

    def write_ticks(self, ticks: Sequence[TickRow]) -> None:
        """Keep the last run of each task."""
        if ticks:
            columns = (Tick.started_at, Tick.ended_at, Tick.problem, Tick.detail)
            self._session.execute(
                insert_or_update(
                    self._session,
                    Tick,
                    [asdict(tick) for tick in ticks],
                    unique=(Tick.task,),
                    update=columns,
                )
            )

    def last_tick(self) -> datetime | None:
        """When any task began last."""
        return self._session.scalar(select(func.max(Tick.started_at)))

    def ticks(self) -> list[TickRow]:
        """The last run of every task."""
        rows = self._session.scalars(select(Tick).order_by(Tick.task))
        return [
            TickRow(row.task, row.started_at, row.ended_at, row.problem, row.detail)
            for row in rows
        ]
