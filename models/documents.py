"""The shelf of each public source: documents, their revisions, and who read how far.

Ids of a sequence are not committed in their order on PostgreSQL, so "everything above
the last id I saw" may skip a row. Here it cannot: whoever adds to a source's shelf
holds the row of that source (``Sources.keep``) until the commit, so within one source
ids are committed in order, and a subscription's ``read_up_to`` belongs to one source.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from config.listening import numbers
from models.habit import habit, habit_at
from models.page import Pages
from models.repository import Repository
from models.sameness import identity_apart, is_another, print_of
from models.source import Document, Revision, Source
from models.source_values import LeasedSource
from models.upserts import insert_new

_LOOKED_AT = 21  # newest documents
_MOST_AT = 3_000  # newest documents, for the habit of an hour


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
    via: str = ""  # the link of the aggregator it was found by


@dataclass(frozen=True, slots=True)
class Stored:
    """How many of the articles were new, and how many had changed."""

    new: int = 0
    revised: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(self.new + other.new, self.revised + other.revised)


class Documents(Repository):
    """Documents and revisions, added under the lease of their source."""

    def store(
        self,
        leased: LeasedSource,
        articles: Sequence[Article],
        now: datetime,
        answered: Collection[str] = (),
    ) -> Stored:
        """Add what is new and revise what changed; identity decides, never a date.

        Call :meth:`Sources.keep` first in the same unit: it holds the shelf.

        Args:
            leased: the source.
            articles: of one unit.
            now: of the fetch.
            answered: the identities of the whole answer.
        """
        if not articles:
            return Stored()
        known = self._known(leased.id, [one.identity for one in articles])
        articles = [_apart(one, known) for one in articles]
        known |= self._known(
            leased.id, [a.identity for a in articles if a.identity not in known]
        )
        self._rename(leased.id, articles, known, frozenset(answered))
        fresh = [one for one in articles if one.identity not in known]
        ids = self._add(leased.id, fresh, now) if fresh else []
        changed = [
            (known[one.identity], one)
            for one in articles
            if one.identity in known
            and known[one.identity].erased_at is None
            and known[one.identity].content_hash != one.content_hash
        ]
        last_revision = 0
        for document, article in changed:
            last_revision = self._revise(document, article, now)
        if changed:  # what was read of their pages is older than they are
            Pages(self._session).again([document.id for document, _ in changed])
        self._note_ends(leased.id, max(ids, default=0), last_revision)
        return Stored(len(ids), len(changed))

    def urls_since(self, source_id: int, since: datetime) -> list[str]:
        """Where the articles of a source lie that were first seen since then."""
        return list(
            self._session.scalars(
                select(Document.url).where(
                    Document.source_id == source_id,
                    Document.first_seen_at >= since,
                    Document.url != "",
                )
            )
        )

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

    def usual_gap_at(self, source_id: int, at: datetime) -> int | None:
        """Seconds between two articles around this hour of the week, as a habit."""
        when = func.coalesce(Document.published_at, Document.first_seen_at)
        times = self._session.scalars(
            select(when)
            .where(Document.source_id == source_id)
            .order_by(Document.id.desc())
            .limit(_MOST_AT)
        )
        since = at - timedelta(days=numbers().days_back + 1)
        return habit_at([time for time in times if time >= since], at)

    def _rename(
        self,
        source_id: int,
        articles: Sequence[Article],
        known: dict[str, Document],
        answered: frozenset[str],
    ) -> None:
        """Find stored articles again whose identity was changed by their newsroom.

        An unknown article that agrees with a stored one in address, date and words is
        that one, if the answer does not hold that one as well.
        """
        fresh = [one for one in articles if one.identity not in known]
        if not fresh:
            return
        rows = self._session.scalars(
            select(Document)
            .where(
                Document.source_id == source_id,
                Document.story_key.in_({one.story_key for one in fresh}),
            )
            .order_by(Document.id)
        )
        left = {print_of(row): row for row in rows if row.identity not in answered}
        for one in fresh:
            document = left.pop(print_of(one), None)
            if document is not None:
                document.identity = one.identity
                known[one.identity] = document
        self._session.flush()

    def _known(self, source_id: int, identities: list[str]) -> dict[str, Document]:
        if not identities:
            return {}
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
                "via": one.via,
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
        document.url, document.via = article.url, article.via
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


def _apart(article: Article, known: dict[str, Document]) -> Article:
    """The article, under an identity of its own when another has the one it names."""
    document = known.get(article.identity)
    if (
        document is None
        or document.erased_at is not None
        or not is_another(document, article)
    ):
        return article
    return replace(article, identity=identity_apart(article.identity, article.url))
