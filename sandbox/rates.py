"""How many requests an account may make in a window of time."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most ``limit`` requests in each ``window``."""

    limit: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account stands after a request was counted."""

    limit: int
    remaining: int
    reset: datetime
    allowed: bool


class Rates:
    """Counts requests in fixed windows; a window begins with its first request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[Hashable, tuple[datetime, int]] = {}

    def count(self, key: Hashable, allowance: Allowance, now: datetime) -> Standing:
        """Count one request of ``key`` and say whether it may go on."""
        with self._lock:
            start, used = self._windows.get(key, (now, 0))
            if now - start >= allowance.window:
                start, used = now, 0
            used += 1
            self._windows[key] = (start, used)
        return Standing(
            limit=allowance.limit,
            remaining=max(0, allowance.limit - used),
            reset=start + allowance.window,
            allowed=used <= allowance.limit,
        )

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()
