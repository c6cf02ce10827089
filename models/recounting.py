"""The daily counts made anew from the items, and compared with what is kept."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, insert, select, text

from models.day_counts import CountedAs, DayCount, counted_as
from models.item import Item
from models.office import Office
from models.repository import Repository

ROWS = 1_000  # inserted at a time


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """What one row of the daily counts stands for."""

    office_id: int
    day: date
    service: str
    counted_as: CountedAs


class Recounting(Repository):
    """Counts of every office in this scope; needs the time of reading each item."""

    def differences(self) -> int:
        """How many rows of the daily counts are not what the items say.

        Reads one moment: nothing that is written meanwhile counts as a difference.
        """
        self._one_moment()
        return len(_unlike(self._kept(), self._recounted()))

    def recount(self) -> int:
        """Count everything anew; return how many rows were wrong."""
        self._hold_counts()
        kept, recounted = self._kept(), self._recounted()
        wrong = _unlike(kept, recounted)
        if not wrong:
            return 0
        self._session.execute(delete(DayCount))
        rows = [
            {
                "office_id": key.office_id,
                "day": key.day,
                "service": key.service,
                "counted_as": key.counted_as,
                "number": number,
            }
            for key, number in recounted.items()
        ]
        for start in range(0, len(rows), ROWS):
            self._session.execute(insert(DayCount), rows[start : start + ROWS])
        return len(wrong)

    def _kept(self) -> Counter[Key]:
        rows = self._session.execute(
            select(
                DayCount.office_id,
                DayCount.day,
                DayCount.service,
                DayCount.counted_as,
                DayCount.number,
            )
        )
        return Counter(
            {
                Key(office_id, day, service, as_): number
                for office_id, day, service, as_, number in rows
            }
        )

    def _recounted(self) -> Counter[Key]:
        found: Counter[Key] = Counter()
        offices = self._session.execute(select(Office.id, Office.timezone)).all()
        for office_id, zone in offices:
            for day, since, until in self._days(office_id, ZoneInfo(zone)):
                for service, as_, number in self._of(office_id, since, until):
                    found[Key(office_id, day, service, as_)] += number
        return found

    def _days(
        self, office_id: int, zone: ZoneInfo
    ) -> Iterator[tuple[date, datetime, datetime]]:
        """The days of an office that have items, and when each begins and ends."""
        until: datetime | None = None
        while True:
            statement = select(func.min(Item.at)).where(Item.office_id == office_id)
            if until is not None:
                statement = statement.where(Item.at >= until)
            first = self._session.scalar(statement)
            if first is None:
                return
            day = first.astimezone(zone).date()
            since = datetime.combine(day, time(), zone)
            until = datetime.combine(day + timedelta(days=1), time(), zone)
            yield day, since, until

    def _of(
        self, office_id: int, since: datetime, until: datetime
    ) -> Iterator[tuple[str, CountedAs, int]]:
        parts = (
            Item.service,
            Item.sentiment,
            Item.sentiment_sure,
            Item.story_id.is_(None).label("leads"),
            Item.own_release,
        )
        rows = self._session.execute(
            select(*parts, func.count())
            .where(Item.office_id == office_id, Item.at >= since, Item.at < until)
            .group_by(*parts)
        )
        for service, sentiment, sure, leads, own, number in rows:
            counts_as = counted_as(sentiment, sure, bool(leads), own)
            yield service.value if service else "", counts_as, number

    def _hold_counts(self) -> None:
        """Let nobody move a count meanwhile; SQLite has one writer anyway.

        Who has changed items and not yet their counts adds to the new ones.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(
                text("LOCK TABLE day_counts IN SHARE ROW EXCLUSIVE MODE")
            )


def _unlike(kept: Mapping[Key, int], recounted: Mapping[Key, int]) -> set[Key]:
    return {
        key for key in {*kept, *recounted} if kept.get(key, 0) != recounted.get(key, 0)
    }
