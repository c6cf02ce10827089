"""Everything one running sandbox has: the networks, the news, the faults."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from fastapi import Request

from sandbox.bluesky_records import BlueskyRecords
from sandbox.faults import Faults, Hold, Log
from sandbox.news import Newsroom
from sandbox.rates import Allowance, Rates
from sandbox.store import Store

_X_WINDOW = timedelta(minutes=15)
X_WRITES = Allowance(100, _X_WINDOW)  # of posts, a user
X_READS = Allowance(900, _X_WINDOW)
X_MEDIA = Allowance(500, _X_WINDOW)
MASTODON_CALLS = Allowance(300, timedelta(minutes=5))
MASTODON_MEDIA = Allowance(30, timedelta(minutes=30))
TELEGRAM_WRITES = Allowance(20, timedelta(minutes=1))  # of messages, a chat
FACEBOOK_WRITES = Allowance(200, timedelta(hours=1))  # T
BLUESKY_LOGINS = Allowance(30, timedelta(minutes=5))
BLUESKY_WRITES = Allowance(1_666, timedelta(hours=1))
MIB = 1024 * 1024


@dataclass(slots=True)
class Rules:
    """Limits of the pretend networks; a test or a trainer may change them."""

    x_writes: Allowance = X_WRITES
    x_reads: Allowance = X_READS
    x_media: Allowance = X_MEDIA
    x_media_polls: int = 0  # looks at an X upload that still find it in progress
    x_duplicate_window: timedelta = timedelta(hours=24)
    mastodon_calls: Allowance = MASTODON_CALLS
    mastodon_media: Allowance = MASTODON_MEDIA
    bluesky_logins: Allowance = BLUESKY_LOGINS
    bluesky_writes: Allowance = BLUESKY_WRITES
    max_characters: int = 500  # of a Mastodon status
    characters_per_url: int = 23
    max_media: int = 4
    image_bytes: int = 16 * MIB
    image_pixels: int = 33_177_600
    description_limit: int = 1_500
    video_bytes: int = 103_809_024  # of a Mastodon instance
    video_pixels: int = 8_294_400
    video_polls: int = 1  # looks that still find a video in progress, anywhere
    media_polls: int = 0  # looks at a Mastodon picture that still find it in progress
    facebook_writes: Allowance = FACEBOOK_WRITES
    instagram_writes: Allowance = FACEBOOK_WRITES
    threads_writes: Allowance = FACEBOOK_WRITES
    threads_insights: bool = True  # whether the permission was given
    instagram_daily: int = 50  # posts in 24 hours
    threads_daily: int = 250
    container_polls: int = 0  # looks that still find a container in progress
    carousel_most: int = 20
    facebook_token_life: timedelta | None = None  # of a Page's token; None: for ever
    facebook_lacks: frozenset[str] = frozenset()  # permissions that were not given
    facebook_person: bool = False  # the token is a person's and not a Page's
    telegram_writes: Allowance = TELEGRAM_WRITES
    telegram_status: str = "administrator"  # of the bot in its channel
    telegram_may_post: bool = True
    telegram_group: bool = True  # whether the channel has a discussion group
    telegram_webhook: bool = False
    telegram_first_update: int = 700_000_000  # drawn anew after a week of silence


class Uploads:
    """Segments of X uploads that are not finalized yet."""

    def __init__(self) -> None:
        self._segments: dict[int, dict[int, bytes]] = {}

    def add(self, media_id: int, index: int, chunk: bytes) -> None:
        self._segments.setdefault(media_id, {})[index] = chunk

    def join(self, media_id: int) -> bytes | None:
        """The whole file, or None when a segment is missing."""
        segments = self._segments.get(media_id, {})
        if sorted(segments) != list(range(len(segments))):
            return None
        return b"".join(segments[index] for index in sorted(segments))

    def forget(self, media_id: int) -> None:
        self._segments.pop(media_id, None)


class Nonces:
    """Nonces of OAuth 1.0a; each may be used once."""

    KEPT = 10_000

    def __init__(self) -> None:
        self._seen: dict[str, None] = {}

    def first_use(self, nonce: str) -> bool:
        if not nonce or nonce in self._seen:
            return False
        self._seen[nonce] = None
        if len(self._seen) > self.KEPT:
            del self._seen[next(iter(self._seen))]
        return True


@dataclass(frozen=True, slots=True)
class GraphToken:
    """A long-lived token of Meta that was given for another."""

    account_id: int
    made_at: datetime
    ends_at: datetime


@dataclass(slots=True)
class Hooks:
    """What the receiver of webhooks knows: its keys, first answers, and events."""

    keys: list[str] = field(default_factory=list)
    answers: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class BlogPost:
    """One post of the pretend WordPress."""

    id: int
    slug: str
    title: str
    content: str
    status: str
    media: int  # 0 without a picture
    at: datetime


_RIGHTS = ("publish_posts", "upload_files", "delete_published_posts")


@dataclass(slots=True)
class Blog:
    """A pretend WordPress with one author."""

    user: str = "humas"
    password: str = "abcdEFGHijklMNOPqrstUVWX"  # noqa: S105 - of the sandbox
    rights: set[str] = field(default_factory=lambda: set(_RIGHTS))
    posts: list[BlogPost] = field(default_factory=list)
    media: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    last_id: int = 10
    deleted: bool = False  # the author is no user of the site any more
    revoked: bool = False  # its application password was taken back

    def next_id(self) -> int:
        """Posts and files share their numbers, as in WordPress."""
        self.last_id += 1
        return self.last_id


@dataclass(slots=True)
class World:
    """One sandbox; ``url`` is its own address without a slash at the end."""

    url: str = "http://127.0.0.1"
    dashboard_url: str = ""
    store: Store = field(default_factory=Store)
    newsroom: Newsroom = field(default_factory=Newsroom)
    faults: Faults = field(default_factory=Faults)
    hold: Hold = field(default_factory=Hold)
    log: Log = field(default_factory=Log)
    rates: Rates = field(default_factory=Rates)
    rules: Rules = field(default_factory=Rules)
    uploads: Uploads = field(default_factory=Uploads)
    nonces: Nonces = field(default_factory=Nonces)
    containers: dict[int, Any] = field(default_factory=dict)
    telegram_confirmed: dict[int, int] = field(default_factory=dict)  # by bot
    hooks: Hooks = field(default_factory=Hooks)
    graph_tokens: dict[str, GraphToken] = field(default_factory=dict, repr=False)
    blog: Blog = field(default_factory=Blog)
    bluesky: BlueskyRecords = field(default_factory=BlueskyRecords)
    sign_ins: Any = field(default=None, repr=False)  # of sandbox.sign_in
    closed: set[tuple[str, int]] = field(default_factory=set)  # accounts that are shut

    def reset(self) -> None:
        """Begin again, empty; the address and the clock stay."""
        self.store.clear()
        self.newsroom.clear()
        self.faults.clear()
        self.log.clear()
        self.rates.clear()
        self.bluesky.clear()
        self.rules = Rules()
        self.telegram_confirmed.clear()
        self.containers.clear()
        self.hold = Hold()
        self.hooks = Hooks()
        self.graph_tokens = {}
        self.blog = Blog()
        self.sign_ins = None
        self.closed.clear()


def world_of(request: Request) -> World:
    """The world that a request came into."""
    return cast("World", request.app.state.world)
