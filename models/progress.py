"""How far everything has come, in a few counts: for the demo and for health."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from models.delivery import Delivery
from models.item import Item
from models.labels import Kind
from models.repository import Repository
from models.states import DeliveryState


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts within one scope; ``articles`` and ``voices`` make up the items."""

    deliveries: int
    published: int
    articles: int
    voices: int
    labelled: int

    @property
    def items(self) -> int:
        return self.articles + self.voices


class Progress(Repository):
    """Counts of what was published, heard and understood."""

    def counts(self) -> Counts:
        """Count everything; made for a small office, not for a million items."""
        return Counts(
            deliveries=self._count(Delivery.id),
            published=self._count(
                Delivery.id, Delivery.state == DeliveryState.PUBLISHED
            ),
            articles=self._count(Item.id, Item.document_id.is_not(None)),
            voices=self._count(Item.id, Item.account_id.is_not(None)),
            labelled=self._count(Item.id, Item.labelled_by != ""),
        )

    def suggestions(self, limit: int = 20) -> list[Item]:
        """Items read as suggestions, the oldest first."""
        return list(
            self._session.scalars(
                select(Item)
                .where(Item.kind == Kind.SUGGESTION)
                .order_by(Item.id)
                .limit(limit)
            )
        )

    def _count(
        self, column: InstrumentedAttribute[int], *conditions: ColumnElement[bool]
    ) -> int:
        statement = select(func.count(column)).where(*conditions)
        return self._session.scalar(statement) or 0
