"""What a network can do, as data: read by the composer, the ledger, docs and tests."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from models.speech import Number


class CountBy(StrEnum):
    """How a network counts the length of a text."""

    GRAPHEMES = "graphemes"  # what a reader sees as one character
    WEIGHTED = "weighted"  # X: twitter-text weights after NFC
    EMOJI_BYTES = "emoji_bytes"  # Threads: an emoji counts its UTF-8 bytes
    UTF16 = "utf16"  # code units: what entities of Telegram are measured in


@dataclass(frozen=True, slots=True)
class TextLimit:
    """``longest`` in units of ``count_by``; every URL costs ``url_cost`` of them.

    A ``url_cost`` of 0: a URL is counted as it is written.
    """

    longest: int
    count_by: CountBy
    url_cost: int
    mentions_by_user_part: bool = False  # a remote @user@host counts as @user
    beside_picture: int | None = None  # another limit where a picture stands with it
    most_bytes: int = 0  # of the text in UTF-8; 0 where only ``longest`` counts


@dataclass(frozen=True, slots=True)
class MediaLimit:
    """Most pictures of a post, most bytes and pixels of one, longest alt text."""

    most: int
    image_bytes: int
    alt_text: int
    types: frozenset[str] = frozenset({"image/jpeg", "image/png"})
    alt_in_text: bool = False  # the network has no alt text: it stands below the text
    image_pixels: int = 50_000_000  # width times height


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read, and when (ISO date)."""

    address: str
    seen: str


class Sure(StrEnum):
    """How sure a fact is: where it was read, not how likely it is."""

    CONFIRMED = "C"  # in the network's own documentation or source code
    SECONDARY = "S"  # other programs, copies of pages
    TO_TEST = "T"


class VideoAlt(StrEnum):
    """Where the description of a video goes."""

    FIELD = "field"  # the network has a place for it
    IN_TEXT = "in_text"  # below the text, as for pictures
    NOWHERE = "nowhere"  # it stays with us, and its author is told


@dataclass(frozen=True, slots=True)
class VideoLimit:
    """What a network takes of the one video of a post, and who says so.

    Attributes:
        widest, narrowest: width through height.
        audio: codecs; a video without sound is taken everywhere.
    """

    most_bytes: int
    sure: Sure
    source: Source
    longest: timedelta
    shortest: timedelta = timedelta(milliseconds=1)
    longest_side: int = 4_096
    shortest_side: int = 1
    most_pixels: int = 4_096 * 4_096
    narrowest: float = 0.01
    widest: float = 100.0
    frame_rates: tuple[float, float] = (1.0, 120.0)
    video: frozenset[str] = frozenset({"h264"})
    audio: frozenset[str] = frozenset({"aac"})
    alt: VideoAlt = VideoAlt.FIELD


@dataclass(frozen=True, slots=True)
class Replay:
    """A repeat under the same key is answered with the first post, for ``within``."""

    within: timedelta


@dataclass(frozen=True, slots=True)
class LookUp:
    """A read tells whether the post stands: ``times`` reads, ``apart`` each."""

    times: int
    apart: timedelta


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The post's own record key is read: there it stands; absent it may be sent again.

    Writing again under the same key never makes a second post, so only what forbids the
    post itself (a stop, its window, its approval) makes a look wait: ``times`` looks,
    ``apart`` each, then it is held as any other.
    """

    times: int
    apart: timedelta
    within: timedelta | None = None  # life of the key since arming; None: for ever


Settling = Replay | LookUp | ReadBack
"""Ways to settle an uncertain delivery, in order; when all fail a person is asked."""


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether a post that stands can be changed or taken down, and who says so.

    Attributes:
        within: of the post's own time; None: at any time.
        by_hand: where the API cannot, a person can in the network's own app.
    """

    can: bool
    sure: Sure
    source: Source
    within: timedelta | None = None
    by_hand: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """Which numbers of a post a network tells, and of how many posts in one call."""

    tells: tuple[Number, ...]
    sure: Sure
    source: Source
    a_call: int = 1
    scopes: tuple[str, ...] = ()  # beside those for posting


@dataclass(frozen=True, slots=True)
class TokenLife:
    """A token that ends by itself, at a time that only the network knows.

    ``renews``: asking is enough to get another, once it is ``least_age`` old and while
    it lives; else only its end can be asked for.
    """

    renews: bool
    source: Source
    least_age: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Abilities and limits of one network; an instance's own limits replace some."""

    name: str  # code, e.g. "mastodon"
    title: str  # name for people
    icon: str  # name of the icon in the sprite, e.g. "brand-mastodon"
    text: TextLimit
    media: MediaLimit
    settles_by: tuple[Settling, ...]
    secrets: tuple[str, ...]  # names of the secrets that connect() needs
    needs_base_url: bool  # whether an account names its own instance
    source: Source
    edits: Ability
    deletes: Ability
    threads: bool = False
    replies: bool = False
    limits_at_connect: bool = False
    paid: bool = False
    public: bool = True  # what stands there, everybody may read
    hears: bool = True  # whether anything comes back: mentions, comments
    recipients: bool = False  # goes to each person of the account's own list
    address_form: str = "https://…"  # what an account's own address looks like
    scopes: tuple[str, ...] = ()
    needs_picture: bool = False  # no post of text alone
    fetches_pictures: bool = False  # from an address of ours that the public reaches
    told: bool = False  # hears what became of deliveries on other networks
    asked_by_writing: bool = False  # whether it works is seen by a write only
    pictures_in_call: bool = False  # nothing is uploaded before: the post brings them
    numbers: Counts | None = None  # None: it tells none
    token: TokenLife | None = None  # None: no end, or its client sees to it
    video: VideoLimit | None = None  # None: no video can be sent there
    shown: frozenset[str] = frozenset()  # of ``secrets``: may be read while typed
