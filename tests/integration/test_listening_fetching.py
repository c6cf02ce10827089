"""Public sources: each article stored once, politely, and nothing dropped."""

import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from cryptography.fernet import Fernet

from config.keys import Vault
from models.problems import Problem
from models.scope import OfficeScope
from models.source import Document, Host, Revision
from models.states import SourceHealth
from networks.feed_parser import FeedParser
from pipeline.sources import list_sources, stop_source
from pipeline.unit import Store
from tests.integration.listening_kit import (
    LATER,
    TEST,
    Desk,
    NewsSite,
    Reply,
    conditional,
    count,
    desk_on,
    entry,
    news_site,
    rows,
    rss,
)

DATED = "Mon, 23 Nov 2026 08:00:00 WIB"
DAY = timedelta(days=1)


def titles(desk: Desk) -> list[str]:
    return [document.title for document in desk.documents()]


# ------------------------------------------------------- what must never be lost


def test_o1_undated_items_are_stored_once_and_new_ones_beside_them(desk: Desk) -> None:
    known = [
        entry("satu", date=DATED),
        entry("dua", date=DATED),
        entry("tak bertanggal"),
    ]
    desk.site.pages["/rss"] = Reply(rss(*known))
    desk.subscribe()
    desk.fetch()
    assert sorted(titles(desk)) == ["dua", "satu", "tak bertanggal"]
    more = [entry("empat", date=DATED), entry("lima", date=DATED)]
    desk.site.pages["/rss"] = Reply(rss(*more, *known))
    desk.fetch(LATER)
    assert sorted(titles(desk)) == ["dua", "empat", "lima", "satu", "tak bertanggal"]
    undated = next(one for one in desk.documents() if one.title == "tak bertanggal")
    assert undated.published_at is None


