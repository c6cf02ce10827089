"""Times, numbers and money as people read them, in both languages.

Indonesian: ``Sen, 23 Nov 2026 08.00 WIB``, ``1.234``, ``84,12``, ``Rp 80.000``,
``31 %``. English: ``Mon, 23 Nov 2026 08.00 WIB``, ``1,234``, ``84.12``. Money and
percent carry a no-break space.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.words import DEFAULT

_DAYS = {
    "id": ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = {
    "id": [
        *("Jan", "Feb", "Mar", "Apr", "Mei", "Jun"),
        *("Jul", "Agu", "Sep", "Okt", "Nov", "Des"),
    ],
    "en": [
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
        *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    ],
}
_LONG_MONTHS = {
    "id": [
        *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
        *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
    ],
    "en": [
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ],
}
_RELATIVE = {
    "id": ("baru saja", "{} menit lalu", "{} jam lalu", "kemarin"),
    "en": ("just now", "{} min ago", "{} h ago", "yesterday"),
}
_SPANS = {
    "id": ("kurang dari 1 menit", "{} menit", "{} jam", "{} hari"),
    "en": ("less than 1 min", "{} min", "{} h", "{} d"),
}
_ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class Formats:
    """How one reader in one zone reads times and numbers."""

    language: str
    zone: ZoneInfo

    @property
    def _key(self) -> str:
        return self.language if self.language in _DAYS else DEFAULT

    @property
    def zone_name(self) -> str:
        """WIB, WITA or WIT; elsewhere the zone's own name."""
        return _ZONES.get(self.zone.key, self.zone.key)

    def local(self, at: datetime) -> datetime:
        """The same moment on the wall of the office; refuses a naive time."""
        if at.tzinfo is None:
            raise ValueError(f"naive time {at!r}")
        return at.astimezone(self.zone)

    def day_of(self, at: datetime) -> date:
        """The office's calendar day of a moment."""
        return self.local(at).date()

    def start_of(self, day: date) -> datetime:
        """The moment a calendar day begins at the office."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def moment(self, at: datetime) -> str:
        """``Sen, 23 Nov 2026 08.00 WIB``."""
        return f"{self.day(self.day_of(at))} {self.clock(at)} {self.zone_name}"

    def day(self, day: date) -> str:
        """``Sen, 23 Nov 2026``."""
        return f"{self.short_day(day)} {day.year}"

    def short_day(self, day: date) -> str:
        """``Sen, 23 Nov``."""
        name = _DAYS[self._key][day.weekday()]
        return f"{name}, {day.day} {_MONTHS[self._key][day.month - 1]}"

    def month(self, day: date) -> str:
        """``November 2026``."""
        return f"{_LONG_MONTHS[self._key][day.month - 1]} {day.year}"

    def days(self, first: date, last: date) -> str:
        """``23–29 Nov 2026``, ``30 Nov – 6 Des 2026``; both years if they differ."""
        months = _MONTHS[self._key]
        end = f"{last.day} {months[last.month - 1]} {last.year}"
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{end}"
        begin = f"{first.day} {months[first.month - 1]}"
        if first.year != last.year:
            begin += f" {first.year}"
        return f"{begin} – {end}"

    def weekday(self, day: date) -> str:
        """``Sen``."""
        return _DAYS[self._key][day.weekday()]

    def clock(self, at: datetime) -> str:
        """``08.00``."""
        return self.local(at).strftime("%H.%M")

    def ago(self, at: datetime, now: datetime) -> str:
        """``baru saja``, ``5 menit lalu``, ``2 jam lalu``, ``kemarin 16.20``, date."""
        just, minutes, hours, yesterday = _RELATIVE[self._key]
        passed = now - at
        if passed < timedelta(minutes=1):
            return just
        if passed < timedelta(hours=1):
            return minutes.format(passed // timedelta(minutes=1))
        if passed < timedelta(hours=12) or self.day_of(at) == self.day_of(now):
            return hours.format(passed // timedelta(hours=1))
        if self.day_of(at) == self.day_of(now) - timedelta(days=1):
            return f"{yesterday} {self.clock(at)}"
        return f"{self.short_day(self.day_of(at))} {self.clock(at)}"

    def near(self, at: datetime, now: datetime) -> str:
        """``08.00`` today, else ``Sen, 23 Nov 08.00``."""
        if self.day_of(at) == self.day_of(now):
            return self.clock(at)
        return f"{self.short_day(self.day_of(at))} {self.clock(at)}"

    def span(self, length: timedelta) -> str:
        """``kurang dari 1 menit``, ``40 menit``, ``5 jam``, ``2 hari``."""
        moment, minutes, hours, days = _SPANS[self._key]
        if length < timedelta(minutes=1):
            return moment
        if length < timedelta(hours=1):
            return minutes.format(length // timedelta(minutes=1))
        if length < timedelta(days=1):
            return hours.format(length // timedelta(hours=1))
        return days.format(length.days)

    def waited(self, length: timedelta) -> str:
        """As :meth:`span` for a small place: ``baru saja`` within the first minute."""
        if length < timedelta(minutes=1):
            return _RELATIVE[self._key][0]
        return self.span(length)

    def number(self, value: float, decimals: int = 0) -> str:
        """``1.234`` or, with decimals, ``84,12``; a true minus sign."""
        plain = f"{abs(value):,.{decimals}f}"
        if self._key == "id":
            plain = plain.translate(str.maketrans(",.", ".,"))
        return f"−{plain}" if value < 0 else plain

    def rupiah(self, amount: int) -> str:
        """``Rp 80.000``."""
        return f"Rp{_NBSP}{self.number(amount)}"

    def percent(self, share: float) -> str:
        """``31 %`` of a share between 0 and 1."""
        return f"{round(share * 100)}{_NBSP}%"

    def percent_range(self, low: float, high: float) -> str:
        """``27–35 %``."""
        return f"{round(low * 100)}–{round(high * 100)}{_NBSP}%"
