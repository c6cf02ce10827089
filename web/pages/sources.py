"""*Sumber*: what is listened to, and where nothing is known since when."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Response, UploadFile

from collectors.opml import MOST_BYTES
from config.news_feeds import news_feeds
from models.coverage import Heard
from models.errors import InvalidInput, NetworkError
from models.problems import Problem
from models.source import Source
from models.source_board import PAGE, Feed, SourceBoard, Wanted
from models.states import SourceHealth
from networks.feeds import split_credentials
from pipeline import known_feeds, source_lists, sources
from pipeline.reading_pages import set_reading
from pipeline.unit import Work
from web.asking import Id, choice
from web.feed_words import WARNINGS
from web.site import Administrator, Signed

router = APIRouter()
LONGEST_WORDS = 100
STOPPED = "source.stopped"
Page = Annotated[int, Query(ge=0, le=10_000)]


@router.get("/sumber")
def show(
    desk: Signed, keadaan: str = "", cari: str = "", halaman: Page = 0
) -> Response:
    wanted = Wanted(choice(SourceHealth, keadaan), cari.strip()[:LONGEST_WORDS])
    with desk.read() as work:
        board = SourceBoard(work.session)
        feeds = board.page(wanted, halaman, desk.now)
        values: dict[str, Any] = {
            "feeds": feeds[:PAGE],
            "more": len(feeds) > PAGE,
            "counts": board.counts(desk.now),
            "stopped_by": _stopped_by(work, feeds),
            "accounts": [one for one in work.accounts.listed() if one.hears],
        }
    return desk.page(
        "pages/sources.jinja",
        wanted=wanted,
        number=halaman,
        H=SourceHealth,
        R=Heard,
        **values,
    )


def _stopped_by(work: Work, feeds: Sequence[Feed]) -> dict[int, str]:
    """Who stopped a source in this office, by its id."""
    ids = [one.source.id for one in feeds if one.subscription.stopped_at]
    if not ids:
        return {}
    acts = [one for one in work.audit.about({Source: ids}) if one.action == STOPPED]
    names = work.offices.names([one.user_id for one in acts if one.user_id])
    return {
        one.subject_id: names.get(one.user_id or 0, "")
        for one in acts
        if one.subject_id is not None
    }


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


@router.get("/sumber/daftar")
def known(desk: Signed, cari: str = "") -> Response:
    """News feeds to begin with; none of them was asked before it is added."""
    words = cari.strip()[:LONGEST_WORDS]
    with desk.read() as work:
        rows = known_feeds.known_feeds(work, words)
    return desk.page(
        "pages/sources_known.jinja",
        rows=rows,
        words=words,
        search_evidence=news_feeds().search_evidence,
    )


@router.post("/sumber/daftar")
def add_known(
    desk: Administrator, umpan: Annotated[list[str] | None, Form()] = None
) -> Response:
    with desk.write() as work:
        known_feeds.add_known(work, desk.person, umpan or [], desk.now)
    return desk.go("/sumber", "sumber")


@router.post("/sumber/google")
def add_search(desk: Administrator, kata: Annotated[str, Form()]) -> Response:
    with desk.write() as work:
        known_feeds.add_search(work, desk.person, kata, desk.now)
    return desk.go("/sumber", "sumber")


@router.post("/sumber/coba")
def try_address(desk: Administrator, alamat: Annotated[str, Form()]) -> Response:
    """Fetch an address once and show what would be stored; nothing is."""
    found: sources.SourceCheck | None = None
    problem: Problem | None = None
    said = ""
    try:
        found = sources.check_source(alamat, desk.site.settings, desk.now)
    except InvalidInput as error:
        said = error.message
    except NetworkError as error:
        problem = error.problem
    return desk.page(
        "pages/sources_try.jinja",
        status=200 if found else 400,
        address=split_credentials(alamat)[0][: sources.LONGEST_URL],
        typed=alamat.strip(),
        found=found,
        why=problem,
        said_why=said,
        odd=WARNINGS,
    )


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


@router.post("/sumber/{source_id}/halaman")
def read_pages(
    desk: Administrator, source_id: Id, baca: Annotated[str, Form()] = ""
) -> Response:
    """Read the pages of its articles too, or no longer."""
    with desk.write() as work:
        set_reading(work, desk.person, source_id, desk.now, on=baca == "ya")
    return desk.go("/sumber", "sumber-halaman")


@router.post("/sumber/{source_id}/henti")
def stop(desk: Administrator, source_id: Id) -> Response:
    with desk.write() as work:
        sources.stop_source(work, desk.person, source_id, desk.now)
    return desk.go("/sumber", "sumber-henti")
