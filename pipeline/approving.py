"""Decisions on what is asked for: signatures, sending back, and running out of time.

Each step is signed by another person, none of whom wrote or asked for it; only the last
signature lets it out. Each is bound to a hash of everything that goes out.
"""

from datetime import datetime

import structlog

from config.words import N_
from models.announcement import Announcement, Approval
from models.approval import Content
from models.changes import Changes, between
from models.errors import Conflict, InvalidInput, OwnWork, SignedAlready
from models.office import Office
from models.person import May, Person
from models.scope import SystemScope
from models.signature import MOST_STEPS, Signature
from models.states import ANNOUNCEMENT_MOVES, AnnouncementState, move
from pipeline import emergency, guarding
from pipeline.announcing import nothing_left, sendable
from pipeline.apart import each_apart
from pipeline.holding import outlook, window_of
from pipeline.mailing import recipients_of
from pipeline.queue import TaskName
from pipeline.unit import Store, Work

SCOPE = SystemScope("expire")

log = structlog.get_logger(__name__)


def approve(
    work: Work, by: Person, announcement_id: int, content_hash: str, now: datetime
) -> list[int]:
    """Sign exactly what ``content_hash`` names; the last signature schedules it.

    Returns:
        Ids of the deliveries, one an account, or one a recipient of its list; none
        while another signature is needed.

    Raises:
        OwnWork: ``by`` wrote or asked for it.
        SignedAlready: ``by`` signed an earlier step.
        NotAllowed: the role of ``by`` may not approve.
        Conflict: the content is not what was looked at, or it is not asked for, or
            it may be out already: a second post is another announcement.
        InvalidInput: its window has passed meanwhile.
    """
    announcement, approval = _asked(work, by, announcement_id)
    nothing_left(work, announcement_id)
    content = work.announcements.content(announcement_id)
    if not (content.hash == content_hash == approval.content_hash):
        raise Conflict(f"announcement {announcement_id} changed since it was read")
    sendable(work, content)
    guarding.must_stand(work, announcement_id, now)
    office = work.offices.by_id(by.office_id)
    not_after = window_of(office, content, approval.asked_at, now)
    if content.emergency:
        emergency.must_be_fixed(work, content)
        approval.countersign_by = emergency.due(office, now)
    step = sign(work, by, approval, now)
    if step < approval.steps:
        detail = f"{step}/{approval.steps} {content.hash}"
        work.audit.act(
            by, "announcement.sign", Announcement, announcement.id, now, detail
        )
        return []
    approval.decided_by = by.user_id
    approval.decided_at = now
    approval.approved = True
    announcement.state = move(
        ANNOUNCEMENT_MOVES, announcement.state, AnnouncementState.APPROVED
    )
    announcement.updated_at = now
    work.audit.act(
        by, "announcement.approve", Announcement, announcement.id, now, content.hash
    )
    return _schedule(work, announcement, content, not_after, now)


def send_back(
    work: Work, by: Person, announcement_id: int, reason: str, now: datetime
) -> None:
    """Return it to its author with a word; who signed already may do so too.

    Raises:
        InvalidInput: there is no word. NotAllowed, Conflict: as for :func:`approve`.
    """
    if not reason.strip():
        raise InvalidInput(
            N_("Tulis alasannya agar penulis dapat memperbaiki."), "reason"
        )
    announcement, approval = _asked(work, by, announcement_id)
    approval.decided_by = by.user_id
    approval.decided_at = now
    approval.approved = False
    approval.reason = reason.strip()
    announcement.state = move(
        ANNOUNCEMENT_MOVES, announcement.state, AnnouncementState.SENT_BACK
    )
    announcement.updated_at = now
    work.audit.act(
        by, "announcement.send_back", Announcement, announcement.id, now, reason.strip()
    )


def set_signatures(work: Work, by: Person, least: int, now: datetime) -> None:
    """Set how many signatures the office wants at least, of every kind.

    What is asked for already needs as many as when it was asked.

    Raises:
        NotAllowed: as named. InvalidInput: it is not 1 to 3.
    """
    by.must(May.ADMINISTER)
    if not 1 <= least <= MOST_STEPS:
        raise InvalidInput(N_("Jumlah tanda tangan: 1 sampai 3."), "signatures")
    office = work.offices.by_id(by.office_id)
    office.signatures = least
    work.audit.act(by, "office.signatures", Office, office.id, now, str(least))


