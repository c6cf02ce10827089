"""Items: what an office heard, and how it was understood."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.labels import Kind, Sentiment, Service, Severity
from models.repository import Repository
from models.states import Reply

WAITING = "reply = 'open' AND account_id IS NOT NULL AND story_id IS NULL"
"""Mentions nobody has dealt with; spelled alike in the index and its queries."""


class Item(OfficeOwned, Base):
    """One thing said in public, in one office's inbox.

    Either ``document_id`` (news, shared) or ``account_id`` (a mention) is set. A copy
    points to the item that leads its story; stories and copies are counted apart.
    """

    __tablename__ = "items"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("account_id", "remote_id"),
        UniqueConstraint("office_id", "document_id"),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "story_id"], ["items.office_id", "items.id"]
        ),
        Index("ix_items_newest", "office_id", "at", "id"),
        Index("ix_items_reply", "office_id", "reply", "severity", "at"),
        Index("ix_items_sentiment", "office_id", "sentiment", "at"),
        Index("ix_items_kind", "office_id", "kind", "at"),
        Index("ix_items_service", "office_id", "service", "at"),
        Index("ix_items_unlabelled", "labelled_by", "id"),
        Index("ix_items_story", "office_id", "story_key"),
        # what citizens wait for; small whatever the number of items
        Index(
            "ix_items_waiting",
            "office_id",
            "severity",
            "at",
            sqlite_where=text(WAITING),
            postgresql_where=text(WAITING),
        ),
        # sentiment by day, read from the index alone
        Index(
            "ix_items_mood",
            "office_id",
            "at",
            "sentiment",
            "sentiment_sure",
            "story_id",
            "own_release",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    network: Mapped[str] = mapped_column(String(20))  # a network's NAME, or "feed"
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    account_id: Mapped[int | None]
    remote_id: Mapped[str | None] = mapped_column(String(200))
    delivery_id: Mapped[int | None]  # a comment under our own post
    url: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    author_pseudonym: Mapped[str] = mapped_column(String(16), default="")
    author_handle: Mapped[str] = mapped_column(
        String(120), default=""
    )  # open case only
    published_at: Mapped[datetime | None]
    precision: Mapped[str] = mapped_column(String(10), default="")
    first_seen_at: Mapped[datetime]
    at: Mapped[datetime]  # published_at, else first_seen_at: order of lists only

    # one story, many copies
    story_key: Mapped[str] = mapped_column(String(64))
    story_id: Mapped[int | None]  # of the leading item; None when it leads
    own_release: Mapped[bool] = mapped_column(default=False)

    # the desk's work
    reply: Mapped[Reply] = mapped_column(EnumText(Reply), default=Reply.OPEN)
    reply_note: Mapped[str] = mapped_column(default="")
    reply_by: Mapped[int | None]
    reply_at: Mapped[datetime | None]

    # the current labels, copied from item_labels for lists
    labelled_by: Mapped[str] = mapped_column(String(60), default="")  # model version
    sentiment: Mapped[Sentiment | None] = mapped_column(EnumText(Sentiment))
    sentiment_sure: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[Kind | None] = mapped_column(EnumText(Kind))
    kind_sure: Mapped[bool] = mapped_column(default=False)
    service: Mapped[Service | None] = mapped_column(EnumText(Service))
    severity: Mapped[Severity | None] = mapped_column(EnumText(Severity))


class ItemLabels(OfficeOwned, Base):
    """What one model version said of one item; kept when a newer one speaks."""

    __tablename__ = "item_labels"
    __table_args__ = (
        UniqueConstraint("item_id", "model"),
        ForeignKeyConstraint(
            ["office_id", "item_id"],
            ["items.office_id", "items.id"],
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int]
    model: Mapped[str] = mapped_column(String(60))
    labels: Mapped[str]  # JSON of models.labels.Labels
    created_at: Mapped[datetime]


class Items(Repository):
    """What an office heard."""
