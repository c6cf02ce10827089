"""Words that are no longer kept: a tombstone stands where they stood.

It keeps what the item is known by (a network's id, a document) and what it counted for,
so that the same words are not collected again and every figure stays as it was told. It
keeps no word, no address and no author, nor any hash of the words but the story's.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from models.base import Base
from models.day_counts import COUNTS_KEPT
from models.idea import IdeaEvidence
from models.item import INTEGRITY, Item, ItemLabels
from models.labels import Severity
from models.page import DocumentPage, PageState
from models.repository import Repository
from models.retention_rules import Class
from models.source import Document, Fetch, Revision, Source
from models.states import Reply
from models.suggestion_box import Slip

_NO_COUNT: Mapping[str, Any] = {COUNTS_KEPT: True}  # what it counts for stays
_ROWS: Mapping[Class, tuple[InstrumentedAttribute[int], InstrumentedAttribute[Any]]] = {
    Class.AUTHOR: (Item.id, Item.first_seen_at),
    Class.AUTHOR_OPEN: (Item.id, Item.first_seen_at),
    Class.CONTACT: (Slip.id, Slip.at),
    Class.VOICE: (Item.id, Item.at),
    Class.INTEGRITY: (Item.id, Item.reply_at),
    Class.NEWS: (Document.id, Document.first_seen_at),
    Class.REVISION: (Revision.id, Revision.replaced_at),
    Class.FETCH: (Fetch.id, Fetch.ended_at),
}
"""What is counted of a class, and the order in which an index finds it."""


class Erasing(Repository):
    """Erases by class and age, or what a person asked for."""

    def due(self, of: Class, before: datetime) -> ColumnElement[bool]:
        """Which rows of a class are older than ``before``."""
        return _DUE[of](before)

    def count(self, of: Class, before: datetime) -> int:
        """How many rows of a class would go."""
        number, _ = _ROWS[of]
        found = select(func.count(number)).where(self.due(of, before))
        return self._session.scalar(found) or 0

    def oldest(self, of: Class, before: datetime, most: int) -> list[int]:
        """Some rows of a class that are due."""
        number, order = _ROWS[of]
        rows: Select[int] = (
            select(number).where(self.due(of, before)).order_by(order).limit(most)
        )
        return list(self._session.scalars(rows))

    def authors(self, item_ids: Collection[int]) -> list[Item]:
        """These items, whose authors are still known; held until the commit."""
        rows = select(Item).where(Item.id.in_(item_ids)).order_by(Item.id)
        return list(self._session.scalars(rows.with_for_update()))

    def items(self, item_ids: Collection[int], now: datetime) -> dict[int, int]:
        """Erase the words of items; how many of each office."""
        rows = self._session.execute(
            update(Item)
            .where(Item.id.in_(item_ids), _stands())
            .values(
                title="",
                text="",
                url="",
                author_pseudonym="",
                sealed_author=None,
                reply_note="",
                reply=Reply.CLOSED,
                reply_at=func.coalesce(Item.reply_at, literal(now, Item.at.type)),
                erased_at=now,
            )
            .returning(Item.id, Item.office_id)
            .execution_options(**_NO_COUNT, synchronize_session=False)
        ).all()
        numbers = [row[0] for row in rows]
        self._session.execute(
            update(IdeaEvidence)
            .where(IdeaEvidence.item_id.in_(numbers))
            .values(quote="")
            .execution_options(synchronize_session=False)
        )
        self._session.execute(
            delete(ItemLabels)
            .where(ItemLabels.item_id.in_(numbers))
            .execution_options(synchronize_session=False)
        )
        self._session.execute(
            update(Slip)
            .where(Slip.item_id.in_(numbers))
            .values(sealed_contact=None, answer="")
            .execution_options(synchronize_session=False)
        )
        return Counter(row[1] for row in rows)

    def contacts(self, slip_ids: Collection[int]) -> dict[int, int]:
        """Forget what citizens left to be reached by; how many of each office."""
        rows = self._session.execute(
            update(Slip)
            .where(Slip.id.in_(slip_ids), Slip.sealed_contact.is_not(None))
            .values(sealed_contact=None)
            .returning(Slip.office_id)
            .execution_options(synchronize_session=False)
        )
        return Counter(row[0] for row in rows)

    def items_of(self, document_ids: Collection[int]) -> list[int]:
        """The items that offices made of documents."""
        rows = select(Item.id).where(Item.document_id.in_(document_ids), _stands())
        return list(self._session.scalars(rows))

    def items_by(self, network: str, pseudonym: str, most: int) -> list[int]:
        """What one author said to this office."""
        rows = select(Item.id).where(
            Item.network == network, Item.author_pseudonym == pseudonym, _stands()
        )
        return list(self._session.scalars(rows.order_by(Item.id).limit(most)))

    def orphans(self, document_ids: Collection[int]) -> list[int]:
        """Those of the documents whose words no office keeps any more."""
        kept = aliased(Item)
        read = exists().where(kept.document_id == Document.id, kept.erased_at.is_(None))
        rows = select(Document.id).where(
            Document.id.in_(document_ids), Document.erased_at.is_(None), ~read
        )
        return list(self._session.scalars(rows))

    def documents(self, document_ids: Collection[int], now: datetime) -> int:
        """Erase the words of documents, of their pages, and how they read before.

        Revisions keep their place in the row, which readers count by.
        """
        rows = self._session.scalars(
            update(Document)
            .where(Document.id.in_(document_ids), Document.erased_at.is_(None))
            .values(title="", text="", url="", via="", author="", erased_at=now)
            .returning(Document.id)
            .execution_options(synchronize_session=False)
        ).all()
        self._session.execute(
            update(Revision)
            .where(Revision.document_id.in_(document_ids))
            .values(title="", text="")
            .execution_options(synchronize_session=False)
        )
        self._session.execute(
            update(DocumentPage)
            .where(DocumentPage.document_id.in_(document_ids))
            .values(state=PageState.FAILED, url="", canonical_url="", text="")
            .execution_options(synchronize_session=False)
        )
        return len(rows)

    def drop(self, of: Class, numbers: Collection[int]) -> None:
        """Delete rows that nobody counts: revisions, and lines of fetches."""
        if of is Class.REVISION:
            self._drop(Revision, Revision.id, numbers)
        else:
            self._drop(Fetch, Fetch.id, numbers)

    def _drop(
        self,
        table: type[Base],
        column: InstrumentedAttribute[int],
        numbers: Collection[int],
    ) -> None:
        self._session.execute(
            delete(table)
            .where(column.in_(numbers))
            .execution_options(synchronize_session=False)
        )


_HELD = (Severity.S0, Severity.S1)  # open ones are never erased by age


def _stands() -> ColumnElement[bool]:
    return Item.erased_at.is_(None)


def _author(before: datetime) -> ColumnElement[bool]:
    closed = and_(Item.reply != Reply.OPEN, Item.reply_at <= before)
    return and_(Item.sealed_author.is_not(None), closed)


def _author_open(before: datetime) -> ColumnElement[bool]:
    return and_(Item.sealed_author.is_not(None), Item.first_seen_at <= before)


def _contact(before: datetime) -> ColumnElement[bool]:
    return and_(Slip.sealed_contact.is_not(None), Slip.at <= before)


def _voice(before: datetime) -> ColumnElement[bool]:
    other = or_(Item.severity.is_(None), Item.severity != Severity.S1)
    held = and_(Item.reply == Reply.OPEN, Item.severity.in_(_HELD))
    said = and_(Item.document_id.is_(None), Item.at <= before)
    return and_(_stands(), said, other, or_(Item.severity.is_(None), ~held))


def _integrity(before: datetime) -> ColumnElement[bool]:
    closed = and_(Item.reply != Reply.OPEN, Item.reply_at <= before)
    return and_(_is_integrity(), Item.document_id.is_(None), closed)


def _is_integrity() -> ColumnElement[bool]:
    """Spelled as in the index, which is found by it."""
    return text(INTEGRITY)  # type: ignore[return-value]


def _news(before: datetime) -> ColumnElement[bool]:
    at = func.coalesce(Document.published_at, Document.first_seen_at)
    kept = Document.erased_at.is_(None)
    return and_(kept, Document.first_seen_at <= before, at <= before)


def _revision(before: datetime) -> ColumnElement[bool]:
    newest = Revision.id.not_in(select(Source.last_revision_id))
    return and_(Revision.replaced_at <= before, newest)


def _fetch(before: datetime) -> ColumnElement[bool]:
    return Fetch.ended_at <= before


_DUE: Mapping[Class, Callable[[datetime], ColumnElement[bool]]] = {
    Class.AUTHOR: _author,
    Class.AUTHOR_OPEN: _author_open,
    Class.CONTACT: _contact,
    Class.VOICE: _voice,
    Class.INTEGRITY: _integrity,
    Class.NEWS: _news,
    Class.REVISION: _revision,
    Class.FETCH: _fetch,
}
