"""Feeds over real HTTP on loopback: what is asked, what is understood, what is kept."""

import base64
import gzip
import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from collectors.feeds import FeedSource, Heard, hear
from collectors.identity import content_hash, text_fingerprint
from models.problems import Problem
from networks.base import HttpLimits
from networks.feed_parser import FeedParser
from networks.feed_schedule import HostBucket, Pace, follow_move, next_check, released
from networks.feeds import ACCEPT, FetchState, Validators, fetch, host_key
from networks.http import Http
from tests.news_site import NewsSite, Reply, Request, Script

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")
LIMITS = HttpLimits(
    connect=timedelta(seconds=2),
    read=timedelta(seconds=2),
    total=timedelta(seconds=3),
    max_bytes=1024 * 1024,
    user_agent="Kentongan/0.1 (+humas@sukamaju.example)",
)


@pytest.fixture
def site() -> Iterator[NewsSite]:
    opened = NewsSite()
    yield opened
    opened.close()


@pytest.fixture
def other() -> Iterator[NewsSite]:
    opened = NewsSite()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def parser() -> Iterator[FeedParser]:
    with FeedParser() as opened:
        yield opened


@pytest.fixture
def http(site: NewsSite, other: NewsSite) -> Http:
    return door(site, other)


def door(*sites: NewsSite) -> Http:
    return Http(
        HttpLimits(
            connect=LIMITS.connect,
            read=LIMITS.read,
            total=LIMITS.total,
            max_bytes=LIMITS.max_bytes,
            inner_hosts=frozenset(one.host for one in sites),
            user_agent=LIMITS.user_agent,
        )
    )


def item(
    title: str, link: str = "", guid: str = "", date: str = "", text: str = ""
) -> str:
    parts = {
        "title": title,
        "link": link,
        "guid": guid,
        "pubDate": date,
        "description": text,
    }
    return "".join(f"<{tag}>{value}</{tag}>" for tag, value in parts.items() if value)


def rss(*items: str) -> bytes:
    inside = "".join(f"<item>{one}</item>" for one in items)
    return f"<rss version='2.0'><channel><title>Warta</title>{inside}</channel></rss>".encode()


def conditional(body: bytes, etag: str, *, modified: str = "") -> Script:
    """A server that knows If-None-Match."""

    def script(request: Request) -> Reply:
        headers = {"ETag": etag} | ({"Last-Modified": modified} if modified else {})
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers=headers)
        return Reply(body, headers=headers)

    return script


class Desk:
    """The least a store must do: pairs of identity and content, and the validators."""

    def __init__(self, http: Http, parser: FeedParser, url: str) -> None:
        self._http, self._parser = http, parser
        self.source = FeedSource(url, JAKARTA)
        self.known: dict[str, str] = {}
        self.titles: dict[str, str] = {}

    def visit(self, now: datetime = NOW) -> tuple[int, int, Heard]:
        """One visit; the numbers of new items and of revisions."""
        heard = hear(self.source, self._http, self._parser, now)
        new = revised = 0
        for one in heard.items:
            seen = content_hash(one.title, one.text)
            before = self.known.get(one.remote_id)
            new += before is None
            revised += before not in {None, seen}
            self.known[one.remote_id] = seen
            self.titles[one.remote_id] = one.title
        self.source = FeedSource(self.source.url, JAKARTA, heard.fetched.validators)
        return new, revised, heard


@pytest.fixture
def desk(site: NewsSite, http: Http, parser: FeedParser) -> Desk:
    return Desk(http, parser, site.url())


# ------------------------------------------------------- the failures of others


def test_o1_an_undated_item_is_kept_once_and_hides_no_later_ones(site, desk: Desk):
    first = [
        item("Satu", "https://warta.example/1", date="Sun, 22 Nov 2026 08:00:00 +0700"),
        item("Dua", "https://warta.example/2", date="Sun, 22 Nov 2026 09:00:00 +0700"),
        item("Tanpa tanggal", "https://warta.example/3"),
    ]
    site.pages["/rss"] = Reply(rss(*first))
    assert desk.visit()[:2] == (3, 0)
    later = [
        item(
            f"Baru {n}",
            f"https://warta.example/b{n}",
            date="Mon, 23 Nov 2026 08:00:00 WIB",
        )
        for n in range(2)
    ]
    site.pages["/rss"] = Reply(rss(*later, *first))
    assert desk.visit()[:2] == (2, 0)
    assert desk.visit()[:2] == (0, 0)


