"""A rule of days as people choose it, and as they read it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from config.formats import Formats
from config.words import N_
from models.errors import InvalidInput
from models.recurrence import WEEKDAYS

_A_MONDAY = date(2026, 1, 5)
_WEEKLY = re.compile(r"FREQ=WEEKLY;BYDAY=((?:[A-Z]{2},?)+)")
_MONTHLY = re.compile(r"FREQ=MONTHLY;BYMONTHDAY=(\d{1,2})")


class Repeat(StrEnum):
    """The choices of the form."""

    DAILY = "harian"
    WEEKLY = "mingguan"
    MONTHLY = "bulanan"
    OWN = "aturan"  # an RRULE as it is typed


CHOICES = {
    Repeat.DAILY: N_("setiap hari"),
    Repeat.WEEKLY: N_("setiap minggu, pada hari tertentu"),
    Repeat.MONTHLY: N_("setiap bulan, pada satu tanggal"),
    Repeat.OWN: N_("aturan lain (RRULE)"),
}


@dataclass(frozen=True, slots=True)
class RuleForm:
    """What was chosen; ``day`` is of the month, ``own`` a whole rule."""

    repeat: Repeat = Repeat.WEEKLY
    weekdays: tuple[str, ...] = ()
    day: str = "1"
    own: str = ""

    @classmethod
    def read(
        cls, repeat: str, weekdays: Sequence[str], day: str, own: str
    ) -> "RuleForm":
        """What the browser sent; an unknown choice is a rule that cannot be read."""
        kind = Repeat(repeat) if repeat in tuple(Repeat) else Repeat.OWN
        kept = tuple(one for one in WEEKDAYS if one in weekdays)
        return cls(kind, kept, day.strip(), own.strip())

    @classmethod
    def of(cls, rule: str) -> "RuleForm":
        """The choices that make a stored rule."""
        if rule == "FREQ=DAILY":
            return cls(Repeat.DAILY)
        if found := _WEEKLY.fullmatch(rule):
            return cls(Repeat.WEEKLY, weekdays=tuple(found[1].split(",")))
        if found := _MONTHLY.fullmatch(rule):
            return cls(Repeat.MONTHLY, day=found[1])
        return cls(Repeat.OWN, own=rule)

    @property
    def rule(self) -> str:
        """The rule that the choices make; see ``models.recurrence.rule``.

        Raises:
            InvalidInput: no day of the week is chosen.
        """
        match self.repeat:
            case Repeat.DAILY:
                return "FREQ=DAILY"
            case Repeat.WEEKLY:
                if not self.weekdays:
                    raise InvalidInput(N_("Pilih paling sedikit satu hari."), "rule")
                return f"FREQ=WEEKLY;BYDAY={','.join(self.weekdays)}"
            case Repeat.MONTHLY:
                return f"FREQ=MONTHLY;BYMONTHDAY={self.day}"
            case Repeat.OWN:
                return self.own


def weekdays(formats: Formats) -> dict[str, str]:
    """The days of the week by their codes, as the reader calls them."""
    return {
        code: formats.weekday(_A_MONDAY + timedelta(days=n))
        for n, code in enumerate(WEEKDAYS)
    }


def said(rule: str, formats: Formats, say: Callable[..., str]) -> str:
    """A rule in words; one that has none is shown as it is."""
    form = RuleForm.of(rule)
    match form.repeat:
        case Repeat.DAILY:
            return say(N_("Setiap hari"))
        case Repeat.WEEKLY:
            names = weekdays(formats)
            chosen = ", ".join(names.get(one, one) for one in form.weekdays)
            return say(N_("Setiap %(days)s"), days=chosen)
        case Repeat.MONTHLY:
            return say(N_("Setiap tanggal %(day)s"), day=form.day)
        case Repeat.OWN:
            return rule
