"""*Kotak saran*, for the desk: one for each service desk, with a poster to print."""

import io
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Response

from models.errors import InvalidInput
from models.labels import Service
from models.person import May
from pipeline import suggestions
from web.asking import Id, choice
from web.site import Desk, Signed

router = APIRouter()


@router.get("/kotak-saran")
def show(desk: Signed) -> Response:
    return _page(desk)


@router.post("/kotak-saran")
def open_box(
    desk: Signed,
    nama: Annotated[str, Form()] = "",
    layanan: Annotated[str, Form()] = "",
) -> Response:
    service = choice(Service, layanan)
    try:
        with desk.write() as work:
            suggestions.open_box(work, desk.person, nama, service, desk.now)
    except InvalidInput as error:
        return _page(desk, nama, service, error)
    return desk.go("/kotak-saran", "kotak")


@router.post("/kotak-saran/{box_id}/tutup")
def close(desk: Signed, box_id: Id) -> Response:
    with desk.write() as work:
        suggestions.set_open(work, desk.person, box_id, False, desk.now)
    return desk.go("/kotak-saran", "kotak-tutup")


@router.post("/kotak-saran/{box_id}/buka")
def reopen(desk: Signed, box_id: Id) -> Response:
    with desk.write() as work:
        suggestions.set_open(work, desk.person, box_id, True, desk.now)
    return desk.go("/kotak-saran", "kotak")


@router.get("/kotak-saran/{box_id}/kode.svg")
def code(desk: Signed, box_id: Id) -> Response:
    """The address as a QR code: ISO/IEC 18004, with the second level of repair."""
    with desk.read() as work:
        box = work.suggestion_boxes.get(box_id)
    drawn = io.BytesIO()
    made = segno.make(_address(desk, box.code), error="m", micro=False)
    made.save(drawn, kind="svg", scale=8, border=4, xmldecl=False, light="#fff")
    return Response(drawn.getvalue(), media_type="image/svg+xml")


@router.get("/kotak-saran/{box_id}/poster")
def poster(desk: Signed, box_id: Id) -> Response:
    with desk.read() as work:
        box = work.suggestion_boxes.get(box_id)
    return desk.page(
        "pages/box_poster.jinja", box=box, address=_address(desk, box.code)
    )


def _page(
    desk: Desk,
    name: str = "",
    service: Service | None = None,
    error: InvalidInput | None = None,
) -> Response:
    with desk.read() as work:
        boxes = work.suggestion_boxes.listed()
    return desk.page(
        "pages/boxes.jinja",
        status=400 if error else 200,
        boxes=boxes,
        address=lambda box: _address(desk, box.code),
        reachable=bool(desk.site.settings.public_url),
        may_open=desk.may(May.ADMINISTER),
        Service=Service,
        name=name,
        service=service,
        error=error,
    )


def _address(desk: Desk, code: str) -> str:
    base = desk.site.settings.public_url or str(desk.request.base_url)
    return f"{base.rstrip('/')}/usul/{code}"
