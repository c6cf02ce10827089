"""``kentongan report``: make, show, list — the chief's morning page."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows, say

if TYPE_CHECKING:
    from models.clock import Report

app = typer.Typer(help="The chief's morning page.", no_args_is_help=True)

Day = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The page of this day; else the newest."),
]
Pdf = Annotated[
    Path | None,
    typer.Option("--pdf", metavar="FILE", dir_okay=False, help="Write the PDF there."),
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def make(pdf: Pdf = None, as_json: Json = False) -> None:
    """Make today's page from the numbers as they stand; an earlier one is replaced."""
    from pipeline.reporting import make_report
    from pipeline.unit import now_utc

    with opened() as here:
        page = make_report(
            here.store,
            here.office,
            now_utc(),
            report_at=here.settings.report_at,
            by=here.person,
        )
    _show(page, pdf, as_json=as_json)


@app.command()
def show(day: Day = None, pdf: Pdf = None, as_json: Json = False) -> None:
    """Show a page as text ready for WhatsApp."""
    from config.words import N_
    from models.errors import InvalidInput
    from pipeline.reporting import latest, report_of

    with opened() as here, here.store.read(here.office) as work:
        newest = latest(work)
        if newest is None:
            raise InvalidInput(
                N_("Belum ada laporan. Buat dengan: kentongan report make")
            )
        _show(report_of(work, day.date() if day else newest.day), pdf, as_json=as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the pages of the last month, the newest first."""
    from pipeline.reporting import reports

    with opened() as here:
        with here.store.read(here.office) as work:
            pages = reports(work)
        print_rows(
            [
                {"day": one.day.isoformat(), "made_at": one.made_at, "id": one.id}
                for one in pages
            ],
            as_json=as_json,
            zone=here.zone,
        )


def _show(page: "Report", pdf: Path | None, *, as_json: bool) -> None:
    import json

    if pdf is not None:
        pdf.write_bytes(page.pdf)
    if as_json:
        print_json(
            {
                "day": page.day.isoformat(),
                "made_at": page.made_at,
                "numbers": json.loads(page.numbers),
                "text": page.text,
            }
        )
    elif pdf is not None:
        print(_("PDF tersimpan: {file}").format(file=pdf))
    else:
        say(page.text)
