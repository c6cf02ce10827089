"""The pretend newsroom: feeds and articles that can be added, edited and removed."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

WIB = timezone(timedelta(hours=7), "WIB")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_MONTHS = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
]


class FeedKind(StrEnum):
    """The format a feed is written in."""

    RSS = "rss"
    ATOM = "atom"


class DateForm(StrEnum):
    """How a feed writes its dates; the odd ones are met in real Indonesian feeds."""

    STANDARD = "standard"  # RFC 822 in RSS, RFC 3339 in Atom
    WIB = "wib"  # Mon, 23 Nov 2026 08:00:00 WIB
    INDONESIAN = "indonesian"  # Senin, 23 November 2026 08:00 WIB
    NO_ZONE = "no_zone"  # 2026-11-23 08:00:00
    UNDATED = "undated"


class GuidForm(StrEnum):
    """What a feed gives as the identity of an article."""

    URL = "url"
    NUMBER = "number"  # 1, 2, 3 … from the top, used again with the next article
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Article:
    """One article; ``paragraphs`` is its text."""

    id: int
    feed: str
    title: str
    paragraphs: tuple[str, ...]
    published: datetime  # aware
    updated: datetime | None = None
    author: str = ""
    categories: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        return self.paragraphs[0] if self.paragraphs else ""

    @property
    def path(self) -> str:
        return f"/berita/{self.feed}/{self.id}"


@dataclass(slots=True)
class Feed:
    """One feed; its forms may be changed while it runs."""

    slug: str
    title: str
    kind: FeedKind = FeedKind.RSS
    date_form: DateForm = DateForm.STANDARD
    guid_form: GuidForm = GuidForm.URL
    window: int = 20  # newest articles shown
    headers: Mapping[str, str] = field(default_factory=dict)


DEFAULT_FEEDS = (
    ("kabar-sukamaju", "Kabar Sukamaju", FeedKind.RSS),
    ("suara-mekarasih", "Suara Mekarasih", FeedKind.ATOM),
)


class Newsroom:
    """Feeds and their articles. Safe to use from several threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        """Two empty feeds, one in each format."""
        with self.lock:
            self.feeds = {
                slug: Feed(slug, title, kind) for slug, title, kind in DEFAULT_FEEDS
            }
            self.articles: dict[int, Article] = {}
            self._last = 0

    def add_feed(self, slug: str, title: str, kind: FeedKind | str = "rss") -> Feed:
        with self.lock:
            self.feeds[slug] = Feed(slug, title, FeedKind(kind))
            return self.feeds[slug]

    def add(
        self,
        feed: str,
        title: str,
        text: str,
        *,
        published: datetime | None = None,
        author: str = "Redaksi",
        categories: tuple[str, ...] = (),
    ) -> Article:
        """Publish an article; blank lines in ``text`` part its paragraphs.

        Raises:
            KeyError: there is no such feed.
        """
        with self.lock:
            self._last += 1
            article = Article(
                id=self._last,
                feed=self.feeds[feed].slug,
                title=_clean(title),
                paragraphs=_paragraphs(text),
                published=published or datetime.now(UTC),
                author=author,
                categories=categories,
            )
            self.articles[article.id] = article
            return article

    def edit(self, article_id: int, **values: Any) -> Article:
        """Change ``title`` or ``text``; the article says when it was updated.

        Raises:
            KeyError: there is no such article.
        """
        if "text" in values:
            values["paragraphs"] = _paragraphs(values.pop("text"))
        if "title" in values:
            values["title"] = _clean(values["title"])
        with self.lock:
            values.setdefault("updated", datetime.now(UTC))
            article = replace(self.articles[article_id], **values)
            self.articles[article_id] = article
            return article

    def remove(self, article_id: int) -> Article | None:
        with self.lock:
            return self.articles.pop(article_id, None)

    def shown(self, slug: str) -> list[Article]:
        """The articles inside a feed's window, newest first."""
        with self.lock:
            window = self.feeds[slug].window
            found = [a for a in self.articles.values() if a.feed == slug]
        newest = sorted(found, key=lambda a: (a.published, a.id), reverse=True)
        return newest[:window]


def _paragraphs(text: str) -> tuple[str, ...]:
    parts = _clean(text).split("\n\n")
    return tuple(part.strip() for part in parts if part.strip())


def _clean(text: str) -> str:
    """Text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n"))


def written_date(at: datetime, form: DateForm, kind: FeedKind) -> str:
    """A date as the feed writes it; empty when it writes none."""
    local = at.astimezone(WIB)
    match form:
        case DateForm.UNDATED:
            return ""
        case DateForm.WIB:
            return format_datetime(local).replace("+0700", "WIB")
        case DateForm.INDONESIAN:
            return f"{in_words(at)} WIB"
        case DateForm.NO_ZONE:
            return f"{local:%Y-%m-%d %H:%M:%S}"
        case DateForm.STANDARD if kind is FeedKind.ATOM:
            return local.isoformat(timespec="seconds")
        case _:
            return format_datetime(local)


def in_words(at: datetime) -> str:
    """``Senin, 23 November 2026 08:00``, in WIB."""
    local = at.astimezone(WIB)
    day, month = _DAYS[local.weekday()], _MONTHS[local.month - 1]
    return f"{day}, {local.day} {month} {local:%Y %H:%M}"
