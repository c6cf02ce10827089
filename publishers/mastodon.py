"""Putting a post on a Mastodon instance: the same key makes the same status."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from models.errors import Gone
from models.speech import Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import mastodon
from networks.images import fitted
from networks.mastodon_statuses import Status
from networks.matching import same_text
from networks.videos import must_take

BEFORE_ARMED = timedelta(minutes=2)  # our clock may be ahead of the instance's
MOST_PAGES = 5  # of own statuses that a look reads


class MastodonPublisher:
    """Writes for one account."""

    name = mastodon.NAME
    capabilities = mastodon.CAPABILITIES

    def __init__(self, client: mastodon.Client) -> None:
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
        return self._client.post_status(outgoing, gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Repeat under the same key: the instance answers with the first status."""
        return self.publish(outgoing, gate)

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take it down; gone already is as good."""
        with suppress(Gone):
            self._client.delete(post.receipt.remote_id, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Find the status among the account's own since it was armed."""
        since = (outgoing.armed_at or datetime.now(UTC)) - BEFORE_ARMED
        older_than: str | None = None
        for _ in range(MOST_PAGES):
            page = self._client.own_statuses(older_than)
            for status in page:
                if _since(status, since) and _is(status, outgoing):
                    return mastodon.receipt_of(status)
            if not page or not _since(page[-1], since):
                return None
            older_than = page[-1].id
        return None


def _since(status: Status, since: datetime) -> bool:
    return status.created_at is None or status.created_at >= since


def _is(status: Status, outgoing: Outgoing) -> bool:
    return (
        status.media_count == len(outgoing.media_ids)
        and status.in_reply_to == outgoing.reply_to
        and same_text(
            outgoing.text, status.text, is_reply=outgoing.reply_to is not None
        )
    )
