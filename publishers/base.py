"""The contract of every publisher."""

from collections.abc import Sequence
from typing import Protocol

from models.speech import Gate, Image, Outgoing, Receipt


class Publisher(Protocol):
    """Puts one post on one account of one network, never twice by itself."""

    def prepare(self, images: Sequence[Image]) -> tuple[str, ...]:
        """Upload pictures with their alt texts and return their media ids, in order.

        May be repeated: nothing of it is visible to the public.

        Raises:
            TryLater, Disconnected, Refused: as named. An answer lost here is TryLater.
        """
        ...

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write once. ``gate`` is called immediately before the bytes leave.

        Raises:
            GateClosed: the gate said no; nothing was sent.
            TryLater: nothing happened. Disconnected, Refused: nothing was published.
            Uncertain: it may or may not be published.
        """
        ...

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Repeat under the same key; only where capabilities settle by ``Replay``."""
        ...

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        """Find the post among the account's own since ``armed_at``; only reads.

        Raises:
            TryLater, Disconnected: the network could not be asked now.
        """
        ...
