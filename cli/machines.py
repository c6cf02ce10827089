"""``kentongan clock``, ``worker`` and ``web``: one installation on many machines."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import Context, opened
from cli.output import _
from config.words import N_

if TYPE_CHECKING:
    from pipeline.queue import TaskName


def clock() -> None:
    """Let the workers look at what is due; needs PostgreSQL.

    One clock is active; every other one stands by and takes over when the first has
    gone.
    """
    from cli.serving import leave_on_signals

    with _many() as here:
        from pipeline.job_queue import reap
        from pipeline.ticker import Ticker

        ticker = Ticker(here.settings, here.store, reap)
        leave_on_signals()
        ticker.start()
        try:
            said = N_("Jam aktif.") if ticker.active else N_("Jam siaga.")
            typer.echo(_(said))
            while True:
                signal.pause()
        finally:
            ticker.stop()


def worker(
    queue: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A task to do; may be repeated. Else all."),
    ] = None,
    threads: Annotated[
        int, typer.Option(min=1, max=64, help="Pieces of work at a time.")
    ] = 4,
) -> None:
    """Publish, listen, label and report as the clock says; needs PostgreSQL."""
    with _many() as here:
        from pipeline.engine import Engine
        from pipeline.machines import Worker

        queues = [_task(name) for name in queue or []]
        engine = Engine(here.settings, here.store, here.vault)
        told = _("Pekerja berjalan: {n} utas.").format(n=threads)
        Worker(engine, queues, threads, on_ready=lambda: typer.echo(told)).run()


def web() -> None:
    """Serve the dashboard and nothing else; needs PostgreSQL."""
    from cli.serving import address_of, bind, leave_on_signals, serve
    from web.app import create_app

    with _many() as here:
        vault = here.vault
        line = bind(here.settings.web_host, here.settings.web_port)
        app = create_app(here.store, here.settings, vault)
        leave_on_signals()
        try:
            address = here.settings.public_url or address_of(line)
            typer.echo(_("Dasbor berjalan: {address}").format(address=address))
            serve(app, line)
        finally:
            line.close()


@contextmanager
def _many() -> Iterator[Context]:
    """An installation with the queue of many machines."""
    with opened() as here:
        from pipeline.job_queue import DatabaseQueue, must_be_ready

        must_be_ready(here.store)
        here.store.queue = DatabaseQueue()
        yield here


def _task(name: str) -> "TaskName":
    from pipeline.queue import TaskName

    try:
        return TaskName(name)
    except ValueError:
        said = _("{name}: antrean tidak dikenal. Yang ada: {known}.")
        known = ", ".join(TaskName)
        raise typer.BadParameter(said.format(name=name, known=known)) from None
