"""Ideas: suggestions of citizens on their way to a decision, with their evidence."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.labels import Service
from models.repository import Repository
from models.states import IdeaState


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


class Ideas(Repository):
    """Ideas with their evidence."""
