"""The engine of one process: clock, workers, and what they do.

Every task is a named function in one table, :data:`TASKS`; what drives them (threads
here, or workers of a database queue) is not theirs to know.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from classifiers.base import Classifier
from config.keys import Vault
from config.memory import keep_for_good
from config.settings import Settings
from models.clock import TickRow
from models.database import StorageFailed
from models.problems import Problem
from models.source_values import LeaseLost
from networks.feed_parser import FeedParser
from networks.feed_values import ParserLimits
from networks.http import Http
from pipeline import wiring
from pipeline.addresses import Addresses
from pipeline.approving import expire_due
from pipeline.clients import Clients
from pipeline.clock import Clock, WallClockWatch
from pipeline.countersigning import report_missing
from pipeline.hearing import Collectors
from pipeline.heart import Heart
from pipeline.lanes import Lane, Run
from pipeline.ledger import Pace as LedgerPace
from pipeline.listening import Listening
from pipeline.looking_ahead import LookingAhead
from pipeline.metrics import Metrics
from pipeline.occurring import make_due
from pipeline.publishing import Publishing
from pipeline.queue import InProcess, NextTick, Task, TaskName
from pipeline.reading_back import ReadingBack
from pipeline.renewing import Renewing
from pipeline.reporting import make_due_reports
from pipeline.retaining import Retaining
from pipeline.takedown import Takedown
from pipeline.telling import Telling
from pipeline.understanding import Understanding
from pipeline.unit import Now, Store, now_utc

log = structlog.get_logger(__name__)

STOP_WITHIN = timedelta(seconds=30)
SWEEP_EVERY = timedelta(seconds=30)
REPORT_LOOK_EVERY = timedelta(minutes=1)
RENEW_LOOK_EVERY = timedelta(hours=1)  # for what is due once a day
NUMBERS_EVERY = timedelta(minutes=5)
PREFLIGHT_EVERY = timedelta(minutes=1)
EXPIRE_LOOK_EVERY = timedelta(minutes=1)
RETAIN_LOOK_EVERY = timedelta(hours=1)
SERIES_LOOK_EVERY = timedelta(minutes=15)
HEAR_LOOK_EVERY = timedelta(seconds=10)
LABEL_BATCH = 200
SILENT_INTERVALS = 3  # missed looks after which a task is called late
SILENT_AT_LEAST = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HealthLine:
    """How one part stands, for ``/healthz`` and the doctor.

    Attributes:
        name: "clock", or a task's name.
        ok: whether a person has nothing to do.
        said: a code: "active", "standby", "resting", "running", "hanging", "late",
            "failing", "not yet".
        since: when that began, or when it last ended.
    """

    name: str
    ok: bool
    said: str
    since: datetime | None = None
    problem: Problem | None = None


class Engine:
    """Runs everything that happens by itself in an installation.

    Args:
        settings: of the installation.
        store: the one database.
        vault: opens secrets.
        classifier: an engine or what loads one; None loads the one of the settings.
        collectors: opens clients for hearing; None takes the registry's networks.
        publishing: sends; None takes the registry's networks.
        now: the wall clock.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        vault: Vault,
        *,
        classifier: Classifier | Callable[[], Classifier] | None = None,
        collectors: Collectors | None = None,
        publishing: Publishing | None = None,
        now: Now = now_utc,
    ) -> None:
        self.settings = settings
        self.store = store
        self.now = now
        self.metrics = Metrics()
        self._clients = Clients(store, vault, settings, now=now)
        address = Addresses(settings.public_url, vault, now)
        self.publishing = publishing or Publishing(
            store,
            self._clients.publisher,
            lambda name: wiring.capabilities(name).settles_by,
            LedgerPace.of(settings),
            address=address,
        )
        self.reading_back = ReadingBack(store, self._clients.client)
        self.retaining = Retaining(store, vault)
        self.renewing = Renewing(store, vault, settings)
        self.takedown = Takedown(
            store, self._clients.publisher, LedgerPace.of(settings)
        )
        told = [name for name, wire in wiring.NETWORKS.items() if wire.told]
        self.telling = Telling(
            store, self._clients.publisher, told, LedgerPace.of(settings)
        )
        http, parser = Http(wiring.http_limits(settings)), _parser(settings)
        self.looking_ahead = LookingAhead(
            store, self._clients.fresh, http, address=address
        )
        hears = collectors or self._clients
        self.listening = Listening(
            store, vault, http, parser, hears, settings, self.metrics
        )
        self.understanding = Understanding(
            store, classifier or self._load_classifier, self.metrics
        )
        self._watch = WallClockWatch()
        self._clock = Clock(
            TASKS,
            settings,
            self._step,
            lambda: self._heart.active,
            lambda task, why: self.metrics.dropped.labels(task, why).inc(),
        )
        self._heart = Heart(store, now, self._clock.lanes.ticks, self._on_beat)
        self._was_active = False

    @property
    def alive(self) -> bool:
        """Whether this process is the active clock."""
        return self._heart.active

    def start(self) -> None:
        """Begin; returns at once. A second process waits until the first has gone."""
        self.store.queue = InProcess(self.wake)
        self._heart.start()
        self._clock.start()

    def stop(self, timeout: timedelta = STOP_WITHIN) -> bool:
        """Begin nothing new and let what runs end; whether it did within ``timeout``.

        What did not end keeps its lease; it is found again when that is over.
        """
        self.store.queue = NextTick()
        self.listening.stop()
        ended = self._clock.stop(timeout.total_seconds())
        self._heart.stop()
        if ended:
            self.listening.close()
            self._clients.close()
        else:
            log.warning("stopped_while_running")
        return ended

    def wake(self, task: TaskName) -> None:
        """Let a task look at its tables now."""
        self._clock.look(task)

    def work(self, task: TaskName) -> bool:
        """One piece of a task's work, in the caller's thread; True for maybe more.

        For a worker of another queue, where this process has no clock of its own. What
        fails is logged and kept as ever, and never raised.
        """
        lane = self._clock.lanes.take(task)
        try:
            return self._step(lane)
        finally:
            self._clock.lanes.leave(lane)

    def ticks(self) -> list[TickRow]:
        """The last run of every task in this process."""
        return self._clock.lanes.ticks()

    def healthy(self, now: datetime) -> list[HealthLine]:
        """How the clock and every task stand."""
        return [self._clock_line(), *(self._task_line(task, now) for task in TASKS)]

    def render_metrics(self) -> bytes:
        """Prometheus's text format.

        Raises:
            StorageFailed: the tables cannot be read.
        """
        ended = {
            task.name.value: run.ended_at
            for task in TASKS
            if (run := self._clock.lanes.last(task.name)) and run.ended_at
        }
        return self.metrics.render(self.store, self.now(), ended)

    # running a task

    def _step(self, lane: Lane) -> bool:
        """One piece of a task's work, with its trouble logged and kept."""
        task = BY_NAME[lane.task]
        started = self.now()
        self._clock.lanes.begin(lane, started)
        more, problem, detail, failed = False, None, "", False
        try:
            more = task.run(self)
        except LeaseLost as error:  # slow, not wrong: another worker has the row
            log.warning("lease_lost", task=task.name.value, what=str(error))
        except StorageFailed as error:
            problem, detail, failed = error.problem, error.detail, True
            if self._is_news(task.name, detail):
                log.error(  # noqa: TRY400 - the cause is said; no trace is needed
                    "storage_failed", task=task.name.value, problem=problem.value,
                    detail=detail,
                )  # fmt: skip
        except Exception as error:  # the edge of a job: the next tick tries again
            detail, failed = f"{type(error).__name__}: {error}", True
            if self._is_news(task.name, detail):
                log.exception("task_failed", task=task.name.value)
        run = Run(started, self.now(), problem, detail)
        took = self._clock.lanes.end(lane, run, failed=failed, worked=more)
        outcome = problem.value if problem else ("error" if failed else "ok")
        self.metrics.ran(task.name.value, took, outcome)
        return more and not failed

    def _is_news(self, task: TaskName, detail: str) -> bool:
        """Whether this is another trouble than that of the run before."""
        before = self._clock.lanes.failure(task)
        return before is None or before.detail != detail

    def _on_beat(self) -> None:
        moved = self._watch.jumped()
        if moved:
            log.warning("wall_clock_moved", seconds=round(moved))
        took_over = self._heart.active and not self._was_active
        self._was_active = self._heart.active
        if moved or took_over:
            self._clock.look_at_all()

    def _load_classifier(self) -> Classifier:
        from classifiers.engines import load

        began = time.monotonic()
        engine = load(self.settings.engine, threads=self.settings.model_threads)
        keep_for_good()
        took = round(time.monotonic() - began, 1)
        log.info("engine_loaded", version=engine.version, seconds=took)
        return engine

    # health

    def _clock_line(self) -> HealthLine:
        heart = self._heart
        said = "active" if heart.active else "standby"
        ok = heart.problem is None
        return HealthLine("clock", ok, said, heart.active_since, heart.problem)

    def _task_line(self, task: Task["Engine"], now: datetime) -> HealthLine:
        name, last = task.name.value, self._clock.lanes.last(task.name)
        longest = self._clock.lanes.longest(task.name)
        if longest > task.deadline:
            return HealthLine(name, ok=False, said="hanging", since=now - longest)
        if last is None:
            return HealthLine(name, ok=True, said="not yet")
        if last.problem is not None or last.detail:
            return HealthLine(name, False, "failing", last.ended_at, last.problem)
        if longest:
            return HealthLine(name, ok=True, said="running", since=now - longest)
        silence = now - (last.ended_at or last.started_at)
        patience = max(SILENT_INTERVALS * task.every(self.settings), SILENT_AT_LEAST)
        late = self._heart.active and silence > patience
        said = "late" if late else "resting"
        return HealthLine(name, not late, said, last.ended_at)


