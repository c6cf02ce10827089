"""``kentongan source``: add, list, try, stop."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows, say

if TYPE_CHECKING:
    from pipeline.sources import SourceCheck

app = typer.Typer(help="Public sources: news feeds.", no_args_is_help=True)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Address of an RSS or Atom feed.")],
    label: Annotated[str, typer.Option(help="Name on the screens.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Add a feed; it is fetched at the next tick."""
    from pipeline.sources import add_source
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.write(here.office) as work:
            source_id = add_source(
                work,
                here.person,
                url,
                label,
                now_utc(),
                vault=here.vault,
                inner_hosts=here.settings.inner_hosts,
            )
        if as_json:
            print_json({"id": source_id})
        else:
            print(_("Sumber nomor {id} ditambahkan.").format(id=source_id))


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the office's sources with their health."""
    from pipeline.sources import list_sources

    with opened() as here:
        with here.store.read(here.office) as work:
            rows = list_sources(work)
        print_rows(
            [
                {
                    "id": row.id,
                    "label": row.label,
                    "url": row.url,
                    "health": row.health,
                    "succeeded_at": row.succeeded_at,
                    "next_check_at": row.next_check_at,
                    "problem": row.problem,
                }
                for row in rows
            ],
            as_json=as_json,
            zone=here.zone,
        )


@app.command("try")
def try_(
    url: Annotated[str, typer.Argument(help="Address of a feed, or of a page.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Fetch a feed once and show what would be stored; nothing is.

    A web page is searched for the feeds that it names. Ends with 1 then.
    """
    from pipeline.sources import check_source
    from pipeline.unit import now_utc

    with opened() as here:
        found = check_source(url, here.settings, now_utc())
        if as_json:
            print_json(found.as_dict())
        elif found.named:
            say(_("Alamat ini halaman web. Umpan yang disebutnya:"))
            print_rows(
                [{"title": one.title, "url": one.url} for one in found.named],
                as_json=False,
            )
        else:
            _show(found, here.settings.timezone)
        if found.named:
            raise typer.Exit(1)


def _show(found: "SourceCheck", zone: ZoneInfo) -> None:
    say(f"{found.title}  ({found.count})")
    print_rows(
        [
            {"published_at": item.published_at, "title": item.title}
            for item in found.items[:10]
        ],
        as_json=False,
        zone=zone,
    )
    for name, times in found.warnings.items():
        say(f"{name}: {times}")


@app.command()
def known(
    place: Annotated[str, typer.Option(help="Part of a place or a name.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List news feeds of Indonesia to begin with, and where each address comes from."""
    from pipeline.known_feeds import known_feeds

    with opened() as here:
        with here.store.read(here.office) as work:
            rows = known_feeds(work, place)
        print_rows(
            [row.as_dict() for row in rows],
            as_json=as_json,
            zone=here.settings.timezone,
            programs_only=("evidence", "what", "read", "dated"),
        )


@app.command()
def search(
    words: Annotated[str, typer.Argument(help="As typed into Google News.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Add a search at Google News as a feed."""
    from pipeline.known_feeds import add_search
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.write(here.office) as work:
            source_id = add_search(work, here.person, words, now_utc())
        if as_json:
            print_json({"id": source_id})
        else:
            print(_("Sumber nomor {id} ditambahkan.").format(id=source_id))


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="OPML file of another feed reader.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Add every feed of an OPML file; each row is told. Nothing is half imported."""
    from collectors.opml import MOST_BYTES
    from pipeline.source_lists import WORDS, import_list, summary
    from pipeline.unit import now_utc

    with file.open("rb") as opml:
        body = opml.read(MOST_BYTES + 1)
    with opened() as here:
        with here.store.write(here.office) as work:
            done = import_list(
                work,
                here.person,
                body,
                now_utc(),
                vault=here.vault,
                inner_hosts=here.settings.inner_hosts,
            )
        if as_json:
            print_json([row.as_dict() for row in done.rows])
            return
        for row in done.rows:
            if not row.verdict.taken:
                named = row.label or row.url or "-"
                say(f"{row.number}. {named}: {_(WORDS[row.verdict])}")
        for count, word in summary(done):
            say(f"{count} {_(word)}")


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; else printed.")] = None,
) -> None:
    """Write the office's feeds as OPML, without passwords."""
    from pipeline.source_lists import export_list
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.read(here.office) as work:
            written = export_list(work, here.person, now_utc())
        if file is None:
            say(written.decode())
        else:
            file.write_bytes(written)


@app.command()
def pages(
    source_id: int,
    off: Annotated[bool, typer.Option("--off", help="No longer.")] = False,
) -> None:
    """Read the pages of a source's articles too, where its robots.txt allows it."""
    from pipeline.reading_pages import set_reading
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        set_reading(work, here.person, source_id, now_utc(), on=not off)
    if off:
        print(_("Halaman artikel tidak lagi dibaca."))
    else:
        print(_("Halaman artikel ikut dibaca, sejauh diizinkan situsnya."))


@app.command()
def stop(source_id: int) -> None:
    """Stop reading a source in this office."""
    from pipeline.sources import stop_source
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        stop_source(work, here.person, source_id, now_utc())
    print(_("Sumber dihentikan untuk kantor ini."))
