"""*Sumber*: what is listened to, and where nothing is known since when."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from models.boards import Boards
from models.states import SourceHealth
from pipeline import sources
from web.asking import Id
from web.site import Administrator, Signed

router = APIRouter()


@router.get("/sumber")
def show(desk: Signed) -> Response:
    with desk.read() as work:
        values: dict[str, Any] = {
            "feeds": Boards(work.session).feeds(),
            "accounts": [one for one in work.accounts.listed() if one.hears],
            "H": SourceHealth,
        }
    return desk.page("pages/sources.jinja", **values)


@router.post("/sumber")
def add(
    desk: Administrator,
    alamat: Annotated[str, Form()],
    nama: Annotated[str, Form()] = "",
) -> Response:
    with desk.write() as work:
        sources.add_source(
            work,
            desk.person,
            alamat.strip(),
            nama.strip(),
            desk.now,
            vault=desk.site.vault,
            inner_hosts=desk.site.settings.inner_hosts,
        )
    return desk.go("/sumber", "sumber")


@router.post("/sumber/{source_id}/henti")
def stop(desk: Administrator, source_id: Id) -> Response:
    with desk.write() as work:
        sources.stop_source(work, desk.person, source_id, desk.now)
    return desk.go("/sumber", "sumber-henti")
