"""``kentongan doctor``: what is wrong, in plain words."""

from typing import Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, say


def doctor(
    online: Annotated[
        bool, typer.Option(help="Also ask each network about its token.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Examine clock, zone, disk, key, database, model, last tick and accounts."""
    from dataclasses import asdict

    from pipeline.doctor import TITLES, Verdict, examine
    from pipeline.unit import now_utc

    with opened(migrated=False) as here:
        findings = list(examine(here.store, here.settings, now_utc, online=online))
    if as_json:
        print_json([asdict(one) for one in findings])
    else:
        marks = {Verdict.GOOD: "✓", Verdict.LOOK: "!", Verdict.BAD: "✗"}
        for one in findings:
            title = _(TITLES.get(one.name, one.name))
            say(f"{marks[one.verdict]} {title}: {one.said}")
            if one.advice:
                print(f"    {_(one.advice)}")
    if any(one.verdict is Verdict.BAD for one in findings):
        raise typer.Exit(1)
