"""Holidays are data, one file a year; a wrong file says what is wrong with it."""

from datetime import date
from pathlib import Path

import pytest

from config.failures import SettingsProblem
from config.holidays import FOLDER, HolidayKind, load_holidays

GOOD = """
schema = 1
year = 2027
decree = "SKB 1/2026"
source = "SKB"
sureness = "S"

[[holiday]]
date = 2027-03-10
kind = "national"
name_id = "Idulfitri"
"""


def test_the_decree_of_2026_has_seventeen_holidays_and_eight_of_cuti_bersama() -> None:
    rows = load_holidays().of_year(2026)
    kinds = [one.kind for one in rows]
    assert kinds.count(HolidayKind.NATIONAL) == 17
    assert kinds.count(HolidayKind.CUTI_BERSAMA) == 8
    assert {one.sureness for one in rows} == {"S"}


def test_a_year_without_its_decree_is_marked() -> None:
    known = load_holidays()
    assert known.years >= {2026, 2027}
    assert known.unsure == {2027}
    moon = known.by_day[date(2027, 3, 10)]
    assert moon.sureness == "T"


def test_every_row_that_ships_has_both_names_and_a_source() -> None:
    for one in load_holidays().by_day.values():
        assert one.name_id
        assert one.name_en != one.name_id
        assert one.source


def test_an_office_puts_its_own_year_in_the_place_of_ours(tmp_path: Path) -> None:
    (tmp_path / "2027.toml").write_text(GOOD, encoding="utf-8")
    known = load_holidays(tmp_path)
    assert [one.day for one in known.of_year(2027)] == [date(2027, 3, 10)]
    assert known.unsure == set()
    assert len(known.of_year(2026)) == 25


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("2027-03-10", "2027-02-30", "tidak dapat dibaca"),
        ("2027-03-10", "2026-03-10", "baris ke-1: 2026-03-10 bukan tanggal di tahun"),
        ("2027-03-10", '"10 Maret"', "baris ke-1: '10 Maret' bukan tanggal"),
        ("2027-03-10", "2027-03-10T00:00:00Z", "bukan tanggal"),
        ("year = 2027", "year = 2028", "year harus sama dengan nama berkas"),
        ('"national"', '"pasar"', "kind harus national atau cuti_bersama"),
        ('"S"', '"?"', "sureness harus C, S, atau T"),
        ('"Idulfitri"', '""', "name_id dan source harus diisi"),
        ("schema = 1", "schema = 2", "schema harus 1"),
        ("[[holiday]]", "[[holiday]]\ndate = 2027-03-10", "tidak dapat dibaca"),
        ("[[holiday]]", "[holiday]", "[[holiday]]"),
    ],
)
def test_a_wrong_file_says_which_file_and_what_is_wrong(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    (tmp_path / "2027.toml").write_text(GOOD.replace(before, after), encoding="utf-8")
    with pytest.raises(SettingsProblem) as caught:
        load_holidays(tmp_path)
    (line,) = caught.value.lines
    assert "2027.toml" in line
    assert said in line


def test_a_day_that_stands_twice_is_told(tmp_path: Path) -> None:
    again = GOOD + GOOD[GOOD.index("[[holiday]]") :]
    (tmp_path / "2027.toml").write_text(again, encoding="utf-8")
    with pytest.raises(SettingsProblem, match="2027-03-10 ditulis dua kali"):
        load_holidays(tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsProblem, match="folder hari libur tidak ada"):
        load_holidays(tmp_path / "hilang")


def test_the_folder_that_ships_holds_years_only() -> None:
    assert all(path.stem.isdigit() for path in FOLDER.iterdir())
