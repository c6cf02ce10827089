"""A release to a list of journalists: the ledger with letters, over a real server."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.account import LONG_AGO, Account
from models.chain import AuditEvent
from models.delivery import Delivery
from models.errors import Conflict, InvalidInput, NotFound
from models.lists import Lists
from models.person import Person
from models.problems import Problem
from models.recipient import Recipient
from models.scope import OfficeScope, SystemScope
from models.states import AccountHealth, AccountMode, Answer, DeliveryState, Role
from networks import mail
from networks.base import AccountSecret, FreePurse, HttpLimits
from pipeline import announcing, approving, mailing, settling, wiring
from pipeline.announcing import AnnouncementForm
from pipeline.bouncing import take_bounce
from pipeline.publishing import Publishing
from pipeline.unit import Store
from publishers.mail import MailPublisher
from tests.conftest import NOW, add_office
from tests.contract.mail_server import CUT, PASSWORD, USER, Post, mail_server
from tests.unit.test_mail_bounces import report

S = DeliveryState
LISTED = ("siti@kabar.example", "budi@radio.example", "tuti@warta.example")
TEST = SystemScope("test")


@dataclass
class Desk:
    """An office, its mail account and list, and the server that takes its letters."""

    store: Store
    office: OfficeScope
    people: dict[Role, Person]
    post: Post
    account: int = 0

    @property
    def job(self) -> Publishing:
        def connect(account: Account) -> MailPublisher:
            secrets = json.loads(account.sealed_secrets)
            secret = AccountSecret(account.id, "mail", "", self.post.address, secrets)
            limits = HttpLimits(inner_hosts=frozenset({self.post.place}))
            return MailPublisher(mail.connect(secret, limits, FreePurse()))

        ways = wiring.capabilities("mail").settles_by
        return Publishing(self.store, connect, lambda _network: ways)

    def join(self, address: str, name: str = "", account: int = 0) -> int:
        with self.store.write(self.office) as work:
            return mailing.add_recipient(
                work,
                self.people[Role.OFFICER],
                account or self.account,
                name or address.partition("@")[0].title(),
                "Kabar Sukamaju",
                address,
                NOW,
            )

    def release(
        self, text: str = "SIM keliling di Pasar Melati.", letter_number: str = ""
    ) -> int:
        """An approved announcement to everybody on the list."""
        form = AnnouncementForm(
            "Siaran pers", text, {self.account: ""}, letter_number=letter_number
        )
        with self.store.write(self.office) as work:
            number = announcing.draft(work, self.people[Role.OFFICER], form, NOW)
            announcing.ask(work, self.people[Role.OFFICER], number, NOW)
            digest = work.announcements.content(number).hash
            approving.approve(work, self.people[Role.APPROVER], number, digest, NOW)
        return number

    def rows(self, number: int) -> list[Delivery]:
        with self.store.read(self.office) as work:
            return sorted(work.schedule.of(number), key=lambda row: row.id)

    def states(self, number: int) -> list[DeliveryState]:
        return [row.state for row in self.rows(number)]

    def send_all(self, now: datetime = NOW) -> None:
        while self.job.send_next(now):
            pass

    def recipient(self, number: int) -> Recipient:
        with self.store.read(self.office) as work:
            return work.recipients.get(number)


@pytest.fixture(scope="module")
def server() -> Iterator[Post]:
    with mail_server() as post:
        yield post


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], server: Post
) -> Desk:
    server.letters.clear()
    server.mood.recipients.clear()
    server.mood.data = server.mood.sender = ""
    server.mood.auth = True
    found = Desk(store, office, people, server)
    secrets = {"username": USER, "password": PASSWORD, "sender": "H <h@s.example>"}
    with store.write(office) as work:
        found.account = work.accounts.add(
            Account(
                office_id=office.office_id,
                network="mail",
                handle="h@s.example",
                base_url=server.address,
                sealed_secrets=json.dumps(secrets).encode(),
                mode=AccountMode.LIVE,
                health=AccountHealth.CONNECTED,
                hears=False,
                created_at=NOW,
                lease_until=LONG_AGO,
                next_allowed_at=LONG_AGO,
                hear_next_at=NOW,
                hear_lease_until=NOW,
            )
        )
    return found


@pytest.fixture
def listed(desk: Desk) -> list[int]:
    return [desk.join(address) for address in LISTED]


@pytest.mark.usefixtures("listed")
def test_a_press_release_shows_its_letter_number(desk: Desk) -> None:
    desk.release("SIM keliling.", letter_number=" B/12/XI/2026/Humas ")
    desk.send_all()
    for letter in desk.post.read():
        plain = letter.get_body(("plain",))
        assert plain is not None
        lines = plain.get_content().splitlines()
        assert lines == ["Nomor: B/12/XI/2026/Humas", "", "SIM keliling."]
    assert len(desk.post.letters) == len(LISTED)


def test_everybody_on_the_list_gets_one_letter_and_one_delivery(
    desk: Desk, listed: list[int]
) -> None:
    number = desk.release()
    desk.send_all()
    assert desk.post.to() == list(LISTED)
    assert desk.states(number) == [S.PUBLISHED] * 3
    ids = {str(message["message-id"]) for message in desk.post.read()}
    assert ids == {row.remote_id for row in desk.rows(number)}
    assert ids == {f"<{row.key}@s.example>" for row in desk.rows(number)}
    desk.send_all(NOW + timedelta(days=1))
    assert len(desk.post.letters) == 3


def test_a_refused_address_goes_off_and_the_others_get_theirs(
    desk: Desk, listed: list[int]
) -> None:
    desk.post.mood.recipients[LISTED[0]] = "550 5.1.1 <siti@kabar.example> unknown"
    number = desk.release()
    desk.send_all()
    assert desk.post.to() == list(LISTED[1:])
    assert desk.states(number) == [S.REJECTED, S.PUBLISHED, S.PUBLISHED]
    off = desk.recipient(listed[0])
    assert (off.is_on, off.problem) == (False, Problem.RECIPIENT_REFUSED)
    assert "550" in off.detail
    desk.post.letters.clear()
    assert len(desk.rows(desk.release("Kedua."))) == 2, "nothing goes there any more"
    with desk.store.write(desk.office) as work:
        mailing.turn_on(work, desk.people[Role.ADMIN], listed[0], NOW)
    assert len(desk.rows(desk.release("Ketiga."))) == 3


def test_a_recipient_that_is_put_off_does_not_hold_up_the_others(
    desk: Desk, listed: list[int]
) -> None:
    desk.post.mood.recipients[LISTED[0]] = "451 4.7.1 Greylisted"
    number = desk.release()
    desk.send_all()
    assert desk.post.to() == list(LISTED[1:])
    first = desk.rows(number)[0]
    assert (first.state, first.problem) == (S.SCHEDULED, Problem.PUT_OFF)
    assert NOW + timedelta(minutes=10) <= first.due_at <= NOW + timedelta(minutes=13)
    desk.post.mood.recipients.clear()
    desk.send_all(first.due_at - timedelta(seconds=1))
    assert len(desk.post.letters) == 2
    desk.send_all(first.due_at)
    assert desk.post.to() == [*LISTED[1:], LISTED[0]]


@pytest.mark.parametrize(
    ("mood", "problem"),
    [
        ({"auth": False}, Problem.TOKEN_REFUSED),  # 535: closed, or a new password
        ({"sender": "550 5.1.0 Sender unknown"}, Problem.SCOPE_MISSING),
    ],
)
def test_a_mailbox_that_is_closed_in_the_middle_of_a_list_holds_the_other_letters(
    desk: Desk, listed: list[int], mood: dict[str, object], problem: Problem
) -> None:
    number = desk.release()
    assert desk.job.send_next(NOW)
    for name, value in mood.items():
        setattr(desk.post.mood, name, value)
    desk.send_all()
    assert desk.states(number)[:2] == [S.PUBLISHED, S.HELD]
    assert desk.rows(number)[1].problem is problem
    sessions = desk.post.sessions
    for hours in range(1, 25):
        desk.send_all(NOW + timedelta(hours=hours))
    assert desk.post.sessions == sessions, "it is not knocked at again and again"
    assert all(desk.recipient(one).is_on for one in listed), "it is not their fault"
    desk.post.mood.auth, desk.post.mood.sender = True, ""
    with desk.store.write(desk.office) as work:
        account = work.accounts.get(desk.account)
        assert (account.health, account.problem) == (
            AccountHealth.DISCONNECTED,
            problem,
        )
        account.health, account.problem = AccountHealth.CONNECTED, None
        for held in (problem, Problem.ACCOUNT_DISCONNECTED):
            work.schedule.release(desk.account, held, NOW)
    desk.send_all(NOW + timedelta(days=2))
    assert desk.states(number) == [S.PUBLISHED] * 3
    assert desk.post.to() == list(LISTED)


def test_a_lost_answer_asks_a_person_and_is_never_sent_again_by_itself(
    desk: Desk, listed: list[int]
) -> None:
    desk.post.mood.data = CUT
    number = desk.release()
    assert desk.job.send_next(NOW)
    desk.post.mood.data = ""
    assert desk.post.to() == [LISTED[0]]
    for minute in range(1, 200, 5):
        desk.job.settle_next(NOW + timedelta(minutes=minute))
    row = desk.rows(number)[0]
    assert row.state is S.NEEDS_PERSON
    assert desk.post.to() == [LISTED[0]]
    with desk.store.write(desk.office) as work:
        by = desk.people[Role.OFFICER]
        settling.answer(work, by, row.id, Answer.SEND_AGAIN, NOW)
    desk.send_all(NOW + timedelta(hours=4))
    first, again = (m for m in desk.post.read() if "siti" in str(m["to"]))
    assert first["message-id"] == again["message-id"]
    assert len(desk.post.letters) == 4


def test_whoever_is_removed_is_forgotten_and_gets_nothing(
    desk: Desk, listed: list[int]
) -> None:
    number = desk.release()
    with desk.store.write(desk.office) as work:
        by = desk.people[Role.OFFICER]
        assert mailing.remove_recipient(work, by, listed[1], NOW) == 1
    desk.send_all()
    assert desk.post.to() == [LISTED[0], LISTED[2]]
    assert desk.states(number) == [S.PUBLISHED, S.CANCELLED, S.PUBLISHED]
    gone = desk.recipient(listed[1])
    assert (gone.name, gone.medium, gone.address) == ("", "", "")
    with desk.store.write(desk.office) as work, pytest.raises(NotFound):
        mailing.remove_recipient(work, by, listed[1], NOW)
    assert desk.join(LISTED[1]) != listed[1], "and may come again"


def test_whoever_goes_off_before_the_last_look_gets_nothing(
    desk: Desk, listed: list[int]
) -> None:
    number = desk.release()
    with desk.store.write(desk.office) as work:
        work.recipients.turn_off(listed[0], Problem.RECIPIENT_REFUSED, "", NOW)
    desk.send_all()
    row = desk.rows(number)[0]
    assert (row.state, row.problem) == (S.HELD, Problem.RECIPIENT_OFF)
    assert desk.post.to() == list(LISTED[1:])


def test_approved_again_it_is_the_same_letter_and_no_second_one(
    desk: Desk, listed: list[int]
) -> None:
    number = desk.release()
    before = [row.id for row in desk.rows(number)]
    by, head = desk.people[Role.OFFICER], desk.people[Role.APPROVER]
    form = AnnouncementForm("Siaran pers", "Lain.", {desk.account: ""})
    desk.join("baru@kabar.example")
    with desk.store.write(desk.office) as work:
        version = work.announcements.get(number).version
        announcing.edit(work, by, number, version, form, NOW)
        announcing.ask(work, by, number, NOW)
        digest = work.announcements.content(number).hash
        approving.approve(work, head, number, digest, NOW)
    assert [row.id for row in desk.rows(number)][:3] == before
    desk.send_all()
    assert desk.post.to() == [*LISTED, "baru@kabar.example"]


def test_a_release_to_an_empty_list_is_not_asked_for(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.release()


@pytest.mark.parametrize(
    ("name", "address"),
    [("Siti", "bukan alamat"), ("Siti", "a@b.example\r\nX: 1"), (" ", LISTED[0])],
)
def test_what_cannot_be_written_to_is_not_listed(
    desk: Desk, name: str, address: str
) -> None:
    with pytest.raises(InvalidInput):
        desk.join(address, name)


def test_an_address_stands_on_a_list_once(desk: Desk, listed: list[int]) -> None:
    with pytest.raises(InvalidInput):
        desk.join(LISTED[0].upper())


def test_a_name_cannot_begin_another_header(desk: Desk) -> None:
    number = desk.join(LISTED[0], "Siti\r\nBcc: semua@kabar.example")
    assert desk.recipient(number).name == "Siti Bcc: semua@kabar.example"


def test_an_address_that_is_in_use_cannot_be_turned_on(
    desk: Desk, listed: list[int]
) -> None:
    with desk.store.write(desk.office) as work, pytest.raises(Conflict):
        mailing.turn_on(work, desk.people[Role.ADMIN], listed[0], NOW)


def test_no_address_stands_in_a_log_in_the_audit_or_in_the_ledger(
    desk: Desk, listed: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.post.mood.recipients[LISTED[0]] = "550 5.1.1 <siti@kabar.example> unknown"
    desk.post.mood.recipients[LISTED[1]] = "451 4.2.1 budi@radio.example is busy"
    number = desk.release()
    desk.send_all()
    with desk.store.write(desk.office) as work:
        mailing.remove_recipient(work, desk.people[Role.ADMIN], listed[2], NOW)
    with desk.store.read(TEST) as work:
        told = [event.detail for event in work.session.scalars(select(AuditEvent))]
    told += [row.detail + row.reason for row in desk.rows(number)]
    ours = (one for one in caplog.records if one.name != "mail.log")  # the server's
    told += [record.getMessage() for record in ours]
    for name in ("siti", "budi", "tuti"):
        assert not [line for line in told if name in line.lower()]


def test_another_office_sees_neither_list_nor_letters(
    desk: Desk, listed: list[int]
) -> None:
    other = add_office(desk.store, "lain", "Polres Lain")
    with desk.store.read(other) as work:
        assert work.recipients.listed() == []
        with pytest.raises(NotFound):
            work.recipients.get(listed[0])


def test_lists_name_the_person_and_not_the_address(
    desk: Desk, listed: list[int]
) -> None:
    desk.release()
    with desk.store.read(desk.office) as work:
        rows, _ = Lists(work.session).sent((), None)
    assert {row.to_name for row in rows} == {"Siti", "Budi", "Tuti"}
    assert "@kabar" not in repr(rows)


def test_a_mail_account_is_never_listened_to(desk: Desk) -> None:
    with desk.store.read(TEST) as work:
        account = work.accounts.get(desk.account)
    assert not account.hears
    assert account.heard_at is None


def came_back(message_id: str, status: str = "5.1.1") -> bytes:
    """A report of a letter that came back."""
    headers = f"Message-ID: {message_id}\n"
    return report(status=status, returned=headers)


def test_a_letter_that_comes_back_turns_its_address_off_and_no_other(
    desk: Desk, listed: list[int]
) -> None:
    number = desk.release()
    desk.send_all()
    (letter, _, _) = desk.post.read()
    with desk.store.write(desk.office) as work:
        assert take_bounce(work, came_back(letter["message-id"]), NOW)
    off = desk.recipient(listed[0])
    assert (off.is_on, off.problem) == (False, Problem.RECIPIENT_REFUSED)
    assert "5.1.1" in off.detail
    assert all(desk.recipient(other).is_on for other in listed[1:])
    row = desk.rows(number)[0]
    assert (row.state, row.problem) == (S.PUBLISHED, Problem.RECIPIENT_REFUSED)
    assert "siti" not in row.detail + off.detail
    desk.post.letters.clear()
    desk.release("Kedua.")
    desk.send_all()
    assert desk.post.to() == list(LISTED[1:])


def test_a_server_that_gave_up_for_now_leaves_the_address_in_use(
    desk: Desk, listed: list[int]
) -> None:
    number = desk.release()
    desk.send_all()
    (letter, _, _) = desk.post.read()
    with desk.store.write(desk.office) as work:
        assert take_bounce(work, came_back(letter["message-id"], "4.4.7"), NOW)
    assert desk.recipient(listed[0]).is_on
    assert "4.4.7" in desk.rows(number)[0].detail


def test_a_report_of_another_letter_or_to_another_office_changes_nothing(
    desk: Desk, listed: list[int]
) -> None:
    desk.release()
    desk.send_all()
    (letter, _, _) = desk.post.read()
    other = add_office(desk.store, "lain", "Polres Lain")
    with desk.store.write(other) as work:
        assert not take_bounce(work, came_back(letter["message-id"]), NOW)
    with desk.store.write(desk.office) as work:
        assert not take_bounce(work, came_back("<0@s.example>"), NOW)
        assert not take_bounce(work, b"Subject: Halo\n\nHalo", NOW)
    assert all(desk.recipient(one).is_on for one in listed)
