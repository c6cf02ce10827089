"""Series: written, asked for, approved by somebody else, paused, ended.

An approval is bound to a hash of the whole plan, of the template's own words, and of
what it says on the next days. One changed byte voids it: :mod:`pipeline.occurring`
looks each time that it makes something.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.words import N_
from models.errors import Conflict, InvalidInput, NotFound, OwnWork
from models.person import May, Person
from models.recurrence import HORIZON, rule
from models.series import Series, SeriesApproval
from models.series_plan import Plan, SeriesContent
from models.states import SERIES_MOVES, AnnouncementState, SeriesState, move
from models.template import dated_fields
from pipeline import announcing
from pipeline.occurring import content_of, form_on, must_go, place_of
from pipeline.queue import TaskName
from pipeline.unit import Work

LONGEST_REASON = 500
RUNS_FOR = timedelta(days=365)
"""How long a series runs where nobody says until when."""
_EDITABLE = frozenset(SeriesState) - {SeriesState.ENDED}


def add(work: Work, by: Person, plan: Plan, now: datetime) -> int:
    """Write a new series; nothing is made of it before somebody else approves.

    Raises:
        NotAllowed, InvalidInput: nothing was stored.
    """
    by.must(May.WRITE)
    plan = checked(work, plan)
    row = Series(
        office_id=by.office_id,
        state=SeriesState.DRAFT,
        author_id=by.user_id,
        created_at=now,
        updated_at=now,
    )
    work.series.fill(row, plan)
    work.series.add(row)
    work.series.go_to(row, plan.accounts)
    work.audit.act(by, "series.draft", Series, row.id, now)
    return row.id


def edit(
    work: Work, by: Person, series_id: int, version: int, plan: Plan, now: datetime
) -> None:
    """Change a series; what was approved is void, and what was made is taken back.

    Raises:
        Conflict: somebody changed it since ``version`` was read, or it has ended.
        NotAllowed, InvalidInput: nothing was stored.
    """
    by.must(May.WRITE)
    row = work.series.get(series_id, lock=True)
    if row.version != version or row.state not in _EDITABLE:
        raise Conflict(f"series {series_id} is {row.state.value}, at {row.version}")
    plan = checked(work, plan)
    if plan == work.series.plan(row):
        return
    work.series.fill(row, plan)
    work.series.go_to(row, plan.accounts)
    row.author_id = by.user_id  # who wrote it last may not approve it
    was_approved = row.state in (SeriesState.APPROVED, SeriesState.VOID)
    row.state = SeriesState.VOID if was_approved else SeriesState.DRAFT
    row.trouble = ""
    _void(work, row, now)
    _changed(row, now)
    _take_back(work, by, row, now)
    work.audit.act(by, "series.edit", Series, row.id, now)


def ask(work: Work, by: Person, series_id: int, now: datetime) -> None:
    """Ask for approval of the series as it stands now.

    Raises:
        InvalidInput: what it says could not go out; ``field`` says where.
        Conflict: it is not in a state to be asked for.
    """
    by.must(May.WRITE)
    row = work.series.get(series_id, lock=True)
    since = today(work, now)
    content = _content(work, row, since)
    for one in content.occurrences:
        must_go(work, one, now)
    row.state = move(SERIES_MOVES, row.state, SeriesState.ASKED)
    row.trouble = ""
    _changed(row, now)
    work.session.add(
        SeriesApproval(
            office_id=row.office_id,
            series_id=row.id,
            content_hash=content.hash,
            since=since,
            author_id=row.author_id,
            asked_by=by.user_id,
            asked_at=now,
        )
    )
    work.audit.act(by, "series.ask", Series, row.id, now, content.hash)


def approve(
    work: Work, by: Person, series_id: int, content_hash: str, now: datetime
) -> None:
    """Approve exactly what ``content_hash`` names; the coming days are made at once.

    Raises:
        OwnWork: ``by`` wrote or asked for it.
        NotAllowed: the role of ``by`` may not approve.
        Conflict: it is not what was looked at, or it is not asked for.
        InvalidInput: the rules became stricter since it was asked for.
    """
    row, approval = _asked(work, by, series_id)
    content = _content(work, row, approval.since)
    if not (content.hash == content_hash == approval.content_hash):
        raise Conflict(f"series {series_id} changed since it was read")
    for one in content.occurrences:
        if one.publish_at is not None and one.publish_at > now:
            must_go(work, one, now)
    _decide(row, approval, by, SeriesState.APPROVED, now)
    row.active_since, row.paused_at = now, None
    work.audit.act(by, "series.approve", Series, row.id, now, content.hash)
    work.enqueue(TaskName.SERIES)


def send_back(
    work: Work, by: Person, series_id: int, reason: str, now: datetime
) -> None:
    """Return it to its author with a word.

    Raises:
        InvalidInput: there is no word. NotAllowed, Conflict: as for :func:`approve`.
    """
    why = reason.strip()
    if not why or len(why) > LONGEST_REASON:
        raise InvalidInput(
            N_("Tulis alasannya agar penulis dapat memperbaiki."), "reason"
        )
    row, approval = _asked(work, by, series_id)
    _decide(row, approval, by, SeriesState.SENT_BACK, now)
    approval.reason = why
    work.audit.act(by, "series.send_back", Series, row.id, now, why)


def pause(work: Work, by: Person, series_id: int, now: datetime) -> int:
    """Make nothing more of it for now; what has not left yet is taken back.

    Returns:
        How many announcements were taken back; they are made again when it goes on.

    Raises:
        Conflict: it is not approved, or paused already.
    """
    by.must(May.WRITE)
    row = work.series.get(series_id, lock=True)
    if not row.makes:
        raise Conflict(f"series {series_id} is {row.state.value}, or paused")
    row.paused_at = now
    _changed(row, now)
    work.audit.act(by, "series.pause", Series, row.id, now)
    return _take_back(work, by, row, now)


def resume(work: Work, by: Person, series_id: int, now: datetime) -> None:
    """Let a paused series go on; the days that passed meanwhile are not made up.

    Raises:
        Conflict: it is not paused.
    """
    by.must(May.WRITE)
    row = work.series.get(series_id, lock=True)
    if row.paused_at is None or row.state is not SeriesState.APPROVED:
        raise Conflict(f"series {series_id} is not paused")
    row.paused_at, row.active_since = None, now
    _changed(row, now)
    work.audit.act(by, "series.resume", Series, row.id, now)
    work.enqueue(TaskName.SERIES)


def end(work: Work, by: Person, series_id: int, now: datetime) -> int:
    """End it for good; what has not left yet is taken back.

    Returns:
        How many announcements were taken back.

    Raises:
        Conflict: it has ended.
    """
    by.must(May.WRITE)
    row = work.series.get(series_id, lock=True)
    row.state = move(SERIES_MOVES, row.state, SeriesState.ENDED)
    _void(work, row, now)
    _changed(row, now)
    work.audit.act(by, "series.end", Series, row.id, now)
    return _take_back(work, by, row, now)


def checked(work: Work, plan: Plan) -> Plan:
    """A plan that can be kept, its rule in canonical words, its fields without a day.

    Raises:
        InvalidInput: as ``field`` says.
    """
    try:
        made = plan.filled
    except NotFound:
        raise InvalidInput(N_("Templat tidak dikenal."), "template") from None
    dated = dated_fields(made)
    if len(dated) > 1:
        raise InvalidInput(
            N_("Templat ini memuat tanggal kedua, jadi tidak dapat dirutinkan."),
            "template",
        )
    if not plan.first <= plan.until <= plan.first + HORIZON:
        raise InvalidInput(
            N_("Tanggal akhir harus sesudah mulai, paling lama 800 hari."), "until"
        )
    text = rule(plan.rule, plan.first).text
    fields = {
        code: " ".join(value.split())
        for code, value in plan.fields.items()
        if value.strip() and code not in dated
    }
    accounts = tuple(sorted(set(plan.accounts)))
    kept = Plan(plan.template, fields, accounts, text, plan.first, plan.until, plan.at)
    form_on(kept, plan.first, place_of(work, kept))
    return kept


def asked_content(work: Work, series_id: int) -> SeriesContent:
    """What an approver reads, and whose hash they approve.

    Raises:
        Conflict: it was never asked for. InvalidInput: an account of it is gone.
    """
    approval = work.series.latest_approval(series_id)
    if approval is None:
        raise Conflict(f"series {series_id} is not asked for")
    return _content(work, work.series.get(series_id), approval.since)


def today(work: Work, now: datetime) -> date:
    """The office's day."""
    return now.astimezone(ZoneInfo(work.offices.own().timezone)).date()


