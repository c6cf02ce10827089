"""*Kiriman*: what became of every post, and the three answers only a person has."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from models.lists import Lists
from models.states import Answer, DeliveryState
from pipeline import settling, wiring, withdrawing
from web.asking import Id, choice, cursor
from web.site import Signed

router = APIRouter()
_S = DeliveryState
VIEWS: Mapping[str, tuple[DeliveryState, ...]] = {
    "semua": (),
    "perlu": (_S.NEEDS_PERSON,),
    "ditahan": (_S.HELD,),
    "gagal": (_S.REJECTED, _S.MISSED),
    "terjadwal": (_S.SCHEDULED, _S.CLAIMED, _S.PREPARED, _S.ARMED, _S.UNCERTAIN),
    "terbit": (_S.PUBLISHED, _S.CORRECTED),
}

STANDING = "berdiri"  # what still stands of withdrawn or corrected announcements


@router.get("/kiriman")
def show(desk: Signed, tampil: str = "semua", sesudah: str = "") -> Response:
    view = tampil if tampil in (*VIEWS, STANDING) else "semua"
    with desk.read() as work:
        lists = Lists(work.session)
        standing = work.corrections.uncorrected() if view == STANDING else []
        still_stands = work.corrections.count_uncorrected()
        rows, older = lists.sent(VIEWS.get(view, ()), cursor(sesudah))
        counts = lists.count_deliveries()
        risks = work.preflights.risks(desk.now)
        gone = work.readings.gone_of([one.delivery.id for one in rows])
    return desk.page(
        "pages/deliveries.jinja",
        rows=rows,
        older=older,
        view=view,
        counts=counts,
        risks=risks,
        gone=gone,
        standing=standing,
        still_stands=still_stands,
        first=not sesudah,
        S=DeliveryState,
    )


@router.get("/kiriman/{delivery_id}")
def show_one(desk: Signed, delivery_id: Id) -> Response:
    with desk.read() as work:
        lists = Lists(work.session)
        sent = lists.delivery(delivery_id)
        values: dict[str, Any] = {
            "sent": sent,
            "attempts": lists.attempts(delivery_id),
            "account": work.accounts.get(sent.delivery.account_id),
            "seen": work.readings.seen([delivery_id])[delivery_id],
            "counts": wiring.capabilities(sent.network).numbers,
            "looks": work.preflights.of(delivery_id),
            "thread": work.deliveries.thread(delivery_id),
            "offer": withdrawing.offer(work, sent.delivery, desk.now),
            "content": work.announcements.content(sent.delivery.announcement_id),
            "S": DeliveryState,
        }
        row = values["offer"].row if values["offer"] else None
        names = work.offices.names({row.asked_by} if row else set())
        values["asked_by"] = names.get(row.asked_by, "") if row else ""
    return desk.page("pages/delivery.jinja", **values)


@router.get("/kiriman/{delivery_id}/baris")
def row(desk: Signed, delivery_id: Id) -> Response:
    """One row of the list, asked for again while it is on its way."""
    with desk.read() as work:
        sent = Lists(work.session).delivery(delivery_id)
        values: dict[str, Any] = {
            "risks": work.preflights.risks(desk.now),
            "gone": work.readings.gone_of([delivery_id]),
        }
    return desk.fragment(
        "fragments/delivery_row.jinja", sent=sent, S=DeliveryState, **values
    )


@router.post("/kiriman/{delivery_id}/jawab")
def answer(
    desk: Signed,
    delivery_id: Id,
    jawab: Annotated[str, Form()],
    tautan: Annotated[str, Form()] = "",
) -> Response:
    chosen = choice(Answer, jawab) or Answer.CANCEL
    with desk.write() as work:
        settling.answer(
            work, desk.person, delivery_id, chosen, desk.now, url=tautan.strip()
        )
    return desk.go(f"/kiriman/{delivery_id}", "dijawab")


@router.post("/kiriman/{delivery_id}/lepas")
def release(desk: Signed, delivery_id: Id) -> Response:
    with desk.write() as work:
        settling.release(work, desk.person, delivery_id, desk.now)
    return desk.go(f"/kiriman/{delivery_id}", "dilepas")


@router.post("/kiriman/{delivery_id}/batal")
def cancel(
    desk: Signed, delivery_id: Id, alasan: Annotated[str, Form()] = ""
) -> Response:
    with desk.write() as work:
        settling.cancel_delivery(work, desk.person, delivery_id, alasan, desk.now)
    return desk.go(f"/kiriman/{delivery_id}", "dibatalkan")
