"""Bluesky, by plain calls (XRPC) on our guarded door.

The post's own name, its record key, is chosen here before anything is sent; the write
is ``putRecord``, which under one key never makes a second post.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from models.errors import Refused
from models.problems import Problem
from models.speech import (
    Gate,
    Image,
    Number,
    Numbers,
    Outgoing,
    Receipt,
    Video,
    open_gate,
)
from networks.base import AccountSecret, HttpLimits, Purse
from networks.bluesky_door import Ask, Xrpc
from networks.bluesky_records import (
    POSTS,
    Notice,
    Record,
    Uri,
    counts_of,
    embed_of,
    film_id,
    media_id,
    notice_of,
    record_of,
    tid,
    written,
)
from networks.bluesky_text import facets
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    Counts,
    LookUp,
    MediaLimit,
    ReadBack,
    Source,
    Sure,
    TextLimit,
    VideoLimit,
)
from networks.counting import must_fit
from networks.images import fitted, size_of
from networks.verdicts import Absent
from networks.wire import Body

NAME = "bluesky"
KIB = 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Bluesky",
    icon="brand-bluesky",
    text=TextLimit(
        longest=300,
        count_by=CountBy.GRAPHEMES,
        url_cost=0,  # an address counts as it is written
        most_bytes=3_000,
    ),
    # 1,000,000 bytes in the lexicon; another program takes 2,000,000: T, so less
    media=MediaLimit(most=4, image_bytes=976 * KIB, alt_text=2_000),
    # uploaded as any file; the network's own page says 100 MB and three minutes: T
    video=VideoLimit(
        most_bytes=50_000_000,
        longest=timedelta(minutes=3),
        sure=Sure.TO_TEST,
        source=Source("https://docs.bsky.app/docs/tutorials/video", seen="2026-11-24"),
    ),
    settles_by=(
        ReadBack(times=2, apart=timedelta(minutes=1)),
        LookUp(times=2, apart=timedelta(minutes=1)),
    ),
    secrets=("identifier", "app_password"),
    needs_base_url=False,
    edits=Ability(
        False,
        Sure.CONFIRMED,
        Source("https://docs.bsky.app/docs/advanced-guides/posts", seen="2026-11-24"),
        by_hand=False,
    ),
    deletes=Ability(
        True,
        Sure.CONFIRMED,
        Source(
            "https://docs.bsky.app/docs/api/com-atproto-repo-delete-record",
            seen="2026-11-24",
        ),
    ),
    source=Source(
        "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json",
        seen="2026-11-24",
    ),
    threads=True,
    replies=True,
    numbers=Counts(
        (Number.LIKES, Number.REPOSTS, Number.QUOTES, Number.REPLIES),
        Sure.CONFIRMED,
        Source(
            "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/getPosts.json",
            seen="2026-11-24",
        ),
        a_call=25,
    ),
    shown=frozenset({"identifier"}),
)

SITE = "https://bsky.app"
PAGE = 100  # the most a server gives at once
_PUT = "com.atproto.repo.putRecord"


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one account; asks nothing of the network yet.

    Args:
        account: ``base_url``, when set, is the account's own server or the sandbox.
        limits: times and sizes of every call.
        purse: not asked.

    Raises:
        Disconnected: a secret is missing or cannot be one.
    """
    return Client(account, limits)


