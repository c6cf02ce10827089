"""Ideas: suggestions of citizens on their way to a decision, with their evidence."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    distinct,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.errors import Conflict
from models.item import Item
from models.labels import Service
from models.repository import Repository
from models.states import IDEA_MOVES, IdeaState, move
from models.upserts import insert_new


class Idea(OfficeOwned, Base):
    """One proposal for better service, wanted by one or many people."""

    __tablename__ = "ideas"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        Index("ix_ideas_office_state", "office_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(160))
    service: Mapped[Service | None] = mapped_column(EnumText(Service))
    state: Mapped[IdeaState] = mapped_column(EnumText(IdeaState))
    created_by: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class IdeaEvidence(OfficeOwned, Base):
    """An item that speaks for an idea, with the words that do."""

    __tablename__ = "idea_evidence"
    __table_args__ = (
        UniqueConstraint("idea_id", "item_id"),
        ForeignKeyConstraint(
            ["office_id", "idea_id"],
            ["ideas.office_id", "ideas.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(["office_id", "item_id"], ["items.office_id", "items.id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int]
    item_id: Mapped[int]
    quote: Mapped[str]
    added_by: Mapped[int]
    added_at: Mapped[datetime]


class IdeaMove(OfficeOwned, Base):
    """A decision: from one state to the next, by whom, and why."""

    __tablename__ = "idea_moves"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "idea_id"],
            ["ideas.office_id", "ideas.id"],
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int]
    was: Mapped[IdeaState] = mapped_column(EnumText(IdeaState))
    became: Mapped[IdeaState] = mapped_column(EnumText(IdeaState))
    by: Mapped[int]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")


@dataclass(frozen=True, slots=True)
class Support:
    """Who speaks for an idea.

    Attributes:
        people: different authors; a text without an author is nobody.
        stories: texts that lead their story.
        copies: texts that repeat one; counted apart, never as people.
    """

    people: int
    stories: int
    copies: int


class Ideas(Repository):
    """Ideas with their evidence and the decisions on them."""

    def by_id(self, idea_id: int) -> Idea:
        """Return one idea of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(Idea, idea_id)

    def add(self, idea: Idea) -> int:
        """Store a new idea and return its id."""
        self._session.add(idea)
        self._session.flush()
        return idea.id

    def add_evidence(
        self, idea_id: int, item_id: int, quote: str, by: int, now: datetime
    ) -> bool:
        """Add an item that speaks for the idea; False when it stands there already."""
        row = {
            "office_id": self._office_id,
            "idea_id": idea_id,
            "item_id": item_id,
            "quote": quote,
            "added_by": by,
            "added_at": now,
        }
        added = insert_new(self._session, IdeaEvidence, [row])
        return bool(self._session.scalars(added.returning(IdeaEvidence.id)).all())

    def evidence(self, idea_id: int) -> list[tuple[IdeaEvidence, Item]]:
        """What speaks for an idea, the oldest first."""
        rows = self._session.execute(
            select(IdeaEvidence, Item)
            .join(Item, Item.id == IdeaEvidence.item_id)
            .where(IdeaEvidence.idea_id == idea_id)
            .order_by(IdeaEvidence.id)
        )
        return [(row[0], row[1]) for row in rows]

    def moves(self, idea_id: int) -> list[IdeaMove]:
        """The decisions on an idea, in their order."""
        return list(
            self._session.scalars(
                select(IdeaMove)
                .where(IdeaMove.idea_id == idea_id)
                .order_by(IdeaMove.id)
            )
        )

    def support(self, idea_ids: Collection[int]) -> dict[int, Support]:
        """Who speaks for each idea."""
        author = func.nullif(Item.author_pseudonym, "")
        rows = self._session.execute(
            select(
                IdeaEvidence.idea_id,
                func.count(distinct(author)),
                func.count().filter(Item.story_id.is_(None)),
                func.count().filter(Item.story_id.is_not(None)),
            )
            .join(Item, Item.id == IdeaEvidence.item_id)
            .where(IdeaEvidence.idea_id.in_(idea_ids))
            .group_by(IdeaEvidence.idea_id)
        )
        none = dict.fromkeys(idea_ids, Support(0, 0, 0))
        return none | {row[0]: Support(row[1], row[2], row[3]) for row in rows}

    def move(
        self, idea: Idea, to: IdeaState, by: int, reason: str, now: datetime
    ) -> None:
        """Take a decision and keep who took it and why.

        Raises:
            Conflict: there is no such move, or somebody else moved it meanwhile.
        """
        was, became = idea.state, move(IDEA_MOVES, idea.state, to)
        moved = self._session.scalar(
            update(Idea)
            .where(Idea.id == idea.id, Idea.state == was)
            .values(state=became, updated_at=now)
            .returning(Idea.id)
        )
        if moved is None:
            raise Conflict(f"idea {idea.id} was moved by somebody else")
        self._session.add(
            IdeaMove(
                office_id=self._office_id,
                idea_id=idea.id,
                was=was,
                became=became,
                by=by,
                at=now,
                reason=reason,
            )
        )
        self._session.flush()
