"""*Kunci program*: tokens of the office's own programs, made and taken back.

It has no entry in the menu: few offices have such programs, and each key borrows the
role of a person. So it stands behind a card of *Pengguna*, beside whose roles they are.
"""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Response

from models.states import Role
from pipeline import api_tokens
from web.asking import Id, choice, whole
from web.site import Administrator, Desk

router = APIRouter()


@router.get("/kunci")
def show(desk: Administrator) -> Response:
    return _page(desk)


@router.post("/kunci")
def make(
    desk: Administrator,
    nama: Annotated[str, Form()],
    peran: Annotated[str, Form()] = "officer",
    boleh: Annotated[str, Form()] = "",
    hari: Annotated[str, Form()] = "",
) -> Response:
    """Make a token, shown once on the page that answers."""
    days = whole(hari.strip()) if hari.strip() else None
    with desk.write(durable=True) as work:
        token = api_tokens.make(
            work,
            desk.person,
            nama,
            choice(Role, peran) or Role.OFFICER,
            desk.now,
            acts=boleh == "ya",
            lives=None if days is None else timedelta(days=min(days, 10_000)),
        )
    return _page(desk, token, nama)


@router.post("/kunci/{token_id}/cabut")
def end(desk: Administrator, token_id: Id) -> Response:
    with desk.write() as work:
        api_tokens.end(work, desk.person, token_id, desk.now)
    return desk.go("/kunci", "kunci-cabut")


def _page(desk: Desk, token: str = "", token_for: str = "") -> Response:
    with desk.read() as work:
        rows = work.api_tokens.listed()
        makers = work.offices.names({one.made_by for one in rows})
    return desk.page(
        "pages/keys.jinja",
        rows=rows,
        makers=makers,
        token=token,
        token_for=token_for,
        most=api_tokens.MOST_CALLS,
        Role=Role,
    )
