"""What a person sees when something went wrong: a sentence, a code, a next step.

No page shows a traceback; the log has it under the code that the page shows.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from config.formats import Formats
from config.words import DEFAULT, LANGUAGES, N_, words
from models.database import StorageFailed
from models.errors import (
    Conflict,
    InvalidInput,
    NetworkError,
    NotAllowed,
    NotFound,
    OwnWork,
    SignedAlready,
)
from models.problems import WORDS
from web import rendering
from web.asking import own_page
from web.site import LANGUAGE_COOKIE, NotSignedIn

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Explained:
    """A status with its title and sentence (message ids)."""

    status: int
    title: str
    sentence: str


_FOREIGN = Explained(
    403,
    N_("Permintaan ini tidak berasal dari halaman Kentongan"),
    N_("Tidak ada yang diubah. Buka Kentongan langsung, lalu ulangi dari sana."),
)
_NOT_ALLOWED = Explained(
    403,
    N_("Peran Anda tidak mengizinkan ini"),
    N_("Tidak ada yang diubah. Minta rekan yang berwenang, atau admin kantor."),
)
_OWN_WORK = Explained(
    403,
    N_("Tulisan sendiri disetujui orang lain"),
    N_(
        "Tidak ada yang diubah. Anda menulis atau meminta pengumuman ini, jadi "
        "penyetuju lain yang memutuskan."
    ),
)
_SIGNED = Explained(
    403,
    N_("Anda sudah menandatangani"),
    N_("Tidak ada yang diubah. Langkah berikutnya ditandatangani penyetuju lain."),
)
_NOT_FOUND = Explained(
    404,
    N_("Halaman atau data ini tidak ada"),
    N_("Mungkin sudah dipindah, atau bukan milik kantor Anda."),
)
_CONFLICT = Explained(
    409,
    N_("Keadaannya sudah berubah"),
    N_("Orang lain atau sistem lebih dulu. Muat lagi, lalu putuskan dari yang baru."),
)
_UNREADABLE = Explained(
    400,
    N_("Isian tidak dapat dibaca"),
    N_("Tidak ada yang diubah. Kembali, periksa isiannya, lalu kirim lagi."),
)
_TOO_LARGE = Explained(
    413,
    N_("Berkasnya terlalu besar"),
    N_("Kecilkan gambar atau videonya, lalu kirim lagi."),
)
_BROKEN = Explained(
    500,
    N_("Ada yang rusak di pihak kami"),
    N_("Bagian lain tetap jalan. Sebutkan kode ini kepada admin kantor."),
)
_NUMBERS = frozenset(
    {"int_parsing", "int_parsing_size", "greater_than_equal", "less_than_equal"}
)
"""What pydantic says of a number that is none, or lies out of range."""
_BY_STATUS: Mapping[int, Explained] = {
    403: _NOT_ALLOWED,
    404: _NOT_FOUND,
    405: _NOT_FOUND,
    413: _TOO_LARGE,
}


def install(app: FastAPI) -> None:
    """Answer every error of ours in words."""
    app.add_exception_handler(NotSignedIn, _to_sign_in)
    app.add_exception_handler(NotAllowed, _explain(_NOT_ALLOWED))
    app.add_exception_handler(OwnWork, _explain(_OWN_WORK))
    app.add_exception_handler(SignedAlready, _explain(_SIGNED))
    app.add_exception_handler(NotFound, _explain(_NOT_FOUND))
    app.add_exception_handler(Conflict, _explain(_CONFLICT))
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(InvalidInput, _invalid)
    app.add_exception_handler(NetworkError, _network)
    app.add_exception_handler(StorageFailed, _storage)
    app.add_exception_handler(HTTPException, _http)


class Edge:
    """ASGI middleware, the edge of a request: whatever escapes is logged here."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def sending(message: object) -> None:
            nonlocal started
            started = True
            await send(message)  # type: ignore[arg-type]

        try:
            await self._app(scope, receive, sending)
        except Exception:
            code = _code()
            log.exception("request failed", code=code, path=scope["path"])
            if not started:
                answer = _page(Request(scope), _BROKEN, code=code)
                await answer(scope, receive, send)


async def refuse_request(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI answer to a request that the guard refused."""
    status = scope["state"]["refused"]
    explained = _TOO_LARGE if status == 413 else _FOREIGN
    await _page(Request(scope), explained)(scope, receive, send)


def _explain(
    explained: Explained,
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        log.info("refused", status=explained.status, why=str(error))
        return _page(request, explained)

    return handler


async def _unreadable(request: Request, error: Exception) -> Response:
    """What does not fit a field; a number that no row can have is not there."""
    assert isinstance(error, RequestValidationError)
    named = any(_names_no_row(one) for one in error.errors())
    return _page(request, _NOT_FOUND if named else _UNREADABLE)


def _names_no_row(error: Mapping[str, Any]) -> bool:
    place = error["loc"][0]
    return place == "path" or (place == "query" and error["type"] in _NUMBERS)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidInput)
    return _page(request, Explained(400, _UNREADABLE.title, error.message))


async def _network(request: Request, error: Exception) -> Response:
    assert isinstance(error, NetworkError)
    title = N_("Jaringan tidak menerima ini")
    return _page(request, Explained(502, title, WORDS[error.problem]))


async def _storage(request: Request, error: Exception) -> Response:
    assert isinstance(error, StorageFailed)
    log.error("storage failed", problem=error.problem.value, detail=error.detail)
    title = N_("Belum dapat disimpan")
    return _page(request, Explained(503, title, WORDS[error.problem]))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _page(request, _BY_STATUS.get(error.status_code, _UNREADABLE))


async def _to_sign_in(request: Request, _error: Exception) -> Response:
    if request.headers.get("hx-request") == "true":
        return Response(status_code=204, headers={"HX-Redirect": "/masuk"})
    back = request.url.path
    if request.method != "GET":  # the page whose form it was
        back = urlsplit(request.headers.get("referer", "")).path
    return RedirectResponse(f"/masuk?ke={quote(own_page(back))}", status_code=303)


def _page(request: Request, explained: Explained, code: str = "") -> HTMLResponse:
    language = request.cookies.get(LANGUAGE_COOKIE, DEFAULT)
    language = language if language in LANGUAGES else DEFAULT
    said = words(language).gettext
    fragment = request.headers.get("hx-request") == "true"
    html = rendering.render(
        "fragments/error.jinja" if fragment else "pages/error.jinja",
        language,
        Formats(language, ZoneInfo("Asia/Jakarta")),
        {
            "title": said(explained.title),
            "sentence": said(explained.sentence),
            "status": explained.status,
            "code": code,
        },
    )
    return HTMLResponse(html, status_code=explained.status)


def _code() -> str:
    raw = secrets.token_hex(3).upper()
    return f"{raw[:2]}-{raw[2:]}"
