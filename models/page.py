"""Pages of articles: which are to be read, and what was read of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText
from models.repository import Repository
from models.source import Document, Host, Revision, Source
from models.upserts import insert_new, insert_or_update

ASKED_WITHIN = timedelta(days=3)  # after an article was first seen
BACK = timedelta(days=1)  # what is read when somebody turns it on


class PageState(StrEnum):
    """What became of an article's page."""

    DUE = "due"
    READ = "read"
    FORBIDDEN = "forbidden"  # by robots.txt
    FAILED = "failed"


class DocumentPage(Base):
    """The page of one article, of a source whose pages are read."""

    __tablename__ = "document_pages"
    __table_args__ = (Index("ix_document_pages_due", "state", "document_id"),)

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[PageState] = mapped_column(EnumText(PageState))
    host: Mapped[str] = mapped_column(String(260))  # host:port
    url: Mapped[str]  # asked next, or where it answered
    hops: Mapped[int] = mapped_column(default=0)  # to another host
    canonical_url: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]


class Robots(Base):
    """One site's robots.txt as it was read."""

    __tablename__ = "robots"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    asked_at: Mapped[datetime]
    status: Mapped[int | None]
    body: Mapped[str] = mapped_column(default="")
    read_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class TakenPage:
    """A page in the hands of one worker; its host is held meanwhile."""

    document_id: int
    url: str
    host: str
    hops: int


class Pages(Repository):
    """Pages of articles and the robots.txt of their sites."""

    def want(self, source_id: int, hosts: Mapping[str, str], now: datetime) -> None:
        """Have the pages of new articles read; ``hosts`` gives each address its host.

        Articles that have a page already are left as they are.
        """
        if not hosts:
            return
        documents = self._session.execute(
            select(Document.id, Document.url, Document.first_seen_at)
            .outerjoin(DocumentPage, DocumentPage.document_id == Document.id)
            .where(
                Document.source_id == source_id,
                Document.url.in_(hosts),
                Document.first_seen_at >= now - BACK,
                Document.erased_at.is_(None),
                DocumentPage.document_id.is_(None),
            )
        ).all()
        rows = [
            {"document_id": number, "state": PageState.DUE, "host": hosts[url],
             "url": url, "hops": 0, "canonical_url": "", "text": "", "seen_at": seen}
            for number, url, seen in documents
        ]  # fmt: skip
        if not rows:
            return
        known = [
            {"host": host, "next_allowed_at": now, "forbidden": 0}
            for host in sorted({hosts[url] for _, url, _ in documents})
        ]
        self._session.execute(insert_new(self._session, Host, known))
        self._session.execute(insert_new(self._session, DocumentPage, rows))

    def again(self, document_ids: Collection[int]) -> None:
        """The words of these articles changed: their pages are read anew."""
        self._session.execute(
            update(DocumentPage)
            .where(DocumentPage.document_id.in_(document_ids))
            .values(state=PageState.DUE, text="", hops=0)
        )

    def take_next(self, now: datetime, hold: timedelta) -> TakenPage | None:
        """The newest page that is due on a free host, and the host with it."""
        free = (
            Host.next_allowed_at <= now,
            or_(Host.blocked_until.is_(None), Host.blocked_until <= now),
        )
        found = self._session.execute(
            select(
                DocumentPage.document_id,
                DocumentPage.url,
                DocumentPage.host,
                DocumentPage.hops,
            )
            .join(Host, Host.host == DocumentPage.host)
            .where(
                DocumentPage.state == PageState.DUE,
                DocumentPage.seen_at >= now - ASKED_WITHIN,
                *free,
            )
            .order_by(DocumentPage.document_id.desc())
            .limit(1)
        ).one_or_none()
        if found is None:
            return None
        page = TakenPage(*found)
        taken = self._session.scalar(
            update(Host)
            .where(Host.host == page.host, *free)
            .values(next_allowed_at=now + hold)
            .returning(Host.host)
        )
        return page if taken else None

    def release(
        self, host: str, free_at: datetime, blocked_until: datetime | None = None
    ) -> None:
        """Give a host back."""
        values: dict[str, object] = {"next_allowed_at": free_at}
        if blocked_until is not None:
            values["blocked_until"] = blocked_until
        self._session.execute(update(Host).where(Host.host == host).values(**values))

    def set(self, page: TakenPage, state: PageState, now: datetime) -> None:
        """Write down how it ended."""
        self._session.execute(
            update(DocumentPage)
            .where(DocumentPage.document_id == page.document_id)
            .values(state=state, asked_at=now)
        )

    def move(self, page: TakenPage, url: str, host: str, now: datetime) -> None:
        """The page lies on another host, whose own rules are asked first."""
        known = [{"host": host, "next_allowed_at": now, "forbidden": 0}]
        self._session.execute(insert_new(self._session, Host, known))
        self._session.execute(
            update(DocumentPage)
            .where(DocumentPage.document_id == page.document_id)
            .values(url=url, host=host, hops=page.hops + 1, asked_at=now)
        )

    def words_of(self, document_id: int) -> Document | None:
        """The article of a page."""
        return self._session.get(Document, document_id)

    def hold_shelf(self, source_id: int) -> None:
        """Hold the shelf of a source, so that its revisions are committed in order."""
        self._session.execute(
            select(Source.id).where(Source.id == source_id).with_for_update()
        )

    def read(
        self, document: Document, page: TakenPage, url: str, canonical: str, text: str,
        now: datetime,
    ) -> None:  # fmt: skip
        """Keep the words of a page; "" where it holds no more than the feed.

        Call :meth:`hold_shelf` first. Readers of the source take the words over like
        those of a revision.
        """
        self._session.execute(
            update(DocumentPage)
            .where(DocumentPage.document_id == page.document_id)
            .values(
                state=PageState.READ,
                url=url,
                canonical_url=canonical,
                text=text,
                asked_at=now,
            )
        )
        if not text:
            return
        before = Revision(
            source_id=document.source_id,
            document_id=document.id,
            content_hash=document.content_hash,
            title=document.title,
            text=document.text,
            replaced_at=now,
        )
        self._session.add(before)
        self._session.flush()
        self._session.execute(
            update(Source)
            .where(Source.id == document.source_id)
            .values(last_revision_id=before.id)
        )

    def texts(self, document_ids: Sequence[int]) -> dict[int, str]:
        """The words of the pages of these articles, where there are some."""
        if not document_ids:
            return {}
        rows = self._session.execute(
            select(DocumentPage.document_id, DocumentPage.text).where(
                DocumentPage.document_id.in_(document_ids), DocumentPage.text != ""
            )
        )
        return {number: text for number, text in rows}  # noqa: C416 - typed so

    def robots(self, origin: str) -> Robots | None:
        """A site's robots.txt as it was read last."""
        return self._session.get(Robots, origin)

    def keep_robots(
        self, origin: str, asked_at: datetime, status: int | None, body: str,
        read_at: datetime | None,
    ) -> None:  # fmt: skip
        """Keep a site's robots.txt."""
        row = {
            "origin": origin, "asked_at": asked_at, "status": status, "body": body,
            "read_at": read_at,
        }  # fmt: skip
        self._session.execute(
            insert_or_update(
                self._session, Robots, [row], unique=(Robots.origin,),
                update=(Robots.asked_at, Robots.status, Robots.body, Robots.read_at),
            )
        )  # fmt: skip
