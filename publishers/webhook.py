"""An announcement to a webhook; a repeat under its key is the same announcement."""

from collections.abc import Sequence

from models.speech import Event, Gate, Image, Outgoing, Prepared, Receipt, Standing
from networks import webhook
from networks.images import fitting


class WebhookPublisher:
    """Writes to one receiver."""

    name = webhook.NAME
    capabilities = webhook.CAPABILITIES

    def __init__(self, client: webhook.Client) -> None:
        self._client = client

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:  # noqa: ARG002
        """Pictures travel inside the body."""
        return Prepared()

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Send once."""
        return self._client.send(fitting(outgoing, self.capabilities.media), gate)

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Repeat under the same key: the receiver gives its first answer."""
        return self.publish(outgoing, gate)

    def tell(self, event: Event, gate: Gate) -> None:
        """Send what became of a delivery on another account."""
        self._client.tell(event, gate)

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Send the event that takes it back."""
        self._client.withdraw(post, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:  # noqa: ARG002
        """A receiver cannot be asked; it is sent the same again."""
        return None
