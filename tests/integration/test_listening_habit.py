"""A newsroom's hours: at night silence is usual, at noon it is not."""

from datetime import UTC, datetime, timedelta

from models.dashboard import Coverage, Dashboard, Silence
from models.habit import habit_at
from models.states import SourceHealth
from tests.integration.listening_kit import (
    Desk,
    conditional,
    entry,
    rss,
)

TODAY = datetime(2026, 11, 24, tzinfo=UTC)
HOUR = timedelta(hours=1)


def office_hours(days: int, closed: frozenset[int] = frozenset()) -> list[datetime]:
    """An article an hour from 01.00 to 10.00 UTC on each of the days before today."""
    back = (TODAY - timedelta(days=day) for day in range(1, days + 1))
    return [
        day + HOUR * hour
        for day in back
        if day.weekday() not in closed
        for hour in range(1, 11)
    ]


def test_the_usual_gap_of_an_hour_is_that_of_the_same_hour_before() -> None:
    times = office_hours(10)
    assert habit_at(times, TODAY + HOUR * 5.5) == 3600
    assert habit_at(times, TODAY - HOUR * 4) == 15 * 3600


def test_a_weekday_has_a_habit_of_its_own_after_some_weeks() -> None:
    times = office_hours(30, closed=frozenset({6}))
    sunday = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
    assert habit_at(times, sunday) == 39 * 3600
    assert habit_at(times, sunday - timedelta(days=1)) == 3600


def test_a_few_days_are_no_habit() -> None:
    assert habit_at(office_hours(3), TODAY) is None
    assert habit_at([], TODAY) is None


def test_a_night_without_news_is_no_silence_and_a_day_without_them_is(
    desk: Desk,
) -> None:
    times = office_hours(10)
    desk.site.pages["/rss"] = conditional(
        rss(*(entry(f"{at:%d %H}", date=at.isoformat()) for at in reversed(times)))
    )
    desk.moment.at = max(times) + timedelta(minutes=5)
    source_id = desk.subscribe()
    desk.fetch()
    for hours, health in [
        (9, SourceHealth.HEALTHY),  # in the night
        (9, SourceHealth.QUIET),  # 04.00 on a working day
    ]:
        assert desk.fetch(HOUR * hours)
        assert desk.source(source_id).health is health
    assert desk.source(source_id).usual_gap == 3600


def test_a_quiet_feed_is_told_to_the_pages_apart_from_one_that_does_not_answer(
    desk: Desk,
) -> None:
    at = TODAY - HOUR
    times = [at - HOUR * n for n in range(9)]
    desk.site.pages["/rss"] = conditional(
        rss(*(entry(f"{one:%d %H}", date=one.isoformat()) for one in times))
    )
    desk.moment.at = at
    desk.subscribe()
    desk.fetch()
    assert _coverage(desk) == Coverage(1, (), ())
    desk.fetch(HOUR * 4)
    assert _coverage(desk) == Coverage(
        1, (), (Silence("Warta Sukamaju", "feed", at, None),)
    )


def _coverage(desk: Desk) -> Coverage:
    with desk.store.read(desk.office) as work:
        return Dashboard(work.session).coverage()
