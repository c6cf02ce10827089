"""The announcements of the coming days, made from approved series; each day once.

What is previewed, what is approved and what is made come from :func:`occurrence`. A day
is made in one transaction with the row that says so, under the lock of its series: a
crash leaves both or neither, and a second clock finds the row. A unique constraint
stands behind that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from config.holidays import Holidays, load_holidays
from config.settings import Settings
from config.words import N_
from models.account import Account
from models.announcement import Announcement, Approval
from models.approval import Content, Part
from models.errors import Conflict, InvalidInput
from models.office import Office
from models.recurrence import moment, rule
from models.scope import OfficeScope, SystemScope
from models.series import Series, SeriesApproval
from models.series_plan import Day, Plan, SeriesContent, days, upcoming
from models.states import SERIES_MOVES, AnnouncementState, SeriesState, move
from models.template import with_date
from pipeline import guarding, templating
from pipeline.announcing import AnnouncementForm, sendable
from pipeline.approving import signature_of
from pipeline.holding import outlook, steps_of, window_of
from pipeline.mailing import recipients_of
from pipeline.queue import TaskName
from pipeline.unit import Store, Work

AHEAD = timedelta(days=7)
"""How far ahead announcements stand in the calendar."""
SHOWN = 10
"""So many coming days a preview shows."""
APPROVED_DAYS = 10
"""On so many days of the rule an approver reads the texts, and is bound to them."""
LOOKED_BACK = timedelta(days=31)
"""So far back a day is noticed that passed without its announcement."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """What a series' texts depend on beside its plan."""

    office: Office
    accounts: tuple[Account, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.office.timezone)


def place_of(work: Work, plan: Plan) -> Place:
    """The office and the accounts of a plan.

    Raises:
        InvalidInput: none is chosen, or one is no longer there.
    """
    known = {one.id: one for one in work.accounts.listed()}
    if not plan.accounts:
        raise InvalidInput(N_("Pilih paling sedikit satu akun."), "accounts")
    if not set(plan.accounts) <= set(known):
        raise InvalidInput(
            N_("Ada akun yang tidak lagi tersambung. Pilih akun lain."), "accounts"
        )
    chosen = tuple(known[one] for one in sorted(plan.accounts))
    return Place(work.offices.own(), chosen)


def form_on(plan: Plan, day: date, place: Place) -> AnnouncementForm:
    """The announcement of one day, as the composer would have typed it.

    Raises:
        InvalidInput: a field is missing or cannot be read.
    """
    given = with_date(plan.filled, plan.fields, day)
    done = templating.filled(plan.filled, given, place.office.name, place.zone)
    return templating.form(done, place.accounts, moment(day, plan.at, place.zone))


def occurrence(plan: Plan, day: date, place: Place) -> Content:
    """What goes out on one day, whole; the hash of it is what the ledger looks for.

    Raises:
        InvalidInput: see :func:`form_on`.
    """
    return _content(form_on(plan, day, place), place.accounts)


def content_of(plan: Plan, since: date, place: Place) -> SeriesContent:
    """What an approval is bound to; the texts are of the days of the rule after one.

    Holidays are not of it: a day declared free later voids no approval.

    Raises:
        InvalidInput: the plan cannot be read, or has no day after ``since``.
    """
    made = rule(plan.rule, plan.first)
    coming = made.dates(since, plan.until)
    shown = [day for day, _ in zip(coming, range(APPROVED_DAYS), strict=False)]
    if not shown:
        raise InvalidInput(
            N_("Tidak ada lagi hari terbit sampai tanggal itu."), "until"
        )
    texts = tuple(occurrence(plan, day, place) for day in shown)
    return SeriesContent(plan, place.zone.key, texts)


def must_go(work: Work, content: Content, now: datetime) -> datetime:
    """Refuse what could not go out; return when it is no longer worth saying.

    Raises:
        InvalidInput: it does not fit, its window has passed or lies in the quiet hours,
            the guard blocks it, or it needs more signatures than a series has, which
            is one. A series has no overrides.
    """
    sendable(work, content)
    if steps_of(work.offices.own(), content.category) > 1:
        raise InvalidInput(
            N_(
                "Jenis ini perlu lebih dari satu tanda tangan, jadi tidak dapat "
                "dirutinkan. Buat pengumumannya satu per satu."
            ),
            "template",
        )
    if any(
        one.held
        for one in guarding.guard_of(work, now).stands(guarding.Seen.of(content))
    ):
        raise InvalidInput(
            N_(
                "Ada isi yang ditahan penjaga. Ubah isiannya, atau tulis pengumumannya "
                "satu per satu dengan alasan."
            ),
            guarding.FIELD,
        )
    return window_of(work.offices.own(), content, now, now)


def make_due(store: Store, settings: Settings, now: datetime) -> int:
    """Make what is missing of the coming days, in every office; return how many.

    One series' trouble does not keep the others; the next look tries again.

    Raises:
        SettingsProblem: a file of holidays cannot be used; nothing is made.
    """
    with store.read(SystemScope("series")) as work:
        living = work.series.living()
    if not living:
        return 0
    holidays = load_holidays(settings.holidays_folder)
    made = 0
    for office_id, series_id in living:
        try:
            with store.write(OfficeScope(office_id)) as work:
                made += len(make(work, series_id, holidays, now))
        except Exception:  # the edge of this job: the other series go on
            log.exception("series_failed", series=series_id)
    return made


