"""The role of the active clock: one process has it, by a lease row, on both databases.

Nothing depends on it for being right; claims and leases of the rows do. It keeps two
machines from doing the same looks twice.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from models.clock import TickRow
from models.database import StorageFailed
from models.problems import Problem
from models.scope import SystemScope
from pipeline.unit import Now, Store

ROLE = "clock"
LEASE = timedelta(seconds=30)
BEAT = timedelta(seconds=10)
TICKS_EVERY = timedelta(seconds=30)  # at most one write of a task's row
SCOPE = SystemScope("clock")

log = structlog.get_logger(__name__)


class DueTicks:
    """Which last runs of tasks are worth a write now.

    Args:
        runs: the last run of each task.
    """

    def __init__(self, runs: Callable[[], Sequence[TickRow]]) -> None:
        self._runs = runs
        self._written: dict[str, TickRow] = {}

    def due(self) -> list[TickRow]:
        """New ones, changed for better or worse, or written long enough ago."""
        return [tick for tick in self._runs() if self._is_due(tick)]

    def wrote(self, ticks: Sequence[TickRow]) -> None:
        """They stand in the database now."""
        self._written |= {tick.task: tick for tick in ticks}

    def _is_due(self, tick: TickRow) -> bool:
        before = self._written.get(tick.task)
        if before is None or before.problem is not tick.problem:
            return True
        return abs(tick.started_at - before.started_at) >= TICKS_EVERY


class Heart:
    """Holds the role, and writes down when each task last ran.

    Args:
        store: the database.
        now: the wall clock.
        ticks: the last run of each task.
        on_beat: called at every beat, after the lease.
    """

    def __init__(
        self,
        store: Store,
        now: Now,
        ticks: Callable[[], Sequence[TickRow]],
        on_beat: Callable[[], None],
        *,
        beat: timedelta = BEAT,
        lease: timedelta = LEASE,
    ) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.active = False
        self.problem: Problem | None = None
        self.active_since: datetime | None = None
        self._store = store
        self._now = now
        self._ticks = ticks
        self._due = DueTicks(ticks)
        self._on_beat = on_beat
        self._beat_every = beat
        self._lease = lease
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._live, name="heart", daemon=True)

    def start(self) -> None:
        """Take the role if it is free, and keep asking for it."""
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """Give the role back, so that another process can begin at once."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5)
        if not self.active:
            return
        self.active = False
        try:
            with self._store.write(SCOPE) as work:
                work.clockwork.write_ticks(list(self._ticks()))
                work.clockwork.give_back(ROLE, self.holder, self._now())
        except StorageFailed as error:  # the lease ends by itself
            log.warning("clock_not_given_back", problem=error.problem.value)

    def _live(self) -> None:
        while not self._stopping.wait(self._beat_every.total_seconds()):
            self._beat()

    def _beat(self) -> None:
        try:
            held = self._hold()
        except StorageFailed as error:
            if self.problem is not error.problem:
                log.error(  # noqa: TRY400 - the cause is said; no trace is needed
                    "storage_failed", task=ROLE, problem=error.problem.value,
                    detail=error.detail,
                )  # fmt: skip
            self.problem = error.problem
        except Exception:  # the edge of the thread: the next beat tries again
            log.exception("beat_failed")
        else:
            self.problem = None
            if held and not self.active:
                self.active_since = self._now()
                log.info("clock_active", holder=self.holder)
            elif self.active and not held:
                log.warning("clock_taken_over", holder=self.holder)
            self.active = held
        try:
            self._on_beat()
        except Exception:  # this thread must live: it holds the role
            log.exception("on_beat_failed")

    def _hold(self) -> bool:
        now = self._now()
        with self._store.write(SCOPE) as work:
            held = work.clockwork.lease(ROLE, self.holder, now, self._lease)
            if not held:
                other = work.clockwork.holder(ROLE)
                if other is not None and is_dead(other.holder):
                    work.clockwork.give_back(ROLE, other.holder, now)
                    held = work.clockwork.lease(ROLE, self.holder, now, self._lease)
            due = self._due.due() if held else []
            work.clockwork.write_ticks(due)
        self._due.wrote(due)
        return held


def is_dead(holder: str) -> bool:
    """Whether a holder was a process of this machine that is no more."""
    host, _, rest = holder.partition(":")
    pid = rest.partition(":")[0]
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
