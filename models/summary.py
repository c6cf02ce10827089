"""The numbers of the chief's morning page, read from the rows of one office.

Stories and copies are counted apart: an item that leads its story is a story, every
other item of that story a copy. An office's own release that comes back as news is
neither public sentiment nor a complaint; it is counted by itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, distinct, func, or_, select, text
from sqlalchemy.orm import aliased

from models.account import Account
from models.announcement import Announcement, Approval
from models.dashboard import NEEDS_ANSWER, SILENT
from models.delivery import Delivery
from models.idea import Idea, IdeaEvidence, IdeaMove
from models.item import WAITING, Item, ItemLabels
from models.labels import Kind, Sentiment, Severity
from models.office import Office
from models.repository import Repository
from models.source import Source, Subscription
from models.states import AnnouncementState, DeliveryState, IdeaState
from models.summary_rows import (
    IdeaRow,
    PublishedRow,
    SaidRow,
    ServiceRow,
    SourceRow,
    Span,
    StoryRow,
    WaitingRow,
)

LATE = timedelta(days=2)
"""How old a text may be when it is first seen and still count as said now."""

OVERDUE = timedelta(hours=1)
"""A source not asked for so long after its time is silent, e.g. after a power cut."""

RESTRICTED = frozenset({Severity.S0, Severity.S1})
"""Only counted on a page that is passed around; their words stay in the queue."""

ON_AIR = frozenset({DeliveryState.PUBLISHED, DeliveryState.CORRECTED})
OPEN_IDEAS = frozenset(set(IdeaState) - {IdeaState.DECLINED, IdeaState.DONE})


class Summaries(Repository):
    """Read-only queries of the morning page."""

    def office(self, office_id: int) -> Office:
        return self._session.get_one(Office, office_id)

    def offices(self) -> Sequence[Office]:
        """Every office; for the job that makes the pages."""
        return self._session.scalars(select(Office).order_by(Office.id)).all()

    # what was published

    def published(self, span: Span) -> list[PublishedRow]:
        """Announcements on air, the earliest first."""
        first_at = func.min(Delivery.published_at).label("first_at")
        rows = self._session.execute(
            select(Announcement.id, Announcement.title, func.count(), first_at)
            .join(Delivery, Delivery.announcement_id == Announcement.id)
            .where(
                Delivery.state.in_(ON_AIR),
                Delivery.published_at >= span.since,
                Delivery.published_at < span.until,
            )
            .group_by(Announcement.id, Announcement.title)
            .order_by(first_at, Announcement.id)
        )
        return [
            PublishedRow(announcement_id, title, accounts, at)
            for announcement_id, title, accounts, at in rows
            if at is not None
        ]

    def deliveries_ended(self, span: Span) -> dict[DeliveryState, int]:
        """How many deliveries were refused, missed or withdrawn within the span."""
        bad = (DeliveryState.REJECTED, DeliveryState.MISSED, DeliveryState.WITHDRAWN)
        rows = self._session.execute(
            select(Delivery.state, func.count())
            .where(
                Delivery.state.in_(bad),
                Delivery.updated_at >= span.since,
                Delivery.updated_at < span.until,
            )
            .group_by(Delivery.state)
        )
        return {row[0]: row[1] for row in rows}

    def going_out(self, now: datetime, day_end: datetime) -> int:
        """Announcements with a delivery that is due before the day ends."""
        return self._count(
            select(func.count(distinct(Delivery.announcement_id)))
            .select_from(Delivery)
            .where(
                Delivery.state == DeliveryState.SCHEDULED,
                Delivery.due_at < day_end,
                or_(Delivery.not_after.is_(None), Delivery.not_after > now),
            )
        )

    # what is said

    def said(self, span: Span) -> SaidRow:
        """Count stories by sentiment, and copies beside them."""
        read = and_(_leads(), Item.labelled_by != "")
        sure = and_(read, Item.sentiment_sure, Item.sentiment.is_not(None))
        row = self._session.execute(
            select(
                _how_many(sure, Item.sentiment == Sentiment.NEGATIVE),
                _how_many(sure, Item.sentiment == Sentiment.NEUTRAL),
                _how_many(sure, Item.sentiment == Sentiment.POSITIVE),
                _how_many(read, or_(Item.sentiment.is_(None), ~Item.sentiment_sure)),
                _how_many(_leads(), Item.labelled_by == ""),
                _how_many(Item.story_id.is_not(None), ~Item.own_release),
                _how_many(Item.own_release.is_(True)),
            )
            .select_from(Item)
            .where(_said(span))
        ).one()
        return SaidRow(*row)

    def services(self, span: Span) -> list[ServiceRow]:
        """Stories by service, the most spoken of first."""
        stories = func.count().label("stories")
        sure = Item.sentiment_sure.is_(True)
        rows = self._session.execute(
            select(
                Item.service,
                stories,
                _how_many(sure, Item.sentiment == Sentiment.NEGATIVE),
                _how_many(sure, Item.sentiment == Sentiment.POSITIVE),
            )
            .where(_said(span), _leads(), Item.service.is_not(None))
            .group_by(Item.service)
            .order_by(stories.desc(), Item.service)
        )
        return [
            ServiceRow(service, *counts)
            for service, *counts in rows
            if service is not None
        ]

    def stories(self, span: Span, most: int) -> list[StoryRow]:
        """The stories with most copies within the span."""
        copy = aliased(Item)
        copies = func.count().label("copies")
        rows = self._session.execute(
            select(Item, copies)
            .join(copy, copy.story_id == Item.id)
            .where(
                copy.at >= span.since - LATE,
                copy.first_seen_at >= span.since,
                copy.first_seen_at < span.until,
                _may_be_quoted(),
            )
            .group_by(Item.id)
            .order_by(copies.desc(), Item.id)
            .limit(most)
        )
        return [
            StoryRow(
                item.title or item.text,
                count,
                item.sentiment if item.sentiment_sure else None,
            )
            for item, count in rows
        ]

    def labels(self, span: Span) -> list[str]:
        """The current labels (JSON) of every story of others within the span."""
        return list(
            self._session.scalars(
                select(ItemLabels.labels)
                .join(
                    Item,
                    and_(
                        Item.id == ItemLabels.item_id,
                        Item.labelled_by == ItemLabels.model,
                    ),
                )
                .where(_said(span), _leads())
            )
        )

    def unanswered(self) -> WaitingRow:
        """What asks for an answer and has none, whenever it was said."""
        return self._waiting(NEEDS_ANSWER)

    def urgent(self, severity: Severity) -> WaitingRow:
        """Open mentions of one severity; a count only."""
        return self._waiting((severity,))

    def _waiting(self, severities: Sequence[Severity]) -> WaitingRow:
        row = self._session.execute(
            select(func.count(), func.min(Item.at))
            .select_from(Item)
            .where(Item.severity.in_(severities), text(WAITING))
        ).one()
        return WaitingRow(row[0], row[1])

    # suggestions

    def ideas(self, span: Span) -> list[IdeaRow]:
        """Open ideas, those that most people want first."""
        author = case((Item.author_pseudonym != "", Item.author_pseudonym))
        people = func.count(distinct(author)).label("people")
        moved = (
            select(func.max(IdeaMove.at))
            .where(IdeaMove.idea_id == Idea.id)
            .scalar_subquery()
        )
        rows = self._session.execute(
            select(
                Idea,
                people,
                _how_many(Item.id.is_not(None), Item.author_pseudonym == ""),
                _how_many(
                    IdeaEvidence.added_at >= span.since,
                    IdeaEvidence.added_at < span.until,
                ),
                moved,
            )
            .outerjoin(IdeaEvidence, IdeaEvidence.idea_id == Idea.id)
            .outerjoin(Item, Item.id == IdeaEvidence.item_id)
            .where(Idea.state.in_(OPEN_IDEAS))
            .group_by(Idea.id)
            .order_by(people.desc(), Idea.created_at, Idea.id)
        )
        return [
            IdeaRow(
                idea.id, idea.title, idea.state, people_, unnamed, recent,
                since or idea.created_at,
            )
            for idea, people_, unnamed, recent, since in rows
        ]  # fmt: skip

    def quotes(self, idea_id: int) -> list[str]:
        """Words that speak for an idea, the newest first; never of S0 or S1 items."""
        return list(
            self._session.scalars(
                select(IdeaEvidence.quote)
                .join(Item, Item.id == IdeaEvidence.item_id)
                .where(IdeaEvidence.idea_id == idea_id, _may_be_quoted())
                .order_by(IdeaEvidence.added_at.desc(), IdeaEvidence.id.desc())
                .limit(2)
            )
        )

    def ideas_done(self, span: Span) -> list[str]:
        """Titles of ideas that were carried out within the span."""
        return list(
            self._session.scalars(
                select(Idea.title)
                .join(IdeaMove, IdeaMove.idea_id == Idea.id)
                .where(
                    IdeaMove.became == IdeaState.DONE,
                    IdeaMove.at >= span.since,
                    IdeaMove.at < span.until,
                )
                .order_by(IdeaMove.at, IdeaMove.id)
            )
        )

    def loose_suggestions(self, span: Span) -> int:
        """Sure suggestions within the span that speak for no idea yet."""
        used = select(IdeaEvidence.item_id).where(IdeaEvidence.item_id == Item.id)
        return self._count(
            select(func.count())
            .select_from(Item)
            .where(
                _said(span),
                _leads(),
                Item.kind == Kind.SUGGESTION,
                Item.kind_sure,
                ~used.exists(),
            )
        )

    # decisions and coverage

    def asked(self) -> WaitingRow:
        """Announcements that wait for approval."""
        row = self._session.execute(
            select(func.count(distinct(Announcement.id)), func.min(Approval.asked_at))
            .select_from(Announcement)
            .outerjoin(
                Approval,
                and_(
                    Approval.announcement_id == Announcement.id,
                    Approval.decided_at.is_(None),
                    Approval.voided_at.is_(None),
                ),
            )
            .where(Announcement.state == AnnouncementState.ASKED)
        ).one()
        return WaitingRow(row[0], row[1])

    def uncertain_posts(self) -> WaitingRow:
        """Deliveries of which a person must say whether they stand."""
        row = self._session.execute(
            select(func.count(), func.min(Delivery.due_at))
            .select_from(Delivery)
            .where(Delivery.state == DeliveryState.NEEDS_PERSON)
        ).one()
        return WaitingRow(row[0], row[1])

    def accounts(self) -> list[Account]:
        """The office's own accounts, in order of connection."""
        return list(
            self._session.scalars(
                select(Account).where(Account.removed_at.is_(None)).order_by(Account.id)
            )
        )

    def feeds(self, now: datetime) -> list[SourceRow]:
        """The feeds that the office reads, and which of them are silent."""
        rows = self._session.execute(
            select(Subscription.label, Source)
            .join(Source, Source.id == Subscription.source_id)
            .where(Subscription.stopped_at.is_(None))
            .order_by(Subscription.id)
        )
        return [
            SourceRow(
                label or source.title or source.host,
                source.succeeded_at,
                silent=source.health in SILENT
                or source.succeeded_at is None
                or source.next_check_at < now - OVERDUE,
            )
            for label, source in rows
        ]

    def _count(self, statement: object) -> int:
        return int(self._session.scalar(statement) or 0)  # type: ignore[call-overload]


def _how_many(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(and_(*conditions))


def _said(span: Span) -> ColumnElement[bool]:
    return and_(
        Item.at >= span.since - LATE,
        Item.first_seen_at >= span.since,
        Item.first_seen_at < span.until,
    )


def _leads() -> ColumnElement[bool]:
    return and_(Item.story_id.is_(None), ~Item.own_release)


def _may_be_quoted() -> ColumnElement[bool]:
    return or_(Item.severity.is_(None), Item.severity.not_in(RESTRICTED))
