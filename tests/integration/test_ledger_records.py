"""A post with a name of its own: written again under it, it can never stand twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.delivery import Delivery
from models.errors import TryLater, Uncertain
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import Answer, DeliveryState, Role
from networks.capabilities import ReadBack
from pipeline import settling
from pipeline.outcomes import MOST_ARMINGS_OF_A_RECORD, plan_of
from pipeline.settling import after_restore
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.ledger_kit import LOOKS, RECORDS, TEST, Desk, Fault, Wall

S = DeliveryState
SECOND, MINUTE, HOUR = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours")
)
LOST = Uncertain(Problem.ANSWER_LOST)


class Died(BaseException):
    """The process is gone; nothing after it runs."""


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"), RECORDS)


def waiting(desk: Desk, text: str = "Kirim") -> tuple[int, int]:
    account = desk.account(text)
    desk.on(account).keeps_records = True
    (delivery,) = desk.announce(text, account)
    return account, delivery


def lose(desk: Desk, *, accepted: bool) -> tuple[int, int]:
    """A delivery whose answer was lost; its account and its id."""
    account, delivery = waiting(desk)
    fault = Fault(LOST, accepted=accepted, after_gate=lambda: None)
    desk.on(account).writes.append(fault)
    desk.job().send_next(NOW)
    assert desk.state(delivery) is S.UNCERTAIN
    return account, delivery


def run(desk: Desk, until, every=SECOND) -> None:
    job, now = desk.job(), NOW
    while now <= until:
        job.settle_next(now)
        job.send_next(now)
        now += every


def test_a_name_is_committed_before_the_call_and_goes_with_it(desk: Desk) -> None:
    account, delivery = waiting(desk)
    kept: list[str | None] = []
    look = Fault(accepted=True, before_gate=lambda: kept.append(name(desk, delivery)))
    desk.on(account).writes.append(look)
    desk.job().send_next(NOW)
    (sent,) = desk.on(account).sent
    assert kept == [sent.record_key] == ["nama-1"]
    assert desk.state(delivery) is S.PUBLISHED


def name(desk: Desk, delivery: int) -> str | None:
    return desk.row(delivery).record_key


def test_a_name_is_used_again_after_a_lost_lease(desk: Desk) -> None:
    account, delivery = waiting(desk)

    def die(step: str) -> None:
        if step == "prepared":
            raise Died

    with pytest.raises(Died):
        desk.job(die).send_next(NOW)
    later = NOW + 5 * MINUTE
    assert desk.job().sweep(later) == 1
    desk.job().send_next(later)
    assert desk.on(account).named == 1
    assert [sent.record_key for sent in desk.on(account).sent] == ["nama-1"]
    assert desk.state(delivery) is S.PUBLISHED


def test_a_name_that_is_too_old_is_offered_to_the_network_again(desk: Desk) -> None:
    account, delivery = waiting(desk)
    desk.on(account).writes.append(Fault(TryLater(Problem.RATE_LIMITED, wait=7 * HOUR)))
    desk.job().send_next(NOW)
    before = desk.row(delivery).media_at
    desk.job().send_next(NOW + 8 * HOUR)
    row = desk.row(delivery)
    assert (row.state, row.record_key) == (S.PUBLISHED, "nama-1")
    assert before is not None
    assert row.media_at is not None
    assert row.media_at > before


def test_another_content_gets_another_name(desk: Desk) -> None:
    account, delivery = waiting(desk)

    def edit_and_approve(step: str) -> None:
        if step == "prepared":
            desk.edit(delivery, "Baru")
            desk.approve_anew(delivery)

    desk.job(edit_and_approve).send_next(NOW)
    assert (desk.state(delivery), name(desk, delivery)) == (S.SCHEDULED, None)
    run(desk, NOW + MINUTE)
    assert [sent.record_key for sent in desk.on(account).sent] == ["nama-2"]


def test_what_stands_under_its_name_is_found_by_one_look(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=True)
    run(desk, NOW + MINUTE)
    assert desk.state(delivery) is S.PUBLISHED
    assert len(desk.wall.rows()) == len(desk.on(account).sent) == 1


def test_what_is_absent_under_its_name_goes_again_under_it(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=False)
    run(desk, NOW + MINUTE)
    assert desk.state(delivery) is S.PUBLISHED
    assert [sent.record_key for sent in desk.on(account).sent] == ["nama-1"] * 2
    assert len(desk.wall.rows()) == 1


def test_a_call_that_arrives_after_the_look_makes_no_second_post(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=False)
    (late,) = desk.on(account).sent
    arrives = Fault(accepted=True, before_gate=lambda: desk.on(account)._post(late))
    desk.on(account).writes.append(arrives)
    run(desk, NOW + MINUTE)
    assert desk.state(delivery) is S.PUBLISHED
    assert len(desk.on(account).sent) == 2
    assert len(desk.wall.rows()) == 1


def test_twenty_lost_answers_make_one_post_and_then_ask_a_person(desk: Desk) -> None:
    account, delivery = waiting(desk)
    lost = Fault(LOST, after_gate=lambda: None)
    desk.on(account).writes.extend([lost] * 20)
    run(desk, NOW + 5 * HOUR, every=MINUTE)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.NEEDS_PERSON, Problem.NOT_FOUND_AFTER_LOOKING)
    assert len(desk.on(account).sent) == MOST_ARMINGS_OF_A_RECORD
    assert desk.wall.rows() == []


def test_what_may_not_go_is_looked_for_twice_and_then_held(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=False)
    desk.stop(account)
    run(desk, NOW + 50 * SECOND)
    assert (desk.state(delivery), desk.row(delivery).looks) == (S.UNCERTAIN, 1)
    run(desk, NOW + 3 * MINUTE)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.ACCOUNT_STOPPED)
    assert row.record_key == "nama-1"
    assert len(desk.on(account).sent) == 1


def test_a_person_who_sends_again_keeps_the_name(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=False)
    desk.change(Delivery, delivery, state=S.NEEDS_PERSON)
    with desk.store.write(desk.office) as work:
        officer = desk.people[Role.OFFICER]
        settling.answer(work, officer, delivery, Answer.SEND_AGAIN, NOW)
    assert desk.row(delivery).media_at is None
    run(desk, NOW + MINUTE)
    assert [sent.record_key for sent in desk.on(account).sent] == ["nama-1"] * 2


def test_a_restored_backup_does_not_trust_its_names(desk: Desk) -> None:
    """After the backup the post may have been named anew, and sent."""
    account, delivery = waiting(desk)
    desk.change(Delivery, delivery, record_key="nama-lama", media_at=NOW)
    desk.wall.post(account, "nama-baru", "Kirim")
    with desk.store.write(TEST) as work:
        assert after_restore(work, NOW, NOW + MINUTE) == 1
    desk.job().settle_next(NOW + 2 * MINUTE)
    assert desk.state(delivery) is S.PUBLISHED
    assert desk.on(account).sent == []


@pytest.mark.parametrize(
    ("age", "may_write", "named", "again", "at_once"),
    [
        (MINUTE, True, True, True, True),
        (MINUTE, False, True, True, False),
        (MINUTE, True, False, False, False),
        (25 * HOUR, True, True, False, False),
        (None, True, True, False, False),
    ],
)
def test_a_name_settles_inside_its_life(age, may_write, named, again, at_once) -> None:
    ways = (ReadBack(2, MINUTE, within=24 * HOUR), *LOOKS)
    plan = plan_of(ways, age, 0, may_write=may_write, named=named)
    assert (plan.again, plan.at_once, plan.looks) == (again, at_once, 2)
