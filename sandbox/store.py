"""What the pretend networks remember: accounts, posts, pictures, notifications.

Everything lives in memory behind one lock; the server's loop and other threads use
the same store.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sandbox.films import sides_of
from sandbox.tallies import Tallies
from sandbox.tokens import fresh_tokens

MENTION = re.compile(r"(?<![\w@/])@(\w+)(?:@[\w.:-]+\w)?")
HASHTAG = re.compile(r"(?<![\w&/])#(\w*[^\W\d]\w*)")
X_EPOCH_MS = 1_288_834_974_657  # snowflake epoch of X, 2010-11-04

P = ParamSpec("P")
R = TypeVar("R")


class Network(StrEnum):
    """Which of the pretend networks an account or a post belongs to."""

    X = "x"
    MASTODON = "mastodon"
    TELEGRAM = "telegram"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    THREADS = "threads"
    BLUESKY = "bluesky"


TOLD_ON = (Network.X, Network.MASTODON)
"""Where the story of the demonstration happens."""


@dataclass(frozen=True, slots=True)
class Account:
    """A person or an office; ``secrets`` is empty for citizens, who need no API."""

    id: int
    network: Network
    handle: str
    name: str
    created_at: datetime
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """One uploaded file; ``polls_left`` looks are still answered "in progress"."""

    id: int
    network: Network
    owner_id: int
    media_type: str
    content: bytes = field(default=b"", repr=False)
    alt: str = ""
    width: int = 0
    height: int = 0
    total_bytes: int = 0
    finished: bool = True
    polls_left: int = 0
    broken: bool = False  # could not be processed
    post_id: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A post before it stands."""

    text: str
    media_ids: tuple[int, ...] = ()
    reply_to: int | None = None
    language: str = "id"
    visibility: str = "public"
    spoiler: str = ""
    sensitive: bool = False
    key: str = ""  # Idempotency-Key, where the network has one
    at: datetime | None = None  # aware; None is the store's now


@dataclass(frozen=True, slots=True)
class Post:
    """A post as its author wrote it; how it looks on the wire is the network's."""

    id: int
    network: Network
    author_id: int
    draft: Draft
    created_at: datetime
    conversation_id: int
    mentions: tuple[int, ...] = ()  # account ids, in order of appearance
    tags: tuple[str, ...] = ()  # as written, without #
    reply_author_id: int | None = None
    prefix: str = ""  # "@handle " that X puts before the text of a reply
    edited_at: datetime | None = None

    @property
    def text(self) -> str:
        return self.draft.text

    @property
    def media_ids(self) -> tuple[int, ...]:
        return self.draft.media_ids


@dataclass(frozen=True, slots=True)
class Notification:
    """What an account is told of: a mention, or a favourite of its post."""

    id: int
    account_id: int
    kind: str  # "mention", "favourite"
    from_id: int
    post_id: int
    created_at: datetime


