"""``kentongan source try`` as a person uses it: first the front page, then its feed."""

import json
from pathlib import Path

from tests.integration.listening_kit import Reply, entry, news_site, rss
from tests.terminal import Terminal


def test_a_page_is_answered_with_its_feeds_and_a_feed_with_its_articles(
    tmp_path: Path,
) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    page = b"<html><link rel=alternate type=application/rss+xml href=/rss title=Warta>"
    with news_site() as site:
        site.pages["/"] = Reply(page)
        site.pages["/rss"] = Reply(rss(entry("Tak bertanggal", text="Isi berita.")))
        terminal.environment["KENTONGAN_INNER_HOSTS"] = json.dumps([site.host])
        named = terminal.try_("source", "try", site.url("/"))
        assert named.returncode == 1
        assert "halaman web" in named.stdout
        assert "Warta" in named.stdout
        shown = terminal.json("source", "try", site.url())
        refused = terminal.try_("source", "try", site.url("/tidak-ada"))
    assert isinstance(shown, dict)
    [item] = shown["items"]
    assert (item["title"], item["text"]) == ("Tak bertanggal", "Isi berita.")
    assert item["published_at"] is None
    assert refused.returncode == 1
    assert refused.stderr.strip()
    assert terminal.json("source", "list") == []
