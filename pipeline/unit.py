"""One unit of work: a transaction with its repositories, committed here only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.account import Accounts
from models.announcement import Announcements
from models.api_token import ApiTokens
from models.audit import Audit
from models.backup import Backups
from models.clock import Clockwork
from models.correction import Corrections
from models.countersign import Countersigns
from models.coverage import Coverage
from models.database import (
    Begin,
    close_returned,
    make_engine,
    open_session,
    storing,
)
from models.delivery import Deliveries
from models.documents import Documents
from models.event import Events
from models.hearing import Hearing
from models.idea import Ideas
from models.item import Items
from models.neighbours import Neighbours
from models.office import Offices
from models.override import Overrides
from models.page import Pages
from models.preflight import Preflights
from models.reading import Readings
from models.recipient import Recipients
from models.saved_query import SavedQueries
from models.schedule import Schedule
from models.scope import Scope
from models.series import SeriesRows
from models.signature import Signatures
from models.source import Sources
from models.stop import Stops
from models.subscription import Subscriptions
from models.suggestion_box import SuggestionBoxes
from models.token import Tokens
from models.turns import Turns
from models.video import Videos
from models.withdrawal import Withdrawals
from pipeline.queue import NextTick, Queue, TaskName

Now = Callable[[], datetime]


def now_utc() -> datetime:
    """The wall clock, aware and UTC."""
    return datetime.now(UTC)


class Work:
    """The repositories of one transaction."""

    def __init__(self, session: Session, queue: Queue | None = None) -> None:
        self.session = session
        self._queue = queue or NextTick()

    def enqueue(self, task: TaskName, dedupe: str | None = None) -> None:
        """Ask that ``task`` looks at the tables as soon as this unit is committed."""
        self._queue.enqueue(self.session, task, dedupe)

    @cached_property
    def offices(self) -> Offices:
        return Offices(self.session)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.session)

    @cached_property
    def tokens(self) -> Tokens:
        return Tokens(self.session)

    @cached_property
    def announcements(self) -> Announcements:
        return Announcements(self.session)

    @cached_property
    def signatures(self) -> Signatures:
        return Signatures(self.session)

    @cached_property
    def countersigns(self) -> Countersigns:
        return Countersigns(self.session)

    @cached_property
    def api_tokens(self) -> ApiTokens:
        return ApiTokens(self.session)

    @cached_property
    def videos(self) -> Videos:
        return Videos(self.session)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.session)

    @cached_property
    def turns(self) -> Turns:
        return Turns(self.session)

    @cached_property
    def corrections(self) -> Corrections:
        return Corrections(self.session)

    @cached_property
    def events(self) -> Events:
        return Events(self.session)

    @cached_property
    def preflights(self) -> Preflights:
        return Preflights(self.session)

    @cached_property
    def readings(self) -> Readings:
        return Readings(self.session)

    @cached_property
    def withdrawals(self) -> Withdrawals:
        return Withdrawals(self.session)

    @cached_property
    def recipients(self) -> Recipients:
        return Recipients(self.session)

    @cached_property
    def schedule(self) -> Schedule:
        return Schedule(self.session)

    @cached_property
    def series(self) -> SeriesRows:
        return SeriesRows(self.session)

    @cached_property
    def neighbours(self) -> Neighbours:
        return Neighbours(self.session)

    @cached_property
    def stops(self) -> Stops:
        return Stops(self.session)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.session)

    @cached_property
    def coverage(self) -> Coverage:
        return Coverage(self.session)

    @cached_property
    def pages(self) -> Pages:
        return Pages(self.session)

    @cached_property
    def documents(self) -> Documents:
        return Documents(self.session)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        return Subscriptions(self.session)

    @cached_property
    def hearing(self) -> Hearing:
        return Hearing(self.session)

    @cached_property
    def items(self) -> Items:
        return Items(self.session)

    @cached_property
    def ideas(self) -> Ideas:
        return Ideas(self.session)

    @cached_property
    def saved_queries(self) -> SavedQueries:
        return SavedQueries(self.session)

    @cached_property
    def suggestion_boxes(self) -> SuggestionBoxes:
        return SuggestionBoxes(self.session)

    @cached_property
    def overrides(self) -> Overrides:
        return Overrides(self.session)

    @cached_property
    def clockwork(self) -> Clockwork:
        return Clockwork(self.session)

    @cached_property
    def backups(self) -> Backups:
        return Backups(self.session)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self.session)


class Store:
    """The one database; every unit of work begins and ends here."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = make_engine(url)
        self.queue: Queue = NextTick()  # an engine puts its own here

    @contextmanager
    def read(self, scope: Scope) -> Iterator[Work]:
        """Look without writing; nothing is committed.

        Raises:
            StorageFailed: the database is locked, full or unreachable.
        """
        with storing(), open_session(self.engine, scope, Begin.READ) as session:
            yield Work(session, self.queue)

    @contextmanager
    def write(self, scope: Scope, *, durable: bool = False) -> Iterator[Work]:
        """Commit on leaving, roll back on an error.

        Args:
            durable: the commit must survive a power cut (an armed key).

        Raises:
            StorageFailed: nothing was stored.
        """
        begin = Begin.DURABLE if durable else Begin.WRITE
        with storing(), open_session(self.engine, scope, begin) as session:
            yield Work(session, self.queue)
            session.commit()

    def close(self) -> None:
        """Release every connection; one that a thread holds, when it comes back."""
        close_returned(self.engine)
        self.engine.dispose()
