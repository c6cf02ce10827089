"""*Persetujuan*: exactly what would go out, and the one decision on it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response

from models.approval import Content
from models.category import categories
from models.person import May
from models.states import AnnouncementState
from models.video import facts_of
from pipeline import announcing, approving, countersigning, guarding, holding, repeating
from pipeline.unit import Work
from web import flags
from web.asking import Id
from web.site import Desk, Signed

router = APIRouter()


@router.get("/persetujuan")
def show(desk: Signed) -> Response:
    return _page(desk, None)


@router.get("/persetujuan/{announcement_id}")
def show_one(desk: Signed, announcement_id: Id) -> Response:
    return _page(desk, announcement_id)


@router.post("/persetujuan/{announcement_id}/setujui")
def approve(
    desk: Signed, announcement_id: Id, kode: Annotated[str, Form()]
) -> Response:
    with desk.write() as work:
        made = approving.approve(work, desk.person, announcement_id, kode, desk.now)
    return desk.go("/persetujuan", "disetujui" if made else "ditandatangani")


@router.post("/persetujuan/{announcement_id}/susulan")
def countersign(
    desk: Signed, announcement_id: Id, kode: Annotated[str, Form()]
) -> Response:
    """Sign after the fact what went out in the emergency lane."""
    with desk.write() as work:
        countersigning.countersign(work, desk.person, announcement_id, kode, desk.now)
    return desk.go("/persetujuan", "disusulkan")


@router.post("/persetujuan/{announcement_id}/kembalikan")
def send_back(
    desk: Signed, announcement_id: Id, alasan: Annotated[str, Form()] = ""
) -> Response:
    with desk.write() as work:
        approving.send_back(work, desk.person, announcement_id, alasan, desk.now)
    return desk.go("/persetujuan", "dikembalikan")


def _page(desk: Desk, chosen: int | None) -> Response:
    with desk.read() as work:
        waiting = work.announcements.listed((AnnouncementState.ASKED,), limit=100)
        names = work.offices.names({one.author_id for one in waiting})
        countersigns = work.countersigns.waiting()
        if chosen is None and waiting:
            chosen = waiting[0].id
        if chosen is None and countersigns:
            chosen = countersigns[0].announcement_id
        one = _one(desk, work, chosen) if chosen is not None else None
    return desk.page(
        "pages/approvals.jinja",
        asked_ones=waiting,
        authors=names,
        one=one,
        countersigns=countersigns,
        categories=categories(),
    )


def _one(desk: Desk, work: Work, announcement_id: int) -> dict[str, Any]:
    """Everything an approver looks at."""
    announcement = work.announcements.get(announcement_id)
    content = work.announcements.content(announcement_id)
    after = work.countersigns.waiting_of(announcement_id)
    if after is not None:  # what went out, whatever has become of it
        content = Content.read(after.content)
    approval = after or work.announcements.latest_approval(announcement_id)
    signed = work.signatures.of(approval.id) if approval else []
    involved = {announcement.author_id}
    if approval is not None:
        involved |= {approval.author_id, approval.asked_by}
    seen = guarding.Seen.of(content)
    guard = guarding.guard_of(work, desk.now)
    overrides = work.overrides.of_text(announcement_id, seen.hash)
    found = announcing.findings(work, announcement_id)
    outlook = holding.outlook(
        work.offices.by_id(announcement.office_id),
        content.category,
        content.publish_at,
        content.not_after,
        approval.asked_at if approval else desk.now,
        desk.now,
        emergency=bool(content.emergency),
    )
    return {
        "after": after,
        "hours": work.offices.own().countersign_hours,
        "guarded": guard.stands(seen, overrides),
        "overriders": work.offices.names({one.user_id for one in overrides}),
        "marked_texts": flags.marked(found, guard, desk.person.language),
        "announcement": announcement,
        "original": work.announcements.get(content.corrects)
        if content.corrects
        else None,
        "outlook": outlook,
        "nearby": repeating.nearby_content(work, content, announcement_id, desk.now),
        "late": outlook.ends <= desk.now,
        "content": content,
        "film": facts_of(work.announcements.media(announcement)),
        "hash": content.hash,
        "approval": approval,
        "changes": approving.changes(work, announcement_id),
        "findings": {one.account_id: one for one in found},
        "signed": signed,
        "signed_here": desk.person.user_id in {one.signed_by for one in signed},
        "names": work.offices.names(involved | {one.signed_by for one in signed}),
        "own": desk.person.user_id in involved,
        "wrote": desk.person.user_id
        in {announcement.author_id, approval.author_id if approval else None},
        "may": desk.may(May.APPROVE),
        "asked": announcement.state is AnnouncementState.ASKED,
    }
