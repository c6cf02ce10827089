"""The words of a news page, and the address it gives itself; in the parsing process."""

import html
import re
from typing import Any
from urllib.parse import urljoin

from networks.feed_charset import decode
from networks.feed_text import printable

_HEAD = 200_000  # characters in which the page's own address is looked for
_TAG = re.compile(r"<(link|meta)\b([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"([a-z:-]{1,30})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))",
    re.IGNORECASE,
)


def read_page(body: bytes, content_type: str, url: str, longest: int) -> dict[str, Any]:
    """Text, ``rel=canonical`` and ``og:url`` of a page; "" for what it does not hold.

    Args:
        body: after decompression.
        content_type: its header, for the charset.
        url: where it came from, for relative addresses.
        longest: characters of the text.
    """
    from trafilatura import extract

    markup = decode(body, content_type).text
    text = extract(
        markup,
        url=url,
        fast=True,
        include_comments=False,
        include_tables=False,
        favor_precision=True,
    )
    canonical, og_url = _own_addresses(markup[:_HEAD], url)
    return {
        "text": printable(text or "")[:longest],
        "canonical": canonical,
        "og_url": og_url,
    }


def _own_addresses(head: str, url: str) -> tuple[str, str]:
    canonical = og_url = ""
    for tag, inside in _TAG.findall(head):
        said = {
            name.lower(): html.unescape(double or single or bare).strip()
            for name, double, single, bare in _ATTRIBUTE.findall(inside)
        }
        if tag.lower() == "link" and "canonical" in said.get("rel", "").lower().split():
            canonical = canonical or _joined(url, said.get("href", ""))
        elif said.get("property", "").lower() == "og:url":
            og_url = og_url or _joined(url, said.get("content", ""))
    return canonical, og_url


def _joined(url: str, href: str) -> str:
    try:
        return urljoin(url, href)[:2_000] if href else ""
    except ValueError:
        return ""