class Client:
    """Speaks to one server as one account, in one session."""

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        named = account.base_url.rstrip("/")
        inner = urlsplit(named).netloc in limits.inner_hosts
        self._site = named if named and inner else SITE
        self._xrpc = Xrpc(account, limits, CAPABILITIES.secrets)
        self._dids: dict[str, str | None] = {}

    @property
    def capabilities(self) -> Capabilities:
        """What the network allows."""
        return CAPABILITIES

    def whoami(self) -> str:
        """Return the account's handle, without ``@``.

        Raises:
            Disconnected, TryLater: as named.
        """
        ask = Ask("GET", "com.atproto.server.getSession")
        return str(self._xrpc.call(ask, lambda told: told["handle"]))

    def close(self) -> None:
        """Release what the session holds."""
        self._xrpc.close()

    # out

    def name_post(self, at: datetime) -> str:
        """A record key that nobody has used."""
        return tid(at)

    def upload(self, image: Image) -> str:
        """Upload one picture and return it as a record will hold it.

        Nothing of it is public, so a lost answer is ``TryLater``.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        made = fitted(image, self.capabilities.media)
        width, height = size_of(made.content)
        ask = Ask(
            "POST",
            "com.atproto.repo.uploadBlob",
            content=made.content,
            media_type=made.media_type,
        )
        blob = self._xrpc.call(ask, lambda told: told["blob"])
        return media_id(made.alt, blob, width, height)

    def upload_video(self, video: Video) -> str:
        """Upload a video and return it as a record will hold it.

        It goes to the account's own server as any file; the network works on it once
        the post stands (the simple way of docs.bsky.app).

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        facts = video.facts
        ask = Ask(
            "POST",
            "com.atproto.repo.uploadBlob",
            content=Body(facts.size, video.pieces),
            media_type=video.media_type,
        )
        blob = self._xrpc.call(ask, lambda told: told["blob"])
        return film_id(video.alt, blob, facts.width, facts.height)

    def put_post(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write one post under its own record key; again, it is the same post.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        must_fit(outgoing.text, self.capabilities.text)
        at = outgoing.armed_at or datetime.now(UTC)
        did = self._xrpc.session().did
        body = {
            "repo": did,
            "collection": POSTS,
            "rkey": outgoing.record_key or tid(at, outgoing.key),
            "record": self._record(outgoing, at),
        }

        def read(told: Any) -> Receipt:
            uri = Uri.read(told["uri"])
            if not told["cid"] or uri.collection != POSTS:
                raise ValueError("no proof of a post")
            return self._receipt(uri, at)

        return self._xrpc.call(Ask("POST", _PUT, body=body), read, gate, publishes=True)

    def _record(self, outgoing: Outgoing, at: datetime) -> dict[str, Any]:
        record: dict[str, Any] = {
            "$type": POSTS,
            "text": outgoing.text,
            "createdAt": written(at),
            "langs": [outgoing.language],
            "facets": facets(outgoing.text, self._did_of),
            "embed": embed_of(outgoing.media_ids),
            "reply": self._answered(outgoing.reply_to),
        }
        return {name: value for name, value in record.items() if value}

    def _answered(self, uri: str | None) -> dict[str, Any] | None:
        """Both ends of the thread that a post answers in."""
        if uri is None:
            return None
        parent = self._any_record(uri)
        if parent is None:
            raise Refused(Problem.CONTENT_REFUSED, "the answered post is not there")
        strong = {"uri": parent.uri, "cid": parent.cid}
        return {"root": dict(parent.root or strong), "parent": strong}

    def _any_record(self, text: str) -> Record | None:
        """An own post from its own server, another's as the network shows it."""
        try:
            uri = Uri.read(text)
        except ValueError:
            return None
        if uri.repo == self._xrpc.session().did:
            return self._own_record(uri.key)
        ask = Ask("GET", "app.bsky.feed.getPosts", {"uris": [text]})
        found: list[Record] = self._xrpc.call(
            ask, lambda told: [record_of(raw) for raw in told["posts"]]
        )
        return found[0] if found else None

    def _did_of(self, handle: str) -> str | None:
        """Who is behind a handle; None when there is nobody."""
        if handle not in self._dids:
            ask = Ask(
                "GET", "com.atproto.identity.resolveHandle", {"handle": handle.lower()}
            )
            try:
                self._dids[handle] = self._xrpc.call(ask, lambda told: str(told["did"]))
            except Absent:
                self._dids[handle] = None
        return self._dids[handle]

    def delete(self, remote_id: str, gate: Gate = open_gate) -> None:
        """Take one of the account's own posts down; again, nothing more happens.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named.
        """
        body = {
            "repo": self._xrpc.session().did,
            "collection": POSTS,
            "rkey": Uri.read(remote_id).key,
        }
        ask = Ask("POST", "com.atproto.repo.deleteRecord", body=body)
        self._xrpc.call(ask, lambda _: None, gate, publishes=True)

    # in

    def own_post(self, record_key: str) -> Receipt | None:
        """Whether a post stands under this key; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        found = self._own_record(record_key)
        return None if found is None else self.receipt(found)

    def _own_record(self, record_key: str) -> Record | None:
        query = {
            "repo": self._xrpc.session().did,
            "collection": POSTS,
            "rkey": record_key,
        }
        try:
            return self._xrpc.call(
                Ask("GET", "com.atproto.repo.getRecord", query), record_of
            )
        except Absent:
            return None

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Numbers | None]:
        """The numbers of at most 25 posts.

        A post that is left out of the answer may only be hidden from us, or not be
        counted yet: it is gone when its own record is.

        Raises:
            TryLater, Disconnected: as named.
        """
        ask = Ask("GET", "app.bsky.feed.getPosts", {"uris": list(remote_ids)})
        told: dict[str, Numbers | None] = dict(self._xrpc.call(ask, counts_of))
        for uri in remote_ids:
            if uri not in told and self._own_record(Uri.read(uri).key) is None:
                told[uri] = None
        return told

    def own_posts(self, cursor: str | None = None) -> tuple[list[Record], str | None]:
        """One page of the account's own posts by key, newest first; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        query = {"repo": self._xrpc.session().did, "collection": POSTS, "limit": PAGE}
        ask = Ask("GET", "com.atproto.repo.listRecords", query | _from(cursor))
        return self._xrpc.call(
            ask,
            lambda told: (
                [record_of(raw) for raw in told["records"]],
                told.get("cursor"),
            ),
        )

    def notices(self, cursor: str | None = None) -> tuple[list[Notice], str | None]:
        """One page of what the account is told, newest first.

        Raises:
            TryLater, Disconnected: as named.
        """
        name = "app.bsky.notification.listNotifications"
        return self._xrpc.call(
            Ask("GET", name, {"limit": PAGE} | _from(cursor)),
            lambda told: (
                [notice_of(raw) for raw in told["notifications"]],
                told.get("cursor"),
            ),
        )

    def receipt(self, record: Record) -> Receipt:
        """The proof of an own post."""
        return self._receipt(Uri.read(record.uri), record.created_at)

    def _receipt(self, uri: Uri, at: datetime | None) -> Receipt:
        return Receipt(str(uri), self.link(str(uri)), at)

    def link(self, uri: str) -> str:
        """Where people see a post; by the lasting name, so no handle stands in it."""
        named = Uri.read(uri)
        return f"{self._site}/profile/{named.repo}/post/{named.key}"


def _from(cursor: str | None) -> dict[str, str]:
    return {} if cursor is None else {"cursor": cursor}
