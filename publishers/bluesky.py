"""Putting a post on Bluesky: under its own record key there is only ever one."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from models.errors import Gone
from models.speech import Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import bluesky
from networks.bluesky_records import Record
from networks.matching import same_text
from networks.videos import must_take

BEFORE_ARMED = timedelta(minutes=2)  # the writer's clock is ours, perhaps set since
MOST_PAGES = 5  # of own posts that a look without a key reads


class BlueskyPublisher:
    """Writes for one account."""

    name = bluesky.NAME
    capabilities = bluesky.CAPABILITIES

    def __init__(self, client: bluesky.Client) -> None:
        self._client = client

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:
        """Upload pictures with their alt texts, or the video; choose the record key.

        A key that was kept stays: under it the post can never stand twice.
        """
        if post.video is not None:
            must_take(post.video.facts, self._client.capabilities.video)
            media_ids = [self._client.upload_video(post.video)]
        else:
            media_ids = [self._client.upload(image) for image in images]
        key = post.record_key or self._client.name_post(datetime.now(UTC))
        return Prepared(tuple(media_ids), key)

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write once; under a record key that stands already nothing is added."""
        return self._client.put_post(outgoing, gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:  # noqa: ARG002
        """What is absent is armed anew under its record key, so nothing comes here."""
        raise AssertionError(f"{self.name} does not settle by replay: {outgoing.key}")

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take it down; gone already is as good."""
        with suppress(Gone):
            self._client.delete(post.receipt.remote_id, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Read the record by its key; without one, find it among the account's own."""
        if outgoing.record_key is not None:
            return self._client.own_post(outgoing.record_key)
        since = (outgoing.armed_at or datetime.now(UTC)) - BEFORE_ARMED
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page, cursor = self._client.own_posts(cursor)
            for record in page:
                if _since(record, since) and _is(record, outgoing):
                    return self._client.receipt(record)
            if cursor is None or not page or not _since(page[-1], since):
                return None
        return None


def _since(record: Record, since: datetime) -> bool:
    return record.created_at is None or record.created_at >= since


def _is(record: Record, outgoing: Outgoing) -> bool:
    return (
        record.media_count == len(outgoing.media_ids)
        and record.reply_to == outgoing.reply_to
        and same_text(outgoing.text, record.text, is_reply=False)
    )
