"""Times, numbers, money and shares as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.formats import Formats
from models.shares import Change, Share, change

ID = Formats("id", ZoneInfo("Asia/Jakarta"))
EN = Formats("en", ZoneInfo("Asia/Jayapura"))
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_a_moment_says_day_clock_and_zone() -> None:
    assert ID.moment(AT) == "Sen, 23 Nov 2026 08.00 WIB"
    assert EN.moment(AT) == "Mon, 23 Nov 2026 10.00 WIT"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        ID.moment(datetime(2026, 11, 23, 8, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=20), "baru saja"),
        (timedelta(minutes=5), "5 menit lalu"),
        (timedelta(hours=2), "2 jam lalu"),
        (timedelta(hours=16), "kemarin 16.00"),
        (timedelta(days=3), "Jum, 20 Nov 08.00"),
    ],
)
def test_the_past_is_told_from_now(passed: timedelta, said: str) -> None:
    assert ID.ago(AT - passed, AT) == said


@pytest.mark.parametrize(
    ("length", "said", "waited"),
    [
        (timedelta(seconds=20), "kurang dari 1 menit", "baru saja"),
        (timedelta(minutes=1), "1 menit", "1 menit"),
        (timedelta(hours=5, minutes=50), "5 jam", "5 jam"),
        (timedelta(days=2), "2 hari", "2 hari"),
    ],
)
def test_a_span_is_told_in_whole_words(
    length: timedelta, said: str, waited: str
) -> None:
    assert (ID.span(length), ID.waited(length)) == (said, waited)


def test_numbers_and_money_follow_the_language() -> None:
    assert ID.number(1234) == "1.234"
    assert EN.number(1234) == "1,234"
    assert ID.number(84.12, 2) == "84,12"
    assert ID.number(-6) == "−6"
    assert ID.rupiah(80_000) == "Rp\u00a080.000"
    assert ID.percent(0.314) == "31\u00a0%"


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_lies_within_its_own_range(count: int, more: int) -> None:
    share = Share(count, count + more)
    assert 0 <= share.low <= share.value + 1e-9
    assert share.value - 1e-9 <= share.high <= 1


def test_a_share_of_nothing_says_nothing() -> None:
    assert Share(0, 0).value == 0
    assert (Share(0, 0).low, Share(0, 0).high) == (0, 1)


def test_a_change_is_told_only_beyond_chance() -> None:
    assert change(Share(24, 100), Share(26, 100)) is Change.UNSURE
    assert change(Share(120, 500), Share(190, 500)) is Change.UP
    assert change(Share(190, 500), Share(120, 500)) is Change.DOWN
    assert change(Share(1, 5), Share(5, 5)) is Change.FEW