def _parser(settings: Settings) -> FeedParser:
    """Two parsing processes at most, so that a hung feed holds up half of them."""
    limits = ParserLimits(body_bytes=settings.max_body_mib * 1024 * 1024)
    return FeedParser(limits, workers=min(settings.fetch_threads, 2))


def _sweep(engine: Engine) -> bool:
    return engine.publishing.sweep(engine.now()) > 0


def _label(engine: Engine) -> bool:
    return engine.understanding.label_next(engine.now(), LABEL_BATCH) > 0


def _report(engine: Engine) -> bool:
    make_due_reports(engine.store, engine.settings, engine.now())
    return False


def _expire(engine: Engine) -> bool:
    expire_due(engine.store, engine.now())
    report_missing(engine.store, engine.now())
    return False


def _series(engine: Engine) -> bool:
    make_due(engine.store, engine.settings, engine.now())
    return False


TASKS: tuple[Task[Engine], ...] = (
    Task(
        TaskName.PUBLISH,
        every=lambda settings: settings.publish_every,
        run=lambda engine: engine.publishing.send_next(engine.now()),
        lanes=lambda settings: settings.publish_threads,
    ),
    Task(
        TaskName.SETTLE,
        every=lambda settings: settings.settle_every,
        run=lambda engine: engine.publishing.settle_next(engine.now()),
    ),
    Task(
        TaskName.SWEEP,
        every=lambda settings: min(SWEEP_EVERY, 3 * settings.publish_every),
        run=_sweep,
    ),
    Task(
        TaskName.WITHDRAW,
        every=lambda settings: settings.settle_every,
        run=lambda engine: engine.takedown.withdraw_next(engine.now()),
    ),
    Task(
        TaskName.PREFLIGHT,
        every=lambda _settings: PREFLIGHT_EVERY,
        run=lambda engine: engine.looking_ahead.next(engine.now()),
    ),
    Task(
        TaskName.TELL,
        every=lambda settings: settings.settle_every,
        run=lambda engine: engine.telling.tell_next(engine.now()),
    ),
    Task(
        TaskName.FETCH,
        every=lambda settings: settings.feeds_every,
        run=lambda engine: engine.listening.fetch_next(engine.now),
        lanes=lambda settings: settings.fetch_threads,
    ),
    Task(
        TaskName.PAGES,
        every=lambda settings: settings.feeds_every,
        run=lambda engine: engine.listening.read_next_page(engine.now),
    ),
    Task(
        TaskName.DELIVER,
        every=lambda settings: settings.feeds_every,
        run=lambda engine: engine.listening.deliver_documents(engine.now()) > 0,
    ),
    Task(
        TaskName.HEAR,
        every=lambda settings: min(settings.mentions_every, HEAR_LOOK_EVERY),
        run=lambda engine: engine.listening.hear_next(engine.now),
        lanes=lambda settings: min(settings.fetch_threads, 2),
    ),
    Task(
        TaskName.NUMBERS,
        every=lambda _settings: NUMBERS_EVERY,
        run=lambda engine: engine.reading_back.next(engine.now()),
    ),
    Task(
        TaskName.LABEL,
        every=lambda settings: settings.classify_every,
        run=_label,
    ),
    Task(
        TaskName.RENEW,
        every=lambda _settings: RENEW_LOOK_EVERY,
        run=lambda engine: engine.renewing.next(engine.now()),
    ),
    Task(
        TaskName.REPORT,
        every=lambda _settings: REPORT_LOOK_EVERY,
        run=_report,
    ),
    Task(
        TaskName.EXPIRE,
        every=lambda _settings: EXPIRE_LOOK_EVERY,
        run=_expire,
    ),
    Task(
        TaskName.RETAIN,
        every=lambda _settings: RETAIN_LOOK_EVERY,
        run=lambda engine: engine.retaining.next(engine.now()),
    ),
    Task(
        TaskName.SERIES,
        every=lambda _settings: SERIES_LOOK_EVERY,
        run=_series,
    ),
)
"""Everything that happens by itself; the queue of another machine runs the same."""

BY_NAME = {task.name: task for task in TASKS}
