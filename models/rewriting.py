"""Words that were stored before they were redacted: read again, a few at a time.

How far it came stands beside the rows and moves with them, so that a pass that was
killed goes on where it stopped. The pass reads by id and so is linear.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, select, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from models.base import Base
from models.day_counts import COUNTS_KEPT
from models.idea import Idea, IdeaEvidence, IdeaMove
from models.item import INDEXED, Item
from models.repository import Repository
from models.search_table import entry, index_again
from models.source import Document, Revision, Source
from models.upserts import insert_or_update

RULES = 1
"""Counted up when the recognisers find more: then everything is read once more."""

Words = Mapping[str, Any]


class Rewrite(Base):
    """How far the words of one table were read again, under which rules."""

    __tablename__ = "rewrites"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)  # of the table
    rules: Mapped[int]
    position: Mapped[int]  # the last id that was read
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """One table with words from outside, and the columns that a rewrite looks at."""

    table: type[Base]
    number: InstrumentedAttribute[int]
    columns: tuple[InstrumentedAttribute[Any], ...]


KINDS: Mapping[str, Kind] = {
    one.table.__tablename__: one
    for one in (
        Kind(Source, Source.id, (Source.title,)),
        Kind(
            Document,
            Document.id,
            (Document.identity, Document.url, Document.title, Document.text,
             Document.author),
        ),
        Kind(Revision, Revision.id, (Revision.title, Revision.text)),
        Kind(
            Item,
            Item.id,
            (Item.url, Item.title, Item.text, Item.reply_note),
        ),
        Kind(Idea, Idea.id, (Idea.title,)),
        Kind(IdeaEvidence, IdeaEvidence.id, (IdeaEvidence.quote,)),
        Kind(IdeaMove, IdeaMove.id, (IdeaMove.reason,)),
    )
}  # fmt: skip
"""In this order: what items are made of comes before them."""


class Rewriting(Repository):
    """A pass over stored words, in the scope of a named job."""

    def next(self) -> tuple[str, int] | None:
        """The table that is not done under these rules, and how far it is."""
        rows = self._session.scalars(select(Rewrite).where(Rewrite.rules == RULES))
        known = {row.name: row for row in rows}
        for name in KINDS:
            row = known.get(name)
            if row is None or row.ended_at is None:
                return name, row.position if row else 0
        return None

    def is_noted(self, name: str) -> bool:
        """Whether a pass of that name was asked for and has not ended."""
        row = self._session.get(Rewrite, name)
        return row is not None and row.ended_at is None

    def words(self, name: str, after: int, most: int) -> Sequence[tuple[int, Words]]:
        """The next rows with the columns that are looked at, by id."""
        kind = KINDS[name]
        rows = self._session.execute(
            select(kind.number, *kind.columns)
            .where(kind.number > after)
            .order_by(kind.number)
            .limit(most)
        )
        keys = [column.key for column in kind.columns]
        return [(row[0], dict(zip(keys, row[1:], strict=True))) for row in rows]

    def rewrite(self, name: str, number: int, read: Words, values: Words) -> bool:
        """Put other values into a row whose words are still those that were read."""
        kind = KINDS[name]
        same: list[ColumnElement[bool]] = [
            column == read[column.key] for column in kind.columns
        ]
        done = self._session.execute(
            update(kind.table)
            .where(kind.number == number, *same)
            .values(**values)
            .returning(kind.number)
            .execution_options(**{COUNTS_KEPT: True}, synchronize_session=False)
        )
        if done.first() is None:
            return False
        if kind.table is Item:
            found = self._session.execute(select(*INDEXED).where(Item.id == number))
            entries = [entry(*row) for row in found]
            index_again(self._session.connection(), entries)
        return True

    def move(self, name: str, position: int, ended_at: datetime | None) -> None:
        """Note how far a table is."""
        row = {
            "name": name,
            "rules": RULES,
            "position": position,
            "ended_at": ended_at,
        }
        self._session.execute(
            insert_or_update(
                self._session, Rewrite, [row],
                unique=(Rewrite.name,),
                update=(Rewrite.rules, Rewrite.position, Rewrite.ended_at),
            )
        )  # fmt: skip


Change = Callable[[Words], Words]
"""The columns of a row that become others; empty where the row stays."""
