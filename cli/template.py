"""``kentongan template``: list, show, fill."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.account import Account
    from models.template import Template

app = typer.Typer(help="Announcements as data, to be filled in.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the templates."""
    from models.template import templates

    rows = [
        {"code": one.code, "category": one.category, "title": one.titles["id"]}
        for one in templates().values()
    ]
    print_rows(rows, as_json=as_json)


@app.command()
def show(code: str, as_json: AsJson = False) -> None:
    """Show the fields of a template, and its two texts."""
    from models.template import template

    one = template(code)
    rows = [
        {
            "field": field.code,
            "type": field.type.value,
            "required": field.required,
            "default": field.default,
            "label": field.labels["id"],
        }
        for field in one.fields
    ]
    if as_json:
        texts = {"full": one.full, "short": one.short}
        print_json({"code": one.code, "fields": rows, **texts})
        return
    print_rows(rows, as_json=False)
    say(f"{one.full}\n\n── {one.short}")


@app.command()
def fill(
    code: str,
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD=VALUE…", help="2026-11-24, 08:00, 80000, text."),
    ] = None,
    account: Annotated[
        list[int] | None,
        typer.Option(help="Account number; repeat for several; else all."),
    ] = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Store a draft; else only show it.")
    ] = False,
    urgent: Annotated[
        bool,
        typer.Option("--emergency", help="Ask for it at once in the emergency lane."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fill in a template and show what each account would say, and what it costs."""
    from zoneinfo import ZoneInfo

    from models.errors import InvalidInput
    from models.template import template
    from pipeline import announcing, emergency, templating
    from pipeline.unit import now_utc

    one = template(code)
    with opened() as here:
        with here.store.read(here.office) as work:
            office = work.offices.by_id(here.office.office_id)
            known = work.accounts.listed()
        chosen = _chosen(known, account or [])
        typed = given(one, values or [])
        try:
            done = templating.filled(one, typed, office.name, ZoneInfo(office.timezone))
        except InvalidInput as error:
            hint = error.field or None
            raise typer.BadParameter(_(error.message), param_hint=hint) from None
        versions = templating.versions(done, chosen)
        number = None
        if urgent:
            ids = [one.id for one in chosen]
            with here.store.write(here.office) as work:
                number = emergency.ask(work, here.person, code, typed, ids, now_utc())
        elif draft:
            form = templating.form(done, chosen)
            with here.store.write(here.office) as work:
                number = announcing.draft(work, here.person, form, now_utc())
    rows = [
        {
            "account": version.account.id,
            "network": version.account.network,
            "text": version.text,
            "length": version.finding.length,
            "problem": version.finding.problem,
            "rupiah": version.idr,
        }
        for version in versions
    ]
    if as_json:
        print_json({"id": number, "title": done.title, "versions": rows})
        return
    for row in rows:
        cost = "" if row["rupiah"] is None else f" · Rp {row['rupiah']}"
        say(f"── {row['network']} #{row['account']} ({row['length']}){cost}")
        say(f"{row['text']}\n")
    if not rows:
        say(done.text())
    if number is not None and urgent:
        print(_("Nomor {id} diminta lewat jalur darurat.").format(id=number))
    elif number is not None:
        print(_("Draf nomor {id} disimpan.").format(id=number))


def _chosen(known: "Sequence[Account]", wanted: list[int]) -> "list[Account]":
    """The accounts of those numbers; all where none is named."""
    from models.errors import NotFound

    for number in set(wanted) - {one.id for one in known}:
        raise NotFound(f"account {number}")
    return [one for one in known if not wanted or one.id in wanted]


def given(one: "Template", pairs: list[str]) -> dict[str, str]:
    """What was typed as FIELD=VALUE, over the template's own defaults."""
    from config.words import N_
    from models.errors import InvalidInput

    typed = one.defaults()
    for pair in pairs:
        code, equals, value = pair.partition("=")
        if not equals or code not in typed:
            raise InvalidInput(
                N_("Isian tidak dikenal. Lihat: kentongan template show")
            )
        typed[code] = value
    return typed
