"""No room, a locked database, a killed process: said clearly, nothing lost or doubled."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from models.database import StorageFailed
from models.problems import Problem
from models.scope import OfficeScope
from models.source import Document, Revision
from models.tables import metadata
from networks.feed_parser import FeedParser
from pipeline.unit import Store
from tests.conftest import NOW, add_office
from tests.integration.listening_kit import (
    Desk,
    NewsSite,
    Reply,
    Village,
    Villages,
    conditional,
    connect,
    count,
    desk_on,
    entry,
    news_site,
    rss,
)
from tests.integration.test_clock_of_an_installation import labelled, running, until

ROOT = Path(__file__).resolve().parents[2]
HANDLE = "polres_sukamaju"
AFTER_LEASE = timedelta(minutes=4)


@pytest.fixture(scope="module")
def parser() -> Iterator[FeedParser]:
    with FeedParser() as opened:
        yield opened


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with news_site() as opened:
        yield opened


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Store]:
    """SQLite alone: PostgreSQL has no file that another program locks or fills."""
    opened = Store(f"sqlite:///{tmp_path / 'kentongan.db'}")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def desk(lite: Store, site: NewsSite, parser: FeedParser) -> Desk:
    office = add_office(lite, "sukamaju", "Polres Kota Sukamaju")
    desk = desk_on(lite, office, site, parser)
    desk.site.pages["/rss"] = conditional(
        rss(*(entry(f"berita {n}", text="kata " * 400) for n in range(250)))
    )
    desk.subscribe()
    return desk


# ------------------------------------------------------------------ no room, locked


def impatient(store: Store) -> None:
    """Wait a moment for another writer, not ten seconds."""
    _from_now_on(store, "PRAGMA busy_timeout=50")


def _from_now_on(store: Store, pragma: str) -> None:
    """Run it on every connection that is taken; the last one said holds."""

    @event.listens_for(store.engine, "checkout")
    def _set(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute(pragma).close()


def test_a_database_locked_by_another_program_loses_nothing(
    desk: Desk, lite: Store
) -> None:
    impatient(lite)
    path = lite.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageFailed) as failed:
            desk.fetch()
        assert failed.value.problem is Problem.DATABASE_LOCKED
        other.execute("ROLLBACK")
    assert desk.fetch()
    assert len(desk.documents()) == 250


def test_a_database_locked_between_fetch_and_store_is_fetched_again(
    desk: Desk, lite: Store
) -> None:
    impatient(lite)
    path = lite.url.removeprefix("sqlite:///")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    served = desk.site.pages["/rss"]

    def lock_then_answer(request: object) -> Reply:
        other.execute("BEGIN EXCLUSIVE")
        return served(request)  # type: ignore[operator]

    desk.site.pages["/rss"] = lock_then_answer
    with pytest.raises(StorageFailed):
        desk.fetch()
    other.execute("ROLLBACK")
    other.close()
    desk.site.pages["/rss"] = served
    assert desk.documents() == []
    assert not desk.fetch(), "the lease of the worker that failed still stands"
    assert desk.fetch(AFTER_LEASE)
    assert len(desk.documents()) == 250
    assert "if-none-match" not in desk.site.asked()[-1].headers


def test_a_full_database_keeps_what_it_has_and_goes_on_when_there_is_room(
    desk: Desk, lite: Store
) -> None:
    with lite.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
    _from_now_on(lite, f"PRAGMA max_page_count={pages + 140}")
    with pytest.raises(StorageFailed) as failed:
        desk.fetch()
    assert failed.value.problem is Problem.DISK_FULL
    stored = len(desk.documents())
    assert 0 < stored < 250, "the first units stand, the validators did not move"
    assert desk.fetches() == []
    _from_now_on(lite, f"PRAGMA max_page_count={2**30}")
    assert desk.fetch(AFTER_LEASE)
    assert len(desk.documents()) == 250
    assert desk.fetches()[0].new == 250 - stored


def test_a_file_that_may_not_grow_is_said_as_no_room(desk: Desk, lite: Store) -> None:
    path = Path(lite.url.removeprefix("sqlite:///"))
    largest = max(one.stat().st_size for one in path.parent.glob(f"{path.name}*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 64 * 1024, hard))
    try:
        with pytest.raises(StorageFailed) as failed:
            desk.fetch()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failed.value.problem is Problem.DISK_FULL
    assert desk.fetch(AFTER_LEASE)
    assert len(desk.documents()) == 250


def test_the_engine_says_the_trouble_keeps_running_and_goes_on(lite: Store) -> None:
    office = add_office(lite, "sukamaju", "Polres Kota Sukamaju")
    villages = Villages({HANDLE: Village()})
    connect(lite, office)
    village = villages.by_handle[HANDLE]
    with news_site() as site, running(lite, site, villages) as engine:
        village.say("sebelum")
        assert until(lambda: labelled(lite, office) == ["sebelum"], 20)
        with lite.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
        _from_now_on(lite, f"PRAGMA max_page_count={pages + 2}")
        for number in range(40):
            village.say(f"penuh {number} " + "kata " * 300)

        def shown() -> set[Problem | None]:
            return {line.problem for line in engine.healthy(engine.now())}

        assert until(lambda: Problem.DISK_FULL in shown(), 20)
        _from_now_on(lite, f"PRAGMA max_page_count={2**30}")
        assert until(lambda: _hear_at_once(lite, office, villages), 30)
        assert until(lambda: len(labelled(lite, office)) == 41, 30)
        # a trouble is shown until its own task has next run well
        assert until(lambda: Problem.DISK_FULL not in shown(), 30)


def _hear_at_once(store: Store, office: OfficeScope, villages: Villages) -> bool:
    """The failed worker's lease would outlast this test."""
    with store.write(office) as work:
        for account in work.accounts.listed():
            account.hear_lease_until = NOW
    return villages.by_handle[HANDLE].visits > 0