def test_o2_a_late_arrival_is_as_new_as_any(site, desk: Desk):
    def at(time: str) -> str:
        return item(
            time, f"https://warta.example/{time[:2]}", date=f"23/11/2026 {time}"
        )

    site.pages["/rss"] = Reply(rss(at("10:00")))
    desk.visit()
    site.pages["/rss"] = Reply(rss(at("11:30"), at("10:00"), at("09:00")))
    assert desk.visit()[:2] == (2, 0)


def test_o3_the_second_request_is_conditional_and_304_stores_nothing(site, desk: Desk):
    site.pages["/rss"] = conditional(
        rss(item("Satu", "https://warta.example/1")),
        '"v1"',
        modified="Mon, 23 Nov 2026 01:00:00 GMT",
    )
    assert desk.visit()[:2] == (1, 0)
    new, revised, heard = desk.visit()
    asked = site.requests[1].headers
    assert asked["if-none-match"] == '"v1"'
    assert asked["if-modified-since"] == "Mon, 23 Nov 2026 01:00:00 GMT"
    assert (new, revised, heard.fetched.state) == (0, 0, FetchState.NOT_MODIFIED)
    assert (heard.fetched.status, heard.items) == (304, ())
    assert desk.visit()[2].fetched.state is FetchState.NOT_MODIFIED


def test_o4_malformed_xml_keeps_its_item_and_counts_a_warning(site, desk: Desk):
    site.pages["/rss"] = Reply(rss(item("A & B", "https://warta.example/1")))
    new, _, heard = desk.visit()
    assert (new, heard.items[0].title) == (1, "A & B")
    assert heard.warnings == {"malformed": 1}


def test_o5_a_host_that_says_429_is_left_alone_for_as_long_as_it_asks(site, http):
    site.pages["/rss"] = Reply(status=429, headers={"Retry-After": "3600"})
    fetched = fetch(site.url(), Validators(), http, NOW)
    bucket = HostBucket(host_key(site.url("/rss-lain")))
    bucket = released(bucket, fetched, NOW, Pace())
    assert fetched.problem is Problem.HOST_RESTING
    assert not bucket.may_ask(NOW + timedelta(seconds=3_599))
    assert bucket.may_ask(NOW + timedelta(seconds=3_600))
    pace = Pace()
    at = next_check(fetched, adaptive=pace.usual, pace=pace, failures=1)
    assert at >= NOW + timedelta(seconds=3_600)


def test_o6_an_inner_address_is_refused_directly_and_behind_a_redirect(site, other):
    http = door(site)
    site.pages["/rss"] = Reply(status=302, headers={"Location": other.url()})
    inner = fetch(other.url(), Validators(), http, NOW)
    behind = fetch(site.url(), Validators(), http, NOW)
    assert inner.problem is behind.problem is Problem.ADDRESS_REFUSED
    assert other.requests == []


def test_o6_an_endless_body_is_cut_at_the_limit(site, http):
    site.pages["/rss"] = Reply(b"<rss>" * 500_000)
    assert fetch(site.url(), Validators(), http, NOW).problem is Problem.TOO_LARGE
    bomb = gzip.compress(b"\0" * 50_000_000)
    site.pages["/rss"] = Reply(bomb, headers={"Content-Encoding": "gzip"})
    assert fetch(site.url(), Validators(), http, NOW).problem is Problem.TOO_LARGE


def test_o11_forty_copies_of_one_release_have_one_fingerprint(site, desk: Desk):
    release = (
        "Satlantas Polres Kota Sukamaju membuka layanan SIM keliling di alun-alun "
        "setiap Selasa mulai pukul 08.00 WIB dengan biaya Rp 75.000."
    )
    copies = [
        item(f"Judul media {n}", f"https://media{n}.example/{len(text)}", text=text)
        for n in range(10)
        for text in (
            release,
            f"SUKAMAJU, MEDIA{n}.EXAMPLE - {release}",
            f"(Humas) {release}",
            f"{release} Bagikan: X, WhatsApp",
        )
    ]
    site.pages["/rss"] = Reply(rss(*copies))
    new, _, heard = desk.visit()
    assert new == 40
    assert len({text_fingerprint(one.text) for one in heard.items}) == 1
    assert not any(one.author for one in heard.items)


# ------------------------------------------------------------------- unchanged


