"""The chief's morning page as one frozen value, and its JSON both ways.

It holds no citizen's and no officer's name: quotes are masked and cut before they come
here, integrity and emergency items are counts. Shares carry their base and range.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from models.labels import Element, Sentiment, Service
from models.shares import Change, Share
from models.states import IdeaState

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Sent:
    """One announcement that went out, on ``accounts`` accounts."""

    title: str
    accounts: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """What the office told the public."""

    sent: tuple[Sent, ...]  # the earliest first
    refused: int
    missed: int
    withdrawn: int
    today: int  # announcements still to go out before the day ends


@dataclass(frozen=True, slots=True)
class Said:
    """Stories by sentiment; ``unsure`` and ``unread`` enter no share."""

    negative: int
    neutral: int
    positive: int
    unsure: int
    unread: int
    copies: int
    own_releases: int
    before: Share  # the negative share of the span before
    stories_before: int
    change: Change  # of the negative share

    @property
    def sure(self) -> int:
        return self.negative + self.neutral + self.positive

    def share(self, one: Sentiment) -> Share:
        """Of the sure stories."""
        counts = {
            Sentiment.NEGATIVE: self.negative,
            Sentiment.NEUTRAL: self.neutral,
            Sentiment.POSITIVE: self.positive,
        }
        return Share(counts[one], self.sure)

    @property
    def stories(self) -> int:
        return self.sure + self.unsure + self.unread


@dataclass(frozen=True, slots=True)
class ServiceCount:
    """Stories about one service."""

    service: Service
    stories: int
    negative: int
    positive: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story that was copied much; ``words`` are masked and cut."""

    words: str
    copies: int
    sentiment: Sentiment | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait, and since when the oldest does."""

    count: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One open idea: who wants it, in which state, and in whose words."""

    title: str
    state: IdeaState
    people: int  # different authors
    unnamed: int  # evidence without an author
    recent: int  # new evidence within the span
    since: datetime  # of the last decision, else of the proposal
    quotes: tuple[str, ...]  # masked and cut


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What citizens propose, the most wanted first."""

    open: tuple[Suggestion, ...]
    done: tuple[str, ...]  # titles carried out within the span
    loose: int  # new suggestions that belong to no idea yet


@dataclass(frozen=True, slots=True)
class ElementSignal:
    """Sure mentions of one service element; a signal, never a survey result."""

    element: Element
    negative: int
    positive: int
    change: Change  # of the negative share against the span before

    @property
    def n(self) -> int:
        return self.negative + self.positive

    @property
    def net(self) -> int:
        return self.positive - self.negative


@dataclass(frozen=True, slots=True)
class Signal:
    """Every element that was mentioned within ``days`` days."""

    days: int
    elements: tuple[ElementSignal, ...]


@dataclass(frozen=True, slots=True)
class SilentSource:
    """Something listened to that does not answer; ``last_data`` None: never did."""

    label: str
    last_data: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was listened to, and where the page knows nothing."""

    sources: int  # feeds and accounts together
    silent: tuple[SilentSource, ...]
    rehearsing: tuple[str, ...] = ()  # accounts whose posts do not leave

    @property
    def speaking(self) -> int:
        """How many of the sources answer."""
        return self.sources - len(self.silent)


class Matter(StrEnum):
    """What kind of decision is asked for, in order of weight."""

    EMERGENCY = "emergency"
    INTEGRITY = "integrity"
    UNCERTAIN_POSTS = "uncertain_posts"
    RECONNECT = "reconnect"
    APPROVALS = "approvals"
    IDEA = "idea"


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that waits for a word of a person."""

    matter: Matter
    count: int = 1  # people for an idea, else how many wait
    oldest: datetime | None = None
    subject: str = ""  # an idea's title, an account's name
    state: IdeaState | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything on the page; times are aware and UTC, ``day`` is local."""

    office: str
    zone: str  # IANA name
    day: date
    since: datetime
    until: datetime
    published: Published
    said: Said
    services: tuple[ServiceCount, ...]
    stories: tuple[Story, ...]
    unanswered: Waiting
    emergencies: Waiting
    integrity: Waiting
    suggestions: Suggestions
    signal: Signal
    coverage: Coverage
    decisions: tuple[Decision, ...]
    claims: Waiting = Waiting(0)  # pages made before had none

    @property
    def pressing(self) -> int:
        """How many cannot wait: emergencies, integrity cases and doubtful claims."""
        return self.emergencies.count + self.integrity.count + self.claims.count

    @property
    def unheard(self) -> bool:
        """Whether nothing was counted because nobody could be heard: no zero then."""
        return not self.said.stories and not self.coverage.speaking


def to_json(summary: Summary) -> str:
    """Write the numbers down as they stood."""
    return _codec().dump_json(summary).decode()


def from_json(text: str) -> Summary:
    """Read what :func:`to_json` wrote.

    Raises:
        ValueError: it is no summary.
    """
    return _codec().validate_json(text)


@cache
def _codec() -> "TypeAdapter[Summary]":
    from pydantic import TypeAdapter  # 60 ms, only when a page is read or made

    return TypeAdapter(Summary)
