"""What Instagram and Threads have in common: one client, told how each names things.

Both put a post into a container, publish it, and show how many posts are left today;
see :mod:`networks.containers`.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from models.errors import NetworkError, Refused, TryLater, Uncertain
from models.problems import Problem
from models.speech import Gate, Image, Receipt, Video
from networks.base import AccountSecret, Grant, HttpLimits
from networks.containers import Status, Waiting, status_of
from networks.graph import (
    Graph,
    Remark,
    after_of,
    id_of,
    items_of,
    time_of,
)
from networks.meta_posts import MetaPost, post_of
from networks.requests_door import usable_secrets

PAGE = 25


@dataclass(frozen=True, slots=True)
class Names:
    """How a network calls what both have."""

    host: str
    site: str
    version: str
    credential: str  # the name of the token
    renewal: str  # the grant that makes it live on
    own_id: str  # the field of ``me`` with the account's number
    posts: str  # the edge with own posts, where containers are made too
    publish: str
    quota: str
    status: str  # the field that says how a container stands
    status_fields: str
    text: str  # the field of a post with its text
    post_fields: str
    profile: str  # the page of an account, below ``site``


class ContainerClient:
    """Speaks to one of them as one account."""

    names: Names

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        names = self.names
        token = usable_secrets(account, (names.credential,))[names.credential]
        base = account.base_url.rstrip("/")
        self._site = base or names.site
        self._graph = Graph(base or names.host, token, limits, names.version)

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
            return self._graph.read("me", fields=f"{self.names.own_id},username")

    @property
    def user_id(self) -> str:
        """The account's own number."""
        return str(self._me[self.names.own_id])

    def renew(self) -> Grant:
        """Ask for a token that lives for 60 days again.

        Raises:
            Disconnected, TryLater, Refused: as named.
        """
        with self._graph.errand():
            token, lives = self._graph.renew(self.names.renewal)
            return Grant({self.names.credential: token}, lives)

    def close(self) -> None:
        """Release what the session holds."""
        self._graph.close()

    def _children(self, pictures: Sequence[Mapping[str, str]]) -> str:
        """A container for each picture of an album, all ready; their ids."""
        item = {"is_carousel_item": "true"}
        children = [self._contain({**one, **item}) for one in pictures]
        for child in children:
            self._await_ready(child)
        return ",".join(children)

    def _contain(self, fields: Mapping[str, str]) -> str:
        path = f"{self.user_id}/{self.names.posts}"
        with self._graph.errand():
            return id_of(self._graph.write(path, fields))

    # out

    def status(self, container: str) -> Status:
        """How a container stands; one that is unknown has expired.

        Raises:
            TryLater, Disconnected: as named.
        """
        with suppress(Refused), self._graph.errand():
            found = self._graph.read(container, fields=self.names.status_fields)
            return status_of(found[self.names.status])
        return Status.EXPIRED

    def publish(self, container: str, gate: Gate) -> Receipt:
        """Publish a container; published before, it is no second post.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        path = f"{self.user_id}/{self.names.publish}"
        try:
            with self._graph.errand(publishes=True, gate=gate):
                made = id_of(self._graph.write(path, {"creation_id": container}))
        except Refused as error:
            if self.status(container) is Status.PUBLISHED:  # whatever it said
                raise Uncertain(Problem.ANSWER_LOST, error.detail) from None
            raise
        return self._receipt(made)

    def _receipt(self, post_id: str) -> Receipt:
        """The proof of an own post; its address needs one more read, which may fail."""
        with suppress(NetworkError), self._graph.errand():
            found = self._graph.read(post_id, fields="id,permalink,timestamp")
            at = time_of(found.get("timestamp"))
            return Receipt(post_id, str(found["permalink"]), at)
        return Receipt(
            post_id, self._site + self.names.profile.format(self._me["username"])
        )

    def _await_ready(self, container: str, video: Video | None = None) -> str:
        waiting = Waiting(video)
        while waiting.goes_on(self.status(container)):
            pass
        return container

    def posts_left(self) -> int:
        """How many posts are left of those of a day.

        Raises:
            Disconnected, TryLater, Refused: as named.
        """
        path, asked = f"{self.user_id}/{self.names.quota}", "quota_usage,config"
        with self._graph.errand():
            rows = self._graph.read(path, fields=asked)["data"]
            used, most = rows[0]["quota_usage"], rows[0]["config"]["quota_total"]
            return max(int(most) - int(used), 0)

    def _quota(self) -> None:
        """Ask whether a post is left today.

        Raises:
            TryLater: none; also as named.
        """
        if not self.posts_left():
            wait = timedelta(hours=1)
            raise TryLater(Problem.RATE_LIMITED, "no post left today", wait=wait)

    # in

    def own_posts(
        self, since: datetime, after: str | None = None
    ) -> tuple[list[MetaPost], str | None]:
        """One page of own posts, newest first; only reads.

        Raises:
            TryLater, Disconnected: as named.
        """
        path = f"{self.user_id}/{self.names.posts}"
        fields = self.names.post_fields
        asked = {"since": str(int(since.timestamp())), "limit": str(PAGE)}
        with self._graph.errand():
            found = self._graph.read(path, fields=fields, after=after, **asked)
            return [
                post_of(each, self.names.text) for each in items_of(found)
            ], after_of(found)


def remark_of(raw: Mapping[str, Any], below: str) -> Remark:
    """Read what somebody said; Instagram gives a comment no address."""
    return Remark(
        id=str(raw["id"]),
        text=raw.get("text") or "",
        handle=raw.get("username") or "",
        name="",
        at=time_of(raw.get("timestamp")),
        url=raw.get("permalink") or "",
        answers=str((raw.get("replied_to") or {}).get("id") or below),
    )


def described(image: Image) -> dict[str, str]:
    """Where the network fetches a picture, and what it shows."""
    told = {"image_url": image.address}
    return told | {"alt_text": image.alt} if image.alt else told
