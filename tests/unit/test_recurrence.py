"""An announcement comes back on exactly the days its rule says, less holidays."""

import time as clock
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.holidays import load_holidays
from models.errors import InvalidInput
from models.recurrence import HORIZON, moment, rule

FIRST = date(2026, 1, 1)
LAST = date(2027, 12, 31)
BEFORE = FIRST - timedelta(days=1)

# Every Friday of two years, less 16 January, 20 March, 3 April, 1 May, 15 May and
# 25 December 2026, 1 January and 26 March 2027: written out by hand from a calendar.
FRIDAYS = {
    "2026-01": "2 9 23 30",
    "2026-02": "6 13 20 27",
    "2026-03": "6 13 27",
    "2026-04": "10 17 24",
    "2026-05": "8 22 29",
    "2026-06": "5 12 19 26",
    "2026-07": "3 10 17 24 31",
    "2026-08": "7 14 21 28",
    "2026-09": "4 11 18 25",
    "2026-10": "2 9 16 23 30",
    "2026-11": "6 13 20 27",
    "2026-12": "4 11 18",
    "2027-01": "8 15 22 29",
    "2027-02": "5 12 19 26",
    "2027-03": "5 12 19",
    "2027-04": "2 9 16 23 30",
    "2027-05": "7 14 21 28",
    "2027-06": "4 11 18 25",
    "2027-07": "2 9 16 23 30",
    "2027-08": "6 13 20 27",
    "2027-09": "3 10 17 24",
    "2027-10": "1 8 15 22 29",
    "2027-11": "5 12 19 26",
    "2027-12": "3 10 17 24 31",
}
# The 17th of each month, less 17 February (Imlek) and twice 17 August, and 17 May 2027.
SEVENTEENTHS = [
    *(date(2026, month, 17) for month in (1, 3, 4, 5, 6, 7, 9, 10, 11, 12)),
    *(date(2027, month, 17) for month in (1, 2, 3, 4, 6, 7, 9, 10, 11, 12)),
]
# The first Monday of every other month; none of them is a holiday.
FIRST_MONDAYS = [
    *(date(2026, 1, 5), date(2026, 3, 2), date(2026, 5, 4), date(2026, 7, 6)),
    *(date(2026, 9, 7), date(2026, 11, 2), date(2027, 1, 4), date(2027, 3, 1)),
    *(date(2027, 5, 3), date(2027, 7, 5), date(2027, 9, 6), date(2027, 11, 1)),
]
ZONES = {  # 08.00 on the office's wall, in UTC
    "Asia/Jakarta": (0, 1),
    "Asia/Makassar": (0, 0),
    "Asia/Jayapura": (-1, 23),
}


def fridays() -> list[date]:
    return [
        date.fromisoformat(f"{month}-{int(day):02}")
        for month, days in FRIDAYS.items()
        for day in days.split()
    ]


def days(text: str, first: date = FIRST, until: date = LAST) -> list[date]:
    return list(rule(text, first).dates(BEFORE, until, load_holidays()))


@pytest.mark.parametrize("zone", ZONES)
def test_two_years_in_three_zones_give_exactly_the_dates_that_are_written(
    zone: str,
) -> None:
    found = [
        moment(day, time(8), ZoneInfo(zone)) for day in days("FREQ=WEEKLY;BYDAY=FR")
    ]
    shift, hour = ZONES[zone]
    wanted = [
        datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(days=shift)
        for day in fridays()
    ]
    assert found == wanted
    assert [one.date() for one in found] == fridays()
    assert {one.hour for one in found} == {8}


def test_a_day_of_the_month_is_left_out_where_it_is_a_holiday() -> None:
    assert days("FREQ=MONTHLY;BYMONTHDAY=17") == SEVENTEENTHS


def test_every_other_month_keeps_its_step() -> None:
    assert days("FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO") == FIRST_MONDAYS


