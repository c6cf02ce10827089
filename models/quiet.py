"""Quiet hours: a part of every day in which an office does not speak unless it must."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, on the wall of the office; over midnight too."""

    start: time
    end: time

    def __post_init__(self) -> None:
        assert self.start != self.end, "a whole day is a stop"

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"

    def holds(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether ``at`` lies inside; the end does not."""
        clock = at.astimezone(zone).time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def ends(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The next end after ``at``."""
        local = at.astimezone(zone)
        today = datetime.combine(local.date(), self.end, zone)
        return today if local < today else today + timedelta(days=1)
