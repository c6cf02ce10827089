"""*Wartawan*: whom press releases go to, and whose address is off."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from models.person import May
from pipeline import mailing
from web.asking import Id
from web.site import Signed

router = APIRouter()


@router.get("/wartawan")
def show(desk: Signed) -> Response:
    desk.person.must(May.LIST_PRESS)
    with desk.read() as work:
        accounts = [one for one in work.accounts.listed() if mailing.has_list(one)]
        listed = work.recipients.listed([one.id for one in accounts])
    return desk.page(
        "pages/recipients.jinja",
        accounts=accounts,
        lists={
            account.id: [one for one in listed if one.account_id == account.id]
            for account in accounts
        },
    )


@router.post("/wartawan")
def add(
    desk: Signed,
    akun: Annotated[Id, Form()],
    nama: Annotated[str, Form()],
    surel: Annotated[str, Form()],
    media: Annotated[str, Form()] = "",
) -> Response:
    with desk.write() as work:
        mailing.add_recipient(work, desk.person, akun, nama, media, surel, desk.now)
    return desk.go("/wartawan", "penerima")


@router.post("/wartawan/{recipient_id}/hapus")
def remove(desk: Signed, recipient_id: Id) -> Response:
    with desk.write() as work:
        mailing.remove_recipient(work, desk.person, recipient_id, desk.now)
    return desk.go("/wartawan", "penerima-hapus")


@router.post("/wartawan/{recipient_id}/pakai")
def turn_on(desk: Signed, recipient_id: Id) -> Response:
    with desk.write() as work:
        mailing.turn_on(work, desk.person, recipient_id, desk.now)
    return desk.go("/wartawan", "penerima-pakai")
