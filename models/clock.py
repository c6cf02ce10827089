"""The clock's own rows: who ticks, when each task ran, and the morning pages."""

from datetime import date, datetime

from sqlalchemy import Date, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository


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


class Clockwork(Repository):
    """Leases of roles, ticks of tasks, and morning pages."""
