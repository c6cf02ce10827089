"""The demonstration's little world."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from twitter_text import parse_tweet

from sandbox import scenario
from sandbox.site import Site
from sandbox.store import Draft, Network


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.start() as site:
        yield site


def test_the_story_is_varied_enough_to_show_every_list() -> None:
    told = scenario.story()
    said = [*told["past"], *told["live"], *told["reply"]]
    kinds = Counter(row["kind"] for row in said)
    assert len(said) >= 40
    assert len(told["article"]) >= 12
    assert {row["feed"] for row in told["article"]} == {
        "kabar-sukamaju",
        "suara-mekarasih",
    }
    wanted = [
        "complaint",
        "suggestion",
        "question",
        "praise",
        "emergency",
        "integrity",
        "hoax",
    ]
    assert min(kinds[kind] for kind in wanted) >= 1
    assert kinds["emergency"] == kinds["integrity"] == 1


def test_what_citizens_say_fits_their_network() -> None:
    told = scenario.story()
    for row in [*told["past"], *told["live"]]:
        assert "@stasiun" in row["text"]
        text = row["text"].replace("@stasiun", f"@{told['station']}")
        assert row["network"] != "x" or parse_tweet(text).valid, text


def test_the_past_stands_in_order_and_names_the_station(site: Site) -> None:
    tokens = scenario.seed(site)
    posts = site.posts()
    assert set(tokens) == {"x", "mastodon"}
    assert len(posts) == len(scenario.story()["past"])
    assert [post.created_at for post in posts] == sorted(p.created_at for p in posts)
    stations = {int(each.id) for each in tokens.values()}
    assert all(stations & set(post.mentions) for post in posts)
    assert len(site.world.newsroom.articles) >= 10


def test_citizens_speak_on_and_answer_what_the_station_publishes(site: Site) -> None:
    scenario.seed(site)
    before = len(site.posts())
    stop = threading.Event()
    player = threading.Thread(target=scenario.play, args=(site, 60.0, stop))
    player.start()
    station = site.world.store.find_account(Network.MASTODON, "polres_sukamaju")
    assert station is not None
    said = site.world.store.publish(
        station, Draft("Jadwal SIM keliling besok di alun-alun, pukul 08.00 WIB.")
    )
    with site.world.store.changed:
        answered = site.world.store.changed.wait_for(
            lambda: len(site.world.store.answers(said.id)) == 3, 10
        )
    stop.set()
    player.join(5)
    assert answered
    assert not player.is_alive()
    assert len(site.posts()) > before + 3


def test_the_play_ends_when_the_story_is_told(site: Site) -> None:
    scenario.play(site, speed=500)
    told = scenario.story()
    assert len(site.posts()) == len(told["past"]) + len(told["live"])
    assert len(site.world.newsroom.articles) == len(told["article"])
