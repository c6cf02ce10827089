"""The shelf of each public source: documents, their revisions, and who read how far.

Ids of a sequence are not committed in their order on PostgreSQL, so "everything above
the last id I saw" may skip a row. Here it cannot: whoever adds to a source's shelf
holds the row of that source (``Sources.keep``) until the commit, so within one source
ids are committed in order, and a subscription's ``read_up_to`` belongs to one source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from sqlalchemy import func, select, update

from models.office import Office
from models.repository import Repository
from models.source import Document, Revision, Source, Subscription, is_waiting
from models.source_values import LeasedSource
from models.upserts import insert_new

ENOUGH_FOR_A_HABIT = 5  # documents from which a source's usual gap is learned
_LOOKED_AT = 21  # newest documents


@dataclass(frozen=True, slots=True)
class Article:
    """One entry of a feed, ready to be stored."""

    identity: str
    url: str
    title: str
    text: str
    author: str
    published_at: datetime | None  # never filled with "now"
    precision: str
    published_raw: str
    content_hash: str
    story_key: str


@dataclass(frozen=True, slots=True)
class Stored:
    """How many of the articles were new, and how many had changed."""

    new: int = 0
    revised: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.new + other.new, self.revised + other.revised)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A subscription that has not taken over all of its source."""

    office_id: int
    subscription_id: int


class Documents(Repository):
    """Documents and revisions, added under the lease of their source."""

    def store(
        self, leased: LeasedSource, articles: Sequence[Article], now: datetime
    ) -> Stored:
        """Add what is new and revise what changed; identity decides, never a date.

        Call :meth:`Sources.keep` first in the same unit: it holds the shelf.
        """
        if not articles:
            return Stored()
        known = self._known(leased.id, [one.identity for one in articles])
        fresh = [one for one in articles if one.identity not in known]
        ids = self._add(leased.id, fresh, now) if fresh else []
        changed = [
            (known[one.identity], one)
            for one in articles
            if one.identity in known
            and known[one.identity].content_hash != one.content_hash
        ]
        last_revision = 0
        for document, article in changed:
            last_revision = self._revise(document, article, now)
        self._note_ends(leased.id, max(ids, default=0), last_revision)
        return Stored(len(ids), len(changed))

    def usual_gap(self, source_id: int) -> int | None:
        """Seconds between two articles, as a habit; None while it is not known."""
        at = func.coalesce(Document.published_at, Document.first_seen_at)
        times = self._session.scalars(
            select(at)
            .where(Document.source_id == source_id)
            .order_by(Document.id.desc())
            .limit(_LOOKED_AT)
        )
        return habit(times.all())

    def _known(self, source_id: int, identities: list[str]) -> dict[str, Document]:
        rows = self._session.scalars(
            select(Document).where(
                Document.source_id == source_id, Document.identity.in_(identities)
            )
        )
        return {row.identity: row for row in rows}

    def _add(
        self, source_id: int, articles: Sequence[Article], now: datetime
    ) -> list[int]:
        rows = [
            {
                "source_id": source_id,
                "identity": one.identity,
                "url": one.url,
                "title": one.title,
                "text": one.text,
                "author": one.author,
                "published_at": one.published_at,
                "precision": one.precision,
                "published_raw": one.published_raw,
                "first_seen_at": now,
                "updated_at": now,
                "content_hash": one.content_hash,
                "story_key": one.story_key,
            }
            for one in articles
        ]
        added = insert_new(self._session, Document, rows).returning(Document.id)
        return list(self._session.scalars(added))

    def _revise(self, document: Document, article: Article, now: datetime) -> int:
        """Keep what was read before, and take the new words over."""
        before = Revision(
            source_id=document.source_id,
            document_id=document.id,
            content_hash=document.content_hash,
            title=document.title,
            text=document.text,
            replaced_at=now,
        )
        self._session.add(before)
        document.url = article.url
        document.title = article.title
        document.text = article.text
        document.author = article.author
        document.content_hash = article.content_hash
        document.story_key = article.story_key
        document.updated_at = now
        self._session.flush()
        return before.id

    def _note_ends(self, source_id: int, document_id: int, revision_id: int) -> None:
        ends: dict[str, int] = {}
        if document_id:
            ends["last_document_id"] = document_id
        if revision_id:
            ends["last_revision_id"] = revision_id
        if ends:
            self._session.execute(
                update(Source).where(Source.id == source_id).values(**ends)
            )

    # reading the shelf

    def hold_office(self) -> None:
        """Let no other worker take over documents for this office meanwhile."""
        self._session.execute(
            select(Office.id).where(Office.id == self._office_id).with_for_update()
        )

    def subscription(self, subscription_id: int) -> Subscription | None:
        """A subscription of this office that is not stopped."""
        return self._session.scalar(
            select(Subscription).where(
                Subscription.id == subscription_id, Subscription.stopped_at.is_(None)
            )
        )

    def subscribe(self, subscription: Subscription) -> None:
        """Store a new subscription."""
        self._session.add(subscription)
        self._session.flush()

    def waiting(self, most: int) -> list[Waiting]:
        """Subscriptions with something to take over, office by office."""
        rows = self._session.execute(
            select(Subscription.office_id, Subscription.id)
            .join(Source, Source.id == Subscription.source_id)
            .where(Subscription.stopped_at.is_(None), is_waiting())
            .order_by(Subscription.office_id, Subscription.id)
            .limit(most)
        )
        return [Waiting(office_id, identifier) for office_id, identifier in rows]

    def unread(self, subscription: Subscription, most: int) -> Sequence[Document]:
        """The next documents of a subscription, in the order they were stored."""
        return self._session.scalars(
            select(Document)
            .where(
                Document.source_id == subscription.source_id,
                Document.id > subscription.read_up_to,
            )
            .order_by(Document.id)
            .limit(most)
        ).all()

    def revised(
        self, subscription: Subscription, most: int
    ) -> Sequence[tuple[int, Document]]:
        """The next revisions of a subscription: their ids, with the words as now."""
        rows = self._session.execute(
            select(Revision.id, Document)
            .join(Document, Document.id == Revision.document_id)
            .where(
                Revision.source_id == subscription.source_id,
                Revision.id > subscription.revised_up_to,
            )
            .order_by(Revision.id)
            .limit(most)
        )
        return [(identifier, document) for identifier, document in rows]

    def end_of_backlog(self, source_id: int, since: datetime) -> tuple[int, int]:
        """Where a new reader begins: the last document before ``since``; no revision.

        What was seen since then becomes items of the new office too.
        """
        before = self._session.scalar(
            select(func.max(Document.id)).where(
                Document.source_id == source_id, Document.first_seen_at < since
            )
        )
        revision = self._session.scalar(
            select(func.max(Revision.id)).where(Revision.source_id == source_id)
        )
        return before or 0, revision or 0


def habit(times: Sequence[datetime]) -> int | None:
    """The median gap in seconds of some times, or None when there are too few."""
    ordered = sorted(times)
    gaps = [(b - a).total_seconds() for a, b in pairwise(ordered) if b > a]
    if len(gaps) < ENOUGH_FOR_A_HABIT - 1:
        return None
    return round(median(gaps))
