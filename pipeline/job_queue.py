"""The queue of many machines: procrastinate on PostgreSQL, its tables and its jobs.

Only this file and ``pipeline.machines`` know it. A job says "look at your tables", and
nothing more. It is deferred inside the unit of work that made something due, waits once
for all who wish the same, is never tried again by itself (the clock's next tick is the
retry), and never has a time of its own. See ``docs/design/0014-more-machines.md``.
"""

import logging
from datetime import timedelta
from functools import cached_property
from importlib import resources
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Engine as Database
from sqlalchemy import event
from sqlalchemy.orm import Session

from config.words import N_
from models.errors import InvalidInput
from models.scope import SystemScope
from pipeline.queue import LONGEST_RUN, TaskName
from pipeline.unit import Store

if TYPE_CHECKING:
    from procrastinate import App

SCOPE = SystemScope("machines")
STALLED_AFTER = timedelta(seconds=30)
"""Without a heartbeat for so long a worker is dead; they beat every ten seconds."""
OVERDUE = 2 * LONGEST_RUN
"""A job begun so long ago has ended without a word, though its worker lives."""
_STEPS = "queue_steps"
_ADVISORY = 7_305_114  # any number: two ``db migrate`` at once wait for each other

log = structlog.get_logger(__name__)
logging.getLogger("procrastinate").setLevel(logging.WARNING)


def must_be_ready(store: Store) -> None:
    """Refuse an installation that cannot have more than one machine.

    Raises:
        InvalidInput: it is on SQLite, the extra is missing, or its tables are.
    """
    if store.engine.dialect.name != "postgresql":
        raise InvalidInput(
            N_("Lebih dari satu proses perlu PostgreSQL. Satu proses: kentongan run"),
            "database_url",
        )
    if not is_installed():
        raise InvalidInput(
            N_("Paket antrean belum terpasang: pip install 'kentongan[machines]'")
        )
    if not is_current(store.engine):
        raise InvalidInput(
            N_("Basis data belum mutakhir. Jalankan: kentongan db migrate")
        )


def is_installed() -> bool:
    """Whether the extra ``machines`` is here."""
    return find_spec("procrastinate") is not None


# ------------------------------------------------------------------ the queue's tables


def bring(database: Database) -> None:
    """Bring the queue's own tables to the newest step that its package has.

    A step of its own beside our migrations: the SQL is procrastinate's, and which of
    its steps were done stands in ``queue_steps``. Nothing where it has no use.
    """
    if database.dialect.name != "postgresql" or not is_installed():
        return
    steps = _steps()
    with database.begin() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY})")
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {_STEPS} "
            "(name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
        )
        found = connection.exec_driver_sql(f"SELECT name FROM {_STEPS}")  # noqa: S608
        done = set(found.scalars())
        missing = sorted(set(steps) - done)
        texts = [steps[name] for name in missing] if done else [_whole()]
        for text in texts if missing else []:
            _driver(connection).execute(text)
        for name in missing:
            connection.exec_driver_sql(
                f"INSERT INTO {_STEPS} (name) VALUES (%s)",  # noqa: S608
                (name,),
            )


def is_current(database: Database) -> bool:
    """Whether the queue's tables stand at its package's newest step."""
    with database.connect() as connection:
        there = connection.exec_driver_sql(f"SELECT to_regclass('{_STEPS}')")
        if there.scalar() is None:
            return False
        found = connection.exec_driver_sql(f"SELECT name FROM {_STEPS}")  # noqa: S608
        return set(_steps()) <= set(found.scalars())


def _steps() -> dict[str, str]:
    folder = resources.files("procrastinate.sql") / "migrations"
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in folder.iterdir()
        if file.name.endswith(".sql")
    }


def _whole() -> str:
    file = resources.files("procrastinate.sql") / "schema.sql"
    return file.read_text(encoding="utf-8")


def _driver(connection: Any) -> Any:
    """The psycopg connection under SQLAlchemy's."""
    return connection.connection.driver_connection


# -------------------------------------------------------------------------- deferring


def job_name(task: str) -> str:
    """What procrastinate calls a task of ours."""
    return f"kentongan:{task}"


class DatabaseQueue:
    """Defers a look inside the unit of work that made something due.

    The jobs are written last thing before the commit and in one order: a duplicate that
    another unit has not committed yet is waited for, and two units that waited for each
    other would both be stuck.
    """

    def enqueue(
        self, session: Session, task: TaskName, dedupe: str | None = None
    ) -> None:
        """Ask for a look with the commit of ``session``; nothing if it rolls back."""
        wishes: set[tuple[str, str]] | None = session.info.get("wishes")
        if wishes is None:
            wishes = session.info["wishes"] = set()
            event.listen(session, "before_commit", self._defer_all)
        wishes.add((task.value, dedupe or ""))

    def _defer_all(self, session: Session) -> None:
        wishes = sorted(session.info["wishes"])
        session.info["wishes"].clear()
        if wishes:
            session.flush()
        for task, dedupe in wishes:
            self._defer(session, task, dedupe)

    def _defer(self, session: Session, task: str, dedupe: str) -> None:
        from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

        from pipeline.engine import BY_NAME

        mark = f"{task}:{dedupe}" if dedupe else task
        connection = session.connection()
        if _waits(connection, mark):
            return
        alone = BY_NAME[TaskName(task)].alone
        try:
            with connection.begin_nested():
                self._app.configure_task(
                    job_name(task),
                    queue=task,
                    queueing_lock=mark,
                    lock=task if alone else None,
                    connection=_driver(connection),
                ).defer()
        except AlreadyEnqueued:
            return
        except ConnectorException as error:  # the wish is lost; a tick will look
            log.warning("wish_lost", task=task, error=repr(error.__cause__ or error))

    @cached_property
    def _app(self) -> "App":
        from procrastinate import App, SyncPsycopgConnector

        return App(connector=SyncPsycopgConnector())  # never opened: it has no pool


def _waits(connection: Any, mark: str) -> bool:
    """Whether such a job waits already; most duplicates end here, without an error."""
    found = connection.exec_driver_sql(
        "SELECT 1 FROM procrastinate_jobs "
        "WHERE queueing_lock = %s AND status = 'todo' LIMIT 1",
        (mark,),
    )
    return found.first() is not None


def reap(store: Store, stalled_after: timedelta = STALLED_AFTER) -> int:
    """Take away the jobs of workers that are dead; nothing is run again by this.

    What a dead worker held is found by the leases of its rows; its job only stood in
    the way of the next one. So did a job whose end a living worker could not write
    down: its worker never tries that again.

    Returns:
        How many jobs were taken away.
    """
    from procrastinate import sql

    silent = {"seconds_since_heartbeat": stalled_after.total_seconds()}
    begun = {"nb_seconds": OVERDUE.total_seconds()}
    every = {"queue": None, "task_name": None}
    with store.write(SCOPE) as work:
        run = work.session.connection().exec_driver_sql  # its errors are StorageFailed
        found = {
            row[0]
            for name, limit in (
                ("select_stalled_jobs_by_heartbeat", silent),
                ("select_stalled_jobs_by_started", begun),
            )
            for row in run(sql.queries[name], limit | every)
        }
        gone = run(
            "DELETE FROM procrastinate_jobs WHERE id = ANY(%s) AND status = 'doing'",
            (sorted(found),),
        ).rowcount
        run(sql.queries["prune_stalled_workers"], silent)
    if gone:
        log.warning("stalled_jobs_taken_away", jobs=gone)
    return int(gone)
