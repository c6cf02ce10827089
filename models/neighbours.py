"""What else an account says around a time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select

from models.announcement import Announcement, Variant, effective_text
from models.delivery import Delivery
from models.repository import Repository
from models.states import AnnouncementState, DeliveryState

AHEAD = frozenset({AnnouncementState.ASKED, AnnouncementState.APPROVED})
NOT_OUT = frozenset(
    {DeliveryState.MISSED, DeliveryState.REJECTED, DeliveryState.CANCELLED}
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another announcement on the same account."""

    announcement_id: int
    title: str
    text: str
    at: datetime


class Neighbours(Repository):
    """Announcements of an account by their time."""

    def of(
        self,
        account_id: int,
        since: datetime,
        until: datetime,
        besides: int | None,
        most: int,
    ) -> list[Neighbour]:
        """What else is asked for, approved or out in that time, the newest first.

        What was missed, refused or cancelled there is nothing that the public reads.
        """
        at = func.coalesce(Announcement.publish_at, Announcement.updated_at)
        its_own = exists().where(
            Delivery.announcement_id == Announcement.id,
            Delivery.account_id == account_id,
        )
        rows = self._session.execute(
            select(Announcement, Variant)
            .join(Variant, Variant.announcement_id == Announcement.id)
            .where(
                Variant.account_id == account_id,
                Announcement.state.in_(AHEAD),
                at >= since,
                at <= until,
                Announcement.id != (besides or 0),
                or_(~its_own, its_own.where(Delivery.state.not_in(NOT_OUT))),
            )
            .order_by(Announcement.id.desc())
            .limit(most)
        )
        return [
            Neighbour(
                one.id,
                one.title,
                effective_text(one, variant),
                one.publish_at or one.updated_at,
            )
            for one, variant in rows
        ]
