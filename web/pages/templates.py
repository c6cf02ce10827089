"""*Dari templat*: choose one, fill in its fields, see what each account will say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from starlette.datastructures import FormData

from models.account import Account
from models.errors import InvalidInput
from models.person import May
from models.template import Field, FieldType, Template, template, templates
from pipeline import announcing, emergency, guarding, templating
from pipeline.guarding import FIELD, Seen, Standing
from pipeline.templating import Version
from web.asking import local_time, read_form
from web.site import Desk, Signed

router = APIRouter()
Form = Annotated[FormData, Depends(read_form)]
TODAY = frozenset({"tanggal"})
"""Date fields that begin with the office's today."""


@router.get("/templat")
def choose(desk: Signed) -> Response:
    return desk.page("pages/templates.jinja", ones=list(templates().values()))


@router.get("/templat/{code}")
def open_one(desk: Signed, code: str) -> Response:
    one = template(code)
    given = one.defaults()
    for field in one.fields:
        if field.type is FieldType.DATE and field.code in TODAY:
            given[field.code] = desk.today.isoformat()
    with desk.read() as work:
        accounts = work.accounts.listed()
    return _page(desk, one, given, accounts, {one.id for one in accounts})


@router.post("/templat/{code}/pratinjau")
def preview(desk: Signed, code: str, form: Form) -> Response:
    """What each account would say, while a person fills in the fields."""
    one = template(code)
    with desk.read() as work:
        accounts = work.accounts.listed()
    chosen = [a for a in accounts if str(a.id) in form.getlist("akun")]
    given = given_in(form, one)
    versions, error = versions_of(desk, one, given, chosen)
    return desk.fragment(
        "fragments/versions.jinja",
        versions=versions,
        error=error,
        guarded=_guarded(desk, one, given, versions),
    )


@router.post("/templat/{code}")
def use(desk: Signed, code: str, form: Form) -> Response:
    """Make a draft of it; from there on it is an announcement like any other."""
    desk.person.must(May.WRITE)
    one = template(code)
    given = given_in(form, one)
    with desk.read() as work:
        accounts = work.accounts.listed()
    chosen = [a for a in accounts if str(a.id) in form.getlist("akun")]
    typed = str(form.get("terbit") or "")
    try:
        publish_at = local_time(typed, desk.formats.zone, "terbit")
        announcement_id = _draft(desk, one, given, chosen, publish_at)
    except InvalidInput as error:
        ids = {a.id for a in chosen}
        return _page(desk, one, given, accounts, ids, status=400, error=error, at=typed)
    return desk.go(f"/tulis/{announcement_id}", "tersimpan")


@router.post("/templat/{code}/darurat")
def ask_urgently(desk: Signed, code: str, form: Form) -> Response:
    """Ask for it in the emergency lane, as its template says it."""
    one = template(code)
    given = given_in(form, one)
    with desk.read() as work:
        accounts = work.accounts.listed()
    ids = {a.id for a in accounts if str(a.id) in form.getlist("akun")}
    reasons = [str(form.get(name) or "") for name in ("alasan_jaga", "alasan_ulang")]
    try:
        with desk.write() as work:
            number = emergency.ask(
                work, desk.person, code, given, ids, desk.now, *reasons
            )
    except InvalidInput as error:
        return _page(
            desk, one, given, accounts, ids, status=400, error=error, reasons=reasons
        )
    return desk.go(f"/tulis/{number}", "diminta")


def given_in(form: FormData, one: Template) -> dict[str, str]:
    """What was typed into the template's fields."""
    return {
        field.code: str(form.get(f"isi-{field.code}") or "") for field in one.fields
    }


def versions_of(
    desk: Desk, one: Template, given: Mapping[str, str], accounts: list[Account]
) -> tuple[list[Version], tuple[Field | None, InvalidInput] | None]:
    """What each account will say; or what is still missing, with its field."""
    try:
        done = templating.filled(one, given, desk.office_name, desk.formats.zone)
    except InvalidInput as error:
        return [], (named(one, error), error)
    return templating.versions(done, accounts), None


def _guarded(
    desk: Desk, one: Template, given: Mapping[str, str], versions: list[Version]
) -> list[Standing]:
    """What the guard marks in what would be said; nothing while a field is missing."""
    if not versions:
        return []
    done = templating.filled(one, given, desk.office_name, desk.formats.zone)
    texts = {version.account.id: version.text for version in versions}
    with desk.read() as work:
        guard = guarding.guard_of(work, desk.now)
    return guard.stands(Seen(texts, title=done.title))


def named(one: Template, error: InvalidInput) -> Field | None:
    """The field that an error is about."""
    return next((field for field in one.fields if field.code == error.field), None)


def _draft(
    desk: Desk,
    one: Template,
    given: Mapping[str, str],
    chosen: list[Account],
    publish_at: datetime | None,
) -> int:
    done = templating.filled(one, given, desk.office_name, desk.formats.zone)
    form = templating.form(done, chosen, publish_at)
    with desk.write() as work:
        return announcing.draft(work, desk.person, form, desk.now)


def _page(
    desk: Desk,
    one: Template,
    given: Mapping[str, str],
    accounts: list[Account],
    chosen: set[int],
    *,
    status: int = 200,
    error: InvalidInput | None = None,
    at: str = "",
    reasons: Sequence[str] = ("", ""),
) -> Response:
    shown = [account for account in accounts if account.id in chosen]
    versions, missing = versions_of(desk, one, given, shown)
    with desk.read() as work:
        hours = work.offices.own().countersign_hours
    values: dict[str, Any] = {
        "hours": hours,
        "one": one,
        "given": given,
        "accounts": accounts,
        "chosen": chosen,
        "versions": versions,
        "error": missing,
        "refused": error,
        "wrong": named(one, error) if error else None,
        "at": at,
        "guarded": _guarded(desk, one, given, versions),
        "reasons": reasons,
        "urgent": error is not None and error.field in (FIELD, "repeat_reason"),
        "writes": desk.may(May.WRITE),
    }
    return desk.page("pages/template.jinja", status, **values)
