"""What the public may read of an office's announcements: only what stands in public.

The words are those that were armed and sent. The announcement's own row may hold a
draft by now, which nobody has approved.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Select, and_, select

from models.account import Account
from models.delivery import Delivery
from models.repository import Repository
from models.states import STANDS, DeliveryState

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
        withdrawn: it stands nowhere any more.
    """

    announcement_id: int
    title: str
    text: str
    url: str
    published_at: datetime
    updated_at: datetime
    withdrawn: bool = False


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
        grouped = groupby(rows, key=lambda row: row.announcement_id)
        posts = [_post(announcement_id, rows) for announcement_id, rows in grouped]
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


def _post(announcement_id: int, rows: Iterable[Delivery]) -> PublicPost:
    known = list(rows)
    standing = [row for row in known if row.state is not DeliveryState.WITHDRAWN]
    published_at = min(_published_at(row) for row in known)
    updated_at = max(_changed_at(row) for row in known)
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
    )


def _published_at(row: Delivery) -> datetime:
    return row.published_at or row.updated_at


def _changed_at(row: Delivery) -> datetime:
    published = row.state is DeliveryState.PUBLISHED
    return _published_at(row) if published else row.updated_at