def test_cuti_bersama_is_left_out_as_holidays_are() -> None:
    march = [day for day in days("FREQ=DAILY") if (day.year, day.month) == (2026, 3)]
    missing = {date(2026, 3, n) for n in range(1, 32)} - set(march)
    assert sorted(day.day for day in missing) == [18, 19, 20, 21, 22, 23, 24]


def test_a_rule_without_an_end_is_computed_no_further_than_asked() -> None:
    endless = rule("FREQ=DAILY", FIRST)
    assert list(islice(endless.dates(BEFORE, date.max), 3)) == [
        date(2026, 1, 1),
        date(2026, 1, 2),
        date(2026, 1, 3),
    ]
    assert len(list(endless.dates(BEFORE, date.max))) == HORIZON.days


def test_nothing_comes_before_the_first_day_of_the_rule() -> None:
    late = rule("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 25))
    assert next(late.dates(BEFORE, LAST)) == date(2026, 11, 30)


def test_a_rule_with_an_end_ends() -> None:
    assert days("FREQ=DAILY;COUNT=3") == [date(2026, 1, 2), date(2026, 1, 3)]
    assert days("FREQ=WEEKLY;BYDAY=FR;UNTIL=20260109") == [
        date(2026, 1, 2),
        date(2026, 1, 9),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=7;BYDAY=FR",  # the first day is a Thursday
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=3;BYMONTHDAY=5",
        "FREQ=DAILY;UNTIL=20251231",
        "FREQ=MONTHLY;BYMONTH=13;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYMONTHDAY=40",
    ],
)
def test_a_rule_that_never_comes_is_refused_at_once(text: str) -> None:
    began = clock.perf_counter()
    with pytest.raises(InvalidInput) as caught:
        rule(text, FIRST)
    assert caught.value.field == "rule"
    assert clock.perf_counter() - began < 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "setiap Senin",
        "BYDAY=MO",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;COUNT=1",
        "FREQ=YEARLY",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=3",
        "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=DAILY\nDTSTART:20200101",
        "FREQ=DAILY;UNTIL=20270230",
        "FREQ=MONTHLY;BYMONTHDAY=0",
    ],
)
def test_what_is_no_rule_of_whole_days_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        rule(text, FIRST)
    assert caught.value.field == "rule"


def test_the_same_rule_has_one_text() -> None:
    written = " rrule:byday=mo,th;freq=weekly;".upper()
    assert rule(written, FIRST).text == "FREQ=WEEKLY;BYDAY=MO,TH"


RULES = st.builds(
    lambda freq, interval, byday: (
        f"FREQ={freq};INTERVAL={interval}"
        + (f";BYDAY={','.join(byday)}" if byday else "")
    ),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    st.integers(1, 5),
    st.lists(st.sampled_from(["MO", "TU", "SU"]), max_size=3, unique=True),
)


@given(
    RULES,
    st.dates(date(2026, 1, 1), date(2027, 6, 1)),
    st.dates(date(2026, 1, 1), date(2027, 6, 1)),
    st.integers(0, 90),
)
def test_a_window_of_a_series_is_the_series_in_that_window(
    text: str, first: date, after: date, width: int
) -> None:
    free = load_holidays()
    made = rule(text, first)
    until = after + timedelta(days=width)
    whole = list(made.dates(min(first, after) - timedelta(days=1), until, free))
    window = list(made.dates(after, until, free))
    assert window == [day for day in whole if day > after]
    assert all(day >= first and day not in free for day in window)


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    st.times(),
    st.sampled_from(sorted(ZONES)),
)
def test_a_moment_is_aware_and_of_that_day_on_the_offices_wall(
    day: date, at: time, zone: str
) -> None:
    found = moment(day, at, ZoneInfo(zone))
    assert found.astimezone(UTC).astimezone(ZoneInfo(zone)).date() == day
    assert found.astimezone(UTC).tzinfo is UTC