def locked(
    method: Callable[Concatenate["Store", P], R],
) -> Callable[Concatenate["Store", P], R]:
    """Run a method of the store under its lock."""

    @wraps(method)
    def run(self: "Store", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.lock:
            return method(self, *args, **kwargs)

    return run


class Store:
    """The memory of the pretend networks. Safe to use from several threads."""

    KEY_LIFE = timedelta(hours=1)  # how long Mastodon keeps an Idempotency-Key

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)  # a post came or went
        self.offset = timedelta()  # moves the store's clock forward, for tests
        self.clear()

    @locked
    def clear(self) -> None:
        """Forget everything but the clock."""
        self.accounts: dict[int, Account] = {}
        self.posts: dict[int, Post] = {}
        self.deleted: dict[int, Post] = {}
        self.hidden: set[int] = set()
        self.versions: dict[int, list[Post]] = {}  # of edited posts, oldest first
        self.media: dict[int, Media] = {}
        self.notifications: list[Notification] = []
        self._keys: dict[tuple[int, str], tuple[int, datetime]] = {}
        self._last_id: Counter[Network | None] = Counter()
        self._last_note = 0
        self._answers: dict[int, list[int]] = {}  # by the post answered
        self._likes: Counter[int] = Counter()  # by post
        self.tallies = Tallies()  # what else is counted
        self._last_written: dict[int, datetime] = {}  # by author
        self._written: Counter[int] = Counter()  # posts that stand, by author

    def now(self) -> datetime:
        """The time on the pretend network, aware, UTC."""
        return datetime.now(UTC) + self.offset

    @locked
    def next_id(self, network: Network, at: datetime | None = None) -> int:
        """A new id in the network's own form, always larger than the one before.

        Networks that number alike share the counter: posts are kept by their ids alone,
        and two of one millisecond must both stand.
        """
        form = network if network in (Network.X, Network.TELEGRAM) else None
        ms = int((at or self.now()).timestamp() * 1000)
        fresh = (ms - X_EPOCH_MS) << 22 if network is Network.X else ms << 16
        if network is Network.TELEGRAM:  # messages are numbered one by one
            fresh = 0
        self._last_id[form] = max(fresh, self._last_id[form] + 1)
        return self._last_id[form]

    # accounts

    @locked
    def add_account(
        self, network: Network, handle: str, name: str = "", *, office: bool = False
    ) -> Account:
        """Open an account, or return the one with this handle.

        An office's account has secrets for the API; a citizen's gets them when it is
        asked for as an office later.
        """
        known = self.find_account(network, handle)
        if known and (known.secrets or not office):
            return known
        made = known or Account(
            id=self.next_id(network),
            network=network,
            handle=handle.lstrip("@"),
            name=name or handle.lstrip("@"),
            created_at=self.now(),
        )
        if office:
            made = replace(made, secrets=fresh_tokens(network.value, made.handle))
        self.accounts[made.id] = made
        return made

    @locked
    def find_account(self, network: Network, handle: str) -> Account | None:
        wanted = handle.lstrip("@").casefold()
        return next(
            (
                account
                for account in self.accounts.values()
                if account.network is network and account.handle.casefold() == wanted
            ),
            None,
        )

    @locked
    def by_secret(self, network: Network, name: str, value: str) -> Account | None:
        """The account whose secret ``name`` is ``value``."""
        return next(
            (
                account
                for account in self.accounts.values()
                if account.network is network and account.secrets.get(name) == value
            ),
            None,
        )

    @locked
    def offices(self) -> list[Account]:
        """Accounts that use the API: the stations."""
        return [account for account in self.accounts.values() if account.secrets]

    # posts

    @locked
    def publish(self, author: Account, draft: Draft) -> Post:
        """Let a post stand; a key used within the hour answers with the first post."""
        if draft.key and (first := self.post_of_key(author, draft.key)):
            return first
        at = draft.at or self.now()
        post_id = self.next_id(author.network, at)
        parent = self.posts.get(draft.reply_to) if draft.reply_to else None
        prefix = self._reply_prefix(author, parent, draft.text)
        post = Post(
            id=post_id,
            network=author.network,
            author_id=author.id,
            draft=draft,
            created_at=at,
            conversation_id=parent.conversation_id if parent else post_id,
            mentions=self._mentioned(author.network, prefix + draft.text),
            tags=tuple(dict.fromkeys(HASHTAG.findall(draft.text))),
            reply_author_id=parent.author_id if parent else None,
            prefix=prefix,
        )
        self.posts[post_id] = post
        self._written[author.id] += 1
        self._last_written[author.id] = at
        if draft.reply_to:
            self._answers.setdefault(draft.reply_to, []).append(post_id)
        if draft.key:
            self._keys[author.id, draft.key] = (post_id, self.now())
        for media_id in draft.media_ids:
            self.media[media_id] = replace(self.media[media_id], post_id=post_id)
        for account_id in post.mentions:
            self.notify(account_id, "mention", post)
        self.changed.notify_all()
        return post

    def post_of_key(self, author: Account, key: str) -> Post | None:
        post_id, since = self._keys.get((author.id, key), (0, self.now()))
        if self.now() - since >= self.KEY_LIFE:
            return None
        return self.posts.get(post_id)

    def _reply_prefix(self, author: Account, parent: Post | None, text: str) -> str:
        """X names the answered author before the text unless the text does."""
        if author.network is not Network.X or not parent:
            return ""
        answered = self.accounts[parent.author_id]
        named = {handle.casefold() for handle in MENTION.findall(text)}
        if answered.id == author.id or answered.handle.casefold() in named:
            return ""
        return f"@{answered.handle} "

    def _mentioned(self, network: Network, text: str) -> tuple[int, ...]:
        found = (self.find_account(network, name) for name in MENTION.findall(text))
        return tuple(dict.fromkeys(account.id for account in found if account))

    @locked
    def delete(self, post_id: int) -> Post | None:
        """Take a post down; return it, or None when there is none."""
        post = self.posts.pop(post_id, None)
        if post:
            self.deleted[post_id] = post
            self._written[post.author_id] -= 1
            self.notifications = [n for n in self.notifications if n.post_id != post_id]
            self.changed.notify_all()
        return post

    @locked
    def edit(self, post_id: int, draft: Draft) -> Post:
        """Give a post another text; who was named is not told again."""
        post = self.posts[post_id]
        self.versions.setdefault(post_id, [post]).append(
            edited := replace(
                post,
                draft=replace(draft, key=post.draft.key, reply_to=post.draft.reply_to),
                mentions=self._mentioned(post.network, draft.text),
                tags=tuple(dict.fromkeys(HASHTAG.findall(draft.text))),
                edited_at=self.now(),
            )
        )
        self.posts[post_id] = edited
        return edited

    @locked
    def hide(self, post_id: int, *, hidden: bool) -> None:
        """Hide an answer from those who read below a post, or show it again."""
        if hidden:
            self.hidden.add(post_id)
        else:
            self.hidden.discard(post_id)

    @locked
    def notify(self, account_id: int, kind: str, post: Post, from_id: int = 0) -> None:
        """Tell an account of something; nobody is told of their own doings."""
        by = from_id or post.author_id
        if by == account_id:
            return
        self._last_note += 1
        self._likes[post.id] += kind == "favourite"
        self.notifications.append(
            Notification(self._last_note, account_id, kind, by, post.id, self.now())
        )

    @locked
    def answers(self, post_id: int) -> list[Post]:
        """What directly answers a post, oldest first."""
        ids = self._answers.get(post_id, ())
        return [self.posts[each] for each in ids if each in self.posts]

    def last_written(self, account_id: int) -> datetime | None:
        """When an account last wrote."""
        return self._last_written.get(account_id)

    def written_by(self, account_id: int) -> int:
        """How many posts of an account stand."""
        return self._written[account_id]

    def likes(self, post_id: int) -> int:
        """How many like a post."""
        return self._likes[post_id] + self.tallies.of(post_id)["likes"]

    @locked
    def select(self, keep: Callable[[Post], bool]) -> list[Post]:
        """Posts that ``keep`` says yes to, newest first."""
        chosen = [post for post in self.posts.values() if keep(post)]
        return sorted(chosen, key=lambda post: post.id, reverse=True)

    # pictures

    @locked
    def add_media(self, owner: Account, media_type: str, /, **values: Any) -> Media:
        """Keep a file; its width and height are read from its own header."""
        content = values.get("content", b"")
        width, height = sides_of(content)
        media = Media(
            id=self.next_id(owner.network),
            network=owner.network,
            owner_id=owner.id,
            media_type=media_type,
            width=width,
            height=height,
            **values,
        )
        self.media[media.id] = media
        return media

    @locked
    def change_media(self, media_id: int, /, **values: Any) -> Media:
        """Replace fields of a file and keep it."""
        media = replace(self.media[media_id], **values)
        if "content" in values:
            width, height = sides_of(media.content)
            media = replace(media, width=width, height=height)
        self.media[media_id] = media
        return media

    @locked
    def media_of(self, ids: Iterable[int]) -> list[Media]:
        return [self.media[media_id] for media_id in ids if media_id in self.media]
