"""*Tulis*: the text, its versions per account, when it goes out, and the asking."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from starlette.datastructures import FormData

from models.account import Account
from models.announcement import Announcement
from models.category import categories
from models.delivery import Delivery
from models.errors import Conflict, InvalidInput, NotFound
from models.office import Office
from models.person import May
from models.schedule import WAITING
from models.speech import VideoFacts
from models.states import AnnouncementState
from models.video import facts_of
from networks.counting import addresses
from pipeline import (
    announcing,
    guarding,
    holding,
    pictures,
    repeating,
    videos,
    wiring,
    withdrawing,
)
from pipeline.budget import load_prices
from pipeline.holding import Outlook
from pipeline.measuring import Finding
from pipeline.measuring import measure as measure_one
from pipeline.repeating import Nearby
from pipeline.unit import Work
from web import compose_form, flags
from web.asking import Id, IdOrNone, local_time, read_form, whole
from web.compose_form import Typed
from web.site import Desk, Signed

router = APIRouter()
Form = Annotated[FormData, Depends(read_form)]
OPEN = (
    AnnouncementState.DRAFT,
    AnnouncementState.SENT_BACK,
    AnnouncementState.VOID,
    AnnouncementState.EXPIRED,
    AnnouncementState.ASKED,
)


@router.get("/tulis")
def new(desk: Signed) -> Response:
    with desk.read() as work:
        accounts = work.accounts.listed()
        typed = Typed(chosen=frozenset(account.id for account in accounts))
        return _page(desk, work, typed)


@router.post("/tulis")
def create(desk: Signed, form: Form) -> Response:
    return _save(desk, form, None)


@router.post("/tulis/hitung")
def count(desk: Signed, form: Form) -> Response:
    """Count every text with the code that counts before sending."""
    number = whole(str(form.get("nomor") or "")) or 0
    with desk.read() as work:
        accounts = work.accounts.listed()
        typed = compose_form.read(form, accounts)
        announcement = work.announcements.get(number) if number else None
        looked = look(desk, work, accounts, typed, announcement)
        office = work.offices.by_id(desk.person.office_id)
        around = nearby(desk, work, typed, number or None)
    return desk.fragment(
        "fragments/findings.jinja",
        **looked,
        accounts=accounts,
        typed=typed,
        costs=costs(accounts, typed, looked["findings"]),
        times=times(desk, typed),
        outlook=outlook(desk, office, typed),
        nearby=around,
        fixed=False,
        live=True,
    )


@router.get("/tulis/{announcement_id}")
def open_one(desk: Signed, announcement_id: Id) -> Response:
    with desk.read() as work:
        announcement = work.announcements.get(announcement_id)
        return _page(desk, work, _stored(desk, work, announcement), announcement)


@router.post("/tulis/{announcement_id}")
def change(desk: Signed, announcement_id: Id, form: Form) -> Response:
    return _save(desk, form, announcement_id)


@router.post("/tulis/{announcement_id}/batal")
def cancel(desk: Signed, announcement_id: Id, form: Form) -> Response:
    with desk.write() as work:
        reason = str(form.get("alasan") or "")
        announcing.cancel(work, desk.person, announcement_id, reason, desk.now)
    return desk.go(f"/tulis/{announcement_id}", "dibatalkan")


@router.get("/gambar/{announcement_id}")
def picture(desk: Signed, announcement_id: Id, akun: IdOrNone = 0) -> Response:
    """The picture as it is kept; with an account, the very bytes that go there."""
    with desk.read() as work:
        announcement = work.announcements.get(announcement_id)
        image = pictures.of_announcement(work, announcement)
        if image is None:
            raise NotFound(f"picture of announcement {announcement_id}")
        account = work.accounts.get(akun) if akun else None
    if account is not None:
        image = pictures.for_account(image, account)
    return Response(image.content, media_type=image.media_type)


def look(
    desk: Desk,
    work: Work,
    accounts: Sequence[Account],
    typed: Typed,
    announcement: Announcement | None,
) -> dict[str, Any]:
    """What is typed as it is counted, and as the guard reads it."""
    media = work.announcements.media(announcement) if announcement else None
    stays = media is not None and not typed.drop_image
    film = facts_of(media) if stays and not typed.image else None
    findings = measure(accounts, typed, film, picture=media is not None)
    seen = typed.seen(media.sha256 if media else "")
    guard = guarding.guard_of(work, desk.now)
    overrides = (
        work.overrides.of_text(announcement.id, seen.hash) if announcement else []
    )
    return {
        "findings": findings,
        "guarded": guard.stands(seen, overrides),
        "overriders": work.offices.names({one.user_id for one in overrides}),
        "marked_texts": flags.marked(findings.values(), guard, desk.person.language),
    }


def measure(
    accounts: Sequence[Account],
    typed: Typed,
    film: VideoFacts | None = None,
    *,
    picture: bool = False,
) -> dict[int, Finding]:
    """The length on every account, by account id.

    Args:
        film: a video that is kept already.
        picture: one is kept already; one that is being chosen shows by its description.
    """
    alt = typed.alt_text if picture or typed.alt_text.strip() else None
    return {
        account.id: measure_one(
            account,
            typed.text_on(account.id),
            alt,
            film,
            thread=account.id in typed.threads,
        )
        for account in accounts
    }


def costs(
    accounts: Sequence[Account], typed: Typed, findings: Mapping[int, Finding]
) -> dict[int, int]:
    """What the post costs on accounts of paid networks, in rupiah."""
    prices = load_prices()
    return {
        account.id: sum(
            prices.idr(f"{account.network}.{_paid_for(post)}")
            for post in findings[account.id].thread or (typed.text_on(account.id),)
        )
        for account in accounts
        if wiring.capabilities(account.network).paid
        and typed.text_on(account.id).strip()
    }


def times(desk: Desk, typed: Typed) -> dict[str, datetime | None]:
    """The two times as they are understood; None where nothing readable stands."""
    return {
        "terbit": _time(typed.publish_at, desk),
        "batas": _time(typed.not_after, desk),
    }


def outlook(desk: Desk, office: Office, typed: Typed) -> Outlook:
    """What would hold the post back by itself."""
    read = times(desk, typed)
    return holding.outlook(
        office, typed.category, read["terbit"], read["batas"], desk.now, desk.now
    )


def nearby(desk: Desk, work: Work, typed: Typed, announcement_id: int | None) -> Nearby:
    """What the chosen accounts say already, or at nearly the same time."""
    texts = {account_id: typed.text_on(account_id) for account_id in typed.chosen}
    at = max(times(desk, typed)["terbit"] or desk.now, desk.now)
    return repeating.nearby(work, texts, typed.category, at, announcement_id)


def _time(text: str, desk: Desk) -> datetime | None:
    try:
        return local_time(text, desk.formats.zone, "")
    except InvalidInput:
        return None


def _paid_for(post: str) -> str:
    return "post_with_url" if addresses(post) else "post"


def _save(desk: Desk, form: FormData, announcement_id: int | None) -> Response:
    """Store what was typed; then, if wanted, ask for approval of it."""
    desk.person.must(May.WRITE)
    with desk.read() as work:
        accounts = work.accounts.listed()
    typed = compose_form.read(form, accounts)
    try:
        announcement_id = _store(desk, typed, announcement_id)
    except InvalidInput as error:
        return _again(desk, typed, announcement_id, error=error)
    except Conflict:
        if announcement_id is None:
            raise
        return _again(desk, typed, announcement_id, conflict=True)
    if form.get("aksi") != "minta":
        return desk.go(f"/tulis/{announcement_id}", "tersimpan")
    try:
        with desk.write() as work:
            reason = typed.guard_reason
            announcing.ask(
                work,
                desk.person,
                announcement_id,
                desk.now,
                reason,
                typed.repeat_reason,
            )
    except InvalidInput as error:
        return _again(desk, None, announcement_id, error=error, reason=reason)
    return desk.go(f"/tulis/{announcement_id}", "diminta")


def _store(desk: Desk, typed: Typed, announcement_id: int | None) -> int:
    filled = typed.as_form(desk.formats.zone)
    if typed.film is not None:
        most = desk.site.settings.max_video_mib * 1024 * 1024
        number = videos.keep(desk.site.store, desk.person, typed.film, most, desk.now)
        filled = replace(filled, video=number)
    with desk.write() as work:
        if announcement_id is None:
            return announcing.draft(work, desk.person, filled, desk.now)
        announcing.edit(
            work, desk.person, announcement_id, typed.version, filled, desk.now
        )
        return announcement_id


def _stoppable(announcement: Announcement, deliveries: Sequence[Delivery]) -> bool:
    """Whether something of it has not left yet, or nothing was ever scheduled."""
    if announcement.state is AnnouncementState.CANCELLED:
        return False
    return not deliveries or any(one.state in WAITING for one in deliveries)


def _again(
    desk: Desk,
    typed: Typed | None,
    announcement_id: int | None,
    *,
    error: InvalidInput | None = None,
    conflict: bool = False,
    reason: str = "",
) -> Response:
    """Show the form again with what was typed, and why it was not taken."""
    kept = typed is None  # the asking was refused, not what was typed
    with desk.read() as work:
        announcement = (
            work.announcements.get(announcement_id) if announcement_id else None
        )
        if typed is None:
            assert announcement is not None
            typed = _stored(desk, work, announcement)
            typed = replace(typed, guard_reason=reason)
        theirs = (
            _stored(desk, work, announcement) if conflict and announcement else None
        )
        status = 409 if conflict else 400
        return _page(
            desk,
            work,
            typed,
            announcement,
            status=status,
            error=error,
            theirs=theirs,
            kept=kept,
        )


def _stored(desk: Desk, work: Work, announcement: Announcement) -> Typed:
    variants = work.announcements.variants(announcement.id)
    return compose_form.of(announcement, variants, desk.formats.zone)


def _page(
    desk: Desk,
    work: Work,
    typed: Typed,
    announcement: Announcement | None = None,
    *,
    status: int = 200,
    error: InvalidInput | None = None,
    theirs: Typed | None = None,
    kept: bool = False,
) -> Response:
    accounts = work.accounts.listed()
    looked = look(desk, work, accounts, typed, announcement)
    values: dict[str, Any] = {
        **looked,
        "typed": typed,
        "announcement": announcement,
        "accounts": accounts,
        "costs": costs(accounts, typed, looked["findings"]),
        "times": times(desk, typed),
        "outlook": outlook(desk, work.offices.by_id(desk.person.office_id), typed),
        "nearby": nearby(desk, work, typed, announcement.id if announcement else None),
        "categories": categories(),
        "open_ones": work.announcements.listed(OPEN, limit=12),
        "approval": None,
        "signed": 0,
        "deliveries": [],
        "counts": {
            one.id: wiring.capabilities(one.network).numbers for one in accounts
        },
        "picture": None,
        "film": None,
        "error": error,
        "theirs": theirs,
        "kept": kept,
        "live": False,
    }
    if announcement is not None:
        values["approval"] = work.announcements.latest_approval(announcement.id)
        approval = values["approval"]
        values["signed"] = len(work.signatures.of(approval.id)) if approval else 0
        values["deliveries"] = work.schedule.of(announcement.id)
        ids = [one.id for one in values["deliveries"]]
        values["seen"] = work.readings.seen(ids)
        values["picture"] = work.announcements.media(announcement)
        values["film"] = facts_of(values["picture"])
        values["fixed"] = work.schedule.any_left(announcement.id) or (
            announcement.state is AnnouncementState.CANCELLED
        )
        values["original"], values["corrections"] = _linked(work, announcement)
        values["standing"] = bool(work.corrections.standing(announcement.id))
        values["withdrawable"] = withdrawing.stands(work, values["deliveries"])
        values["stoppable"] = _stoppable(announcement, values["deliveries"])
    else:
        values["fixed"] = False
    values["writes"] = desk.may(May.WRITE) and not values["fixed"]
    return desk.page("pages/compose.jinja", status, **values)


def _linked(
    work: Work, announcement: Announcement
) -> tuple[Announcement | None, Sequence[Announcement]]:
    """What an announcement corrects, and what corrects it."""
    corrects = announcement.corrects
    original = work.announcements.get(corrects) if corrects else None
    return original, work.corrections.of(announcement.id)
