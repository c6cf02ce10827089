"""What every collector keeps to: nothing lost, nothing twice, whatever the order."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from itertools import islice
from typing import Any

import pytest

from collectors.mastodon import MastodonCollector
from collectors.x import FIRST_PAGES, MOST_PAGES, PAGE, XCollector
from models.errors import Disconnected, TryLater
from models.problems import Problem
from models.speech import Page, open_gate
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.answering import Asked, Said, answering
from tests.contract.network_kit import NETWORKS, STATION, Desk, connect, desk

READS = {
    "x": "/2/users/*/mentions",
    "mastodon": "/api/v1/notifications",
    "telegram": "/bot*/getUpdates",
    "facebook": "/v24.0/*/[cp]*[st]s",  # comments, published_posts
    "instagram": "/v23.0/*/*",
    "threads": "/v1.0/*/*",
    "bluesky": "/xrpc/app.bsky.notification.listNotifications",
}


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(params=NETWORKS)
def here(request: pytest.FixtureRequest, running: Site) -> Iterator[Desk]:
    running.reset()
    with desk(request.param, running) as opened:
        yield opened


def say(here: Desk, count: int, start: int = 0) -> list[str]:
    """Citizens write; returns the ids, oldest first."""
    return [
        here.heard_id(here.write(f"@{STATION} suara {n}"))
        for n in range(start, start + count)
    ]


def hear(here: Desk, cursor: str | None) -> tuple[list[str], str | None]:
    """Everything after ``cursor``: ids as stored, and the cursor stored last."""
    heard: list[str] = []
    for page in here.collector.pages(cursor):
        heard += [item.remote_id for item in page.items]
        cursor = page.next_cursor
    return heard, cursor


def hear_with_crashes(here: Desk, cursor: str | None) -> tuple[list[str], str | None]:
    """As ``hear``, but the process dies after every stored page."""
    heard: list[str] = []
    for _ in range(100):
        page = next(here.collector.pages(cursor), None)
        if page is None:
            break
        known = set(heard)
        fresh = [i.remote_id for i in page.items if i.remote_id not in known]
        if not fresh and page.next_cursor == cursor:
            break
        heard += fresh
        cursor = page.next_cursor
    return heard, cursor


def test_what_citizens_say_is_heard_word_for_word(here: Desk) -> None:
    text = "@polres_sukamaju SIM C 5 > 3 jam & antre?\n\nLihat https://sukamaju.example/a?b=1&c=2 #SIM"
    said = here.write(text)
    (item,) = next(here.collector.pages(None)).items
    assert item.text == text
    assert (item.remote_id, item.author, item.author_name) == (
        here.heard_id(said),
        here.heard_author(said),
        here.heard_name(said),
    )
    if here.network != "instagram":  # which gives a comment no address
        assert str(said.id) in item.url
    assert item.published_at is not None
    assert item.published_at.utcoffset() == timedelta(0)
    assert abs(item.published_at - said.created_at.astimezone(UTC)) < timedelta(
        seconds=1
    )


@pytest.mark.parametrize("count", [0, 1, 19, 20, 21, 45])
def test_everything_is_heard_once_and_then_nothing(here: Desk, count: int) -> None:
    said = say(here, count)
    heard, cursor = hear(here, None)
    assert sorted(heard) == sorted(said)
    assert hear(here, cursor) == ([], cursor)


def test_only_what_is_new_is_heard_after_a_cursor(here: Desk) -> None:
    say(here, 3)
    _, cursor = hear(here, None)
    later = say(here, 47, start=3)
    heard, cursor = hear(here, cursor)
    assert sorted(heard) == sorted(later)
    assert hear(here, cursor)[0] == []


def test_a_crash_after_any_page_loses_nothing(here: Desk) -> None:
    first = say(here, 2)
    heard, cursor = hear(here, None)
    later = say(here, 90, start=2)
    more, cursor = hear_with_crashes(here, cursor)
    assert sorted(heard + more) == sorted(first + later)
    newest = say(here, 1, start=100)
    assert hear_with_crashes(here, cursor)[0] == newest


def test_what_is_said_during_a_long_walk_is_heard_too(here: Desk) -> None:
    say(here, 1)
    _, cursor = hear(here, None)
    backlog = say(here, 60, start=1)
    pages = here.collector.pages(cursor)
    stored = next(pages)
    meanwhile = say(here, 30, start=100)
    heard = [item.remote_id for item in stored.items]
    rest, cursor = hear(here, stored.next_cursor)
    last, _ = hear(here, cursor)
    assert sorted({*heard, *rest, *last}) == sorted(backlog + meanwhile)


def test_pages_before_an_error_stand_and_the_next_call_goes_on(here: Desk) -> None:
    say(here, 1)
    _, cursor = hear(here, None)
    later = say(here, 150, start=1)  # more than any network gives at once
    heard: list[str] = []
    path = READS[here.network]
    pages = here.collector.pages(cursor)
    for page in islice(pages, 1):
        heard += [item.remote_id for item in page.items]
        cursor = page.next_cursor
    here.site.fault(FaultKind.ANSWER, path, status=502, times=2)
    with pytest.raises(TryLater):
        for page in pages:
            heard += [item.remote_id for item in page.items]
            cursor = page.next_cursor
    here.site.world.faults.clear()
    rest, _ = hear(here, cursor)
    assert sorted({*heard, *rest}) == sorted(later)


def test_an_answer_to_an_own_post_names_it(here: Desk) -> None:
    receipt = here.publisher.publish(here.ready(text="SIM keliling besok"), open_gate)
    text = f"@{STATION} jam berapa?"
    here.write(text, below=receipt.remote_id)
    (item,) = next(here.collector.pages(None)).items
    assert item.in_reply_to == receipt.remote_id


@pytest.mark.parametrize("text", ["aing geus ngantri", "ora ono sing njawab", "why?"])
def test_no_language_is_left_out(here: Desk, text: str) -> None:
    here.write(f"@{STATION} {text}")
    (item,) = next(here.collector.pages(None)).items
    assert item.text.endswith(text)


def test_own_posts_are_not_heard(here: Desk) -> None:
    here.publish_with(text=f"Kami @{STATION} buka besok")
    assert hear(here, None)[0] == []


def test_a_revoked_token_disconnects(here: Desk) -> None:
    say(here, 1)
    collector = here.collector
    here.site.revoke(here.network, STATION)
    with pytest.raises(Disconnected) as failed:
        list(collector.pages(None))
    assert failed.value.problem is Problem.TOKEN_REFUSED


def test_a_rate_rests_as_long_as_the_network_asks(here: Desk) -> None:
    say(here, 1)
    wait = {"Retry-After": "61"}
    here.site.fault(FaultKind.ANSWER, READS[here.network], status=429, headers=wait)
    with pytest.raises(TryLater) as failed:
        list(here.collector.pages(None))
    assert failed.value.wait == timedelta(seconds=61)


@pytest.mark.parametrize("how", ["cut", "truncate", "reset_before"])
def test_a_read_that_breaks_may_be_repeated(here: Desk, how: str) -> None:
    said = say(here, 1)
    here.site.fault(how, READS[here.network])
    with pytest.raises(TryLater):
        list(here.collector.pages(None))
    assert hear(here, None)[0] == said


# X alone


def x_post(number: int, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "text": f"suara {number}", "author_id": "7"} | more


class Timeline:
    """Mentions of X, newest first, by ids; counts what was asked."""

    def __init__(self, newest: int) -> None:
        self.ids = list(range(newest, 0, -1))
        self.obeys = True

    def __call__(self, asked: Asked) -> Said:
        if asked.path == "/2/users/me":
            return Said({"data": {"id": "1", "name": "P", "username": STATION}})
        until = int(asked.first("until_id") or 10**9)
        until = int(asked.first("pagination_token") or until)
        since = int(asked.first("since_id") or 0)
        size = int(asked.first("max_results") or 10)
        fits = [n for n in self.ids if since < n < until] if self.obeys else self.ids
        page = fits[:size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if len(fits) > size:
            meta["next_token"] = str(page[-1])
        return Said({"data": [x_post(n) for n in page], "meta": meta})


def all_ids(pages: Iterator[Page]) -> list[int]:
    return [int(item.remote_id) for page in pages for item in page.items]


def test_the_first_walk_on_x_goes_back_only_so_far() -> None:
    with answering(Timeline(1_000)) as server:
        collector = XCollector(connect("x", server.url))
        heard = all_ids(collector.pages(None))
    assert heard == list(range(1_000, 1_000 - FIRST_PAGES * PAGE, -1))


def test_a_backlog_on_x_that_is_too_long_for_one_call_goes_on_in_the_next() -> None:
    timeline = Timeline(MOST_PAGES * PAGE + 130)
    with answering(timeline) as server:
        collector = XCollector(connect("x", server.url))
        cursor: str | None = '{"since": "1", "newest": null, "until": null}'
        heard: list[int] = []
        for _ in range(3):
            for page in collector.pages(cursor):
                heard += [int(item.remote_id) for item in page.items]
                cursor = page.next_cursor
    assert heard == list(range(MOST_PAGES * PAGE + 130, 1, -1))


def test_an_x_that_ignores_where_we_stand_is_no_endless_walk() -> None:
    timeline = Timeline(100)
    timeline.obeys = False
    with answering(timeline) as server:
        collector = XCollector(connect("x", server.url))
        heard = all_ids(collector.pages(None))
        assert heard == list(range(100, 80, -1))
        assert len(server.asked) < 5


def test_a_page_of_x_without_posts_is_passed() -> None:
    empty = Said({"meta": {"result_count": 0, "next_token": "51"}})
    timeline = Timeline(50)

    def answer(asked: Asked) -> Said:
        mentions = asked.path.endswith("/mentions")
        first = mentions and asked.first("pagination_token") is None
        return empty if first else timeline(asked)

    with answering(answer) as server:
        heard = all_ids(XCollector(connect("x", server.url)).pages(None))
    assert heard == list(range(50, 0, -1))


def test_a_long_post_of_x_is_heard_whole_with_its_links_written_out() -> None:
    link = {
        "url": "https://t.co/abcdefghij",
        "expanded_url": "https://sukamaju.example",
    }
    picture = {
        "url": "https://t.co/klmnopqrst",
        "expanded_url": "https://x.com/siti/status/5/photo/1",
    }
    note = {"text": "panjang " * 60 + link["url"], "entities": {"urls": [link]}}
    posts = [
        x_post(6, note_post=note, text="panjang …"),
        x_post(
            5,
            text=f"Tom &amp; Jerry {link['url']} {picture['url']}",
            entities={"urls": [link, picture]},
            referenced_tweets=[{"type": "replied_to", "id": "3"}],
        ),
    ]

    def answer(asked: Asked) -> Said:
        if asked.path == "/2/users/me":
            return Said({"data": {"id": "1", "username": STATION}})
        return Said({"data": posts, "meta": {"result_count": 2}})

    with answering(answer) as server:
        (page,) = XCollector(connect("x", server.url)).pages(None)
    whole, answered = page.items
    assert whole.text == "panjang " * 60 + "https://sukamaju.example"
    assert answered.text == "Tom & Jerry https://sukamaju.example"
    assert answered.in_reply_to == "3"


# Mastodon alone


def note(number: int, kind: str = "mention", **more: Any) -> dict[str, Any]:
    said = {
        "id": str(1_000 + number),
        "created_at": "2026-11-23T01:00:00.000Z",
        "content": f"<p>suara {number}</p>",
        "visibility": "public",
        "url": f"https://mastodon.example/@siti/{number}",
        "account": {"id": "9", "acct": "siti", "display_name": "Siti"},
    } | more
    return {"id": str(number), "type": kind, "status": said}


class Notices:
    """A server whose notifications may ignore the places and the types asked for."""

    def __init__(self, notes: list[dict[str, Any]], ignores: tuple[str, ...]) -> None:
        self.newest_first = sorted(notes, key=lambda n: -int(n["id"]))
        self.ignores = ignores

    def __call__(self, asked: Asked) -> Said:
        if asked.path != "/api/v1/notifications":
            return Said({"configuration": {}})
        given = {k: v for k, v in asked.query if k not in self.ignores}
        lowest, top = int(given.get("min_id", 0)), int(given.get("max_id", 10**9))
        fits = [n for n in self.newest_first if lowest < int(n["id"]) < top]
        if "types[]" in given:
            fits = [n for n in fits if n["type"] == given["types[]"]]
        return Said(fits[-40:] if "min_id" in given else fits[:40])


@pytest.mark.parametrize(
    "ignores",
    [(), ("types[]",), ("min_id",), ("min_id", "types[]"), ("min_id", "max_id")],
)
@pytest.mark.parametrize("count", [0, 1, 40, 41, 95])
def test_servers_that_ignore_places_and_types_lose_nothing_and_end(
    ignores: tuple[str, ...], count: int
) -> None:
    notes = [
        note(n, "favourite" if n % 3 == 0 else "mention") for n in range(1, count + 1)
    ]
    said = {str(1_000 + n) for n in range(1, count + 1) if n % 3}
    if "max_id" in ignores:  # nothing below the newest page can be had from it
        said = {each for each in said if int(each) > 1_000 + count - 60}
    with answering(Notices(notes, ignores)) as server:
        collector = MastodonCollector(connect("mastodon", server.url))
        pages = list(collector.pages(None))
        heard = [item.remote_id for page in pages for item in page.items]
        cursor = pages[-1].next_cursor if pages else None
        again = [item for page in collector.pages(cursor) for item in page.items]
        assert len(server.asked) < 20
    assert len(heard) == len(set(heard))
    assert set(heard) == said
    assert again == []


def test_messages_and_posts_for_followers_are_not_heard() -> None:
    notes = [
        note(1, visibility="direct"),
        note(2, visibility="private"),
        note(3, visibility="unlisted"),
        {"id": "4", "type": "mention", "status": None},
    ]
    with answering(Notices(notes, ())) as server:
        collector = MastodonCollector(connect("mastodon", server.url))
        (page,) = collector.pages(None)
    assert [item.remote_id for item in page.items] == ["1003"]
    assert page.next_cursor == "4"


def test_markup_becomes_plain_text_with_its_paragraphs() -> None:
    markup = (
        '<p><span class="h-card"><a href="https://m.example/@polres">@<span>polres</span></a>'
        "</span> satu &lt;b&gt; &amp; dua<br>tiga</p><p>empat <script>alert(1)</script>"
        '<a href="https://a.example/panjang"><span class="invisible">https://</span>'
        '<span class="ellipsis">a.example/pan</span><span class="invisible">jang</span>'
        "</a></p>"
    )
    notes = [note(1, content=markup, spoiler_text="Peringatan")]
    with answering(Notices(notes, ())) as server:
        (page,) = MastodonCollector(connect("mastodon", server.url)).pages(None)
    assert page.items[0].text == (
        "Peringatan\n\n@polres satu <b> & dua\ntiga\n\nempat alert(1)"
        "https://a.example/panjang"
    )
