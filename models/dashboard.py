"""Numbers of the dashboard: read-only, each fast with a million items.

A count that could be large stops at :data:`MOST`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select, text

from models.account import Account
from models.announcement import Announcement
from models.delivery import Delivery
from models.item import WAITING, Item
from models.labels import Severity
from models.office import Office
from models.problems import Problem
from models.repository import Repository
from models.source import Source, Subscription
from models.states import AnnouncementState, DeliveryState, SourceHealth

MOST = 1_000
NEEDS_ANSWER = (  # S1 has a queue of its own
    Severity.S0,
    Severity.S2,
    Severity.S3,
    Severity.S4,
    Severity.S6,
)
SILENT = frozenset({SourceHealth.SICK, SourceHealth.LIMITED, SourceHealth.STOPPED})


@dataclass(frozen=True, slots=True)
class Count:
    """A count; ``more`` when it stopped at :data:`MOST`."""

    number: int
    more: bool = False

    def __bool__(self) -> bool:
        return self.number > 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What citizens wait for, and since when the oldest does."""

    count: Count
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Silence:
    """Something we listen to that does not answer; never shown as zero."""

    name: str
    network: str  # a network's NAME, or "feed"
    since: datetime | None
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what we listen to answers.

    Attributes:
        quiet: feeds that answer and have no news, beyond what is usual at that hour;
            ``since`` is when something new came last.
    """

    total: int
    silent: tuple[Silence, ...]
    quiet: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class Stop:
    """One account on the way of an announcement."""

    delivery_id: int
    account_id: int
    network: str
    handle: str
    state: DeliveryState
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class Outing:
    """One announcement of the day and how it stands on each account."""

    announcement_id: int
    title: str
    at: datetime
    stops: tuple[Stop, ...]

    @property
    def out(self) -> bool:
        """Whether every account that was to have it has it."""
        return bool(self.stops) and all(
            stop.state is DeliveryState.PUBLISHED for stop in self.stops
        )

    def having(self, *states: DeliveryState) -> list[Stop]:
        return [stop for stop in self.stops if stop.state in states]


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day of the office and the moments it begins and ends."""

    day: date
    since: datetime
    until: datetime


