"""Small things of one's own: the language, and the live numbers of the frame."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from models.dashboard import Dashboard
from pipeline import people
from web.asking import IdOrNone, own_page
from web.site import LANGUAGE_COOKIE, Signed

router = APIRouter()


@router.post("/bahasa")
def choose_language(
    desk: Signed, bahasa: Annotated[str, Form()], ke: Annotated[str, Form()] = "/"
) -> Response:
    with desk.write() as work:
        people.set_language(work, desk.person, bahasa)
    answer = desk.go(own_page(ke))
    answer.set_cookie(
        LANGUAGE_COOKIE,
        bahasa,
        max_age=365 * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=desk.site.secure,
    )
    return answer


@router.get("/langsung")
def live(desk: Signed, sejak: IdOrNone = 0) -> Response:
    """The numbers of the frame, asked for again while a page stays open."""
    with desk.read() as work:
        numbers = Dashboard(work.session)
        values: dict[str, Any] = {
            "waiting": numbers.waiting().count,
            "asked": numbers.asked(),
            "needing": numbers.needing_person(),
            "newer": numbers.newer_than(sejak),
        }
    return desk.fragment("fragments/live.jinja", since=sejak, **values)
