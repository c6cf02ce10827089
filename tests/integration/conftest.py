"""A news site and an office that listens to it; tests of the ledger bring their own desk."""

from collections.abc import Iterator

import pytest

from models.scope import OfficeScope
from networks.feed_parser import FeedParser
from pipeline.unit import Store
from tests.integration.listening_kit import Desk, NewsSite, desk_on, news_site


@pytest.fixture(scope="module")
def parser() -> Iterator[FeedParser]:
    with FeedParser() as opened:
        yield opened


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with news_site() as opened:
        yield opened


@pytest.fixture
def desk(store: Store, office: OfficeScope, site: NewsSite, parser: FeedParser) -> Desk:
    return desk_on(store, office, site, parser)
