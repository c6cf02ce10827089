"""Hearing on Bluesky: notifications, newest first and not quite in order.

The network gives them by the time it saw them, but one may appear later among those
that were read already. So each walk goes an hour below what is known; whom it knows
there it does not give again. Source: issues of bluesky-social/atproto (S, 2026-11-24).
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from models.speech import Page, Utterance
from networks import bluesky
from networks.bluesky_records import Notice

OVERLAP = timedelta(hours=1)
FIRST_PAGES = 20  # how far back the very first walk goes
MOST_PAGES = 100  # of one call; a longer walk goes on in the next one
_HEARD = frozenset({"mention", "reply", "quote"})
_MARK = 10  # hexadecimal digits by which a notification is known again


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk stands; times are ISO 8601."""

    known: str = ""  # everything seen up to here is stored
    newest: str = ""  # where the cursor goes when this walk has arrived
    below: str | None = None  # the network's own place, inside a walk
    marks: tuple[str, ...] = ()  # of what is stored from the last hour before newest

    @classmethod
    def read(cls, cursor: str | None) -> "Walk":
        if not cursor:
            return cls()
        told = json.loads(cursor)
        return cls(**told | {"marks": tuple(told["marks"])})

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    def further(self, notices: Sequence[Notice], below: str | None) -> "Walk":
        """Where the walk stands after one page."""
        newest = max((self.newest, *(one.at.isoformat() for one in notices)))
        floor = _floor(newest)
        near = {_mark(one) for one in notices if one.at.isoformat() >= floor}
        marks = tuple(sorted(near.union(self.marks)))
        return replace(self, newest=newest, below=below, marks=marks)

    def arrived(self) -> "Walk":
        """The cursor once the walk has come down an hour below what is known."""
        known = max(self.newest, self.known)
        floor = _floor(known)
        marks = tuple(
            sorted(one for one in self.marks if one.partition(" ")[2] >= floor)
        )
        return Walk(known=known, marks=marks)

    def reaches_down_to(self, notices: Sequence[Notice]) -> bool:
        """Whether ``notices`` lie below what is known, by more than an hour."""
        floor = _floor(self.known)
        return bool(floor) and any(one.at.isoformat() < floor for one in notices)


class BlueskyCollector:
    """Hears the mentions, answers and quotes of one account."""

    def __init__(self, client: bluesky.Client) -> None:
        self._client = client

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Yield pages of what is new, newest first; see the contract."""
        walk, stored = Walk.read(cursor), cursor
        most = MOST_PAGES if walk.known else FIRST_PAGES
        for number in range(1, most + 1):
            notices, below = self._client.notices(walk.below)
            fresh = self._heard(notices, walk)
            stuck = below is not None and below == walk.below
            last = below is None or stuck or walk.reaches_down_to(notices)
            walk = walk.further(notices, below)
            if last or (number == most and not walk.known):
                arrived = str(walk.arrived())
                if fresh or arrived != stored:
                    yield Page(fresh, arrived)
                return
            if fresh:
                yield Page(fresh, stored := str(walk))

    def _heard(self, notices: Sequence[Notice], walk: Walk) -> tuple[Utterance, ...]:
        floor = _floor(walk.known)
        return tuple(
            self._utterance(one)
            for one in notices
            if one.reason in _HEARD
            and one.record is not None
            and one.at.isoformat() >= floor
            and _mark(one) not in walk.marks
        )

    def _utterance(self, notice: Notice) -> Utterance:
        record = notice.record
        assert record is not None
        return Utterance(
            remote_id=record.uri,
            url=self._client.link(record.uri),
            text=record.text,
            author=notice.handle,
            author_name=notice.name,
            published_at=notice.at,
            in_reply_to=record.reply_to,
            language=record.language,
        )


def _floor(known: str) -> str:
    """An hour below what is known; empty before the first walk has arrived."""
    return (datetime.fromisoformat(known) - OVERLAP).isoformat() if known else ""


def _mark(one: Notice) -> str:
    named = f"{one.uri} {one.reason}".encode()
    return f"{hashlib.sha256(named).hexdigest()[:_MARK]} {one.at.isoformat()}"
