"""The draft of a public correction, where the original stands."""

from datetime import datetime

from models.announcement import Announcement
from models.category import categories
from models.errors import Conflict
from models.person import May, Person
from pipeline import wiring
from pipeline.announcing import AnnouncementForm, draft
from pipeline.correcting import text_of
from pipeline.unit import Work

CATEGORY = "klarifikasi"
"""A correction is as urgent as a clarification, whatever it corrects."""


def begin(work: Work, by: Person, announcement_id: int, now: datetime) -> int:
    """Draft a correction for every account where an announcement stands.

    Returns:
        The id of the new draft; it is approved as any other.

    Raises:
        NotAllowed, NotFound: as named. Conflict: it stands nowhere.
    """
    by.must(May.WRITE)
    original = work.announcements.get(announcement_id)
    known = {account.id: account for account in work.accounts.listed()}
    standing = [
        row
        for row in work.corrections.standing(announcement_id)
        if row.account_id in known
    ]
    if not standing:
        raise Conflict(f"announcement {announcement_id} stands nowhere")
    title = standing[0].sent_title or original.title
    said = max((row.sent_text for row in standing), key=len)
    body = text_of(title, said)
    variants: dict[int, str] = {}
    for row in standing:
        answers = wiring.capabilities(known[row.account_id].network).replies
        by_link = bool(row.url) and not answers
        variants[row.account_id] = f"{body}\n\n{row.url}" if by_link else ""
    kind = CATEGORY if CATEGORY in categories().by_code else original.category
    form = AnnouncementForm(f"Ralat: {title}"[:160], body, variants, category=kind)
    number = draft(work, by, form, now)
    work.announcements.get(number).corrects = announcement_id
    work.audit.act(
        by, "announcement.correct", Announcement, announcement_id, now, str(number)
    )
    return number
