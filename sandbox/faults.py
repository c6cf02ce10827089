"""What goes wrong on the wire, on order: wrong answers, lost answers, hangs, cuts."""

import random
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class FaultKind(StrEnum):
    """Where in the life of a request it goes wrong.

    "Accepted" means that the request did its work (the post stands).
    """

    ANSWER = "answer"  # this status at once; nothing is accepted
    ANSWER_AFTER = "answer_after"  # accepted, then this status all the same
    CUT = "cut"  # accepted, then the line is closed without an answer
    TRUNCATE = "truncate"  # accepted, then the line breaks inside the answer
    DRIP = "drip"  # accepted, then the answer comes byte by byte
    HANG = "hang"  # accepted, then never a word
    HANG_BEFORE = "hang_before"  # never accepted, never a word
    RESET_BEFORE = "reset_before"  # the line is reset before the request is looked at
    REFUSE = "refuse"  # the next connection is reset as soon as it is made


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault for the next ``times`` requests that fit ``method`` and ``path``.

    Args:
        kind: what goes wrong.
        path: a shell pattern over the path, such as ``/2/tweets`` or ``/berita/*``.
        method: ``POST``…; empty for any.
        times: how many requests it meets.
        status: for ``answer`` and ``answer_after``.
        headers: such as ``Retry-After``, for ``answer`` and ``answer_after``.
        body: text of that answer; None is the network's own error body.
        reset: ``cut`` and ``truncate`` reset the line instead of closing it.
        pause_ms: between two bytes of a ``drip``.
    """

    kind: FaultKind
    path: str = "*"
    method: str = ""
    times: int = 1
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    reset: bool = False
    pause_ms: float = 20

    def fits(self, method: str, path: str) -> bool:
        """Whether this request is one that it waits for."""
        if self.kind is FaultKind.REFUSE:
            return False
        return self.method in ("", method) and fnmatchcase(path, self.path)


class Faults:
    """Faults in the order they were asked for; the first that fits is used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: list[tuple[Fault, int]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._left.append((fault, fault.times))

    def clear(self) -> None:
        with self._lock:
            self._left.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """The faults that have not met all their requests yet."""
        with self._lock:
            return [asdict(fault) | {"times": left} for fault, left in self._left]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets."""
        return self._take(lambda fault: fault.fits(method, path))

    def take_connection(self) -> Fault | None:
        """The fault that a new connection meets."""
        return self._take(lambda fault: fault.kind is FaultKind.REFUSE)

    def _take(self, fits: Any) -> Fault | None:
        with self._lock:
            for place, (fault, left) in enumerate(self._left):
                if fits(fault):
                    if left <= 1:
                        del self._left[place]
                    else:
                        self._left[place] = (fault, left - 1)
                    return fault
        return None


@dataclass(slots=True)
class Hold:
    """Every answer to a write waits a random time between two bounds.

    Args:
        low_ms: shortest wait.
        high_ms: longest wait; 0 is no hold.
        store_first: whether the post stands at the beginning of the wait (the
            dangerous case: the sender may die before the answer) or at its end.
        seed: makes the waits repeatable.
    """

    low_ms: float = 0
    high_ms: float = 0
    store_first: bool = True
    seed: int = 1
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.low_ms <= self.high_ms:
            raise ValueError("a hold needs 0 <= low_ms <= high_ms")
        self._random = random.Random(self.seed)  # noqa: S311 - waits, not secrets

    def seconds(self, method: str) -> float:
        """How long this answer waits."""
        if method in ("GET", "HEAD") or self.high_ms <= 0:
            return 0
        return self._random.uniform(self.low_ms, self.high_ms) / 1000


@dataclass(slots=True)
class Received:
    """One request as it came in; ``status`` is None while, or if never, answered."""

    number: int
    at: datetime
    method: str
    path: str
    query: str
    headers: Mapping[str, str]  # lower-case names; without Authorization and Cookie
    status: int | None = None
    fault: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


class Log:
    """The requests received, newest last; the oldest are forgotten."""

    KEPT = 50_000

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._entries: deque[Received] = deque(maxlen=self.KEPT)
        self._count = 0

    def begin(
        self, method: str, path: str, query: str, headers: Mapping[str, str]
    ) -> Received:
        with self.changed:
            self._count += 1
            kept = {
                name: value
                for name, value in headers.items()
                if name not in ("authorization", "cookie")
            }
            now = datetime.now(UTC)
            entry = Received(self._count, now, method, path, query, kept)
            self._entries.append(entry)
            self.changed.notify_all()
            return entry

    def finish(self, entry: Received, status: int | None) -> None:
        with self.changed:
            entry.status = status
            self.changed.notify_all()

    def entries(self, method: str = "", path: str = "*") -> list[Received]:
        """The requests that fit, oldest first."""
        with self.changed:
            return [
                entry
                for entry in self._entries
                if method in ("", entry.method) and fnmatchcase(entry.path, path)
            ]

    def clear(self) -> None:
        with self.changed:
            self._entries.clear()
