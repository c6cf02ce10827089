"""The contract of every collector."""

from collections.abc import Iterator
from typing import Protocol

from models.speech import Page


class Collector(Protocol):
    """Hears what is said in public to or about one account."""

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages after ``cursor``, each to be stored together with its own cursor.

        What was yielded before an error is valid; the next call carries on from the
        cursor stored last, also in the middle of a long backlog that the network
        answers newest first.

        Raises:
            Disconnected: the account must be reconnected.
            TryLater: the network is resting; what came before stands.
        """
        ...
