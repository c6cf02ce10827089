"""A post on a WordPress site: one call, never repeated; a lost answer is looked up."""

from collections.abc import Sequence
from contextlib import suppress

from models.errors import Gone
from models.speech import Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import wordpress
from networks.images import fitted


class WordPressPublisher:
    """Writes for one author of one site."""

    name = wordpress.NAME
    capabilities = wordpress.CAPABILITIES

    def __init__(self, client: wordpress.Client) -> None:
        self._client = client

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:  # noqa: ARG002
        """Put pictures with their alternative texts into the site's library."""
        limit = self.capabilities.media
        return Prepared(
            tuple(self._client.upload(fitted(one, limit)) for one in images)
        )

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write once."""
        return self._client.create_post(outgoing, gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:  # noqa: ARG002
        """WordPress knows no key: a repeat would be a second post.

        The ledger reads ``settles_by`` and does not come here.
        """
        raise AssertionError(f"{self.name} does not settle by replay: {outgoing.key}")

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take it down; gone already is as good."""
        with suppress(Gone):
            self._client.delete(post.receipt.remote_id, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Find the post by its slug, which holds the delivery's key."""
        return self._client.find(outgoing)
