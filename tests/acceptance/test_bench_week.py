"""The week of ``bench.week``, cut to a day: thirty feeds, every kind of fault."""

from pathlib import Path

import pytest

from bench.feed_server import FeedServer
from bench.week import FEEDS, QUIRKS, World, ours


@pytest.mark.long(60)
def test_f25_thirty_feeds_with_faults_lose_and_double_nothing(tmp_path: Path) -> None:
    world = World(hours=24)
    hosts = [f"127.20.0.{n + 1}" for n in range(FEEDS)]
    with FeedServer(hosts, world.answer) as server:
        urls = [
            f"http://{host}:{server.port}{QUIRKS[n % len(QUIRKS)].path}"
            for n, host in enumerate(hosts)
        ]
        inner = frozenset(f"{host}:{server.port}" for host in hosts)
        tally = ours(world, urls, inner, tmp_path)
        asked = server.requests
    told = tally.told(world.published)
    assert (told["lost"], told["doubled"]) == (0, 0)
    assert told["stored"] == FEEDS * 24
    assert asked <= (FEEDS + 2) * 48 * 2  # half-hourly for two days; two are redirected
