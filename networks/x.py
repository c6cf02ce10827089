"""X, by API v2: tweepy's client on our guarded door, with an uploader of our own.

tweepy 4.17 knows no time-out, no other host and no v2 upload; the adapter of
:mod:`networks.requests_door` gives the first two. Reads use the parameter names of
today's contract (``post.fields``), which tweepy's own methods do not know yet.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import tweepy

from models.errors import GateClosed, NetworkError, TryLater, Unanswered, Uncertain
from models.speech import Gate, Image, Number, Numbers, Outgoing, Receipt, Video
from networks.base import AccountSecret, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    Counts,
    LookUp,
    MediaLimit,
    Source,
    Sure,
    TextLimit,
    VideoAlt,
    VideoLimit,
)
from networks.counting import addresses, must_fit
from networks.requests_door import GuardedAdapter, usable_secrets
from networks.x_media import Uploads
from networks.x_posts import (
    EXPANSIONS,
    POST_FIELDS,
    USER_FIELDS,
    PostPage,
    numbers_of,
    page_of,
)
from networks.x_verdicts import judge

NAME = "x"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="X",
    icon="brand-x",
    text=TextLimit(longest=280, count_by=CountBy.WEIGHTED, url_cost=23),
    media=MediaLimit(most=4, image_bytes=5 * MIB, alt_text=1_000),
    video=VideoLimit(
        most_bytes=512 * MIB,
        shortest=timedelta(seconds=0.5),
        longest=timedelta(seconds=140),
        shortest_side=32,
        longest_side=1_920,  # S: help; an older page of X says 1280 x 1024
        narrowest=1 / 3,
        widest=3.0,
        frame_rates=(1.0, 60.0),
        alt=VideoAlt.NOWHERE,  # S: metadata is for pictures and GIFs
        sure=Sure.CONFIRMED,
        source=Source(
            "https://docs.x.com/x-api/media/quickstart/best-practices",
            seen="2026-11-24",
        ),
    ),
    settles_by=(LookUp(times=2, apart=timedelta(minutes=1)),),
    secrets=(
        "consumer_key",
        "consumer_secret",
        "access_token",
        "access_token_secret",
    ),
    needs_base_url=False,
    # edits: Premium only
    edits=Ability(
        False,
        Sure.CONFIRMED,
        Source("https://docs.x.com/x-api/posts/create-post", seen="2026-11-24"),
    ),
    deletes=Ability(
        True,
        Sure.CONFIRMED,
        Source("https://docs.x.com/x-api/posts/delete-post", seen="2026-11-24"),
    ),
    source=Source("https://docs.x.com/x-api/posts/create-post", seen="2026-11-24"),
    threads=True,
    replies=True,
    paid=True,
    numbers=Counts(
        (Number.VIEWS, Number.LIKES, Number.REPOSTS, Number.QUOTES, Number.REPLIES),
        Sure.CONFIRMED,
        Source("https://docs.x.com/x-api/fundamentals/metrics", seen="2026-11-24"),
        a_call=100,
    ),
    scopes=("Read and write",),  # the app's permission, chosen before the tokens
)

HOST = "https://api.twitter.com"  # tweepy's; X serves both names
SITE = "https://x.com"

# One account's id never changes; asking for it is a paid read.
_ids: dict[str, str] = {}


def connect(account: AccountSecret, limits: HttpLimits, purse: Purse) -> "Client":
    """Open a client for one account; asks nothing of the network yet.

    Args:
        account: ``base_url``, when set, stands in for X's own host.
        limits: times and sizes of every call.
        purse: asked before every paid call.

    Raises:
        Disconnected: a secret is missing or cannot be one.
    """
    return Client(account, limits, purse)


class Client:
    """Speaks to X as one account, within one budget; safe to share by threads."""

    def __init__(
        self, account: AccountSecret, limits: HttpLimits, purse: Purse
    ) -> None:
        secrets = usable_secrets(account, CAPABILITIES.secrets)
        rebase = (HOST, account.base_url) if account.base_url else None
        self._site = account.base_url.rstrip("/") or SITE
        self._handle = account.handle.lstrip("@")
        self._purse = purse
        self._api = tweepy.Client(**secrets, return_type=dict)
        self._door = GuardedAdapter(limits, judge, secrets.values(), rebase)
        self._door.take_over(self._api.session)
        self._signed = tweepy.OAuth1UserHandler(**secrets).apply_auth()
        self._uploads = Uploads(self._post, self._get)
        token = secrets["access_token"]
        self._id_key = hashlib.sha256(f"{self._site} {token}".encode()).hexdigest()

    @property
    def capabilities(self) -> Capabilities:
        """What X allows an account without Premium."""
        return CAPABILITIES

    def whoami(self) -> str:
        """Return the account's own handle, without ``@``.

        Raises:
            Disconnected, TryLater: as named.
        """
        with self._paying("x.owned_read"), self._door.errand():
            me = self._api.get_me(user_auth=True)["data"]
            _ids[self._id_key] = str(me["id"])
            return str(me["username"])

    def close(self) -> None:
        """Release what the session holds."""
        self._api.session.close()

    # out

    def create_post(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write one post, once.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        must_fit(outgoing.text, self.capabilities.text)
        action = "x.post_with_url" if addresses(outgoing.text) else "x.post"
        with (
            self._paying(action),
            self._door.errand(publishes=True, gate=gate),
        ):
            made = self._api.create_tweet(
                text=outgoing.text,
                media_ids=list(outgoing.media_ids) or None,
                in_reply_to_tweet_id=outgoing.reply_to,
                user_auth=True,
            )
            post_id = made["data"]["id"]
            if not post_id:
                raise ValueError("a post without id")
            return self.receipt(str(post_id))

    def receipt(self, post_id: str, posted_at: datetime | None = None) -> Receipt:
        """Return the proof of an own post."""
        name = self._handle or "i"  # x.com/i/status/… leads to any post
        return Receipt(post_id, f"{self._site}/{name}/status/{post_id}", posted_at)

    def delete(self, post_id: str, gate: Gate) -> None:
        """Take an own post down; X bills each.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers. Gone: it is not there.
        """
        with self._paying("x.delete"), self._door.errand(publishes=True, gate=gate):
            told = self._api.delete_tweet(post_id, user_auth=True)
            if told["data"]["deleted"] is not True:
                raise ValueError("not deleted")

    def upload(self, image: Image) -> str:
        """Upload one picture with its alt text and return its media id.

        Nothing of it is public, so a lost answer is ``TryLater``.

        Raises:
            TryLater, Disconnected, Refused: as named.
        """
        with self._door.errand():
            media_id = self._uploads.picture(image)
        if image.alt:
            self._describe(media_id, image.alt)
        return media_id

    def upload_video(self, video: Video) -> str:
        """Upload a video in segments and wait until X has processed it.

        Nothing of it is public, so a lost answer is ``TryLater``.

        Raises:
            TryLater: also while it still works after minutes (``VIDEO_NOT_READY``).
            Disconnected, Refused: as named.
        """
        with self._door.errand():
            return self._uploads.film(video)

    def _describe(self, media_id: str, alt: str) -> None:
        body = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        with self._paying("x.alt_text"), self._door.errand():
            self._post("/2/media/metadata", json=body)

    def _post(self, path: str, **body: Any) -> dict[str, Any]:
        answer = self._api.session.post(HOST + path, auth=self._signed, **body)
        return answer.json() if answer.content else {}

    # in

    def own_posts(
        self, since: datetime, token: str | None = None, size: int = 10
    ) -> PostPage:
        """Read the account's own posts since a time, newest first; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        start = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"start_time": start, "exclude": "retweets", "pagination_token": token}
        return self._page("tweets", query, size, "x.owned_read")

    def mentions(
        self,
        *,
        since_id: str | None,
        until_id: str | None = None,
        token: str | None = None,
        size: int = 10,
    ) -> PostPage:
        """Read posts that name the account, between two ids, newest first.

        Raises:
            TryLater, Disconnected: as named.
        """
        query = {"since_id": since_id, "until_id": until_id, "pagination_token": token}
        return self._page("mentions", query, size, "x.read")

    def search(
        self, words: str, *, since_id: str | None, token: str | None, size: int = 10
    ) -> PostPage:
        """Search the posts of the last seven days, newest first.

        Raises:
            TryLater, Disconnected: as named.
        """
        query = {"query": words, "since_id": since_id, "next_token": token}
        return self._paged("/2/tweets/search/recent", query, size, "x.read")

    def numbers(self, remote_ids: Sequence[str]) -> Mapping[str, Numbers | None]:
        """The public numbers of at most 100 posts; X bills each that stands.

        Raises:
            TryLater, Disconnected: as named.
        """
        query = {"ids": ",".join(remote_ids), "post.fields": "public_metrics"}
        with self._paying("x.numbers", len(remote_ids)) as bill, self._door.errand():
            told = numbers_of(self._get("/2/tweets", query))
            bill.used = sum(one is not None for one in told.values())
        return told

    @cached_property
    def user_id(self) -> str:
        """The account's own number.

        Raises:
            TryLater, Disconnected: it had to be asked for, and that failed.
        """
        if self._id_key not in _ids:
            self.whoami()
        return _ids[self._id_key]

    def _page(
        self, kind: str, query: dict[str, str | None], size: int, action: str
    ) -> PostPage:
        return self._paged(f"/2/users/{self.user_id}/{kind}", query, size, action)

    def _paged(
        self, path: str, query: dict[str, str | None], size: int, action: str
    ) -> PostPage:
        """Read one page; X bills what it brings, at most ``size`` posts."""
        shown: dict[str, str | None] = {
            "max_results": str(size),
            "post.fields": ",".join(POST_FIELDS),
            "user.fields": ",".join(USER_FIELDS),
            "expansions": ",".join(EXPANSIONS),
        }
        with self._paying(action, size) as bill, self._door.errand():
            page = page_of(self._get(path, shown | query))
            bill.used = min(len(page.posts), size)
        return page

    def _get(self, path: str, query: Mapping[str, str | None]) -> dict[str, Any]:
        given = {name: value for name, value in query.items() if value is not None}
        answer = self._api.request("GET", path, params=given, user_auth=True)
        page: dict[str, Any] = answer.json()
        return page

    # money

    @contextmanager
    def _paying(self, action: str, count: int = 1) -> Iterator["_Bill"]:
        """Book the most a call may cost before it, and give back what X does not bill.

        X bills what a call wrote or brought, so an error in answer costs nothing, and
        neither does a call whose bytes never left. Of a call whose answer is lost or
        unreadable nobody knows whether it was served: it stays booked, so that the
        books may say more than the bill and never less.
        """
        self._purse.spend(action, count)
        bill = _Bill(count)
        try:
            yield bill
        except (Uncertain, Unanswered):
            raise
        except (GateClosed, NetworkError):
            bill.used = 0
            raise
        finally:
            self._give_back(action, count - bill.used)

    def _give_back(self, action: str, count: int) -> None:
        if count > 0:
            with suppress(TryLater):  # the books then say more than the bill
                self._purse.spend(action, -count)


@dataclass(slots=True)
class _Bill:
    """How many of the pieces booked for a call X may charge."""

    used: int
