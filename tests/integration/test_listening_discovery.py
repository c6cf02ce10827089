"""A person gives the front page: its feeds are named, and nothing is stored."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.source import Source
from networks.feed_discovery import NamedFeed, feeds_named
from pipeline.sources import check_source
from tests.conftest import NOW
from tests.integration.listening_kit import (
    Desk,
    Reply,
    count,
    entry,
    rss,
    settings_for,
)

RSS = "type='application/rss+xml'"


def found(page: str, url: str = "https://warta.example/daerah/") -> list[str]:
    return [one.url for one in feeds_named(page.encode(), "text/html", url)]


@pytest.mark.parametrize(
    ("page", "urls"),
    [
        (f"<link rel=alternate {RSS} href=/rss>", ["https://warta.example/rss"]),
        (
            f'<LINK HREF="rss?a=1&amp;b=2" {RSS} REL="home alternate">',
            ["https://warta.example/daerah/rss?a=1&b=2"],
        ),
        (
            f"<base href='https://umpan.example/x/'><link rel=alternate {RSS} href=a>",
            ["https://umpan.example/x/a"],
        ),
        (
            f"<link rel=alternate {RSS} href=/a><link rel=alternate {RSS} href=/a>",
            ["https://warta.example/a"],
        ),
        (f"<link rel=alternate {RSS} href='javascript:alert(1)'>", []),
        (f"<link rel=alternate {RSS} href='//[rusak'>", []),
        (f"<link rel=alternate {RSS}>", []),
        (f"<link rel=stylesheet {RSS} href=/a>", []),
        ("<link rel=alternate hreflang=en href=/en>", []),
        (
            f"<link rel=alternate {RSS} href='https://a:rahasia@warta.example/a'>",
            ["https://warta.example/a"],
        ),
    ],
)
def test_a_page_names_its_feeds(page: str, urls: list[str]) -> None:
    assert found(f"<html><head>{page}</head><body>beranda</body></html>") == urls


@given(st.text(max_size=200))
def test_no_page_breaks_the_search(junk: str) -> None:
    found(f"<link rel=alternate {RSS} href='{junk}'><link {junk}><base href={junk}>")


@pytest.mark.parametrize("junk", ["<link ", "<link a=", "<link rel='", "<base <link "])
def test_a_hostile_page_takes_no_time_to_speak_of(junk: str) -> None:
    began = time.monotonic()
    found(junk * 100_000)
    assert time.monotonic() - began < 10


def test_a_trial_of_a_page_names_its_feeds_asks_none_and_stores_nothing(
    desk: Desk,
) -> None:
    head = f"<link rel=alternate {RSS} title='Warta &amp; Kota' href=/rss>"
    desk.site.pages["/"] = Reply(f"<html><head>{head}</head></html>".encode())
    desk.site.pages["/rss"] = Reply(rss(entry("satu")))
    settings = settings_for(desk.store.url, desk.site)
    page = check_source(desk.site.url("/"), settings, NOW)
    assert page.named == (NamedFeed(desk.site.url(), "Warta & Kota"),)
    assert page.as_dict()["feeds"] == [
        {"url": desk.site.url(), "title": "Warta & Kota"}
    ]
    assert [request.path for request in desk.site.requests] == ["/"]
    assert check_source(page.named[0].url, settings, NOW).count == 1
    assert (count(desk.store, Source), desk.documents()) == (0, [])
