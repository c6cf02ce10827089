"""``kentongan recipient``: add, list, remove, on, bounces."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows
from models.person import May

app = typer.Typer(
    help="Whom press releases go to: the lists of journalists.", no_args_is_help=True
)


@app.command()
def add(
    account_id: Annotated[int, typer.Argument(help="The account that sends letters.")],
    name: str,
    address: Annotated[str, typer.Argument(help="Mail address.")],
    medium: Annotated[str, typer.Option(help="Newspaper, radio, …")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Put a person on an account's list; only what a letter needs is kept."""
    from pipeline.mailing import add_recipient
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        number = add_recipient(
            work, here.person, account_id, name, medium, address, now_utc()
        )
    if as_json:
        print_json({"id": number})
        return
    print(_("Penerima nomor {id} ditambahkan.").format(id=number))


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List who gets press releases, and whose address is off."""
    with opened() as here:
        with here.store.read(here.office) as work:
            found = work.recipients.listed()
        print_rows(
            [
                {
                    "id": one.id,
                    "account": one.account_id,
                    "name": one.name,
                    "medium": one.medium,
                    "address": one.address,
                    "off_at": one.off_at,
                    "problem": one.problem,
                }
                for one in found
            ],
            as_json=as_json,
            zone=here.zone,
        )


@app.command()
def remove(recipient_id: int) -> None:
    """Take a person off the list and forget them; what waits is cancelled."""
    from pipeline.mailing import remove_recipient
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        cancelled = remove_recipient(work, here.person, recipient_id, now_utc())
    print(_("Penerima dihapus; {n} surat dibatalkan.").format(n=cancelled))


@app.command()
def bounces(
    maildir: Annotated[
        Path | None, typer.Option(help="Mailbox to read; else one letter from stdin.")
    ] = None,
) -> None:
    """Read letters that came back; who is refused for good gets none any more."""
    from pipeline.bouncing import letters_in, put_away, take_bounce
    from pipeline.unit import now_utc

    with opened() as here:

        def take(letter: bytes) -> bool:
            with here.store.write(here.office) as work:
                here.person.must(May.LIST_PRESS)
                return take_bounce(work, letter, now_utc())

        if maildir is None:
            known = int(take(sys.stdin.buffer.read()))
        else:
            known = 0
            for file, letter in letters_in(maildir):
                if take(letter):
                    put_away(maildir, file)
                    known += 1
    print(_("{n} surat yang kembali dicatat.").format(n=known))


@app.command("on")
def on_(recipient_id: int) -> None:
    """Write again to an address that its server had refused."""
    from pipeline.mailing import turn_on
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        turn_on(work, here.person, recipient_id, now_utc())
    print(_("Alamat dipakai lagi."))
