"""Values that cross the border to a network: what goes out, and what is heard."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

Gate = Callable[[], None]
"""The last look: called immediately before the bytes of a write leave this machine.

Raises :class:`models.errors.GateClosed` when the send must not happen.
"""


def open_gate() -> None:
    """The gate that always lets through, for previews on a sandbox and for tests."""


@dataclass(frozen=True, slots=True)
class Image:
    """One picture, already cleaned and fitted; ``content`` holds the bytes sent."""

    content: bytes = field(repr=False)
    media_type: str  # "image/jpeg", "image/png"
    sha256: str  # hex digest of ``content``
    alt: str  # description for those who cannot see it
    address: str = field(default="", repr=False)  # signed, for networks that fetch it

    @property
    def filename(self) -> str:
        return f"{self.sha256[:16]}.{self.media_type.rpartition('/')[2]}"

    @property
    def whole(self) -> bool:
        """Whether the bytes are those that the hash is of."""
        return hashlib.sha256(self.content).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What a video is, as its own file says."""

    size: int  # bytes
    milliseconds: int
    width: int  # as shown, in pixels
    height: int
    video: str  # codec: "h264", "hevc", …
    audio: str  # codec: "aac", …; empty without sound
    frame_rate: float  # frames a second

    @property
    def seconds(self) -> float:
        return self.milliseconds / 1000


def nothing_to_keep() -> None:
    """Nobody else waits for what is being sent."""


@dataclass(frozen=True, slots=True)
class Video:
    """One video without traces of where it was taken; never whole in memory.

    Attributes:
        pieces: opens it: its bytes in order, in pieces of a mebibyte.
        stay: called while a network works on it, so that the turn is not lost.
    """

    sha256: str  # hex digest of all pieces
    alt: str  # description for those who cannot see it
    facts: VideoFacts
    pieces: Callable[[], Iterator[bytes]] = field(repr=False, compare=False)
    stay: Callable[[], None] = field(default=nothing_to_keep, repr=False, compare=False)
    address: str = field(default="", repr=False)  # signed, for networks that fetch it

    media_type = "video/mp4"

    @property
    def filename(self) -> str:
        return f"{self.sha256[:16]}.mp4"

    def read_through(self) -> None:
        """Read all of it, for what is found on the way; raises as ``pieces`` does."""
        for _ in self.pieces():
            pass


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter goes to; personal data, so ``repr`` does not show it."""

    name: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One post, complete: what is compared, sent, replayed and looked up."""

    key: str  # derived from the delivery, the same for every attempt
    text: str
    media_ids: tuple[str, ...] = ()
    reply_to: str | None = None  # remote id of the post this one answers
    language: str = "id"  # BCP 47
    title: str = ""  # the headline, where a network has one beside the text
    to: Addressee | None = None  # where it goes to one person
    armed_at: datetime | None = None  # aware; when the intent was first committed
    record_key: str | None = None  # its own name on the network, kept before arming
    letter_number: str = ""  # nomor surat, which a press release shows
    images: tuple[Image, ...] = ()  # for networks that take them with the post alone
    video: Video | None = None  # in place of pictures


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a network holds of a post before anybody sees it; kept until it is sent."""

    media_ids: tuple[str, ...] = ()
    record_key: str | None = None  # None where a network lets nobody choose one


@dataclass(frozen=True, slots=True)
class Receipt:
    """The network's proof that a post stands."""

    remote_id: str
    url: str
    posted_at: datetime | None = None  # aware, the network's own clock


@dataclass(frozen=True, slots=True)
class Standing:
    """One post that stands, or one part of a thread, to be taken down."""

    key: str  # of the delivery, the same at every try
    receipt: Receipt
    title: str = ""
    asked_at: datetime | None = None  # aware; when a person withdrew it


class Number(StrEnum):
    """What the public did with a post, counted by its network."""

    VIEWS = "views"
    LIKES = "likes"
    REPOSTS = "reposts"
    QUOTES = "quotes"
    REPLIES = "replies"


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the public did with one post; None: the network does not tell that."""

    views: int | None = None
    likes: int | None = None
    reposts: int | None = None
    quotes: int | None = None
    replies: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What became of one delivery, for a program of the office; no person's data."""

    name: str  # "delivery.published", "delivery.failed", …
    delivery: str  # its key
    announcement: int
    network: str
    account: str
    title: str
    url: str
    at: datetime  # aware; when it came to stand so
    cause: str = ""  # code of a failure, as in ``models.problems``


@dataclass(frozen=True, slots=True)
class Utterance:
    """One thing said in public: a post, a comment, or an article of a feed."""

    remote_id: str  # the network's id; for feeds the identity of reference rule 2.4
    url: str
    text: str  # plain text, never markup
    title: str = ""
    author: str = ""  # public handle; stored as a salted pseudonym
    author_name: str = ""
    published_at: datetime | None = None  # aware; None when the source does not say
    published_raw: str = ""  # the date as the source wrote it
    precision: str = ""  # "", "hari", "jam", "menit": how exact published_at is
    updated_at: datetime | None = None
    in_reply_to: str | None = None  # remote id of the post it answers
    language: str = ""  # what the network says, a hint only
    via: str = ""  # the link of the aggregator it was found by


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer brought; stored in one transaction with ``next_cursor``.

    ``next_cursor`` is opaque to everyone but the collector that gave it.
    """

    items: tuple[Utterance, ...]
    next_cursor: str | None
