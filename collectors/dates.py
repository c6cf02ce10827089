"""Dates as Indonesian newsrooms write them, read into aware UTC times.

A feed parser alone reads ``08:00 WIB`` as UTC, invents midnight for a date without
a time, and takes ``23-11-2026`` for the 20th of November 2023. So the raw string is
read here. The day stands before the month always, unless the year comes first; a
missing zone is the zone of the source; what cannot be read is ``None``, never "now".
"""

import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum

from collectors.date_words import MONTHS, WEEKDAYS, ZONES

LONGEST = 200  # characters looked at; a date is never longer
FIRST_PLAUSIBLE_YEAR = 1990  # 0001, 1900 and 1970 are how programs write "no date"


class Precision(StrEnum):
    """How exact a time is; the words stand in the database."""

    EXACT = ""
    MINUTE = "menit"
    HOUR = "jam"
    DAY = "hari"


class DateWarning(StrEnum):
    """What was odd about a date; counted per source."""

    UNREADABLE = "unreadable"
    IMPLAUSIBLE = "implausible"  # a year before any feed
    WEEKDAY_MISMATCH = "weekday_mismatch"  # the weekday is ignored
    TIME_UNREADABLE = "time_unreadable"  # the date alone is kept
    UNKNOWN_ZONE = "unknown_zone"  # the zone of the source is used


@dataclass(frozen=True, slots=True)
class ReadDate:
    """What a date string says.

    Attributes:
        at: aware UTC; for :attr:`Precision.DAY` the midnight that begins the day in
            the zone of the source; ``None`` when the string says nothing.
        precision: how exact ``at`` is.
        is_update: the string says "Diperbarui": a time of change, not of publication.
        warnings: what was odd, in the order found.
    """

    at: datetime | None
    precision: Precision = Precision.EXACT
    is_update: bool = False
    warnings: tuple[DateWarning, ...] = ()


def read_date(raw: str, *, zone: tzinfo, fetched_at: datetime) -> ReadDate:
    """Read one date string; rubbish gives ``at=None`` and a warning, never an error.

    Args:
        raw: as the source wrote it.
        zone: zone of the source, for strings that name none.
        fetched_at: aware; what "2 jam lalu" and "Kemarin" count from.

    Raises:
        ValueError: ``fetched_at`` is naive.
    """
    if fetched_at.tzinfo is None:
        raise ValueError("fetched_at must be aware")
    text = _tidy(raw)
    if not text:
        return ReadDate(None)
    prefix = _PREFIX.match(text)
    is_update = prefix is not None and prefix["update"] is not None
    body = text[prefix.end() :] if prefix else text
    try:
        read = _read(body, zone, fetched_at)
    except (ValueError, OverflowError):
        read = ReadDate(None, warnings=(DateWarning.UNREADABLE,))
    return replace(read, is_update=True) if is_update else read


def clamp_future(at: datetime | None, first_seen_at: datetime) -> datetime | None:
    """Hold a date of tomorrow or of 2035 down to when it was first seen.

    The caller keeps the string as it was written.
    """
    return None if at is None else min(at, first_seen_at)


def _tidy(raw: str) -> str:
    text = raw[:LONGEST]
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = text.translate(_TYPOGRAPHY)
    return " ".join(text.split())


_TYPOGRAPHY = str.maketrans(dict.fromkeys("’‘‛ʼ`´", "'") | dict.fromkeys("–—−", "-"))

_PREFIX = re.compile(
    r"\W*(?:(?:terakhir\s+|last\s+)?"
    r"(?P<update>di(?:per)?baha?rui|diper\w*rui|di-?update|updated?|pembaruan|perbaruan)"
    r"|di(?:publikasi|terbit|tayang|posting|unggah)\w*|terbit|tayang|publi\w+|posted)"
    r"\b(?:\s+(?:pada|on|at))?[\s:|,-]*",
    re.ASCII | re.IGNORECASE,
)


# ---------------------------------------------------------------- one whole string


def _read(text: str, zone: tzinfo, fetched_at: datetime) -> ReadDate:
    stamp = _EPOCH.fullmatch(text)
    if stamp:
        return _plausible(datetime.fromtimestamp(int(stamp[1]), UTC), ())
    for pattern in _DATES:
        found = pattern.search(text)
        if found:
            return _absolute(text, found, zone)
    return _relative(text, zone, fetched_at)


