"""Feeds on the wire: RSS 2.0 and Atom with ETag, Last-Modified, 304 and gzip."""

import gzip
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from sandbox.news import (
    Article,
    Feed,
    FeedKind,
    GuidForm,
    written_date,
)
from sandbox.world import world_of

router = APIRouter()
_TYPES = {FeedKind.RSS: "application/rss+xml", FeedKind.ATOM: "application/atom+xml"}
_EMPTY = datetime(2026, 1, 1, tzinfo=UTC)  # of a feed that never had an article


def feed_xml(feed: Feed, articles: Sequence[Article], url: str) -> str:
    """The document of one feed."""
    if feed.kind is FeedKind.ATOM:
        return _atom(feed, articles, url)
    return _rss(feed, articles, url)


def _rss(feed: Feed, articles: Sequence[Article], url: str) -> str:
    items = "\n".join(
        _rss_item(feed, place, article, url)
        for place, article in enumerate(articles, start=1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{escape(feed.title)}</title>\n<link>{url}/berita</link>\n"
        "<description>Berita rekaan untuk mencoba dan berlatih</description>\n"
        "<language>id</language>\n"
        f'<atom:link href="{url}/berita/{feed.slug}.xml" rel="self"'
        f' type="application/rss+xml"/>\n{items}\n</channel>\n</rss>\n'
    )


def _rss_item(feed: Feed, place: int, article: Article, url: str) -> str:
    link = url + article.path
    guid = {
        GuidForm.URL: f'<guid isPermaLink="true">{link}</guid>',
        GuidForm.NUMBER: f'<guid isPermaLink="false">{place}</guid>',
        GuidForm.NONE: "",
    }[feed.guid_form]
    date = written_date(article.published, feed.date_form, feed.kind)
    parts = (
        f"<title>{escape(article.title)}</title>",
        f"<link>{link}</link>",
        guid,
        f"<pubDate>{date}</pubDate>" if date else "",
        f"<dc:creator>{escape(article.author)}</dc:creator>",
        *(f"<category>{escape(name)}</category>" for name in article.categories),
        f"<description>{escape(_html(article))}</description>",
    )
    return "<item>" + "".join(parts) + "</item>"


def _html(article: Article) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in article.paragraphs)


def _atom(feed: Feed, articles: Sequence[Article], url: str) -> str:
    changed = _changed(articles).isoformat(timespec="seconds")
    entries = "\n".join(
        _atom_entry(feed, place, article, url)
        for place, article in enumerate(articles, start=1)
    )
    own = f"{url}/berita/{feed.slug}.xml"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="id">\n'
        f"<title>{escape(feed.title)}</title>\n<id>{own}</id>\n"
        f'<link rel="self" href={quoteattr(own)}/>\n'
        f'<link rel="alternate" href="{url}/berita"/>\n'
        f"<updated>{changed}</updated>\n{entries}\n</feed>\n"
    )


def _atom_entry(feed: Feed, place: int, article: Article, url: str) -> str:
    link, form = url + article.path, feed.date_form
    identity = {
        GuidForm.URL: f"<id>{link}</id>",
        GuidForm.NUMBER: f"<id>{place}</id>",
        GuidForm.NONE: "",
    }[feed.guid_form]
    published = written_date(article.published, form, feed.kind)
    updated = written_date(article.updated or article.published, form, feed.kind)
    parts = (
        f"<title>{escape(article.title)}</title>",
        f'<link rel="alternate" href={quoteattr(link)}/>',
        identity,
        f"<published>{published}</published>" if published else "",
        f"<updated>{updated}</updated>" if updated else "",
        f"<author><name>{escape(article.author)}</name></author>",
        *(f"<category term={quoteattr(name)}/>" for name in article.categories),
        f"<summary>{escape(article.summary)}</summary>",
        f'<content type="html">{escape(_html(article))}</content>',
    )
    return "<entry>" + "".join(parts) + "</entry>"


def _changed(articles: Sequence[Article]) -> datetime:
    """When the newest of them was published or updated."""
    return max((a.updated or a.published for a in articles), default=_EMPTY)


@router.get("/berita/{slug}.xml")
async def feed(request: Request, slug: str) -> Response:
    """One feed; 304 when the reader has it already, gzip when it can read that."""
    world = world_of(request)
    found = world.newsroom.feeds.get(slug)
    if found is None:
        return PlainTextResponse("Tidak ada umpan ini.", 404)
    articles = world.newsroom.shown(found.slug)
    body = feed_xml(found, articles, world.url).encode()
    changed = _changed(articles).astimezone(UTC).replace(microsecond=0)
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"',
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Vary": "Accept-Encoding",
    } | dict(found.headers)
    if _is_known(request, headers["ETag"], changed):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(
        body, headers=headers, media_type=f"{_TYPES[found.kind]}; charset=utf-8"
    )


def _is_known(request: Request, etag: str, changed: datetime) -> bool:
    """Whether the reader's validators are still good (RFC 9110, 13.2.2)."""
    if given := request.headers.get("if-none-match"):
        tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
        return etag in tags or "*" in tags
    since = request.headers.get("if-modified-since")
    if not since:
        return False
    try:
        return changed <= parsedate_to_datetime(since)
    except ValueError:
        return False
