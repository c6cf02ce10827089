"""Values of public sources: leased, left after a look, shown to an office."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.errors import KentonganError
from models.problems import Problem
from models.states import SourceHealth

SKEW = timedelta(minutes=5)
"""How far two machines' clocks may differ; beyond it a clock was set back."""

LONGEST_REST = timedelta(hours=24)
"""A host is never left alone for longer, so that a misconfigured server cannot stop a
feed; beyond it a clock was set back."""


class LeaseLost(KentonganError):
    """Another worker took over; what is not stored yet is left to it."""


@dataclass(frozen=True, slots=True)
class LeasedSource:
    """A source in the hands of one worker until its lease is over."""

    id: int
    token: str
    url: str
    host: str
    sealed_login: bytes | None
    timezone: str
    title: str
    etag: str
    last_modified: str
    body_hash: str
    health: SourceHealth
    failures: int
    succeeded_at: datetime | None  # None: its first answer is still to come
    new_at: datetime | None
    usual_gap: int | None  # seconds
    ttl_minutes: int | None
    moved_to: str
    moved_seen: int
    blocked_until: datetime | None  # of the whole host
    forbidden: int  # answers 403 in a row, of the whole host
    fetched_at: datetime | None = None
    next_check_at: datetime | None = None  # when this look was due
    reads_pages: bool = False  # the pages of its articles are read too


@dataclass(frozen=True, slots=True)
class SourceAfter:
    """What a source is after a look at it; the names are its columns."""

    next_check_at: datetime
    fetched_at: datetime
    health: SourceHealth
    problem: Problem | None
    problem_detail: str
    failures: int
    succeeded_at: datetime | None
    new_at: datetime | None
    etag: str
    last_modified: str
    body_hash: str
    title: str
    usual_gap: int | None
    ttl_minutes: int | None
    url: str
    host: str
    moved_to: str
    moved_seen: int


@dataclass(frozen=True, slots=True)
class HostAfter:
    """A host's manners after a call to it; None leaves them as they are."""

    host: str
    next_allowed_at: datetime | None = None
    blocked_until: datetime | None = None
    problem: Problem | None = None
    forbidden: int | None = None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as its office sees it."""

    id: int  # of the source
    label: str
    url: str
    title: str
    health: SourceHealth
    problem: Problem | None
    problem_detail: str
    failures: int
    next_check_at: datetime
    blocked_until: datetime | None  # of the whole host
    fetched_at: datetime | None
    succeeded_at: datetime | None
    new_at: datetime | None
    etag: str
    last_modified: str
    stopped_at: datetime | None  # by this office
    documents_waiting: bool  # something is stored that is no item yet