def make(work: Work, series_id: int, holidays: Holidays, now: datetime) -> list[int]:
    """Make the announcements of a series that are missing; return their ids.

    Nothing, where it is not approved, paused, or made already. What was changed since
    the approval voids it; a day that cannot be made leaves a word on the series.
    """
    row = work.series.get(series_id, lock=True)
    approval = work.series.latest_approval(series_id)
    if not row.makes or approval is None or approval.decided_by is None:
        return []
    plan = work.series.plan(row)
    try:
        place = place_of(work, plan)
        stands = content_of(plan, approval.since, place).hash == approval.content_hash
    except InvalidInput:
        stands = False
    if not (stands and approval.approved) or approval.voided_at is not None:
        _void(work, row, approval, now)
        return []
    row.trouble = ""
    found = []
    for day in missing(work, row, plan, holidays, now):
        try:
            number = _make_one(work, row, approval, plan, day, place, now)
        except InvalidInput as error:
            row.trouble = error.message
            continue
        if number is not None:
            found.append(number)
    return found


def missing(
    work: Work, row: Series, plan: Plan, holidays: Holidays, now: datetime
) -> list[date]:
    """The days up to :data:`AHEAD` that should be made and are not."""
    assert row.active_since is not None
    zone = ZoneInfo(work.offices.own().timezone)
    today = now.astimezone(zone).date()
    begin = max(row.active_since.astimezone(zone).date(), today - LOOKED_BACK)
    known = work.series.known_days(row.id, begin)
    coming = days(plan, holidays, begin - timedelta(days=1), today + AHEAD)
    return [
        one.day
        for one in coming
        if one.skip is None
        and one.day not in known
        and moment(one.day, plan.at, zone) > row.active_since
    ]


def look_ahead(
    work: Work, plan: Plan, holidays: Holidays, now: datetime, most: int = SHOWN
) -> list[tuple[Day, Content | None]]:
    """The next days with what goes out on them; None on those that are skipped.

    Raises:
        InvalidInput: the plan cannot be read, or an account is gone.
    """
    place = place_of(work, plan)
    here = now.astimezone(place.zone)
    begin = here.date() - timedelta(days=here.time() < plan.at)
    return [
        (one, None if one.skip else occurrence(plan, one.day, place))
        for one in upcoming(plan, holidays, begin, most)
    ]


def _make_one(
    work: Work,
    row: Series,
    approval: SeriesApproval,
    plan: Plan,
    day: date,
    place: Place,
    now: datetime,
) -> int | None:
    """One announcement with the approval of its series; None where it is too late."""
    form = form_on(plan, day, place)
    content = _content(form, place.accounts)
    at = moment(day, plan.at, place.zone)
    seen = outlook(place.office, content.category, at, None, now, now)
    if seen.ends <= now:
        work.series.note(row, day, None, now)
        _record(work, row, "series.missed", now, day.isoformat())
        return None
    not_after = must_go(work, content, now)
    announcement = Announcement(
        office_id=row.office_id,
        title=form.title,
        body=form.body,
        category=form.category,
        state=AnnouncementState.APPROVED,
        author_id=approval.author_id,
        publish_at=at,
        created_at=now,
        updated_at=now,
    )
    work.announcements.add(announcement)
    work.announcements.replace_variants(announcement, form.variants, {})
    if work.announcements.content(announcement.id).hash != content.hash:
        raise Conflict(f"series {row.id}: what was stored is not what was previewed")
    _carry(work, announcement, approval)
    work.series.note(row, day, announcement.id, now)
    said = f"series {row.id}, approval {approval.content_hash}, {content.hash}"
    work.audit.record(
        "announcement.of_series",
        Announcement.__tablename__,
        announcement.id,
        at=now,
        office_id=row.office_id,
        detail=said,
    )
    work.schedule.put(
        announcement,
        [part.account_id for part in content.parts],
        due_at=at,
        not_after=not_after,
        now=now,
        recipients=recipients_of(work, content),
    )
    work.enqueue(TaskName.PUBLISH)
    return announcement.id


def _carry(work: Work, announcement: Announcement, approval: SeriesApproval) -> None:
    """The approval of the series, as the announcement's own."""
    assert approval.decided_by is not None
    assert approval.decided_at is not None
    content = work.announcements.content(announcement.id)
    row = Approval(
        office_id=announcement.office_id,
        announcement_id=announcement.id,
        content_hash=content.hash,
        author_id=approval.author_id,
        asked_by=approval.asked_by,
        asked_at=approval.asked_at,
        decided_by=approval.decided_by,
        decided_at=approval.decided_at,
        approved=True,
        content=content.canonical.decode(),
    )
    work.session.add(row)
    work.session.flush()
    signed = signature_of(row, approval.decided_by, 1, approval.decided_at)
    work.signatures.add(signed)


def _void(work: Work, row: Series, approval: SeriesApproval, now: datetime) -> None:
    row.state = move(SERIES_MOVES, row.state, SeriesState.VOID)
    row.trouble = N_("Isi berubah setelah disetujui. Minta persetujuan lagi.")
    row.updated_at = now
    approval.voided_at = approval.voided_at or now
    _record(work, row, "series.void", now)


def _record(
    work: Work, row: Series, action: str, now: datetime, detail: str = ""
) -> None:
    table = Series.__tablename__
    work.audit.record(
        action, table, row.id, at=now, office_id=row.office_id, detail=detail
    )


def _content(form: AnnouncementForm, accounts: Sequence[Account]) -> Content:
    return Content(
        title=form.title,
        category=form.category,
        parts=tuple(
            Part(a.id, a.network, a.handle, form.variants[a.id] or form.body)
            for a in accounts
        ),
        media_sha256="",
        alt_text="",
        publish_at=form.publish_at,
        not_after=None,
    )
