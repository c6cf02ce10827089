"""From the bytes of a feed to values. Runs in the parsing process only.

No markup and no address but ``http`` and ``https`` leaves this module.
"""

import html
import json
import re
from collections import Counter
from typing import Any
from urllib.parse import urljoin, urlsplit

from models.errors import TryLater
from models.problems import Problem
from networks.feed_charset import decode, repair_double_encoding
from networks.feed_contained import SLIPS, parse
from networks.feed_mending import (
    ends_within_an_entry,
    legal_xml,
    mended_xml,
    root_first,
)
from networks.feed_text import plain_line, plain_text, printable
from networks.feed_values import FeedWarning, ParsedEntry, ParsedFeed, ParserLimits

_LONGEST_TITLE = 1_000
_LONGEST_NAME = 200
_LONGEST_LINK = 2_048
_LONGEST_GUID = 4_096
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)


def read_feed(
    body: bytes, content_type: str, url: str, limits: ParserLimits
) -> ParsedFeed:
    """Parse one body.

    Args:
        body: bytes of an answer with status 200, after decompression.
        content_type: its header, for the charset.
        url: where it came from, for relative links; without credentials.
        limits: see :class:`ParserLimits`; time and memory are held from outside.

    Raises:
        TryLater: ``FEED_EMPTY`` or ``FEED_UNREADABLE``.
        Refused: ``NOT_A_FEED``: a web page.
    """
    if not body.strip(b" \t\r\n\0"):
        raise TryLater(Problem.FEED_EMPTY, "no bytes")
    decoded = decode(body[: limits.body_bytes], content_type)
    warnings: Counter[FeedWarning] = Counter()
    if decoded.guessed:
        warnings[FeedWarning.CHARSET_GUESSED] += 1
    text = decoded.text.lstrip("\ufeff\u200b \t\r\n")
    reader = _Reader(url, limits, warnings)
    if text.startswith("{"):
        return reader.json_feed(text)
    return reader.xml_feed(root_first(text, warnings))


