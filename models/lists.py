"""Lists of the dashboard, newest first if not told otherwise, page by page.

A page never scans more than :data:`SPAN` rows: where filters are so narrow that these
do not fill it, the page says how far it looked and its cursor goes on from there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, tuple_

from models.account import Account
from models.announcement import Announcement
from models.delivery import Attempt, Delivery
from models.errors import NotFound
from models.filters import PAGE, Cursor, Filters, Voices, wanted
from models.item import Item, ItemLabels
from models.recipient import Recipient
from models.repository import Repository
from models.search import Search
from models.source import Document, Source
from models.states import DeliveryState

_NEWEST = (Item.at.desc(), Item.id.desc())
SPAN = 20_000


@dataclass(frozen=True, slots=True)
class Voice:
    """One item with everything its page shows."""

    item: Item
    labels: str  # JSON of the current model version, or ""
    delivery_title: str  # of the announcement it stands under
    announcement_id: int | None
    copies: int
    source: str  # name of the feed


@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery with the names around it."""

    delivery: Delivery
    title: str
    network: str
    handle: str
    to_name: str | None  # of the recipient of a letter; empty when taken off the list
    to_medium: str | None


class Lists(Repository):
    """Pages of voices and deliveries."""

    # voices

    def voices(
        self, filters: Filters, after: Cursor | None, *, integrity: bool
    ) -> Voices:
        """One page of items in the order of ``filters``.

        S1 only for those who may read it.

        Raises:
            InvalidInput: the words cannot be read as a query.
        """
        if filters.words:
            return Search(self._session).voices(filters, after, integrity=integrity)
        conditions = [Item.office_id == self._office_id, *wanted(filters, integrity)]
        rising = filters.waiting and filters.oldest_first
        place = tuple_(Item.at, Item.id)
        if after is not None:
            last = (after.at, after.id)
            conditions.append(place > last if rising else place < last)
        floor = None if filters.waiting else self._floor(after)
        if floor is not None:
            conditions.append(Item.at >= floor)
        rows = self._session.scalars(
            select(Item)
            .where(*conditions)
            .order_by(*((Item.at, Item.id) if rising else _NEWEST))
            .limit(PAGE + 1)
        ).all()
        shown = tuple(rows[:PAGE])
        if len(rows) > PAGE:
            return Voices(shown, Cursor(shown[-1].at, shown[-1].id))
        if floor is not None:
            return Voices(shown, Cursor(floor, 0), floor)
        return Voices(shown, None)

    def _floor(self, after: Cursor | None) -> datetime | None:
        """The time of the row ``SPAN`` rows on; None when the list ends before."""
        statement = select(Item.at).where(Item.office_id == self._office_id)
        if after is not None:
            statement = statement.where(Item.at <= after.at)
        return self._session.scalar(
            statement.order_by(Item.at.desc()).limit(1).offset(SPAN)
        )

    def voice(self, item_id: int) -> Voice:
        """One item.

        Raises:
            NotFound: the office has none of this id.
        """
        item = self._session.scalar(select(Item).where(Item.id == item_id))
        if item is None:
            raise NotFound(f"item {item_id}")
        labels = self._session.scalar(
            select(ItemLabels.labels).where(
                ItemLabels.item_id == item.id, ItemLabels.model == item.labelled_by
            )
        )
        title, announcement_id = self._under(item.delivery_id)
        return Voice(
            item=item,
            labels=labels or "",
            delivery_title=title,
            announcement_id=announcement_id,
            copies=self._copies(item.story_id or item.id),
            source=self._source_of(item.document_id),
        )

    def _under(self, delivery_id: int | None) -> tuple[str, int | None]:
        if delivery_id is None:
            return "", None
        row = self._session.execute(
            select(Announcement.title, Announcement.id)
            .join(Delivery, Delivery.announcement_id == Announcement.id)
            .where(Delivery.id == delivery_id)
        ).one_or_none()
        return (row[0], row[1]) if row else ("", None)

    def _copies(self, story_id: int) -> int:
        key = select(Item.story_key).where(Item.id == story_id).scalar_subquery()
        number = self._session.scalar(
            select(func.count())
            .select_from(Item)
            .where(
                Item.office_id == self._office_id,
                Item.story_key == key,
                Item.story_id == story_id,
            )
        )
        return number or 0

    def _source_of(self, document_id: int | None) -> str:
        if document_id is None:
            return ""
        row = self._session.execute(
            select(Source.title, Source.host)
            .join(Document, Document.source_id == Source.id)
            .where(Document.id == document_id)
        ).one_or_none()
        return (row[0] or row[1]) if row else ""

    # deliveries

    def sent(
        self, states: Collection[DeliveryState], after: Cursor | None
    ) -> tuple[list[Sent], Cursor | None]:
        """One page of deliveries, the latest due first."""
        wanted: list[ColumnElement[bool]] = [Delivery.office_id == self._office_id]
        if states:
            wanted.append(Delivery.state.in_(states))
        if after is not None:
            wanted.append(tuple_(Delivery.due_at, Delivery.id) < (after.at, after.id))
        rows = self._sent(wanted, PAGE + 1)
        if len(rows) <= PAGE:
            return rows, None
        last = rows[PAGE - 1].delivery
        return rows[:PAGE], Cursor(last.due_at, last.id)

    def delivery(self, delivery_id: int) -> Sent:
        """One delivery.

        Raises:
            NotFound: the office has none of this id.
        """
        rows = self._sent([Delivery.id == delivery_id], 1)
        if not rows:
            raise NotFound(f"delivery {delivery_id}")
        return rows[0]

    def attempts(self, delivery_id: int) -> Sequence[Attempt]:
        return self._session.scalars(
            select(Attempt)
            .where(Attempt.delivery_id == delivery_id)
            .order_by(Attempt.number)
        ).all()

    def count_deliveries(self) -> dict[DeliveryState, int]:
        """How many deliveries need a look, by state."""
        watched = (
            DeliveryState.NEEDS_PERSON,
            DeliveryState.HELD,
            DeliveryState.REJECTED,
            DeliveryState.UNCERTAIN,
        )
        rows = self._session.execute(
            select(Delivery.state, func.count())
            .where(
                Delivery.office_id == self._office_id,
                Delivery.state.in_(watched),
            )
            .group_by(Delivery.state)
        ).all()
        return {row[0]: row[1] for row in rows}

    def _sent(self, wanted: list[ColumnElement[bool]], most: int) -> list[Sent]:
        rows = self._session.execute(
            select(
                Delivery,
                Announcement.title,
                Account.network,
                Account.handle,
                Recipient.name,
                Recipient.medium,
            )
            .join(Announcement, Announcement.id == Delivery.announcement_id)
            .join(Account, Account.id == Delivery.account_id)
            .outerjoin(Recipient, Recipient.id == Delivery.recipient_id)
            .where(*wanted)
            .order_by(Delivery.due_at.desc(), Delivery.id.desc())
            .limit(most)
        ).all()
        return [Sent(*row) for row in rows]
