"""Threads, by its own API: container, then publish.

Threads fetches pictures from an address of ours; a post of text alone needs none.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from models.errors import NetworkError, Refused, TryLater, Uncertain
from models.problems import Problem
from models.speech import Gate, Image, Outgoing, Receipt
from networks.base import AccountSecret, Grant, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    LookUp,
    MediaLimit,
    ReadBack,
    Source,
    Sure,
    TextLimit,
    TokenLife,
)
from networks.containers import LIFE, Status, Waiting, fetchable, status_of
from networks.counting import addresses, must_fit
from networks.graph import (
    Graph,
    Remark,
    Remarks,
    Thread,
    after_of,
    id_of,
    items_of,
    time_of,
)
from networks.meta_posts import MetaPost, post_of
from networks.requests_door import usable_secrets

NAME = "threads"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Threads",
    icon="brand-threads",
    text=TextLimit(longest=500, count_by=CountBy.EMOJI_BYTES, url_cost=0),
    media=MediaLimit(most=20, image_bytes=8 * MIB, alt_text=1_000),
    settles_by=(
        ReadBack(times=2, apart=timedelta(minutes=1), within=LIFE),
        LookUp(times=2, apart=timedelta(minutes=1)),
    ),
    secrets=("threads_token",),
    needs_base_url=False,
    # deletes: read in a copy of Meta's page; edits: no page says how
    edits=Ability(
        False,
        Sure.TO_TEST,
        Source("https://developers.facebook.com/docs/threads/posts", seen="2026-11-24"),
    ),
    deletes=Ability(
        True,
        Sure.SECONDARY,
        Source(
            "https://developers.facebook.com/docs/threads/posts/delete-posts",
            seen="2026-11-24",
        ),
    ),
    source=Source(
        "https://developers.facebook.com/docs/threads/posts", seen="2026-11-24"
    ),
    threads=True,
    replies=True,
    scopes=(
        "threads_basic",
        "threads_content_publish",
        "threads_read_replies",
        "threads_delete",
    ),
    fetches_pictures=True,
    token=TokenLife(
        renews=True,
        least_age=timedelta(hours=24),
        source=Source(
            "https://developers.facebook.com/docs/threads/get-started/long-lived-tokens",
            seen="2026-11-24",
        ),
    ),
)

HOST = "https://graph.threads.net"
SITE = "https://www.threads.com"
VERSION = "v1.0"
PAGE = 25
HEARD_POSTS = 10  # newest own posts whose answers are read; a call each
MOST_LINKS = 5
_REMARK = "id,text,username,timestamp,permalink,replied_to"


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one account; asks nothing of the network yet.

    Raises:
        Disconnected: the token is missing or cannot be one.
    """
    return Client(account, limits)