class Dashboard(Repository):
    """Numbers of *Hari ini* and of the frame around every page."""

    def office(self) -> Office:
        return self._session.get_one(Office, self._office_id)

    # what waits

    def waiting(self, *severities: Severity) -> Waiting:
        """Open mentions of these severities (all that need an answer by default)."""
        found = self._waiting(severities or NEEDS_ANSWER)
        count = self._capped(found)
        oldest = self._session.scalar(
            found.order_by(None).with_only_columns(func.min(Item.at))
        )
        return Waiting(count, oldest)

    def oldest_waiting(self, most: int) -> list[Item]:
        """Open mentions that need an answer, the oldest first."""
        statement = select(Item).where(*self._open(NEEDS_ANSWER))
        return list(
            self._session.scalars(statement.order_by(Item.at, Item.id).limit(most))
        )

    def emergencies(self, most: int = 5) -> list[Item]:
        """Open S0 mentions, the newest first."""
        statement = select(Item).where(*self._open((Severity.S0,)))
        return list(
            self._session.scalars(
                statement.order_by(Item.at.desc(), Item.id.desc()).limit(most)
            )
        )

    def asked(self) -> int:
        """How many announcements wait for a decision."""
        return self._number(
            select(Announcement.id).where(
                Announcement.office_id == self._office_id,
                Announcement.state == AnnouncementState.ASKED,
            )
        )

    def expired(self, since: datetime) -> list[Announcement]:
        """What nobody decided in time since then, the newest first; five at most."""
        return list(
            self._session.scalars(
                select(Announcement)
                .where(
                    Announcement.office_id == self._office_id,
                    Announcement.state == AnnouncementState.EXPIRED,
                    Announcement.updated_at >= since,
                )
                .order_by(Announcement.updated_at.desc(), Announcement.id.desc())
                .limit(5)
            )
        )

    def needing_person(self) -> int:
        """How many deliveries only a person can settle."""
        return self._number(
            select(Delivery.id).where(
                Delivery.office_id == self._office_id,
                Delivery.state == DeliveryState.NEEDS_PERSON,
            )
        )

    def newest_item(self) -> int:
        """The highest id of an item of this office; 0 when there is none."""
        return (
            self._session.scalar(
                select(Item.id)
                .where(Item.office_id == self._office_id)
                .order_by(Item.id.desc())
                .limit(1)
            )
            or 0
        )

    def newer_than(self, item_id: int) -> Count:
        """How many items came after this one."""
        return self._capped(
            select(Item.id).where(Item.office_id == self._office_id, Item.id > item_id)
        )

    # what goes out

    def outings(self, day: Day) -> list[Outing]:
        """Announcements due or published on this day, by time."""
        rows = self._session.execute(
            select(Delivery, Announcement.title, Account.network, Account.handle)
            .join(Announcement, Announcement.id == Delivery.announcement_id)
            .join(Account, Account.id == Delivery.account_id)
            .where(
                Delivery.office_id == self._office_id,
                Delivery.due_at >= day.since,
                Delivery.due_at < day.until,
                Delivery.state != DeliveryState.CANCELLED,
            )
            .order_by(Delivery.due_at, Delivery.announcement_id, Delivery.account_id)
            .limit(500)
        ).all()
        found: dict[int, list[tuple[Delivery, str, str, str]]] = {}
        for row in rows:
            found.setdefault(row[0].announcement_id, []).append(
                (row[0], row[1], row[2], row[3])
            )
        return [_outing(parts) for parts in found.values()]

    def late(self, since: datetime) -> tuple[int, int]:
        """Deliveries that were missed since then, and those that wait, being late."""
        missed, overdue = (
            self._number(
                select(Delivery.id)
                .where(Delivery.office_id == self._office_id, *which)
                .limit(MOST)
            )
            for which in (
                (
                    Delivery.state == DeliveryState.MISSED,
                    Delivery.updated_at >= since,
                ),
                (
                    Delivery.state == DeliveryState.HELD,
                    Delivery.problem == Problem.OVERDUE,
                ),
            )
        )
        return missed, overdue

    # what is silent

    def coverage(self) -> Coverage:
        """Feeds and accounts we listen to, and those that do not answer."""
        reads = Subscription.stopped_at.is_(None)
        feeds = self._session.scalar(select(func.count(Subscription.id)).where(reads))
        accounts = self._session.scalars(
            select(Account)
            .where(Account.removed_at.is_(None), Account.hears)
            .order_by(Account.id)
        ).all()
        name = func.coalesce(
            func.nullif(Subscription.label, ""),
            func.nullif(Source.title, ""),
            Source.host,
        )
        troubled = self._session.execute(
            select(
                name, Source.health, Source.succeeded_at, Source.new_at, Source.problem
            )
            .join(Subscription, Subscription.source_id == Source.id)
            .where(reads, Source.health.in_([*SILENT, SourceHealth.QUIET]))
            .order_by(Source.id)
        ).all()
        silent = [
            Silence(name, "feed", succeeded_at, problem)
            for name, health, succeeded_at, _new_at, problem in troubled
            if health in SILENT
        ]
        silent += [
            Silence(a.handle, a.network, a.heard_at, a.hear_problem or a.problem)
            for a in accounts
            if a.hear_problem is not None
        ]
        quiet = [
            Silence(name, "feed", new_at, None)
            for name, health, _succeeded_at, new_at, _problem in troubled
            if health is SourceHealth.QUIET
        ]
        total = (feeds or 0) + len(accounts)
        return Coverage(total, tuple(silent), tuple(quiet))

    # parts

    def _open(self, severities: Sequence[Severity]) -> list[ColumnElement[bool]]:
        return [
            Item.office_id == self._office_id,
            Item.severity.in_(severities),
            text(WAITING),  # type: ignore[list-item]
        ]

    def _waiting(self, severities: Sequence[Severity]) -> Select[int]:
        return select(Item.id).where(*self._open(severities))

    def _capped(self, statement: Select[int]) -> Count:
        number = self._number(statement.limit(MOST + 1))
        return Count(min(number, MOST), number > MOST)

    def _number(self, statement: Select[int]) -> int:
        inner = statement.subquery()
        return self._session.scalar(select(func.count()).select_from(inner)) or 0


def _outing(parts: list[tuple[Delivery, str, str, str]]) -> Outing:
    first = parts[0][0]
    latest: dict[int, Stop] = {}
    for delivery, _title, network, handle in parts:
        latest[delivery.account_id] = Stop(
            delivery.id,
            delivery.account_id,
            network,
            handle,
            delivery.state,
            delivery.problem,
        )
    return Outing(
        first.announcement_id, parts[0][1], first.due_at, tuple(latest.values())
    )
