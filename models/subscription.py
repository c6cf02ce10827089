"""Who reads a public source, and how far; see :mod:`models.documents` on order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from models.office import Office
from models.repository import Repository
from models.source import Document, Host, Revision, Source, Subscription
from models.source_values import SourceRow
from models.states import SourceHealth


@dataclass(frozen=True, slots=True)
class Waiting:
    """A subscription that has not taken over all of its source."""

    office_id: int
    subscription_id: int


class Subscriptions(Repository):
    """Subscriptions of offices, and the part of a shelf that each has not read."""

    def to_source(self, source_id: int) -> Subscription | None:
        """This office's subscription to a source, stopped or not."""
        return self._session.scalar(
            select(Subscription).where(Subscription.source_id == source_id)
        )

    def rows(self, now: datetime | None) -> list[SourceRow]:
        """What this office reads, by label, with its health as it stands ``now``."""
        found = self._session.execute(
            select(Source, Subscription, Host.blocked_until)
            .join(Subscription, Subscription.source_id == Source.id)
            .outerjoin(Host, Host.host == Source.host)
            .order_by(Subscription.label, Source.id)
        )
        return [_row(*row, now) for row in found]

    def hold_office(self) -> None:
        """Let no other worker take over documents for this office meanwhile."""
        self._session.execute(
            select(Office.id)
            .where(Office.id == self._office_id)
            .with_for_update(key_share=True)  # rows that name the office may be added
        )

    def active(self, subscription_id: int) -> Subscription | None:
        """A subscription of this office that is not stopped."""
        return self._session.scalar(
            select(Subscription).where(
                Subscription.id == subscription_id, Subscription.stopped_at.is_(None)
            )
        )

    def add(self, subscription: Subscription) -> None:
        """Store a new subscription."""
        self._session.add(subscription)
        self._session.flush()

    def waiting(self, most: int) -> list[Waiting]:
        """Subscriptions with something to take over, office by office."""
        rows = self._session.execute(
            select(Subscription.office_id, Subscription.id)
            .join(Source, Source.id == Subscription.source_id)
            .where(Subscription.stopped_at.is_(None), _is_waiting())
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


def _is_waiting() -> ColumnElement[bool]:
    """Whether a source holds something that its subscription has not taken over."""
    return or_(
        Source.last_document_id > Subscription.read_up_to,
        Source.last_revision_id > Subscription.revised_up_to,
    )


def _health(source: Source, reads: Subscription, blocked: bool) -> SourceHealth:
    if reads.stopped_at:
        return SourceHealth.STOPPED
    limited = blocked and source.health is not SourceHealth.STOPPED
    return SourceHealth.LIMITED if limited else source.health


def _row(
    source: Source,
    reads: Subscription,
    blocked_until: datetime | None,
    now: datetime | None,
) -> SourceRow:
    blocked = bool(now and blocked_until and blocked_until > now)
    return SourceRow(
        id=source.id,
        label=reads.label or source.title or source.url,
        url=source.url,
        title=source.title,
        health=_health(source, reads, blocked),
        problem=source.problem,
        problem_detail=source.problem_detail,
        failures=source.failures,
        next_check_at=source.next_check_at,
        blocked_until=blocked_until if blocked else None,
        fetched_at=source.fetched_at,
        succeeded_at=source.succeeded_at,
        new_at=source.new_at,
        etag=source.etag,
        last_modified=source.last_modified,
        stopped_at=reads.stopped_at,
        documents_waiting=source.last_document_id > reads.read_up_to
        or source.last_revision_id > reads.revised_up_to,
    )
