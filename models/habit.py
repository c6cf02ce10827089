"""How often something comes, as a habit learned from when it came."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

ENOUGH_FOR_A_HABIT = 5  # arrivals from which a usual gap is learned
DAYS_BACK = 28
_ENOUGH_WEEKS = 3  # from which a day of the week has a habit of its own
_ENOUGH_DAYS = 4  # from which an hour of the day has one


def habit(times: Sequence[datetime]) -> int | None:
    """The median gap in seconds of some times, or None when there are too few."""
    ordered = sorted(times)
    gaps = [(b - a).total_seconds() for a, b in pairwise(ordered) if b > a]
    if len(gaps) < ENOUGH_FOR_A_HABIT - 1:
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
    if len(weekly) >= _ENOUGH_WEEKS:
        return round(median(weekly))
    return round(median(known.values())) if len(known) >= _ENOUGH_DAYS else None


def _back() -> range:
    return range(1, DAYS_BACK + 1)


def _gap_over(ordered: Sequence[datetime], moment: datetime) -> float | None:
    """The seconds between the two arrivals around a moment."""
    after = bisect_right(ordered, moment)
    if after in {0, len(ordered)}:
        return None
    return (ordered[after] - ordered[after - 1]).total_seconds()
