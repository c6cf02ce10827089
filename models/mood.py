"""How people feel, day by day: read from the daily counts, linear in days.

The number of items plays no part; see :mod:`models.day_counts`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from models.day_counts import CountedAs, DayCount
from models.labels import Service
from models.repository import Repository
from models.shares import Share

_SURE = (CountedAs.NEGATIVE, CountedAs.NEUTRAL, CountedAs.POSITIVE)
_FIELD = {
    CountedAs.NEGATIVE: "negative",
    CountedAs.NEUTRAL: "neutral",
    CountedAs.POSITIVE: "positive",
    CountedAs.UNSURE: "unsure",
    CountedAs.COPY: "copies",
    CountedAs.OWN: "own",
}


@dataclass(frozen=True, slots=True)
class MoodDay:
    """Stories of one day by sentiment; copies and own releases apart."""

    day: date
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unsure: int = 0
    copies: int = 0
    own: int = 0

    @property
    def stories(self) -> int:
        return self.negative + self.neutral + self.positive + self.unsure


@dataclass(frozen=True, slots=True)
class Mood:
    """Stories of several days together."""

    days: tuple[MoodDay, ...]

    def _sum(self, name: str) -> int:
        return sum(getattr(day, name) for day in self.days)

    @property
    def sure(self) -> int:
        return self._sum("negative") + self._sum("neutral") + self._sum("positive")

    @property
    def stories(self) -> int:
        return self.sure + self.unsure

    @property
    def unsure(self) -> int:
        return self._sum("unsure")

    @property
    def copies(self) -> int:
        return self._sum("copies")

    @property
    def own(self) -> int:
        return self._sum("own")

    @property
    def negative(self) -> Share:
        """Of the sure ones."""
        return Share(self._sum("negative"), self.sure)

    @property
    def neutral(self) -> Share:
        return Share(self._sum("neutral"), self.sure)

    @property
    def positive(self) -> Share:
        return Share(self._sum("positive"), self.sure)


class Moods(Repository):
    """Stories by sentiment and by service."""

    def of(self, days: Sequence[date]) -> Mood:
        """Stories by sentiment for each of these days, which follow one another."""
        found: dict[date, dict[str, int]] = {}
        rows = self._session.execute(
            select(DayCount.day, DayCount.counted_as, func.sum(DayCount.number))
            .where(
                DayCount.office_id == self._office_id,
                DayCount.day.between(days[0], days[-1]),
            )
            .group_by(DayCount.day, DayCount.counted_as)
        )
        for day, counted_as, number in rows:
            found.setdefault(day, {})[_FIELD[counted_as]] = int(number)
        return Mood(tuple(MoodDay(day, **found.get(day, {})) for day in days))

    def services(self, days: Sequence[date]) -> list[tuple[Service, Share]]:
        """Stories by service with the negative share of the sure ones, most first."""
        rows = self._session.execute(
            select(DayCount.service, DayCount.counted_as, func.sum(DayCount.number))
            .where(
                DayCount.office_id == self._office_id,
                DayCount.day.between(days[0], days[-1]),
                DayCount.service != "",
                DayCount.counted_as.in_(_SURE),
            )
            .group_by(DayCount.service, DayCount.counted_as)
            .order_by(DayCount.service)
        )
        totals: dict[Service, list[int]] = {}
        for service, counted_as, number in rows:
            pair = totals.setdefault(Service(service), [0, 0])
            pair[0] += int(number) if counted_as is CountedAs.NEGATIVE else 0
            pair[1] += int(number)
        ranked = sorted(totals.items(), key=lambda one: -one[1][1])
        return [(service, Share(*pair)) for service, pair in ranked if pair[1]]
