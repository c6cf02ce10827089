"""Announcements: written, changed, asked for, moved, cancelled.

What is asked for is decided in :mod:`pipeline.approving`. An approval is bound to a
hash of everything that goes out: whoever changes one byte voids it, and what was
scheduled is held until it is approved again.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from config.words import N_
from models.announcement import Announcement, Approval
from models.approval import Content
from models.errors import Conflict, InvalidInput
from models.person import May, Person
from models.problems import WORDS, Problem
from models.states import ANNOUNCEMENT_MOVES, AnnouncementState, move
from models.video import facts_of
from pipeline import guarding, pictures
from pipeline.correcting import must_be_written
from pipeline.holding import known_category, steps_of, window_of
from pipeline.mailing import recipients_of
from pipeline.measuring import Finding, measured, thread_of
from pipeline.pictures import ImageForm
from pipeline.repeating import reason_to_repeat
from pipeline.unit import Work

LONGEST_NUMBER = 80
_LINE = re.compile(r"[^\x00-\x1f\x7f\u0085\u2028\u2029]*")  # may stand in a letter
LONGEST_TEXT = 20_000  # characters we keep at all; networks allow far less
_EDITABLE = frozenset(
    {
        AnnouncementState.DRAFT,
        AnnouncementState.ASKED,
        AnnouncementState.SENT_BACK,
        AnnouncementState.APPROVED,
        AnnouncementState.VOID,
        AnnouncementState.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class AnnouncementForm:
    """What the composer sends; ``variants`` maps account ids to texts.

    An empty variant text means the common body. Times are aware. ``keep_image`` keeps
    the picture that is there when no new one comes.
    """

    title: str
    body: str
    variants: Mapping[int, str]
    publish_at: datetime | None = None
    not_after: datetime | None = None
    category: str = "umum"
    image: ImageForm | None = None
    video: int | None = None  # number of a kept one, in place of a picture
    keep_image: bool = True
    alt_text: str = ""
    letter_number: str = ""  # nomor surat; one line
    threads: Collection[int] = ()  # accounts where a text too long becomes a thread


def draft(work: Work, by: Person, form: AnnouncementForm, now: datetime) -> int:
    """Write a new announcement; nothing goes out before somebody else approves.

    Raises:
        NotAllowed, InvalidInput: nothing was stored.
    """
    by.must(May.WRITE)
    _check(form)
    announcement = Announcement(
        office_id=by.office_id,
        title=form.title.strip(),
        body=form.body,
        category=form.category,
        state=AnnouncementState.DRAFT,
        author_id=by.user_id,
        created_at=now,
        updated_at=now,
    )
    work.announcements.add(announcement)
    _fill(work, announcement, form, now)
    work.audit.act(by, "announcement.draft", Announcement, announcement.id, now)
    return announcement.id


def edit(
    work: Work,
    by: Person,
    announcement_id: int,
    version: int,
    form: AnnouncementForm,
    now: datetime,
) -> None:
    """Change an announcement; what was approved is void, what was due is held.

    Raises:
        Conflict: somebody changed it since ``version`` was read, or it is out already.
        NotAllowed, InvalidInput: nothing was stored.
    """
    by.must(May.WRITE)
    _check(form)
    announcement = work.announcements.get(announcement_id, lock=True)
    if announcement.version != version:
        raise Conflict(f"announcement {announcement_id} is at {announcement.version}")
    if announcement.state not in _EDITABLE:
        raise Conflict(f"announcement {announcement_id} is {announcement.state.value}")
    nothing_left(work, announcement_id)
    before = work.announcements.content(announcement_id).hash
    announcement.title = form.title.strip()
    announcement.body = form.body
    announcement.category = form.category
    announcement.emergency = ""  # whoever writes freely takes the ordinary way
    _fill(work, announcement, form, now)
    announcement.version += 1
    announcement.updated_at = now
    if work.announcements.content(announcement_id).hash != before:
        announcement.author_id = by.user_id  # who wrote it last may not approve it
        _unsettle(work, announcement, now)
    work.audit.act(by, "announcement.edit", Announcement, announcement.id, now)


def ask(
    work: Work,
    by: Person,
    announcement_id: int,
    now: datetime,
    reason: str = "",
    repeat_reason: str = "",
) -> None:
    """Ask for approval of the announcement as it stands now.

    Args:
        reason: why what the guard blocks must stand; kept with who asks.
        repeat_reason: why a text goes out that stands on the same account already;
            kept with the asking, where one does.

    Raises:
        InvalidInput: it cannot go out like this (too long, no account, past window,
            something that the guard blocks, a repetition without a reason).
        Conflict: it is not in a state to be asked for, or it may be out already.
    """
    by.must(May.WRITE)
    announcement = work.announcements.get(announcement_id, lock=True)
    nothing_left(work, announcement_id)
    content = work.announcements.content(announcement_id)
    sendable(work, content)
    must_be_written(content)
    office = work.offices.by_id(by.office_id)
    window_of(office, content, now, now)
    guarding.must_pass(work, by, announcement_id, reason, now)
    why = reason_to_repeat(work, content, announcement_id, repeat_reason, now)
    announcement.state = move(
        ANNOUNCEMENT_MOVES, announcement.state, AnnouncementState.ASKED
    )
    announcement.updated_at = now
    work.session.add(
        Approval(
            office_id=announcement.office_id,
            announcement_id=announcement.id,
            content_hash=content.hash,
            author_id=announcement.author_id,
            asked_by=by.user_id,
            asked_at=now,
            repeat_reason=why,
            steps=1 if content.emergency else steps_of(office, content.category),
            content=content.canonical.decode(),
        )
    )
    work.audit.act(
        by, "announcement.ask", Announcement, announcement.id, now, content.hash
    )
    if why:
        work.audit.act(
            by, "announcement.repeat", Announcement, announcement.id, now, why
        )


def cancel(
    work: Work, by: Person, announcement_id: int, reason: str, now: datetime
) -> None:
    """Stop whatever of it has not left yet; what is out stays out.

    Raises:
        Conflict: it is cancelled already, or every delivery has left.
    """
    by.must(May.WRITE)
    announcement = work.announcements.get(announcement_id, lock=True)
    announcement.state = move(
        ANNOUNCEMENT_MOVES, announcement.state, AnnouncementState.CANCELLED
    )
    announcement.updated_at = now
    _void(work, announcement_id, now)
    work.schedule.cancel(announcement_id, reason.strip(), now)
    work.audit.act(
        by, "announcement.cancel", Announcement, announcement.id, now, reason.strip()
    )


def reschedule(
    work: Work,
    by: Person,
    announcement_id: int,
    at: datetime | None,
    now: datetime,
    *,
    version: int | None = None,
    window_moves: bool = False,
) -> None:
    """Choose another time to publish; that is another content, to be approved anew.

    Args:
        version: the one that was looked at, where a person looked.
        window_moves: "not after" moves as far as the time does.

    Raises:
        Conflict: somebody changed it since, or some of it may be out already.
    """
    by.must(May.WRITE)
    announcement = work.announcements.get(announcement_id, lock=True)
    if version not in (None, announcement.version):
        raise Conflict(f"announcement {announcement_id} is at {announcement.version}")
    if announcement.state not in _EDITABLE:
        raise Conflict(f"announcement {announcement_id} is {announcement.state.value}")
    nothing_left(work, announcement_id)
    before, not_after = announcement.publish_at, announcement.not_after
    if window_moves and at and before and not_after:
        not_after += at - before
    _window(at, not_after)
    if before == at:
        return
    announcement.publish_at, announcement.not_after = at, not_after
    announcement.emergency = ""
    announcement.version += 1
    announcement.updated_at = now
    _unsettle(work, announcement, now)
    work.audit.act(by, "announcement.reschedule", Announcement, announcement.id, now)


def findings(work: Work, announcement_id: int) -> list[Finding]:
    """Count every text of a stored announcement as its network does."""
    content = work.announcements.content(announcement_id)
    accounts = {a.id: a for a in work.accounts.listed()}
    film = facts_of(work.announcements.media_named(content.media_sha256))
    return [
        measured(accounts[part.account_id], part.posts, alt_of(content), film)
        for part in content.parts
        if part.account_id in accounts
    ]


def alt_of(content: Content) -> str | None:
    """The description of the picture; None without one."""
    return content.alt_text if content.media_sha256 else None


def _check(form: AnnouncementForm) -> None:
    if not form.title.strip():
        raise InvalidInput(N_("Judul harus diisi."), "title")
    if len(form.title) > 160:
        raise InvalidInput(N_("Judul paling panjang 160 huruf."), "title")
    for text in (form.body, *form.variants.values()):
        if len(text) > LONGEST_TEXT:
            raise InvalidInput(N_("Teks paling panjang 20.000 huruf."), "body")
    if len(form.letter_number) > LONGEST_NUMBER or not _LINE.fullmatch(
        form.letter_number
    ):
        raise InvalidInput(
            N_("Nomor surat: satu baris, paling panjang 80 huruf."), "letter_number"
        )
    known_category(form.category)
    _window(form.publish_at, form.not_after)


def nothing_left(work: Work, announcement_id: int) -> None:
    """Refuse to touch what may be out already.

    Raises:
        Conflict: as said.
    """
    if work.schedule.any_left(announcement_id, lock=True):
        raise Conflict(f"announcement {announcement_id} is out already")


def _window(publish_at: datetime | None, not_after: datetime | None) -> None:
    if publish_at and not_after and not_after <= publish_at:
        raise InvalidInput(
            N_("“Jangan terbit setelah” harus sesudah waktu terbit."), "not_after"
        )


def _fill(
    work: Work, announcement: Announcement, form: AnnouncementForm, now: datetime
) -> None:
    """Put times, picture and variants of the form on the row."""
    announcement.publish_at = form.publish_at
    announcement.not_after = form.not_after
    announcement.letter_number = form.letter_number.strip()
    known = {account.id: account for account in work.accounts.listed()}
    if not set(form.variants) <= set(known):
        raise InvalidInput(N_("Akun tidak dikenal."), "variants")
    if form.image is not None:
        accounts = [known[account_id] for account_id in form.variants]
        announcement.media_id = pictures.keep(work, form.image, accounts, now)
        announcement.alt_text = form.image.alt.strip()
    elif form.video is not None:
        announcement.media_id = work.videos.get(form.video).id
        announcement.alt_text = form.alt_text.strip()
    elif form.keep_image:
        announcement.alt_text = form.alt_text.strip() if announcement.media_id else ""
    else:
        announcement.media_id = None
        announcement.alt_text = ""
    threads = {
        account_id: thread_of(known[account_id], text or form.body)
        for account_id, text in form.variants.items()
        if account_id in form.threads
    }
    work.announcements.replace_variants(announcement, form.variants, threads)


def sendable(work: Work, content: Content) -> None:
    """Refuse to ask for what could not go out."""
    if not content.parts:
        raise InvalidInput(N_("Pilih paling sedikit satu akun."), "variants")
    accounts = {account.id: account for account in work.accounts.listed()}
    film = facts_of(work.announcements.media_named(content.media_sha256))
    for part in content.parts:
        account = accounts[part.account_id]
        found = measured(account, part.posts, alt_of(content), film)
        if found.problem is not None:
            raise InvalidInput(WORDS[found.problem], f"variant-{part.account_id}")
    chosen = [accounts[part.account_id] for part in content.parts]
    pictures.check_alt(content, chosen)
    recipients_of(work, content)


def _unsettle(work: Work, announcement: Announcement, now: datetime) -> None:
    """After a change: back to draft, or void when it was approved."""
    if announcement.state is AnnouncementState.APPROVED:
        announcement.state = AnnouncementState.VOID
        work.schedule.hold(announcement.id, Problem.APPROVAL_VOID, now)
    elif announcement.state is not AnnouncementState.VOID:
        announcement.state = AnnouncementState.DRAFT
    _void(work, announcement.id, now)


def _void(work: Work, announcement_id: int, now: datetime) -> None:
    approval = work.announcements.latest_approval(announcement_id)
    if approval is not None and approval.voided_at is None:
        approval.voided_at = now
        if not work.schedule.any_left(announcement_id):
            approval.countersign_by = None  # nothing of it was ever out
