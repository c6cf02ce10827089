"""How often something comes, as a habit learned from when it came."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from config.listening import numbers


def habit(times: Sequence[datetime]) -> int | None:
    """The median gap in seconds of some times, or None when there are too few."""
    ordered = sorted(times)
    gaps = [(b - a).total_seconds() for a, b in pairwise(ordered) if b > a]
    if len(gaps) < numbers().enough_for_a_habit - 1:
        return None
    return round(median(gaps))


def habit_at(times: Sequence[datetime], at: datetime) -> int | None:
    """The gap in seconds that is usual at this hour of the week, or of the day.

    A newsroom sleeps, and on Sundays longer. What counts are the gaps that lay over
    the same hour on the days before: of the same weekday, or of every day while there
    are few weeks. None while a few days are not known.
    """
    ordered = sorted(set(times))
    gaps = {days: _gap_over(ordered, at - timedelta(days)) for days in _back()}
    known = {days: gap for days, gap in gaps.items() if gap is not None}
    weekly = [gap for days, gap in known.items() if days % 7 == 0]
    if len(weekly) >= numbers().enough_weeks:
        return round(median(weekly))
    enough = len(known) >= numbers().enough_days
    return round(median(known.values())) if enough else None


def _back() -> range:
    return range(1, numbers().days_back + 1)


def _gap_over(ordered: Sequence[datetime], moment: datetime) -> float | None:
    """The seconds between the two arrivals around a moment."""
    after = bisect_right(ordered, moment)
    if after in {0, len(ordered)}:
        return None
    return (ordered[after] - ordered[after - 1]).total_seconds()
