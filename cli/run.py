"""``kentongan run``: the one process an office runs: clock, workers, web."""

import typer

from cli.context import Context, opened
from cli.output import _


def run() -> None:
    """Publish, listen, label and serve the dashboard until stopped."""
    from cli.serving import address_of, bind, leave_on_signals, serve
    from pipeline.engine import Engine
    from web.app import create_app

    with opened() as here:
        vault = here.vault  # a missing key is said before anything starts
        _warn_of_locked_accounts(here)
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


def _warn_of_locked_accounts(here: Context) -> None:
    """Name the accounts that another key sealed; all the rest runs without them."""
    from models.scope import SystemScope
    from pipeline.doctor import locked

    with here.store.read(SystemScope("run")) as work:
        accounts = work.accounts.listed()
    for account in accounts:
        why = locked(account, here.vault)
        if why:
            typer.echo(f"{account.network} {account.handle}: {_(why)}", err=True)
