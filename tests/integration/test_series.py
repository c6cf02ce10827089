"""A series: approved once by another person, each of its days made exactly once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from config.failures import SettingsProblem
from config.holidays import Holidays
from config.settings import Settings
from models.account import Account
from models.announcement import Announcement, Approval
from models.errors import Conflict, InvalidInput, NotAllowed, NotFound, OwnWork
from models.office import Office
from models.person import Person
from models.problems import Problem
from models.quiet import QuietHours
from models.scope import OfficeScope
from models.series import SeriesAccount, SeriesApproval, SeriesDate
from models.series_plan import Skip, upcoming
from models.states import AnnouncementState, DeliveryState, Role, SeriesState
from pipeline import announcing, approving, doctor, occurring, series
from pipeline.settling import after_restore
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.ledger_kit import TEST, Desk, Wall
from tests.integration.series_kit import DAY, FIELDS, Routine

# From Tuesday 24 November 2026, 09.00 WIB: 06.00 has passed, so tomorrow is the first.
COMING = [date(2026, 11, day) for day in range(25, 31)] + [date(2026, 12, 1)]
SIX = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)  # Wednesday, 06.00 WIB


@pytest.fixture
def routine(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Routine:
    return Routine(Desk(store, office, people, Wall(tmp_path / "wall.jsonl")))


def test_the_coming_week_is_made_and_each_day_once(routine: Routine) -> None:
    one = routine.running()
    made = routine.make(one)
    assert routine.days(one) == COMING
    assert len(made) == 7
    assert routine.make(one) == [], "a second look finds nothing to do"
    assert len(routine.announcements()) == 7
    assert routine.make(one, NOW + DAY), "the next day brings the next one"
    assert routine.days(one) == [*COMING, date(2026, 12, 2)]


def test_two_clocks_at_the_same_moment_make_each_day_once(routine: Routine) -> None:
    one = routine.running()
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: routine.make(one), range(2)))
    assert sorted(map(len, both)) == [0, 7]
    assert len(routine.announcements()) == 7


def test_the_database_itself_refuses_a_day_for_the_second_time(
    routine: Routine,
) -> None:
    one = routine.running()
    routine.make(one)
    with pytest.raises(IntegrityError), routine.desk.store.write(TEST) as work:
        row = work.series.get(one)
        work.series.note(row, COMING[0], None, NOW)


def test_a_crash_in_the_middle_leaves_no_half_of_a_day(
    routine: Routine, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = routine.running()
    note, seen = routine_note(), []

    def dies(*args: Any) -> None:
        seen.append(args)
        if len(seen) == 3:
            raise KeyboardInterrupt
        note(*args)

    monkeypatch.setattr("models.series.SeriesRows.note", dies)
    with pytest.raises(KeyboardInterrupt):
        routine.make(one)
    assert (routine.announcements(), routine.days(one)) == ([], [])
    monkeypatch.undo()
    routine.make(one)
    assert routine.days(one) == COMING
    assert len(routine.announcements()) == 7


def routine_note() -> Callable[..., None]:
    from models.series import SeriesRows

    return SeriesRows.note


def test_the_ledger_sends_what_was_made_at_its_time_and_not_before(
    routine: Routine,
) -> None:
    one = routine.running()
    routine.make(one)
    job = routine.desk.job()
    assert not job.send_next(SIX - timedelta(minutes=1))
    while job.send_next(SIX):
        pass
    with routine.desk.store.read(routine.desk.office) as work:
        place = occurring.place_of(work, routine.plan())
    wanted = occurring.occurrence(routine.plan(), COMING[0], place)
    assert routine.desk.wall.texts() == [part.text for part in wanted.parts]
    assert "Rabu, 25 November 2026" in routine.desk.wall.texts()[0]


def test_what_is_previewed_is_what_is_made(routine: Routine) -> None:
    plan = routine.plan()
    with routine.desk.store.read(routine.desk.office) as work:
        shown = occurring.look_ahead(work, plan, routine.holidays, NOW, most=7)
    routine.make(routine.running())
    made = [routine.content(one.id).hash for one in routine.announcements()]
    assert made == [content.hash for _, content in shown if content]
    assert [one.day for one, _ in shown] == COMING


def test_the_approval_is_carried_and_author_and_approver_stay_two(
    routine: Routine,
) -> None:
    one = routine.running()
    number, *_ = routine.make(one)
    with routine.desk.store.read(routine.desk.office) as work:
        made = work.announcements.latest_approval(number)
        assert made is not None
        assert work.announcements.approval_problem(number) is None
        content = work.announcements.content(number)
    assert made.content_hash == content.hash
    assert (made.author_id, made.decided_by) == (
        routine.officer.user_id,
        routine.approver.user_id,
    )
    for column in ("author_id", "asked_by"):
        with pytest.raises(IntegrityError):
            own = {column: routine.approver.user_id}
            routine.desk.change(SeriesApproval, 1, **own)
    assert routine.row(one).state is SeriesState.APPROVED


def test_nobody_approves_their_own_series(routine: Routine) -> None:
    mine = routine.add(by=routine.approver)
    code = routine.ask(mine)
    with pytest.raises(OwnWork):
        routine.approve(mine, code)
    asked = routine.add()
    code = routine.ask(asked, by=routine.approver)
    with pytest.raises(OwnWork):
        routine.approve(asked, code)
    for role in (Role.OFFICER, Role.ADMIN):
        with pytest.raises((NotAllowed, OwnWork)):
            routine.approve(asked, code, by=routine.desk.people[role])
    assert routine.make(asked) == []


def changes(r: Routine) -> dict[str, Callable[[int], None]]:
    """One byte of each thing that an approval is bound to; the last stay changed."""
    office, account = r.desk.office.office_id, r.accounts[0]

    def change(table: type[Any], row: Any, **values: object) -> None:
        r.desk.change(table, row, **values)

    return {
        "rule": lambda one: r.change(one, rule="FREQ=WEEKLY;BYDAY=MO"),
        "fields": lambda one: r.change(
            one, fields=r.row(one).fields.replace("Baru", "Baro")
        ),
        "time": lambda one: r.change(one, at=time(6, 1)),
        "end": lambda one: r.change(one, until=date(2027, 10, 30)),
        "template": lambda one: r.change(one, template="samsat_keliling"),
        "hash": lambda one: change(SeriesApproval, one, content_hash="0" * 64),
        "office": lambda _: change(Office, office, name="Polres Kota Sukamajo"),
        "zone": lambda _: change(Office, office, timezone="Asia/Makassar"),
        "handle": lambda _: change(Account, account, handle="humaz"),
        "other account": lambda one: change(
            SeriesAccount, (one, account), account_id=r.desk.account("lain")
        ),
        "account removed": lambda _: change(Account, account, removed_at=NOW),
    }


def test_one_byte_changed_and_nothing_is_made(routine: Routine) -> None:
    routine.plan()
    for what, change in changes(routine).items():
        one = routine.running()  # the only asking of it has its number
        change(one)
        assert routine.make(one) == [], what
        row = routine.row(one)
        assert (row.state, bool(row.trouble)) == (SeriesState.VOID, True), what
    assert routine.announcements() == []


def test_the_template_s_own_words_are_approved_too(
    routine: Routine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.template import templates

    one = routine.running()
    known = dict(templates())
    old = known["sim_keliling"]
    known["sim_keliling"] = replace(old, full=old.full.replace("kuota", "Kuota"))
    monkeypatch.setattr("models.template.templates", lambda: known)
    assert routine.make(one) == []
    assert routine.row(one).state is SeriesState.VOID


def test_an_announcement_that_somebody_changes_after_it_was_made_is_held(
    routine: Routine,
) -> None:
    one = routine.running()
    routine.make(one)
    first = routine.announcements()[0]
    routine.desk.change(Announcement, first.id, body=first.body + ".")
    while routine.desk.job().send_next(SIX):
        pass
    with routine.desk.store.read(routine.desk.office) as work:
        rows = work.schedule.of(first.id)
    assert {row.problem for row in rows} == {Problem.APPROVAL_VOID}
    assert routine.desk.wall.texts() == []


def test_a_series_is_approved_only_as_it_was_read(routine: Routine) -> None:
    one = routine.add()
    code = routine.ask(one)
    with pytest.raises(Conflict):
        routine.approve(one, "f" * 64)
    routine.change(one, at=time(7))
    with pytest.raises(Conflict):
        routine.approve(one, code)


def test_an_edit_voids_the_approval_and_takes_back_what_has_not_left(
    routine: Routine,
) -> None:
    one = routine.running()
    routine.make(one)
    while routine.desk.job().send_next(SIX):
        pass
    with routine.desk.store.write(routine.desk.office) as work:
        version = work.series.get(one).version
        new = routine.plan(fields={**FIELDS, "tempat": "Alun-alun"})
        series.edit(work, routine.officer, one, version, new, SIX)
    assert routine.row(one).state is SeriesState.VOID
    states = [one.state for one in routine.announcements()]
    assert states == [AnnouncementState.APPROVED] + [AnnouncementState.CANCELLED] * 6
    assert len(routine.desk.wall.texts()) == 2, "what is out stays out"
    with pytest.raises(Conflict), routine.desk.store.write(routine.desk.office) as work:
        series.edit(work, routine.officer, one, version, new, SIX)


def test_a_pause_takes_back_and_going_on_makes_anew(routine: Routine) -> None:
    one = routine.running()
    routine.make(one)
    with routine.desk.store.write(routine.desk.office) as work:
        assert series.pause(work, routine.officer, one, NOW) == 7
    assert routine.days(one) == []
    assert routine.make(one) == []
    while routine.desk.job().send_next(SIX):
        pass
    assert routine.desk.wall.texts() == []
    later = SIX + timedelta(hours=1)
    with routine.desk.store.write(routine.desk.office) as work:
        series.resume(work, routine.officer, one, later)
    routine.make(one, later)
    assert routine.days(one)[0] == date(2026, 11, 26), "what passed is not made up"


def test_an_end_is_for_good(routine: Routine) -> None:
    one = routine.running()
    routine.make(one)
    with routine.desk.store.write(routine.desk.office) as work:
        assert series.end(work, routine.officer, one, NOW) == 7
    assert routine.make(one) == []
    for act in (series.end, series.pause, series.resume, series.ask):
        with (
            pytest.raises(Conflict),
            routine.desk.store.write(routine.desk.office) as work,
        ):
            act(work, routine.officer, one, NOW)


def test_one_day_that_a_person_cancels_is_not_made_again(routine: Routine) -> None:
    one = routine.running()
    first, *_ = routine.make(one)
    with routine.desk.store.write(routine.desk.office) as work:
        announcing.cancel(work, routine.officer, first, "lapangan dipakai", NOW)
    assert routine.make(one) == []


def test_holidays_and_cuti_bersama_are_skipped_and_said(routine: Routine) -> None:
    plan = routine.plan()
    shown = upcoming(plan, routine.holidays, date(2026, 12, 22), most=3)
    assert [(one.day.day, one.skip) for one in shown] == [
        (23, None),
        (24, Skip.CUTI_BERSAMA),
        (25, Skip.NATIONAL),
        (26, None),
        (27, None),
    ]
    one = routine.running(plan)
    routine.make(one, datetime(2026, 12, 20, 2, 0, tzinfo=UTC))
    made = [day.day for day in routine.days(one) if day > date(2026, 12, 20)]
    assert made == [21, 22, 23, 26, 27]


def test_a_year_without_data_is_waited_for_and_not_guessed(routine: Routine) -> None:
    known = routine.holidays
    days = {day: one for day, one in known.by_day.items() if day.year == 2026}
    one = routine.running()
    new_year = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
    routine.holidays = Holidays(days, frozenset({2026}))
    routine.make(one, new_year)
    assert routine.days(one)[-1] == date(2026, 12, 31)
    shown = upcoming(routine.plan(), routine.holidays, date(2026, 12, 30), most=2)
    assert [one.skip for one in shown[:2]] == [None, Skip.YEAR_UNKNOWN]
    routine.holidays = known
    routine.make(one, new_year)
    assert routine.days(one)[-1] == date(2027, 1, 4)
    assert date(2027, 1, 1) not in routine.days(one)


def test_a_day_that_passed_while_nothing_ran_is_noted_and_not_sent_late(
    routine: Routine,
) -> None:
    one = routine.running()
    later = NOW + 10 * DAY  # Friday 4 December, 09.00 WIB
    routine.make(one, later)
    assert routine.days(one)[0] == date(2026, 12, 4), "its window is still open"
    with routine.desk.store.read(routine.desk.office) as work:
        passed = [m.day for m in work.series.made(one) if m.announcement_id is None]
    assert min(passed) == COMING[0]
    assert len(passed) == 9
    assert routine.make(one, later) == []
    while routine.desk.job().send_next(later):
        pass
    assert len(routine.desk.wall.texts()) == 2, "today's alone, on both accounts"


def test_after_a_restored_backup_nothing_is_made_for_a_time_that_is_past(
    routine: Routine,
) -> None:
    one = routine.running()
    later = NOW + 10 * DAY
    with routine.desk.store.write(TEST) as work:
        after_restore(work, NOW, later)
    routine.make(one, later)
    assert routine.days(one)[0] == date(2026, 12, 5)


def test_every_plan_has_an_end_and_days_beyond_it_are_not_made(
    routine: Routine,
) -> None:
    one = routine.running(routine.plan(until=date(2026, 11, 27)))
    routine.make(one)
    assert routine.days(one) == COMING[:3]
    with pytest.raises(InvalidInput) as caught:
        routine.add(routine.plan(until=date(2099, 1, 1)))
    assert caught.value.field == "until"


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("rule", {"rule": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"}),
    ("rule", {"rule": "setiap hari"}),
    ("until", {"until": date(2026, 10, 1)}),
    ("tempat", {"fields": {**FIELDS, "tempat": ""}}),
    ("mulai", {"fields": {**FIELDS, "mulai": "pagi"}}),
    ("template", {"template": "hari_libur"}),
    ("template", {"template": "tidak_ada"}),
    ("accounts", {"accounts": ()}),
    ("accounts", {"accounts": (4711,)}),
]


def test_a_plan_that_cannot_be_kept_is_refused_with_its_field(
    routine: Routine,
) -> None:
    for field, values in REFUSED:
        with pytest.raises(InvalidInput) as caught:
            routine.add(routine.plan(**values))
        assert caught.value.field == field, values
    with routine.desk.store.read(routine.desk.office) as work:
        assert work.series.listed() == []


def test_the_doctor_names_a_wrong_file_and_a_year_that_is_missing(
    routine: Routine, store: Store, tmp_path: Path
) -> None:
    told = doctor.holidays(store, Settings(), NOW)
    assert (told.verdict, told.said) == (doctor.Verdict.GOOD, "2026, 2027?")
    routine.running()
    told = doctor.holidays(store, Settings(), NOW)
    assert told.verdict is doctor.Verdict.LOOK, "2027 is near, and has no decree"
    later = datetime(2027, 12, 24, tzinfo=UTC)
    told = doctor.holidays(store, Settings(), later)
    assert "belum ada" in told.advice
    (tmp_path / "2028.toml").write_text("year = 2027", encoding="utf-8")
    told = doctor.holidays(store, Settings(holidays_folder=tmp_path), NOW)
    assert told.verdict is doctor.Verdict.BAD
    assert "2028.toml" in told.said


def test_what_the_guard_blocks_is_not_asked_for(routine: Routine) -> None:
    nik = "3174051502900001"
    one = routine.add(routine.plan(fields={**FIELDS, "layanan": f"NIK {nik}"}))
    with pytest.raises(InvalidInput) as caught:
        routine.ask(one)
    assert caught.value.field == "guard"


def test_what_cannot_be_made_leaves_a_word_and_is_made_once_it_can(
    routine: Routine,
) -> None:
    one = routine.running()
    office = routine.desk.office.office_id
    all_day = QuietHours(time(5, 0), time(4, 59))
    routine.desk.change(Office, office, quiet=all_day)
    assert routine.make(one) == []
    assert "jam tenang" in routine.row(one).trouble
    routine.desk.change(Office, office, quiet=None)
    assert len(routine.make(one)) == 7
    assert routine.row(one).trouble == ""


def test_the_job_makes_for_every_office_and_one_in_trouble_stops_no_other(
    routine: Routine, store: Store, tmp_path: Path
) -> None:
    broken = routine.running()
    routine.change(broken, rule="rusak")
    other = add_office(store, "lain", "Polres Kota Makmur")
    people = {role: add_person(store, other, role) for role in Role}
    neighbour = Routine(Desk(store, other, people, Wall(tmp_path / "wall2.jsonl")))
    neighbour.running()
    assert occurring.make_due(store, Settings(), NOW) == 7
    assert routine.row(broken).state is SeriesState.VOID
    with pytest.raises(NotFound):
        neighbour.make(broken)


def test_the_office_s_own_holidays_count_and_a_wrong_file_is_named(
    routine: Routine, store: Store, tmp_path: Path
) -> None:
    one = routine.running()
    own = tmp_path / "libur"
    own.mkdir()
    file = own / "2026.toml"
    text = (
        'schema = 1\nyear = 2026\ndecree = "SK"\nsource = "SK"\nsureness = "C"\n'
        '[[holiday]]\ndate = {}\nkind = "national"\nname_id = "Pilkada"\n'
    )
    settings = Settings(holidays_folder=own)
    file.write_text(text.format("2025-11-26"), encoding="utf-8")
    with pytest.raises(SettingsProblem, match="2025-11-26 bukan tanggal di tahun 2026"):
        occurring.make_due(store, settings, NOW)
    assert routine.days(one) == [], "nothing is made from a wrong file"
    file.write_text(text.format("2026-11-26"), encoding="utf-8")
    occurring.make_due(store, settings, NOW)
    assert routine.days(one) == [day for day in COMING if day.day != 26]


def test_a_series_sent_back_keeps_the_word_and_is_asked_again(
    routine: Routine,
) -> None:
    one = routine.add()
    routine.ask(one)
    with routine.desk.store.write(routine.desk.office) as work:
        with pytest.raises(InvalidInput):
            series.send_back(work, routine.approver, one, " ", NOW)
        series.send_back(work, routine.approver, one, "tempatnya salah", NOW)
    assert routine.row(one).state is SeriesState.SENT_BACK
    routine.approve(one, routine.ask(one))
    assert len(routine.make(one)) == 7


def test_a_series_is_refused_where_one_signature_is_not_enough(
    routine: Routine,
) -> None:
    one, running = routine.add(), routine.running()
    routine.make(running)
    with routine.desk.store.write(routine.desk.office) as work:
        admin = routine.desk.people[Role.ADMIN]
        approving.set_signatures(work, admin, 2, NOW)
    with pytest.raises(InvalidInput, match="lebih dari satu tanda tangan"):
        routine.ask(one)
    before = len(routine.days(running))
    assert routine.make(running, NOW + 3 * DAY) == []
    assert len(routine.days(running)) == before
    assert "lebih dari satu tanda tangan" in routine.row(running).trouble


def test_what_a_series_makes_carries_its_one_signature(routine: Routine) -> None:
    number, *_ = routine.make(routine.running())
    with routine.desk.store.read(routine.desk.office) as work:
        approval = work.announcements.latest_approval(number)
        assert approval is not None
        (signed,) = work.signatures.of(approval.id)
        assert signed.signed_by == routine.approver.user_id
        assert work.announcements.approval_problem(number) is None


def test_what_was_made_is_in_the_audit_chain_with_its_approval(
    routine: Routine,
) -> None:
    one = routine.running()
    number, *_ = routine.make(one)
    with routine.desk.store.read(routine.desk.office) as work:
        told = [e.action for e in work.audit.about({Announcement: [number]})]
        approval = work.session.get(Approval, 1)
        assert approval is not None
        assert work.session.get(SeriesDate, 1) is not None
    assert told == ["announcement.of_series"]


def test_deliveries_end_with_the_window_of_their_kind(routine: Routine) -> None:
    one = routine.running()
    number, *_ = routine.make(one)
    with routine.desk.store.read(routine.desk.office) as work:
        rows = work.schedule.of(number)
    assert {row.state for row in rows} == {DeliveryState.SCHEDULED}
    assert {row.not_after for row in rows} == {datetime(2026, 11, 25, 17, tzinfo=UTC)}
