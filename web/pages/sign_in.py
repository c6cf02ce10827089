"""*Masuk*: by password, or by a one-time link that asks before it is used up."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from config.formats import Formats
from config.words import DEFAULT, LANGUAGES
from models.errors import NotAllowed
from models.person import Person
from pipeline import people
from web import rendering
from web.asking import own_page
from web.site import COOKIE, LANGUAGE_COOKIE, Site, site_of

router = APIRouter()
_HOME = "/"


@router.get("/masuk")
def show(request: Request, ke: str = _HOME, bahasa: str = "") -> HTMLResponse:
    answer = _page(request, ke=ke, language=bahasa)
    if bahasa in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, bahasa, httponly=True, samesite="lax")
    return answer


@router.post("/masuk")
def enter(
    request: Request,
    nama: Annotated[str, Form()] = "",
    sandi: Annotated[str, Form()] = "",
    ke: Annotated[str, Form()] = _HOME,
) -> Response:
    site = site_of(request)
    try:
        person, token = people.sign_in(
            site.store,
            nama,
            sandi,
            site.now(),
            site.settings.session_hours,
            address=request.client.host if request.client else "",
        )
    except NotAllowed:
        return _page(request, ke=ke, name=nama, refused=True, status=401)
    return _admit(site, person, token, ke)


@router.get("/masuk/tautan")
def confirm(request: Request, kode: str = "") -> HTMLResponse:
    """Show a button, so that a preview of the link in a chat does not use it up."""
    return _page(request, code=kode)


@router.post("/masuk/tautan")
def use(request: Request, kode: Annotated[str, Form()] = "") -> Response:
    site = site_of(request)
    found = people.use_link(site.store, kode, site.now(), site.settings.session_hours)
    if found is None:
        return _page(request, late=True, status=401)
    return _admit(site, *found, _HOME)


@router.post("/keluar")
def leave(request: Request) -> Response:
    people.sign_out(site_of(request).store, request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/masuk", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


def _admit(site: Site, person: Person, token: str, to: str) -> Response:
    answer = RedirectResponse(own_page(to), status_code=303)
    age = site.settings.session_hours * 3600
    answer.set_cookie(
        COOKIE, token, max_age=age, httponly=True, samesite="lax", secure=site.secure
    )
    answer.set_cookie(
        LANGUAGE_COOKIE,
        person.language,
        max_age=365 * 24 * 3600,
        httponly=True,
        samesite="lax",
        secure=site.secure,
    )
    return answer


def _page(
    request: Request,
    *,
    ke: str = _HOME,
    name: str = "",
    refused: bool = False,
    late: bool = False,
    code: str = "",
    language: str = "",
    status: int = 200,
) -> HTMLResponse:
    language = language or request.cookies.get(LANGUAGE_COOKIE, DEFAULT)
    language = language if language in LANGUAGES else DEFAULT
    html = rendering.render(
        "pages/sign_in.jinja",
        language,
        Formats(language, ZoneInfo("Asia/Jakarta")),
        {
            "ke": own_page(ke),
            "name": name,
            "refused": refused,
            "late": late,
            "code": code,
        },
    )
    return HTMLResponse(html, status_code=status)
