"""Putting a post on Instagram or Threads: a container first, then one publish.

The container's id is the post's own name: it is kept before arming, publishing it twice
is one post, and its status tells what became of a lost answer.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from models.errors import Gone, Refused
from models.problems import Problem
from models.speech import Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import instagram, threads
from networks.capabilities import Capabilities
from networks.containers import USABLE, Status
from networks.matching import same_text
from networks.meta_posts import MetaPost
from networks.videos import must_take

BEFORE_ARMED = timedelta(minutes=2)  # our clock may be ahead of the network's
BEFORE_PUBLISHED = timedelta(days=1)  # a container lives so long before it
MOST_PAGES = 4  # of own posts that a look reads


class Client(Protocol):
    """What the clients of both networks offer here."""

    @property
    def capabilities(self) -> Capabilities: ...
    def contain(self, post: Outgoing, images: Sequence[Image]) -> str: ...
    def status(self, container: str) -> Status: ...
    def publish(self, container: str, gate: Gate) -> Receipt: ...
    def whoami(self) -> str: ...
    def own_posts(
        self, since: datetime, after: str | None = None
    ) -> tuple[list[MetaPost], str | None]: ...


class ContainerPublisher:
    """Writes for one account."""

    name = ""

    def __init__(self, client: Client) -> None:
        self._client = client

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:
        """Put the post into a container; one that is still good stays."""
        film = post.video
        if film is not None:
            must_take(film.facts, self._client.capabilities.video)
        brought = images if film is None else (film,)
        kept, named = post.record_key, tuple(one.sha256 for one in brought)
        if kept is not None and self._client.status(kept) in USABLE:
            return Prepared(named, kept)
        return Prepared(named, self._client.contain(post, images))

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Publish the container."""
        if outgoing.record_key is None:
            raise Refused(Problem.CONTENT_REFUSED, "no container")
        return self._client.publish(outgoing.record_key, gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:  # noqa: ARG002
        """Never happens: the container is read back instead."""
        raise AssertionError(f"{self.name} does not settle by replay: {outgoing.key}")

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Ask the container; without one, look among the account's own posts."""
        since = (outgoing.armed_at or datetime.now(UTC)) - BEFORE_ARMED
        if outgoing.record_key is None:
            return self._find(outgoing, since)
        if self._client.status(outgoing.record_key) is not Status.PUBLISHED:
            return None
        found = self._find(outgoing, since - BEFORE_PUBLISHED)
        return found or Receipt(outgoing.record_key, "")

    def _find(self, outgoing: Outgoing, since: datetime) -> Receipt | None:
        after: str | None = None
        for _ in range(MOST_PAGES):
            posts, after = self._client.own_posts(since, after)
            for post in posts:
                if _is(post, outgoing, since):
                    return Receipt(post.id, post.url, post.at)
            if after is None:
                return None
        return None


def _is(post: MetaPost, outgoing: Outgoing, since: datetime) -> bool:
    return (
        (post.at is None or post.at >= since)
        and post.in_reply_to == outgoing.reply_to
        and post.media_count == len(outgoing.media_ids)
        and same_text(outgoing.text, post.text, is_reply=outgoing.reply_to is not None)
    )


class InstagramPublisher(ContainerPublisher):
    """Writes for one Instagram account."""

    name = instagram.NAME
    capabilities = instagram.CAPABILITIES


class ThreadsPublisher(ContainerPublisher):
    """Writes for one Threads account."""

    name = threads.NAME
    capabilities = threads.CAPABILITIES

    def __init__(self, client: threads.Client) -> None:
        super().__init__(client)
        self._threads = client

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take it down; gone already is as good."""
        with suppress(Gone):
            self._threads.delete(post.receipt.remote_id, gate)