class _Reader:
    """Turns one document into values, counting what was odd."""

    def __init__(
        self, url: str, limits: ParserLimits, warnings: Counter[FeedWarning]
    ) -> None:
        self._url = url
        self._limits = limits
        self._warnings = warnings

    def xml_feed(self, text: str) -> ParsedFeed:
        legal = legal_xml(text)
        result = parse(legal)
        malformed = bool(result["bozo"] or result["feed"].get(SLIPS))
        if malformed:
            mended = mended_xml(legal)
            result = result if mended == legal else parse(mended)
        entries = list(result["entries"])
        if malformed and ends_within_an_entry(legal):
            self._warnings[FeedWarning.CUT_SHORT] += 1
            entries = entries[:-1]
        version = str(result.get("version") or "")
        if not entries and (malformed or not version):
            reason = type(result.get("bozo_exception")).__name__
            raise TryLater(Problem.FEED_UNREADABLE, f"no entry can be read: {reason}")
        if malformed:
            self._warnings[FeedWarning.MALFORMED] += 1
        channel = result["feed"]
        base = self._web_address(_raw(channel, "link"), self._url) or self._url
        return self._feed(
            title=_raw(channel, "title"),
            link=base if base != self._url else "",
            version=version,
            ttl=_raw(channel, "ttl"),
            entries=[self._xml_entry(e, base) for e in self._first(entries)],
        )

    def json_feed(self, text: str) -> ParsedFeed:
        """JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/."""
        try:
            channel = json.loads(text)
        except (ValueError, RecursionError):
            raise TryLater(Problem.FEED_UNREADABLE, "no JSON") from None
        items = channel.get("items")
        if "jsonfeed.org" not in str(channel.get("version")) or not _is_list(items):
            raise TryLater(Problem.FEED_UNREADABLE, "JSON, but no JSON Feed")
        base = self._web_address(_raw(channel, "home_page_url"), self._url)
        return self._feed(
            title=_raw(channel, "title"),
            link=base,
            version="json",
            ttl="",
            entries=[
                self._json_entry(e, base or self._url)
                for e in self._first([e for e in items if isinstance(e, dict)])
            ],
        )

    def _feed(
        self, *, title: str, link: str, version: str, ttl: str, entries: list[Any]
    ) -> ParsedFeed:
        minutes = int(ttl) if ttl.isdecimal() and len(ttl) < 9 else None
        return ParsedFeed(
            title=plain_line(title, _LONGEST_NAME),
            link=link,
            version=version,
            ttl_minutes=minutes,
            entries=tuple(entries),
            warnings=dict(self._warnings),
        )

    def _first(self, entries: list[Any]) -> list[Any]:
        over = len(entries) - self._limits.entries
        if over > 0:
            self._warnings[FeedWarning.ENTRIES_CUT] += over
        return entries[: self._limits.entries]

    def _xml_entry(self, entry: Any, base: str) -> ParsedEntry:
        contents = entry.get("content")
        content = _raw(contents[0], "value") if _is_list(contents) else ""
        summary = _raw(entry, "summary")
        guid = _raw(entry, "id")
        link = _raw(entry, "feedburner_origlink") or _raw(entry, "link")
        if link == guid and "://" not in guid:
            link = ""  # feedparser takes any guid for a link where there is none
        return self._entry(
            guid=_address(guid),
            link=_address(link),
            base=base,
            title=_raw(entry, "title"),
            summary="" if summary == content else summary,
            content=content,
            author=_author(entry),
            published=_raw(entry, "published") or _raw(entry, "created"),
            updated=_raw(entry, "updated"),
        )

    def _json_entry(self, entry: dict[str, Any], base: str) -> ParsedEntry:
        authors = entry.get("authors")
        first = authors[0] if _is_list(authors) and authors else entry.get("author")
        return self._entry(
            guid=str(entry.get("id") or ""),
            link=_raw(entry, "url"),
            base=base,
            title=_raw(entry, "title"),
            summary=html.escape(_raw(entry, "summary")),
            content=_raw(entry, "content_html")
            or html.escape(_raw(entry, "content_text")),
            author=_raw(first, "name") if isinstance(first, dict) else "",
            published=_raw(entry, "date_published"),
            updated=_raw(entry, "date_modified"),
        )

    def _entry(
        self,
        *,
        guid: str,
        link: str,
        base: str,
        title: str,
        summary: str,
        content: str,
        author: str,
        published: str,
        updated: str,
    ) -> ParsedEntry:
        texts = {
            "title": plain_line(title, _LONGEST_TITLE),
            "summary_text": self._plain(summary),
            "content_text": self._plain(content),
            "author": plain_line(author, _LONGEST_NAME),
        }
        fixed = {name: repair_double_encoding(text) for name, text in texts.items()}
        originals = {n: printable(t) for n, t in texts.items() if fixed[n] != t}
        if originals:
            self._warnings[FeedWarning.DOUBLE_ENCODED] += 1
        address = self._web_address(link, base)
        if link and not address:
            self._warnings[FeedWarning.LINK_DROPPED] += 1
        return ParsedEntry(
            guid=printable(guid.strip())[:_LONGEST_GUID],
            link=address,
            published_raw=printable(published)[:_LONGEST_NAME],
            updated_raw=printable(updated)[:_LONGEST_NAME],
            originals=originals,
            **{name: printable(text) for name, text in fixed.items()},
        )

    def _plain(self, markup: str) -> str:
        text = plain_text(markup, self._limits.text)
        if len(text) == self._limits.text:
            self._warnings[FeedWarning.TEXT_CUT] += 1
        return text

    def _web_address(self, link: str, base: str) -> str:
        """An absolute ``http`` or ``https`` address, or empty."""
        written = "".join(printable(link).split("\n")).strip()
        if not written or len(written) > _LONGEST_LINK:
            return ""
        try:
            if urlsplit(written).scheme and not urlsplit(written).hostname:
                return ""
            address = urljoin(base, written)
            parts = urlsplit(address)
        except ValueError:
            return ""
        known = parts.scheme in {"http", "https"} and bool(parts.hostname)
        return address if known and " " not in parts.netloc else ""


def _raw(values: Any, name: str) -> str:
    """A string as it stands, without feedparser's stand-ins for missing keys."""
    value = dict.get(values, name) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""


def _author(entry: Any) -> str:
    """A name; RSS writes "mail (name)", and the mail is nobody's business here."""
    name = _raw(entry.get("author_detail"), "name")
    authors = entry.get("authors")
    for other in authors if _is_list(authors) else ():
        name = name or _raw(other, "name")
    return "" if "@" in name else name


def _address(written: str) -> str:
    """With the "&" that a lenient parser leaves escaped; "&copy=2" is no sign."""
    return _AMPERSAND.sub("&", written)


def _is_list(value: object) -> bool:
    return isinstance(value, list)
