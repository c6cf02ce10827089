"""``kentongan query``: keep searches, try them, forget them."""

from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows

app = typer.Typer(
    help="Saved searches over everything that was heard.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Words = Annotated[str, typer.Argument(help="""As in '"sim keliling" NEAR/5 kota'.""")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the office's saved searches."""
    with opened() as here:
        with here.store.read(here.office) as work:
            rows = work.saved_queries.listed()
        print_rows(
            [
                {
                    "id": one.id,
                    "name": one.name,
                    "words": one.words,
                    "changed_at": one.changed_at,
                }
                for one in rows
            ],
            as_json=as_json,
            zone=here.settings.timezone,
        )


@app.command()
def save(
    name: Annotated[str, typer.Argument(help="What it is called on the screens.")],
    words: Words,
    change: Annotated[int | None, typer.Option(help="Number of the one to change.")] = (
        None
    ),
    as_json: AsJson = False,
) -> None:
    """Keep a search under a name, or change one."""
    from pipeline import saved_queries
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.write(here.office) as work:
            number = saved_queries.save(
                work, here.person, name, words, now_utc(), change
            )
        if as_json:
            print_json({"id": number})
        else:
            print(_("Pantauan nomor {id} disimpan.").format(id=number))


@app.command("try")
def try_(words: Words, as_json: AsJson = False) -> None:
    """Show the newest that a search finds; nothing is kept."""
    from models.filters import Filters
    from models.lists import Lists
    from models.person import May

    with opened() as here:
        integrity = here.person.may(May.READ_INTEGRITY)
        with here.store.read(here.office) as work:
            page = Lists(work.session).voices(
                Filters(words=words), None, integrity=integrity
            )
        print_rows(
            [
                {
                    "id": item.id,
                    "at": item.at,
                    "network": item.network,
                    "title": item.title,
                    "text": item.text,
                }
                for item in page.items
            ],
            as_json=as_json,
            zone=here.settings.timezone,
        )


@app.command()
def remove(query_id: int) -> None:
    """Forget a saved search; what it found stays."""
    from pipeline import saved_queries
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.write(here.office) as work:
            saved_queries.remove(work, here.person, query_id, now_utc())
        print(_("Pantauan nomor {id} dihapus.").format(id=query_id))
