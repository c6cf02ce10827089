"""An office's announcements as Atom (RFC 4287) and JSON Feed 1.1.

Times are RFC 3339 with a numeric offset, never "WIB". What may not stand in XML 1.0 is
left out; everything else, emoji too, is given as it was written.
"""

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from models.outlet import PublicPost

ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_TYPE = "application/feed+json; charset=utf-8"
LONGEST_TITLE = 100
WITHDRAWN_TITLE = "Pengumuman ditarik"
WITHDRAWN_TEXT = "Pengumuman ini sudah ditarik oleh kantor yang menerbitkannya."
CORRECTED_TEXT = "Pengumuman ini sudah diralat; bacalah ralatnya."

_ATOM = "http://www.w3.org/2005/Atom"
_XML = "http://www.w3.org/XML/1998/namespace"
_NAMES = uuid.UUID("5b1c1e52-6f0a-4c3d-9d5e-7f1f6c0a2b11")  # of our permanent ids
_ILLEGAL = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # XML 1.0, 2.2
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """One office's feed.

    Attributes:
        name: of the office.
        office_id, since: which office of which installation; the permanent ids are
            made of them and never change.
        zone: of the office; gives the offset of every time.
        atom_url, json_url: where the two forms stand.
    """

    name: str
    office_id: int
    since: datetime
    zone: ZoneInfo
    atom_url: str
    json_url: str
    posts: Sequence[PublicPost] = ()

    @property
    def updated_at(self) -> datetime:
        """When anything of it last changed."""
        return max((post.updated_at for post in self.posts), default=self.since)

    def permanent_id(self, announcement_id: int | None = None) -> str:
        """The id of the feed, or of one announcement; an address of nothing."""
        begun = self.since.timestamp()
        name = f"{begun:.6f}/{self.office_id}/{announcement_id or 'umpan'}"
        return f"urn:uuid:{uuid.uuid5(_NAMES, name)}"

    def time(self, at: datetime) -> str:
        """RFC 3339 on the office's wall, to the second."""
        return at.astimezone(self.zone).isoformat(timespec="seconds")


def atom(outlet: Outlet) -> bytes:
    """The feed as Atom."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(_in_atom("feed"), {f"{{{_XML}}}lang": "id"})
    _add(feed, "id", outlet.permanent_id())
    _add(feed, "title", _feed_title(outlet))
    _add(feed, "updated", outlet.time(outlet.updated_at))
    _add(_add(feed, "author"), "name", outlet.name)
    _add(feed, "link", rel="self", type="application/atom+xml", href=outlet.atom_url)
    _add(feed, "generator", "Kentongan")
    for post in outlet.posts:
        _entry(_add(feed, "entry"), outlet, post)
    written: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def json_feed(outlet: Outlet) -> bytes:
    """The feed as JSON Feed 1.1."""
    values = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _feed_title(outlet),
        "feed_url": outlet.json_url,
        "language": "id",
        "authors": [{"name": outlet.name}],
        "items": [_item(outlet, post) for post in outlet.posts],
    }
    return json.dumps(values, ensure_ascii=False, indent=1).encode()


def title_of(post: PublicPost) -> str:
    """The headline; of what was sent without one, its first line."""
    if post.withdrawn:
        return WITHDRAWN_TITLE
    lines = (line.strip() for line in (post.title or post.text).splitlines())
    first = next(filter(None, lines), "")
    if len(first) <= LONGEST_TITLE:
        return first
    kept = first[:LONGEST_TITLE]
    return (kept.rsplit(None, 1)[0] if " " in kept else kept) + "…"


def _feed_title(outlet: Outlet) -> str:
    return f"Pengumuman {outlet.name}"


def _entry(entry: ET.Element, outlet: Outlet, post: PublicPost) -> None:
    _add(entry, "id", outlet.permanent_id(post.announcement_id))
    _add(entry, "title", title_of(post))
    _add(entry, "published", outlet.time(post.published_at))
    _add(entry, "updated", outlet.time(post.updated_at))
    if _is_address(post.url):
        _add(entry, "link", rel="alternate", href=post.url)
    _add(entry, "content", _markup(_text(post)), type="html")


def _item(outlet: Outlet, post: PublicPost) -> dict[str, Any]:
    item = {
        "id": outlet.permanent_id(post.announcement_id),
        "title": _legal(title_of(post)),
        "content_text": _legal(_text(post)),
        "date_published": outlet.time(post.published_at),
        "date_modified": outlet.time(post.updated_at),
    }
    return item | ({"url": post.url} if _is_address(post.url) else {})


def _text(post: PublicPost) -> str:
    if post.withdrawn:
        return WITHDRAWN_TEXT
    return f"{post.text}\n\n{CORRECTED_TEXT}" if post.corrected else post.text


def _markup(text: str) -> str:
    """Paragraphs at blank lines, line breaks elsewhere; no other markup."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    lines = (escape(part.strip()).replace("\n", "<br/>") for part in paragraphs)
    return "".join(f"<p>{line}</p>" for line in lines)


def _is_address(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    legal = {name: _legal(value) for name, value in attributes.items()}
    element = ET.SubElement(parent, _in_atom(tag), legal)
    element.text = _legal(text) or None
    return element


def _in_atom(tag: str) -> str:
    return f"{{{_ATOM}}}{tag}"


def _legal(text: str) -> str:
    return _ILLEGAL.sub("", text)
