"""What a look says of the hours before it, and how two weeks of them read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.coverage import (
    HOUR,
    HOURS,
    Heard,
    Hour,
    Standing,
    first_hour,
    hour_of,
    marks_of,
    ribbon,
)
from models.problems import Problem
from models.source_values import LeasedSource, SourceAfter
from models.states import SourceHealth

NOW = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)

BEFORE = LeasedSource(
    id=1, token="", url="", host="", sealed_login=None, timezone="", title="", etag="",
    last_modified="", body_hash="", health=SourceHealth.HEALTHY, failures=0,
    succeeded_at=NOW - 3 * HOUR, new_at=None, usual_gap=None, ttl_minutes=None,
    moved_to="", moved_seen=0, blocked_until=None, forbidden=0,
    fetched_at=NOW - 3 * HOUR, next_check_at=NOW,
)  # fmt: skip
AFTER = SourceAfter(
    next_check_at=NOW + HOUR, fetched_at=NOW, health=SourceHealth.HEALTHY, problem=None,
    problem_detail="", failures=0, succeeded_at=NOW, new_at=None, etag="",
    last_modified="", body_hash="", title="", usual_gap=None, ttl_minutes=None, url="",
    host="", moved_to="", moved_seen=0,
)  # fmt: skip


def letters(before: LeasedSource, after: SourceAfter, new: int = 0) -> str:
    marks = marks_of(before, after, new)
    return "".join(marks[at] for at in sorted(marks))


def test_hours_in_which_nothing_was_due_are_covered_by_the_answer() -> None:
    assert letters(BEFORE, AFTER, new=2) == "ppn"
    assert letters(BEFORE, AFTER) == "ppq"


def test_hours_in_which_a_look_was_due_and_nobody_looked_are_a_gap() -> None:
    late = replace(BEFORE, fetched_at=NOW - 6 * HOUR, next_check_at=NOW - 5 * HOUR)
    assert letters(late, AFTER) == "pp---q"


@pytest.mark.parametrize(
    ("health", "failures", "told"),
    [(SourceHealth.SICK, 4, "xxq"), (SourceHealth.LIMITED, 1, "llq")],
)
def test_the_hours_between_failures_failed_too(
    health: SourceHealth, failures: int, told: str
) -> None:
    assert letters(replace(BEFORE, health=health, failures=failures), AFTER) == told


def test_an_answer_that_is_all_new_makes_a_gap_since_the_last_answer() -> None:
    sick = replace(BEFORE, succeeded_at=NOW - 5 * HOUR, failures=2)
    assert letters(sick, replace(AFTER, health=SourceHealth.OVERFULL), 30) == "ooooo"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"problem": Problem.HTTP_STATUS, "failures": 1}, "x"),
        ({"problem": Problem.HTTP_STATUS, "health": SourceHealth.OVERFULL}, "x"),
        ({"problem": Problem.HOST_RESTING, "health": SourceHealth.LIMITED}, "l"),
        ({"health": SourceHealth.QUIET}, "s"),
    ],
)
def test_every_outcome_has_its_letter(more: dict[str, object], told: str) -> None:
    first = replace(BEFORE, fetched_at=None)
    assert letters(first, replace(AFTER, **more)) == told  # type: ignore[arg-type]


def test_a_source_that_was_off_for_a_year_writes_two_weeks() -> None:
    off = replace(BEFORE, fetched_at=NOW - timedelta(365), next_check_at=None)
    assert len(marks_of(off, AFTER, 0)) == HOURS + 1


# ------------------------------------------------------------------------ ribbons

FINE = Standing(NOW - HOUR, NOW + HOUR, SourceHealth.HEALTHY, 0)


def shown(days: dict, standing: Standing = FINE) -> list[tuple[int, int, str]]:
    return [
        (run.start, run.length, run.heard.value)
        for run in ribbon(days, standing, NOW).runs
    ]


def test_a_ribbon_covers_every_hour_of_two_weeks_once() -> None:
    days = {NOW.date(): "q" * 10 + " " * 14}
    assert shown(days) == [(0, HOURS - 11, "unknown"), (HOURS - 11, 11, "fine")]
    assert first_hour(NOW) + (HOURS - 1) * HOUR == hour_of(NOW)


def test_a_source_that_was_never_asked_is_unknown_and_not_zero() -> None:
    assert shown({}, Standing(None, NOW, SourceHealth.NEW, 0)) == [
        (0, HOURS, "unknown")
    ]


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        (Standing(NOW - 3 * HOUR, NOW + HOUR, SourceHealth.HEALTHY, 0), "fine"),
        (Standing(NOW - 3 * HOUR, NOW + HOUR, SourceHealth.SICK, 5), "failing"),
        (Standing(NOW - 3 * HOUR, NOW + HOUR, SourceHealth.LIMITED, 0), "failing"),
        (Standing(NOW - 3 * HOUR, NOW - 3 * HOUR, SourceHealth.HEALTHY, 0), "gap"),
        (Standing(NOW - 3 * HOUR, NOW + HOUR, SourceHealth.STOPPED, 0), "gap"),
    ],
)
def test_the_hours_since_the_last_look_read_as_the_source_stands(
    standing: Standing, told: str
) -> None:
    days = {NOW.date(): "q" * 8 + " " * 16}
    *_, (_, _, last) = shown(days, standing)
    assert last == told


def test_gaps_are_told_with_their_hours_the_newest_first() -> None:
    days = {NOW.date(): "qq--qqoxqq" + " " * 14}
    one = ribbon(days, FINE, NOW)
    assert (one.hours(Heard.GAP), one.hours(Heard.FAILING)) == (3, 1)
    starts = [start.hour for _, start, _ in one.stretches(Heard.GAP, Heard.FAILING)]
    assert starts == [7, 6, 2]
    [_, (_, start, end)] = one.stretches(Heard.GAP)
    assert end - start == 2 * HOUR


def test_what_was_heard_outweighs_what_failed_in_the_same_hour() -> None:
    assert list(Hour)[-3:] == [Hour.SAME, Hour.NEWS, Hour.OVERRAN]
