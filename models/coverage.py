"""Which hours of a source were heard: the ribbon of the page *Sumber*.

One letter an hour, in rows of a UTC day, written with every look under the lease of the
source. What was not heard is a gap and never a zero.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import groupby

from sqlalchemy import Date, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.repository import Repository
from models.source_values import LeasedSource, SourceAfter
from models.states import SourceHealth
from models.upserts import insert_or_update

HOUR = timedelta(hours=1)
DAYS = 14  # shown
HOURS = DAYS * 24
KEPT = timedelta(days=60)
_LATE = HOUR  # a look may come so long after its time before we say we did not look


class Hour(StrEnum):
    """What is known of one hour, as stored; a later one outweighs an earlier one."""

    UNKNOWN = " "  # not written down: the source is younger, or the record is
    NOT_LOOKED = "-"  # it was due, and nobody asked
    PLANNED = "p"  # nothing was due; the next answer covers it
    FAILED = "x"
    LIMITED = "l"  # the host asked us to wait
    QUIET = "s"  # answered, and silent for longer than usual
    SAME = "q"  # answered, nothing new
    NEWS = "n"
    OVERRAN = "o"  # more was published than its window held


_RANK = {hour: rank for rank, hour in enumerate(Hour)}


class Heard(StrEnum):
    """What an hour is to a reader."""

    UNKNOWN = "unknown"
    FINE = "fine"
    QUIET = "quiet"
    FAILING = "failing"
    GAP = "gap"


_READ: Mapping[str, Heard] = {
    Hour.UNKNOWN: Heard.UNKNOWN,
    Hour.NOT_LOOKED: Heard.GAP,
    Hour.PLANNED: Heard.FINE,
    Hour.FAILED: Heard.FAILING,
    Hour.LIMITED: Heard.FAILING,
    Hour.QUIET: Heard.QUIET,
    Hour.SAME: Heard.FINE,
    Hour.NEWS: Heard.FINE,
    Hour.OVERRAN: Heard.GAP,
}


class SourceDay(Base):
    """One UTC day of a source."""

    __tablename__ = "source_days"

    source_id: Mapped[int] = mapped_column(
        ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    hours: Mapped[str] = mapped_column(String(24))  # 24 letters of Hour
    new: Mapped[int] = mapped_column(default=0)  # articles first seen on it


@dataclass(frozen=True, slots=True)
class Standing:
    """When a source was asked and is asked next; what its ribbon ends with."""

    fetched_at: datetime | None
    next_check_at: datetime | None
    health: SourceHealth
    failures: int


@dataclass(frozen=True, slots=True)
class Run:
    """Hours in a row that read alike; ``start`` counts from the first one shown."""

    start: int
    length: int
    heard: Heard


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The last :data:`DAYS` of one source.

    Attributes:
        since: the first hour shown.
        new: articles first seen in these days.
    """

    since: datetime
    runs: tuple[Run, ...]
    new: int = 0

    def hours(self, heard: Heard) -> int:
        """How many hours read so."""
        return sum(run.length for run in self.runs if run.heard is heard)

    def stretches(self, *heard: Heard) -> list[tuple[Run, datetime, datetime]]:
        """The runs of these kinds with their bounds, the newest first."""
        found = [run for run in self.runs if run.heard in heard]
        return [
            (run, self.since + run.start * HOUR, self.since + _end(run) * HOUR)
            for run in reversed(found)
        ]


