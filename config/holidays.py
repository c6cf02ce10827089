"""National holidays and cuti bersama of Indonesia, one file a year.

The files that ship stand in ``config/data/holidays``; an office may keep a folder of
its own (``holidays_folder``), whose file for a year takes the place of ours.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from config.failures import Line, SettingsProblem
from config.words import N_

FOLDER = Path(__file__).resolve().parent / "data" / "holidays"
SURENESS = ("C", "S", "T")
SCHEMA = 1


class HolidayKind(StrEnum):
    """Who set the day free."""

    NATIONAL = "national"  # libur nasional
    CUTI_BERSAMA = "cuti_bersama"  # collective leave


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day on which offices rest, and how sure that is."""

    day: date
    kind: HolidayKind
    name_id: str
    name_en: str
    source: str
    sureness: str  # C read in the decree, S at one remove, T not checked


@dataclass(frozen=True, slots=True)
class Holidays:
    """The holidays of the years that are known, by day."""

    by_day: Mapping[date, Holiday]
    years: frozenset[int]
    unsure: frozenset[int] = frozenset()  # years whose decree was not at hand

    def __contains__(self, day: object) -> bool:
        return day in self.by_day

    def of_year(self, year: int) -> list[Holiday]:
        """The holidays of one year, by date; none when the year is not known."""
        found = [one for one in self.by_day.values() if one.day.year == year]
        return sorted(found, key=lambda one: one.day)


Stamp = tuple[tuple[Path, int, int], ...]


def load_holidays(own: Path | None = None) -> Holidays:
    """Read every year's file; a file in ``own`` takes the place of the one that ships.

    A file of ``own`` that changed while we run is read anew.

    Raises:
        SettingsProblem: a file cannot be used; it says which, and which row.
    """
    if own is None:
        return _load(())
    if not own.is_dir():
        raise _wrong(own, N_("folder hari libur tidak ada"))
    found = ((path, path.stat()) for path in sorted(own.glob("*.toml")))
    return _load(tuple((path, at.st_mtime_ns, at.st_size) for path, at in found))


@lru_cache(maxsize=4)
def _load(own: Stamp) -> Holidays:
    """The files that ship, with those of ``own`` in their place."""
    files = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
    files |= {path.stem: path for path, _, _ in own}
    by_day: dict[date, Holiday] = {}
    unsure = set()
    for path in files.values():
        table = _table(path)
        by_day |= _rows(path, table)
        if not table.get("decree"):
            unsure.add(int(path.stem))
    years = frozenset(int(name) for name in files)
    return Holidays(by_day, years, frozenset(unsure))


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(
            path, N_("tidak dapat dibaca: {error}"), error=str(error)
        ) from None
    if not path.stem.isdigit() or table.get("year") != int(path.stem):
        raise _wrong(path, N_("year harus sama dengan nama berkas, misalnya 2027.toml"))
    if table.get("schema") != SCHEMA:
        raise _wrong(path, N_("schema harus {schema}"), schema=SCHEMA)
    return table


def _rows(path: Path, table: Mapping[str, Any]) -> dict[date, Holiday]:
    found: dict[date, Holiday] = {}
    rows = table.get("holiday", [])
    if not isinstance(rows, list):
        raise _wrong(path, N_("tulis tiap hari sebagai [[holiday]]"))
    for number, row in enumerate(rows, 1):
        one = _row(path, table, number, row)
        if one.day in found:
            raise _wrong(
                path, N_("tanggal {day} ditulis dua kali"), day=one.day.isoformat()
            )
        found[one.day] = one
    return found


def _row(
    path: Path, table: Mapping[str, Any], number: int, row: Mapping[str, Any]
) -> Holiday:
    year = table["year"]
    day = row.get("date")
    if type(day) is not date:
        said = N_("baris ke-{n}: {day} bukan tanggal; tulis misalnya {year}-08-17")
        raise _wrong(path, said, n=number, day=repr(day), year=year)
    if day.year != year:
        said = N_("baris ke-{n}: {day} bukan tanggal di tahun {year}")
        raise _wrong(path, said, n=number, day=day.isoformat(), year=year)
    if row.get("kind") not in tuple(HolidayKind):
        said = N_("baris ke-{n}: kind harus national atau cuti_bersama")
        raise _wrong(path, said, n=number)
    sureness = row.get("sureness", table.get("sureness"))
    if sureness not in SURENESS:
        said = N_("baris ke-{n}: sureness harus C, S, atau T")
        raise _wrong(path, said, n=number)
    name, source = row.get("name_id"), row.get("source", table.get("source"))
    if not (isinstance(name, str) and name.strip() and isinstance(source, str)):
        raise _wrong(path, N_("baris ke-{n}: name_id dan source harus diisi"), n=number)
    return Holiday(
        day, HolidayKind(row["kind"]), name, row.get("name_en", name), source, sureness
    )


def _wrong(path: Path, said: str, **values: object) -> SettingsProblem:
    return SettingsProblem(Line(said, str(path), values))
