"""The clock of many machines: it does nothing itself and lets workers look.

One is active by the lease row that also keeps ``kentongan run`` alone; the others stand
by. It takes away the jobs of dead workers.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

from config.settings import Settings
from models.database import StorageFailed
from models.scope import SystemScope
from pipeline.clock import Clock, WallClockWatch
from pipeline.engine import TASKS
from pipeline.heart import BEAT, LEASE, Heart
from pipeline.lanes import Lane
from pipeline.queue import Task, one
from pipeline.unit import Now, Store, now_utc

SCOPE = SystemScope("clock")

log = structlog.get_logger(__name__)


class Ticker:
    """Asks for a look of every task at its interval, while it is the active clock.

    Args:
        settings: the intervals.
        store: the database, with the queue that the workers listen to.
        reap: takes away what dead workers left in the queue.
        now: the wall clock.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        reap: Callable[[Store], int],
        now: Now = now_utc,
        *,
        beat: timedelta = BEAT,
        lease: timedelta = LEASE,
    ) -> None:
        self._store = store
        self._reap = reap
        self._watch = WallClockWatch()
        self._was_active = False
        tasks: list[Task[Any]] = [replace(task, lanes=one) for task in TASKS]
        self._clock = Clock(
            tasks, settings, self._ask, lambda: self._heart.active, self._dropped
        )
        self._heart = Heart(store, now, list, self._on_beat, beat=beat, lease=lease)

    @property
    def active(self) -> bool:
        """Whether this process is the active clock."""
        return self._heart.active

    def start(self) -> None:
        """Begin; returns at once."""
        self._heart.start()
        self._clock.start()

    def stop(self) -> None:
        """Tick no more, and let another clock begin at once."""
        self._clock.stop(timeout=10)
        self._heart.stop()

    def _ask(self, lane: Lane) -> bool:
        try:
            with self._store.write(SCOPE) as work:
                work.enqueue(lane.task)
        except StorageFailed as error:  # the heart says it aloud
            log.debug("tick_lost", task=lane.task.value, error=error.detail)
        return False

    def _on_beat(self) -> None:
        moved = self._watch.jumped()
        took_over = self._heart.active and not self._was_active
        self._was_active = self._heart.active
        if moved or took_over:
            self._clock.look_at_all()
        if self._heart.active:
            try:
                self._reap(self._store)
            except StorageFailed as error:
                log.debug("not_reaped", error=error.detail)

    @staticmethod
    def _dropped(task: str, why: str) -> None:
        log.debug("tick_dropped", task=task, why=why)
