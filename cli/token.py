"""``kentongan token``: make, list, end."""

from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows

app = typer.Typer(
    help="Tokens of the office's own programs (API).", no_args_is_help=True
)


@app.command()
def make(
    name: Annotated[str, typer.Option(help="Of the program; stands in the audit log.")],
    role: Annotated[str, typer.Option(help="officer, approver or admin.")] = "officer",
    acts: Annotated[
        bool, typer.Option("--acts", help="May cancel and let go on; else it reads.")
    ] = False,
    days: Annotated[
        int | None, typer.Option(min=1, max=366, help="Ends after so many days.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Make a token; it is shown once."""
    from datetime import timedelta

    from models.states import Role
    from pipeline.api_tokens import make as make_one
    from pipeline.unit import now_utc

    if role not in {one.value for one in Role}:
        raise typer.BadParameter("officer | approver | admin", param_hint="--role")
    lives = None if days is None else timedelta(days=days)
    with opened() as here, here.store.write(here.office, durable=True) as work:
        token = make_one(
            work, here.person, name, Role(role), now_utc(), acts=acts, lives=lives
        )
    if as_json:
        print_json({"token": token})
        return
    print(token)


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the tokens, the newest first; never the tokens themselves."""
    from pipeline.unit import now_utc

    now = now_utc()
    with opened() as here:
        with here.store.read(here.office) as work:
            rows = work.api_tokens.listed()
        print_rows(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "role": one.role.value,
                    "acts": one.acts,
                    "lives": one.lives(now),
                    "made_at": one.made_at,
                    "ends_at": one.ends_at,
                    "used_at": one.used_at,
                }
                for one in rows
            ],
            as_json=as_json,
            zone=here.zone,
        )


@app.command()
def end(token_id: int) -> None:
    """Take a token back; it opens nothing from now on."""
    from pipeline.api_tokens import end as end_one
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        end_one(work, here.person, token_id, now_utc())
    print(_("Kunci dicabut."))
