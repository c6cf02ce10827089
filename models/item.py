"""Items: what an office heard, and how it was understood."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.day_counts import COUNTS_KEPT, Counted, count, keep_day_counts
from models.errors import NotFound
from models.labels import Kind, Labels, Sentiment, Service, Severity
from models.labels_json import to_json
from models.repository import Repository
from models.search_table import entry, index_again, keep_words, put
from models.source import Document
from models.states import Reply
from models.upserts import insert_new, insert_or_update

NO_PAGES: Mapping[int, str] = {}
FEED = "feed"  # stands in ``network`` for public sources
WAITING = "reply = 'open' AND network <> 'feed' AND story_id IS NULL"
"""What citizens said and nobody dealt with; its index and queries spell it alike."""
KEPT = "erased_at IS NULL"
NAMED = "sealed_author IS NOT NULL"
INTEGRITY = "severity = 'S1' AND erased_at IS NULL"


class Item(OfficeOwned, Base):
    """One thing said in public, in one office's inbox.

    ``document_id`` is set for news (shared), ``account_id`` for a mention; neither for
    what came through a door of our own (:mod:`models.suggestion_box`). A copy
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
        Index(
            "ix_items_unlabelled",
            "labelled_by",
            "id",
            sqlite_where=text(KEPT),
            postgresql_where=text(KEPT),
        ),
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
        # what is kept for a time; tombstones are in none of them
        Index(
            "ix_items_kept",
            "at",
            sqlite_where=text(KEPT),
            postgresql_where=text(KEPT),
        ),
        Index(
            "ix_items_author",
            "first_seen_at",
            sqlite_where=text(NAMED),
            postgresql_where=text(NAMED),
        ),
        Index(
            "ix_items_integrity",
            "reply_at",
            sqlite_where=text(INTEGRITY),
            postgresql_where=text(INTEGRITY),
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
    sealed_author: Mapped[bytes | None]  # encrypted handle, while a case needs it
    published_at: Mapped[datetime | None]
    precision: Mapped[str] = mapped_column(String(10), default="")
    first_seen_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # a tombstone: its words are gone
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

    @property
    def is_news(self) -> bool:
        """Whether it was written by a newsroom, which waits for no answer."""
        return self.network == FEED


keep_day_counts(Item)
keep_words(Item)
INDEXED = (
    Item.id,
    Item.office_id,
    Item.at,
    Item.network,
    Item.url,
    Item.title,
    Item.text,
)
_COUNTED = [getattr(Item, name) for name in Counted._fields]


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


def full_text(title: str, text: str) -> str:
    """What an engine reads, and what the places of evidence count in."""
    return f"{title}\n\n{text}" if title and text else title or text


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """An item that the current model has not read."""

    item_id: int
    office_id: int
    title: str
    text: str


class Items(Repository):
    """What an office heard."""

    def by_id(self, item_id: int) -> Item:
        """Return one item of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(Item, item_id)

    def by_ids(self, item_ids: Collection[int]) -> list[Item]:
        """Return these items of this scope, by id.

        Raises:
            NotFound: one of them does not exist.
        """
        found = self._session.scalars(
            select(Item).where(Item.id.in_(item_ids)).order_by(Item.id)
        ).all()
        if len(found) != len(set(item_ids)):
            raise NotFound(f"items {sorted(item_ids)}")
        return list(found)

    def labels_of(self, item: Item) -> str | None:
        """JSON of what the current model said of an item, if it has spoken."""
        return self._session.scalar(
            select(ItemLabels.labels).where(
                ItemLabels.item_id == item.id, ItemLabels.model == item.labelled_by
            )
        )

    # news of public sources

    def take_over(
        self,
        documents: Sequence[Document],
        releases: Collection[str],
        pages: Mapping[int, str] = NO_PAGES,
    ) -> int:
        """Make items of documents; one that is an item already is left as it is.

        The first of its words leads a story and all others point to it. Hold the
        office (:meth:`Subscriptions.hold_office`), or two workers could both lead.

        Args:
            releases: story keys of the office's own published texts.
            pages: what was read of the articles' own pages, by document.
        """
        documents = [one for one in documents if one.erased_at is None]
        leaders = self._leaders({one.story_key for one in documents})
        firsts: dict[str, Document] = {}
        for one in documents:
            if one.story_key not in leaders:
                firsts.setdefault(one.story_key, one)
        added = 0
        copies = [one for one in documents if one not in firsts.values()]
        for batch in (list(firsts.values()), copies):
            rows = [
                {
                    **_of_document(one, self._office_id),
                    "text": pages.get(one.id, one.text),
                    "story_id": leaders.get(one.story_key),
                    "own_release": one.story_key in releases,
                }
                for one in batch
            ]
            added += self._add(rows)
            if batch is not copies:
                leaders |= self._leaders(firsts.keys() - leaders.keys())
        return added

    def revise(
        self, documents: Iterable[Document], pages: Mapping[int, str] = NO_PAGES
    ) -> None:
        """Take over changed words, to be labelled again; the story stands."""
        for one in documents:
            changed = self._session.execute(
                update(Item)
                .where(Item.document_id == one.id, Item.erased_at.is_(None))
                .values(
                    title=one.title,
                    text=pages.get(one.id, one.text),
                    url=one.url,
                    labelled_by="",
                )
                .returning(*INDEXED)
                .execution_options(**{COUNTS_KEPT: True})  # the old labels still count
            ).all()
            index_again(self._session.connection(), [entry(*row) for row in changed])

    def hear(self, rows: Sequence[dict[str, object]]) -> int:
        """Add mentions; what is known of that account already is left as it is."""
        return self._add(rows)

    def _leaders(self, keys: Collection[str]) -> dict[str, int]:
        """The leading item of each story that this office knows."""
        if not keys:
            return {}
        found = self._session.execute(
            select(Item.story_key, func.min(Item.id))
            .where(
                Item.story_key.in_(keys),
                Item.story_id.is_(None),
                Item.document_id.is_not(None),
            )
            .group_by(Item.story_key)
        )
        return {row[0]: row[1] for row in found}

    def _add(self, rows: Sequence[dict[str, object]]) -> int:
        if not rows:
            return 0
        added = self._session.execute(
            insert_new(self._session, Item, rows).returning(*INDEXED, *_COUNTED),
            execution_options={COUNTS_KEPT: True},
        ).all()
        put(self._session.connection(), [entry(*one[: len(INDEXED)]) for one in added])
        for one in added:
            count(self._session, Counted(*one[len(INDEXED) :]), 1)
        return len(added)

    # understanding

    def unlabelled(self, model: str, most: int) -> list[Unlabelled]:
        """Items that ``model`` has not read: unread ones first, the newest first."""
        found = self._labelled_by("", most)
        older = self._another_model(model) if len(found) < most else None
        if older is not None:  # what was read between the two queries is in both
            known = {one.item_id for one in found}
            more = self._labelled_by(older, most - len(found))
            found += [one for one in more if one.item_id not in known]
        return found

    def _labelled_by(self, model: str, most: int) -> list[Unlabelled]:
        rows = self._session.execute(
            select(Item.id, Item.office_id, Item.title, Item.text)
            .where(Item.labelled_by == model, Item.erased_at.is_(None))
            .order_by(Item.id.desc())
            .limit(most)
        )
        return [Unlabelled(*row) for row in rows]

    def _another_model(self, model: str) -> str | None:
        """A model that labelled something and is not the current one."""
        stands = Item.erased_at.is_(None)
        below = select(func.max(Item.labelled_by)).where(
            Item.labelled_by > "", Item.labelled_by < model, stands
        )
        above = select(func.min(Item.labelled_by)).where(
            Item.labelled_by > model, stands
        )
        return self._session.scalar(below) or self._session.scalar(above)

    def write_labels(
        self, read: Sequence[tuple[Unlabelled, Labels]], model: str, now: datetime
    ) -> int:
        """Store labels and copy them into the items whose words are still the same."""
        same = self._hold([one for one, _ in read])
        current = [(one, labels) for one, labels in read if one.item_id in same]
        for one, labels in current:
            self._copy(one.item_id, same[one.item_id], labels, model)
        if current:
            self._session.execute(
                insert_or_update(
                    self._session,
                    ItemLabels,
                    [
                        {
                            "office_id": one.office_id,
                            "item_id": one.item_id,
                            "model": model,
                            "labels": to_json(labels),
                            "created_at": now,
                        }
                        for one, labels in current
                    ],
                    unique=(ItemLabels.item_id, ItemLabels.model),
                    update=(ItemLabels.labels, ItemLabels.created_at),
                )
            )
        return len(current)

    def _hold(self, read: Sequence[Unlabelled]) -> dict[int, Counted]:
        """Keep these items from others, by id; leave out those with other words now."""
        words = {one.item_id: (one.title, one.text) for one in read}
        rows = self._session.execute(
            select(Item.id, Item.title, Item.text, *_COUNTED)
            .where(Item.id.in_(words))
            .order_by(Item.id)
            .with_for_update()
        )
        return {
            item_id: Counted(*counted)
            for item_id, title, text, *counted in rows
            if words[item_id] == (title, text)
        }

    def _copy(self, item_id: int, before: Counted, labels: Labels, model: str) -> None:
        service = labels.service.label if labels.service else None
        after = before._replace(
            sentiment=labels.sentiment.label,
            sentiment_sure=labels.sentiment.sure,
            service=service,
        )
        self._session.execute(
            update(Item)
            .where(Item.id == item_id)
            .values(
                labelled_by=model,
                sentiment=after.sentiment,
                sentiment_sure=after.sentiment_sure,
                kind=labels.kind.label,
                kind_sure=labels.kind.sure,
                service=service,
                severity=labels.severity,
            )
            .execution_options(**{COUNTS_KEPT: True}, synchronize_session=False)
        )
        count(self._session, before, -1)
        count(self._session, after, 1)


def _of_document(one: Document, office_id: int) -> dict[str, object]:
    return {
        "office_id": office_id,
        "network": FEED,
        "document_id": one.id,
        "url": one.url,
        "title": one.title,
        "text": one.text,
        "published_at": one.published_at,
        "precision": one.precision,
        "first_seen_at": one.first_seen_at,
        "at": one.published_at or one.first_seen_at,
        "story_key": one.story_key,
    }
