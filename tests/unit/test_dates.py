"""Every form of date the sources are known to write, and everything else."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.dates import (
    LONGEST,
    DateWarning,
    Precision,
    ReadDate,
    clamp_future,
    read_date,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
REF = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)  # 10.30 WIB on a Tuesday
EIGHT_WIB = datetime(2026, 11, 23, 1, tzinfo=UTC)


def read(raw: str, zone: ZoneInfo = JAKARTA) -> ReadDate:
    return read_date(raw, zone=zone, fetched_at=REF)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


ROWS = [
    (1, "Mon, 23 Nov 2026 08:00:00 +0700", EIGHT_WIB),
    (2, "Mon, 23 Nov 2026 01:00:00 GMT", EIGHT_WIB),
    (3, "2026-11-23T08:00:00+07:00", EIGHT_WIB),
    (4, "2026-11-23T01:00:00Z", EIGHT_WIB),
    (5, "Mon, 23 Nov 2026 08:00:00 WIB", EIGHT_WIB),
    (6, "Mon, 23 Nov 2026 09:00:00 WITA", EIGHT_WIB),
    (7, "Mon, 23 Nov 2026 10:00:00 WIT", EIGHT_WIB),
    (8, "Mon, 23 Nov 2026 08:00 WIB", EIGHT_WIB),
    (9, "Senin, 23 November 2026 08:00 WIB", EIGHT_WIB),
    (10, "Senin, 23 November 2026 | 08:00 WIB", EIGHT_WIB),
    (11, "Senin (23/11/2026) 08:00 WIB", EIGHT_WIB),
    (12, "Sen, 23 Nov 2026 08:00:00 +0700", EIGHT_WIB),
    (13, "Kam, 20 Agu 2026 08:00:00 +0700", utc(2026, 8, 20, 1)),
    (14, "Kam, 20 Agt 2026 08:00:00 +0700", utc(2026, 8, 20, 1)),
    (15, "Kamis, 20 Agustus 2026 08:00 WIB", utc(2026, 8, 20, 1)),
    (16, "Sel, 12 Mei 2026 08:00:00 +0700", utc(2026, 5, 12, 1)),
    (17, "Rab, 07 Okt 2026 08:00:00 +0700", utc(2026, 10, 7, 1)),
    (18, "Jum, 25 Des 2026 08:00:00 +0700", utc(2026, 12, 25, 1)),
    (19, "Jum'at, 25 Desember 2026 08:00 WIB", utc(2026, 12, 25, 1)),
    (19, "Jum’at, 25 Desember 2026 08:00 WIB", utc(2026, 12, 25, 1)),
    (20, "Jumat, 25 Desember 2026 08.00 WIB", utc(2026, 12, 25, 1)),
    (21, "Sab, 14 Feb 2026 08:00:00 +0700", utc(2026, 2, 14, 1)),
    (22, "Min, 01 Mar 2026 08:00:00 +0700", utc(2026, 3, 1, 1)),
    (23, "Minggu, 1 Maret 2026 08:00 WIB", utc(2026, 3, 1, 1)),
    (24, "Ahad, 1 Maret 2026 08:00 WIB", utc(2026, 3, 1, 1)),
    (25, "23 Agustus 2026 08:00", utc(2026, 8, 23, 1)),
    (27, "23/11/2026 08:00 WIB", EIGHT_WIB),
    (28, "23-11-2026 08:00", EIGHT_WIB),
    (29, "05/04/2026 08:00 WIB", utc(2026, 4, 5, 1)),
    (30, "2026-11-23 08:00:00", EIGHT_WIB),
    (31, "2026-11-23 08:00", EIGHT_WIB),
    (36, "Kemarin, 08:00 WIB", EIGHT_WIB),
    (37, "Hari ini, 08:00 WIB", utc(2026, 11, 24, 1)),
    (39, "Mon, 23 Nov 2026 08:00:00", EIGHT_WIB),
    (41, "Fri, 23 Nov 2035 08:00:00 +0700", utc(2035, 11, 23, 1)),
]


@pytest.mark.parametrize(("row", "raw", "at"), ROWS)
def test_f22_a_date_is_read_exactly(row: int, raw: str, at: datetime):
    assert read(raw) == ReadDate(at)


def test_row_26_a_date_without_a_time_is_a_day_and_no_invented_midnight_utc():
    day = read("23 November 2026")
    assert day.precision is Precision.DAY
    assert day.at == datetime(2026, 11, 23, tzinfo=JAKARTA)


@pytest.mark.parametrize(
    "raw",
    [
        "Diperbarui 23 November 2026 08:00 WIB",
        "Diperbarui: Senin, 23 Nov 2026 08:00 WIB",
        "Terakhir diperbarui pada 23 November 2026, 08.00 WIB",
        "Updated: 2026-11-23 08:00",
    ],
)
def test_rows_32_and_33_a_time_of_change_is_marked(raw: str):
    assert read(raw) == ReadDate(EIGHT_WIB, is_update=True)


@pytest.mark.parametrize(
    ("raw", "before", "precision"),
    [
        ("2 jam lalu", timedelta(hours=2), Precision.HOUR),
        ("30 menit yang lalu", timedelta(minutes=30), Precision.MINUTE),
        ("30 min lalu", timedelta(minutes=30), Precision.MINUTE),
        ("Sejam yang lalu", timedelta(hours=1), Precision.HOUR),
        ("2 hours ago", timedelta(hours=2), Precision.HOUR),
        ("Baru saja", timedelta(), Precision.MINUTE),
    ],
)
def test_rows_34_35_38_what_is_relative_counts_from_the_fetch(
    raw: str, before: timedelta, precision: Precision
):
    assert read(raw) == ReadDate(REF - before, precision)


@pytest.mark.parametrize(
    ("raw", "day"), [("3 hari lalu", 21), ("1 minggu lalu", 17), ("Kemarin", 23)]
)
def test_days_ago_are_a_day_of_the_source(raw: str, day: int):
    at = datetime(2026, 11, day, tzinfo=JAKARTA)
    assert read(raw) == ReadDate(at, Precision.DAY)


def test_yesterday_is_counted_in_the_zone_that_is_named():
    late = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)  # 22.30 WIB, 00.30 WIT next day
    wit = read_date("Kemarin, 10:00 WIT", zone=JAKARTA, fetched_at=late)
    wib = read_date("Kemarin, 10:00 WIB", zone=JAKARTA, fetched_at=late)
    assert (wit.at, wib.at) == (utc(2026, 11, 23, 1), utc(2026, 11, 22, 3))


def test_row_40_a_wrong_weekday_is_ignored_and_counted():
    expected = ReadDate(EIGHT_WIB, warnings=(DateWarning.WEEKDAY_MISMATCH,))
    assert read("Selasa, 23 November 2026 08:00 WIB") == expected


def test_row_41_a_date_of_the_future_is_held_down_to_when_it_was_seen():
    future = read("Fri, 23 Nov 2035 08:00:00 +0700").at
    assert clamp_future(future, REF) == REF
    assert clamp_future(EIGHT_WIB, REF) == EIGHT_WIB
    assert clamp_future(None, REF) is None


@pytest.mark.parametrize("raw", ["", "   ", "\n\t", "\u00a0"])
def test_row_42_nothing_is_nothing_and_never_now(raw: str):
    assert read(raw) == ReadDate(None)


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("Mon, 23 Nov 26 08:00:00 +0700", EIGHT_WIB),
        ("23-Nov-2026 08:00 WIB", EIGHT_WIB),
        ("Mon Nov 23 08:00:00 2026", EIGHT_WIB),
        ("November 23, 2026 8:00 am", EIGHT_WIB),
        ("20261123T010000Z", EIGHT_WIB),
        ("20261123080000", EIGHT_WIB),
        ("2026-11-23T08:00:00.123456+07:00", EIGHT_WIB),
        ("2026-11-23T08:00+07", EIGHT_WIB),
        ("Senin, 23 Nopember 2026 pukul 08.00.00 WIB", EIGHT_WIB),
        ("08:00 WIB, 23 November 2026", EIGHT_WIB),
        ("Senin , 23 Nov 2026 , 08:00 (WIB)", EIGHT_WIB),
        ("Mon, 23 Nov 2026 08:00:00 GMT+7", EIGHT_WIB),
        ("Mon, 23 Nov 2026 08:00:00 GMT+0700 (WIB)", EIGHT_WIB),
        ("Dipublikasikan Senin, 23 November 2026 08:00 WIB", EIGHT_WIB),
        ("23 Pebruari 2026 08:00 WIB", utc(2026, 2, 23, 1)),
        ("Jum&#39;at, 25 Desember 2026 08:00 WIB", utc(2026, 12, 25, 1)),
        ("22 November 2026 24:00 WIB", utc(2026, 11, 22, 17)),
        ("Sun, 22 Nov 2026 20:00:00 -0500", EIGHT_WIB),
        ("1795395600", EIGHT_WIB),
        ("1795395600000", EIGHT_WIB),
    ],
)
def test_other_forms_met_in_feeds_are_read_too(raw: str, at: datetime):
    assert read(raw) == ReadDate(at)


def test_the_zone_of_the_source_stands_in_for_a_missing_one():
    makassar = read("23 November 2026 09:00", ZoneInfo("Asia/Makassar"))
    jayapura = read("2026-11-23 10:00", ZoneInfo("Asia/Jayapura"))
    assert makassar == jayapura == ReadDate(EIGHT_WIB)


def test_an_unknown_zone_is_counted_and_the_source_decides():
    expected = ReadDate(EIGHT_WIB, warnings=(DateWarning.UNKNOWN_ZONE,))
    assert read("Mon, 23 Nov 2026 08:00:00 XYZ") == expected


def test_an_impossible_time_leaves_the_day():
    odd = read("23 November 2026 25:70 WIB")
    assert odd.at == datetime(2026, 11, 23, tzinfo=JAKARTA)
    assert odd.precision is Precision.DAY
    assert odd.warnings == (DateWarning.TIME_UNREADABLE,)


@pytest.mark.parametrize(
    "raw",
    [
        "31/02/2026 08:00",
        "11/23/2026 08:00",
        "23 Foo 2026",
        "besok",
        "-",
        "2026",
        "9" * 99,
    ],
)
def test_what_is_no_date_is_unreadable(raw: str):
    assert read(raw) == ReadDate(None, warnings=(DateWarning.UNREADABLE,))


@pytest.mark.parametrize(
    "raw", ["0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT", "1900-01-01"]
)
def test_what_programs_write_for_no_date_is_not_believed(raw: str):
    assert read(raw) == ReadDate(None, warnings=(DateWarning.IMPLAUSIBLE,))


def test_a_naive_time_of_fetch_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="aware"):
        read_date("", zone=JAKARTA, fetched_at=datetime(2026, 11, 24))  # noqa: DTZ001


WORDS = st.sampled_from(
    [
        "Senin",
        "Min",
        "Sel",
        "Jum'at",
        "Kemarin",
        "lalu",
        "jam",
        "menit",
        "2",
        "23",
        "11",
        "2026",
        "0",
        "99",
        "9999",
        "Nov",
        "Mei",
        "foo",
        ",",
        "|",
        "(",
        ")",
        ":",
        ".",
        "/",
        "-",
        "+",
        "T",
        "Z",
        "WIB",
        "WITA",
        "GMT",
        "+0700",
        "-9999",
        "08:00",
        "24:00",
        "08.00.61",
        "am",
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=12).map(" ".join)))
def test_rubbish_never_raises_and_what_comes_out_is_aware_utc(raw: str):
    result = read(raw)
    assert result.at is None or result.at.tzinfo is UTC


@given(
    st.datetimes(datetime(1990, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001
    st.integers(-14 * 4, 14 * 4),
)
def test_iso_and_mail_dates_go_there_and_back(naive: datetime, quarters: int):
    minutes = abs(quarters) * 15
    offset = f"{'+' if quarters >= 0 else '-'}{minutes // 60:02}{minutes % 60:02}"
    at = naive.replace(microsecond=0, tzinfo=UTC) - timedelta(minutes=quarters * 15)
    iso = f"{naive:%Y-%m-%dT%H:%M:%S}{offset[:3]}:{offset[3:]}"
    mail = f"{naive:%a, %d %b} {naive.year} {naive:%H:%M:%S} {offset}"
    assert read(iso).at == read(mail).at == at


@given(st.text(alphabet="0123456789:.-/ ", min_size=LONGEST, max_size=5_000))
def test_a_long_field_costs_no_more_than_a_short_one(raw: str):
    read(raw)