def _absolute(text: str, found: re.Match[str], zone: tzinfo) -> ReadDate:
    day = date(_year(found["y"]), _month(found["m"]), int(found["d"]))
    warnings = _weekday_warnings(text, day)
    clock = _clock(text[found.end() :]) or _clock(text[: found.start()])
    if clock is None or clock.hour is None:
        spoilt = clock is not None or _SPOILT_TIME.search(text[found.end() :])
        if spoilt:
            warnings += (DateWarning.TIME_UNREADABLE,)
        midnight = datetime.combine(day, time(), tzinfo=zone)
        return _plausible(midnight, warnings, Precision.DAY)
    offset, zone_warnings = _zone(text, clock, zone)
    return _plausible(clock.on(day, offset), warnings + zone_warnings)


def _plausible(
    at: datetime,
    warnings: tuple[DateWarning, ...],
    precision: Precision = Precision.EXACT,
) -> ReadDate:
    at = at.astimezone(UTC)
    if at.year < FIRST_PLAUSIBLE_YEAR:
        return ReadDate(None, warnings=(*warnings, DateWarning.IMPLAUSIBLE))
    return ReadDate(at, precision, warnings=warnings)


_NAME = "|".join(sorted(MONTHS, key=len, reverse=True))

_EPOCH = re.compile(r"([1-9]\d{9})(?:\d{3})?", re.ASCII)

_DATES = tuple(
    re.compile(pattern.replace("MONTH", _NAME), re.ASCII | re.IGNORECASE)
    for pattern in (
        # 2026-11-23, 2026/11/23; the time may follow after "T"
        r"(?<!\d)(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)",
        # 23 Nov 2026, 23-Nov-26, 23 November, 2026
        (
            r"(?<!\d)(?P<d>\d{1,2})[\s./-]+(?P<m>MONTH)\b[\s.,/-]*"
            r"(?P<y>\d{4}|\d{2}(?![:.]?\d))(?!\d)"
        ),
        # Nov 23, 2026
        r"\b(?P<m>MONTH)\.?\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?,\s*(?P<y>\d{4})(?!\d)",
        # Mon Nov 23 08:00:00 2026
        (
            r"\b(?P<m>MONTH)\s+(?P<d>\d{1,2})\s+(?=\d{1,2}:\d\d:\d\d\s)"
            r"(?=.*?\s(?P<y>\d{4})\s*$)"
        ),
        # 23/11/2026, 23-11-2026, 23.11.2026, 23/11/26
        (
            r"(?<![\d:.])(?P<d>\d{1,2})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)"
            r"(?P<y>\d{4}|(?<=[-/])\d{2})(?!\d)"
        ),
        # 20261123T080000Z
        r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?=T?\d{4}|$)",
    )
)


