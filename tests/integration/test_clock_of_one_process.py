"""The clock: it looks, wakes when asked, survives trouble, and stops gracefully."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import time_machine

from config.settings import Settings
from pipeline.clock import Clock, WallClockWatch
from pipeline.lanes import Lane, Run
from pipeline.queue import Task, TaskName
from tests.conftest import NOW

HOUR = timedelta(hours=1)
SHORT = timedelta(milliseconds=50)


def until(met: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether it came true in time; looks often, and no longer than needed."""
    end = time.monotonic() + seconds
    wait = threading.Event()
    while not met():
        if time.monotonic() > end:
            return False
        wait.wait(0.01)
    return True


@dataclass
class Work:
    """What the tasks of a test do, by name, and how often they did it."""

    does: dict[TaskName, Callable[[], bool]] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    clock: Clock = None  # type: ignore[assignment]

    def step(self, lane: Lane) -> bool:
        self.clock.lanes.begin(lane, NOW)
        self.ran.append(lane.id)
        try:
            return self.does.get(lane.task, bool)()
        finally:
            self.clock.lanes.end(lane, Run(NOW, NOW))

    def count(self, task: TaskName) -> int:
        return sum(name.startswith(task.value) for name in self.ran)


@contextmanager
def ticking(work: Work, *tasks: Task[None], active: bool = True) -> Iterator[Clock]:
    clock = Clock(
        tasks,
        Settings(),
        work.step,
        lambda: active,
        lambda task, why: work.dropped.append((task, why)),
    )
    work.clock = clock
    clock.start()
    try:
        yield clock
    finally:
        clock.stop(5)


def task(name: TaskName, every: timedelta = HOUR, lanes: int = 1) -> Task[None]:
    return Task(name, lambda _s: every, lambda _e: False, lambda _s: lanes)


def test_every_task_looks_at_once_and_then_at_its_interval() -> None:
    work = Work()
    with ticking(work, task(TaskName.FETCH, SHORT), task(TaskName.HEAR)):
        assert until(lambda: work.count(TaskName.FETCH) >= 3)
        assert work.count(TaskName.HEAR) == 1


def test_a_task_that_is_asked_looks_at_once() -> None:
    work = Work()
    with ticking(work, task(TaskName.FETCH)) as clock:
        assert until(lambda: work.count(TaskName.FETCH) == 1)
        assert until(lambda: clock.lanes.all[0].began is None)
        clock.look(TaskName.FETCH)
        assert until(lambda: work.count(TaskName.FETCH) == 2)


def test_a_task_that_is_asked_while_it_runs_looks_again() -> None:
    inside, release = threading.Event(), threading.Event()

    def slow() -> bool:
        inside.set()
        return not release.wait(5)

    work = Work({TaskName.FETCH: slow})
    with ticking(work, task(TaskName.FETCH)) as clock:
        assert inside.wait(5)
        clock.look(TaskName.FETCH)
        clock.look(TaskName.FETCH)
        release.set()
        assert until(lambda: work.count(TaskName.FETCH) == 2)
        assert not until(lambda: work.count(TaskName.FETCH) > 2, 0.2)


def test_wishes_from_many_threads_are_never_lost() -> None:
    """Each wish is followed by a look that began after it."""
    rows, seen = [0], [0]

    def look() -> bool:
        seen[0] = rows[0]
        return False

    work = Work({TaskName.LABEL: look})
    with ticking(work, task(TaskName.LABEL)) as clock:
        for number in range(1, 60):
            rows[0] = number
            clock.look(TaskName.LABEL)
            assert until(lambda: seen[0] == rows[0]), number


def test_a_task_that_has_more_goes_on_at_once() -> None:
    left = [5]

    def some() -> bool:
        left[0] -= 1
        return left[0] > 0

    work = Work({TaskName.LABEL: some})
    with ticking(work, task(TaskName.LABEL)):
        assert until(lambda: left[0] == 0)


def test_a_hung_lane_holds_up_nothing_but_itself() -> None:
    release = threading.Event()
    hung = threading.Event()

    def first_hangs() -> bool:
        if not hung.is_set():
            hung.set()
            release.wait(10)
        return False

    work = Work({TaskName.FETCH: first_hangs})
    with ticking(work, task(TaskName.FETCH, SHORT, 2), task(TaskName.HEAR, SHORT)):
        assert until(lambda: work.count(TaskName.FETCH) >= 4)
        assert until(lambda: work.count(TaskName.HEAR) >= 3)
        assert until(lambda: ("fetch", "busy") in work.dropped)
        release.set()


def test_stopping_waits_for_what_runs_and_begins_nothing_new() -> None:
    inside, release = threading.Event(), threading.Event()

    def slow() -> bool:
        inside.set()
        release.wait(5)
        return True  # there would be more

    work = Work({TaskName.PUBLISH: slow})
    with ticking(work, task(TaskName.PUBLISH, SHORT)) as clock:
        assert inside.wait(5)
        assert not clock.stop(0.05)
        release.set()
        assert clock.stop(5)
        assert work.count(TaskName.PUBLISH) == 1


def test_a_standby_clock_does_nothing() -> None:
    work = Work()
    with ticking(work, task(TaskName.FETCH, SHORT), active=False):
        assert not until(lambda: bool(work.ran), 0.3)


def test_a_clock_that_is_set_back_or_forward_is_noticed() -> None:
    with time_machine.travel(NOW, tick=True) as traveller:
        watch = WallClockWatch()
        assert watch.jumped() == 0
        traveller.shift(-HOUR)
        assert round(watch.jumped()) == -3600
        assert watch.jumped() == 0
        traveller.shift(HOUR)
        assert round(watch.jumped()) == 3600


def test_after_a_jump_every_task_looks_at_once() -> None:
    work = Work()
    with ticking(work, task(TaskName.FETCH), task(TaskName.HEAR)) as clock:
        assert until(lambda: len(work.ran) == 2)
        clock.look_at_all()
        assert until(
            lambda: work.count(TaskName.FETCH) == work.count(TaskName.HEAR) == 2
        )