def test_f2_a_200_with_the_same_etag_is_unchanged(site, desk: Desk):
    site.pages["/rss"] = Reply(rss(item("Satu")), headers={"ETag": '"v1"'})
    desk.visit()
    site.pages["/rss"] = Reply(rss(item("Dua")), headers={"ETag": 'W/"v1"'})
    assert desk.visit()[2].fetched.state is FetchState.SAME_ETAG


def test_f3_another_etag_over_the_same_bytes_is_unchanged(site, desk: Desk):
    body = rss(item("Satu"))
    site.pages["/rss"] = Reply(body, headers={"ETag": '"v1"'})
    desk.visit()
    site.pages["/rss"] = Reply(body, headers={"ETag": '"v2"'})
    _, _, heard = desk.visit()
    assert heard.fetched.state is FetchState.SAME_BODY
    assert heard.fetched.validators == Validators('"v2"', "", sha256(body).hexdigest())


def test_f4_expires_0_empties_the_validators(site, desk: Desk):
    headers = {"ETag": '"v1"', "Last-Modified": "x", "Expires": "0"}
    site.pages["/rss"] = Reply(rss(item("Satu")), headers=headers)
    desk.visit()
    desk.visit()
    assert "if-none-match" not in site.requests[1].headers
    assert "if-modified-since" not in site.requests[1].headers


def test_304_to_a_question_nobody_asked_is_a_failure(site, http):
    site.pages["/rss"] = Reply(status=304)
    assert fetch(site.url(), Validators(), http, NOW).problem is Problem.HTTP_STATUS


def test_304_updates_what_it_names_and_keeps_the_rest(site, http):
    site.pages["/rss"] = Reply(status=304, headers={"Last-Modified": "later"})
    before = Validators('"v1"', "earlier", "abc")
    fetched = fetch(site.url(), before, http, NOW)
    assert fetched.validators == Validators('"v1"', "later", "abc")


# --------------------------------------------------------------- when, and how long


@pytest.mark.parametrize(
    ("headers", "hours"),
    [
        ({"Cache-Control": "public, max-age=7200"}, 2),
        ({"Cache-Control": 'max-age="7200", must-revalidate'}, 2),
        ({"Expires": "Tue, 24 Nov 2026 06:00:00 GMT"}, 3),
        ({"Cache-Control": "max-age=31536000"}, 24),
        ({"Cache-Control": "max-age=banyak", "Expires": "-1"}, 0),
        ({"Expires": "Mon, 23 Nov 2026 06:00:00 GMT"}, 0),
    ],
)
def test_f5_freshness_is_read_and_held_to_a_day(site, http, headers, hours):
    site.pages["/rss"] = Reply(rss(), headers=headers)
    fetched = fetch(site.url(), Validators(), http, NOW)
    assert fetched.fresh_for == timedelta(hours=hours)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120),
        ("Tue, 24 Nov 2026 04:00:00 GMT", 3_600),
        ("Mon, 23 Nov 2026 04:00:00 GMT", 0),
        ("nanti", 600),
        ("-5", 600),
        ("99999999999999", 86_400),
    ],
)
def test_f6_retry_after_in_every_form_speaks_for_the_host(
    site, http, status, written, seconds
):
    site.pages["/rss"] = Reply(status=status, headers={"Retry-After": written})
    pause = fetch(site.url(), Validators(), http, NOW).pause
    assert pause is not None
    assert (pause.host, pause.until - NOW) == (site.host, timedelta(seconds=seconds))


def test_f6_429_without_a_time_waits_and_503_without_one_says_nothing(site, http):
    site.pages["/rss"] = Reply(status=429)
    limited = fetch(site.url(), Validators(), http, NOW)
    assert limited.pause is not None
    assert limited.pause.until - NOW == timedelta(seconds=600)
    site.pages["/rss"] = Reply(status=503)
    assert fetch(site.url(), Validators(), http, NOW).pause is None


