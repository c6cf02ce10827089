"""The seam between what is done and what drives it.

What is due is a row; a queue only says "look now", and losing that loses nothing,
because every task also looks at its interval. Task functions do not know which adapter
drives them: threads of this process (``pipeline.clock``), or workers elsewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from config.settings import Settings

E_contra = TypeVar("E_contra", contravariant=True)

LONGEST_RUN = timedelta(minutes=5)


class TaskName(StrEnum):
    """Every periodic task; the key of its tick row and of ``work.enqueue``."""

    PUBLISH = "publish"
    SETTLE = "settle"
    SWEEP = "sweep"
    PREFLIGHT = "preflight"  # whether what is due soon could go
    TELL = "tell"  # the office's own programs of what became of deliveries
    WITHDRAW = "withdraw"  # takes down what people withdrew
    FETCH = "fetch"
    PAGES = "pages"  # of articles, where an office asked for them
    DELIVER = "deliver"  # stored documents become items
    HEAR = "hear"
    NUMBERS = "numbers"  # what the public did with posts
    LABEL = "label"
    REPORT = "report"
    RENEW = "renew"  # tokens that end by themselves
    EXPIRE = "expire"  # what nobody decided in time
    RETAIN = "retain"  # what was kept for long enough goes
    SERIES = "series"  # approved series become announcements


def one(_settings: Settings) -> int:
    """A single lane."""
    return 1


@dataclass(frozen=True, slots=True)
class Task(Generic[E_contra]):
    """A named function that looks at the tables and does what is due.

    Attributes:
        name: see :class:`TaskName`.
        every: how often it looks by itself.
        run: does one piece of work, given the engine; True when there may be more.
        lanes: how many run side by side, each doing pieces of its own.
        deadline: a run that lasts longer is shown as hanging.
    """

    name: TaskName
    every: Callable[[Settings], timedelta]
    run: Callable[[E_contra], bool]
    lanes: Callable[[Settings], int] = one
    deadline: timedelta = LONGEST_RUN

    @property
    def alone(self) -> bool:
        """Whether only one may do it at a time, on all machines together."""
        return self.lanes is one


class Queue(Protocol):
    """Takes wishes that a task looks soon; an adapter for each way to run tasks."""

    def enqueue(
        self, session: Session, task: TaskName, dedupe: str | None = None
    ) -> None:
        """Ask for a look once ``session`` has committed; nothing if it rolls back.

        Args:
            session: the unit of work that made something due.
            task: which one.
            dedupe: wishes with the same mark that wait together count once.
        """
        ...


class NextTick:
    """The queue of a process without workers: the next tick of another one looks."""

    def enqueue(
        self, session: Session, task: TaskName, dedupe: str | None = None
    ) -> None:
        """Leave it to the interval."""


class InProcess:
    """Wakes the threads of this process after the commit; keeps nothing.

    One wish is as good as many: a task that looks takes all there is, so that
    ``dedupe`` has nothing to add here.
    """

    def __init__(self, look: Callable[[TaskName], None]) -> None:
        self._look = look

    def enqueue(
        self,
        session: Session,
        task: TaskName,
        dedupe: str | None = None,  # noqa: ARG002
    ) -> None:
        """Look when, and only when, the unit is committed."""

        def committed(_session: Session) -> None:
            self._look(task)

        event.listen(session, "after_commit", committed, once=True)
