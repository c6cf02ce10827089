"""*Rutin*: announcements that come back; written, looked ahead at, approved, ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response
from starlette.datastructures import FormData

from config.holidays import Holidays
from config.words import N_
from models.account import Account
from models.errors import InvalidInput
from models.person import May
from models.series import Series
from models.series_plan import SKIPS, Plan
from models.states import SERIES_MOVES, SeriesState
from models.template import Template, dated_fields, template, templates
from pipeline import occurring, series
from pipeline.unit import Work
from web.asking import Id, read_form
from web.pages.templates import given_in, named
from web.rule_form import CHOICES, RuleForm, said, weekdays
from web.series_ahead import Ahead, ahead_of, holidays_of
from web.site import Desk, Signed

router = APIRouter()
Fields = Annotated[FormData, Depends(read_form)]
MADE_SHOWN = 14


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    given: dict[str, str]
    rule: RuleForm
    accounts: set[int]
    first: str
    until: str
    at: str


@router.get("/rutin")
def show(desk: Signed) -> Response:
    holidays, wrong = holidays_of(desk)
    with desk.read() as work:
        rows = [_line(desk, work, one, holidays) for one in work.series.listed()]
    return desk.page(
        "pages/series_list.jinja",
        rows=rows,
        wrong=wrong,
        writes=desk.may(May.WRITE),
        S=SeriesState,
    )


@router.get("/rutin/baru")
def choose(desk: Signed) -> Response:
    fits = [one for one in templates().values() if len(dated_fields(one)) <= 1]
    return desk.page("pages/series_choose.jinja", ones=fits)


@router.get("/rutin/baru/{code}")
def open_new(desk: Signed, code: str) -> Response:
    one = template(code)
    with desk.read() as work:
        accounts = work.accounts.listed()
    first = desk.today + timedelta(days=1)
    typed = Typed(
        given=one.defaults(),
        rule=RuleForm(),
        accounts={account.id for account in accounts},
        first=first.isoformat(),
        until=(first + series.RUNS_FOR).isoformat(),
        at="06:00",
    )
    return _form(desk, one, typed, accounts)


@router.post("/rutin/baru/{code}")
def create(desk: Signed, code: str, form: Fields) -> Response:
    desk.person.must(May.WRITE)
    one = template(code)

    def keep(work: Work, plan: Plan) -> int:
        return series.add(work, desk.person, plan, desk.now)

    return _keep(desk, one, form, keep)


@router.post("/rutin/pratinjau/{code}")
def preview(desk: Signed, code: str, form: Fields) -> Response:
    """The coming days and their texts, while a person fills in the form."""
    one = template(code)
    with desk.read() as work:
        try:
            plan = series.checked(work, _plan(one, _typed(form, one)))
            ahead = ahead_of(desk, work, plan)
        except InvalidInput as error:
            field = named(one, error)
            label = f"{field.label(desk.person.language)}: " if field else ""
            ahead = Ahead([], wrong=label + desk.say(error.message))
    return desk.fragment("fragments/series_ahead.jinja", ahead=ahead, skips=SKIPS)


@router.get("/rutin/{series_id}")
def show_one(desk: Signed, series_id: Id) -> Response:
    return _one(desk, series_id)


def _one(
    desk: Desk, series_id: int, status: int = 200, refused: InvalidInput | None = None
) -> Response:
    """A series with the coming days; and why something was refused just now."""
    with desk.read() as work:
        row = work.series.get(series_id)
        plan = work.series.plan(row)
        approval = work.series.latest_approval(series_id)
        involved = {row.author_id}
        if approval is not None:
            involved |= {approval.author_id, approval.asked_by}
        decided = {approval.decided_by} if approval and approval.decided_by else set()
        known = {one.id: one for one in work.accounts.listed()}
        values: dict[str, Any] = {
            "line": _line(desk, work, row, None),
            "one": row,
            "plan": plan,
            "said_fields": _said_fields(desk, plan),
            "accounts": [known[one] for one in plan.accounts if one in known],
            "ahead": ahead_of(desk, work, plan),
            "skips": SKIPS,
            "approval": approval,
            "hash": _hash(work, row),
            "names_of": work.offices.names(involved | decided),
            "own": desk.person.user_id in involved,
            "made": work.series.made(series_id, most=MADE_SHOWN),
        }
    return desk.page(
        "pages/series.jinja",
        status,
        refused=refused,
        writes=desk.may(May.WRITE),
        approves=desk.may(May.APPROVE),
        may_ask=SeriesState.ASKED in SERIES_MOVES[row.state],
        S=SeriesState,
        **values,
    )


@router.get("/rutin/{series_id}/ubah")
def open_edit(desk: Signed, series_id: Id) -> Response:
    with desk.read() as work:
        row = work.series.get(series_id)
        plan = work.series.plan(row)
        accounts = work.accounts.listed()
    typed = Typed(
        given=plan.filled.defaults() | dict(plan.fields),
        rule=RuleForm.of(plan.rule),
        accounts=set(plan.accounts),
        first=plan.first.isoformat(),
        until=plan.until.isoformat(),
        at=plan.at.strftime("%H:%M"),
    )
    return _form(desk, plan.filled, typed, accounts, row=row)


@router.post("/rutin/{series_id}/ubah")
def edit(desk: Signed, series_id: Id, form: Fields) -> Response:
    desk.person.must(May.WRITE)
    with desk.read() as work:
        row = work.series.get(series_id)
        accounts = work.accounts.listed()
    one = template(row.template)
    if str(form.get("versi") or "") != str(row.version):
        typed = _typed(form, one)
        return _form(desk, one, typed, accounts, row=row, status=409)

    def keep(work: Work, plan: Plan) -> int:
        series.edit(work, desk.person, series_id, row.version, plan, desk.now)
        return series_id

    return _keep(desk, one, form, keep, row)


@router.post("/rutin/{series_id}/minta")
def ask(desk: Signed, series_id: Id) -> Response:
    try:
        return _act(desk, series_id, series.ask, "diminta")
    except InvalidInput as error:
        return _one(desk, series_id, 400, error)


@router.post("/rutin/{series_id}/setujui")
def approve(desk: Signed, series_id: Id, kode: Annotated[str, Form()]) -> Response:
    with desk.write(durable=True) as work:
        series.approve(work, desk.person, series_id, kode, desk.now)
    return desk.go(f"/rutin/{series_id}", "rutin-disetujui")


@router.post("/rutin/{series_id}/kembalikan")
def send_back(
    desk: Signed, series_id: Id, alasan: Annotated[str, Form()] = ""
) -> Response:
    with desk.write() as work:
        series.send_back(work, desk.person, series_id, alasan, desk.now)
    return desk.go(f"/rutin/{series_id}", "dikembalikan")


@router.post("/rutin/{series_id}/jeda")
def pause(desk: Signed, series_id: Id) -> Response:
    return _act(desk, series_id, series.pause, "rutin-jeda")


@router.post("/rutin/{series_id}/lanjut")
def resume(desk: Signed, series_id: Id) -> Response:
    return _act(desk, series_id, series.resume, "rutin-lanjut")


@router.post("/rutin/{series_id}/akhiri")
def end(desk: Signed, series_id: Id) -> Response:
    return _act(desk, series_id, series.end, "rutin-akhir")


def _act(
    desk: Desk, series_id: int, do: Callable[..., int | None], news: str
) -> Response:
    with desk.write() as work:
        do(work, desk.person, series_id, desk.now)
    return desk.go(f"/rutin/{series_id}", news)


def _keep(
    desk: Desk,
    one: Template,
    form: FormData,
    keep: Callable[[Work, Plan], int],
    row: Series | None = None,
) -> Response:
    """Store what was typed, or show it again with what is wrong."""
    typed = _typed(form, one)
    try:
        plan = _plan(one, typed)
        with desk.write() as work:
            series_id = keep(work, plan)
    except InvalidInput as error:
        with desk.read() as work:
            accounts = work.accounts.listed()
        return _form(desk, one, typed, accounts, row=row, status=400, error=error)
    return desk.go(f"/rutin/{series_id}", "tersimpan")


def _form(
    desk: Desk,
    one: Template,
    typed: Typed,
    accounts: list[Account],
    *,
    row: Series | None = None,
    status: int = 200,
    error: InvalidInput | None = None,
) -> Response:
    values: dict[str, Any] = {
        "one": one,
        "row": row,
        "typed": typed,
        "given": typed.given,
        "hidden_fields": dated_fields(one),
        "accounts": accounts,
        "choices": CHOICES,
        "weekdays": weekdays(desk.formats),
        "refused": error,
        "stale": status == 409,
        "wrong": named(one, error) if error else None,
        "writes": desk.may(May.WRITE),
    }
    return desk.page("pages/series_form.jinja", status, **values)


def _typed(form: FormData, one: Template) -> Typed:
    def text(name: str) -> str:
        return str(form.get(name) or "").strip()

    days = [str(day) for day in form.getlist("hari")]
    rule = RuleForm.read(text("ulang"), days, text("tanggal_ke"), text("aturan"))
    chosen = {str(number) for number in form.getlist("akun")}
    return Typed(
        given=given_in(form, one),
        rule=rule,
        accounts={int(n) for n in chosen if n.isdecimal() and len(n) < 10},
        first=text("dari"),
        until=text("sampai"),
        at=text("jam"),
    )


def _plan(one: Template, typed: Typed) -> Plan:
    """What was typed, read.

    Raises:
        InvalidInput: a day or the time cannot be read.
    """
    try:
        first, until = date.fromisoformat(typed.first), date.fromisoformat(typed.until)
        at = time.fromisoformat(typed.at)
    except ValueError:
        raise InvalidInput(
            N_("Isi tanggal mulai, tanggal akhir, dan jam terbit."), "first"
        ) from None
    if at.tzinfo is not None:
        raise InvalidInput(N_("Isi jam terbit, misalnya 06:00."), "at")
    accounts = tuple(sorted(typed.accounts))
    return Plan(one.code, typed.given, accounts, typed.rule.rule, first, until, at)


def _line(
    desk: Desk, work: Work, row: Series, holidays: Holidays | None
) -> dict[str, Any]:
    """One series as the list shows it."""
    plan = work.series.plan(row)
    known = {one.id: one for one in work.accounts.listed()}
    coming: list[date] = []
    if holidays is not None and row.makes:
        try:
            shown = occurring.look_ahead(work, plan, holidays, desk.now, most=1)
            coming = [one.day for one, content in shown if content]
        except InvalidInput:
            coming = []
    return {
        "row": row,
        "title": plan.filled.name(desk.person.language),
        "rule": said(row.rule, desk.formats, desk.say),
        "at": row.at.strftime("%H.%M"),
        "place": plan.fields.get("tempat", ""),
        "networks": [known[n].network for n in plan.accounts if n in known],
        "next": coming[0] if coming else None,
    }


def _said_fields(desk: Desk, plan: Plan) -> list[tuple[str, str]]:
    return [
        (field.label(desk.person.language), plan.fields[field.code])
        for field in plan.filled.fields
        if field.code in plan.fields
    ]


def _hash(work: Work, row: Series) -> str:
    """What an approver would approve; empty where it is not asked for."""
    if row.state is not SeriesState.ASKED:
        return ""
    try:
        return series.asked_content(work, row.id).hash
    except InvalidInput:
        return ""
