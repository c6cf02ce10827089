"""A worker of many machines: our tasks in the threads of a procrastinate worker."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.engine import make_url

from models.database import StorageFailed
from pipeline.engine import BY_NAME, STOP_WITHIN, Engine
from pipeline.heart import BEAT, DueTicks
from pipeline.job_queue import SCOPE, STALLED_AFTER, DatabaseQueue, job_name
from pipeline.queue import TaskName

if TYPE_CHECKING:
    from procrastinate import App
    from procrastinate.worker import Worker as JobWorker

LONGEST_JOB = timedelta(seconds=20)
"""Then a job makes room for others of its worker, and another goes on."""
POLL = timedelta(seconds=5)
"""PostgreSQL tells of a job at once; this is for a notification that was lost."""
TRY_AGAIN = timedelta(seconds=5)

log = structlog.get_logger(__name__)


class Worker:
    """Runs the tasks of some queues in threads, until a signal or :meth:`stop`.

    Args:
        engine: of this process; its own clock is not started.
        queues: names of tasks; none is all of them.
        threads: pieces of work at a time.
        on_ready: called once, when it listens.
        beat: how often it says in the queue that it lives.
    """

    def __init__(
        self,
        engine: Engine,
        queues: Sequence[TaskName],
        threads: int,
        on_ready: Callable[[], None] = lambda: None,
        *,
        beat: timedelta = BEAT,
    ) -> None:
        self._engine = engine
        self._queues = list(queues) or list(TaskName)
        self._threads = threads
        self._on_ready = on_ready
        self._alive_every = beat
        self._stopping = threading.Event()
        self._jobs: JobWorker | None = None
        self._ticks = DueTicks(engine.ticks)

    def run(self) -> None:
        """Work until told to stop; what runs then ends first."""
        self._engine.store.queue = DatabaseQueue()
        pulse = threading.Thread(target=self._beat, name="ticks", daemon=True)
        pulse.start()
        try:
            asyncio.run(self._live())
        finally:
            self._stopping.set()
            pulse.join(5)
            self._engine.stop()

    def stop(self) -> None:
        """Begin nothing new; safe in a signal handler and in any thread."""
        self._stopping.set()
        if self._jobs is not None:
            self._jobs.stop()  # type: ignore[no-untyped-call]

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(self._threads, "work"))
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.stop)
        self._on_ready()
        while not self._stopping.is_set():
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - the database is away: again soon
                log.error("queue_failed", error=repr(error))  # noqa: TRY400
            for _ in range(int(TRY_AGAIN.total_seconds() * 10)):
                if self._stopping.is_set():
                    return
                await asyncio.sleep(0.1)

    async def _listen(self) -> None:
        from procrastinate.worker import Worker as JobWorker

        app = self._app()
        async with app.open_async():
            self._jobs = JobWorker(
                app,
                queues=[one.value for one in self._queues],
                concurrency=self._threads,
                delete_jobs="always",
                install_signal_handlers=False,
                fetch_job_polling_interval=POLL.total_seconds(),
                abort_job_polling_interval=60,
                update_heartbeat_interval=self._alive_every.total_seconds(),
                shutdown_graceful_timeout=STOP_WITHIN.total_seconds(),
                stalled_worker_timeout=STALLED_AFTER.total_seconds(),
            )
            if not self._stopping.is_set():
                await self._jobs.run()  # type: ignore[no-untyped-call]

    def _app(self) -> "App":
        from procrastinate import App, PsycopgConnector

        database = self._engine.store.engine
        _, given = database.dialect.create_connect_args(
            make_url(self._engine.store.url)
        )
        app = App(connector=PsycopgConnector(kwargs=given, min_size=1, max_size=4))
        for name in TaskName:
            app.task(name=job_name(name.value), retry=False)(self._job(name))
        return app

    def _job(self, name: TaskName) -> Callable[[], None]:
        def job() -> None:
            self.look(name)

        return job

    def look(self, name: TaskName) -> None:
        """All there is of one task; while there is more, others may join in."""
        began, asked = time.monotonic(), BY_NAME[name].alone
        more = True
        while more:
            if self._stopping.is_set():
                return
            if time.monotonic() - began > LONGEST_JOB.total_seconds():
                self._ask(name)
                return
            more = self._engine.work(name)
            if more and not asked:
                self._ask(name)
                asked = True

    def _ask(self, name: TaskName) -> None:
        try:
            with self._engine.store.write(SCOPE) as work:
                work.enqueue(name)
        except StorageFailed as error:  # a tick will look
            log.warning("wish_lost", task=name.value, error=error.detail)

    def _beat(self) -> None:
        """Write down when each task last ran, as the heart of one process does."""
        while not self._stopping.wait(BEAT.total_seconds()):
            due = self._ticks.due()
            try:
                with self._engine.store.write(SCOPE) as work:
                    work.clockwork.write_ticks(due)
            except StorageFailed as error:
                log.warning("ticks_not_written", problem=error.problem.value)
            except Exception:  # a deadlock: this thread must live, and asks again
                log.exception("ticks_not_written")
            else:
                self._ticks.wrote(due)
