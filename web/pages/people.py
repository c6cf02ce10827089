"""*Pengguna*: who may sign in, in which role."""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from models.signature import MOST_STEPS
from models.states import Role
from pipeline import approving, countersigning, guarding, people
from web.asking import Id, choice
from web.site import Administrator, Desk

router = APIRouter()
LINK_MINUTES = 60


@router.get("/pengguna")
def show(desk: Administrator) -> Response:
    return _page(desk)


@router.post("/pengguna")
def add(
    desk: Administrator,
    nama: Annotated[str, Form()],
    masuk: Annotated[str, Form()],
    peran: Annotated[str, Form()],
) -> Response:
    """Add a person; they sign in first by a one-time link."""
    role = choice(Role, peran) or Role.OFFICER
    with desk.write() as work:
        people.add_user(
            work,
            desk.person.office_id,
            masuk,
            nama,
            role,
            None,
            desk.now,
            desk.person,
        )
    return desk.go("/pengguna", "orang")


@router.post("/pengguna/kontak")
def set_contacts(desk: Administrator, kontak: Annotated[str, Form()] = "") -> Response:
    """Keep what the guard takes for the office's own numbers."""
    with desk.write() as work:
        guarding.set_contacts(work, desk.person, kontak, desk.now)
    return desk.go("/pengguna", "kontak")


@router.post("/pengguna/tanda-tangan")
def set_signatures(desk: Administrator, jumlah: Annotated[int, Form()]) -> Response:
    """Keep how many people must approve an announcement, of every kind."""
    with desk.write() as work:
        approving.set_signatures(work, desk.person, jumlah, desk.now)
    return desk.go("/pengguna", "tanda-tangan")


@router.post("/pengguna/susulan")
def set_hours(desk: Administrator, jam: Annotated[int, Form()]) -> Response:
    """Keep within how many hours an emergency is signed after the fact."""
    with desk.write() as work:
        countersigning.set_hours(work, desk.person, jam, desk.now)
    return desk.go("/pengguna", "susulan")


@router.post("/pengguna/{user_id}/tautan")
def link(desk: Administrator, user_id: Id) -> Response:
    """Make a one-time link, shown once."""
    with desk.read() as work:
        user = work.offices.user(user_id)
    token = people.make_link(
        desk.site.store, desk.scope, user_id, desk.now, LINK_MINUTES
    )
    base = desk.site.settings.public_url or str(desk.request.base_url)
    address = f"{base.rstrip('/')}/masuk/tautan?kode={token}"
    return _page(desk, link=address, link_for=user.name)


@router.post("/pengguna/{user_id}/keadaan")
def set_active(
    desk: Administrator, user_id: Id, aktif: Annotated[str, Form()]
) -> Response:
    with desk.write() as work:
        people.set_active(work, user_id, aktif == "ya", desk.now, desk.person)
    return desk.go("/pengguna")


def _page(desk: Desk, link: str = "", link_for: str = "") -> Response:
    with desk.read() as work:
        users = work.offices.users()
        office = work.offices.own()
    return desk.page(
        "pages/people.jinja",
        users=users,
        contacts=office.public_contacts,
        signatures=office.signatures,
        approvers=sum(one.active and one.role is Role.APPROVER for one in users),
        hours=office.countersign_hours,
        most_hours=countersigning.MOST_HOURS,
        most_signatures=MOST_STEPS,
        link=link,
        link_for=link_for,
        minutes=LINK_MINUTES,
        Role=Role,
    )
