"""``kentongan recipient``: add, list, remove, on."""

from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows

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
            zone=here.settings.timezone,
        )


@app.command()
def remove(recipient_id: int) -> None:
    """Take a person off the list and forget them; what waits is cancelled."""
    from pipeline.mailing import remove_recipient
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        cancelled = remove_recipient(work, here.person, recipient_id, now_utc())
    print(_("Penerima dihapus; {n} surat dibatalkan.").format(n=cancelled))


@app.command("on")
def on_(recipient_id: int) -> None:
    """Write again to an address that its server had refused."""
    from pipeline.mailing import turn_on
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        turn_on(work, here.person, recipient_id, now_utc())
    print(_("Alamat dipakai lagi."))
