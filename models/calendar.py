"""Announcements on a calendar: each once, at its time, with how it stands in all."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select

from models.announcement import Announcement, Variant
from models.delivery import Delivery
from models.repository import Repository
from models.schedule import MAY_HAVE_LEFT
from models.states import AnnouncementState, DeliveryState

MOST = 500  # announcements on one page; a month of a busy office has about 150


class Stage(StrEnum):
    """How an announcement stands with all its deliveries together."""

    DRAFT = "draft"
    WAITING = "waiting"  # for a decision
    SCHEDULED = "scheduled"
    AT_RISK = "at_risk"  # scheduled soon, and could not go out as things stand
    HELD = "held"
    PUBLISHED = "published"  # on every account
    FAILED = "failed"  # refused or missed on at least one
    UNSURE = "unsure"  # nobody knows yet, or a person is asked
    CANCELLED = "cancelled"


_S = DeliveryState
_WORST_FIRST: tuple[tuple[frozenset[DeliveryState], Stage], ...] = (
    (frozenset({_S.UNCERTAIN, _S.NEEDS_PERSON}), Stage.UNSURE),
    (frozenset({_S.REJECTED, _S.MISSED}), Stage.FAILED),
    (frozenset({_S.HELD}), Stage.HELD),
    (frozenset({_S.SCHEDULED, _S.CLAIMED, _S.PREPARED, _S.ARMED}), Stage.SCHEDULED),
    (frozenset({_S.PUBLISHED, _S.CORRECTED}), Stage.PUBLISHED),
)
_BEFORE: dict[AnnouncementState, Stage] = {
    AnnouncementState.ASKED: Stage.WAITING,
    AnnouncementState.CANCELLED: Stage.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One announcement; ``at`` is None where no time was chosen yet."""

    id: int
    title: str
    at: datetime | None
    stage: Stage
    version: int
    accounts: int
    movable: bool  # nothing of it can have left yet


def stage_of(state: AnnouncementState, deliveries: Collection[DeliveryState]) -> Stage:
    """The one word for an announcement: what needs a look comes first."""
    for states, stage in _WORST_FIRST:
        if not states.isdisjoint(deliveries):
            return stage
    if deliveries:
        return Stage.CANCELLED
    return _BEFORE.get(state, Stage.DRAFT)


class Calendar(Repository):
    """What an office publishes, by time."""

    def between(
        self, start: datetime, end: datetime, at_risk: Collection[int] = ()
    ) -> list[Entry]:
        """Announcements of ``start <= at < end``, the earliest first.

        The time is the one chosen; without one, when the first delivery is due.

        Args:
            at_risk: ids of announcements of which a look ahead found something.
        """
        due = (
            select(Delivery.announcement_id)
            .where(
                Delivery.office_id == self._office_id,
                Delivery.due_at >= start,
                Delivery.due_at < end,
            )
            .scalar_subquery()
        )
        chosen = and_(Announcement.publish_at >= start, Announcement.publish_at < end)
        at_once = and_(Announcement.publish_at.is_(None), Announcement.id.in_(due))
        found = self._entries(or_(chosen, at_once))
        return sorted(
            (
                _marked(one, at_risk)
                for one in found
                if one.at is not None and start <= one.at < end
            ),
            key=lambda one: (one.at, one.id),
        )

    def undated(self) -> list[Entry]:
        """What is being written and has no time yet, the latest first."""
        open_ = (AnnouncementState.DRAFT, AnnouncementState.SENT_BACK)
        found = self._entries(
            and_(Announcement.publish_at.is_(None), Announcement.state.in_(open_))
        )
        return sorted(found, key=lambda one: -one.id)

    def _entries(self, wanted: ColumnElement[bool]) -> list[Entry]:
        rows = self._session.scalars(
            select(Announcement)
            .where(Announcement.office_id == self._office_id, wanted)
            .order_by(Announcement.id.desc())
            .limit(MOST)
        ).all()
        ids = [row.id for row in rows]
        deliveries = self._deliveries(ids)
        accounts = self._accounts(ids)
        return [
            _entry(row, deliveries[row.id], accounts.get(row.id, 0)) for row in rows
        ]

    def _deliveries(
        self, ids: Collection[int]
    ) -> dict[int, list[tuple[DeliveryState, datetime]]]:
        found: dict[int, list[tuple[DeliveryState, datetime]]] = defaultdict(list)
        for one, state, due_at in self._session.execute(
            select(Delivery.announcement_id, Delivery.state, Delivery.due_at).where(
                Delivery.office_id == self._office_id,
                Delivery.announcement_id.in_(ids),
            )
        ):
            found[one].append((state, due_at))
        return found

    def _accounts(self, ids: Collection[int]) -> dict[int, int]:
        rows = self._session.execute(
            select(Variant.announcement_id, func.count())
            .where(
                Variant.office_id == self._office_id, Variant.announcement_id.in_(ids)
            )
            .group_by(Variant.announcement_id)
        )
        return {row[0]: row[1] for row in rows}


def _marked(entry: Entry, at_risk: Collection[int]) -> Entry:
    if entry.stage is Stage.SCHEDULED and entry.id in at_risk:
        return replace(entry, stage=Stage.AT_RISK)
    return entry


def _entry(
    row: Announcement,
    deliveries: Iterable[tuple[DeliveryState, datetime]],
    accounts: int,
) -> Entry:
    states = {state for state, _ in deliveries}
    due = min((due_at for _, due_at in deliveries), default=None)
    stage = stage_of(row.state, states)
    return Entry(
        id=row.id,
        title=row.title,
        at=row.publish_at or due,
        stage=stage,
        version=row.version,
        accounts=accounts,
        movable=stage is not Stage.CANCELLED and MAY_HAVE_LEFT.isdisjoint(states),
    )
