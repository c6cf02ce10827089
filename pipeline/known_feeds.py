"""The list of news feeds to begin with, beside what this installation found itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.news_feeds import KnownFeed, news_feeds
from config.words import N_
from models.errors import Conflict, InvalidInput
from models.person import Person
from models.source_lists import SourceLists
from pipeline.sources import add_source, usable
from pipeline.unit import Work

LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class KnownRow:
    """One feed of the list.

    Attributes:
        answered_at: when it last answered this installation; None: not checked.
        reads: whether the office reads it.
    """

    feed: KnownFeed
    answered_at: datetime | None
    reads: bool

    def as_dict(self) -> dict[str, Any]:
        """Plain values for programs and tables."""
        evidence = self.feed.evidence
        return {
            "name": self.feed.name,
            "place": self.feed.place,
            "url": self.feed.url,
            "answered_at": self.answered_at,
            "reads": self.reads,
            "evidence": evidence.url,
            "what": evidence.what,
            "read": evidence.read.isoformat(),
            "dated": evidence.dated and evidence.dated.isoformat(),
        }


def known_feeds(work: Work, words: str = "") -> list[KnownRow]:
    """The feeds whose name or place holds ``words``, in the order of the list."""
    wanted = words.strip().casefold()
    feeds = [
        feed
        for feed in news_feeds().feeds
        if wanted in f"{feed.name} {feed.place}".casefold()
    ]
    lists = SourceLists(work.session)
    sources = lists.by_urls([usable(feed.url) for feed in feeds])
    reads = lists.subscriptions([source.id for source in sources.values()])
    rows = []
    for feed in feeds:
        source = sources.get(usable(feed.url))
        subscription = reads.get(source.id) if source else None
        rows.append(
            KnownRow(
                feed,
                source.succeeded_at if source else None,
                subscription is not None and subscription.stopped_at is None,
            )
        )
    return rows


def add_known(work: Work, by: Person, urls: Collection[str], now: datetime) -> int:
    """Read these feeds of the list from now on; return how many were not read before.

    Raises:
        NotAllowed: this person may not.
        InvalidInput: an address does not stand in the list.
    """
    known = {feed.url: feed for feed in news_feeds().feeds}
    if not urls or not set(urls) <= set(known):
        raise InvalidInput(N_("Pilih sumber dari daftar ini."), "umpan")
    added = 0
    for url in urls:
        try:
            add_source(work, by, url, known[url].name, now)
        except Conflict:
            continue
        added += 1
    return added


def add_search(work: Work, by: Person, words: str, now: datetime) -> int:
    """Read a search at Google News as a feed; return the source's id.

    Raises:
        NotAllowed: this person may not.
        InvalidInput: no words, or too many.
        Conflict: the office reads it already.
    """
    wanted = " ".join(words.split())
    if not wanted or len(wanted) > LONGEST_SEARCH:
        raise InvalidInput(N_("Tulis kata pencarian, paling banyak 200 huruf."), "kata")
    url = news_feeds().search_url(wanted)
    return add_source(work, by, url, f"Google News: {wanted}", now)
