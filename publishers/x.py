"""Putting a post on X: one call, never repeated; a lost answer is looked up."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from models.errors import Gone
from models.speech import Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import x
from networks.images import fitted
from networks.matching import same_text
from networks.videos import must_take
from networks.x_posts import Post

BEFORE_ARMED = timedelta(minutes=2)  # our clock may be ahead of the network's
MOST_PAGES = 3  # of own posts that a look reads; each post is billed


class XPublisher:
    """Writes for one account."""

    name = x.NAME
    capabilities = x.CAPABILITIES

    def __init__(self, client: x.Client) -> None:
        self._client = client

    def prepare(
        self,
        post: Outgoing,  # its text is sent with the one call
        images: Sequence[Image],
    ) -> Prepared:
        """Upload pictures with their alt texts, each made to fit; or the video."""
        if post.video is not None:
            must_take(post.video.facts, self._client.capabilities.video)
            return Prepared((self._client.upload_video(post.video),))
        limit = self._client.capabilities.media
        ids = (self._client.upload(fitted(image, limit)) for image in images)
        return Prepared(tuple(ids))

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write once."""
        return self._client.create_post(outgoing, gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:  # noqa: ARG002
        """X knows no key: a repeat would be a second post, so it never happens.

        The ledger reads ``settles_by`` and does not come here.
        """
        raise AssertionError(f"{self.name} does not settle by replay: {outgoing.key}")

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take it down; gone already is as good."""
        with suppress(Gone):
            self._client.delete(post.receipt.remote_id, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Find the post among the account's own since it was armed."""
        since = (outgoing.armed_at or datetime.now(UTC)) - BEFORE_ARMED
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = self._client.own_posts(since, token)
            for post in page.posts:
                if _is(post, outgoing):
                    return self._client.receipt(post.id, post.created_at)
            token = page.next_token
            if token is None:
                return None
        return None


def _is(post: Post, outgoing: Outgoing) -> bool:
    return (
        post.media_count == len(outgoing.media_ids)
        and post.in_reply_to == outgoing.reply_to
        and same_text(outgoing.text, post.text, is_reply=outgoing.reply_to is not None)
    )
