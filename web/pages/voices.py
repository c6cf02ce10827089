"""*Suara warga*: what was heard, why it is labelled so, and what the desk does."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Response

from config.words import N_
from models.boards import Boards
from models.dashboard import Dashboard
from models.errors import InvalidInput, NotAllowed, NotFound
from models.filters import Filters, Voices
from models.labels import Kind, Sentiment, Service, Severity
from models.lists import Lists
from models.query import LONGEST_QUERY, looser
from models.states import IdeaState, Reply
from models.suggestion_box import FORM
from pipeline import erasing, ideas, inbox, suggestions, wiring
from pipeline.unit import Work
from web.asking import Id, choice, cursor, whole
from web.labels import explain
from web.site import Desk, Signed
from web.snippets import snippet

router = APIRouter()
VIEWS = ("belum", "ragu", "apresiasi", "semua", "integritas")
OLDEST_FIRST = "lama"  # the order of the unanswered, from *Hari ini*


def filters_of(
    tampil: str = "",
    sentimen: str = "",
    jenis: str = "",
    layanan: str = "",
    keparahan: str = "",
    sumber: str = "",
    jawaban: str = "",
    urut: str = "",
    cari: Annotated[str, Query(max_length=2 * LONGEST_QUERY)] = "",
) -> tuple[str, Filters]:
    """The view and its filters, from the address.

    Raises:
        NotFound: a code in the address does not exist.
    """
    narrowed = any((sentimen, jenis, layanan, keparahan, sumber, jawaban, cari))
    view = tampil if tampil in VIEWS else ("semua" if narrowed else "belum")
    return view, Filters(
        waiting=view == "belum",
        unsure=view == "ragu",
        sentiment=choice(Sentiment, sentimen),
        kind=Kind.PRAISE if view == "apresiasi" else choice(Kind, jenis),
        service=choice(Service, layanan),
        severity=(Severity.S1 if view == "integritas" else choice(Severity, keparahan)),
        network=sumber,
        reply=choice(Reply, jawaban),
        words=cari.strip(),
        oldest_first=view == "belum" and urut == OLDEST_FIRST,
    )


Chosen = Annotated[tuple[str, Filters], Depends(filters_of)]


@router.get("/suara")
def show(desk: Signed, chosen: Chosen, sesudah: str = "") -> Response:
    return _page(desk, chosen, sesudah, None)


@router.get("/suara/{item_id}")
def show_one(desk: Signed, item_id: Id, chosen: Chosen, sesudah: str = "") -> Response:
    if desk.is_fragment:
        with desk.read() as work:
            values = _detail(desk, work, item_id)
        return desk.fragment("fragments/voice.jinja", **values)
    return _page(desk, chosen, sesudah, item_id)


@router.get("/suara/{item_id}/label")
def label(desk: Signed, item_id: Id) -> Response:
    """The label of one voice, asked for until it is there.

    One whose label says that only some may read it leads back to the list.
    """
    with desk.read() as work:
        try:
            values = _detail(desk, work, item_id)
        except NotAllowed:
            return Response(status_code=204, headers={"hx-redirect": "/suara"})
    return desk.fragment("fragments/label.jinja", **values)


@router.post("/suara/{item_id}/tandai")
def mark(
    desk: Signed,
    item_id: Id,
    jawab: Annotated[str, Form()],
    catatan: Annotated[str, Form()] = "",
) -> Response:
    reply = choice(Reply, jawab) or Reply.CLOSED
    with desk.write() as work:
        _readable(desk, Lists(work.session).voice(item_id).item.severity)
        inbox.mark(work, desk.person, item_id, reply, catatan.strip(), desk.now)
    return desk.go(f"/suara/{item_id}", "ditandai")


@router.post("/suara/{item_id}/hapus")
def erase(desk: Signed, item_id: Id, yakin: Annotated[str, Form()] = "") -> Response:
    """Erase the words of one voice because somebody asked."""
    if not yakin:
        raise InvalidInput(N_("Centang bahwa isinya dihapus untuk selamanya."), "yakin")
    erasing.erase_item(desk.site.store, desk.person, item_id, desk.now)
    return desk.go(f"/suara/{item_id}", "isi-hapus")


@router.post("/suara/{item_id}/jawab")
def answer(desk: Signed, item_id: Id, jawaban: Annotated[str, Form()] = "") -> Response:
    """Answer what came through a suggestion box."""
    with desk.write() as work:
        suggestions.answer(work, desk.person, item_id, jawaban, desk.now)
    return desk.go(f"/suara/{item_id}", "slip-jawab")


@router.post("/suara/{item_id}/kontak")
def contact(desk: Signed, item_id: Id, chosen: Chosen) -> Response:
    """The contact a citizen left, for whoever answers; each reading is written down."""
    with desk.write() as work:
        found = suggestions.contact_of(
            work, desk.site.vault, desk.person, item_id, desk.now
        )
    return _page(desk, chosen, "", item_id, contact=found)


@router.post("/suara/{item_id}/saran")
def to_idea(
    desk: Signed,
    item_id: Id,
    saran: Annotated[str, Form()] = "",
    judul: Annotated[str, Form()] = "",
) -> Response:
    """Make it an idea, or let it speak for one that is there."""
    with desk.write() as work:
        item = Lists(work.session).voice(item_id).item
        _readable(desk, item.severity)
        if saran:
            idea_id = whole(saran)
            if idea_id is None:
                raise NotFound(f"idea {saran[:20]!r}")
            ideas.add_evidence(work, desk.person, idea_id, item_id, desk.now)
            return desk.go(f"/saran/{idea_id}?suara={item_id}", "bukti")
        if not judul.strip():
            raise InvalidInput(N_("Tulis judul saran."), "judul")
        idea_id = ideas.make_idea(
            work, desk.person, [item_id], judul.strip()[:160], item.service, desk.now
        )
    return desk.go(f"/saran/{idea_id}?suara={item_id}", "saran")


def _page(
    desk: Desk,
    chosen: tuple[str, Filters],
    after: str,
    item_id: int | None,
    contact: str = "",
) -> Response:
    view, filters = chosen
    if filters.severity is Severity.S1 and not desk.reads_integrity:
        raise NotAllowed("S1 items are for those who may read them")
    with desk.read() as work:
        page, refused = _voices(desk, work, filters, after)
        numbers = Dashboard(work.session)
        detail = _detail(desk, work, item_id) if item_id is not None else None
        if detail is None and page.items:
            detail = _detail(desk, work, page.items[0].id)
        values: dict[str, Any] = {
            "view": view,
            "filters": filters,
            "voices": page,
            "refused": refused,
            "looser": looser(filters.words),
            "snippets": {
                item.id: snippet(item, page.marks[item.id])
                for item in page.items
                if item.id in page.marks
            },
            "detail": detail,
            "opened": item_id is not None,
            "contact": contact,
            "first": not after,
            "praise": None,
            "integrity": numbers.waiting(Severity.S1).count,
            "networks": [*wiring.NETWORKS, FORM, "feed"],
            "Kind": Kind,
            "Sentiment": Sentiment,
            "Service": Service,
            "Severity": Severity,
            "Reply": Reply,
            "query": _query(desk),
            "turned": _turned(desk, filters),
        }
    return desk.page("pages/voices.jinja", **values)


def _voices(
    desk: Desk, work: Work, filters: Filters, after: str
) -> tuple[Voices, InvalidInput | None]:
    """The page of a list; an empty one where the words cannot be read, and why."""
    lists = Lists(work.session)
    try:
        return lists.voices(
            filters, cursor(after), integrity=desk.reads_integrity
        ), None
    except InvalidInput as error:
        return Voices((), None), error


def _detail(desk: Desk, work: Work, item_id: int) -> dict[str, Any]:
    """One item with its labels; the words of S1 only for those who may read them.

    Raises:
        NotFound, NotAllowed: as named.
    """
    voice = Lists(work.session).voice(item_id)
    _readable(desk, voice.item.severity)
    boards = Boards(work.session)
    by = voice.item.reply_by
    return {
        "voice": voice,
        "item": voice.item,
        "explained": explain(voice.item, voice.labels),
        "ideas_of": boards.ideas_of(item_id),
        "ideas": [
            card
            for card in boards.ideas()
            if card.idea.state not in (IdeaState.DECLINED, IdeaState.DONE)
        ],
        "idea_title": ideas.title_of(voice.item.title, voice.item.text),
        "replied_by": work.offices.names({by}).get(by, "") if by else "",
        "slip": _slip(work, item_id),
        "Reply": Reply,
    }


def _slip(work: Work, item_id: int) -> dict[str, Any] | None:
    """What came with an item through a suggestion box."""
    found = work.suggestion_boxes.of_item(item_id)
    return None if found is None else {"slip": found[0], "box": found[1]}


def _readable(desk: Desk, severity: Severity | None) -> None:
    if severity is Severity.S1 and not desk.reads_integrity:
        raise NotAllowed("S1 items are for those who may read them")


def _query(desk: Desk) -> str:
    """The filters of this address, to keep them while an item is opened."""
    kept = [
        (name, value)
        for name, value in desk.request.query_params.multi_items()
        if value and name != "kabar"
    ]
    return f"?{urlencode(kept)}" if kept else ""


def _turned(desk: Desk, filters: Filters) -> str:
    """The same list from its other end."""
    kept = [
        (name, value)
        for name, value in desk.request.query_params.multi_items()
        if value and name not in ("kabar", "urut", "sesudah")
    ]
    order = [] if filters.oldest_first else [("urut", OLDEST_FIRST)]
    return f"/suara?{urlencode([*kept, *order])}"
