"""Announcements that correct others in public, and what still stands uncorrected."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from models.account import Account
from models.announcement import Announcement
from models.delivery import Delivery
from models.recipient import Recipient
from models.repository import Repository
from models.states import AnnouncementState, DeliveryState, WithdrawalState
from models.withdrawal import IN_PUBLIC, Withdrawal

MOST = 200  # of the list of what still stands


@dataclass(frozen=True, slots=True)
class StillStands:
    """One delivery of a withdrawn or corrected announcement that nobody has mended.

    Attributes:
        withdrawal: how far taking it down is; None where that was not asked.
        corrected_by: a correction that is not out there yet; None without one.
    """

    delivery: Delivery
    title: str
    network: str
    handle: str
    to_name: str | None
    to_medium: str | None
    withdrawal: WithdrawalState | None
    corrected_by: int | None


class Corrections(Repository):
    """Which announcement corrects which, and where."""

    def of(self, announcement_id: int) -> Sequence[Announcement]:
        """The announcements that correct this one, oldest first."""
        return self._session.scalars(
            select(Announcement)
            .where(Announcement.corrects == announcement_id)
            .order_by(Announcement.id)
        ).all()

    def standing(self, announcement_id: int) -> list[Delivery]:
        """Where an announcement stands in public, one delivery an account."""
        rows = self._session.scalars(
            select(Delivery)
            .where(
                Delivery.announcement_id == announcement_id,
                Delivery.state.in_(IN_PUBLIC),
            )
            .order_by(Delivery.account_id, Delivery.round)
        )
        return list({row.account_id: row for row in rows}.values())

    def standing_on(
        self, announcement_id: int, correction: Delivery
    ) -> Delivery | None:
        """What stands of an announcement where a correction of it goes."""
        return self._session.scalar(
            select(Delivery)
            .where(
                Delivery.announcement_id == announcement_id,
                Delivery.account_id == correction.account_id,
                Delivery.recipient_id.is_not_distinct_from(correction.recipient_id),
                Delivery.state.in_(IN_PUBLIC),
            )
            .order_by(Delivery.round.desc())
            .limit(1)
        )

    def count_uncorrected(self) -> int:
        """How many posts still stand uncorrected."""
        found = self._session.scalar(
            select(func.count())
            .select_from(Delivery)
            .outerjoin(Withdrawal, _ITS_WITHDRAWAL)
            .where(Delivery.office_id == self._office_id, _uncorrected())
        )
        return found or 0

    def uncorrected(self) -> list[StillStands]:
        """Posts of withdrawn or corrected announcements that still stand, by age."""
        correction = (
            select(func.min(_CORRECTION.id))
            .where(_corrects_it())
            .correlate(Delivery)
            .scalar_subquery()
        )
        rows = self._session.execute(
            select(
                Delivery,
                Announcement.title,
                Account.network,
                Account.handle,
                Recipient.name,
                Recipient.medium,
                Withdrawal.state,
                correction,
            )
            .join(Announcement, Announcement.id == Delivery.announcement_id)
            .join(Account, Account.id == Delivery.account_id)
            .outerjoin(Recipient, Recipient.id == Delivery.recipient_id)
            .outerjoin(Withdrawal, _ITS_WITHDRAWAL)
            .where(Delivery.office_id == self._office_id, _uncorrected())
            .order_by(Delivery.published_at, Delivery.id)
            .limit(MOST)
        ).all()
        return [StillStands(*row) for row in rows]


_ITS_WITHDRAWAL = Withdrawal.delivery_id == Delivery.id
_CORRECTION = aliased(Announcement)
_SIBLING, _TAKEN = aliased(Delivery), aliased(Withdrawal)


def _corrects_it() -> ColumnElement[bool]:
    return (_CORRECTION.corrects == Delivery.announcement_id) & (
        _CORRECTION.state != AnnouncementState.CANCELLED
    )


def _uncorrected() -> ColumnElement[bool]:
    """It stands, and its announcement is taken back somewhere, or corrected."""
    taken_back = (
        exists()
        .where(
            _SIBLING.announcement_id == Delivery.announcement_id,
            _TAKEN.delivery_id == _SIBLING.id,
        )
        .correlate(Delivery)
    )
    corrected = exists().where(_corrects_it()).correlate(Delivery)
    return (Delivery.state == DeliveryState.PUBLISHED) & or_(taken_back, corrected)