# ------------------------------------------------------------------ named failures


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(), Problem.FEED_EMPTY),
        (Reply(b" \n"), Problem.FEED_EMPTY),
        (Reply(b"<!doctype html><title>Beranda</title>"), Problem.NOT_A_FEED),
        (Reply(b"bukan umpan"), Problem.FEED_UNREADABLE),
        (Reply(status=403), Problem.FORBIDDEN),
        (
            Reply(b"<html>", status=403, headers={"cf-mitigated": "challenge"}),
            Problem.CHALLENGED,
        ),
        (Reply(status=410), Problem.GONE),
        (Reply(status=404), Problem.HTTP_STATUS),
        (Reply(status=500), Problem.HTTP_STATUS),
        (Reply(status=301), Problem.HTTP_STATUS),
    ],
)
def test_f8_f9_f16_a_failure_has_a_name_and_keeps_the_validators(
    site, http, parser, reply, problem
):
    before = Validators('"v1"', "x", "abc")
    reply.headers["ETag"] = '"v2"'
    site.pages["/rss"] = reply
    heard = hear(FeedSource(site.url(), JAKARTA, before), http, parser, NOW)
    assert heard.fetched.problem is problem
    assert heard.fetched.state is FetchState.FAILED
    assert heard.fetched.validators == before
    assert heard.fetched.gone is (problem is Problem.GONE)
    assert (heard.items, heard.fetched.body) == ((), b"")


def test_f11_a_loop_of_redirects_ends_by_itself(site, http):
    site.pages["/rss"] = Reply(status=302, headers={"Location": "/rss"})
    fetched = fetch(site.url(), Validators(), http, NOW)
    assert fetched.problem is Problem.TOO_MANY_REDIRECTS
    assert len(site.requests) == 6


def test_f15_a_server_that_never_ends_is_ended_and_the_next_feed_is_read(
    site, http, parser
):
    release = threading.Event()

    def hang(_: Request) -> Reply:
        release.wait(20)
        return Reply()

    site.pages["/lambat"] = hang
    site.pages["/rss"] = Reply(rss(item("Satu")))
    try:
        slow = hear(FeedSource(site.url("/lambat"), JAKARTA), http, parser, NOW)
    finally:
        release.set()
    assert slow.fetched.problem is Problem.TOO_SLOW
    assert len(hear(FeedSource(site.url(), JAKARTA), http, parser, NOW).items) == 1


def test_a_server_that_is_not_there_is_unreachable(parser):
    gone = NewsSite()
    gone.close()
    fetched = fetch(gone.url(), Validators(), door(gone), NOW)
    assert (fetched.problem, fetched.status) == (Problem.UNREACHABLE, None)


def test_what_is_no_address_is_named(http):
    for url in ("", "warta.example/rss", "file:///etc/passwd", "https://[::1"):
        assert fetch(url, Validators(), http, NOW).problem is Problem.ADDRESS_INVALID


# ------------------------------------------------------------- redirects, secrets


@pytest.mark.parametrize(("second", "moved"), [(301, True), (308, True), (302, False)])
def test_f10_only_an_unbroken_permanent_chain_moves_a_feed(site, http, second, moved):
    site.pages["/rss"] = Reply(status=301, headers={"Location": "/a"})
    site.pages["/a"] = Reply(status=second, headers={"Location": "/b"})
    site.pages["/b"] = Reply(rss(item("Satu")))
    first = fetch(site.url(), Validators(), http, NOW)
    once = follow_move("", first)
    twice = follow_move(once.sighted, fetch(site.url(), Validators(), http, NOW))
    assert first.answered_by == site.url("/b")
    assert twice.rewrite_to == (site.url("/b") if moved else "")


def test_f12_f27_credentials_are_used_once_and_stay_nowhere(site, other, http, parser):
    site.pages["/rss"] = Reply(status=302, headers={"Location": other.url("/umpan")})
    other.pages["/umpan"] = Reply(b"<html>")
    url = f"http://humas:rahasia@{site.host}/rss"
    heard = hear(FeedSource(url, JAKARTA), http, parser, NOW)
    expected = base64.b64encode(b"humas:rahasia").decode()
    assert site.requests[0].headers["authorization"] == f"Basic {expected}"
    assert "authorization" not in other.requests[0].headers
    assert "rahasia" not in repr(heard)
    assert "rahasia" not in repr(FeedSource(site.url(), JAKARTA, userinfo="a:rahasia"))


