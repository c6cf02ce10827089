"""Announcements, their variants per account, one picture, and approvals."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, deferred, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.repository import Repository
from models.states import AnnouncementState


class Media(OfficeOwned, Base):
    """A picture as it was approved, by content hash."""

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("office_id", "sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    created_at: Mapped[datetime]


class Announcement(OfficeOwned, Base):
    """What the office wants to tell the public, once, on several accounts."""

    __tablename__ = "announcements"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        ForeignKeyConstraint(
            ["office_id", "author_id"], ["users.office_id", "users.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "media_id"], ["media.office_id", "media.id"]
        ),
        Index("ix_announcements_office_state", "office_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(160))
    body: Mapped[str]  # the text of every account that has no variant of its own
    category: Mapped[str] = mapped_column(String(40), default="umum")
    state: Mapped[AnnouncementState] = mapped_column(EnumText(AnnouncementState))
    author_id: Mapped[int]
    media_id: Mapped[int | None]
    alt_text: Mapped[str] = mapped_column(default="")
    publish_at: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)  # optimistic lock of the editor
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Variant(OfficeOwned, Base):
    """The announcement on one account; ``text`` empty means the common body."""

    __tablename__ = "variants"
    __table_args__ = (
        UniqueConstraint("announcement_id", "account_id"),
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int]
    account_id: Mapped[int]
    text: Mapped[str] = mapped_column(default="")


class Approval(OfficeOwned, Base):
    """One asking, and its answer; bound to a hash of everything that goes out."""

    __tablename__ = "approvals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
        ),
        ForeignKeyConstraint(
            ["office_id", "author_id"], ["users.office_id", "users.id"]
        ),
        ForeignKeyConstraint(
            ["office_id", "decided_by"], ["users.office_id", "users.id"]
        ),
        CheckConstraint(
            "decided_by IS NULL OR decided_by <> author_id", name="maker_not_checker"
        ),
        Index("ix_approvals_announcement", "office_id", "announcement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int]  # of the announcement: may never decide
    asked_by: Mapped[int]
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    voided_at: Mapped[datetime | None]


class Announcements(Repository):
    """Announcements with their variants and approvals."""
