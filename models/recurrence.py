"""Which days an announcement comes back on: an RRULE of whole days, less holidays.

The rule is the part of RFC 5545 that a calendar of whole days needs. The clock time is
not of the rule: it is the office's, on the wall of its zone (WIB, WITA or WIT).
"""

import re
from calendar import monthrange
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from config.words import N_
from models.errors import InvalidInput

HORIZON = timedelta(days=800)
"""How far ahead dates are ever computed; a rule may go on for ever."""

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_PARTS = {
    "FREQ": re.compile("|".join(FREQUENCIES)),
    "INTERVAL": re.compile(r"[1-9]\d?"),
    "COUNT": re.compile(r"[1-9]\d{0,3}"),
    "UNTIL": re.compile(r"\d{8}"),
    "BYDAY": re.compile(
        r"(?:-?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:-?[1-5])?"
        r"(?:MO|TU|WE|TH|FR|SA|SU))*"
    ),
    "BYMONTHDAY": re.compile(r"-?\d{1,2}(?:,-?\d{1,2})*"),
    "BYMONTH": re.compile(r"\d{1,2}(?:,\d{1,2})*"),
}
_SEARCHED_YEARS = 8  # a leap day comes back within


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule; ``text`` is canonical (``FREQ=WEEKLY;BYDAY=MO,TH``)."""

    text: str
    first: date

    def dates(
        self, after: date, until: date, free: Container[date] = ()
    ) -> Iterator[date]:
        """The days of the rule after one day and up to another, less the free ones.

        Lazy, and never past ``HORIZON`` after ``after``: no rule is run to its end.
        """
        end = min(until, after + HORIZON)
        begin = datetime.combine(max(after + timedelta(days=1), self.first), time())
        found = self.compiled().xafter(begin, inc=True)
        for day in takewhile(lambda one: one <= end, (one.date() for one in found)):
            if day not in free:
                yield day

    def compiled(self) -> rrule:
        """The rule as the library takes it."""
        start = datetime.combine(self.first, time())
        compiled = rrulestr(self.text, dtstart=start)
        assert isinstance(compiled, rrule)
        return compiled


def rule(text: str, first: date) -> Rule:
    """Check a rule that begins on ``first``.

    Raises:
        InvalidInput: it cannot be read, has a part that is not for whole days, or never
            comes.
    """
    parts = _parts(text)
    for name, value in parts.items():
        if name not in _PARTS or not _PARTS[name].fullmatch(value):
            raise _unreadable()
    if parts.get("FREQ") is None or ("COUNT" in parts and "UNTIL" in parts):
        raise _unreadable()
    ordinal = any(c.isdigit() for c in parts.get("BYDAY", ""))
    if ordinal and (parts["FREQ"] != "MONTHLY" or "BYMONTHDAY" in parts):
        raise _unreadable()
    made = Rule(";".join(f"{n}={parts[n]}" for n in _PARTS if n in parts), first)
    try:
        made.compiled()
    except ValueError:
        raise _unreadable() from None
    if not _comes(parts, first):
        raise InvalidInput(N_("Aturan ini tidak jatuh pada hari apa pun."), "rule")
    return made


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That clock time on that day in the office's zone."""
    return datetime.combine(day, at, tzinfo=zone)


def _unreadable() -> InvalidInput:
    return InvalidInput(
        N_("Aturan berulang tidak dapat dibaca. Contoh: FREQ=WEEKLY;BYDAY=MO,TH."),
        "rule",
    )


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for piece in text.strip().upper().removeprefix("RRULE:").strip(";").split(";"):
        name, equals, value = piece.strip().partition("=")
        if not equals or name in parts:
            raise _unreadable()
        parts[name] = value
    return parts


def _comes(parts: Mapping[str, str], first: date) -> bool:
    """Whether a day can be found: the library would search on to the year 9999.

    Every day of the rule passes here; a few rules pass that come in many years only.
    """
    interval = int(parts.get("INTERVAL", "1"))
    months = _numbers(parts, "BYMONTH")
    month_days = _numbers(parts, "BYMONTHDAY")
    weekdays = (
        {one[-2:] for one in parts["BYDAY"].split(",")} if "BYDAY" in parts else set()
    )
    if not weekdays and not month_days:
        weekdays, month_days = _implied(parts["FREQ"], first)
    for ahead in range(366 * _SEARCHED_YEARS):
        day = first + timedelta(days=ahead)
        if (
            _period(parts["FREQ"], first, day) % interval == 0
            and (not months or day.month in months)
            and (not weekdays or WEEKDAYS[day.weekday()] in weekdays)
            and (not month_days or not month_days.isdisjoint(_both_ways(day)))
        ):
            return "UNTIL" not in parts or f"{day:%Y%m%d}" <= parts["UNTIL"]
    return False


def _implied(frequency: str, first: date) -> tuple[set[str], set[int]]:
    """What a rule without days takes from its first day."""
    if frequency == "WEEKLY":
        return {WEEKDAYS[first.weekday()]}, set()
    return set(), {first.day} if frequency == "MONTHLY" else set()


def _numbers(parts: Mapping[str, str], name: str) -> set[int]:
    return {int(one) for one in parts[name].split(",")} if name in parts else set()


def _both_ways(day: date) -> set[int]:
    """The day's number in its month, from the front and from the end."""
    return {day.day, day.day - monthrange(day.year, day.month)[1] - 1}


def _period(frequency: str, first: date, day: date) -> int:
    """How many periods of the rule lie between its first day and this one."""
    match frequency:
        case "DAILY":
            return (day - first).days
        case "WEEKLY":
            monday = first - timedelta(days=first.weekday())
            return (day - monday).days // 7
        case _:
            return (day.year - first.year) * 12 + day.month - first.month
