"""Feeds of the list and searches as feeds, on both databases."""

import base64

import pytest

from config.news_feeds import news_feeds
from models.errors import Conflict, InvalidInput, NotAllowed
from models.source import Source
from models.states import Role
from pipeline.known_feeds import add_known, add_search, known_feeds
from pipeline.sources import stop_source
from tests.conftest import NOW, add_person
from tests.integration.listening_kit import TEST, Desk, Reply, count, entry, rows, rss

FIRST, SECOND = news_feeds().feeds[:2]


def test_a_feed_is_unchecked_until_it_answered_this_installation(desk: Desk) -> None:
    with desk.store.write(desk.office) as work:
        assert add_known(work, desk.admin, [FIRST.url, SECOND.url], NOW) == 2
        assert add_known(work, desk.admin, [FIRST.url], NOW) == 0
    with desk.store.write(TEST) as work:
        source = work.sources.by_url(FIRST.url)
        assert source is not None
        source.succeeded_at = NOW
    with desk.store.write(desk.office) as work:
        found = {row.feed.url: row for row in known_feeds(work)}
        stop_source(work, desk.admin, source.id, NOW)
    assert len(found) == len(news_feeds().feeds)
    assert (found[FIRST.url].answered_at, found[FIRST.url].reads) == (NOW, True)
    assert (found[SECOND.url].answered_at, found[SECOND.url].reads) == (None, True)
    with desk.store.read(desk.office) as work:
        assert not next(r for r in known_feeds(work) if r.feed is FIRST).reads
        assert {row.feed.place for row in known_feeds(work, "aceh")} == {"Aceh"}


@pytest.mark.parametrize("urls", [[], ["https://lain.example/rss"]])
def test_only_feeds_of_the_list_are_taken_from_it(desk: Desk, urls: list[str]) -> None:
    with desk.store.write(desk.office) as work, pytest.raises(InvalidInput):
        add_known(work, desk.admin, urls, NOW)
    assert count(desk.store, Source) == 0


def test_a_search_at_google_news_is_a_feed_like_any_other(desk: Desk) -> None:
    with desk.store.write(desk.office) as work:
        add_search(work, desk.admin, "  polres   sukamaju ", NOW)
        with pytest.raises(Conflict):
            add_search(work, desk.admin, "polres sukamaju", NOW)
        with pytest.raises(InvalidInput):
            add_search(work, desk.admin, " ", NOW)
    [source] = rows(desk.store, Source)
    assert source.host == "news.google.com:443"
    officer = add_person(desk.store, desk.office, Role.OFFICER, "petugas")
    with desk.store.write(desk.office) as work, pytest.raises(NotAllowed):
        add_search(work, officer, "sim", NOW)


def test_a_link_that_holds_the_article_is_opened_and_both_are_kept(desk: Desk) -> None:
    own = b"https://warta.example/sim-keliling"
    raw = b"\x08\x13\x22" + bytes([len(own)]) + own
    held = "https://news.google.com/rss/articles/" + base64.urlsafe_b64encode(
        raw
    ).decode().rstrip("=")
    opaque = "https://news.google.com/rss/articles/CBMiAUFVX3lxTE1" + "a" * 40
    desk.site.pages["/rss"] = Reply(rss(entry("Satu", held), entry("Dua", opaque)))
    desk.subscribe()
    desk.fetch()
    found = {one.title: (one.url, one.via) for one in desk.documents()}
    assert found["Satu"] == (own.decode(), held)
    assert found["Dua"] == (opaque, "")
