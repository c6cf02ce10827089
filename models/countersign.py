"""Askings of the emergency lane that wait for the signature after the fact."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, select

from models.announcement import Announcement, Approval
from models.repository import Repository


class Countersign(NamedTuple):
    """Something that is out by one signature."""

    announcement_id: int
    title: str
    by: datetime  # when the other signature should be there


_WAITS = (
    Approval.approved.is_(True),
    Approval.countersign_by.is_not(None),
    Approval.countersigned_at.is_(None),
)


class Countersigns(Repository):
    """What went out in the emergency lane and is not signed after the fact yet."""

    def get(self, approval_id: int) -> Approval:
        """One asking, kept from others until the end of this unit.

        Raises:
            NotFound: there is none.
        """
        return self._need(Approval, approval_id, lock=True)

    def waiting_of(self, announcement_id: int) -> Approval | None:
        """The asking of an announcement that waits for its other signature."""
        return self._session.scalar(
            select(Approval)
            .where(Approval.announcement_id == announcement_id, *_WAITS)
            .order_by(Approval.id.desc())
            .limit(1)
        )

    def waiting(self, limit: int = 50) -> list[Countersign]:
        """All that waits, the most pressing first."""
        rows = self._session.execute(
            select(Announcement.id, Announcement.title, Approval.countersign_by)
            .join(
                Announcement,
                and_(
                    Announcement.id == Approval.announcement_id,
                    Announcement.office_id == Approval.office_id,
                ),
            )
            .where(*_WAITS)
            .order_by(Approval.countersign_by, Approval.id)
            .limit(limit)
        )
        return [Countersign(row[0], row[1], by) for row in rows if (by := row[2])]

    def overdue(self, now: datetime) -> list[Approval]:
        """What was not signed in time and is not reported yet."""
        return list(
            self._session.scalars(
                select(Approval)
                .where(
                    *_WAITS,
                    Approval.countersign_by <= now,
                    Approval.countersign_missed_at.is_(None),
                )
                .order_by(Approval.id)
            )
        )

    def count_overdue(self, now: datetime) -> int:
        """How many are not signed though their time is over."""
        late = select(func.count(Approval.id)).where(
            *_WAITS, Approval.countersign_by <= now
        )
        return self._session.scalar(late) or 0
