"""Taking back what stands: one delivery, or an announcement wherever it stands."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from pipeline import correction_draft, withdrawing
from web.asking import Id
from web.site import Signed

router = APIRouter()


@router.post("/kiriman/{delivery_id}/tarik")
def withdraw(
    desk: Signed, delivery_id: Id, alasan: Annotated[str, Form()] = ""
) -> Response:
    with desk.write() as work:
        withdrawing.withdraw(work, desk.person, delivery_id, alasan, desk.now)
    return desk.go(f"/kiriman/{delivery_id}", "ditarik")


@router.post("/kiriman/{delivery_id}/terhapus")
def removed_by_hand(desk: Signed, delivery_id: Id) -> Response:
    with desk.write() as work:
        withdrawing.removed_by_hand(work, desk.person, delivery_id, desk.now)
    return desk.go(f"/kiriman/{delivery_id}", "terhapus")


@router.post("/tulis/{announcement_id}/tarik")
def withdraw_everywhere(
    desk: Signed, announcement_id: Id, alasan: Annotated[str, Form()] = ""
) -> Response:
    with desk.write() as work:
        withdrawing.withdraw_everywhere(
            work, desk.person, announcement_id, alasan, desk.now
        )
    return desk.go(f"/tulis/{announcement_id}", "ditarik")


@router.post("/tulis/{announcement_id}/ralat")
def correct(desk: Signed, announcement_id: Id) -> Response:
    """A draft that corrects what stands; it is approved as any other."""
    with desk.write() as work:
        number = correction_draft.begin(work, desk.person, announcement_id, desk.now)
    return desk.go(f"/tulis/{number}", "ralat")
