"""``kentongan retention`` and ``kentongan erase``: how long, and on request."""

from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, print_rows, terminal_language

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
erase = typer.Typer(
    help="Erase what somebody asked to have erased.", no_args_is_help=True
)


def retention(as_json: AsJson = False) -> None:
    """How long each class is kept, why, and how many rows would go now; takes nothing.

    The clock takes what is due once an hour. All offices together.
    """
    from models.retention_rules import load_keeping
    from pipeline.retaining import would_go
    from pipeline.unit import now_utc

    language = terminal_language()
    with opened() as here:
        due = would_go(here.store, now_utc())
    print_rows(
        [
            {
                "class": of.value,
                "days": one.days,
                "due": due[of],
                "name": one.name(language),
                "from": one.since(language),
                "reason": one.reason(language),
                "basis": one.basis,
                "sureness": one.sureness,
            }
            for of, one in load_keeping().items()
        ],
        as_json=as_json,
        programs_only=("reason", "basis", "sureness"),
    )


@erase.command("item")
def erase_item(
    item_id: int,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase one voice for good; its counts stay, and it is not collected again."""
    from pipeline.erasing import erase_item as erase_one
    from pipeline.unit import now_utc

    if not yes and not typer.confirm(_("Hapus isi suara ini untuk selamanya?")):
        raise typer.Exit(1)
    with opened() as here:
        done = erase_one(here.store, here.person, item_id, now_utc())
    print(_("Isinya dihapus.") if done else _("Isinya sudah dihapus sebelumnya."))


@erase.command("author")
def erase_author(
    network: Annotated[str, typer.Argument(help="Its code, as in 'account list'.")],
    handle: Annotated[str, typer.Argument(help="As the network writes it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase all that one author said to this office."""
    from config.keys import open_vault
    from pipeline.erasing import erase_author as erase_all
    from pipeline.unit import now_utc

    if not yes and not typer.confirm(
        _("Hapus semua suara dari akun ini untuk selamanya?")
    ):
        raise typer.Exit(1)
    with opened() as here:
        vault = open_vault(here.settings)
        number = erase_all(here.store, vault, here.person, network, handle, now_utc())
    print(_("Suara yang isinya dihapus: {n}").format(n=number))
