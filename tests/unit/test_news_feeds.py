"""The list of feeds to begin with: every address has its evidence."""

from config.news_feeds import news_feeds


def test_every_address_names_where_and_when_it_was_read() -> None:
    feeds = news_feeds().feeds
    assert len(feeds) > 50
    assert len({feed.place for feed in feeds}) > 30
    for feed in feeds:
        evidence = feed.evidence
        assert evidence.url.startswith("https://"), feed.name
        assert len(evidence.what) > 10
        assert evidence.dated is None or evidence.dated <= evidence.read


def test_a_search_is_an_address_whatever_the_words() -> None:
    url = news_feeds().search_url('  "Polres  Kota Sukamaju" & SIM ')
    assert url == (
        "https://news.google.com/rss/search?q=%22Polres+Kota+Sukamaju%22+%26+SIM"
        "&hl=id&gl=ID&ceid=ID:id"
    )