class Coverage(Repository):
    """The days of sources."""

    def mark(self, before: LeasedSource, after: SourceAfter, new: int) -> None:
        """Write a look down; call it in the unit that finishes it, under its lease."""
        marks = marks_of(before, after, new)
        by_day: dict[date, dict[int, Hour]] = {}
        for at, hour in marks.items():
            by_day.setdefault(at.date(), {})[at.hour] = hour
        known = self._days(before.id, min(by_day))
        today = hour_of(after.fetched_at).date()
        rows = []
        for day, hours in by_day.items():
            row = known.get(day)
            letters = list(row.hours if row else Hour.UNKNOWN * 24)
            for n, hour in hours.items():
                letters[n] = max(Hour(letters[n]), hour, key=_RANK.__getitem__)
            more = new if day == today else 0
            rows.append(
                {
                    "source_id": before.id,
                    "day": day,
                    "hours": "".join(letters),
                    "new": (row.new if row else 0) + more,
                }
            )
        if today not in known:
            self._forget(before.id, today)
        self._session.execute(
            insert_or_update(
                self._session,
                SourceDay,
                rows,
                unique=(SourceDay.source_id, SourceDay.day),
                update=(SourceDay.hours, SourceDay.new),
            )
        )

    def ribbons(
        self, standing: Mapping[int, Standing], now: datetime
    ) -> dict[int, Ribbon]:
        """The ribbon of each source, in one query."""
        since = first_hour(now)
        days: dict[int, dict[date, str]] = {number: {} for number in standing}
        new: Counter[int] = Counter()
        rows = self._session.execute(
            select(SourceDay.source_id, SourceDay.day, SourceDay.hours, SourceDay.new)
            .where(SourceDay.source_id.in_(list(standing)))
            .where(SourceDay.day >= since.date())
        )
        for number, day, hours, added in rows:
            days[number][day] = hours
            new[number] += added
        return {
            number: ribbon(days[number], one, now, new[number])
            for number, one in standing.items()
        }

    def _days(self, source_id: int, since: date) -> dict[date, SourceDay]:
        rows = self._session.scalars(
            select(SourceDay)
            .where(SourceDay.source_id == source_id, SourceDay.day >= since)
            .execution_options(populate_existing=True)
        )
        return {row.day: row for row in rows}

    def _forget(self, source_id: int, today: date) -> None:
        self._session.execute(
            delete(SourceDay).where(
                SourceDay.source_id == source_id, SourceDay.day < today - KEPT
            )
        )


# ---------------------------------------------------------------------- decisions


def marks_of(
    before: LeasedSource, after: SourceAfter, new: int
) -> dict[datetime, Hour]:
    """What a look says of the hours since the look before, and of its own.

    An answer whose every entry is new proves that some may have been missed since the
    last answer: those hours are a gap.
    """
    now = hour_of(after.fetched_at)
    marks: dict[datetime, Hour] = {}
    if before.fetched_at is not None:
        standing = Standing(
            before.fetched_at, before.next_check_at, before.health, before.failures
        )
        marks = dict(_waited(standing, now))
    outcome = _outcome(after, new)
    if outcome is Hour.OVERRAN and before.succeeded_at is not None:
        first = max(hour_of(before.succeeded_at) + HOUR, now - HOURS * HOUR)
        marks |= dict.fromkeys(_between(first, now), Hour.OVERRAN)
    marks[now] = outcome
    return marks


def ribbon(
    days: Mapping[date, str], standing: Standing, now: datetime, new: int = 0
) -> Ribbon:
    """The hours as runs of what they mean; the last ones by how the source stands."""
    since, end = first_hour(now), hour_of(now) + HOUR
    tail = dict(_waited(standing, end)) if standing.fetched_at else {}
    letters = [
        _letter(days, at) if _letter(days, at) != Hour.UNKNOWN else tail.get(at, " ")
        for at in _between(since, end)
    ]
    runs, at = [], 0
    for heard, some in groupby(_READ[letter] for letter in letters):
        length = len(list(some))
        runs.append(Run(at, length, heard))
        at += length
    return Ribbon(since, tuple(runs), new)


def hour_of(at: datetime) -> datetime:
    """The full hour a moment lies in, UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def first_hour(now: datetime) -> datetime:
    """The first hour shown."""
    return hour_of(now) - (HOURS - 1) * HOUR


def _waited(standing: Standing, until: datetime) -> Iterator[tuple[datetime, Hour]]:
    """The hours after a look, without the hour of the next one."""
    assert standing.fetched_at is not None
    first = max(hour_of(standing.fetched_at) + HOUR, until - HOURS * HOUR)
    planned = (standing.next_check_at or standing.fetched_at) + _LATE
    meanwhile = Hour.PLANNED
    if standing.health is SourceHealth.LIMITED:
        meanwhile = Hour.LIMITED
    elif standing.failures:
        meanwhile = Hour.FAILED
    for at in _between(first, until):
        stopped = standing.health is SourceHealth.STOPPED
        yield at, Hour.NOT_LOOKED if stopped or at >= planned else meanwhile


def _outcome(after: SourceAfter, new: int) -> Hour:
    if after.health is SourceHealth.LIMITED:
        return Hour.LIMITED
    if after.problem is not None:
        return Hour.FAILED
    if after.health is SourceHealth.OVERFULL:
        return Hour.OVERRAN
    if new:
        return Hour.NEWS
    return Hour.QUIET if after.health is SourceHealth.QUIET else Hour.SAME


def _between(first: datetime, end: datetime) -> Iterator[datetime]:
    while first < end:
        yield first
        first += HOUR


def _letter(days: Mapping[date, str], at: datetime) -> str:
    hours = days.get(at.date())
    return hours[at.hour] if hours else Hour.UNKNOWN


def _end(run: Run) -> int:
    return run.start + run.length
