"""The board of ideas with their quotes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from models.errors import NotFound
from models.idea import Idea, IdeaEvidence, IdeaMove
from models.item import Item
from models.repository import Repository


@dataclass(frozen=True, slots=True)
class IdeaCard:
    """An idea and how many different people want it."""

    idea: Idea
    people: int
    voices: int
    last_reason: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of one item that speak for an idea."""

    quote: str
    network: str
    item_id: int
    at: datetime


class Boards(Repository):
    """Ideas, whole."""

    # ideas

    def ideas(self) -> list[IdeaCard]:
        """Every idea, those wanted by most people first."""
        people = func.count(Item.author_pseudonym.distinct()).filter(
            Item.author_pseudonym != ""
        )
        nameless = func.count(IdeaEvidence.id).filter(Item.author_pseudonym == "")
        rows = self._session.execute(
            select(Idea, people + nameless, func.count(IdeaEvidence.id))
            .outerjoin(IdeaEvidence, IdeaEvidence.idea_id == Idea.id)
            .outerjoin(
                Item,
                and_(
                    Item.id == IdeaEvidence.item_id,
                    Item.office_id == IdeaEvidence.office_id,
                ),
            )
            .group_by(Idea.id)
            .limit(500)
        ).all()
        reasons = self._reasons()
        cards = [IdeaCard(*row, reasons.get(row[0].id, "")) for row in rows]
        return sorted(cards, key=lambda card: (-card.people, card.idea.id))

    def idea(self, idea_id: int) -> IdeaCard:
        """One idea.

        Raises:
            NotFound: the office has none of this id.
        """
        for card in self.ideas():
            if card.idea.id == idea_id:
                return card
        raise NotFound(f"idea {idea_id}")

    def quotes(self, idea_id: int, most: int = 50) -> list[Quote]:
        """The words that speak for an idea, the newest first."""
        rows = self._session.execute(
            select(IdeaEvidence.quote, Item.network, Item.id, Item.at)
            .join(Item, Item.id == IdeaEvidence.item_id)
            .where(IdeaEvidence.idea_id == idea_id)
            .order_by(IdeaEvidence.id.desc())
            .limit(most)
        ).all()
        return [Quote(*row) for row in rows]

    def moves(self, idea_id: int) -> Sequence[IdeaMove]:
        return self._session.scalars(
            select(IdeaMove).where(IdeaMove.idea_id == idea_id).order_by(IdeaMove.id)
        ).all()

    def ideas_of(self, item_id: int) -> Sequence[Idea]:
        """The ideas an item speaks for."""
        return self._session.scalars(
            select(Idea)
            .join(IdeaEvidence, IdeaEvidence.idea_id == Idea.id)
            .where(IdeaEvidence.item_id == item_id)
        ).all()

    def _reasons(self) -> dict[int, str]:
        rows = self._session.execute(
            select(IdeaMove.idea_id, IdeaMove.reason).order_by(IdeaMove.id)
        ).all()
        return {row[0]: row[1] for row in rows}
