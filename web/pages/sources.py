"""*Sumber*: what is listened to, and where nothing is known since when."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile

from collectors.opml import MOST_BYTES
from models.boards import Boards
from models.states import SourceHealth
from pipeline import source_lists, sources
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


@router.get("/sumber/ekspor")
def export(desk: Signed) -> Response:
    """What the office reads, as a file for any feed reader."""
    with desk.read() as work:
        written = source_lists.export_list(work, desk.person, desk.now)
    headers = {"content-disposition": 'attachment; filename="sumber.opml"'}
    return Response(written, media_type="text/x-opml", headers=headers)


@router.post("/sumber/impor")
def import_file(desk: Administrator, berkas: Annotated[UploadFile, File()]) -> Response:
    """Take a whole OPML file, and tell of every row."""
    body = berkas.file.read(MOST_BYTES + 1)
    with desk.write() as work:
        done = source_lists.import_list(
            work,
            desk.person,
            body,
            desk.now,
            vault=desk.site.vault,
            inner_hosts=desk.site.settings.inner_hosts,
        )
    return desk.page(
        "pages/sources_import.jinja",
        done=done,
        left=[row for row in done.rows if not row.verdict.taken],
        summary=source_lists.summary(done),
        words=source_lists.WORDS,
    )


@router.post("/sumber/{source_id}/henti")
def stop(desk: Administrator, source_id: Id) -> Response:
    with desk.write() as work:
        sources.stop_source(work, desk.person, source_id, desk.now)
    return desk.go("/sumber", "sumber-henti")
