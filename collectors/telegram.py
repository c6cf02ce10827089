"""Hearing on Telegram: what is said in the channel's discussion group.

Asking with an offset deletes everything below it on the server, so only what was stored
is confirmed: after a page was yielded, and never by an offset of an earlier turn alone.
After a week of silence Telegram draws new, perhaps lower numbers; an old offset would
then delete what nobody has read.
Source: https://core.telegram.org/bots/api#getupdates and #update (seen 2026-11-24).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.speech import Page, Utterance
from networks import telegram
from networks.telegram_messages import Comment, Update


@dataclass(frozen=True, slots=True)
class Stored:
    """The numbers of the page that was stored last."""

    first: int
    next: int

    @classmethod
    def read(cls, cursor: str | None) -> "Stored | None":
        return cls(**json.loads(cursor)) if cursor else None

    @classmethod
    def of(cls, batch: Sequence[Update]) -> "Stored":
        return cls(batch[0].number, batch[-1].number + 1)

    def begins(self, batch: Sequence[Update]) -> bool:
        """Whether a batch is the one that was stored, and not confirmed any more."""
        return bool(batch) and self.first <= batch[0].number < self.next

    def __str__(self) -> str:
        return json.dumps({"first": self.first, "next": self.next})


class TelegramCollector:
    """Hears the discussion group of one channel; private messages are not kept."""

    def __init__(self, client: telegram.Client) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages of what is new, oldest first; see the contract."""
        stored = Stored.read(cursor)
        batch = self._client.updates()
        if stored is not None and stored.begins(batch):
            batch = self._client.updates(stored.next)
        while batch:
            stored = Stored.of(batch)
            yield Page(self._heard(batch), str(stored))
            batch = self._client.updates(stored.next)

    def _heard(self, batch: Sequence[Update]) -> tuple[Utterance, ...]:
        said = [one.comment for one in batch if one.comment is not None]
        if not said:
            return ()
        group, own = self._client.group, self._client.channel_id
        return tuple(
            self._utterance(one)
            for one in said
            if one.chat_id == group and one.by_chat != own and not one.forwarded
        )

    def _utterance(self, one: Comment) -> Utterance:
        chat = {"id": one.chat_id, "username": one.chat_name}
        return Utterance(
            remote_id=one.id,
            url=self._client.link(chat, one.message_id),
            text=one.text,
            author=one.handle,
            author_name=one.name,
            published_at=one.at,
            in_reply_to=one.answers,
        )
