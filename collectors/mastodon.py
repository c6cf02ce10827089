"""Hearing on Mastodon: notifications that mention the account, oldest first.

Servers exist that ignore ``min_id`` and ``types`` and answer the newest of every type.
They are recognised by their second answer, and are walked down instead.
"""

from collections.abc import Iterator, Sequence

from models.speech import Page, Utterance
from networks import mastodon
from networks.mastodon_statuses import Notice, Status

BEGINNING = "0"
MOST_PAGES = 50  # of one walk down
_MENTION = "mention"


class MastodonCollector:
    """Hears the mentions of one account."""

    def __init__(self, client: mastodon.Client) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages of what is new; see the contract."""
        start = cursor or BEGINNING
        batch = self._client.notices(after=start)
        while batch:
            if any(not _newer(one, start) for one in batch):
                yield from self._down(batch, start, cursor)
                return
            newest = max((one.id for one in batch), key=_order)
            following = self._client.notices(after=newest)
            if any(not _newer(one, newest) for one in following):
                yield from self._down(batch, start, cursor)  # it ignores min_id
                return
            yield Page(_heard(batch), newest)
            start, cursor, batch = newest, newest, following

    def _down(
        self, batch: Sequence[Notice], start: str, cursor: str | None
    ) -> Iterator[Page]:
        """Walk from the newest down to ``start``; only then the cursor moves."""
        newest = max((one.id for one in batch), key=_order)
        lowest: str | None = None
        for _ in range(MOST_PAGES):
            fresh = [one for one in batch if _newer(one, start)]
            new_here = [
                one
                for one in fresh
                if lowest is None or _order(one.id) < _order(lowest)
            ]
            if not new_here:
                break
            yield Page(_heard(new_here), cursor)
            lowest = min((one.id for one in new_here), key=_order)
            if len(fresh) < len(batch):
                break
            batch = self._client.notices(before=lowest)
        yield Page((), max(newest, start, key=_order))


def _newer(one: Notice, than: str) -> bool:
    return _order(one.id) > _order(than)


def _order(number: str) -> tuple[int, str]:
    """Ids are numbers, or strings that grow: longer is later."""
    return len(number), number


def _heard(batch: Sequence[Notice]) -> tuple[Utterance, ...]:
    """The public mentions, oldest first; private messages stay where they are."""
    ordered = sorted(batch, key=lambda one: _order(one.id))
    return tuple(
        _utterance(one.status)
        for one in ordered
        if one.kind == _MENTION and one.status and one.status.is_public
    )


def _utterance(status: Status) -> Utterance:
    return Utterance(
        remote_id=status.id,
        url=status.url,
        text=status.text,
        author=status.handle,
        author_name=status.name,
        published_at=status.created_at,
        in_reply_to=status.in_reply_to,
        language=status.language,
    )
