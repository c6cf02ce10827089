"""``kentongan office``: what the office may publish as its own."""

from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, say

app = typer.Typer(help="The office itself.", no_args_is_help=True)


@app.command()
def contacts(
    contact: Annotated[
        list[str] | None,
        typer.Argument(help="Numbers and e-mail addresses; none shows the list."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Empty the list.")] = False,
) -> None:
    """Show or replace the contacts that may be published; the guard flags others."""
    from pipeline import guarding
    from pipeline.unit import now_utc

    with opened() as here:
        if contact or clear:
            with here.store.write(here.office) as work:
                lines = "\n".join(contact or [])
                guarding.set_contacts(work, here.person, lines, now_utc())
            say(_("Kontak resmi disimpan."))
        with here.store.read(here.office) as work:
            kept = work.offices.own().public_contacts
    for line in kept.splitlines():
        print(line)


@app.command()
def signatures(
    least: Annotated[
        int | None, typer.Argument(min=1, max=3, help="None shows the number.")
    ] = None,
) -> None:
    """Show or set how many people must approve an announcement, of every kind."""
    from pipeline.approving import set_signatures
    from pipeline.unit import now_utc

    with opened() as here:
        if least is not None:
            with here.store.write(here.office) as work:
                set_signatures(work, here.person, least, now_utc())
        with here.store.read(here.office) as work:
            kept = work.offices.own().signatures
    say(_("Tanda tangan sebelum terbit: {n}.").format(n=kept))


@app.command()
def countersign(
    hours: Annotated[
        int | None, typer.Argument(min=1, max=72, help="None shows the number.")
    ] = None,
) -> None:
    """Show or set within how many hours an emergency is signed after the fact."""
    from pipeline.countersigning import set_hours
    from pipeline.unit import now_utc

    with opened() as here:
        if hours is not None:
            with here.store.write(here.office) as work:
                set_hours(work, here.person, hours, now_utc())
        with here.store.read(here.office) as work:
            kept = work.offices.own().countersign_hours
    say(_("Tanda tangan susulan: paling lambat {n} jam.").format(n=kept))
