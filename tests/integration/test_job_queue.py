"""The queue of many machines, on a real PostgreSQL."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from procrastinate import sql
from sqlalchemy import select

from models.clock import Lease
from models.errors import Conflict, InvalidInput
from models.scope import SystemScope
from models.states import IDEA_MOVES, IdeaState, move
from pipeline import job_queue
from pipeline.job_queue import DatabaseQueue, bring, is_current, must_be_ready, reap
from pipeline.queue import TaskName
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.test_clock_of_an_installation import SECOND
from tests.integration.test_clock_of_one_process import until
from tests.postgresql import Server

TEST = SystemScope("test")
pytestmark = pytest.mark.postgresql


@pytest.fixture
def bare(postgresql_server: Server) -> Iterator[Store]:
    """Our tables, and not yet those of the queue."""
    with postgresql_server.fresh_database() as url:
        store = Store(url)
        yield store
        store.close()


@pytest.fixture
def many(bare: Store) -> Store:
    bring(bare.engine)
    bare.queue = DatabaseQueue()
    return bare


def query(store: Store, text: str, *values: Any) -> list[Any]:
    with store.engine.begin() as connection:
        found = connection.exec_driver_sql(text, tuple(values) or None)
        return list(found) if found.returns_rows else []


def jobs(store: Store, columns: str = "queue_name") -> list[Any]:
    return query(store, f"SELECT {columns} FROM procrastinate_jobs ORDER BY id")


def worker_with_job(store: Store, beat: str, lock: str | None = None) -> int:
    """A worker that last beat so long ago, with a job that it is doing."""
    ((worker,),) = query(
        store,
        "INSERT INTO procrastinate_workers (last_heartbeat) "
        f"VALUES (now() - interval '{beat}') RETURNING id",
    )
    query(
        store,
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status, worker_id)"
        " VALUES ('settle', 'kentongan:settle', %s, 'doing', %s)",
        lock,
        worker,
    )
    return int(worker)


# ------------------------------------------------------------------------ its tables


def test_the_queue_s_tables_are_brought_once_and_told_apart(bare: Store) -> None:
    assert not is_current(bare.engine)
    with pytest.raises(InvalidInput, match="db migrate"):
        must_be_ready(bare)
    bring(bare.engine)
    bring(bare.engine)
    assert is_current(bare.engine)
    must_be_ready(bare)


def test_the_queue_s_tables_of_an_older_package_are_brought_to_those_of_a_new_one(
    bare: Store, postgresql_server: Server
) -> None:
    bring(bare.engine)
    with postgresql_server.fresh_database() as url:
        older = Store(url)
        steps = job_queue._steps()
        names = [name for name in sorted(steps) if name < "03.02"]
        for name in names:
            with older.engine.begin() as connection:
                job_queue._driver(connection).execute(steps[name])
        query(older, "CREATE TABLE queue_steps (name text PRIMARY KEY, at timestamptz)")
        for name in names:
            query(older, "INSERT INTO queue_steps (name) VALUES (%s)", name)
        assert not is_current(older.engine)
        bring(older.engine)
        assert is_current(older.engine)
        functions = (
            "SELECT proname, pg_get_function_arguments(oid) FROM pg_proc "
            "WHERE proname LIKE 'procrastinate%%' ORDER BY 1, 2"
        )
        assert query(older, functions) == query(bare, functions)
        older.close()


def test_two_migrations_at_once_do_not_stumble(bare: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(bring, [bare.engine] * 4))
    assert is_current(bare.engine)


def test_sqlite_is_told_that_postgresql_is_needed(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kecil.db'}")
    bring(store.engine)
    with pytest.raises(InvalidInput, match="perlu PostgreSQL"):
        must_be_ready(store)
    store.close()


# ------------------------------------------------------------------------ its wishes


def test_a_wish_is_a_job_with_the_commit_and_nothing_after_a_rollback(
    many: Store,
) -> None:
    with many.write(TEST) as work:
        work.enqueue(TaskName.PUBLISH)
        assert jobs(many) == []
    assert jobs(many) == [("publish",)]
    with pytest.raises(Conflict), many.write(TEST) as work:
        work.enqueue(TaskName.LABEL)
        move(IDEA_MOVES, IdeaState.DONE, IdeaState.DONE)
    assert jobs(many) == [("publish",)]


def test_the_same_wish_waits_once_and_one_with_a_mark_of_its_own_beside_it(
    many: Store,
) -> None:
    for _ in range(3):
        with many.write(TEST) as work:
            work.enqueue(TaskName.PUBLISH)
            work.enqueue(TaskName.PUBLISH)
            work.enqueue(TaskName.PUBLISH, dedupe="akun-7")
    assert jobs(many, "queueing_lock") == [("publish",), ("publish:akun-7",)]


def test_a_duplicate_that_is_not_committed_yet_is_waited_for_and_harms_nothing(
    many: Store,
) -> None:
    done = threading.Event()

    def second() -> None:
        with many.write(TEST) as work:
            work.clockwork.lease("kedua", "aku", NOW, SECOND)
            work.enqueue(TaskName.PUBLISH)
        done.set()

    with many.write(TEST) as work:
        work.enqueue(TaskName.PUBLISH)
        many.queue._defer_all(work.session)  # as the commit does, and then it waits
        thread = threading.Thread(target=second)
        thread.start()
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted"
        assert until(lambda: bool(query(many, waiting)))
        assert not done.is_set()
    thread.join(10)
    assert done.is_set()
    assert len(jobs(many)) == 1
    with many.read(TEST) as work:
        assert len(work.session.scalars(select(Lease)).all()) == 1


def test_a_wish_that_cannot_be_kept_does_not_cost_the_work(bare: Store) -> None:
    bring(bare.engine)
    bare.queue = DatabaseQueue()
    query(bare, "ALTER TABLE procrastinate_jobs ADD CHECK (queue_name <> 'fetch')")
    with bare.write(TEST) as work:
        work.clockwork.lease("peran", "aku", NOW, SECOND)
        work.enqueue(TaskName.FETCH)
        work.enqueue(TaskName.LABEL)
    assert jobs(bare) == [("label",)]
    with bare.read(TEST) as work:
        assert work.clockwork.holder("peran") is not None


def test_no_job_has_a_time_of_its_own_and_only_single_tasks_have_a_lock(
    many: Store,
) -> None:
    with many.write(TEST) as work:
        for task in TaskName:
            work.enqueue(task)
    rows = jobs(many, "queue_name, lock, scheduled_at")
    assert {time for _, _, time in rows} == {None}
    assert {lock for _, lock, _ in rows if lock} == {
        "settle", "sweep", "withdraw", "deliver", "label", "report", "renew",
        "series", "tell", "preflight", "numbers", "expire", "retain", "pages",
    }  # fmt: skip


# ------------------------------------------------------------------ its dead workers


def test_a_job_of_a_dead_worker_is_taken_away_and_is_not_run_again(many: Store) -> None:
    dead, alive = worker_with_job(many, "31 s", "settle"), worker_with_job(many, "9 s")
    assert reap(many) == 1
    assert jobs(many, "worker_id") == [(alive,)]
    assert query(many, "SELECT id FROM procrastinate_workers") == [(alive,)]
    assert reap(many) == 0
    assert dead != alive
    with many.write(TEST) as work:
        work.enqueue(TaskName.SETTLE)
    me = query(many, "INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
    fetch = sql.queries["fetch_job"]
    with many.engine.begin() as connection:
        found = job_queue._driver(connection).execute(
            fetch, {"queues": ["settle"], "worker_id": me[0][0]}
        )
        assert found.fetchone()[0] is not None, "its lock stands in nobody's way"


def test_a_job_whose_end_was_never_written_stands_in_the_way_for_minutes_at_most(
    many: Store,
) -> None:
    with many.write(TEST) as work:
        work.enqueue(TaskName.SETTLE)
        work.enqueue(TaskName.PUBLISH)
    alive = worker_with_job(many, "1 s")
    query(many, "DELETE FROM procrastinate_jobs WHERE status = 'doing'")
    for queue in ("settle", "publish"):
        query(
            many,
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s "
            "WHERE queue_name = %s",
            alive,
            queue,
        )
    assert reap(many) == 0, "they have only begun"
    query(
        many,
        "UPDATE procrastinate_events SET at = at - interval '11 min' WHERE job_id = "
        "(SELECT id FROM procrastinate_jobs WHERE queue_name = 'settle')",
    )
    assert reap(many) == 1
    assert jobs(many) == [("publish",)]
    assert query(many, "SELECT id FROM procrastinate_workers") == [(alive,)]