def _content(work: Work, row: Series, since: date) -> SeriesContent:
    plan = work.series.plan(row)
    return content_of(plan, since, place_of(work, plan))


def _asked(work: Work, by: Person, series_id: int) -> tuple[Series, SeriesApproval]:
    """The series that waits for a decision which ``by`` may take."""
    by.must(May.APPROVE)
    row = work.series.get(series_id, lock=True)
    approval = work.series.latest_approval(series_id)
    if row.state is not SeriesState.ASKED or approval is None:
        raise Conflict(f"series {series_id} is not asked for")
    if by.user_id in (row.author_id, approval.author_id, approval.asked_by):
        raise OwnWork("the author may not decide on their own series")
    return row, approval


def _decide(
    row: Series, approval: SeriesApproval, by: Person, to: SeriesState, now: datetime
) -> None:
    row.state = move(SERIES_MOVES, row.state, to)
    approval.decided_by, approval.decided_at = by.user_id, now
    approval.approved = to is SeriesState.APPROVED
    _changed(row, now)


def _changed(row: Series, now: datetime) -> None:
    row.version += 1
    row.updated_at = now


def _void(work: Work, row: Series, now: datetime) -> None:
    approval = work.series.latest_approval(row.id)
    if approval is not None and approval.voided_at is None:
        approval.voided_at = now


def _take_back(work: Work, by: Person, row: Series, now: datetime) -> int:
    """Cancel what was made and cannot be out; its days may be made anew.

    What somebody edited since is theirs, and stays.
    """
    work.session.flush()
    taken = 0
    for made in work.series.made(row.id, since=today(work, now)):
        number, state = made.announcement_id, made.state
        if number is None or state is not AnnouncementState.APPROVED:
            continue
        if made.version > 1 or work.schedule.any_left(number, lock=True):
            continue
        announcing.cancel(work, by, number, "", now)
        work.series.free(row.id, made.day)
        taken += 1
    return taken
