"""News feeds of Indonesia to begin with: ``config/data/news_feeds.toml``, read once.

Each row says where its address comes from. Whether it answers is for the installation
itself to find out.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote_plus, urlsplit


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an address was read.

    Attributes:
        read: the day on which it was read.
        dated: the day that the evidence itself bears, None where it bears none.
    """

    url: str
    what: str
    read: date
    dated: date | None


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """One feed of the list."""

    name: str
    url: str
    place: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class NewsFeeds:
    """The list, and the form of a search as a feed."""

    feeds: tuple[KnownFeed, ...]
    search: str
    search_evidence: Evidence

    def search_url(self, words: str) -> str:
        """The address of the feed of a search at Google News."""
        return self.search.replace("{words}", quote_plus(" ".join(words.split())))


@cache
def news_feeds() -> NewsFeeds:
    """Read the list.

    Raises:
        ValueError, KeyError: a row lacks something or stands twice.
    """
    path = files("config") / "data" / "news_feeds.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {row["code"]: _evidence(row) for row in rows["evidence"]}
    feeds = tuple(
        KnownFeed(row["name"], _web(row["url"]), row["place"], known[row["evidence"]])
        for row in rows["feed"]
    )
    if len({feed.url for feed in feeds}) != len(feeds):
        raise ValueError("news_feeds.toml: an address stands twice")
    google = rows["google_news"]
    return NewsFeeds(feeds, _web(google["address"]), known[google["evidence"]])


def _evidence(row: Mapping[str, Any]) -> Evidence:
    return Evidence(_web(row["url"]), row["what"], row["read"], row.get("dated"))


def _web(url: str) -> str:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError(f"news_feeds.toml: {url}")
    return url
