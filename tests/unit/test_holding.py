"""Windows, quiet hours and being late: pure decisions, in every zone of Indonesia."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.category import CatchUp, categories
from models.delivery import Delivery
from models.office import Office
from models.problems import Problem
from models.quiet import QuietHours
from pipeline.holding import held_back, quiet_until

ZONES = [ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura")]
NIGHT = QuietHours(time(22), time(5))
NOON = QuietHours(time(12), time(13, 30))
MINUTE = timedelta(minutes=1)
moments = st.datetimes(  # naive, and put into UTC
    datetime(2025, 1, 1),  # noqa: DTZ001
    datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
zones = st.sampled_from(ZONES)


def office(quiet: QuietHours | None = None, zone: str = "Asia/Jakarta") -> Office:
    row = Office(timezone=zone)
    row.quiet = quiet
    return row


@given(moments, zones)
def test_a_post_of_the_day_never_goes_out_on_another_day(
    at: datetime, zone: ZoneInfo
) -> None:
    end = categories().of("sim_keliling").too_late(at, zone)
    last = (end - timedelta(microseconds=1)).astimezone(zone)
    assert last.date() == at.astimezone(zone).date()
    assert end > at
    assert end.astimezone(zone).time() == time(0)


@given(moments, st.sampled_from(sorted(categories().by_code)), zones)
def test_every_kind_has_an_end_after_its_time(
    at: datetime, code: str, zone: ZoneInfo
) -> None:
    assert at < categories().of(code).too_late(at, zone) <= at + timedelta(days=3)


@given(moments, zones, st.sampled_from([NIGHT, NOON]))
def test_quiet_hours_end_outside_themselves(
    at: datetime, zone: ZoneInfo, quiet: QuietHours
) -> None:
    ends = quiet.ends(at, zone)
    assert at < ends <= at + timedelta(days=1)
    assert not quiet.holds(ends, zone)
    if quiet.holds(at, zone):
        assert quiet.holds(ends - MINUTE, zone)


@pytest.mark.parametrize(
    ("zone", "utc_hour", "holds"),
    [
        ("Asia/Jakarta", 15, True),  # 22.00 WIB
        ("Asia/Jakarta", 14, False),
        ("Asia/Makassar", 14, True),  # 22.00 WITA
        ("Asia/Jayapura", 13, True),  # 22.00 WIT
        ("Asia/Jayapura", 20, False),  # 05.00 WIT
        ("Asia/Jakarta", 21, True),  # 04.00 WIB
        ("Asia/Jakarta", 22, False),  # 05.00 WIB
    ],
)
def test_quiet_hours_are_those_of_the_office_s_wall(
    zone: str, utc_hour: int, holds: bool
) -> None:
    at = datetime(2026, 11, 24, utc_hour, tzinfo=UTC)
    assert NIGHT.holds(at, ZoneInfo(zone)) is holds
    until = quiet_until(office(NIGHT, zone), categories().of("umum"), at)
    assert (until > at) is holds


def test_an_emergency_passes_the_quiet_hours() -> None:
    at = datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert quiet_until(office(NIGHT), categories().of("darurat"), at) == at
    assert quiet_until(office(None), categories().of("umum"), at) == at


@pytest.mark.parametrize(
    ("code", "late", "released", "problem"),
    [
        ("umum", timedelta(hours=10), None, None),
        ("sim_keliling", timedelta(hours=3), None, None),
        ("darurat", 10 * MINUTE, None, None),
        ("darurat", 11 * MINUTE, None, Problem.OVERDUE),
        ("darurat", timedelta(hours=3), timedelta(hours=3), None),
        ("darurat", timedelta(hours=3), timedelta(hours=2), Problem.OVERDUE),
        ("lalu_lintas", 21 * MINUTE, None, Problem.OVERDUE),
    ],
)
def test_a_late_post_of_a_kind_that_asks_waits_for_a_person(
    code: str, late: timedelta, released: timedelta | None, problem: Problem | None
) -> None:
    due = datetime(2026, 11, 24, 2, tzinfo=UTC)
    row = Delivery(due_at=due, released_at=None if released is None else due + released)
    assert held_back(office(), categories().of(code), row, due + late) is problem


def test_the_data_says_what_its_head_promises() -> None:
    known = categories()
    assert known.clash_within > timedelta(0)
    for code, one in known.by_code.items():
        assert code == one.code
        assert one.titles.keys() == {"id", "en"}
        assert all(one.titles.values())
        assert one.late_after > timedelta(0)
        assert one.same_text_within > timedelta(0)
        if one.catch_up is CatchUp.ASK and one.not_after is not None:
            assert one.late_after < one.not_after, code
    assert known.of("lama sekali") is known.of("umum")
