"""What the queries of the morning page answer with: frozen values, no rows."""

from dataclasses import dataclass
from datetime import datetime

from models.labels import Sentiment, Service
from models.states import IdeaState


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` (included) until ``until`` (not), both aware."""

    since: datetime
    until: datetime

    def before(self) -> "Span":
        """The span of equal length that ends where this one begins."""
        return Span(self.since - (self.until - self.since), self.since)


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One announcement that went out, and on how many accounts."""

    announcement_id: int
    title: str
    accounts: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class SaidRow:
    """Counts of stories by sentiment; only sure ones of others stand in the three."""

    negative: int
    neutral: int
    positive: int
    unsure: int
    unread: int  # no model has read them yet
    copies: int
    own_releases: int  # our own text that came back, stories and copies


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """Stories about one service."""

    service: Service
    stories: int
    negative: int
    positive: int


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story that was copied; ``words`` is its title, else its text."""

    words: str
    copies: int
    sentiment: Sentiment | None  # None when not sure


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """How many wait, and since when the oldest does."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class IdeaRow:
    """An open idea and who wants it; ``unnamed`` evidence has no author."""

    idea_id: int
    title: str
    state: IdeaState
    people: int  # different authors
    unnamed: int
    recent: int  # evidence added within the span
    since: datetime  # of the last decision, else of the proposal


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One thing that is listened to, and when it last answered."""

    label: str
    last_data: datetime | None
    silent: bool
