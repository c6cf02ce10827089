"""The in-process clock: interval jobs in threads that look at the tables.

APScheduler 3 in memory: never a job for a post, never a shared job store. Each task has
its own pool and lanes, so that one hung call holds up nothing but its own lane.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from config.settings import Settings
from pipeline.lanes import Lane, Lanes
from pipeline.queue import Task, TaskName

log = structlog.get_logger(__name__)

# It warns of every tick that finds its lane busy; those are counted in the metrics, and
# a lane that is busy for too long is shown as hanging.
logging.getLogger("apscheduler").setLevel(logging.ERROR)

Step = Callable[[Lane], bool]
"""One piece of a task's work; True when there may be more. Never raises."""


class Clock:
    """Runs tasks at their intervals, and at once when asked.

    Args:
        tasks: what to run.
        settings: intervals and numbers of lanes.
        step: does one piece of a task's work.
        may_run: asked before each piece; False while another process is the clock.
        dropped: told of a tick that found its task busy, or failed.
    """

    def __init__(
        self,
        tasks: Sequence[Task[Any]],
        settings: Settings,
        step: Step,
        may_run: Callable[[], bool],
        dropped: Callable[[str, str], None],
    ) -> None:
        self.lanes = Lanes({task.name: task.lanes(settings) for task in tasks})
        self._tasks = {task.name: task for task in tasks}
        self._settings = settings
        self._step = step
        self._may_run = may_run
        self._dropped = dropped
        self._stopping = False
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            jobstores={"default": MemoryJobStore()},
            executors={
                task.name.value: ThreadPoolExecutor(task.lanes(settings))
                for task in tasks
            },
            job_defaults={
                "misfire_grace_time": None,
                "coalesce": True,
                "max_instances": 1,
            },
        )

    def start(self) -> None:
        """Begin to tick; every task looks at once."""
        self._scheduler.add_listener(self._after_run, EVENT_JOB_EXECUTED)
        self._scheduler.add_listener(
            self._after_drop,
            EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES,
        )
        for lane in self.lanes.all:
            every = self._tasks[lane.task].every(self._settings)
            self._scheduler.add_job(
                self._turn,
                IntervalTrigger(seconds=max(every.total_seconds(), 0.05), timezone=UTC),
                args=[lane],
                id=lane.id,
                name=lane.id,
                executor=lane.task.value,
                next_run_time=datetime.now(UTC),
            )
        self._scheduler.start()

    def look(self, task: TaskName) -> None:
        """Let a task look now; one that runs looks again when it is done."""
        for lane in self.lanes.of(task):
            lane.again.set()
            if lane.began is None:
                self._hurry(lane)

    def look_at_all(self) -> None:
        """Let every task look now: after a jump of the wall clock, or a takeover."""
        for task in self._tasks:
            self.look(task)

    def stop(self, timeout: float) -> bool:
        """Begin nothing new, and wait for what runs; whether all of it ended."""
        self._stopping = True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        return self.lanes.wait_until_idle(timeout)

    def _turn(self, lane: Lane) -> None:
        """Do all there is, piece by piece."""
        while not self._stopping and self._may_run():
            lane.again.clear()
            more = self._step(lane)
            if not more and not lane.again.is_set():
                return

    def _hurry(self, lane: Lane) -> None:
        if self._stopping or not self._scheduler.running:
            return
        try:
            self._scheduler.modify_job(lane.id, next_run_time=datetime.now(UTC))
        except JobLookupError:
            return  # shut down in between

    def _after_run(self, event: Any) -> None:
        """A wish that came between the last look and the end of the run."""
        lane = self._lane(event.job_id)
        if lane is not None and lane.again.is_set() and self._may_run():
            self._hurry(lane)

    def _after_drop(self, event: Any) -> None:
        lane = self._lane(event.job_id)
        if lane is None:
            return
        why = {
            EVENT_JOB_ERROR: "error",
            EVENT_JOB_MISSED: "missed",
            EVENT_JOB_MAX_INSTANCES: "busy",
        }[event.code]
        self._dropped(lane.task.value, why)
        if event.code == EVENT_JOB_ERROR:
            log.error("job_failed", task=lane.task.value, error=str(event.exception))

    def _lane(self, job_id: str) -> Lane | None:
        return next((lane for lane in self.lanes.all if lane.id == job_id), None)


class WallClockWatch:
    """Notices when somebody sets the machine's clock: intervals would wait for hours.

    APScheduler compares times of the wall clock; set back an hour, it would sleep until
    that hour has passed again.
    """

    ALLOWED = 5.0  # seconds of drift between two looks

    def __init__(self) -> None:
        self._offset = self._now()

    def jumped(self) -> float:
        """Seconds the wall clock moved by itself since the last call; 0 for none."""
        offset = self._now()
        moved = offset - self._offset
        self._offset = offset
        return moved if abs(moved) > self.ALLOWED else 0.0

    @staticmethod
    def _now() -> float:
        return time.time() - time.monotonic()
