"""*Henti*: what is stopped, by whom and until when; stopping, and letting go on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response

from config.words import N_
from models.category import categories
from models.errors import NotFound
from models.stop import EVERYTHING, Target
from pipeline import holding, stopping
from web.asking import Id, whole
from web.site import Administrator, Signed

router = APIRouter()
ENDED_SHOWN = 20
LENGTHS: Mapping[str, tuple[timedelta | None, str]] = {
    "1": (timedelta(hours=1), N_("1 jam")),
    "3": (timedelta(hours=3), N_("3 jam")),
    "12": (timedelta(hours=12), N_("12 jam")),
    "24": (timedelta(hours=24), N_("1 hari")),
    "": (None, N_("sampai dicabut")),
}


@router.get("/henti")
def show(desk: Signed) -> Response:
    with desk.read() as work:
        standing = work.stops.standing(desk.now)
        ended = work.stops.ended(desk.now, ENDED_SHOWN)
        people = {one.made_by for one in (*standing, *ended)}
        people |= {one.ended_by for one in ended}
        names_of = work.offices.names({one for one in people if one is not None})
        accounts = work.accounts.listed()
        quiet = work.offices.by_id(desk.person.office_id).quiet
    return desk.page(
        "pages/stops.jinja",
        standing=standing,
        ended=ended,
        names_of=names_of,
        accounts=accounts,
        account_of={one.id: one for one in accounts},
        categories=categories(),
        lengths=LENGTHS,
        quiet=quiet,
        may_end=stopping.may_end,
    )


@router.post("/henti")
def stop(
    desk: Signed,
    sasaran: Annotated[str, Form()],
    alasan: Annotated[str, Form()] = "",
    lama: Annotated[str, Form()] = "",
) -> Response:
    """``sasaran`` is ``semua``, ``akun-3`` or ``jenis-skck``."""
    if lama not in LENGTHS:
        raise NotFound(f"length {lama!r}")
    length = LENGTHS[lama][0]
    until = None if length is None else desk.now + length
    with desk.write(durable=True) as work:
        stopping.stop(work, desk.person, _target(sasaran), alasan, until, desk.now)
    return desk.go("/henti", "henti")


@router.post("/henti/{stop_id}/cabut")
def end(desk: Signed, stop_id: Id) -> Response:
    with desk.write() as work:
        stopping.end(work, desk.person, stop_id, desk.now)
    return desk.go("/henti", "henti-cabut")


@router.post("/henti/tenang")
def set_quiet(
    desk: Administrator,
    mulai: Annotated[str, Form()] = "",
    selesai: Annotated[str, Form()] = "",
) -> Response:
    """Set the quiet hours; with two empty fields there are none."""
    with desk.write() as work:
        hours = holding.quiet_hours(mulai, selesai)
        holding.set_quiet(work, desk.person, hours, desk.now)
    return desk.go("/henti", "tenang")


def _target(text: str) -> Target:
    kind, _, name = text.partition("-")
    number = whole(name)
    if kind == "akun" and number:
        return Target(number)
    if kind == "jenis" and name in categories().by_code:
        return Target(category=name)
    if text == "semua":
        return EVERYTHING
    raise NotFound(f"target {text!r}")
