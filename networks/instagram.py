"""Instagram, by the API with Instagram login: container, then publish.

Instagram fetches pictures from an address of ours, takes no post without one, and can
neither edit nor delete by API.
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
from networks.counting import must_fit
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

NAME = "instagram"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Instagram",
    icon="brand-instagram",
    text=TextLimit(longest=2_200, count_by=CountBy.UTF16, url_cost=0),
    media=MediaLimit(
        most=10,
        image_bytes=8 * MIB - 1,
        alt_text=1_000,
        types=frozenset({"image/jpeg"}),
    ),
    settles_by=(
        ReadBack(times=2, apart=timedelta(minutes=1), within=LIFE),
        LookUp(times=2, apart=timedelta(minutes=1)),
    ),
    secrets=("instagram_token",),
    needs_base_url=False,
    edits=Ability(
        False,
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/instagram-platform/reference/instagram-media",
            seen="2026-11-24",
        ),
    ),
    deletes=Ability(
        False,
        Sure.CONFIRMED,
        Source(
            "https://developers.facebook.com/docs/instagram-platform/reference/instagram-media",
            seen="2026-11-24",
        ),
    ),
    source=Source(
        "https://developers.facebook.com/docs/instagram-platform/content-publishing",
        seen="2026-11-24",
    ),
    scopes=(
        "instagram_business_basic",
        "instagram_business_content_publish",
        "instagram_business_manage_comments",
    ),
    needs_picture=True,
    fetches_pictures=True,
    token=TokenLife(
        renews=True,
        least_age=timedelta(hours=24),
        source=Source(
            "https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token",
            seen="2026-11-24",
        ),
    ),
)

HOST = "https://graph.instagram.com"
SITE = "https://www.instagram.com"
VERSION = "v23.0"
PAGE = 25
MOST_TAGS, MOST_MENTIONS = 30, 20
_REMARK = "id,text,username,timestamp"
_BELOW = f"comments.limit({PAGE}){{{_REMARK},replies.limit({PAGE}){{{_REMARK}}}}}"


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
    """Speaks to Instagram as one professional account."""

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        token = usable_secrets(account, CAPABILITIES.secrets)["instagram_token"]
        base = account.base_url.rstrip("/")
        self._site = base or SITE
        self._graph = Graph(base or HOST, token, limits, VERSION)

    @property
    def capabilities(self) -> Capabilities:
        """What Instagram takes."""
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
            return self._graph.read("me", fields="user_id,username")

    @property
    def user_id(self) -> str:
        """The account's own number."""
        return str(self._me["user_id"])

    def renew(self) -> Grant:
        """Ask for a token that lives for 60 days again.

        Raises:
            Disconnected, TryLater, Refused: as named.
        """
        with self._graph.errand():
            token, lives = self._graph.renew("ig_refresh_token")
            return Grant({"instagram_token": token}, lives)

    def close(self) -> None:
        """Release what the session holds."""
        self._graph.close()

    def contain(self, post: Outgoing, images: Sequence[Image]) -> str:
        """Put a post into a container, wait until it is ready, and return its id.

        Raises:
            TryLater, Disconnected, Refused: as named; nothing is public.
        """
        must_fit(post.text, self.capabilities.text)
        _few_enough(post.text)
        if not images:
            raise Refused(Problem.PICTURE_MISSING, "no picture")
        fetchable(tuple(images))
        self._quota()
        if len(images) == 1:
            made = self._contain(_picture(images[0]) | {"caption": post.text})
        else:
            item = {"is_carousel_item": "true"}
            children = [self._contain(_picture(one) | item) for one in images]
            for child in children:
                self._await_ready(child)
            fields = {"media_type": "CAROUSEL", "children": ",".join(children)}
            made = self._contain(fields | {"caption": post.text})
        return self._await_ready(made)

    def _contain(self, fields: Mapping[str, str]) -> str:
        path = f"{self.user_id}/media"
        with self._graph.errand():
            return id_of(self._graph.write(path, fields))

    # out

    def status(self, container: str) -> Status:
        """How a container stands; one that is unknown has expired.

        Raises:
            TryLater, Disconnected: as named.
        """
        with suppress(Refused), self._graph.errand():
            found = self._graph.read(container, fields="status_code")
            return status_of(found["status_code"])
        return Status.EXPIRED

    def publish(self, container: str, gate: Gate) -> Receipt:
        """Publish a container; published before, it is no second post.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        path = f"{self.user_id}/media_publish"
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
        return Receipt(post_id, f"{self._site}/{self._me['username']}/")

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
        path, asked = f"{self.user_id}/content_publishing_limit", "quota_usage,config"
        with self._graph.errand():
            rows = self._graph.read(path, fields=asked)["data"]
            used, most = rows[0]["quota_usage"], rows[0]["config"]["quota_total"]
        if used >= most:
            raise TryLater(
                Problem.RATE_LIMITED, f"{used} of {most}", wait=timedelta(hours=1)
            )

    # in

    def own_posts(
        self, since: datetime, after: str | None = None
    ) -> tuple[list[MetaPost], str | None]:
        """One page of own posts, newest first; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        path = f"{self.user_id}/media"
        fields = "id,caption,timestamp,permalink,children{id}"
        asked = {"since": str(int(since.timestamp())), "limit": str(PAGE)}
        with self._graph.errand():
            found = self._graph.read(path, fields=fields, after=after, **asked)
            return [post_of(each, "caption") for each in items_of(found)], after_of(
                found
            )

    def threads(self) -> list[Thread]:
        """The newest own posts with what is said below them: one call.

        Raises:
            TryLater, Disconnected: as named.
        """
        path = f"{self.user_id}/media"
        with self._graph.errand():
            found = self._graph.read(path, fields=f"id,{_BELOW}", limit=str(PAGE))
            threads: list[Thread] = []
            for post in items_of(found):
                below = post.get("comments") or {"data": []}
                threads.append(_thread(str(post["id"]), below, "comments"))
                threads += [
                    _thread(str(each["id"]), each["replies"], "replies")
                    for each in items_of(below)
                    if each.get("replies")
                ]
            return threads

    def older(self, thread: Thread, after: str) -> Remarks:
        """The next page below a post or a comment.

        Raises:
            TryLater, Disconnected: as named.
        """
        path, limit = f"{thread.post_id}/{thread.edge}", str(PAGE)
        with self._graph.errand():
            found = self._graph.read(path, fields=_REMARK, limit=limit, after=after)
            return _thread(thread.post_id, found, thread.edge).remarks


def _thread(below: str, page: Mapping[str, Any], edge: str) -> Thread:
    items = tuple(_remark(each, below) for each in items_of(page))
    return Thread(below, Remarks(items, after_of(page)), edge)


def _remark(raw: Mapping[str, Any], below: str) -> Remark:
    return Remark(
        id=str(raw["id"]),
        text=raw.get("text") or "",
        handle=raw.get("username") or "",
        name="",
        at=time_of(raw.get("timestamp")),
        url="",  # Instagram gives a comment no address
        answers=below,
    )


def _picture(image: Image) -> dict[str, str]:
    told = {"image_url": image.address}
    return told | {"alt_text": image.alt} if image.alt else told


def _few_enough(text: str) -> None:
    """Refuse what Instagram refuses: more than 30 tags or 20 mentions."""
    if text.count("#") > MOST_TAGS or text.count("@") > MOST_MENTIONS:
        detail = f"more than {MOST_TAGS} tags or {MOST_MENTIONS} mentions"
        raise Refused(Problem.CONTENT_REFUSED, detail)