class Client:
    """Speaks to Threads as one account."""

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        token = usable_secrets(account, CAPABILITIES.secrets)["threads_token"]
        base = account.base_url.rstrip("/")
        self._site = base or SITE
        self._graph = Graph(base or HOST, token, limits, VERSION)

    @property
    def capabilities(self) -> Capabilities:
        """What Threads takes."""
        return CAPABILITIES

    def whoami(self) -> str:
        """Return the account's user name.

        Raises:
            Disconnected, TryLater: as named.
        """
        self.__dict__.pop("_me", None)  # asked anew, whatever was known
        return str(self._me["username"])

    @cached_property
    def _me(self) -> Mapping[str, Any]:
        with self._graph.errand():
            return self._graph.read("me", fields="id,username")

    @property
    def user_id(self) -> str:
        """The account's own number."""
        return str(self._me["id"])

    def renew(self) -> Grant:
        """Ask for a token that lives for 60 days again.

        Raises:
            Disconnected, TryLater, Refused: as named.
        """
        with self._graph.errand():
            token, lives = self._graph.renew("th_refresh_token")
            return Grant({"threads_token": token}, lives)

    def close(self) -> None:
        """Release what the session holds."""
        self._graph.close()

    def contain(self, post: Outgoing, images: Sequence[Image]) -> str:
        """Put a post into a container, wait until it is ready, and return its id.

        Raises:
            TryLater, Disconnected, Refused: as named; nothing is public.
        """
        must_fit(post.text, self.capabilities.text)
        if len(set(addresses(post.text))) > MOST_LINKS:
            raise Refused(Problem.CONTENT_REFUSED, f"more than {MOST_LINKS} links")
        fetchable(tuple(images))
        self._quota()
        fields = {"text": post.text} if post.text else {}
        if post.reply_to:
            fields["reply_to_id"] = post.reply_to
        return self._await_ready(self._contain(fields | self._pictures(images)))

    def _pictures(self, images: Sequence[Image]) -> dict[str, str]:
        if not images:
            return {"media_type": "TEXT"}
        if len(images) == 1:
            return _picture(images[0])
        item = {"is_carousel_item": "true"}
        children = [self._contain(_picture(one) | item) for one in images]
        for child in children:
            self._await_ready(child)
        return {"media_type": "CAROUSEL", "children": ",".join(children)}

    def _contain(self, fields: Mapping[str, str]) -> str:
        path = f"{self.user_id}/threads"
        with self._graph.errand():
            return id_of(self._graph.write(path, fields))

    # out

    def status(self, container: str) -> Status:
        """How a container stands; one that is unknown has expired.

        Raises:
            TryLater, Disconnected: as named.
        """
        with suppress(Refused), self._graph.errand():
            found = self._graph.read(container, fields="status,error_message")
            return status_of(found["status"])
        return Status.EXPIRED

    def publish(self, container: str, gate: Gate) -> Receipt:
        """Publish a container; published before, it is no second post.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        path = f"{self.user_id}/threads_publish"
        try:
            with self._graph.errand(publishes=True, gate=gate):
                made = id_of(self._graph.write(path, {"creation_id": container}))
        except Refused as error:
            if (
                self.status(container) is Status.PUBLISHED
            ):  # it stands, whatever it said
                raise Uncertain(Problem.ANSWER_LOST, error.detail) from None
            raise
        return self._receipt(made)

    def _receipt(self, post_id: str) -> Receipt:
        """The proof of an own post; its address needs one more read, which may fail."""
        with suppress(NetworkError), self._graph.errand():
            found = self._graph.read(post_id, fields="id,permalink,timestamp")
            at = time_of(found.get("timestamp"))
            return Receipt(post_id, str(found["permalink"]), at)
        return Receipt(post_id, f"{self._site}/@{self._me['username']}")

    def _await_ready(self, container: str) -> str:
        waiting = Waiting()
        while waiting.goes_on(self.status(container)):
            pass
        return container

    def _quota(self) -> None:
        """Ask how many posts are left today.

        Raises:
            TryLater: none; also as named.
        """
        path, asked = f"{self.user_id}/threads_publishing_limit", "quota_usage,config"
        with self._graph.errand():
            rows = self._graph.read(path, fields=asked)["data"]
            used, most = rows[0]["quota_usage"], rows[0]["config"]["quota_total"]
        if used >= most:
            raise TryLater(
                Problem.RATE_LIMITED, f"{used} of {most}", wait=timedelta(hours=1)
            )

    def delete(self, post_id: str, gate: Gate) -> None:
        """Take an own post down, or an own answer.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers. Gone: it is not there.
        """
        self._graph.delete(post_id, gate)

    # in

    def own_posts(
        self, since: datetime, after: str | None = None
    ) -> tuple[list[MetaPost], str | None]:
        """One page of own posts, newest first; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        path = f"{self.user_id}/threads"
        fields = "id,text,timestamp,permalink,media_type,children{id},replied_to"
        asked = {"since": str(int(since.timestamp())), "limit": str(PAGE)}
        with self._graph.errand():
            found = self._graph.read(path, fields=fields, after=after, **asked)
            return [post_of(each, "text") for each in items_of(found)], after_of(found)

    def threads(self) -> list[Thread]:
        """The newest own posts with what is said below them; a call each.

        Raises:
            TryLater, Disconnected: as named.
        """
        path, limit = f"{self.user_id}/threads", str(HEARD_POSTS)
        with self._graph.errand():
            found = self._graph.read(path, fields="id", limit=limit)
            ids = [str(each["id"]) for each in items_of(found)]
        return [Thread(one, self._remarks(one, None), "conversation") for one in ids]

    def older(self, thread: Thread, after: str) -> Remarks:
        """The next page below a post.

        Raises:
            TryLater, Disconnected: as named.
        """
        return self._remarks(thread.post_id, after)

    def _remarks(self, post_id: str, after: str | None) -> Remarks:
        path, limit = f"{post_id}/conversation", str(PAGE)
        with self._graph.errand():
            found = self._graph.read(
                path, fields=_REMARK, reverse="true", limit=limit, after=after
            )
            items = tuple(_remark(each, post_id) for each in items_of(found))
            return Remarks(items, after_of(found))


def _remark(raw: Mapping[str, Any], below: str) -> Remark:
    return Remark(
        id=str(raw["id"]),
        text=raw.get("text") or "",
        handle=raw.get("username") or "",
        name="",
        at=time_of(raw.get("timestamp")),
        url=raw.get("permalink") or "",
        answers=str((raw.get("replied_to") or {}).get("id") or below),
    )


def _picture(image: Image) -> dict[str, str]:
    told = {"media_type": "IMAGE", "image_url": image.address}
    return told | {"alt_text": image.alt} if image.alt else told