def test_f27_credentials_kept_apart_are_sent_too(site, http):
    site.pages["/rss"] = Reply(rss())
    fetch(site.url(), Validators(), http, NOW, userinfo="humas:rahasia")
    token = site.requests[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(token) == b"humas:rahasia"


def test_the_request_says_who_asks_and_what_for(site, http):
    site.pages["/rss"] = Reply(rss())
    fetch(site.url(), Validators(), http, NOW)
    headers = site.requests[0].headers
    assert headers["user-agent"] == LIMITS.user_agent
    assert headers["accept"] == ACCEPT
    assert len(site.requests) == 1


# ----------------------------------------------------------------------- identity


def test_f17_f18b_the_same_guids_with_other_articles_are_new_the_next_day(site, desk):
    def edition(day: int) -> bytes:
        return rss(
            *[
                item(
                    f"Hari {day} berita {n}", f"https://warta.example/{day}-{n}", str(n)
                )
                for n in range(1, 10)
            ]
        )

    site.pages["/rss"] = Reply(edition(23))
    assert desk.visit()[:2] == (9, 0)
    site.pages["/rss"] = Reply(edition(24))
    assert desk.visit(NOW + timedelta(days=1))[:2] == (9, 0)
    assert len(desk.known) == 18


def test_f18_an_edited_article_is_one_item_with_one_revision(site, desk: Desk):
    link, guid = "https://warta.example/1", "https://warta.example/?p=1"
    site.pages["/rss"] = Reply(
        rss(item("Dua korban", link, "1"), item("A", link + "a", guid))
    )
    desk.visit()
    site.pages["/rss"] = Reply(
        rss(item("Tiga korban", link, "1"), item("B", link + "b", guid))
    )
    assert desk.visit()[:2] == (0, 2)
    assert sorted(desk.titles.values()) == ["B", "Tiga korban"]


def test_f19_an_item_that_leaves_the_feed_and_comes_back_is_the_same(site, desk: Desk):
    one, two = (item(f"J{n}", f"https://warta.example/{n}") for n in range(2))
    for page, new in [(rss(one, two), 2), (rss(two), 0), (rss(one, two), 0)]:
        site.pages["/rss"] = Reply(page)
        assert desk.visit()[:2] == (new, 0)


def test_f20_a_shuffled_feed_of_200_brings_each_new_item_once(site, desk: Desk):
    items = [
        item(f"J{n}", f"https://warta.example/{n}", str(n % 50)) for n in range(300)
    ]
    rng = random.Random(20)
    total = 0
    for first in (0, 50, 100):
        window = items[first : first + 200]
        rng.shuffle(window)
        site.pages["/rss"] = Reply(rss(*window))
        total += desk.visit()[0]
    assert total == len(desk.known) == 300


def test_f26_nothing_of_a_script_is_heard(site, desk: Desk):
    site.pages["/rss"] = Reply(
        rss(
            item(
                "&lt;script&gt;alert(1)&lt;/script&gt;Judul",
                "javascript:alert(1)",
                text="&lt;img src=x onerror=alert(1)&gt;isi&lt;script&gt;x&lt;/script&gt;",
            )
        )
    )
    (one,) = desk.visit()[2].items
    assert (one.title, one.text, one.url) == ("Judul", "isi", "")


# ------------------------------------------------------------------ real feeds


@pytest.mark.real_data
def test_every_real_feed_is_read_whole_and_stored_exactly_once(
    site, http, parser, data: Path
):
    files = sorted((data / "feeds").glob("*.xml"))
    assert len(files) == 9
    for file in files:
        body = file.read_bytes()
        site.pages[f"/{file.name}"] = conditional(body, f'"{sha256(body).hexdigest()}"')
    desks = {file: Desk(http, parser, site.url(f"/{file.name}")) for file in files}
    for file, reader in desks.items():
        entries = file.read_bytes().count(b"<item>")
        new, revised, heard = reader.visit()
        assert (new, revised, len(heard.items)) == (entries, 0, entries), file.name
        assert all(one.published_at for one in heard.items)
        assert all(one.title and one.url and one.text for one in heard.items)
        assert heard.warnings == {}
    site.requests.clear()
    for _ in range(2):
        for reader in desks.values():
            new, revised, heard = reader.visit()
            assert (new, revised) == (0, 0)
            assert heard.fetched.state is FetchState.NOT_MODIFIED
    assert all("if-none-match" in request.headers for request in site.requests)


@pytest.mark.real_data
def test_real_guids_used_again_the_next_day_bring_new_items(site, desk, data: Path):
    body = (data / "feeds" / "tempo_hukum.xml").read_bytes()
    site.pages["/rss"] = Reply(body)
    new, _, heard = desk.visit()
    assert new == len(heard.items) > 0
    tomorrow = body.replace(
        b"https://www.tempo.co/hukum/", b"https://www.tempo.co/hukum/x"
    )
    site.pages["/rss"] = Reply(tomorrow)
    assert desk.visit()[:2] == (new, 0)