# ------------------------------------------------------------------- killed for real


FETCHER = """
    import os, signal, sys
    from datetime import UTC, datetime
    from networks.feed_parser import FeedParser
    from networks.http import Http
    from pipeline import wiring
    from pipeline.listening import Listening
    from pipeline.unit import Store
    from tests.integration.listening_kit import (
        VAULT, LONG_AGO, Village, Villages, settings_for)

    url, host, kill_at, when, what = sys.argv[1:]

    class Mortal(Store):
        units = 0
        def write(self, scope, *, durable=False):
            from contextlib import contextmanager
            @contextmanager
            def unit():
                with super(Mortal, self).write(scope, durable=durable) as work:
                    yield work
                    Mortal.units += 1
                    if Mortal.units == int(kill_at) and when == "before":
                        work.session.flush()
                        os.kill(os.getpid(), signal.SIGKILL)
                if Mortal.units == int(kill_at):
                    os.kill(os.getpid(), signal.SIGKILL)
            return unit()

    class Site:
        pass

    site = Site()
    site.host = host
    store = Mortal(url)
    villages = Villages()
    village = villages.by_handle.setdefault("polres_sukamaju", Village())
    for number in range(9):
        village.say(f"keluhan {number}")
    settings = settings_for(url, site)
    http = Http(wiring.http_limits(settings))
    now = lambda: datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    listening = Listening(store, VAULT, http, FeedParser(), villages, settings)
    listening.fetch_next(now) if what == "fetch" else listening.hear_next(now)
"""


def killed(store: Store, site: NewsSite, unit: int, when: str, what: str) -> None:
    """Run the work in a process of its own that dies in its ``unit``-th transaction."""
    program = textwrap.dedent(FETCHER)
    done = subprocess.run(
        [sys.executable, "-c", program, store.url, site.host, str(unit), when, what],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        timeout=60,
        stderr=subprocess.PIPE,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2_000:]


@pytest.mark.parametrize(
    ("unit", "when", "stands"),
    [(1, "after", 0), (2, "before", 0), (2, "after", 95), (4, "before", 190)],
)
def test_f24_a_kill_during_a_store_loses_and_doubles_nothing(
    store: Store, site: NewsSite, parser: FeedParser, unit: int, when: str, stands: int
) -> None:
    office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    desk = desk_on(store, office, site, parser)
    site.pages["/rss"] = conditional(rss(*(entry(f"berita {n}") for n in range(250))))
    source_id = desk.subscribe()
    killed(store, site, unit, when, "fetch")
    assert len(desk.documents()) == stands
    assert desk.source(source_id).etag == ""
    assert desk.fetch(AFTER_LEASE)
    assert desk.deliver() == 250
    assert count(store, Document) == 250
    assert count(store, Revision) == 0
    assert len({document.identity for document in desk.documents()}) == 250


@pytest.mark.parametrize(
    ("unit", "when", "stands"),
    [(1, "after", 0), (3, "before", 2), (3, "after", 4), (6, "before", 8)],
)
def test_f24_a_kill_between_pages_of_mentions_loses_and_doubles_nothing(
    store: Store, site: NewsSite, parser: FeedParser, unit: int, when: str, stands: int
) -> None:
    office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    desk = desk_on(store, office, site, parser)
    connect(store, office)
    village = desk.villages.by_handle.setdefault(HANDLE, Village())
    for number in range(9):
        village.say(f"keluhan {number}")
    killed(store, site, unit, when, "hear")
    assert len(desk.items()) == stands
    with store.read(office) as work:
        assert int(work.accounts.listed()[0].cursor or 0) == stands
    assert desk.hear(AFTER_LEASE)
    assert [item.text for item in desk.items()] == [f"keluhan {n}" for n in range(9)]
