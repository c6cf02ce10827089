"""The contract of every publisher."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from models.speech import Event, Gate, Image, Outgoing, Prepared, Receipt, Standing


class Publisher(Protocol):
    """Puts one post on one account of one network, never twice by itself."""

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:
        """Upload pictures with their alt texts, in order, and name the post.

        Each picture is made to fit the network's limits by ``networks.images.fitted``.
        May be repeated: nothing of it is visible to the public.

        Args:
            post: the text as it stands now. Its ``record_key`` is the one that was kept
                earlier for this content: where the network still takes it, it stays.

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
        """Find the post; only reads.

        By its ``record_key`` where it has one: None then proves that the network has no
        such record, so the same key may be written again. Else by its text, among the
        account's own posts since ``armed_at``.

        Raises:
            TryLater, Disconnected: the network could not be asked now.
        """
        ...


@runtime_checkable
class Withdraws(Protocol):
    """What a publisher offers beside, where ``capabilities.deletes.can``."""

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Take a post down; what is gone already is as good as taken down.

        May be repeated: a post's id is never given to another one.

        Raises:
            GateClosed: the gate said no; nothing was sent.
            TryLater: nothing happened. Disconnected, Refused: it stands as it did.
            Uncertain: it may or may not stand.
        """
        ...


@runtime_checkable
class Tells(Protocol):
    """What a publisher offers beside, where ``capabilities.told``."""

    def tell(self, event: Event, gate: Gate) -> None:
        """Tell what became of a delivery; told again, it is the same event.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named.
        """
        ...
