"""Nine feeds as published, over HTTP with ETag: every item stored exactly once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from models.scope import OfficeScope
from models.source import Document, Revision
from networks.feed_parser import FeedParser
from pipeline.unit import Store
from tests.integration.listening_kit import (
    LATER,
    Desk,
    NewsSite,
    conditional,
    count,
    desk_on,
    news_site,
)

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def parser() -> Iterator[FeedParser]:
    with FeedParser() as opened:
        yield opened


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with news_site() as opened:
        yield opened


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, site: NewsSite, parser: FeedParser, data: Path
) -> Desk:
    desk = desk_on(store, office, site, parser)
    for file in sorted((data / "feeds").glob("*.xml")):
        site.pages[f"/{file.name}"] = conditional(file.read_bytes())
        desk.subscribe(f"/{file.name}")
    return desk


def test_three_runs_store_every_item_once_and_the_second_stores_nothing(
    desk: Desk, store: Store
) -> None:
    feeds = len(desk.site.pages)
    assert feeds == 9
    assert desk.fetch_all() == feeds
    assert desk.deliver() == count(store, Document)
    seen = [(fetch.seen, fetch.new) for fetch in desk.fetches()]
    assert all(number == new > 0 for number, new in seen), seen
    assert sum(new for _, new in seen) == count(store, Document)
    for run in (2, 3):
        assert desk.fetch_all(timedelta(days=1)) == feeds
        again = desk.fetches()[-feeds:]
        assert {(fetch.status, fetch.new, fetch.revised) for fetch in again} == {
            (304, 0, 0)
        }
        assert len([r for r in desk.site.requests if "if-none-match" in r.headers]) == (
            feeds * (run - 1)
        )
        assert desk.deliver() == 0
    identities = {(one.source_id, one.identity) for one in desk.documents()}
    assert len(identities) == len(desk.documents()) == sum(new for _, new in seen)
    assert count(store, Revision) == 0


def test_without_etags_the_same_bytes_or_the_same_articles_are_nothing_new(
    desk: Desk, store: Store, data: Path
) -> None:
    from tests.integration.listening_kit import Reply

    desk.fetch_all()
    before = count(store, Document)
    for path in list(desk.site.pages):
        body = (data / "feeds" / path.strip("/")).read_bytes()
        desk.site.pages[path] = Reply(body + b"\n<!-- made anew -->")
    assert desk.fetch_all(timedelta(days=1)) == 9
    assert count(store, Document) == before
    assert count(store, Revision) == 0


def test_the_same_guids_with_other_articles_the_next_day_are_new_items(
    store: Store, office: OfficeScope, site: NewsSite, parser: FeedParser, data: Path
) -> None:
    desk = desk_on(store, office, site, parser)
    tempo = sorted((data / "feeds").glob("tempo_*.xml"))
    site.pages["/tempo.xml"] = conditional(tempo[0].read_bytes())
    desk.subscribe("/tempo.xml")
    desk.fetch()
    first = count(store, Document)
    for file in tempo[1:]:
        site.pages["/tempo.xml"] = conditional(file.read_bytes())
        desk.fetch(LATER)
    fetches = desk.fetches()
    assert first == fetches[0].seen
    assert [fetch.new for fetch in fetches] == [fetch.seen for fetch in fetches]
    assert count(store, Revision) == 0
