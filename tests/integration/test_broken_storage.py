"""A database that cannot be opened, written or read is told in words."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from models.database import StorageFailed
from models.office import Office
from models.problems import WORDS, Problem
from models.scope import SystemScope
from pipeline.ledger import Ledger, Pace
from pipeline.unit import Store, Work
from tests.conftest import add_office
from tests.postgresql import Server
from tests.web_kit import Dashboard, build

TEST = SystemScope("test")


def problem_of(url: str, *, writes: bool = False) -> Problem:
    store = Store(url)
    opened = store.write if writes else store.read
    try:
        with pytest.raises(StorageFailed) as failed, opened(TEST) as work:
            work.offices.end_sign_ins(user_id=1) if writes else work.offices.all()
    finally:
        store.close()
    return failed.value.problem


def test_a_folder_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tidak-ada' / 'kentongan.db'}"
    assert problem_of(url) is Problem.DATABASE_UNOPENED


def test_other_bytes_are_no_database(tmp_path: Path) -> None:
    file = tmp_path / "kentongan.db"
    file.write_text("bukan basis data " * 100)
    assert problem_of(f"sqlite:///{file}") is Problem.DATABASE_DAMAGED


@pytest.fixture
def site(tmp_path: Path) -> Dashboard:
    return build(tmp_path)


def test_a_file_that_may_only_be_read_takes_no_write(
    site: Dashboard, tmp_path: Path
) -> None:
    url = f"sqlite:///file:{tmp_path / 'kentongan.db'}?mode=ro&uri=true"
    assert problem_of(url, writes=True) is Problem.DATABASE_READ_ONLY


def test_a_page_over_a_damaged_database_says_so(
    site: Dashboard, tmp_path: Path
) -> None:
    browser: TestClient = site.browser("ratna")
    site.store.close()
    (tmp_path / "kentongan.db").write_text("bukan basis data " * 100)
    for extra in tmp_path.glob("kentongan.db-*"):
        extra.unlink()
    answer = browser.get("/")
    assert answer.status_code == 503
    assert WORDS[Problem.DATABASE_DAMAGED] in answer.text
    assert browser.get("/healthz").json()["database"] == "database_damaged"


@pytest.mark.postgresql
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestADeadlock:
    """Two units that each want the row which the other one holds."""

    def cross(self, store: Store, *, kept: bool) -> list[StorageFailed | None]:
        offices = [add_office(store, code, code).office_id for code in ("a", "b")]
        both_hold = threading.Barrier(2)
        ledger = Ledger(store, Pace())

        def take(first: int, then: int) -> StorageFailed | None:
            tries = iter((both_hold.wait,))  # a second try need not wait

            def write(work: Work) -> None:
                for number, office in enumerate((first, then)):
                    if number:
                        next(tries, lambda: 0)()
                    named = update(Office).where(Office.id == office)
                    work.session.execute(named.values(name=f"from {first}"))

            try:
                if kept:
                    ledger.keep("a name", write)
                else:
                    with store.write(TEST) as work:
                        write(work)
            except StorageFailed as failed:
                return failed
            return None

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(take, offices, reversed(offices)))

    def test_one_side_is_told_that_the_database_was_locked(self, store: Store) -> None:
        failed = [one for one in self.cross(store, kept=False) if one is not None]
        assert [one.problem for one in failed] == [Problem.DATABASE_LOCKED]

    def test_an_outcome_is_written_all_the_same(self, store: Store) -> None:
        assert self.cross(store, kept=True) == [None, None]


@pytest.mark.postgresql
def test_a_unit_of_a_machine_that_sleeps_stops_nobody_for_good(
    postgresql_server: Server,
) -> None:
    """A worker that was stopped inside a unit kept its rows locked until it woke."""
    with postgresql_server.fresh_database() as url:
        store = Store(url)
        office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
        name = update(Office).values(name="Polres Lain")
        with pytest.raises(StorageFailed) as failed, store.write(TEST) as asleep:
            run = asleep.session.connection().exec_driver_sql
            assert run("SHOW idle_in_transaction_session_timeout").scalar() == "1min"
            run("SET LOCAL idle_in_transaction_session_timeout = 300")
            asleep.session.execute(name)
            with store.write(TEST) as awake:  # waits, and goes on
                awake.session.execute(name)
        assert failed.value.problem is Problem.DATABASE_UNREACHABLE
        with store.read(office) as work:
            assert work.offices.by_id(office.office_id).name == "Polres Lain"
        store.close()
