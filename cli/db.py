"""``kentongan db``: migrate, backup, restore, copy."""

from pathlib import Path
from typing import Annotated

import typer

from cli.context import opened
from cli.output import _

app = typer.Typer(help="The one database.", no_args_is_help=True)


@app.command()
def migrate() -> None:
    """Bring the database to the newest step."""
    from pipeline import job_queue, schema

    with opened(migrated=False) as here:
        schema.migrate(here.store.engine)
        job_queue.bring(here.store.engine)
    print(_("Basis data mutakhir."))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="New file; keep it with the key file.")],
) -> None:
    """Copy the database while everything runs on."""
    from pipeline.backup import backup as copy
    from pipeline.unit import now_utc

    with opened() as here:
        copy(here.store, file, now_utc())
        key = here.settings.key_file
    print(_("Cadangan disimpan: {file}").format(file=file))
    print(_("Simpan juga berkas kunci di tempat lain: {key}").format(key=key))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file made by 'db backup'.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Put a backup back; stop 'kentongan run' first.

    What was due since the backup may be out already: it becomes uncertain and is
    looked for on the networks before anybody decides.
    """
    from pipeline.backup import restore as put_back
    from pipeline.unit import now_utc

    if not yes and not typer.confirm(_("Ganti basis data dengan cadangan ini?")):
        raise typer.Exit(1)
    with opened(migrated=False) as here:
        uncertain = put_back(here.store, file, now_utc())
    print(_("Dipulihkan. {n} kiriman harus diperiksa.").format(n=uncertain))


@app.command()
def recount() -> None:
    """Count each day's items anew; for a changed time zone, or after work by hand.

    The counts are kept with every item that is stored or labelled; nothing that
    Kentongan does itself makes this necessary.
    """
    from models.recounting import Recounting
    from models.scope import SystemScope

    with opened() as here, here.store.write(SystemScope("recount")) as work:
        wrong = Recounting(work.session).recount()
    print(_("Hitungan harian cocok dengan isi. Dibetulkan: {n}").format(n=wrong))


@app.command()
def copy(
    source: Annotated[
        str, typer.Argument(help="The SQLite database: its file, or sqlite:///FILE.")
    ],
    target: Annotated[
        str,
        typer.Argument(
            help="Address of an empty PostgreSQL; the password is better in PGPASSWORD."
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Carry everything from SQLite to PostgreSQL; stop 'kentongan run' first.

    Whole or not at all. The old installation must never be started again: both would
    post. What was due is looked for on the networks before anybody decides.
    """
    from cli.context import need_database
    from config.logging import configure
    from config.settings import load_settings
    from pipeline.moving import copy as carry
    from pipeline.unit import Store, now_utc

    configure(load_settings())
    old = source if "://" in source else f"sqlite:///{source}"
    need_database(old)
    if not yes and not typer.confirm(_("Salin seluruh basis data?")):
        raise typer.Exit(1)
    here, there = Store(old), Store(target)
    try:
        done = carry(here, there, now_utc())
    finally:
        here.close()
        there.close()
    for table, rows in done.rows.items():
        if rows:
            print(f"{table}: {rows}")
    print(_("Tersalin. {n} kiriman harus diperiksa.").format(n=done.uncertain))
    print(_("Sekarang ubah database_url, dan jangan jalankan lagi yang lama."))
