"""A source that does not answer is a gap and never a zero, on both databases."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event, insert

from models.coverage import HOURS, KEPT, Heard, SourceDay
from models.dashboard import Dashboard
from models.source import Source, Subscription
from models.source_board import PAGE, Feed, SourceBoard, Wanted
from models.states import Role, SourceHealth
from pipeline.sources import stop_source
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.listening_kit import (
    TEST,
    Desk,
    Reply,
    conditional,
    count,
    entry,
    rss,
)

HOUR = timedelta(hours=1)


def board(desk: Desk, wanted: Wanted | None = None, number: int = 0) -> Sequence[Feed]:
    with desk.store.read(desk.office) as work:
        return SourceBoard(work.session).page(wanted or Wanted(), number, desk.moment())


def kinds(feed: Feed) -> list[tuple[str, int]]:
    return [(run.heard.value, run.length) for run in feed.ribbon.runs]


def test_a_source_that_is_killed_leaves_a_gap_and_comes_back(desk: Desk) -> None:
    desk.site.pages["/rss"] = conditional(rss(entry("Satu")))
    desk.subscribe()
    for _ in range(5):
        desk.fetch_all(HOUR)
    desk.site.pages["/rss"] = Reply(status=500)
    for _ in range(30):
        desk.fetch_all(HOUR)
    [feed] = board(desk)
    assert feed.health is SourceHealth.SICK
    assert kinds(feed)[-1] == ("failing", 30)
    assert feed.ribbon.new == 1
    desk.site.pages["/rss"] = conditional(rss(entry("Dua"), entry("Satu")))
    for _ in range(25):
        desk.fetch_all(HOUR)
    [feed] = board(desk)
    assert feed.health is SourceHealth.HEALTHY
    assert [kind for kind, _ in kinds(feed)][-2:] == ["failing", "fine"]
    assert feed.ribbon.new == 2


def test_hours_in_which_we_were_off_are_a_gap_of_ours(desk: Desk) -> None:
    desk.site.pages["/rss"] = conditional(rss(entry("Satu")))
    desk.subscribe()
    desk.fetch_all(HOUR)
    desk.moment.at += 12 * HOUR
    [feed] = board(desk)
    assert feed.ribbon.hours(Heard.GAP) >= 10
    desk.fetch_all()
    [feed] = board(desk)
    assert [kind for kind, _ in kinds(feed)][-3:] == ["fine", "gap", "fine"]
    [(_, start, end)] = feed.ribbon.stretches(Heard.GAP)
    assert end - start >= 10 * HOUR


def test_f20_a_window_that_overflows_makes_a_gap_since_the_last_answer(
    desk: Desk,
) -> None:
    desk.site.pages["/rss"] = conditional(rss(*(entry(f"a{n}") for n in range(10))))
    desk.subscribe()
    desk.fetch_all(HOUR)
    desk.site.pages["/rss"] = conditional(rss(*(entry(f"b{n}") for n in range(10))))
    desk.fetch_all(3 * HOUR)
    [feed] = board(desk)
    assert feed.health is SourceHealth.OVERFULL
    assert feed.ribbon.hours(Heard.GAP) == 3


def test_two_weeks_are_shown_and_two_months_are_kept(desk: Desk) -> None:
    desk.site.pages["/rss"] = conditional(rss(entry("Satu")))
    source_id = desk.subscribe()
    desk.fetch_all()
    with desk.store.write(TEST) as work:
        old = (desk.moment() - KEPT - timedelta(days=2)).date()
        work.session.add(SourceDay(source_id=source_id, day=old, hours="q" * 24, new=9))
    desk.fetch_all(timedelta(days=20))
    [feed] = board(desk)
    assert sum(run.length for run in feed.ribbon.runs) == HOURS
    assert feed.ribbon.new == 0
    assert count(desk.store, SourceDay) == 16  # the day of old, and two weeks back


def test_those_in_trouble_stand_above_and_states_are_counted(desk: Desk) -> None:
    desk.site.pages["/a"] = conditional(rss(entry("Satu")))
    desk.site.pages["/b"] = Reply(status=500)
    desk.site.pages["/c"] = Reply(status=410)
    ids = {path: desk.subscribe(path) for path in ("/a", "/b", "/c", "/d")}
    for _ in range(30):
        desk.fetch_all(HOUR)
    with desk.store.write(desk.office) as work:
        stop_source(work, desk.admin, ids["/d"], desk.moment())
    shown = [feed.source.url.rpartition("/")[2] for feed in board(desk)]
    assert shown == ["b", "c", "a"]
    with desk.store.read(desk.office) as work:
        counts = SourceBoard(work.session).counts(desk.moment())
    assert counts == {
        SourceHealth.SICK: 1,
        SourceHealth.STOPPED: 2,
        SourceHealth.HEALTHY: 1,
    }
    stopped = board(desk, Wanted(SourceHealth.STOPPED))
    assert {feed.source.id for feed in stopped} == {ids["/c"], ids["/d"]}
    assert [feed.source.id for feed in board(desk, Wanted(words="/A"))] == [ids["/a"]]


def test_a_host_that_asks_for_rest_shows_at_every_source_until_it_is_over(
    desk: Desk,
) -> None:
    desk.site.pages["/a"] = Reply(status=429, headers={"Retry-After": "7200"})
    desk.site.pages["/b"] = conditional(rss(entry("Satu")))
    desk.subscribe("/b")
    desk.fetch_all()
    desk.subscribe("/a")
    desk.fetch_all(HOUR / 4)
    assert {feed.health for feed in board(desk)} == {SourceHealth.LIMITED}
    assert all(feed.blocked_until for feed in board(desk))
    desk.moment.at += 3 * HOUR
    assert not any(feed.blocked_until for feed in board(desk))


def test_another_office_sees_its_own_sources_only(desk: Desk) -> None:
    desk.subscribe()
    other = add_office(desk.store, "lain", "Polres Lain")
    add_person(desk.store, other, Role.ADMIN, "admin-lain")
    with desk.store.read(other) as work:
        assert SourceBoard(work.session).page(Wanted(), 0, NOW) == []
        assert SourceBoard(work.session).counts(NOW) == {}


# --------------------------------------------------------------- thousands of them


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def fill(desk: Desk, sources: int) -> None:
    blank = {
        "timezone": "Asia/Jakarta", "created_at": NOW, "next_check_at": NOW,
        "lease_until": NOW, "title": "", "site_url": "", "etag": "", "last_modified": "",
        "body_hash": "", "lease_token": "", "problem_detail": "", "failures": 0,
        "moved_to": "", "moved_seen": 0, "last_document_id": 0, "last_revision_id": 0,
    }  # fmt: skip
    health = [SourceHealth.HEALTHY, SourceHealth.QUIET, SourceHealth.SICK]
    with desk.store.engine.begin() as connection:
        connection.execute(
            insert(Source),
            [
                {"id": n, "url": f"https://s{n}.example/rss", "host": f"s{n}.example:443",
                 "health": health[n % 3], **blank}
                for n in range(1, sources + 1)
            ],
        )  # fmt: skip
        connection.execute(
            insert(Subscription),
            [
                {"office_id": desk.office.office_id, "source_id": n, "label": f"S {n}",
                 "created_at": NOW, "read_up_to": 0, "revised_up_to": 0}
                for n in range(1, sources + 1)
            ],
        )  # fmt: skip
        connection.execute(
            insert(SourceDay),
            [
                {"source_id": n, "day": (NOW - timedelta(days=d)).date(),
                 "hours": "q" * 24, "new": 3}
                for n in range(1, sources + 1)
                for d in range(14)
            ],
        )  # fmt: skip


def test_thousands_of_sources_are_paged_with_a_handful_of_statements(
    desk: Desk,
) -> None:
    fill(desk, 2_000)
    with desk.store.read(desk.office) as work, statements(desk.store) as seen:
        first = SourceBoard(work.session).page(Wanted(), 0, NOW)
        last = SourceBoard(work.session).page(Wanted(), 39, NOW)
        counts = SourceBoard(work.session).counts(NOW)
        silent = Dashboard(work.session).coverage()
    selects = [one for one in seen if one.startswith("SELECT")]
    assert len(selects) == 8
    assert len(first) == PAGE + 1
    assert len(last) == 2_000 - 39 * PAGE
    assert {one.health for one in first} == {SourceHealth.SICK}
    assert sum(counts.values()) == 2_000
    assert (silent.total, len(silent.silent), len(silent.quiet)) == (2_000, 667, 667)