def changes(work: Work, announcement_id: int) -> tuple[Approval, Changes] | None:
    """What is not as it was when it was last approved or sent back, and when that was.

    None where it never was, or an older program kept no words of it.
    """
    since = work.announcements.last_decided(announcement_id)
    if since is None:
        return None
    now = work.announcements.content(announcement_id)
    return since, between(Content.read(since.content), now)


def ends_at(office: Office, content: Content, approval: Approval) -> datetime:
    """When an asking runs out: as soon as what it asks for is too late to go out."""
    times = (content.publish_at, content.not_after)
    asked_at = approval.asked_at
    return outlook(office, content.category, *times, asked_at, asked_at).ends


def expire_due(store: Store, now: datetime) -> int:
    """End what was asked for and not decided in time, in every office; return how many.

    Each is a unit of its own, under the lock that a decision takes too.
    """
    with store.read(SCOPE) as work:
        asked = work.announcements.asked_of_all()
    return each_apart(store, asked, lambda work, one: expire(work, one, now), "expire")


def expire(work: Work, announcement_id: int, now: datetime) -> bool:
    """End one asking if its time is over and nobody has decided; whether it was."""
    announcement = work.announcements.get(announcement_id, lock=True)
    approval = work.announcements.latest_approval(announcement_id)
    if announcement.state is not AnnouncementState.ASKED or approval is None:
        return False
    content = work.announcements.content(announcement_id)
    ends = ends_at(work.offices.own(), content, approval)
    if ends > now:
        return False
    announcement.state = move(
        ANNOUNCEMENT_MOVES, announcement.state, AnnouncementState.EXPIRED
    )
    announcement.updated_at = now
    approval.voided_at = now
    work.audit.record(
        "announcement.expire",
        Announcement.__tablename__,
        announcement.id,
        at=now,
        office_id=announcement.office_id,
        detail=approval.content_hash,
    )
    log.info("expired", announcement=announcement.id)
    return True


def _asked(
    work: Work, by: Person, announcement_id: int
) -> tuple[Announcement, Approval]:
    """The announcement that waits for a decision which ``by`` may take."""
    by.must(May.APPROVE)
    announcement = work.announcements.get(announcement_id, lock=True)
    approval = work.announcements.latest_approval(announcement_id)
    if announcement.state is not AnnouncementState.ASKED or approval is None:
        raise Conflict(f"announcement {announcement_id} is not asked for")
    must_not_be_own(by, announcement.author_id, approval)
    return announcement, approval


def must_not_be_own(by: Person, author_id: int, approval: Approval) -> None:
    """Refuse the author's and the asker's own decision.

    Raises:
        OwnWork: as said.
    """
    if by.user_id in (author_id, approval.author_id, approval.asked_by):
        raise OwnWork("the author may not decide on their own announcement")


def sign(work: Work, by: Person, approval: Approval, now: datetime) -> int:
    """Put the next signature under an asking; return its step.

    Raises:
        SignedAlready: ``by`` signed an earlier one.
    """
    signed = work.signatures.of(approval.id)
    if by.user_id in {one.signed_by for one in signed}:
        raise SignedAlready("nobody signs twice")
    step = len(signed) + 1
    work.signatures.add(signature_of(approval, by.user_id, step, now))
    return step


def signature_of(
    approval: Approval, user_id: int, step: int, at: datetime
) -> Signature:
    """The row of one signature under an asking that is stored."""
    return Signature(
        office_id=approval.office_id,
        approval_id=approval.id,
        step=step,
        content_hash=approval.content_hash,
        author_id=approval.author_id,
        asked_by=approval.asked_by,
        signed_by=user_id,
        signed_at=at,
    )


def _schedule(
    work: Work,
    announcement: Announcement,
    content: Content,
    not_after: datetime,
    now: datetime,
) -> list[int]:
    work.enqueue(TaskName.PUBLISH)
    return work.schedule.put(
        announcement,
        [part.account_id for part in content.parts],
        due_at=max(announcement.publish_at or now, now),
        not_after=not_after,
        now=now,
        recipients=recipients_of(work, content),
    )
