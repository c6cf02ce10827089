"""A press release by e-mail: one letter a person, never sent again by itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

from models.speech import Gate, Image, Outgoing, Prepared, Receipt
from networks import mail
from networks.images import fitting


class MailPublisher:
    """Writes letters for one account."""

    name = mail.NAME
    capabilities = mail.CAPABILITIES

    def __init__(self, client: mail.Client) -> None:
        self._client = client

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:  # noqa: ARG002
        """Pictures travel inside the letter."""
        return Prepared()

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Hand the letter over, once."""
        return self._client.send(
            fitting(outgoing, self.capabilities.media), gate, datetime.now(UTC)
        )

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:  # noqa: ARG002
        """A mail server knows no key: a second letter is a person's decision.

        The ledger reads ``settles_by`` and does not come here.
        """
        raise AssertionError(f"{self.name} does not settle by replay: {outgoing.key}")

    def look_up(self, outgoing: Outgoing) -> Receipt | None:  # noqa: ARG002
        """Nobody can look into another's mailbox."""
        return None
