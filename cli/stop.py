"""``kentongan stop``: add, list, end, quiet."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import opened
from cli.output import _, print_json, print_rows

if TYPE_CHECKING:
    from datetime import datetime

    from models.stop import Stop, Target

LONGEST_HOURS = 366 * 24
ENDED_SHOWN = 20

app = typer.Typer(
    help="Stops: of an account, a category or everything.", no_args_is_help=True
)


@app.command()
def add(
    reason: Annotated[str, typer.Option(help="Why; stands in the audit log.")],
    account: Annotated[
        int | None, typer.Option(min=1, help="Only this account's posts.")
    ] = None,
    category: Annotated[
        str, typer.Option(metavar="CODE", help="Only announcements of this kind.")
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Every post of the office.")
    ] = False,
    hours: Annotated[
        float | None, typer.Option(help="Ends by itself after so many hours.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Let nothing leave; honoured up to the last look before a send."""
    from models.stop import Target
    from pipeline.stopping import stop
    from pipeline.unit import now_utc

    if [account is not None, bool(category), everything].count(True) != 1:
        raise typer.BadParameter("--account | --category | --all")
    now = now_utc()
    target = Target(account, category)
    with opened() as here, here.store.write(here.office, durable=True) as work:
        number = stop(work, here.person, target, reason, end_after(hours, now), now)
    if as_json:
        print_json({"id": number})
        return
    print(_("Dihentikan (nomor {id}). Kiriman ditahan.").format(id=number))


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """List the stops that stand, and the latest that are over."""
    from pipeline.unit import now_utc

    now = now_utc()
    with opened() as here:
        with here.store.read(here.office) as work:
            stops = [*work.stops.standing(now), *work.stops.ended(now, ENDED_SHOWN)]
            people = {one.made_by for one in stops if one.made_by is not None}
            names = work.offices.names(people)
        print_rows(
            [_row(one, names.get(one.made_by or 0, "")) for one in stops],
            as_json=as_json,
            zone=here.zone,
        )


@app.command()
def end(stop_id: int) -> None:
    """End a stop: by who made it, an approver or an administrator."""
    from pipeline.stopping import end as end_one
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        released = end_one(work, here.person, stop_id, now_utc())
    print(_("Penghentian dicabut. {n} kiriman berjalan lagi.").format(n=released))


@app.command()
def quiet(
    start: Annotated[
        str, typer.Option("--from", metavar="HH:MM", help="In the office's zone.")
    ] = "",
    end: Annotated[str, typer.Option("--to", metavar="HH:MM")] = "",
    off: Annotated[bool, typer.Option("--off", help="No quiet hours.")] = False,
) -> None:
    """Set, end or show the hours in which only what cannot wait goes out."""
    from pipeline.holding import quiet_hours, set_quiet
    from pipeline.unit import now_utc

    with opened() as here:
        if off or start or end:
            hours = None if off else quiet_hours(start, end)
            with here.store.write(here.office) as work:
                set_quiet(work, here.person, hours, now_utc())
        with here.store.read(here.office) as work:
            stands = work.offices.by_id(here.office.office_id).quiet
    if stands is None:
        print(_("Tidak ada jam tenang."))
    else:
        print(_("Jam tenang: {hours}.").format(hours=stands))


def end_after(hours: float | None, now: "datetime") -> "datetime | None":
    """When a stop of so many hours ends by itself; None where no number is given.

    Raises:
        BadParameter: the number is no length of a stop.
    """
    from datetime import timedelta

    if hours is None:
        return None
    if not 0 < hours <= LONGEST_HOURS:  # not NaN either
        raise typer.BadParameter(f"0 < hours <= {LONGEST_HOURS}")
    return now + timedelta(hours=hours)


def _row(one: "Stop", name: str) -> dict[str, object]:
    return {
        "id": one.id,
        "stopped": _told(one.target),
        "by": name,
        "since": one.made_at,
        "until": one.until,
        "ended_at": one.ended_at,
        "reason": one.reason,
    }


def _told(target: "Target") -> str:
    if target.account_id is not None:
        return f"account {target.account_id}"
    return f"category {target.category}" if target.category else "all"
