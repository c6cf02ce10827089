"""Saved queries: what an office wants to hear about, by name."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfficeOwned
from models.repository import Repository


class SavedQuery(OfficeOwned, Base):
    """A query in the language of :mod:`models.query`, under a name."""

    __tablename__ = "saved_queries"
    __table_args__ = (
        UniqueConstraint("office_id", "name"),
        ForeignKeyConstraint(
            ["office_id", "changed_by"], ["users.office_id", "users.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(String(500))
    changed_by: Mapped[int]
    changed_at: Mapped[datetime]


class SavedQueries(Repository):
    """The queries of an office."""

    def listed(self) -> Sequence[SavedQuery]:
        """All of them, by name."""
        return self._session.scalars(
            select(SavedQuery).order_by(SavedQuery.name, SavedQuery.id)
        ).all()

    def get(self, query_id: int) -> SavedQuery:
        """One query.

        Raises:
            NotFound: the office has none of this id.
        """
        return self._need(SavedQuery, query_id, lock=True)

    def named(self, name: str) -> SavedQuery | None:
        """The query of a name, written in any case."""
        return self._session.scalar(
            select(SavedQuery).where(func.lower(SavedQuery.name) == name.lower())
        )

    def number(self) -> int:
        return self._session.scalar(select(func.count(SavedQuery.id))) or 0

    def add(self, query: SavedQuery) -> None:
        self._session.add(query)
        self._session.flush()

    def remove(self, query: SavedQuery) -> None:
        self._session.delete(query)
