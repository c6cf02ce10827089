"""Putting a post in a Telegram channel: one call, never repeated and never looked up.

Telegram knows no key, and a bot cannot read what it wrote: after a lost answer only a
person can tell. Nothing can be uploaded before the post, so pictures and
videos go with it.
"""

from collections.abc import Sequence
from contextlib import suppress

from models.errors import Gone, Refused
from models.problems import Problem
from models.speech import Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import telegram
from networks.videos import must_take


class TelegramPublisher:
    """Writes for one channel."""

    name = telegram.NAME
    capabilities = telegram.CAPABILITIES

    def __init__(self, client: telegram.Client) -> None:
        self._client = client

    def prepare(
        self,
        post: Outgoing,  # its text is sent with the one call
        images: Sequence[Image],
    ) -> Prepared:
        """Name what the post will bring: pictures, or a video. Nothing is uploaded."""
        if post.video is not None:
            must_take(post.video.facts, self._client.capabilities.video)
            return Prepared((post.video.sha256,))
        return Prepared(tuple(image.sha256 for image in images))

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write once, with its pictures.

        Raises:
            Refused: also when a picture that was prepared is not at hand.
        """
        brought = outgoing.images if outgoing.video is None else (outgoing.video,)
        if tuple(one.sha256 for one in brought) != outgoing.media_ids:
            raise Refused(Problem.MEDIA_REFUSED, "a picture is not at hand")
        return self._client.send(outgoing, gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:  # noqa: ARG002
        """Never happens: a repeat would be a second post."""
        raise AssertionError(f"{self.name} does not settle by replay: {outgoing.key}")

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take it down; gone already is as good."""
        with suppress(Gone):
            self._client.delete(post.receipt.remote_id, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Never happens: a bot cannot read its channel.

        The ledger reads ``settles_by`` and does not come here.
        """
        raise AssertionError(f"{self.name} does not settle by looking: {outgoing.key}")
