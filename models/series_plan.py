"""A series as plain values: its plan, its days, and what an approval is bound to."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from config.holidays import Holiday, HolidayKind, Holidays
from config.words import N_
from models.approval import Content
from models.recurrence import rule
from models.template import Template, template


class Skip(StrEnum):
    """Why nothing is said on a day of the rule."""

    NATIONAL = "national"
    CUTI_BERSAMA = "cuti_bersama"
    YEAR_UNKNOWN = "year_unknown"  # no holidays of that year: nothing is guessed


SKIPS: Mapping[Skip, str] = {
    Skip.NATIONAL: N_("libur nasional"),
    Skip.CUTI_BERSAMA: N_("cuti bersama"),
    Skip.YEAR_UNKNOWN: N_("data hari libur tahun ini belum ada"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person fills in: which template, with what, where, on which days."""

    template: str  # code
    fields: Mapping[str, str]
    accounts: tuple[int, ...]
    rule: str  # RRULE of whole days, see models.recurrence
    first: date
    until: date  # included; every plan ends
    at: time  # on the wall of the office

    @property
    def filled(self) -> Template:
        """The template that is filled in."""
        return template(self.template)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the rule; ``skip`` says why nothing is said on it."""

    day: date
    skip: Skip | None = None
    holiday: Holiday | None = None
    unsure: bool = False  # the decree of its year was not at hand


def days(
    plan: Plan, holidays: Holidays, after: date, until: date | None = None
) -> Iterator[Day]:
    """The days of a plan after one day, those that are skipped too. Lazy and bounded.

    Raises:
        InvalidInput: the rule cannot be read.
    """
    end = plan.until if until is None else min(until, plan.until)
    for day in rule(plan.rule, plan.first).dates(after, end):
        yield _day(day, holidays)


def upcoming(plan: Plan, holidays: Holidays, after: date, most: int) -> list[Day]:
    """The next ``most`` days on which something is said, and the skipped between."""
    found: list[Day] = []
    for one in days(plan, holidays, after):
        found.append(one)
        most -= one.skip is None
        if most <= 0:
            break
    return found


def _day(day: date, holidays: Holidays) -> Day:
    if day.year not in holidays.years:
        return Day(day, Skip.YEAR_UNKNOWN)
    unsure = day.year in holidays.unsure
    holiday = holidays.by_day.get(day)
    if holiday is None:
        return Day(day, unsure=unsure)
    national = holiday.kind is HolidayKind.NATIONAL
    skip = Skip.NATIONAL if national else Skip.CUTI_BERSAMA
    return Day(day, skip, holiday, unsure)


@dataclass(frozen=True, slots=True)
class SeriesContent:
    """Everything that the approval of a series is bound to; see :attr:`hash`."""

    plan: Plan
    zone: str
    occurrences: tuple[Content, ...]
    """What goes out on the next days of the rule after the day of asking."""

    @property
    def hash(self) -> str:
        """SHA-256 of :attr:`canonical`, hex."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def canonical(self) -> bytes:
        """The bytes that are approved: JSON with sorted keys and no spaces, UTF-8."""
        made = self.plan.filled
        plain = {
            "template": [made.code, made.category, made.title, made.full, made.short],
            "fields": dict(self.plan.fields),
            "accounts": self.plan.accounts,
            "rule": self.plan.rule,
            "first": self.plan.first.isoformat(),
            "until": self.plan.until.isoformat(),
            "at": self.plan.at.isoformat(),
            "zone": self.zone,
            "occurrences": [one.hash for one in self.occurrences],
        }
        canonical = json.dumps(
            plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return canonical.encode("utf-8", "surrogatepass")
