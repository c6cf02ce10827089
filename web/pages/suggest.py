"""*Kotak saran*, the public page: write, get a number, see what became of it."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from config.formats import Formats
from config.words import DEFAULT, LANGUAGES
from pipeline import suggestions
from pipeline.suggestions import (
    LONGEST,
    LONGEST_CONTACT,
    Door,
    NotTaken,
    Turned,
    Written,
)
from web import rendering
from web.site import LANGUAGE_COOKIE, site_of

router = APIRouter()
_AT_MOST = 4 * LONGEST  # characters that are shown again when they were too many


@router.get("/usul/cek")
def ask(request: Request, bahasa: str = "") -> HTMLResponse:
    return _page(
        request, "pages/slip.jinja", bahasa, number="", asked=False, found=None
    )


@router.post("/usul/cek")
def look_up(
    request: Request, nomor: Annotated[str, Form(max_length=60)] = ""
) -> HTMLResponse:
    """The number comes in the body: it stands in no address and no log."""
    found = suggestions.look_up(site_of(request).store, nomor)
    zone = found.timezone if found else "Asia/Jakarta"
    return _page(
        request,
        "pages/slip.jinja",
        zone=zone,
        status=200 if found else 404,
        number=nomor,
        asked=True,
        found=found,
    )


@router.get("/usul/{code}")
def show(request: Request, code: str, bahasa: str = "") -> HTMLResponse:
    return _form(request, suggestions.door(site_of(request).store, code), bahasa)


@router.post("/usul/{code}")
def hand_in(
    request: Request,
    code: str,
    isi: Annotated[str, Form()] = "",
    kontak: Annotated[str, Form()] = "",
    setuju: Annotated[str, Form()] = "",
    tiket: Annotated[str, Form(max_length=200)] = "",
    situs: Annotated[str, Form()] = "",
) -> HTMLResponse:
    site = site_of(request)
    box = suggestions.door(site.store, code)
    written = Written(tiket, isi, kontak, bool(setuju), situs)
    address = request.client.host if request.client else ""
    try:
        request.app.state.visitors.count(address)
        number = suggestions.hand_in(site.store, site.vault, box, written, site.now())
    except NotTaken as error:
        return _form(request, box, written=written, refused=error)
    printed = suggestions.printed(number)
    return _page(
        request, "pages/slip_taken.jinja", zone=box.timezone, box=box, number=printed
    )


def _form(
    request: Request,
    box: Door,
    language: str = "",
    *,
    written: Written | None = None,
    refused: NotTaken | None = None,
) -> HTMLResponse:
    """The page, with what was written and why it was not taken."""
    site = site_of(request)
    status = 200
    if refused is not None:
        status = 429 if refused.why is Turned.FULL else 400
    return _page(
        request,
        "pages/suggest.jinja",
        language,
        zone=box.timezone,
        status=status,
        box=box,
        ticket=suggestions.ticket(site.vault, box, site.now()),
        text=written.text[:_AT_MOST] if written else "",
        contact=written.contact[: 2 * LONGEST_CONTACT] if written else "",
        consent=bool(written and written.consent),
        refused=refused,
        Turned=Turned,
        longest=LONGEST,
        longest_contact=LONGEST_CONTACT,
    )


def _page(
    request: Request,
    template: str,
    language: str = "",
    *,
    zone: str = "Asia/Jakarta",
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    chosen = language or request.cookies.get(LANGUAGE_COOKIE, DEFAULT)
    chosen = chosen if chosen in LANGUAGES else DEFAULT
    given = {"path": request.url.path, "now": site_of(request).now(), **values}
    html = rendering.render(template, chosen, Formats(chosen, ZoneInfo(zone)), given)
    answer = HTMLResponse(html, status_code=status)
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, httponly=True, samesite="lax")
    return answer
