"""Public sources and what they published: shared by all offices, fetched once."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    exists,
    false,
    or_,
    select,
    update,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository
from models.source_values import (
    LONGEST_REST,
    SKEW,
    HostAfter,
    LeasedSource,
    LeaseLost,
    SourceAfter,
)
from models.states import SourceHealth
from models.upserts import insert_new


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
    usual_gap: Mapped[int | None]  # seconds between two new articles, learned
    ttl_minutes: Mapped[int | None]  # how long the feed asks to wait, as last parsed
    reads_pages: Mapped[bool] = mapped_column(default=False, server_default=false())

    # how far its shelf is filled; see docs/design/0003
    last_document_id: Mapped[int] = mapped_column(default=0)
    last_revision_id: Mapped[int] = mapped_column(default=0)


class Host(Base):
    """One host's manners: the pause between calls, and its own "not before"."""

    __tablename__ = "hosts"

    host: Mapped[str] = mapped_column(String(260), primary_key=True)
    next_allowed_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    forbidden: Mapped[int] = mapped_column(default=0)  # answers 403 in a row


class Fetch(Base):
    """One look at a source and what came of it."""

    __tablename__ = "fetches"
    __table_args__ = (
        Index("ix_fetches_source", "source_id", "started_at"),
        Index("ix_fetches_ended", "ended_at"),
    )

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
        Index("ix_documents_shelf", "source_id", "id"),
        Index(
            "ix_documents_kept",
            "first_seen_at",
            sqlite_where=sql("erased_at IS NULL"),
            postgresql_where=sql("erased_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},  # an id is never given twice
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
    via: Mapped[str] = mapped_column(default="", server_default="")  # aggregator's link
    erased_at: Mapped[datetime | None]  # a tombstone: its words are gone


class Revision(Base):
    """How a document read before it was changed."""

    __tablename__ = "revisions"
    __table_args__ = (
        Index("ix_revisions_document", "document_id"),
        Index("ix_revisions_shelf", "source_id", "id"),
        Index("ix_revisions_replaced", "replaced_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE")
    )
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
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
        Index("ix_subscriptions_source", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    label: Mapped[str] = mapped_column(String(200), default="")
    added_by: Mapped[int | None]
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    read_up_to: Mapped[int] = mapped_column(default=0)  # last documents.id made an item
    revised_up_to: Mapped[int] = mapped_column(default=0)  # last revisions.id it took


class Sources(Repository):
    """Public sources and the manners of their hosts."""

    def by_id(self, source_id: int) -> Source:
        """Return a source.

        Raises:
            NotFound: there is none.
        """
        return self._need(Source, source_id)

    def by_url(self, url: str) -> Source | None:
        """The source of an address, whoever reads it."""
        return self._session.scalar(select(Source).where(Source.url == url))

    def add(self, source: Source) -> int:
        """Store a new source, and its host where that is new too."""
        self.know_host(source.host, source.created_at)
        self._session.add(source)
        self._session.flush()
        return source.id

    def know_host(self, host: str, now: datetime) -> None:
        """Keep a row for the host, so that its manners can be held."""
        row = {"host": host, "next_allowed_at": now, "forbidden": 0}
        self._session.execute(insert_new(self._session, Host, [row]))

    def blocked_until(self, host: str) -> datetime | None:
        """Until when a host asked to be left alone, if it ever did."""
        return self._session.scalar(select(Host.blocked_until).where(Host.host == host))

    # being fetched by one worker at a time

    def any_due(self, now: datetime, lease: timedelta) -> bool:
        """Whether :meth:`lease_next` would find one; only reads."""
        found = self._session.scalar(_free_host(now, lease).limit(1))
        return found is not None

    def lease_next(self, now: datetime, lease: timedelta) -> LeasedSource | None:
        """Lease the source that waits longest on a free host, and the host with it.

        The host's "not before" is moved beyond the lease, so that nobody else calls
        it meanwhile; :meth:`finish` moves it back to the polite pause.
        """
        free = _free_host(now, lease).limit(1)
        host = self._session.scalar(free.with_for_update(of=Host, skip_locked=True))
        if host is None:
            return None
        leased = self._session.scalar(
            update(Host)
            .where(Host.host == host, _host_is_free(now, lease))
            .values(next_allowed_at=now + lease)
            .returning(Host.host)
        )
        first = (
            select(Source.id)
            .where(Source.host == leased, _is_due(now, lease))
            .order_by(Source.next_check_at, Source.id)
            .limit(1)
        )
        token = secrets.token_hex(16)
        source = self._session.scalar(
            update(Source)
            .where(Source.id == first.scalar_subquery(), _is_due(now, lease))
            .values(lease_token=token, lease_until=now + lease)
            .returning(Source)
        )
        return None if source is None else self._leased(source, token)

    def _leased(self, source: Source, token: str) -> LeasedSource:
        host = self._session.get_one(Host, source.host)
        return LeasedSource(
            id=source.id,
            token=token,
            url=source.url,
            host=source.host,
            sealed_login=source.sealed_login,
            timezone=source.timezone,
            title=source.title,
            etag=source.etag,
            last_modified=source.last_modified,
            body_hash=source.body_hash,
            health=source.health,
            failures=source.failures,
            succeeded_at=source.succeeded_at,
            new_at=source.new_at,
            usual_gap=source.usual_gap,
            ttl_minutes=source.ttl_minutes,
            moved_to=source.moved_to,
            moved_seen=source.moved_seen,
            blocked_until=host.blocked_until,
            forbidden=host.forbidden,
            fetched_at=source.fetched_at,
            next_check_at=source.next_check_at,
            reads_pages=source.reads_pages,
        )

    def keep(self, leased: LeasedSource, until: datetime) -> None:
        """Prolong the lease; also the lock under which its shelf is filled.

        Raises:
            LeaseLost: another worker has it now.
        """
        kept = self._session.scalar(
            update(Source)
            .where(Source.id == leased.id, Source.lease_token == leased.token)
            .values(lease_until=until)
            .returning(Source.id)
        )
        if kept is None:
            raise LeaseLost(f"source {leased.id}")

    def finish(
        self,
        leased: LeasedSource,
        source: SourceAfter,
        hosts: Sequence[HostAfter],
        fetch: Fetch,
    ) -> None:
        """Write down a look and give the lease back.

        Args:
            leased: as it was.
            source: what becomes of it; a new address that another source has already
                must not be given.
            hosts: its own host, and the one that answered where that is another.
            fetch: what came of the look.

        Raises:
            LeaseLost: another worker has it now; nothing may be written.
        """
        self.keep(leased, source.fetched_at)
        if source.host != leased.host:
            self.know_host(source.host, source.fetched_at)
        self._session.execute(
            update(Source)
            .where(Source.id == leased.id)
            .values(**asdict(source), lease_token="", lease_until=source.fetched_at)
        )
        for host in hosts:
            self.know_host(host.host, source.fetched_at)
            self._session.execute(
                update(Host).where(Host.host == host.host).values(_set(host))
            )
        self._session.add(fetch)


def _set(host: HostAfter) -> dict[str, object]:
    """The columns to write; None leaves what another request of the host wrote."""
    return {name: value for name, value in asdict(host).items() if value is not None}


def _free_host(now: datetime, lease: timedelta) -> Select[str]:
    """Hosts that may be called and have a source due, the longest waiting first."""
    return (
        select(Host.host)
        .join(Source, Source.host == Host.host)
        .where(_is_due(now, lease), _host_is_free(now, lease))
        .order_by(Source.next_check_at, Source.id)
    )


def _host_is_free(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    return and_(
        or_(Host.next_allowed_at <= now, Host.next_allowed_at > now + 2 * lease),
        or_(
            Host.blocked_until.is_(None),
            Host.blocked_until <= now,
            Host.blocked_until > now + LONGEST_REST + SKEW,
        ),
    )


def _is_due(now: datetime, lease: timedelta) -> ColumnElement[bool]:
    """Due, free and wanted. Times that only a clock set back explains do not bind."""
    wanted = exists().where(
        Subscription.source_id == Source.id, Subscription.stopped_at.is_(None)
    )
    return and_(
        Source.health != SourceHealth.STOPPED,
        or_(Source.next_check_at <= now, Source.fetched_at > now + SKEW),
        or_(Source.lease_until <= now, Source.lease_until > now + 2 * lease),
        wanted,
    )
