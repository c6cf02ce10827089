"""Series: announcements that come back, approved once, and the days they were made."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.announcement import Announcement
from models.base import Base, EnumText, OfficeOwned
from models.repository import Repository
from models.series_plan import Plan
from models.states import AnnouncementState, SeriesState


class Series(OfficeOwned, Base):
    """A filled template with a rule. Its zone is the office's own."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        ForeignKeyConstraint(
            ["office_id", "author_id"], ["users.office_id", "users.id"]
        ),
        Index("ix_series_office_state", "office_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(String(40))
    fields: Mapped[str]  # JSON, by field code
    rule: Mapped[str] = mapped_column(String(200))
    first: Mapped[date]
    until: Mapped[date]
    at: Mapped[time]
    state: Mapped[SeriesState] = mapped_column(EnumText(SeriesState))
    author_id: Mapped[int]
    active_since: Mapped[datetime | None]  # nothing is made for before
    paused_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(
        default=""
    )  # message id: what could not be made
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def makes(self) -> bool:
        """Whether announcements are made of it now."""
        return self.state is SeriesState.APPROVED and self.paused_at is None


class SeriesAccount(OfficeOwned, Base):
    """An account that a series goes to."""

    __tablename__ = "series_accounts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "series_id"], ["series.office_id", "series.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
    )

    series_id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True)


class SeriesApproval(OfficeOwned, Base):
    """One asking for a series, and its answer; bound to a hash of all it would say."""

    __tablename__ = "series_approvals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "series_id"], ["series.office_id", "series.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "author_id"], ["users.office_id", "users.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "decided_by"], ["users.office_id", "users.id"]
        ),
        CheckConstraint(
            "decided_by IS NULL"
            " OR (decided_by <> author_id AND decided_by <> asked_by)",
            name="maker_not_checker",
        ),
        Index("ix_series_approvals_series", "office_id", "series_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    since: Mapped[date]  # the texts that were looked at are of the days after it
    author_id: Mapped[int]
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    voided_at: Mapped[datetime | None]


class SeriesDate(OfficeOwned, Base):
    """One day of a series: its announcement, or that it passed without one."""

    __tablename__ = "series_dates"
    __table_args__ = (
        UniqueConstraint("series_id", "day"),
        ForeignKeyConstraint(
            ["office_id", "series_id"], ["series.office_id", "series.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
        ),
        Index("ix_series_dates_announcement", "announcement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int]
    day: Mapped[date]
    announcement_id: Mapped[int | None]  # None: its time passed before it was made
    made_at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Made:
    """A day of a series with what became of it; no announcement where it was late."""

    day: date
    announcement_id: int | None
    title: str
    state: AnnouncementState | None
    version: int = 0


class SeriesRows(Repository):
    """The series of an office, with accounts, approvals and days."""

    def get(self, series_id: int, *, lock: bool = False) -> Series:
        """Return one series of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(Series, series_id, lock=lock)

    def add(self, row: Series) -> int:
        """Store a new series and return its id."""
        self._session.add(row)
        self._session.flush()
        return row.id

    def listed(self) -> list[Series]:
        """Every series, the newest first; ended ones last."""
        ended = Series.state == SeriesState.ENDED
        return list(
            self._session.scalars(select(Series).order_by(ended, Series.id.desc()))
        )

    def living(self) -> list[tuple[int, int]]:
        """Office and id of every series that announcements are made of."""
        rows = self._session.execute(
            select(Series.office_id, Series.id)
            .where(Series.state == SeriesState.APPROVED, Series.paused_at.is_(None))
            .order_by(Series.id)
        )
        return [(office_id, series_id) for office_id, series_id in rows]

    def count_troubled(self) -> int:
        """How many series say what could not be made of them."""
        found = select(func.count(Series.id)).where(
            Series.trouble != "", Series.state != SeriesState.ENDED
        )
        return self._session.scalar(found) or 0

    def count_asked(self) -> int:
        """How many series wait for a decision."""
        asked = select(func.count(Series.id)).where(Series.state == SeriesState.ASKED)
        return self._session.scalar(asked) or 0

    def not_before(self, now: datetime) -> None:
        """Let no series make an announcement whose time is past."""
        self._session.execute(
            update(Series)
            .where(Series.active_since < now)
            .values(active_since=now)
            .execution_options(synchronize_session=False)
        )

    def accounts(self, series_id: int) -> tuple[int, ...]:
        """Ids of the accounts that it goes to, in order."""
        return tuple(
            self._session.scalars(
                select(SeriesAccount.account_id)
                .where(SeriesAccount.series_id == series_id)
                .order_by(SeriesAccount.account_id)
            )
        )

    def plan(self, row: Series) -> Plan:
        """What a person filled in."""
        return Plan(
            template=row.template,
            fields=json.loads(row.fields),
            accounts=self.accounts(row.id),
            rule=row.rule,
            first=row.first,
            until=row.until,
            at=row.at,
        )

    def fill(self, row: Series, plan: Plan) -> None:
        """Put a plan on a row; its accounts follow with :meth:`go_to`."""
        row.template = plan.template
        row.fields = json.dumps(dict(plan.fields), ensure_ascii=False, sort_keys=True)
        row.rule, row.first, row.until = plan.rule, plan.first, plan.until
        row.at = plan.at

    def go_to(self, row: Series, account_ids: Sequence[int]) -> None:
        """Let it go to these accounts and no others."""
        self._session.execute(
            delete(SeriesAccount).where(SeriesAccount.series_id == row.id)
        )
        self._session.add_all(
            SeriesAccount(office_id=row.office_id, series_id=row.id, account_id=one)
            for one in account_ids
        )
        self._session.flush()

    def latest_approval(self, series_id: int) -> SeriesApproval | None:
        """The newest asking, decided or not."""
        return self._session.scalar(
            select(SeriesApproval)
            .where(SeriesApproval.series_id == series_id)
            .order_by(SeriesApproval.id.desc())
            .limit(1)
        )

    # the days

    def known_days(self, series_id: int, since: date) -> set[date]:
        """The days from ``since`` on that are made, or noted as passed."""
        return set(
            self._session.scalars(
                select(SeriesDate.day).where(
                    SeriesDate.series_id == series_id, SeriesDate.day >= since
                )
            )
        )

    def note(
        self, row: Series, day: date, announcement_id: int | None, now: datetime
    ) -> None:
        """Keep that this day is done; a second time for the same day fails."""
        self._session.add(
            SeriesDate(
                office_id=row.office_id,
                series_id=row.id,
                day=day,
                announcement_id=announcement_id,
                made_at=now,
            )
        )
        self._session.flush()

    def free(self, series_id: int, day: date) -> None:
        """Forget a day whose announcement was taken back."""
        self._session.execute(
            delete(SeriesDate).where(
                SeriesDate.series_id == series_id, SeriesDate.day == day
            )
        )

    def made(
        self, series_id: int, since: date | None = None, most: int = 400
    ) -> list[Made]:
        """What was made, the latest day first."""
        statement = (
            select(
                SeriesDate.day,
                Announcement.id,
                Announcement.title,
                Announcement.state,
                Announcement.version,
            )
            .outerjoin(
                Announcement,
                (Announcement.id == SeriesDate.announcement_id)
                & (Announcement.office_id == SeriesDate.office_id),
            )
            .where(SeriesDate.series_id == series_id)
            .order_by(SeriesDate.day.desc())
            .limit(most)
        )
        if since is not None:
            statement = statement.where(SeriesDate.day >= since)
        return [
            Made(day, number, title or "", state, version or 0)
            for day, number, title, state, version in self._session.execute(statement)
        ]
