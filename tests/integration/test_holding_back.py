"""Missed, flagged, quiet: what becomes of posts when an office could not send."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from models.errors import InvalidInput, NotAllowed
from models.person import Person
from models.problems import Problem
from models.quiet import QuietHours
from models.scope import OfficeScope
from models.states import DeliveryState, Role
from pipeline import announcing, approving, settling
from pipeline.announcing import AnnouncementForm
from pipeline.holding import set_quiet
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.ledger_kit import Desk, Wall

S = DeliveryState
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NIGHT = QuietHours(time(22), time(5))
TONIGHT = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 22.30 WIB
DAWN = datetime(2026, 11, 24, 22, tzinfo=UTC)  # 05.00 WIB of the next day
MIDNIGHT = datetime(2026, 11, 24, 17, tzinfo=UTC)  # WIB


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def approve(desk: Desk, account: int, category: str, at: datetime | None = None) -> int:
    """Written, asked for and approved as people do it; the id of the delivery."""
    officer, head = desk.people[Role.OFFICER], desk.people[Role.APPROVER]
    text = f"{category} {at}"
    form = AnnouncementForm(text, text, {account: ""}, at, category=category)
    with desk.store.write(desk.office) as work:
        number = announcing.draft(work, officer, form, NOW)
        announcing.ask(work, officer, number, NOW, repeat_reason="uji")
        digest = work.announcements.content(number).hash
        (delivery,) = approving.approve(work, head, number, digest, NOW)
    return delivery


def quiet(desk: Desk, hours: QuietHours | None, by: Role = Role.ADMIN) -> None:
    with desk.store.write(desk.office) as work:
        set_quiet(work, desk.people[by], hours, NOW)


def run(desk: Desk, now: datetime) -> None:
    """What the clock does."""
    desk.job().sweep(now)
    while desk.job().send_next(now):
        pass


def test_a_mobile_service_of_today_never_goes_out_tomorrow(desk: Desk) -> None:
    delivery = approve(
        desk, desk.account(network="mastodon"), "sim_keliling", NOW + HOUR
    )
    assert desk.row(delivery).not_after == MIDNIGHT
    run(desk, MIDNIGHT)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.MISSED, Problem.WINDOW_PASSED)
    assert desk.wall.texts() == []


def test_an_end_that_the_author_sets_stands_before_that_of_the_kind(desk: Desk) -> None:
    account = desk.account(network="mastodon")
    officer, head = desk.people[Role.OFFICER], desk.people[Role.APPROVER]
    form = AnnouncementForm(
        "a", "a", {account: ""}, NOW + HOUR, NOW + 2 * HOUR, "sim_keliling"
    )
    with desk.store.write(desk.office) as work:
        number = announcing.draft(work, officer, form, NOW)
        announcing.ask(work, officer, number, NOW, repeat_reason="uji")
        digest = work.announcements.content(number).hash
        (delivery,) = approving.approve(work, head, number, digest, NOW)
    assert desk.row(delivery).not_after == NOW + 2 * HOUR


def test_what_is_approved_too_late_is_refused_and_does_not_go_out(desk: Desk) -> None:
    account = desk.account(network="mastodon")
    officer, head = desk.people[Role.OFFICER], desk.people[Role.APPROVER]
    for at in (None, NOW + HOUR):
        text = f"SIM keliling hari ini {at}"
        form = AnnouncementForm(text, text, {account: ""}, at, category="sim_keliling")
        with desk.store.write(desk.office) as work:
            number = announcing.draft(work, officer, form, NOW)
            announcing.ask(work, officer, number, NOW, repeat_reason="uji")
            digest = work.announcements.content(number).hash
        with pytest.raises(InvalidInput), desk.store.write(desk.office) as work:
            approving.approve(work, head, number, digest, MIDNIGHT)


def test_a_kind_that_nobody_knows_is_refused(desk: Desk) -> None:
    form = AnnouncementForm("a", "a", {}, category="lalin")
    with pytest.raises(InvalidInput), desk.store.write(desk.office) as work:
        announcing.draft(work, desk.people[Role.OFFICER], form, NOW)


def test_bar_8_after_three_hours_off_nothing_is_dumped(desk: Desk) -> None:
    """Server off for 3 h: stale posts missed and reported, emergencies flagged."""
    account = desk.account(network="mastodon")
    late = NOW + 12 * HOUR  # 21.00 WIB; the server is off until midnight
    stale = [
        approve(desk, account, "sim_keliling", late + n * MINUTE) for n in range(3)
    ]
    urgent = [approve(desk, account, "darurat", late + n * MINUTE) for n in range(3)]
    fresh = approve(desk, account, "darurat", MIDNIGHT - 5 * MINUTE)
    run(desk, MIDNIGHT)
    assert [desk.state(one) for one in stale] == [S.MISSED] * 3
    assert [desk.row(one).problem for one in urgent] == [Problem.OVERDUE] * 3
    assert [desk.state(one) for one in urgent] == [S.HELD] * 3
    assert len(desk.wall.texts()) == 1
    assert desk.state(fresh) is S.PUBLISHED


def test_a_flagged_emergency_goes_out_when_a_person_lets_it(desk: Desk) -> None:
    delivery = approve(desk, desk.account(network="mastodon"), "darurat", NOW + HOUR)
    run(desk, NOW + 4 * HOUR)
    assert desk.row(delivery).problem is Problem.OVERDUE
    with desk.store.write(desk.office) as work:
        settling.release(work, desk.people[Role.OFFICER], delivery, NOW + 4 * HOUR)
    run(desk, NOW + 4 * HOUR)
    assert desk.state(delivery) is S.PUBLISHED


def test_what_is_due_in_quiet_hours_waits_for_their_end(desk: Desk) -> None:
    quiet(desk, NIGHT)
    account = desk.account(network="mastodon")
    general = approve(desk, account, "umum", TONIGHT)
    hoax = approve(
        desk, account, "klarifikasi", TONIGHT + MINUTE
    )  # of a kind that asks
    urgent = approve(desk, account, "darurat", TONIGHT + MINUTE)
    run(desk, TONIGHT + MINUTE)
    assert desk.row(general).problem is Problem.QUIET_HOURS
    assert desk.state(urgent) is S.PUBLISHED
    run(desk, DAWN - MINUTE)
    assert desk.state(general) is S.HELD
    assert desk.state(hoax) is S.HELD
    run(desk, DAWN)
    assert desk.state(general) is S.PUBLISHED
    assert desk.state(hoax) is S.PUBLISHED


def test_without_quiet_hours_any_more_what_they_held_goes_out(desk: Desk) -> None:
    quiet(desk, NIGHT)
    delivery = approve(desk, desk.account(network="mastodon"), "umum", TONIGHT)
    run(desk, TONIGHT)
    assert desk.state(delivery) is S.HELD
    quiet(desk, None)
    run(desk, TONIGHT)
    assert desk.state(delivery) is S.PUBLISHED


def test_a_post_whose_day_ends_in_quiet_hours_is_refused_at_once(desk: Desk) -> None:
    quiet(desk, NIGHT)
    with pytest.raises(InvalidInput) as caught:
        approve(desk, desk.account(network="mastodon"), "sim_keliling", TONIGHT)
    assert caught.value.field == "publish_at"


def test_quiet_hours_that_come_later_make_it_missed_not_late(desk: Desk) -> None:
    delivery = approve(desk, desk.account(network="mastodon"), "sim_keliling", TONIGHT)
    quiet(desk, NIGHT)
    run(desk, TONIGHT)
    assert desk.row(delivery).problem is Problem.QUIET_HOURS
    run(desk, DAWN)
    assert desk.state(delivery) is S.MISSED
    assert desk.wall.texts() == []


def test_only_an_administrator_sets_the_quiet_hours(desk: Desk) -> None:
    for role in (Role.OFFICER, Role.APPROVER):
        with pytest.raises(NotAllowed):
            quiet(desk, NIGHT, role)
