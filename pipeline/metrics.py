"""Numbers for Prometheus: what this process did, and how the tables stand."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from models.documents import Stored
from models.problems import Problem
from models.scope import SystemScope
from models.standing import Standing
from pipeline.unit import Store

OVERDUE_AFTER = timedelta(minutes=2)
_SCOPE = SystemScope("metrics")
_GOOD = "ok"


class Metrics:
    """Counters of one engine in a registry of its own; a :class:`pipeline.tally.Tally`.

    Labels are codes of ours: no handle, address or text of anybody.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.runs = self._counter("task_runs", "Runs of a task.", "task", "outcome")
        self.dropped = self._counter(
            "task_dropped", "Ticks that found the task busy or late.", "task", "why"
        )
        self.seconds = Histogram(
            "kentongan_task_seconds",
            "How long one piece of work took.",
            ["task"],
            registry=self.registry,
            buckets=(0.01, 0.05, 0.2, 1, 5, 20, 60, 180),
        )
        self.lag = self._gauge("tick_lag_seconds", "Since a task last ended.", "task")
        self.fetches = self._counter("fetches", "Looks at sources.", "outcome")
        self.fetch_seconds = Histogram(
            "kentongan_fetch_seconds",
            "One look at a source, with parsing and storing.",
            registry=self.registry,
            buckets=(0.1, 0.5, 1, 5, 20, 60),
        )
        self.documents = self._counter("documents", "Documents stored.", "what")
        self.items = self._counter("items", "Items added.", "way")
        self.turns = self._counter("hearings", "Turns of accounts.", "outcome")
        self.labels = self._counter("labels", "Items read by the model.")
        self.deliveries = self._gauge("deliveries", "Deliveries by state.", "state")
        self.overdue = self._gauge("deliveries_overdue", "Due and still not out.")
        self.unlabelled = self._gauge(
            "items_unlabelled", "Items no model has read, counted up to 10,000."
        )
        self.sources = self._gauge("sources", "Sources by health.", "health")

    # a tally

    def fetched(self, problem: Problem | None, stored: Stored, took: float) -> None:
        self.fetches.labels(_code(problem)).inc()
        self.fetch_seconds.observe(took)
        self.documents.labels("new").inc(stored.new)
        self.documents.labels("revised").inc(stored.revised)

    def delivered(self, items: int) -> None:
        self.items.labels("document").inc(items)

    def heard(self, problem: Problem | None, items: int) -> None:
        self.turns.labels(_code(problem)).inc()
        self.items.labels("mention").inc(items)

    def labelled(self, items: int) -> None:
        self.labels.inc(items)

    # a task

    def ran(self, task: str, seconds: float, outcome: str) -> None:
        """One run of a task ended; ``outcome`` is ``ok`` or a problem's code."""
        self.runs.labels(task, outcome).inc()
        self.seconds.labels(task).observe(seconds)

    def render(
        self, store: Store, now: datetime, ended: Mapping[str, datetime] | None = None
    ) -> bytes:
        """The exposition format, with the tables as they stand ``now``.

        Raises:
            StorageFailed: the tables cannot be read.
        """
        for task, at in (ended or {}).items():
            self.lag.labels(task).set((now - at).total_seconds())
        with store.read(_SCOPE) as work:
            standing = Standing(work.session)
            _fill(self.deliveries, standing.deliveries)
            _fill(self.sources, standing.sources)
            self.overdue.set(standing.overdue(now - OVERDUE_AFTER))
            self.unlabelled.set(standing.unlabelled())
        return generate_latest(self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"kentongan_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"kentongan_{name}", text, labels, registry=self.registry)


def _fill(gauge: Gauge, counts: Callable[[], Mapping[str, int]]) -> None:
    gauge.clear()
    for label, count in counts().items():
        gauge.labels(label).set(count)


def _code(problem: Problem | None) -> str:
    return _GOOD if problem is None else problem.value