def _year(digits: str) -> int:
    """A two-digit year as RFC 2822 section 4.3 reads it."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if year < 50 else 1900)


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    return MONTHS[written.lower()]


_FIRST_WORD = re.compile(r"\W*([a-z][a-z']*)", re.ASCII | re.IGNORECASE)


def _weekday_warnings(text: str, day: date) -> tuple[DateWarning, ...]:
    word = _FIRST_WORD.match(text)
    weekday = WEEKDAYS.get(word[1].lower()) if word else None
    if weekday is None or weekday == day.weekday():
        return ()
    return (DateWarning.WEEKDAY_MISMATCH,)


# --------------------------------------------------------------- time of day, zone


@dataclass(frozen=True, slots=True)
class _Clock:
    """A time of day; ``hour`` is None when the digits are no time."""

    hour: int | None
    minute: int
    second: int
    zone: str  # the abbreviation behind it, as written
    offset: timedelta | None

    def on(self, day: date, zone: tzinfo) -> datetime:
        hour = self.hour or 0
        at = datetime.combine(day, time(hour % 24, self.minute, self.second), zone)
        return at + timedelta(days=hour // 24)


_TIME = re.compile(
    r"(?<![\d.:])(?P<h>\d{1,2})(?P<mark>[:.])(?P<min>\d{2})"
    r"(?:[:.](?P<s>\d{2})(?:[.,]\d+)?)?(?!\d)"
    r"(?:\s*(?P<half>[ap])\.?m\b\.?)?"
    r"(?:\s*\(?(?P<zone>[a-z]{1,5})\b)?"
    r"(?:\s*(?P<sign>[+-])(?P<oh>\d{1,2}):?(?P<om>\d{2})?(?![\d/.-]))?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT_TIME = re.compile(
    r"^T?(?P<h>\d{2})(?P<min>\d{2})(?P<s>\d{2})?(?P<half>(?!))?"
    r"(?P<zone>Z)?(?:(?P<sign>[+-])(?P<oh>\d{2}):?(?P<om>\d{2})?)?$",
    re.ASCII | re.IGNORECASE,
)
_SPOILT_TIME = re.compile(r"\d{1,2}[:.]\d", re.ASCII)
_LATEST_OFFSET = timedelta(hours=14)


def _clock(text: str) -> _Clock | None:
    found = _TIME.search(text) or _COMPACT_TIME.match(text)
    if found is None:
        return None
    hour, minute, second = int(found["h"]), int(found["min"]), int(found["s"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
    whole_day = hour == 24 and minute == second == 0
    valid = (hour < 24 or whole_day) and minute < 60 and second <= 60
    return _Clock(
        hour=hour if valid else None,
        minute=minute,
        second=min(second, 59),  # a leap second
        zone=found["zone"] or "",
        offset=_offset(found),
    )


def _offset(found: re.Match[str]) -> timedelta | None:
    if not found["sign"]:
        return None
    size = timedelta(hours=int(found["oh"]), minutes=int(found["om"] or 0))
    if size > _LATEST_OFFSET:
        return None
    return size if found["sign"] == "+" else -size


def _zone(
    text: str, clock: _Clock, zone: tzinfo
) -> tuple[tzinfo, tuple[DateWarning, ...]]:
    if clock.offset is not None:
        return timezone(clock.offset), ()
    hours = ZONES.get(clock.zone.upper())
    if hours is None:
        named = _INDONESIAN_ZONE.search(text)
        hours = ZONES[named[1].upper()] if named else None
    if hours is not None:
        return timezone(timedelta(hours=hours)), ()
    looks_like_one = len(clock.zone) > 1 and clock.zone.isupper()
    return zone, ((DateWarning.UNKNOWN_ZONE,) if looks_like_one else ())


_INDONESIAN_ZONE = re.compile(r"\b(WIB|WITA|WIT)\b", re.ASCII | re.IGNORECASE)


# --------------------------------------------------------------------- relative


def _relative(text: str, zone: tzinfo, fetched_at: datetime) -> ReadDate:
    if _JUST_NOW.search(text):
        return ReadDate(fetched_at.astimezone(UTC), Precision.MINUTE)
    ago = _AGO.search(text)
    if ago:
        return _before(fetched_at, ago, zone)
    named = _NAMED_DAY.search(text)
    if named is None:
        return ReadDate(None, warnings=(DateWarning.UNREADABLE,))
    clock = _clock(text[named.end() :])
    back = timedelta(days=0 if named["today"] else 1)
    if clock is None or clock.hour is None:
        day = fetched_at.astimezone(zone).date() - back
        return _plausible(datetime.combine(day, time(), zone), (), Precision.DAY)
    offset, warnings = _zone(text, clock, zone)
    day = fetched_at.astimezone(offset).date() - back
    return _plausible(clock.on(day, offset), warnings)


_JUST_NOW = re.compile(
    r"\b(?:baru\s*(?:saja|san)|just\s+now)\b", re.ASCII | re.IGNORECASE
)
_NAMED_DAY = re.compile(
    r"\b(?:(?P<today>hari\s+ini|today)|kemarin|kemaren|yesterday)\b",
    re.ASCII | re.IGNORECASE,
)
_AGO = re.compile(
    r"(?:(?P<count>\d{1,6})\s*|\b(?:se|an?\s+|satu\s+))"
    r"(?P<unit>detik|second|menit|minute|min|mnt|jam|hour|hari|day|minggu|pekan|week"
    r"|bulan|month|tahun|year)s?\s+(?:(?:yang|yg)\s+)?(?:lalu|silam|ago)\b",
    re.ASCII | re.IGNORECASE,
)
_UNITS = {
    name: (size, precision)
    for names, size, precision in (
        ("detik second", timedelta(seconds=1), Precision.MINUTE),
        ("menit minute min mnt", timedelta(minutes=1), Precision.MINUTE),
        ("jam hour", timedelta(hours=1), Precision.HOUR),
        ("hari day", timedelta(days=1), Precision.DAY),
        ("minggu pekan week", timedelta(days=7), Precision.DAY),
        ("bulan month", timedelta(days=30), Precision.DAY),
        ("tahun year", timedelta(days=365), Precision.DAY),
    )
    for name in names.split()
}


def _before(fetched_at: datetime, ago: re.Match[str], zone: tzinfo) -> ReadDate:
    size, precision = _UNITS[ago["unit"].lower()]
    at = fetched_at - size * int(ago["count"] or 1)
    if precision is Precision.DAY:
        at = datetime.combine(at.astimezone(zone).date(), time(), zone)
    return _plausible(at, (), precision)
