"""*Pantauan*: queries that the desk keeps, and what answers them now."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response

from models.errors import InvalidInput
from models.filters import Filters, Voices
from models.lists import Lists
from models.query import LONGEST_QUERY
from pipeline import saved_queries
from web.asking import Id
from web.site import Desk, Signed
from web.snippets import snippet

router = APIRouter()
SHOWN = 5
Words = Annotated[str, Query(max_length=2 * LONGEST_QUERY)]


@router.get("/pantauan")
def show(desk: Signed, cari: Words = "") -> Response:
    return _page(desk, words=cari)


@router.get("/pantauan/coba")
def attempt(desk: Signed, kata: Words = "") -> Response:
    """What a query would find, while a person types it."""
    return desk.fragment("fragments/query_found.jinja", **_found(desk, kata.strip()))


@router.get("/pantauan/{query_id}")
def edit(desk: Signed, query_id: Id) -> Response:
    return _page(desk, query_id)


@router.get("/pantauan/{query_id}/terbaru")
def newest(desk: Signed, query_id: Id) -> Response:
    """What answers a kept query, asked for once its row is shown."""
    with desk.read() as work:
        words = work.saved_queries.get(query_id).words
    return desk.fragment("fragments/query_found.jinja", **_found(desk, words))


@router.post("/pantauan")
def add(
    desk: Signed,
    nama: Annotated[str, Form()] = "",
    kata: Annotated[str, Form()] = "",
) -> Response:
    return _save(desk, None, nama, kata)


@router.post("/pantauan/{query_id}")
def change(
    desk: Signed,
    query_id: Id,
    nama: Annotated[str, Form()] = "",
    kata: Annotated[str, Form()] = "",
) -> Response:
    return _save(desk, query_id, nama, kata)


@router.post("/pantauan/{query_id}/hapus")
def remove(desk: Signed, query_id: Id) -> Response:
    with desk.write() as work:
        saved_queries.remove(work, desk.person, query_id, desk.now)
    return desk.go("/pantauan", "pantauan-hapus")


def _save(desk: Desk, query_id: int | None, name: str, words: str) -> Response:
    """Keep it; what cannot be kept stays in the form, with the reason beside it."""
    try:
        with desk.write() as work:
            saved_queries.save(work, desk.person, name, words, desk.now, query_id)
    except InvalidInput as error:
        return _page(desk, query_id, name, words, error)
    return desk.go("/pantauan", "pantauan")


def _page(
    desk: Desk,
    query_id: int | None = None,
    name: str | None = None,
    words: str | None = None,
    error: InvalidInput | None = None,
) -> Response:
    with desk.read() as work:
        kept = work.saved_queries.listed()
        opened = None if query_id is None else work.saved_queries.get(query_id)
        people = work.offices.names({one.changed_by for one in kept})
    if opened is not None:
        name = opened.name if name is None else name
        words = opened.words if words is None else words
    return desk.page(
        "pages/queries.jinja",
        status=400 if error else 200,
        kept=kept,
        opened=opened,
        people=people,
        name=name or "",
        words=words or "",
        error=error,
        **_found(desk, (words or "").strip()),
    )


def _found(desk: Desk, words: str) -> dict[str, Any]:
    """The newest that answer ``words``; the reason where they cannot be read."""
    page, refused = Voices((), None), None
    if words:
        with desk.read() as work:
            try:
                page = Lists(work.session).voices(
                    Filters(words=words), None, integrity=desk.reads_integrity
                )
            except InvalidInput as error:
                refused = error
    return {
        "asked": words,
        "found": [
            (item, snippet(item, page.marks[item.id])) for item in page.items[:SHOWN]
        ],
        "number": len(page.items),
        "more": page.onward is not None,
        "refused": refused,
    }
