"""The signature after the fact, of what went out in the emergency lane by one.

It is due within the office's time and may still come later. What is not signed by then
is written into the audit chain, and stands on *Hari ini* and in the doctor until it is.
"""

from datetime import datetime

import structlog

from config.words import N_
from models.announcement import Announcement
from models.errors import Conflict, InvalidInput
from models.office import Office
from models.person import May, Person
from models.scope import SystemScope
from pipeline.apart import each_apart
from pipeline.approving import must_not_be_own, sign
from pipeline.unit import Store, Work

SCOPE = SystemScope("countersign")
MOST_HOURS = 72

log = structlog.get_logger(__name__)


def countersign(
    work: Work, by: Person, announcement_id: int, content_hash: str, now: datetime
) -> None:
    """Sign after the fact what went out by one signature; late is better than never.

    Raises:
        OwnWork: ``by`` wrote or asked for it. SignedAlready: ``by`` let it out.
        NotAllowed: the role of ``by`` may not approve.
        Conflict: nothing waits for this signature, or it is not what was looked at.
    """
    by.must(May.APPROVE)
    work.announcements.get(announcement_id, lock=True)
    approval = work.countersigns.waiting_of(announcement_id)
    if approval is None or approval.content_hash != content_hash:
        raise Conflict(f"announcement {announcement_id} waits for no such signature")
    must_not_be_own(by, approval.author_id, approval)
    sign(work, by, approval, now)
    approval.countersigned_at = now
    assert approval.countersign_by is not None
    late = " late" if now > approval.countersign_by else ""
    work.audit.act(
        by,
        "announcement.countersign",
        Announcement,
        announcement_id,
        now,
        f"{content_hash}{late}",
    )


def set_hours(work: Work, by: Person, hours: int, now: datetime) -> None:
    """Set within how many hours the signature after the fact must come.

    What is out already keeps its time.

    Raises:
        NotAllowed: as named. InvalidInput: it is not 1 to 72.
    """
    by.must(May.ADMINISTER)
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidInput(N_("Waktu tanda tangan susulan: 1 sampai 72 jam."), "hours")
    office = work.offices.by_id(by.office_id)
    office.countersign_hours = hours
    work.audit.act(by, "office.countersign", Office, office.id, now, str(hours))


def report_missing(store: Store, now: datetime) -> int:
    """Put into the audit chain, once, what was not signed in time; return how many."""
    with store.read(SCOPE) as work:
        missing = [(one.office_id, one.id) for one in work.countersigns.overdue(now)]
    return each_apart(
        store, missing, lambda work, one: _report(work, one, now), "countersign"
    )


def _report(work: Work, approval_id: int, now: datetime) -> bool:
    approval = work.countersigns.get(approval_id)
    if approval.countersigned_at or approval.countersign_missed_at:
        return False
    approval.countersign_missed_at = now
    work.audit.record(
        "announcement.countersign_missed",
        Announcement.__tablename__,
        approval.announcement_id,
        at=now,
        office_id=approval.office_id,
        detail=approval.content_hash,
    )
    log.warning("countersign_missed", announcement=approval.announcement_id)
    return True
