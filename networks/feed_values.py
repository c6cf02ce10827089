"""What a parsed feed is, and how it crosses from the parsing process as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

MIB = 1024 * 1024


class FeedWarning(StrEnum):
    """What was odd about a feed that could be read all the same; counted."""

    MALFORMED = "malformed"  # no well-formed XML; read leniently
    CHARSET_GUESSED = "charset_guessed"  # the bytes are not what their label says
    DOUBLE_ENCODED = "double_encoded"  # "â€œ" repaired; the original is kept
    LINK_DROPPED = "link_dropped"  # javascript:, data:, or no address at all
    TEXT_CUT = "text_cut"  # longer than ``ParserLimits.text``
    CUT_SHORT = "cut_short"  # the text ends within an entry, which is left out
    ENTRIES_CUT = "entries_cut"  # more than ``ParserLimits.entries``


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What one feed may cost. Bytes are of the body after decompression."""

    body_bytes: int = 15 * MIB
    entries: int = 5_000
    text: int = 100_000  # characters of one summary or article
    cpu_seconds: int = 20
    wall_seconds: float = 40.0
    memory_bytes: int = 1024 * MIB  # address space, of which Python itself takes 100
    feeds_per_child: int = 500  # then a fresh process, so that nothing piles up


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One ``<item>`` or ``<entry>``; every text is plain, never markup.

    Attributes:
        guid: as written, or empty.
        link: absolute ``http``/``https`` address, or empty.
        summary_text: the description; paragraphs are separated by a line break.
        content_text: the whole article where the feed carries it, else empty.
        author: a name, never a mail address.
        published_raw: the date string as the source wrote it; nothing interprets it.
        updated_raw: likewise, of the last change.
        originals: texts that were repaired, by field name, before the repair.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    summary_text: str = ""
    content_text: str = ""
    author: str = ""
    published_raw: str = ""
    updated_raw: str = ""
    originals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as its publisher meant it.

    Attributes:
        version: feedparser's name of the format ("rss20", "atom10"), or "json".
        ttl_minutes: how long the publisher asks to wait; None when it does not say.
        warnings: how often each oddity was met.
    """

    title: str = ""
    link: str = ""
    version: str = ""
    ttl_minutes: int | None = None
    entries: tuple[ParsedEntry, ...] = ()
    warnings: Mapping[FeedWarning, int] = field(default_factory=dict)


_ENTRY = tuple(one.name for one in fields(ParsedEntry))


def to_json(feed: ParsedFeed) -> dict[str, Any]:
    """The feed as plain values."""
    return {
        "title": feed.title,
        "link": feed.link,
        "version": feed.version,
        "ttl_minutes": feed.ttl_minutes,
        "entries": [[getattr(entry, f) for f in _ENTRY] for entry in feed.entries],
        "warnings": feed.warnings,
    }


def from_json(values: Mapping[str, Any]) -> ParsedFeed:
    """The feed again.

    Raises:
        TypeError, ValueError, KeyError: it was not made by :func:`to_json`.
    """
    return ParsedFeed(
        title=values["title"],
        link=values["link"],
        version=values["version"],
        ttl_minutes=values["ttl_minutes"],
        entries=tuple(ParsedEntry(*entry) for entry in values["entries"]),
        warnings={FeedWarning(k): v for k, v in values["warnings"].items()},
    )
