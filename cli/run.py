"""``kentongan run``: the one process an office runs: clock, workers, web."""

import typer

from cli.context import opened
from cli.output import words


def run() -> None:
    """Publish, listen, label and serve the dashboard until stopped."""
    from cli.serving import address_of, bind, leave_on_signals, serve
    from pipeline.engine import Engine
    from web.app import create_app

    _ = words()
    with opened() as here:
        vault = here.vault  # a missing or wrong key is said before anything starts
        line = bind(here.settings.web_host, here.settings.web_port)
        engine = Engine(here.settings, here.store, vault)
        app = create_app(here.store, here.settings, vault, engine)
        leave_on_signals()
        engine.start()
        try:
            address = here.settings.public_url or address_of(line)
            typer.echo(_("Kentongan berjalan: {address}").format(address=address))
            serve(app, line)
        finally:
            engine.stop()
            line.close()
