"""What the public may read of an office's announcements: only what stands in public.

The words are those that were armed and sent. The announcement's own row may hold a
draft by now, which nobody has approved.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Select, and_, select

from models.account import Account
from models.delivery import Delivery
from models.repository import Repository
from models.states import STANDS, DeliveryState
from models.withdrawal import Withdrawal

LOOKED_AT = 400  # newest deliveries, in which the newest announcements are looked for


@dataclass(frozen=True, slots=True)
class PublicPost:
    """One announcement as it stands in public; times are aware.

    Attributes:
        title: as sent; empty for what was sent before titles were kept.
        text: the longest of the texts that its networks got, empty when withdrawn.
        url: where it stands, or empty.
        published_at: when it first stood anywhere.
        updated_at: when it last changed in public: sent anew, corrected, withdrawn.
        withdrawn: it is taken back everywhere.
        corrected: wherever it stands, another announcement corrects it.
    """

    announcement_id: int
    title: str
    text: str
    url: str
    published_at: datetime
    updated_at: datetime
    withdrawn: bool = False
    corrected: bool = False


class PublicPosts(Repository):
    """Announcements of one office as the public knows them."""

    def newest(self, networks: Collection[str], most: int) -> list[PublicPost]:
        """The newest announcements that stand, or stood, on one of ``networks``."""
        found = dict.fromkeys(self._session.scalars(_newest(networks)))
        chosen = list(found)[:most]
        rows = self._session.scalars(
            select(Delivery)
            .join(Account, _ITS_ACCOUNT)
            .where(_stands_on(networks), Delivery.announcement_id.in_(chosen))
            .order_by(Delivery.announcement_id)
        )
        asked = dict(
            self._session.execute(
                select(Withdrawal.delivery_id, Withdrawal.asked_at)
                .join(Delivery, _ITS_DELIVERY)
                .where(Delivery.announcement_id.in_(chosen))
            ).all()
        )
        grouped = groupby(rows, key=lambda row: row.announcement_id)
        posts = [_post(number, list(rows), asked) for number, rows in grouped]
        return sorted(
            posts,
            key=lambda post: (post.published_at, post.announcement_id),
            reverse=True,
        )


def _newest(networks: Collection[str]) -> Select[int]:
    return (
        select(Delivery.announcement_id)
        .join(Account, _ITS_ACCOUNT)
        .where(_stands_on(networks))
        .order_by(Delivery.due_at.desc(), Delivery.id.desc())
        .limit(LOOKED_AT)
    )


_ITS_ACCOUNT = and_(
    Account.office_id == Delivery.office_id, Account.id == Delivery.account_id
)


def _stands_on(networks: Collection[str]) -> ColumnElement[bool]:
    return and_(Delivery.state.in_(STANDS), Account.network.in_(networks))


_ITS_DELIVERY = and_(
    Withdrawal.office_id == Delivery.office_id, Withdrawal.delivery_id == Delivery.id
)


def _post(
    announcement_id: int, known: Sequence[Delivery], asked: Mapping[int, datetime]
) -> PublicPost:
    """What is asked to be taken back stands here no more, whatever its network does."""
    standing = [
        row
        for row in known
        if row.state is not DeliveryState.WITHDRAWN and row.id not in asked
    ]
    published_at = min(_published_at(row) for row in known)
    updated_at = max(asked.get(row.id, _changed_at(row)) for row in known)
    if not standing:
        return PublicPost(
            announcement_id, "", "", "", published_at, updated_at, withdrawn=True
        )
    last = max(row.round for row in standing)
    shown = max(
        (row for row in standing if row.round == last),
        key=lambda row: (len(row.sent_text), -row.id),
    )
    return PublicPost(
        announcement_id,
        shown.sent_title,
        shown.sent_text,
        shown.url,
        published_at,
        updated_at,
        corrected=all(row.state is DeliveryState.CORRECTED for row in standing),
    )


def _published_at(row: Delivery) -> datetime:
    return row.published_at or row.updated_at


def _changed_at(row: Delivery) -> datetime:
    published = row.state is DeliveryState.PUBLISHED
    return _published_at(row) if published else row.updated_at
