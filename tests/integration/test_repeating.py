"""D13: the same text to the same account is noticed, and so are two posts at once."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.announcement import Announcement
from models.chain import AuditEvent
from models.delivery import Delivery
from models.errors import InvalidInput
from models.person import Person
from models.scope import OfficeScope
from models.states import AnnouncementState, DeliveryState, Role
from pipeline import announcing
from pipeline.announcing import AnnouncementForm
from pipeline.repeating import Nearby, nearby
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.ledger_kit import TEST, Desk, House, Wall

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TEXT = "Loket SKCK buka Senin sampai Sabtu pukul 08.00 di Mapolres Kota Sukamaju."
WHY = "Pengingat mingguan."


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def write(
    desk: House, account: int, text: str = TEXT, at: datetime | None = None
) -> int:
    form = AnnouncementForm("SKCK", text, {account: ""}, at)
    with desk.store.write(desk.office) as work:
        return announcing.draft(work, desk.people[Role.OFFICER], form, NOW)


def ask(desk: House, number: int, why: str = "") -> None:
    with desk.store.write(desk.office) as work:
        announcing.ask(work, desk.people[Role.OFFICER], number, NOW, repeat_reason=why)


def around(desk: House, account: int, text: str, at: datetime) -> Nearby:
    with desk.store.read(desk.office) as work:
        return nearby(work, {account: text}, "umum", at, None)


@pytest.mark.parametrize("again", [TEXT, TEXT.upper() + "!!", TEXT + " Gratis."])
def test_d13_the_same_text_is_not_asked_for_twice_without_a_reason(
    desk: Desk, again: str
) -> None:
    account = desk.account(network="mastodon")
    ask(desk, write(desk, account))
    second = write(desk, account, again)
    with pytest.raises(InvalidInput) as caught:
        ask(desk, second)
    assert caught.value.field == "repeat_reason"
    with desk.store.read(desk.office) as work:
        assert work.announcements.get(second).state is AnnouncementState.DRAFT


def test_a_reason_lets_it_pass_and_is_kept_with_who_gave_it(desk: Desk) -> None:
    account = desk.account(network="mastodon")
    ask(desk, write(desk, account), "tidak perlu")
    second = write(desk, account)
    with pytest.raises(InvalidInput):
        ask(desk, second, "x" * 301)
    ask(desk, second, f" {WHY} ")
    with desk.store.read(desk.office) as work:
        asked = work.announcements.latest_approval(second)
        assert asked is not None
        assert (asked.repeat_reason, asked.asked_by) == (
            WHY,
            desk.people[Role.OFFICER].user_id,
        )
        first = work.announcements.latest_approval(second - 1)
        assert first is not None
        assert first.repeat_reason == ""  # it repeated nothing
    with desk.store.read(TEST) as work:
        told = work.session.execute(
            select(AuditEvent.detail).where(AuditEvent.action == "announcement.repeat")
        )
        assert [detail for (detail,) in told] == [WHY]


def test_another_text_account_or_time_is_no_repetition(desk: Desk) -> None:
    account = desk.account("a", network="mastodon")
    other = desk.account("b", network="mastodon")
    ask(desk, write(desk, account))
    ask(desk, write(desk, other))
    ask(desk, write(desk, account, "Hotline 110 siap 24 jam tanpa biaya."))
    ask(desk, write(desk, account, at=NOW + 8 * DAY))  # "umum" looks a week around


def test_an_announcement_does_not_repeat_itself(desk: Desk) -> None:
    account = desk.account(network="mastodon")
    number = write(desk, account)
    ask(desk, number)
    officer = desk.people[Role.OFFICER]
    form = AnnouncementForm("SKCK", TEXT + " ", {account: ""})
    with desk.store.write(desk.office) as work:
        announcing.edit(work, officer, number, 1, form, NOW)
    ask(desk, number)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (DeliveryState.PUBLISHED, 1),
        (DeliveryState.SCHEDULED, 1),
        (DeliveryState.UNCERTAIN, 1),
        (DeliveryState.MISSED, 0),
        (DeliveryState.REJECTED, 0),
        (DeliveryState.CANCELLED, 0),
    ],
)
def test_only_what_the_public_reads_or_will_read_counts(
    desk: Desk, state: DeliveryState, found: int
) -> None:
    account = desk.account(network="mastodon")
    (delivery,) = desk.announce(TEXT, account)
    desk.change(Delivery, delivery, state=state)
    assert len(around(desk, account, TEXT, NOW).repeats) == found


@pytest.mark.parametrize(
    "state",
    [AnnouncementState.DRAFT, AnnouncementState.SENT_BACK, AnnouncementState.CANCELLED],
)
def test_what_is_not_asked_for_does_not_count(
    desk: Desk, state: AnnouncementState
) -> None:
    account = desk.account(network="mastodon")
    number = write(desk, account)
    desk.change(Announcement, number, state=state)
    assert around(desk, account, TEXT, NOW) == Nearby()


def test_another_office_does_not_count(desk: Desk) -> None:
    scope = add_office(desk.store, "lain", "Polres Lain")
    people = {role: add_person(desk.store, scope, role) for role in Role}
    other = House(desk.store, scope, people)
    theirs = other.account(network="mastodon")
    ask(other, write(other, theirs))
    assert around(desk, theirs, TEXT, NOW) == Nearby()


@pytest.mark.parametrize(("minutes", "clashes"), [(0, 1), (14, 1), (-14, 1), (15, 0)])
def test_two_posts_of_one_account_at_once_are_pointed_out_not_refused(
    desk: Desk, minutes: int, clashes: int
) -> None:
    account = desk.account(network="mastodon")
    at = NOW + HOUR
    ask(desk, write(desk, account, at=at))
    found = around(desk, account, "Lain sekali.", at + timedelta(minutes=minutes))
    assert len(found.clashes) == clashes
    ask(desk, write(desk, account, "Lain sekali.", at))


def test_a_kind_says_how_far_back_the_same_text_is_noticed(desk: Desk) -> None:
    account = desk.account(network="mastodon")
    ask(desk, write(desk, account))
    tomorrow = NOW + DAY
    with desk.store.read(desk.office) as work:
        for code, found in (("umum", 1), ("sim_keliling", 0)):
            seen = nearby(work, {account: TEXT}, code, tomorrow, None)
            assert len(seen.repeats) == found, code
