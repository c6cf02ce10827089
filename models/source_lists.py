"""Whole lists of sources at once: thousands of rows in few statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Row, func, select

from models.person import Person
from models.repository import Repository
from models.source import Document, Host, Revision, Source, Subscription
from models.states import SourceHealth
from models.upserts import insert_new

T = TypeVar("T")
_AT_ONCE = 200  # rows of one statement


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to be stored; ``url`` holds no login."""

    url: str
    host: str
    sealed_login: bytes | None = None
    site_url: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A source that the office reads, for a list that leaves the house."""

    label: str
    url: str
    site_url: str


class SourceLists(Repository):
    """Sources and subscriptions by the hundred."""

    def by_urls(self, urls: Collection[str]) -> dict[str, Source]:
        """The sources of these addresses, whoever reads them."""
        found: dict[str, Source] = {}
        for some in _cut(list(urls)):
            rows = self._session.scalars(select(Source).where(Source.url.in_(some)))
            found |= {row.url: row for row in rows}
        return found

    def add(self, rows: Sequence[NewSource], timezone: str, now: datetime) -> None:
        """Store sources, due at once; those that are there already stay as they are."""
        hosts = list(dict.fromkeys(row.host for row in rows))
        for some in _cut(hosts):
            new = [{"host": h, "next_allowed_at": now, "forbidden": 0} for h in some]
            self._session.execute(insert_new(self._session, Host, new))
        for part in _cut(rows):
            values = [
                {
                    "url": row.url,
                    "host": row.host,
                    "sealed_login": row.sealed_login,
                    "site_url": row.site_url,
                    "timezone": timezone,
                    "created_at": now,
                    "next_check_at": now,
                    "lease_until": now,
                    "health": SourceHealth.NEW,
                    **_BLANK,
                }
                for row in part
            ]
            self._session.execute(insert_new(self._session, Source, values))

    def subscriptions(self, source_ids: Sequence[int]) -> dict[int, Subscription]:
        """This office's subscriptions to these sources, stopped or not."""
        found: dict[int, Subscription] = {}
        for some in _cut(source_ids):
            rows = self._session.scalars(
                select(Subscription).where(Subscription.source_id.in_(some))
            )
            found |= {row.source_id: row for row in rows}
        return found

    def subscribe(
        self,
        sources: Sequence[Source],
        labels: Mapping[int, str],
        by: Person,
        now: datetime,
        *,
        since: datetime,
    ) -> None:
        """Let the office read sources; what was seen since ``since`` it gets too."""
        for some in _cut(sources):
            ids = [one.id for one in some]
            documents, revisions = self._ends(ids, since)
            rows = [
                {
                    "office_id": self._office_id,
                    "source_id": one,
                    "label": labels[one],
                    "added_by": by.user_id,
                    "created_at": now,
                    "read_up_to": documents.get(one, 0),
                    "revised_up_to": revisions.get(one, 0),
                }
                for one in ids
            ]
            self._session.execute(insert_new(self._session, Subscription, rows))

    def read_now(self) -> list[Listed]:
        """What this office reads, by label."""
        rows = self._session.execute(
            select(Subscription.label, Source.title, Source.url, Source.site_url)
            .join(Source, Source.id == Subscription.source_id)
            .where(Subscription.stopped_at.is_(None))
            .order_by(Subscription.label, Source.title, Source.id)
        )
        return [
            Listed(label or title, url, site_url)
            for label, title, url, site_url in rows
        ]

    def _ends(
        self, source_ids: Sequence[int], since: datetime
    ) -> tuple[dict[int, int], dict[int, int]]:
        documents = self._session.execute(
            select(Document.source_id, func.max(Document.id))
            .where(Document.source_id.in_(source_ids), Document.first_seen_at < since)
            .group_by(Document.source_id)
        ).all()
        revisions = self._session.execute(
            select(Revision.source_id, func.max(Revision.id))
            .where(Revision.source_id.in_(source_ids))
            .group_by(Revision.source_id)
        ).all()
        return _pairs(documents), _pairs(revisions)


def _pairs(rows: Sequence[Row[int, int]]) -> dict[int, int]:
    return {row[0]: row[1] for row in rows}


_BLANK = {
    "title": "",
    "etag": "",
    "last_modified": "",
    "body_hash": "",
    "lease_token": "",
    "problem_detail": "",
    "failures": 0,
    "moved_to": "",
    "moved_seen": 0,
    "last_document_id": 0,
    "last_revision_id": 0,
    "reads_pages": False,
}
"""Defaults of the columns, which a statement of many rows does not fill in."""


def _cut(rows: Sequence[T]) -> list[Sequence[T]]:
    return [rows[i : i + _AT_ONCE] for i in range(0, len(rows), _AT_ONCE)]
