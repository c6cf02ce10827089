"""What holds a post back by itself: its window, the quiet hours, and being late.

An announcement has a kind (``config/data/announcements.toml``). That says when the post
is no longer worth saying, whether it speaks in quiet hours, and what becomes of it when
it is late. Decisions only, but for :func:`set_quiet` and :func:`end_quiet`.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from config.words import N_
from models.approval import Content
from models.category import CatchUp, Category, categories
from models.delivery import Delivery
from models.errors import InvalidInput
from models.office import Office
from models.person import May, Person
from models.problems import WORDS, Problem
from models.quiet import QuietHours
from pipeline.queue import TaskName
from pipeline.unit import Work


def known_category(code: str) -> None:
    """Refuse a kind of announcement that the data does not have.

    Raises:
        InvalidInput: as said.
    """
    if code not in categories().by_code:
        raise InvalidInput(N_("Jenis pengumuman tidak dikenal."), "category")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What holds a post back by itself, told before anybody approves it."""

    category: Category
    ends: datetime  # it must not go out any more
    quiet_until: datetime | None  # its time lies in the quiet hours


def outlook(
    office: Office,
    code: str,
    publish_at: datetime | None,
    not_after: datetime | None,
    asked_at: datetime,
    now: datetime,
    *,
    emergency: bool = False,
) -> Outlook:
    """When a post goes and until when, as its author says, else as its kind does.

    Args:
        code: of its kind.
        asked_at: its window begins there if it goes out as soon as it is approved.
        now: aware.
        emergency: of the emergency lane, which quiet hours do not hold.
    """
    category = categories().of(code)
    zone = ZoneInfo(office.timezone)
    ends = not_after or category.too_late(publish_at or asked_at, zone)
    due = max(publish_at or now, now)
    until = due if emergency else quiet_until(office, category, due)
    return Outlook(category, ends, until if until > due else None)


def steps_of(office: Office, code: str) -> int:
    """How many signatures an announcement of that kind needs in that office."""
    return max(categories().of(code).signatures, office.signatures)


def window_of(
    office: Office, content: Content, asked_at: datetime, now: datetime
) -> datetime:
    """When the post must not go out any more; refuse what would be missed anyhow.

    Raises:
        InvalidInput: that has passed, or lies in the quiet hours that hold it.
    """
    times = (content.publish_at, content.not_after)
    urgent = bool(content.emergency)
    found = outlook(office, content.category, *times, asked_at, now, emergency=urgent)
    if found.ends <= now:
        raise InvalidInput(WORDS[Problem.WINDOW_PASSED], "not_after")
    if found.quiet_until is not None and found.quiet_until >= found.ends:
        raise InvalidInput(
            N_(
                "Waktu terbitnya di jam tenang, dan batasnya habis sebelum jam tenang "
                "selesai. Pilih waktu lain."
            ),
            "publish_at",
        )
    return found.ends


def quiet_until(office: Office, category: Category, at: datetime) -> datetime:
    """When a post of that kind may go that is due ``at``; ``at`` itself if not held."""
    zone, quiet = ZoneInfo(office.timezone), office.quiet
    if quiet is None or category.passes_quiet or not quiet.holds(at, zone):
        return at
    return quiet.ends(at, zone)


def held_back(
    office: Office,
    category: Category,
    row: Delivery,
    now: datetime,
    *,
    emergency: bool = False,
) -> Problem | None:
    """Why a post of that kind does not go by itself now; None when it does.

    A late one of a kind that asks waits for a person, who lets it go or cancels it. It
    is late from its time on; or from when a person, or the end of the quiet hours, let
    it go on.
    """
    due = row.due_at if row.released_at is None else max(row.due_at, row.released_at)
    if category.catch_up is CatchUp.ASK and now - due > category.late_after:
        return Problem.OVERDUE
    if not emergency and quiet_until(office, category, now) > now:
        return Problem.QUIET_HOURS
    return None


def quiet_hours(start: str, end: str) -> QuietHours | None:
    """Read two times of day as a person types them; None when both are empty.

    Raises:
        InvalidInput: one is no time, is missing, or they are the same.
    """
    texts = (start.strip(), end.strip())
    if texts == ("", ""):
        return None
    try:
        begins, ends = (time.fromisoformat(text.replace(".", ":")) for text in texts)
    except ValueError:
        begins = ends = time()
    if begins == ends or begins.tzinfo or ends.tzinfo:
        raise InvalidInput(
            N_("Isi jam mulai dan jam selesai yang berbeda, misalnya 22.00 dan 05.00."),
            "quiet",
        )
    return QuietHours(begins, ends)


def end_quiet(work: Work, now: datetime) -> int:
    """Let go on what quiet hours held that are over; return how many deliveries."""
    released = 0
    for office in work.schedule.offices_with(Problem.QUIET_HOURS):
        zone = ZoneInfo(office.timezone)
        if office.quiet is None or not office.quiet.holds(now, zone):
            released += work.schedule.end_quiet(office.id, now)
    return released


def set_quiet(work: Work, by: Person, quiet: QuietHours | None, now: datetime) -> None:
    """Set the quiet hours of the office of ``by``, or do away with them.

    Raises:
        NotAllowed: as named.
    """
    by.must(May.ADMINISTER)
    office = work.offices.by_id(by.office_id)
    office.quiet = quiet
    said = str(quiet) if quiet else ""
    work.audit.act(by, "office.quiet", Office, office.id, now, said)
    end_quiet(work, now)
    work.enqueue(TaskName.PUBLISH)
