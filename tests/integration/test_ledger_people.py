"""What people decide: the three answers, release, cancel, and a restored backup."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.chain import AuditEvent
from models.delivery import Delivery
from models.errors import Conflict, InvalidInput, NotAllowed, NotFound, Uncertain
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope, SystemScope
from models.states import AccountMode, Answer, DeliveryState, Role
from pipeline.settling import (
    after_restore,
    answer,
    cancel_delivery,
    fresh_key,
    release,
)
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.ledger_kit import BOTH, TEST, Desk, Fault, Wall

S = DeliveryState
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def asked(desk: Desk) -> tuple[int, int]:
    """A delivery that waits for a person; the network never had it."""
    desk.ways = ()
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    desk.on(account).writes.append(
        Fault(Uncertain(Problem.ANSWER_LOST), after_gate=lambda: None)
    )
    desk.job().send_next(NOW)
    desk.job().settle_next(NOW + MINUTE)
    assert desk.state(delivery) is S.NEEDS_PERSON
    return account, delivery


def say(desk: Desk, delivery: int, what: Answer, by: Role = Role.OFFICER, **values):
    with desk.store.write(desk.office) as work:
        answer(work, desk.people[by], delivery, what, NOW + HOUR, **values)


def audit(desk: Desk) -> list[str]:
    with desk.store.read(TEST) as work:
        return list(work.session.scalars(select(AuditEvent.action)))


# the three answers


def test_a_person_says_that_it_was_published(desk: Desk) -> None:
    _, delivery = asked(desk)
    say(desk, delivery, Answer.WAS_PUBLISHED, url="https://dinding.example/7")
    row = desk.row(delivery)
    assert (row.state, row.url) == (S.PUBLISHED, "https://dinding.example/7")
    with desk.store.read(desk.office) as work:
        receipt = work.deliveries.receipt(delivery)
        assert receipt is not None
        assert receipt.found_by == "person"
    assert audit(desk) == ["delivery.was_published"]
    assert not desk.job().send_next(NOW + HOUR)


def test_an_address_that_is_none_is_refused(desk: Desk) -> None:
    _, delivery = asked(desk)
    with pytest.raises(InvalidInput):
        say(desk, delivery, Answer.WAS_PUBLISHED, url="javascript:alert(1)")
    assert desk.state(delivery) is S.NEEDS_PERSON


def test_a_person_sends_it_again_under_a_fresh_key(desk: Desk) -> None:
    _, delivery = asked(desk)
    before = desk.row(delivery).key
    say(desk, delivery, Answer.SEND_AGAIN)
    row = desk.row(delivery)
    assert row.state is S.SCHEDULED
    assert row.key != before
    assert desk.job().send_next(NOW + HOUR)
    assert [row["key"] for row in desk.wall.rows()] == [desk.row(delivery).key]
    with desk.store.read(desk.office) as work:
        first, second = work.deliveries.attempts(delivery)
        assert (first.outcome, second.outcome) == (S.UNCERTAIN, S.PUBLISHED)
    assert audit(desk) == ["delivery.send_again"]


def test_a_receipt_still_wins_after_a_person_said_to_send_again(desk: Desk) -> None:
    """The worker was only slow: the second post must not go."""
    desk.ways = ()
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)

    def meanwhile() -> None:
        desk.job().sweep(NOW + 4 * MINUTE)
        desk.job().settle_next(NOW + 4 * MINUTE)
        say(desk, delivery, Answer.SEND_AGAIN)

    desk.on(account).writes.append(Fault(accepted=True, after_gate=meanwhile))
    desk.job().send_next(NOW)
    assert desk.state(delivery) is S.PUBLISHED
    assert not desk.job().send_next(NOW + 2 * HOUR)
    assert len(desk.wall.rows()) == 1


def test_a_person_gives_it_up(desk: Desk) -> None:
    _, delivery = asked(desk)
    say(desk, delivery, Answer.CANCEL, reason="acara batal")
    row = desk.row(delivery)
    assert (row.state, row.reason) == (S.CANCELLED, "acara batal")
    assert audit(desk) == ["delivery.cancel"]
    assert not desk.job().send_next(NOW + HOUR)


def test_only_what_waits_for_a_person_is_answered_and_only_once(desk: Desk) -> None:
    _, delivery = asked(desk)
    say(desk, delivery, Answer.CANCEL)
    with pytest.raises(Conflict):
        say(desk, delivery, Answer.SEND_AGAIN)


def test_an_administrator_does_not_answer(desk: Desk) -> None:
    _, delivery = asked(desk)
    with pytest.raises(NotAllowed):
        say(desk, delivery, Answer.CANCEL, by=Role.ADMIN)


def test_another_office_does_not_find_it(desk: Desk) -> None:
    _, delivery = asked(desk)
    other = add_office(desk.store, "lain", "Polres Lain")
    stranger = add_person(desk.store, other, Role.OFFICER, "lain")
    with pytest.raises(NotFound), desk.store.write(other) as work:
        answer(work, stranger, delivery, Answer.CANCEL, NOW)


def test_fresh_keys_stay_short_and_differ() -> None:
    key = "k" * 64
    second = fresh_key(key, 2)
    third = fresh_key(second, 13)
    assert len({key, second, third}) == 3
    assert len(second) <= 64
    assert len(third) <= 64


# held


def test_a_held_delivery_is_released_and_goes(desk: Desk) -> None:
    account = desk.account(mode=AccountMode.REHEARSAL)
    (delivery,) = desk.announce("Gladi", account)
    desk.job().send_next(NOW)
    officer = desk.people[Role.OFFICER]
    with desk.store.write(desk.office) as work:
        work.accounts.get(account).mode = AccountMode.LIVE
        release(work, officer, delivery, NOW)
    desk.job().send_next(NOW)
    assert desk.wall.texts() == ["Gladi"]
    with pytest.raises(Conflict), desk.store.write(desk.office) as work:
        release(work, officer, delivery, NOW)


def test_a_released_delivery_is_held_again_while_its_reason_stands(desk: Desk) -> None:
    account = desk.account(mode=AccountMode.REHEARSAL)
    (delivery,) = desk.announce("Gladi", account)
    desk.job().send_next(NOW)
    with desk.store.write(desk.office) as work:
        release(work, desk.people[Role.OFFICER], delivery, NOW)
    desk.job().send_next(NOW)
    assert desk.row(delivery).problem is Problem.REHEARSAL


def test_what_has_not_left_is_cancelled_and_what_may_have_left_is_not(
    desk: Desk,
) -> None:
    _, doubtful = asked(desk)
    (waiting,) = desk.announce("Nanti", desk.account("b"), due_at=NOW + HOUR)
    officer = desk.people[Role.OFFICER]
    with desk.store.write(desk.office) as work:
        cancel_delivery(work, officer, waiting, "batal", NOW)
    assert desk.state(waiting) is S.CANCELLED
    with pytest.raises(Conflict), desk.store.write(desk.office) as work:
        cancel_delivery(work, officer, doubtful, "batal", NOW)


# a restored backup


def restore(desk: Desk, taken_at, now) -> int:
    with desk.store.write(SystemScope("restore")) as work:
        return after_restore(work, taken_at, now)


def test_what_was_due_since_the_backup_is_looked_for_and_found(desk: Desk) -> None:
    desk.ways = BOTH
    account = desk.account()
    (sent,) = desk.announce("Sudah", account, due_at=NOW + MINUTE)
    (future,) = desk.announce("Belum", account, due_at=NOW + 3 * HOUR)
    desk.wall.post(account, "key of a lost history", "Sudah")
    assert restore(desk, NOW, NOW + 2 * HOUR) == 1
    row = desk.row(sent)
    assert (row.state, row.problem) == (S.UNCERTAIN, Problem.RESTORED_BACKUP)
    assert desk.state(future) is S.SCHEDULED
    assert not desk.job().send_next(NOW + 2 * HOUR)
    desk.job().settle_next(NOW + 2 * HOUR)
    assert desk.state(sent) is S.PUBLISHED
    assert len(desk.wall.rows()) == 1


def test_what_is_not_found_after_a_restore_is_asked_about_never_replayed(
    desk: Desk,
) -> None:
    desk.ways = BOTH
    account = desk.account()
    (delivery,) = desk.announce("Sudah?", account, due_at=NOW - MINUTE)
    assert restore(desk, NOW, NOW + MINUTE) == 1  # late already when it was backed up
    now = NOW + MINUTE
    while desk.job().settle_next(now) or now < NOW + 5 * MINUTE:
        now += MINUTE
    assert desk.state(delivery) is S.NEEDS_PERSON
    assert desk.wall.rows() == []


@pytest.mark.parametrize("state", [S.CLAIMED, S.PREPARED, S.ARMED, S.HELD])
def test_every_unfinished_state_of_a_backup_is_doubted(desk: Desk, state: S) -> None:
    (delivery,) = desk.announce("Setengah", desk.account())
    desk.change(Delivery, delivery, state=state, lease_token="x")
    assert restore(desk, NOW, NOW + HOUR) == 1
    row = desk.row(delivery)
    assert (row.state, row.lease_token) == (S.UNCERTAIN, "")
