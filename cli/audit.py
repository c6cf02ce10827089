"""``kentongan audit``: who did what, and whether anybody touched it since."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows

if TYPE_CHECKING:
    from models.chain_check import Head, Verdict
    from models.person import Person

app = typer.Typer(help="Who did what; a chain of hashes.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]
TOLD = 20  # broken places of a chain that are printed


@app.command()
def verify(
    head: Annotated[
        str,
        typer.Option(metavar="NUMBER:HASH", help="An earlier head, kept elsewhere."),
    ] = "",
    file: Annotated[
        Path | None,
        typer.Option(help="Check this export, and no database.", dir_okay=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every row; say which is broken and how. Exit code 1 when one is."""
    from models.chain_check import Head
    from pipeline.auditing import verify as look
    from pipeline.auditing import verify_export
    from pipeline.unit import now_utc

    kept = Head.read(head) if head else None
    if file is not None:
        with file.open(encoding="utf-8") as lines:
            verdicts = [verify_export(lines, kept)]
    else:
        with opened() as here:
            verdicts = look(here.store, here.person, now_utc(), kept)
    if as_json:
        print_json([_plain(one) for one in verdicts])
    else:
        for one in verdicts:
            _tell(one)
    if not all(one.whole for one in verdicts):
        raise typer.Exit(1)


@app.command("list")
def list_(
    action: Annotated[
        str, typer.Option(help="announcement.approve, or announcement for all of it.")
    ] = "",
    actor: Annotated[str, typer.Option(metavar="LOGIN", help="Who did it.")] = "",
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """List acts, newest first."""
    from models.audit import Wanted
    from models.person import May

    with opened() as here, here.store.read(here.office) as work:
        here.person.must(May.AUDIT)
        zone = here.zone
        users = {one.id: one.login for one in work.offices.users()}
        wanted = Wanted(
            user_id=_number(users, actor),
            action=action,
            since=since.replace(tzinfo=zone) if since else None,
            until=until.replace(tzinfo=zone) + timedelta(days=1) if until else None,
        )
        rows = [
            {
                "number": one.number,
                "at": one.at,
                "actor": users.get(one.user_id or 0, ""),
                "action": one.action,
                "subject": f"{one.subject} {one.subject_id or ''}".strip(),
                "detail": one.detail,
                "hash": one.hash,
            }
            for one in work.audit.listed(wanted, limit=limit)
        ]
        print_rows(rows, as_json=as_json, zone=zone, programs_only=("hash",))


@app.command()
def export(
    file: Annotated[
        Path | None, typer.Argument(help="New file; without it, standard output.")
    ] = None,
) -> None:
    """Write the whole chain as JSON lines; the last line is its head.

    Keep the head where nobody who can write to the database can write.
    """
    from pipeline.auditing import export as write
    from pipeline.unit import now_utc

    with opened() as here:
        person: Person = here.person
        with _writing(file) as out:
            head: Head = write(here.store, person, now_utc(), out)
    if file is not None:
        print(_("Catatan diekspor: {file}").format(file=file))
        print(_("Simpan kepala rantai ini di tempat lain: {head}").format(head=head))


@contextmanager
def _writing(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    with file.open("x", encoding="utf-8") as out:
        file.chmod(0o600)
        yield out


def _number(users: dict[int, str], login: str) -> int | None:
    from config.words import N_
    from models.errors import InvalidInput

    if not login:
        return None
    for number, one in users.items():
        if one == login:
            return number
    raise InvalidInput(N_("Pengguna tidak ditemukan. Pilih dengan --as NAMA."), "actor")


def _tell(verdict: "Verdict") -> None:
    from models.chain import INSTALLATION
    from models.words import FAULTS

    name = _("Instalasi") if verdict.chain == INSTALLATION else _("Kantor")
    if verdict.whole:
        said = _("{name}: {n} catatan, rantai utuh. Kepala: {head}")
        print(said.format(name=name, n=verdict.head.number, head=verdict.head))
        return
    said = _("{name}: rantai rusak di {n} tempat.")
    print(said.format(name=name, n=len(verdict.breaks)))
    for one in verdict.breaks[:TOLD]:
        print("  " + _(FAULTS[one.fault]).format(number=one.number, to=one.to))
    if len(verdict.breaks) > TOLD:
        rest = len(verdict.breaks) - TOLD
        print("  " + _("… dan {n} lagi; lihat --json").format(n=rest))


def _plain(verdict: "Verdict") -> dict[str, object]:
    breaks: Sequence[dict[str, object]] = [
        {"number": one.number, "to": one.to, "fault": one.fault}
        for one in verdict.breaks
    ]
    return {
        "chain": verdict.chain,
        "whole": verdict.whole,
        "head": str(verdict.head),
        "breaks": breaks,
    }
