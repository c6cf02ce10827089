"""*Akun*: the office's accounts, in rehearsal or live, stopped or connected anew."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from starlette.datastructures import FormData

from config.words import N_
from models.errors import InvalidInput
from models.states import AccountHealth, AccountMode
from models.stop import Target, by_account
from models.token import token_trouble
from pipeline import (
    accounts,
    mailing,
    permissions,
    signing_in,
    stopping,
    wiring,
)
from web.asking import Id, read_form
from web.site import Administrator, Desk, Signed

router = APIRouter()
UNTOLD_SHOWN = timedelta(days=7)


@router.get("/akun")
def show(desk: Signed, jaringan: str = "") -> Response:
    with desk.read() as work:
        listed = work.accounts.listed()
        stops = by_account(work.stops.standing(desk.now))
        stoppers = {one.made_by for one in stops.values() if one.made_by is not None}
        names_of = work.offices.names(stoppers)
        untold = work.events.given_up(desk.now - UNTOLD_SHOWN)
    return desk.page(
        "pages/accounts.jinja",
        accounts=listed,
        names_of=names_of,
        stops=stops,
        may_end=stopping.may_end,
        token_trouble=token_trouble,
        has_list=mailing.has_list,
        untold=untold,
        networks=wiring.all_capabilities(),
        needed=permissions.needed,
        sign_in=wiring.sign_in,
        chosen=jaringan if jaringan in wiring.NETWORKS else next(iter(wiring.NETWORKS)),
        Mode=AccountMode,
        Health=AccountHealth,
    )


@router.post("/akun")
def connect(
    desk: Administrator, form: Annotated[FormData, Depends(read_form)]
) -> Response:
    """Try the credentials on the network and keep them; in rehearsal."""
    accounts.connect_account(
        desk.site.store,
        desk.site.vault,
        desk.site.settings,
        desk.person,
        network=str(form.get("jaringan") or ""),
        base_url=str(form.get("alamat") or "").strip(),
        secrets=_typed(form),
        now=desk.now,
    )
    return desk.go("/akun", "gladi")


@router.post("/akun/masuk")
def begin_sign_in(
    desk: Administrator, form: Annotated[FormData, Depends(read_form)]
) -> Response:
    """Ask the network where the person lets us in, and show it."""
    network = str(form.get("jaringan") or "")
    try:
        begun = signing_in.begin(
            desk.site.vault,
            desk.site.settings,
            desk.person,
            network=network,
            base_url=str(form.get("alamat") or "").strip(),
            typed=_typed(form),
            now=desk.now,
        )
    except InvalidInput as error:
        return _begin_anew(desk, network, error)
    known = wiring.capabilities(begun.network)
    return desk.page(
        "pages/account_sign_in.jinja",
        refused="",
        begun=begun,
        here=known,
        needed=permissions.needed(known),
        minutes=round(signing_in.WITHIN.total_seconds() / 60),
    )


@router.post("/akun/masuk/kode")
def finish_sign_in(
    desk: Administrator,
    titipan: Annotated[str, Form()] = "",
    kode: Annotated[str, Form()] = "",
    jaringan: Annotated[str, Form()] = "",
) -> Response:
    """Give the code for the account's keys and connect it; in rehearsal."""
    try:
        signing_in.finish(
            desk.site.store,
            desk.site.vault,
            desk.site.settings,
            desk.person,
            sealed=titipan,
            code=kode,
            now=desk.now,
        )
    except InvalidInput as error:
        return _begin_anew(desk, jaringan, error)
    return desk.go("/akun", "gladi")


def _begin_anew(desk: Desk, network: str, error: InvalidInput) -> Response:
    """Say why a sign-in went no further, with the way back to its beginning."""
    known = wiring.capabilities(network) if network in wiring.SIGN_INS else None
    return desk.page(
        "pages/account_sign_in.jinja", 400, refused=error.message, here=known
    )


def _typed(form: FormData) -> dict[str, str]:
    """The keys of the form, by their own names."""
    return {
        name.removeprefix("kunci-"): value
        for name, value in form.multi_items()
        if name.startswith("kunci-") and isinstance(value, str)
    }


@router.post("/akun/{account_id}/henti")
def stop(desk: Signed, account_id: Id, alasan: Annotated[str, Form()] = "") -> Response:
    if not alasan.strip():
        raise InvalidInput(N_("Tulis alasan penghentian."), "alasan")
    with desk.write(durable=True) as work:
        stopping.stop(work, desk.person, Target(account_id), alasan, None, desk.now)
    return desk.go("/akun", "dihentikan")


@router.post("/akun/{account_id}/lanjut")
def resume(desk: Signed, account_id: Id) -> Response:
    with desk.write() as work:
        stopping.end_all_of(work, desk.person, Target(account_id), desk.now)
    return desk.go("/akun", "dilanjutkan")


@router.post("/akun/{account_id}/aktif")
def golive(desk: Administrator, account_id: Id) -> Response:
    with desk.write() as work:
        accounts.golive(work, desk.person, account_id, desk.now)
    return desk.go("/akun", "aktif")


@router.post("/akun/{account_id}/gladi")
def rehearse(desk: Administrator, account_id: Id) -> Response:
    with desk.write() as work:
        accounts.back_to_rehearsal(work, desk.person, account_id, desk.now)
    return desk.go("/akun", "gladi")
