"""Hostile guids, odd dates and silent servers: each article once on both databases."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from models.labels import Service
from models.problems import WORDS, Problem
from models.scope import OfficeScope
from models.source import Document, Revision
from models.states import Role, SourceHealth
from networks.feed_parser import FeedParser
from pipeline.ideas import make_idea
from pipeline.unit import Store
from tests.conftest import NOW, add_person
from tests.integration.listening_kit import (
    LATER,
    Desk,
    Reply,
    Request,
    Village,
    count,
    desk_on,
    entry,
    news_site,
    rss,
)
from tests.unit.test_dates import ROWS

DATED = "Mon, 23 Nov 2026 08:00:00 +0700"
DAY = timedelta(days=1)
SITE = "https://warta.example"
FLOOD = "Air sungai meluap dan merendam dua rumah warga di Kampung Hulu tadi malam."
MARKET = "Pasar pagi dipindahkan sementara ke lapangan selama perbaikan atap."


def flood(guid: str, text: str = FLOOD) -> str:
    return entry("Banjir di Kampung Hulu", f"{SITE}/banjir", guid, DATED, text)


# ----------------------------------------------------------------- guids over time


def test_f17_a_newsroom_that_changes_the_kind_of_its_guids_doubles_nothing(
    desk: Desk,
) -> None:
    known = [f"{SITE}/?p=12", "12", f"urn:uuid:{uuid.uuid4()}", "", f"{SITE}/banjir"]
    desk.subscribe()
    for guid in known:
        desk.site.pages["/rss"] = Reply(rss(flood(guid)))
        desk.fetch(LATER)
    assert [one.title for one in desk.documents()] == ["Banjir di Kampung Hulu"]
    assert desk.deliver() == 1
    desk.site.pages["/rss"] = Reply(rss(flood(known[-1], FLOOD + " Kini surut.")))
    desk.fetch(LATER)
    assert [fetch.revised for fetch in desk.fetches()] == [0] * len(known) + [1]
    assert (desk.deliver(), len(desk.items())) == (0, 1)


def test_f17_a_guid_that_a_second_article_takes_too_leaves_the_first_as_it_was(
    desk: Desk,
) -> None:
    guid = f"{SITE}/?p=1"
    market = entry("Pasar pindah", f"{SITE}/pasar", guid, text=MARKET)
    desk.subscribe()
    for feed in ([flood(guid)], [market, flood(guid)], [flood(guid)], [market]):
        desk.site.pages["/rss"] = Reply(rss(*feed))
        desk.fetch(LATER)
    titles = [one.title for one in desk.documents()]
    assert titles == ["Banjir di Kampung Hulu", "Pasar pindah"]
    assert [fetch.new for fetch in desk.fetches()] == [1, 1, 0, 0]
    assert [fetch.revised for fetch in desk.fetches()] == [0, 0, 0, 0]


def test_f18b_an_address_as_guid_that_another_article_takes_over_hides_no_article(
    desk: Desk,
) -> None:
    guid = f"{SITE}/?p=1"
    market = entry("Pasar pindah", f"{SITE}/pasar", guid, text=MARKET)
    desk.subscribe()
    for feed in (flood(guid), market, flood(guid), market):
        desk.site.pages["/rss"] = Reply(rss(feed))
        desk.fetch(LATER)
    assert [one.title for one in desk.documents()] == [
        "Banjir di Kampung Hulu",
        "Pasar pindah",
    ]
    assert count(desk.store, Revision) == 0


def test_f18_an_article_that_is_edited_under_a_new_address_stays_one(
    desk: Desk,
) -> None:
    guid = f"{SITE}/?p=1"
    again = entry("Banjir surut", f"{SITE}/surut", guid, text=FLOOD + " Kini surut.")
    desk.subscribe()
    for feed in (flood(guid), again):
        desk.site.pages["/rss"] = Reply(rss(feed))
        desk.fetch(LATER)
    assert [one.title for one in desk.documents()] == ["Banjir surut"]
    assert count(desk.store, Revision) == 1


def test_the_same_notice_of_every_day_is_an_article_of_every_day(desk: Desk) -> None:
    desk.subscribe()
    for day in (23, 24, 25):
        notice = entry(
            "SIM keliling",
            f"{SITE}/jadwal",
            f"urn:uuid:{uuid.uuid4()}",
            f"Mon, {day} Nov 2026 08:00:00 +0700",
            "Buka pukul 08.00 di alun-alun.",
        )
        desk.site.pages["/rss"] = Reply(rss(notice))
        desk.fetch(DAY)
    assert len(desk.documents()) == 3


# --------------------------------------------------------- dates, letters, silence


def test_f22_every_date_of_the_table_is_stored_as_it_was_meant(desk: Desk) -> None:
    fetched_at = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)
    desk.moment.at = fetched_at
    feed = [
        entry(f"baris {row} {n}", f"{SITE}/{n}", date=raw)
        for n, (row, raw, _) in enumerate(ROWS)
    ]
    desk.site.pages["/rss"] = Reply(rss(*feed, entry("baris 42", f"{SITE}/42")))
    desk.subscribe()
    desk.fetch()
    stored = {one.title: one for one in desk.documents()}
    assert stored.pop("baris 42").published_at is None
    for n, (row, raw, at) in enumerate(ROWS):
        one = stored[f"baris {row} {n}"]
        assert (one.published_raw, one.published_at) == (raw, min(at, fetched_at))


def test_f21_letters_of_windows_labelled_as_utf8_are_stored_readable(
    desk: Desk,
) -> None:
    head = b"<?xml version='1.0' encoding='UTF-8'?>"
    feed = rss(entry("Kapolres: “Aman” – kata warga")).decode().encode("cp1252")
    desk.site.pages["/rss"] = Reply(head + feed)
    desk.subscribe()
    desk.fetch()
    assert [one.title for one in desk.documents()] == ["Kapolres: “Aman” – kata warga"]
    assert desk.fetches()[0].warnings == 1


def test_f15_a_server_that_never_ends_is_ended_and_the_next_source_is_fetched(
    store: Store, office: OfficeScope, parser: FeedParser
) -> None:
    release = threading.Event()

    def hang(_: Request) -> Reply:
        release.wait(20)
        return Reply()

    with news_site() as slow, news_site() as well:
        desk = desk_on(store, office, slow, parser, well)
        slow.pages["/rss"] = hang
        well.pages["/rss"] = Reply(rss(entry("satu")))
        hanging = desk.subscribe()
        desk.site = well
        desk.subscribe()
        try:
            assert desk.fetch_all() == 2
        finally:
            release.set()
    assert desk.source(hanging).problem is Problem.TOO_SLOW
    assert [one.title for one in desk.documents()] == ["satu"]


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        (Reply(b""), Problem.FEED_EMPTY),
        (Reply(b"<html><body>beranda</body></html>"), Problem.NOT_A_FEED),
        (Reply(b"{"), Problem.FEED_UNREADABLE),
        (
            Reply(
                b"<html>sebentar</html>",
                403,
                {"cf-mitigated": "challenge", "Content-Type": "text/html"},
            ),
            Problem.CHALLENGED,
        ),
        (Reply(status=404), Problem.HTTP_STATUS),
    ],
)
def test_f16_what_is_no_feed_is_a_named_error_and_never_zero_items(
    desk: Desk, page: Reply, problem: Problem
) -> None:
    desk.site.pages["/rss"] = Reply(rss(entry("satu")), headers={"ETag": '"a"'})
    source_id = desk.subscribe()
    desk.fetch()
    before = desk.source(source_id)
    desk.site.pages["/rss"] = page
    for _ in range(3):
        desk.fetch(DAY)
    after = desk.source(source_id)
    assert after.problem is problem
    assert WORDS[problem]
    assert after.health in {SourceHealth.SICK, SourceHealth.LIMITED}
    assert (after.succeeded_at, after.etag) == (before.succeeded_at, '"a"')
    assert count(desk.store, Document) == 1


def test_f26_no_script_reaches_the_database(desk: Desk) -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b onclick=x&gt;aman&lt;/b&gt;"
    desk.site.pages["/rss"] = Reply(
        rss(entry(evil, "javascript:alert(1)", text=evil), entry("baik", text=evil))
    )
    desk.subscribe()
    desk.fetch()
    assert desk.deliver() == 2
    kept = [f"{one.url} {one.title} {one.text}" for one in desk.documents()]
    assert not [one for one in kept if "<" in one or "alert" in one or "onclick" in one]


# ----------------------------------------------------------------- who is a person


def test_o12_copies_without_an_author_are_not_people(desk: Desk) -> None:
    desk.connect()
    village = desk.villages.by_handle.setdefault("polres_sukamaju", Village())
    for _ in range(5):
        village.say("Antrean SIM di Polres Sukamaju lama sekali, tolong ditambah.", "")
    desk.hear()
    items = [item.id for item in desk.items()]
    officer = add_person(desk.store, desk.office, Role.OFFICER)
    with desk.store.write(desk.office) as work:
        idea = make_idea(work, officer, items, "Loket SIM", Service.SIM, NOW)
        assert len(items) == 5
        assert work.ideas.support([idea])[idea].people == 0
