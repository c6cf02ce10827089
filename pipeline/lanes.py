"""Lanes: what each thread of a task is doing, and how its last piece of work ended."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from models.clock import TickRow
from models.problems import Problem
from pipeline.queue import TaskName

REMEMBERED = timedelta(minutes=2)  # how long a failure is shown without another


@dataclass
class Lane:
    """One thread of one task.

    Attributes:
        again: somebody asked for a look since the last one began.
        began: monotonic seconds of the run at hand; None while it rests.
        taken: a worker of a database queue is using it.
    """

    task: TaskName
    number: int
    again: threading.Event = field(default_factory=threading.Event)
    began: float | None = None
    taken: bool = False

    @property
    def id(self) -> str:
        return f"{self.task.value}#{self.number}"


@dataclass(frozen=True, slots=True)
class Run:
    """The last run of a task, whichever lane had it."""

    started_at: datetime
    ended_at: datetime | None = None
    problem: Problem | None = None
    detail: str = ""


class Lanes:
    """All lanes of one process; safe to share by threads."""

    def __init__(self, wanted: dict[TaskName, int]) -> None:
        self._changed = threading.Condition()
        self._runs: dict[TaskName, Run] = {}
        self._failures: dict[TaskName, Run] = {}
        self.all = [
            Lane(task, number)
            for task, count in wanted.items()
            for number in range(count)
        ]

    def of(self, task: TaskName) -> list[Lane]:
        """The lanes of one task."""
        return [lane for lane in self.all if lane.task is task]

    def take(self, task: TaskName) -> Lane:
        """A lane that nobody has, for a worker whose threads are not a task's own."""
        with self._changed:
            lanes = self.of(task)
            lane = next((one for one in lanes if not one.taken), None)
            if lane is None:
                lane = Lane(task, len(lanes))
                self.all.append(lane)
            lane.taken = True
            return lane

    def leave(self, lane: Lane) -> None:
        """Let another have it."""
        with self._changed:
            lane.taken = False

    def begin(self, lane: Lane, now: datetime) -> None:
        """A piece of work begins."""
        with self._changed:
            lane.began = time.monotonic()
            self._runs[lane.task] = Run(now)

    def end(
        self, lane: Lane, run: Run, *, failed: bool = False, worked: bool = False
    ) -> float:
        """A piece of work ended; return the seconds it took.

        A failure stays visible until the task has done something well again, or has
        found nothing wrong for :data:`REMEMBERED`: to find nothing to do proves little,
        because what failed is still leased.
        """
        with self._changed:
            took = time.monotonic() - (lane.began or 0.0)
            lane.began = None
            self._runs[lane.task] = run
            before = self._failures.get(lane.task)
            if failed:
                self._failures[lane.task] = run
            elif worked or (before and run.started_at - before.started_at > REMEMBERED):
                self._failures.pop(lane.task, None)
            self._changed.notify_all()
            return took

    def wait_until_idle(self, timeout: float) -> bool:
        """Whether every lane rests, at the latest after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(
                lambda: all(lane.began is None for lane in self.all), timeout
            )

    def longest(self, task: TaskName) -> timedelta:
        """How long the longest run at hand of a task lasts already."""
        with self._changed:
            began = [lane.began for lane in self.of(task) if lane.began is not None]
        if not began:
            return timedelta()
        return timedelta(seconds=time.monotonic() - min(began))

    def last(self, task: TaskName) -> Run | None:
        """The last run; a failure stays until a run goes well."""
        with self._changed:
            return self._failures.get(task) or self._runs.get(task)

    def failure(self, task: TaskName) -> Run | None:
        """The trouble of a task that no good run has ended yet."""
        with self._changed:
            return self._failures.get(task)

    def ticks(self) -> list[TickRow]:
        """The last run of every task, as rows of ``ticks``."""
        with self._changed:
            runs = self._runs | self._failures
        return [
            TickRow(
                task.value, run.started_at, run.ended_at, run.problem, run.detail[:500]
            )
            for task, run in runs.items()
        ]
