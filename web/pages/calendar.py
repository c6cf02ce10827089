"""*Kalender*: what goes out and went out, by month, week or list, and moving it."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Response

from config.words import N_
from models.calendar import Calendar, Entry, Stage
from models.errors import InvalidInput
from models.person import May
from pipeline import announcing
from web import marks
from web.asking import LARGEST_ID, Id, local_time, whole
from web.site import Desk, Signed

router = APIRouter()
WEEK = timedelta(days=7)
APPROVED = frozenset({Stage.WAITING, Stage.SCHEDULED, Stage.AT_RISK, Stage.HELD})
"""Stages in which somebody was asked already; a move makes that void."""


class View(StrEnum):
    """How the same announcements are laid out; the codes stand in the address."""

    MONTH = "bulan"
    WEEK = "minggu"
    LIST = "daftar"


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, the last one outside; ``day`` is the one that was asked for."""

    view: View
    day: date
    first: date
    end: date

    @classmethod
    def of(cls, view: View, day: date) -> "Span":
        """The month with its weeks, or the week, that holds ``day``; Monday first."""
        if view is View.MONTH:
            first = _monday(day.replace(day=1))
            return cls(view, day, first, _monday(_next_month(day)) + WEEK)
        return cls(view, day, _monday(day), _monday(day) + WEEK)

    @property
    def before(self) -> date:
        if self.view is View.MONTH:
            return (self.day.replace(day=1) - timedelta(days=1)).replace(day=1)
        return self.day - WEEK

    @property
    def after(self) -> date:
        return _next_month(self.day) if self.view is View.MONTH else self.day + WEEK


@router.get("/kalender")
def show(
    desk: Signed, tampil: str = "", tanggal: str = "", pindah: str = "", dari: str = ""
) -> Response:
    span = Span.of(_view(tampil), _day(tanggal, desk.today))
    start, end = desk.formats.start_of(span.first), desk.formats.start_of(span.end)
    with desk.read() as work:
        calendar = Calendar(work.session)
        at_risk = {row.announcement_id for row, _ in work.preflights.at_risk(desk.now)}
        entries = calendar.between(start, end, at_risk)
        undated = calendar.undated()
    return desk.page(
        "pages/calendar.jinja",
        span=span,
        View=View,
        Stage=Stage,
        approved=APPROVED,
        days=_by_day(desk, entries),
        undated=undated,
        events=_events(desk, entries),
        writes=desk.may(May.WRITE),
        undo=_undo(entries, pindah, dari),
        address=_address,
        title=_title(desk, span),
    )


@router.post("/kalender/{announcement_id}/pindah")
def move(
    desk: Signed,
    announcement_id: Id,
    waktu: Annotated[str, Form()],
    versi: Annotated[int, Form(ge=1, le=LARGEST_ID)],
    tampil: Annotated[str, Form()] = "",
    tanggal: Annotated[str, Form()] = "",
) -> Response:
    """Another time for what has not left; what was approved is to be asked for anew."""
    zone = desk.formats.zone
    at = local_time(waktu, zone, "waktu")
    if at is None or at < desk.now:
        raise InvalidInput(N_("Pilih waktu yang belum lewat."), "waktu")
    with desk.write() as work:
        before = work.announcements.get(announcement_id).publish_at
        announcing.reschedule(
            work,
            desk.person,
            announcement_id,
            at,
            desk.now,
            version=versi,
            window_moves=True,
        )
    view, day = _view(tampil), _day(tanggal, desk.today)
    more = {"pindah": str(announcement_id)}
    if before is not None and before > desk.now:
        more["dari"] = _wall(desk, before)
    return desk.go(_address(view, day, **more), "waktu")


def _view(code: str) -> View:
    return View(code) if code in {one.value for one in View} else View.WEEK


def _day(text: str, otherwise: date) -> date:
    """A day of the address; the calendar goes from 2000 to 2100."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if 2000 <= day.year < 2100 else otherwise


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _address(view: View, day: date, **more: str) -> str:
    return "/kalender?" + urlencode(
        {"tampil": view.value, "tanggal": day.isoformat(), **more}
    )


def _title(desk: Desk, span: Span) -> str:
    if span.view is View.MONTH:
        return desk.formats.month(span.day)
    return desk.formats.days(span.first, span.end - timedelta(days=1))


def _by_day(desk: Desk, entries: list[Entry]) -> dict[date, list[Entry]]:
    days: dict[date, list[Entry]] = {}
    for one in entries:
        assert one.at is not None
        days.setdefault(desk.formats.day_of(one.at), []).append(one)
    return days


def _undo(entries: list[Entry], moved: str, back_to: str) -> tuple[Entry, str] | None:
    """The announcement just moved, while it can go back, and its time of before."""
    number = whole(moved)
    for one in entries:
        if one.id == number and one.movable and back_to:
            return one, back_to
    return None


def _wall(desk: Desk, at: datetime) -> str:
    """A moment on the office's wall, as a ``datetime-local`` field holds it."""
    return desk.formats.local(at).strftime("%Y-%m-%dT%H:%M")


def _events(desk: Desk, entries: list[Entry]) -> str:
    """What the grid draws, as JSON."""
    writes = desk.may(May.WRITE)
    rows = []
    for one in entries:
        assert one.at is not None
        icon, tone, word = marks.STAGES[one.stage]
        start = desk.formats.local(one.at)
        midnight = start.replace(hour=23, minute=59)
        rows.append(
            {
                "id": str(one.id),
                "title": one.title,
                "start": start.strftime("%Y-%m-%dT%H:%M"),
                "end": min(start + timedelta(hours=1), midnight).strftime(
                    "%Y-%m-%dT%H:%M"
                ),
                "startEditable": one.movable and writes,
                "classNames": ["ev", f"st-{tone}"],
                "extendedProps": {
                    "icon": icon,
                    "word": desk.say(word),
                    "clock": desk.formats.clock(one.at),
                    "version": one.version,
                    "void": one.stage in APPROVED,
                },
            }
        )
    return json.dumps(rows, ensure_ascii=False)
