"""Hearing what is said below own posts, where the account is known by its handle."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from collectors.downward import walked
from models.speech import Page, Utterance
from networks.graph import Remark, Remarks, Thread


class Below(Protocol):
    """What it asks of a client."""

    def whoami(self) -> str: ...

    def threads(self) -> Sequence[Thread]: ...

    def older(self, thread: Thread, after: str) -> Remarks: ...


class BelowOwnPosts:
    """Hears what is said below own posts; what the account says itself is not kept."""

    def __init__(self, client: Below) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages of what is new; see the contract."""
        own = self._client.threads()
        yield from walked(own, cursor, self._client.older, self._heard)

    def _heard(self, remarks: Sequence[Remark]) -> tuple[Utterance, ...]:
        own = self._client.whoami()
        return tuple(
            Utterance(
                remote_id=one.id,
                url=one.url,
                text=one.text,
                author=one.handle,
                published_at=one.at,
                in_reply_to=one.answers,
            )
            for one in remarks
            if one.text and one.handle != own
        )
