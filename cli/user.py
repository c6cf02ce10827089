"""``kentongan user``: add, list, link, password, close, open."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows
from config.words import N_

if TYPE_CHECKING:
    from cli.context import Context
    from config.settings import Settings

app = typer.Typer(help="People of the office.", no_args_is_help=True)


@app.command()
def add(
    login: str,
    name: Annotated[str, typer.Option(help="Full name.")],
    role: Annotated[str, typer.Option(help="officer, approver or admin.")] = "officer",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Add a person and print their one-time sign-in link's code."""
    from models.errors import InvalidInput
    from models.states import Role
    from pipeline import people
    from pipeline.unit import now_utc

    if role not in {one.value for one in Role}:
        raise InvalidInput(N_("Peran: officer, approver, atau admin."), "role")
    now = now_utc()
    with opened() as here:
        by = here.person
        with here.store.write(here.office) as work:
            user_id = people.add_user(
                work, by.office_id, login, name, Role(role), None, now, by
            )
        token = people.make_link(here.store, here.office, user_id, now, minutes=24 * 60)
        _print_link(here.settings, token, as_json=as_json, user_id=user_id)


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the people of the office."""
    with opened() as here:
        with here.store.read(here.office) as work:
            users = work.offices.users()
        print_rows(
            [
                {
                    "id": user.id,
                    "login": user.login,
                    "name": user.name,
                    "role": user.role,
                    "active": user.active,
                }
                for user in users
            ],
            as_json=as_json,
        )


@app.command()
def link(
    login: str,
    minutes: Annotated[int, typer.Option(min=1, max=24 * 60)] = 15,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Print a one-time sign-in link for a person who has no password (yet)."""
    from pipeline import people
    from pipeline.unit import now_utc

    with opened() as here:
        user_id = _id_of(here, login)
        token = people.make_link(
            here.store, here.office, user_id, now_utc(), minutes=minutes
        )
        _print_link(here.settings, token, as_json=as_json, user_id=user_id)


@app.command()
def password(login: str) -> None:
    """Set a person's password; their open sign-ins end."""
    from pipeline import people
    from pipeline.unit import now_utc

    with opened() as here:
        user_id = _id_of(here, login)
        chosen = typer.prompt(
            _("Kata sandi baru"), hide_input=True, confirmation_prompt=True
        )
        with here.store.write(here.office) as work:
            people.set_password(work, user_id, chosen, now_utc(), here.person)
    print(_("Kata sandi disimpan."))


@app.command()
def close(login: str) -> None:
    """Shut a person out at once."""
    _set_active(login, active=False)


@app.command("open")
def open_(login: str) -> None:
    """Let a person in again."""
    _set_active(login, active=True)


def _set_active(login: str, *, active: bool) -> None:
    from pipeline import people
    from pipeline.unit import now_utc

    with opened() as here:
        user_id = _id_of(here, login)
        with here.store.write(here.office) as work:
            people.set_active(work, user_id, active, now_utc(), here.person)
    print(_("Tersimpan."))


def _id_of(here: "Context", login: str) -> int:
    from models.errors import NotFound

    with here.store.read(here.office) as work:
        user = work.offices.user_by_login(login.strip().lower())
        if user is None:
            raise NotFound(f"user {login}")
        return user.id


def _print_link(
    settings: "Settings", token: str, *, as_json: bool, user_id: int
) -> None:
    base = settings.public_url or f"http://{settings.web_host}:{settings.web_port}"
    address = f"{base.rstrip('/')}/masuk/tautan?kode={token}"
    if as_json:
        print_json({"id": user_id, "link": address})
    else:
        print(_("Tautan masuk sekali pakai:"))
        print(f"  {address}")
