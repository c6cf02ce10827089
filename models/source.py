"""Public sources and what they published: shared by all offices, fetched once."""

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository
from models.states import SourceHealth


class Source(Base):
    """One feed address, fetched once for everybody who subscribes."""

    __tablename__ = "sources"
    __table_args__ = (Index("ix_sources_due", "next_check_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(1000), unique=True)  # without credentials
    host: Mapped[str] = mapped_column(String(260))  # host:port
    sealed_login: Mapped[bytes | None]  # "user:password", encrypted
    title: Mapped[str] = mapped_column(String(200), default="")
    site_url: Mapped[str] = mapped_column(default="")
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Jakarta")
    created_at: Mapped[datetime]

    # validators, in visible columns
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    body_hash: Mapped[str] = mapped_column(String(64), default="")

    # when it is fetched next, and by whom
    next_check_at: Mapped[datetime]
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime]

    # health
    health: Mapped[SourceHealth] = mapped_column(EnumText(SourceHealth))
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    problem_detail: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    fetched_at: Mapped[datetime | None]
    succeeded_at: Mapped[datetime | None]
    new_at: Mapped[datetime | None]  # when something new came last
    moved_to: Mapped[str] = mapped_column(default="")  # a permanent redirect seen
    moved_seen: Mapped[int] = mapped_column(default=0)


class Host(Base):
    """One host's manners: the pause between calls, and its own "not before"."""

    __tablename__ = "hosts"

    host: Mapped[str] = mapped_column(String(260), primary_key=True)
    next_allowed_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))


class Fetch(Base):
    """One look at a source and what came of it."""

    __tablename__ = "fetches"
    __table_args__ = (Index("ix_fetches_source", "source_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    status: Mapped[int | None]  # HTTP
    unchanged: Mapped[bool] = mapped_column(default=False)
    seen: Mapped[int] = mapped_column(default=0)  # entries in the answer
    new: Mapped[int] = mapped_column(default=0)
    revised: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)  # bytes after decompression
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))


class Document(Base):
    """One article, once, whatever number of offices reads it."""

    __tablename__ = "documents"
    __table_args__ = (
        UniqueConstraint("source_id", "identity"),
        Index("ix_documents_story", "story_key"),
        Index("ix_documents_seen", "first_seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    identity: Mapped[str] = mapped_column(String(500))
    url: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    author: Mapped[str] = mapped_column(String(200), default="")
    published_at: Mapped[datetime | None]
    precision: Mapped[str] = mapped_column(String(10), default="")
    published_raw: Mapped[str] = mapped_column(default="")
    first_seen_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    content_hash: Mapped[str] = mapped_column(String(64))
    story_key: Mapped[str] = mapped_column(String(64))  # hash of the normalised text


class Revision(Base):
    """How a document read before it was changed."""

    __tablename__ = "revisions"
    __table_args__ = (Index("ix_revisions_document", "document_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE")
    )
    content_hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[str]
    text: Mapped[str]
    replaced_at: Mapped[datetime]


class Subscription(OfficeOwned, Base):
    """An office reads a source."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("office_id", "source_id"),
        ForeignKeyConstraint(
            ["office_id", "added_by"], ["users.office_id", "users.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    label: Mapped[str] = mapped_column(String(200), default="")
    added_by: Mapped[int | None]
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    read_up_to: Mapped[int] = mapped_column(default=0)  # last documents.id made an item


class Sources(Repository):
    """Public sources, fetches and documents."""
