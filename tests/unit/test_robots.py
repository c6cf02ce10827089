"""robots.txt as RFC 9309 has it, and the address a page gives itself."""

import time
from datetime import timedelta

import pytest

from collectors.own_address import own_address, same_site
from networks.robots import MOST_BYTES, RobotsFile, _bounded
from tests.conftest import NOW

PAGE = "https://warta.example/berita/1"


def file(body: str) -> RobotsFile:
    return RobotsFile(NOW, 200, _bounded(body.encode()), NOW)


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /berita/", False),
        ("User-agent: *\nDisallow: /berita/\nAllow: /berita/1", True),
        ("User-agent: *\nDisallow: /*/1$", False),
        ("User-agent: Kentongan\nDisallow: /\n\nUser-agent: *\nAllow: /", False),
        ("User-agent: Lain\nDisallow: /", True),
        ("\ufeffuser-agent : *\ndisallow : /", False),
        ("<html>bukan robots</html>", True),
        ("User-agent: *\nDisallow: /berita" + "*x" * 50, True),
        ("User-agent: *\nDisallow: /\nAllow: /" + "*" * 50, False),
    ],
)
def test_rules_are_read_the_longest_wins_and_wildcards_hold(
    body: str, allowed: bool
) -> None:
    assert file(body).allows(PAGE, NOW) is allowed


@pytest.mark.parametrize(
    ("status", "allowed", "fresh_for"),
    [
        (404, True, 24), (403, True, 24), (410, True, 24),
        (429, False, 1), (500, False, 1), (503, False, 1), (None, False, 1),
    ],
)  # fmt: skip
def test_what_does_not_exist_allows_and_what_cannot_be_reached_forbids(
    status: int | None, allowed: bool, fresh_for: int
) -> None:
    one = RobotsFile(NOW, status)
    assert one.allows(PAGE, NOW) is allowed
    assert one.is_fresh(NOW + timedelta(hours=fresh_for, seconds=-1))
    assert not one.is_fresh(NOW + timedelta(hours=fresh_for))


def test_what_was_read_before_stands_a_month_for_a_site_that_is_away() -> None:
    known = RobotsFile(NOW, None, "User-agent: *\nDisallow: /admin", NOW)
    assert known.allows(PAGE, NOW + timedelta(days=29))
    assert not known.allows(PAGE, NOW + timedelta(days=31))


def test_a_hostile_file_takes_no_time_to_speak_of() -> None:
    line = "Disallow: /" + "*a" * 500 + "\n"
    body = ("User-agent: *\n" + line * 2_000)[:MOST_BYTES]
    began = time.monotonic()
    file(body).allows("https://warta.example/" + "a" * 2_000, NOW)
    assert time.monotonic() - began < 20


def test_a_pause_that_is_asked_for_is_kept_up_to_a_minute() -> None:
    assert file("User-agent: *\nCrawl-delay: 12").pause() == timedelta(seconds=12)
    assert file("User-agent: *\nCrawl-delay: 9999").pause() == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("canonical", "og_url", "own"),
    [
        (
            "https://www.warta.co.id/berita/1?utm_source=x",
            "",
            "https://www.warta.co.id/berita/1",
        ),
        ("", "https://m.warta.co.id/berita/1", "https://warta.co.id/berita/1"),
        ("https://lain.co.id/berita/1", "", "https://warta.co.id/b/1"),
        ("https://lain.co.id/1", "https://warta.co.id/2", "https://warta.co.id/2"),
        ("https://warta.co.id/", "", "https://warta.co.id/b/1"),
        ("javascript:alert(1)", "data:,x", "https://warta.co.id/b/1"),
        ("", "", "https://warta.co.id/b/1"),
    ],
)
def test_a_page_names_its_own_address_on_its_own_site_only(
    canonical: str, og_url: str, own: str
) -> None:
    assert own_address("https://warta.co.id/b/1#atas", canonical, og_url) == own


def test_a_site_is_its_registered_name() -> None:
    assert same_site("https://a.warta.co.id/", "https://warta.co.id/")
    assert not same_site("https://warta.co.id/", "https://lain.co.id/")
    assert not same_site("http://10.0.0.1/", "http://10.1.0.1/")