def test_o2_late_arrivals_are_stored_whatever_their_date(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(
        rss(entry("pertama", date="Mon, 23 Nov 2026 10:00:00 +0700"))
    )
    desk.subscribe()
    desk.fetch()
    desk.site.pages["/rss"] = Reply(
        rss(
            entry("terlambat", date="Mon, 23 Nov 2026 09:00:00 +0700"),
            entry("baru", date="Mon, 23 Nov 2026 11:30:00 +0700"),
        )
    )
    desk.fetch(LATER)
    assert sorted(titles(desk)) == ["baru", "pertama", "terlambat"]


def test_o3_and_f1_the_second_request_is_conditional_and_stores_nothing(
    desk: Desk,
) -> None:
    desk.site.pages["/rss"] = conditional(rss(entry("satu")))
    source_id = desk.subscribe()
    desk.fetch()
    before = desk.source(source_id).next_check_at
    desk.fetch(LATER)
    first, second = desk.site.asked()
    assert "if-none-match" not in first.headers
    assert second.headers["if-none-match"] == desk.source(source_id).etag
    assert [fetch.status for fetch in desk.fetches()] == [200, 304]
    assert [fetch.unchanged for fetch in desk.fetches()] == [False, True]
    assert desk.source(source_id).next_check_at > before
    assert titles(desk) == ["satu"]


def test_o4_malformed_markup_is_stored_with_a_warning(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(rss(entry("Dinas A & B buka loket")))
    desk.subscribe()
    desk.fetch()
    assert len(titles(desk)) == 1
    assert desk.fetches()[0].warnings > 0


def test_o5_and_f7_a_host_that_says_wait_is_left_alone_with_all_its_feeds(
    desk: Desk,
) -> None:
    desk.site.pages["/rss"] = Reply(status=429, headers={"Retry-After": "3600"})
    desk.site.pages["/lain"] = Reply(rss(entry("satu")))
    source_id = desk.subscribe("/rss")
    desk.subscribe("/lain")
    assert desk.fetch_all() == 1
    assert desk.fetch_all(timedelta(minutes=58)) == 0
    assert len(desk.site.requests) == 1
    assert desk.source(source_id).health is SourceHealth.LIMITED
    with desk.store.read(desk.office) as work:
        shown = {row.url: row for row in list_sources(work, desk.moment())}
    assert {row.health for row in shown.values()} == {SourceHealth.LIMITED}
    assert all(row.blocked_until for row in shown.values())
    assert desk.fetch_all(timedelta(minutes=2)) == 2
    assert titles(desk) == ["satu"]


def test_o6_inner_addresses_and_endless_answers_are_refused_and_said(
    desk: Desk, store: Store, office: OfficeScope
) -> None:
    with news_site() as inner:
        inner.pages["/rss"] = Reply(rss(entry("rahasia")))
        desk.site.pages["/pindah"] = Reply(
            status=302, headers={"Location": inner.url()}
        )
        desk.site.pages["/besar"] = Reply(b"<rss>" + b" " * (16 * 1024 * 1024))
        ids = [desk.subscribe("/pindah"), desk.subscribe("/besar")]
        desk.fetch_all()
        assert inner.requests == []
    problems = [desk.source(source_id).problem for source_id in ids]
    assert problems == [Problem.ADDRESS_REFUSED, Problem.TOO_LARGE]
    assert titles(desk) == []


# ------------------------------------------------------------ unchanged, and when


def test_f2_and_f3_the_same_etag_or_the_same_bytes_are_not_parsed_again(
    desk: Desk,
) -> None:
    body = rss(entry("satu"))
    desk.site.pages["/rss"] = Reply(body, headers={"ETag": '"a"'})
    desk.subscribe()
    desk.fetch()
    desk.site.pages["/rss"] = Reply(rss(entry("dua")), headers={"ETag": '"a"'})
    desk.fetch(LATER)
    desk.site.pages["/rss"] = Reply(body, headers={"ETag": '"b"'})
    desk.fetch(LATER)
    assert [fetch.unchanged for fetch in desk.fetches()] == [False, True, True]
    assert titles(desk) == ["satu"]


def test_f4_expires_zero_makes_the_next_request_unconditional(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(
        rss(entry("satu")), headers={"ETag": '"a"', "Expires": "0"}
    )
    source_id = desk.subscribe()
    desk.fetch()
    assert desk.source(source_id).etag == ""
    desk.fetch(LATER)
    assert "if-none-match" not in desk.site.asked()[1].headers


@pytest.mark.parametrize(("age", "wait"), [(7200, 7200), (31_536_000, 86_400)])
def test_f5_a_server_may_slow_us_down_to_a_day(desk: Desk, age: int, wait: int) -> None:
    desk.site.pages["/rss"] = Reply(
        rss(entry("satu")), headers={"Cache-Control": f"max-age={age}"}
    )
    source_id = desk.subscribe()
    desk.fetch()
    assert desk.source(source_id).next_check_at == desk.moment() + timedelta(
        seconds=wait
    )


def test_f5_what_a_feed_asks_for_is_kept_while_it_has_nothing_new(desk: Desk) -> None:
    body = rss(entry("satu")).replace(b"<title>Warta", b"<ttl>120</ttl><title>Warta", 1)
    desk.site.pages["/rss"] = conditional(body)
    source_id = desk.subscribe()
    for _ in range(2):
        assert desk.fetch(timedelta(hours=2))
        wait = desk.source(source_id).next_check_at - desk.moment()
        assert wait == timedelta(hours=2)


@pytest.mark.parametrize(
    ("status", "written", "blocked"),
    [(429, "120", 120), (503, "120", 120), (429, "besok", 600), (429, None, 600)],
)
def test_f6_retry_after_in_seconds_or_unreadable(
    desk: Desk, status: int, written: str | None, blocked: int
) -> None:
    headers = {"Retry-After": written} if written else {}
    desk.site.pages["/rss"] = Reply(status=status, headers=headers)
    desk.subscribe()
    desk.fetch()
    host = rows_of_hosts(desk)[0]
    assert host.blocked_until == desk.moment() + timedelta(seconds=blocked)


def test_f6_retry_after_as_a_date_and_in_the_past(desk: Desk) -> None:
    until = desk.moment() + timedelta(hours=2)
    desk.site.pages["/rss"] = Reply(
        status=503, headers={"Retry-After": format_datetime(until, usegmt=True)}
    )
    desk.subscribe()
    desk.fetch()
    assert rows_of_hosts(desk)[0].blocked_until == until
    past = format_datetime(desk.moment() - DAY, usegmt=True)
    desk.site.pages["/rss"] = Reply(status=429, headers={"Retry-After": past})
    desk.fetch(timedelta(hours=3))
    assert desk.fetch(timedelta(hours=1))


def rows_of_hosts(desk: Desk) -> list[Host]:
    from sqlalchemy import select

    with desk.store.read(TEST) as work:
        return list(work.session.scalars(select(Host).order_by(Host.host)))


def test_f8_repeated_403_is_a_soft_limit_of_the_host(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(status=403)
    source_id = desk.subscribe()
    for _ in range(3):
        assert desk.fetch(DAY)
    assert desk.source(source_id).health is SourceHealth.LIMITED
    assert desk.source(source_id).problem is Problem.FORBIDDEN
    host = rows_of_hosts(desk)[0]
    assert host.blocked_until is not None
    assert host.blocked_until > desk.moment()


def test_f9_a_feed_that_is_gone_is_stopped_and_says_so(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(status=410)
    source_id = desk.subscribe()
    desk.fetch()
    assert desk.source(source_id).health is SourceHealth.STOPPED
    assert desk.source(source_id).problem is Problem.GONE
    assert not desk.fetch(7 * DAY)
    with desk.store.write(desk.office) as work:
        stop_source(work, desk.admin, source_id, desk.moment())
    desk.site.pages["/rss"] = Reply(rss(entry("kembali")))
    assert desk.subscribe() == source_id
    desk.fetch()
    assert titles(desk) == ["kembali"]


def test_f10_a_permanent_move_is_believed_at_its_second_sighting(desk: Desk) -> None:
    desk.site.pages["/a"] = Reply(status=301, headers={"Location": "/b"})
    desk.site.pages["/b"] = Reply(status=308, headers={"Location": "/c"})
    desk.site.pages["/c"] = Reply(rss(entry("satu")))
    source_id = desk.subscribe("/a")
    desk.fetch()
    assert desk.source(source_id).url == desk.site.url("/a")
    desk.fetch(LATER)
    assert desk.source(source_id).url == desk.site.url("/c")
    desk.fetch(LATER)
    assert [request.path for request in desk.site.requests[-2:]] == ["/c", "/c"] or (
        desk.site.requests[-1].path == "/c"
    )
    assert titles(desk) == ["satu"]


def test_f10_one_temporary_hop_leaves_the_address_as_it_is(desk: Desk) -> None:
    desk.site.pages["/a"] = Reply(status=301, headers={"Location": "/b"})
    desk.site.pages["/b"] = Reply(status=302, headers={"Location": "/c"})
    desk.site.pages["/c"] = Reply(rss(entry("satu")))
    source_id = desk.subscribe("/a")
    for _ in range(3):
        desk.fetch(LATER)
    assert desk.source(source_id).url == desk.site.url("/a")


def test_a_move_to_an_address_that_is_known_already_makes_no_second_owner(
    desk: Desk,
) -> None:
    desk.site.pages["/a"] = Reply(status=301, headers={"Location": "/b"})
    desk.site.pages["/b"] = Reply(rss(entry("satu")))
    moved, known = desk.subscribe("/a"), desk.subscribe("/b")
    for _ in range(3):
        desk.fetch_all(LATER)
    assert desk.source(moved).url == desk.site.url("/a")
    assert desk.source(known).url == desk.site.url("/b")


def test_f11_a_loop_of_redirects_ends_as_a_named_error(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(status=302, headers={"Location": "/rss"})
    source_id = desk.subscribe()
    desk.fetch()
    assert desk.source(source_id).problem is Problem.TOO_MANY_REDIRECTS


# --------------------------------------------------------- identity and revisions


def test_f17_guids_used_twice_or_missing_give_the_same_items_again(desk: Desk) -> None:
    entries = [
        entry("satu", "https://warta.example/1", "7"),
        entry("dua", "https://warta.example/2", "7"),
        entry("tiga", "https://warta.example/3"),
    ]
    desk.site.pages["/rss"] = Reply(rss(*entries))
    desk.subscribe()
    desk.fetch()
    desk.site.pages["/rss"] = Reply(rss(*reversed(entries)))
    desk.fetch(LATER)
    assert sorted(titles(desk)) == ["dua", "satu", "tiga"]


def test_f18_an_edited_article_is_one_document_with_a_revision_that_reaches_the_inbox(
    desk: Desk, store: Store
) -> None:
    link = "https://warta.example/banjir"
    desk.site.pages["/rss"] = Reply(
        rss(entry("Banjir", link, link, text="Dua rumah terendam air."))
    )
    desk.subscribe()
    desk.fetch()
    assert desk.deliver() == 1
    desk.site.pages["/rss"] = Reply(
        rss(entry("Banjir surut", link, link, text="Air sudah surut pagi ini."))
    )
    desk.fetch(LATER)
    assert desk.deliver() == 0
    [document] = desk.documents()
    [revision] = rows(store, Revision)
    [item] = desk.items()
    assert (revision.title, document.title, item.title) == (
        "Banjir",
        "Banjir surut",
        "Banjir surut",
    )
    assert desk.fetches()[1].revised == 1


def test_f18b_the_same_guid_on_the_next_day_is_another_article(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(
        rss(entry("Senin", "https://warta.example/senin", "1"))
    )
    desk.subscribe()
    desk.fetch()
    desk.site.pages["/rss"] = Reply(
        rss(entry("Selasa", "https://warta.example/selasa", "1"))
    )
    desk.fetch(DAY)
    assert titles(desk) == ["Senin", "Selasa"]


def test_f19_an_article_that_left_the_feed_and_came_back_is_no_new_one(
    desk: Desk,
) -> None:
    both = [entry("satu"), entry("dua")]
    desk.subscribe()
    for feed in (both, both[:1], both):
        desk.site.pages["/rss"] = Reply(rss(*feed))
        desk.fetch(LATER)
    assert titles(desk) == ["dua", "satu"]


def test_f20_a_window_that_overflows_is_said_and_every_article_kept(desk: Desk) -> None:
    first = [entry(f"lama {n}") for n in range(200)]
    desk.site.pages["/rss"] = Reply(rss(*first))
    source_id = desk.subscribe()
    desk.fetch()
    assert desk.source(source_id).health is SourceHealth.HEALTHY
    desk.site.pages["/rss"] = Reply(rss(*(entry(f"baru {n}") for n in range(200))))
    desk.fetch(LATER)
    assert len(desk.documents()) == 400
    assert desk.source(source_id).health is SourceHealth.OVERFULL
    wait = desk.source(source_id).next_check_at - desk.moment()
    assert wait == timedelta(minutes=15)


def test_a_date_of_the_future_is_held_down_and_kept_as_written(desk: Desk) -> None:
    written = "Fri, 23 Nov 2035 08:00:00 +0700"
    desk.site.pages["/rss"] = Reply(rss(entry("kelak", date=written)))
    desk.subscribe()
    desk.fetch()
    [document] = desk.documents()
    assert document.published_at == document.first_seen_at
    assert document.published_raw == written


def test_letters_that_no_database_takes_are_left_out(desk: Desk) -> None:
    body = rss(entry("nol &#0; dan &#xD800; separuh"), entry("baik"))
    desk.site.pages["/rss"] = Reply(body.replace(b"baik", b"ba\x00ik"))
    desk.subscribe()
    desk.fetch()
    desk.deliver()
    assert len(desk.items()) == 2


# --------------------------------------------------------------- health, fairness


def test_a_source_that_fails_is_shown_sick_and_asked_daily_without_end(
    desk: Desk,
) -> None:
    desk.site.pages["/rss"] = Reply(status=500)
    desk.site.pages["/baik"] = Reply(rss(entry("satu")))
    sick = desk.subscribe("/rss")
    well = desk.subscribe("/baik")
    for _ in range(12):
        desk.fetch_all(DAY)
    assert desk.source(sick).health is SourceHealth.SICK
    assert desk.source(sick).failures == 12
    assert desk.source(sick).problem is Problem.HTTP_STATUS
    assert desk.source(well).health is not SourceHealth.SICK
    desk.site.pages["/rss"] = Reply(rss(entry("pulih")))
    desk.fetch_all(DAY)
    assert desk.source(sick).health is SourceHealth.HEALTHY
    assert desk.source(sick).failures == 0
    assert "pulih" in titles(desk)


def test_silence_beyond_the_usual_gap_is_shown_as_quiet(desk: Desk) -> None:
    dates = [f"Mon, 23 Nov 2026 {hour:02}:00:00 +0700" for hour in range(8, 18)]
    desk.site.pages["/rss"] = conditional(
        rss(*(entry(f"pukul {n}", date=date) for n, date in enumerate(dates)))
    )
    source_id = desk.subscribe()
    desk.fetch()
    assert desk.source(source_id).usual_gap == 3600
    desk.fetch(timedelta(hours=2))
    assert desk.source(source_id).health is SourceHealth.HEALTHY
    desk.fetch(timedelta(hours=2))
    assert desk.source(source_id).health is SourceHealth.QUIET


def test_the_feeds_of_one_host_are_asked_one_after_the_other(desk: Desk) -> None:
    inside, release = threading.Event(), threading.Event()

    def slow(_request: object) -> Reply:
        inside.set()
        release.wait(5)
        return Reply(rss(entry("lambat")))

    desk.site.pages["/rss"] = slow
    desk.site.pages["/lain"] = Reply(rss(entry("cepat")))
    desk.subscribe("/rss")
    desk.subscribe("/lain")
    first = threading.Thread(target=desk.fetch)
    first.start()
    assert inside.wait(5)
    assert not desk.listening.fetch_next(desk.moment)
    release.set()
    first.join()
    assert not desk.fetch(), "the pause between two calls to a host is kept"
    assert desk.fetch(timedelta(seconds=10))
    assert sorted(titles(desk)) == ["cepat", "lambat"]


def test_many_workers_fetch_each_source_once(
    store: Store, office: OfficeScope, parser: FeedParser
) -> None:
    with news_site() as one, news_site() as two, news_site() as three:
        sites = [one, two, three]
        desk = desk_on(store, office, one, parser, two, three)
        for number, site in enumerate(sites):
            site.pages["/rss"] = Reply(
                rss(*(entry(f"{number}-{n}") for n in range(20)))
            )
            desk.site = site
            desk.subscribe()
        threads = [
            threading.Thread(target=_fetch_until_done, args=(desk,)) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [len(site.requests) for site in sites] == [1, 1, 1]
    assert count(store, Document) == 60


def _fetch_until_done(desk: Desk) -> None:
    while desk.listening.fetch_next(desk.moment):
        pass


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"sealed_login": Vault([Fernet.generate_key().decode()]).seal("a:b")},
            Problem.KEY_WRONG,
        ),
        ({"sealed_login": b"\xff"}, Problem.KEY_WRONG),
        ({"url": "http://[rusak"}, Problem.ADDRESS_INVALID),
    ],
)
def test_a_source_that_we_cannot_even_ask_starves_no_other_of_its_host(
    desk: Desk, site: NewsSite, values: dict[str, object], problem: Problem
) -> None:
    broken, sound = desk.subscribe("/satu"), desk.subscribe("/dua")
    site.pages["/dua"] = Reply(rss(entry("Berita")))
    with desk.store.write(TEST) as work:
        for name, value in values.items():
            setattr(work.sources.by_id(broken), name, value)
    assert desk.fetch_all() == 2
    assert titles(desk) == ["Berita"]
    assert desk.source(sound).problem is None
    troubled = desk.source(broken)
    assert (troubled.problem, troubled.failures) == (problem, 1)
    assert troubled.next_check_at > desk.moment()


def test_a_clock_set_back_does_not_stop_the_fetching(desk: Desk) -> None:
    desk.site.pages["/rss"] = Reply(rss(entry("satu")))
    desk.subscribe()
    desk.fetch(timedelta(hours=3))
    desk.site.pages["/rss"] = Reply(rss(entry("dua"), entry("satu")))
    assert desk.fetch(-timedelta(hours=2))
    assert titles(desk) == ["satu", "dua"]


def test_a_host_that_said_wait_is_asked_again_when_the_clock_was_set_back(
    desk: Desk,
) -> None:
    desk.site.pages["/rss"] = Reply(status=429, headers={"Retry-After": "3600"})
    desk.subscribe()
    assert desk.fetch_all(timedelta(days=3)) == 1
    desk.site.pages["/rss"] = Reply(rss(entry("satu")))
    assert desk.fetch_all(-timedelta(days=2)) == 1
    assert titles(desk) == ["satu"]
