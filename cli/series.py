"""``kentongan series``: list, add, preview, ask, approve, back, pause, resume, end."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import Context, opened
from cli.output import _, print_json, print_rows, say

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, time

    from models.approval import Content
    from models.series import Series
    from models.series_plan import Day, Plan
    from pipeline.unit import Work

app = typer.Typer(help="Recurring announcements, approved once.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the series, with what stands in their way."""
    with opened() as here:
        with here.store.read(here.office) as work:
            rows = [_row(work, one) for one in work.series.listed()]
        print_rows(rows, as_json=as_json, zone=here.zone)


@app.command()
def add(
    code: Annotated[str, typer.Argument(metavar="TEMPLATE")],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="FIELD=VALUE…", help="See: kentongan template show."),
    ] = None,
    rule: Annotated[
        str, typer.Option(metavar="RRULE", help="Days: FREQ=WEEKLY;BYDAY=MO,TH")
    ] = "FREQ=DAILY",
    at: Annotated[
        str, typer.Option(metavar="HH:MM", help="On the office's wall.")
    ] = "06:00",
    account: Annotated[
        list[int] | None,
        typer.Option(help="Account number; repeat for several; else all."),
    ] = None,
    first: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="First day; else tomorrow.")
    ] = "",
    until: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Last day; else a year later.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write a series; nothing is made of it before somebody else approves."""
    from datetime import timedelta

    from cli.template import given
    from models.series_plan import Plan
    from models.template import template
    from pipeline import series
    from pipeline.unit import now_utc

    now = now_utc()
    typed = given(template(code), values or [])
    with opened() as here, here.store.write(here.office) as work:
        tomorrow = series.today(work, now) + timedelta(days=1)
        begins = _day(first, "--first") if first else tomorrow
        ends = _day(until, "--until") if until else begins + series.RUNS_FOR
        known = tuple(one.id for one in work.accounts.listed())
        accounts = tuple(account or known)
        plan = Plan(code, typed, accounts, rule, begins, ends, _time(at))
        number = series.add(work, here.person, plan, now)
    if as_json:
        print_json({"id": number})
        return
    print(_("Rutin nomor {id} disimpan sebagai draf.").format(id=number))


@app.command()
def preview(series_id: int, as_json: AsJson = False) -> None:
    """Show the next ten days, those skipped and why, and what each account says."""
    with opened() as here, here.store.read(here.office) as work:
        row = work.series.get(series_id)
        shown = _ahead(here, work, work.series.plan(row))
    rows = [_day_row(one, content) for one, content in shown]
    if as_json:
        print_json({"id": series_id, "state": row.state, "days": rows})
        return
    _say_days(shown)


@app.command()
def ask(series_id: int) -> None:
    """Ask for approval of the series as it stands now."""
    from pipeline.series import ask as do

    _act(do, series_id)
    print(_("Persetujuan diminta."))


@app.command()
def approve(
    series_id: int,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Show what would go out, then approve; the coming days are made by the clock."""
    from pipeline import series
    from pipeline.unit import now_utc

    with opened() as here:
        with here.store.read(here.office) as work:
            content = series.asked_content(work, series_id)
            shown = _ahead(here, work, content.plan)
        _say_days(shown)
        if not yes and not typer.confirm(_("Setujui rutin ini?")):
            raise typer.Exit(1)
        with here.store.write(here.office, durable=True) as work:
            series.approve(work, here.person, series_id, content.hash, now_utc())
    print(_("Disetujui. Pengumuman dibuat tujuh hari ke depan."))


@app.command("back")
def send_back(
    series_id: int,
    reason: Annotated[str, typer.Option(help="A word for its author.")],
) -> None:
    """Return it to its author with a word."""
    from pipeline.series import send_back as do
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        do(work, here.person, series_id, reason, now_utc())
    print(_("Dikembalikan kepada penulis."))


@app.command()
def pause(series_id: int) -> None:
    """Make nothing more for now; what has not left yet is taken back."""
    from pipeline.series import pause as do

    taken = _act(do, series_id)
    print(_("Dijeda. {n} pengumuman ditarik kembali.").format(n=taken))


@app.command()
def resume(series_id: int) -> None:
    """Let a paused series go on; the days that passed are not made up."""
    from pipeline.series import resume as do

    _act(do, series_id)
    print(_("Rutin berjalan lagi."))


@app.command()
def end(series_id: int) -> None:
    """End it for good; what has not left yet is taken back."""
    from pipeline.series import end as do

    taken = _act(do, series_id)
    print(_("Berakhir. {n} pengumuman ditarik kembali.").format(n=taken))


def _act(do: "Callable[..., int | None]", series_id: int) -> int | None:
    from pipeline.unit import now_utc

    with opened() as here, here.store.write(here.office) as work:
        return do(work, here.person, series_id, now_utc())


def _ahead(
    here: Context, work: "Work", plan: "Plan"
) -> "list[tuple[Day, Content | None]]":
    from config.holidays import load_holidays
    from pipeline.occurring import look_ahead
    from pipeline.unit import now_utc

    holidays = load_holidays(here.settings.holidays_folder)
    return look_ahead(work, plan, holidays, now_utc())


def _say_days(shown: "list[tuple[Day, Content | None]]") -> None:
    """Every day with why it is skipped, and the texts of the first."""
    from models.series_plan import SKIPS

    first = next((content for _, content in shown if content), None)
    for part in first.parts if first else ():
        say(f"── {part.network} {part.handle}\n{part.text}\n")
    for one, _content in shown:
        why = _(SKIPS[one.skip]) if one.skip else ""
        name = f": {one.holiday.name_id}" if one.holiday else ""
        unsure = " ?" if one.unsure else ""
        say(f"{one.day.isoformat()}{unsure}  {why}{name}".rstrip())


def _day_row(one: "Day", content: "Content | None") -> dict[str, object]:
    parts = content.parts if content else ()
    return {
        "day": one.day.isoformat(),
        "skipped": one.skip,
        "holiday": one.holiday.name_id if one.holiday else "",
        "unsure": one.unsure,
        "texts": [
            {"account": part.account_id, "network": part.network, "text": part.text}
            for part in parts
        ],
    }


def _row(work: "Work", one: "Series") -> dict[str, object]:
    return {
        "id": one.id,
        "template": one.template,
        "rule": one.rule,
        "at": one.at.strftime("%H:%M"),
        "first": one.first.isoformat(),
        "until": one.until.isoformat(),
        "accounts": ", ".join(map(str, work.series.accounts(one.id))),
        "state": one.state,
        "paused_at": one.paused_at,
        "trouble": _(one.trouble) if one.trouble else "",
    }


def _day(text: str, option: str) -> "date":
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{option} YYYY-MM-DD") from None


def _time(text: str) -> "time":
    from datetime import time

    try:
        at = time.fromisoformat(text.replace(".", ":"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None:
        raise typer.BadParameter("--at HH:MM")
    return at
