"""The sandbox's feeds: two formats, validators, gzip, edits, odd dates."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.request import Request, urlopen

import feedparser
import pytest
import requests

from sandbox.news import DateForm, GuidForm
from sandbox.site import Site

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    return running


def read(site: Site, slug: str, **headers: str) -> requests.Response:
    return requests.get(site.feed_url(slug), headers=headers, timeout=5)


def moment(raw: str) -> datetime:
    """The instant a feed wrote, RFC 822 or RFC 3339.

    Read by the standard library: feedparser's own date readers are switched off for a
    whole process by whatever test imports ``networks.feed_contained``.
    """
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        return parsedate_to_datetime(raw)


@pytest.mark.parametrize(
    ("slug", "version"), [("kabar-sukamaju", "rss20"), ("suara-mekarasih", "atom10")]
)
def test_both_formats_carry_the_same_article(
    site: Site, slug: str, version: str
) -> None:
    article = site.publish_article(
        slug, 'Loket SIM "baru" & ramai', "Warga antre.\n\nSejak pagi.", published=AT
    )
    answer = read(site, slug)
    parsed = feedparser.parse(
        answer.content,
        response_headers={"content-type": answer.headers["content-type"]},
    )
    assert (parsed.bozo, parsed.version) == (False, version)
    (entry,) = parsed.entries
    assert entry.title == 'Loket SIM "baru" & ramai'
    assert entry.link == entry.id == site.url + article.path
    assert moment(entry.published) == AT
    assert "Sejak pagi." in str(entry)


def test_an_unchanged_feed_is_answered_with_304(site: Site) -> None:
    site.publish_article("kabar-sukamaju", "Satu", "Isi.", published=AT)
    first = read(site, "kabar-sukamaju")
    by_tag = read(site, "kabar-sukamaju", **{"If-None-Match": first.headers["ETag"]})
    modified = first.headers["Last-Modified"]
    assert modified == "Mon, 23 Nov 2026 01:00:00 GMT"
    by_date = read(site, "kabar-sukamaju", **{"If-Modified-Since": modified})
    assert (by_tag.status_code, by_tag.content) == (304, b"")
    assert by_date.status_code == 304
    site.publish_article("kabar-sukamaju", "Dua", "Isi.")
    again = read(site, "kabar-sukamaju", **{"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]


def test_gzip_is_given_only_to_those_who_ask(site: Site) -> None:
    plain = urlopen(Request(site.feed_url("kabar-sukamaju")), timeout=5)
    with plain:
        assert plain.headers["Content-Encoding"] is None
    assert read(site, "kabar-sukamaju").headers["Content-Encoding"] == "gzip"


def test_articles_are_edited_and_removed(site: Site) -> None:
    article = site.publish_article("suara-mekarasih", "Judul", "Lama.", published=AT)
    site.world.newsroom.edit(article.id, title="Judul ralat", text="Baru.")
    (entry,) = feedparser.parse(read(site, "suara-mekarasih").content).entries
    assert entry.title == "Judul ralat"
    assert moment(entry.updated) > moment(entry.published)
    site.world.newsroom.remove(article.id)
    assert feedparser.parse(read(site, "suara-mekarasih").content).entries == []


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (DateForm.STANDARD, "Mon, 23 Nov 2026 08:00:00 +0700"),
        (DateForm.WIB, "Mon, 23 Nov 2026 08:00:00 WIB"),
        (DateForm.INDONESIAN, "Senin, 23 November 2026 08:00 WIB"),
        (DateForm.NO_ZONE, "2026-11-23 08:00:00"),
        (DateForm.UNDATED, None),
    ],
)
def test_dates_are_written_as_real_newsrooms_write_them(
    site: Site, form: DateForm, written: str | None
) -> None:
    site.publish_article("kabar-sukamaju", "Judul", "Isi.", published=AT)
    site.feed("kabar-sukamaju").date_form = form
    (entry,) = feedparser.parse(read(site, "kabar-sukamaju").content).entries
    assert entry.get("published") == written


def test_guids_may_be_numbers_that_are_used_again(site: Site) -> None:
    feed = site.feed("kabar-sukamaju")
    feed.guid_form = GuidForm.NUMBER
    site.publish_article(feed.slug, "Kemarin", "Isi.", published=AT)
    assert feedparser.parse(read(site, feed.slug).content).entries[0].id == "1"
    site.publish_article(feed.slug, "Hari ini", "Isi.")
    first, second = feedparser.parse(read(site, feed.slug).content).entries
    assert [(first.id, first.title), (second.id, second.title)] == [
        ("1", "Hari ini"),
        ("2", "Kemarin"),
    ]


def test_a_feed_shows_only_its_newest_articles(site: Site) -> None:
    feed = site.feed("baru", "Feed baru", "atom")
    feed.window = 3
    for n in range(5):
        site.publish_article("baru", f"Berita {n}", "Isi.")
    entries = feedparser.parse(read(site, "baru").content).entries
    assert [entry.title for entry in entries] == ["Berita 4", "Berita 3", "Berita 2"]


def test_what_xml_cannot_hold_never_breaks_a_feed(site: Site) -> None:
    site.publish_article("kabar-sukamaju", "Judul\x00\x0b", "Isi\x1b.")
    parsed = feedparser.parse(read(site, "kabar-sukamaju").content)
    assert (parsed.bozo, parsed.entries[0].title) == (False, "Judul")


def test_an_unknown_feed_is_not_found(site: Site) -> None:
    assert read(site, "tidak-ada").status_code == 404
