"""Hearing on Facebook: comments below the Page's newest posts."""

from collections.abc import Iterator, Sequence

from collectors.downward import walked
from models.speech import Page, Utterance
from networks import facebook
from networks.graph import Remark, Remarks, Thread


class FacebookCollector:
    """Hears the comments of one Page; its own are not kept."""

    def __init__(self, client: facebook.Client) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages of what is new; see the contract."""
        threads = self._client.threads()
        yield from walked(threads, cursor, self._older, self._heard)

    def _older(self, thread: Thread, after: str) -> Remarks:
        return self._client.remarks(thread.post_id, after)

    def _heard(self, remarks: Sequence[Remark]) -> tuple[Utterance, ...]:
        own = self._client.page_id
        return tuple(
            Utterance(
                remote_id=one.id,
                url=one.url,
                text=one.text,
                author=one.handle,
                author_name=one.name,
                published_at=one.at,
                in_reply_to=one.answers,
            )
            for one in remarks
            if one.text and one.handle != own
        )
