"""Feeds a second through the parsing process, beside feedparser alone in this one.

Best of three rounds, taken in turns, since other programs share the machine.

``python -m bench.feeds [--feeds N] [--items M]``; the last line is the result.
"""

import argparse
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from collectors.feeds import utterances
from networks.feed_parser import FeedParser

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")
TEXT = "Satlantas Polres Kota Sukamaju membuka layanan SIM keliling di alun-alun. " * 8


def feed(number: int, items: int) -> bytes:
    """One feed of ours, about one kilobyte an item."""
    entries = "".join(
        f"<item><title>Berita {number}-{n} &amp; lainnya</title><guid>{n}</guid>"
        f"<link>https://warta.example/{number}/{n}?utm_source=rss</link>"
        f"<pubDate>Senin, 23 November 2026 {n % 24:02}:{n % 60:02} WIB</pubDate>"
        f"<description>&lt;p&gt;{TEXT}&lt;/p&gt;&lt;p&gt;Baca juga: {n}&lt;/p&gt;"
        "</description></item>"
        for n in range(items)
    )
    whole = f"<rss version='2.0'><channel><title>W</title>{entries}</channel></rss>"
    return whole.encode()


def seconds(bodies: list[bytes], work: Callable[[bytes], object]) -> float:
    """Time for all bodies, after one to warm up."""
    work(bodies[0])
    began = time.perf_counter()
    for body in bodies:
        work(body)
    return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--feeds", type=int, default=200)
    options.add_argument("--items", type=int, default=30)
    given = options.parse_args()
    bodies = [feed(number, given.items) for number in range(given.feeds)]

    import feedparser

    def alone(body: bytes) -> object:
        return feedparser.parse(io.BytesIO(body))

    def bare(body: bytes) -> object:
        return feedparser.parse(
            io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False
        )

    with FeedParser() as parser:
        began = time.perf_counter()
        parser.parse(bodies[0])
        start = time.perf_counter() - began

        def whole(body: bytes) -> object:
            return utterances(parser.parse(body), zone=JAKARTA, fetched_at=NOW)

        works = (parser.parse, whole, alone, bare)
        rounds = [[seconds(bodies, work) for work in works] for _ in range(3)]
    parsed, ours, theirs, least = (min(times) for times in zip(*rounds, strict=True))
    print(f"feeds {given.feeds}, items {given.items}, bytes {len(bodies[0])} each")
    print(f"start of the parsing process  {start:.3f} s")
    for name, taken in (
        ("parsing process", parsed),
        ("parsing process, dates, identity", ours),
        ("feedparser alone, defaults", theirs),
        ("feedparser alone, bare", least),
    ):
        print(f"{name:34}{given.feeds / taken:9.1f} feeds/s")
    print(
        json.dumps(
            {
                "bench": "feeds",
                "feeds_per_second": round(given.feeds / ours, 1),
                "items_per_second": round(given.feeds * given.items / ours),
                "times_feedparser_defaults": round(theirs / ours, 2),
                "times_feedparser_bare": round(least / ours, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
