"""Feeds that a web page names in its head, for a person who gave the page's address.

https://html.spec.whatwg.org/multipage/links.html#rel-alternate
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin

from models.errors import Refused
from networks.feed_charset import decode
from networks.http import parsed, safe

_MOST = 20
_READ_BYTES = 512 * 1024  # of the page; a head is no longer
_LONGEST_TITLE = 200
_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
    }
)
_TAG = re.compile(r"<(link|base)\b([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"([a-z-]{1,30})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NamedFeed:
    """A feed as its page names it; nobody has asked it yet."""

    url: str
    title: str


def feeds_named(body: bytes, content_type: str, url: str) -> tuple[NamedFeed, ...]:
    """The feeds that a page names, in its order, each once; () when it names none.

    Args:
        body: of the page, after decompression; its beginning is read.
        content_type: its header, for the charset.
        url: where it came from, for relative links; without credentials.
    """
    text = decode(body[:_READ_BYTES], content_type).text
    base = url
    found: dict[str, NamedFeed] = {}
    for tag, inside in _TAG.findall(text):
        said = _attributes(inside)
        if tag.lower() == "base":
            base = urljoin(url, said.get("href", ""))
        elif _names_a_feed(said):
            address = _address(base, said.get("href", ""))
            title = " ".join(said.get("title", "").split())[:_LONGEST_TITLE]
            if address and len(found) < _MOST:
                found.setdefault(address, NamedFeed(address, title))
    return tuple(found.values())


def _attributes(inside: str) -> dict[str, str]:
    return {
        name.lower(): html.unescape(double or single or bare).strip()
        for name, double, single, bare in _ATTRIBUTE.findall(inside)
    }


def _names_a_feed(said: dict[str, str]) -> bool:
    kind = said.get("type", "").partition(";")[0].strip().lower()
    return "alternate" in said.get("rel", "").lower().split() and kind in _TYPES


def _address(base: str, href: str) -> str:
    """The address without credentials, or "" for what is no web address."""
    try:
        return safe(parsed(urljoin(base, href))) if href else ""
    except (Refused, ValueError):
        return ""
