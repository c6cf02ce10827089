"""Threads: part after part, each kept before the next, and on from where it was."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.account import Account
from models.announcement import Announcement, Variant
from models.errors import (
    Conflict,
    Disconnected,
    InvalidInput,
    Refused,
    TryLater,
    Uncertain,
)
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import AccountHealth, Answer, DeliveryState, Role
from models.thread import key_of_part, packed
from pipeline import announcing, settling
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.ledger_kit import BOTH, TEST, Desk, Fault, Wall
from tests.integration.test_ledger_sending import PICTURE

S = DeliveryState
SECOND, MINUTE, HOUR = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours")
)
PARTS = ("Satu.", "Dua.", "Tiga.")
LOST = Uncertain(Problem.ANSWER_LOST)


class Died(BaseException):
    """The process is gone; nothing after it runs."""


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def thread(desk: Desk, **values) -> tuple[int, int]:
    """An approved thread; its account and its delivery."""
    account = desk.account()
    (delivery,) = desk.announce("Satu. Dua. Tiga.", account, thread=PARTS, **values)
    return account, delivery


def run(desk: Desk, now=NOW) -> None:
    """Send and settle until nothing is left to do at this hour."""
    job = desk.job()
    for _ in range(50):
        if not (job.send_next(now) or job.settle_next(now)):
            return
    raise AssertionError("it never comes to rest")


def stands(desk: Desk, delivery: int) -> list[tuple[int, str]]:
    with desk.store.read(desk.office) as work:
        return [(one.number, one.remote_id) for one in work.deliveries.thread(delivery)]


def answers(desk: Desk, account: int) -> list[str | None]:
    return [sent.reply_to for sent in desk.on(account).sent]


# the plain road


def test_every_part_answers_the_one_before_and_the_whole_stands_at_last(
    desk: Desk,
) -> None:
    account, delivery = thread(desk)
    run(desk)
    assert desk.wall.texts() == list(PARTS)
    assert answers(desk, account) == [None, "1", "2"]
    assert stands(desk, delivery) == [(1, "1"), (2, "2"), (3, "3")]
    row = desk.row(delivery)
    assert (row.state, row.remote_id) == (S.PUBLISHED, "1")
    assert row.sent_text == "Satu.\n\nDua.\n\nTiga."
    assert row.url == "https://dinding.example/1"
    with desk.store.read(desk.office) as work:
        receipt = work.deliveries.receipt(delivery)
        assert receipt is not None
        assert receipt.remote_id == "1"
        assert len(work.deliveries.attempts(delivery)) == 3


def test_each_part_is_kept_before_the_next_one_leaves(desk: Desk) -> None:
    _, delivery = thread(desk)
    seen = []
    job = desk.job(
        lambda step: seen.append(stands(desk, delivery)) if step == "looked" else None
    )
    while job.send_next(NOW):
        pass
    assert seen == [[], [(1, "1")], [(1, "1"), (2, "2")]]


def test_a_thread_is_finished_before_the_next_post_of_the_account(desk: Desk) -> None:
    account, _ = thread(desk)
    desk.announce("Sesudahnya", account)
    run(desk)
    assert desk.wall.texts() == [*PARTS, "Sesudahnya"]


def test_the_picture_goes_with_the_first_part_only(desk: Desk) -> None:
    account, _ = thread(desk, image=PICTURE)
    run(desk)
    sent = desk.on(account).sent
    assert [len(one.media_ids) for one in sent] == [1, 0, 0]
    assert [len(one.images) for one in sent] == [1, 0, 0]
    assert len(desk.on(account).uploaded) == 1


def test_every_part_has_a_key_of_its_own(desk: Desk) -> None:
    account, delivery = thread(desk)
    run(desk)
    keys = [one.key for one in desk.on(account).sent]
    first = keys[0]
    assert keys == [first, f"{first}.2", f"{first}.3"]
    assert key_of_part(f"{first}.2~7", 3) == f"{first}.3"
    assert desk.row(delivery).key == keys[2]


# on from where it was


@pytest.mark.parametrize("part", [1, 2, 3])
@pytest.mark.parametrize("accepted", [True, False], ids=["it stands", "it does not"])
def test_a_lost_answer_in_a_thread_doubles_no_part_and_loses_none(
    desk: Desk, part: int, accepted: bool
) -> None:
    desk.ways = BOTH
    account, delivery = thread(desk)
    fine = [Fault(accepted=True)] * (part - 1)
    lost = Fault(LOST, accepted=accepted, after_gate=lambda: None)
    desk.on(account).writes.extend([*fine, lost])
    for second in range(0, 300, 15):
        run(desk, NOW + second * SECOND)
    assert desk.wall.texts() == list(PARTS)
    assert desk.state(delivery) is S.PUBLISHED
    assert [n for n, _ in stands(desk, delivery)] == [1, 2, 3]


@pytest.mark.parametrize("step", ["claimed", "prepared", "armed", "answered"])
def test_a_worker_that_dies_at_the_second_part_is_followed_at_the_second_part(
    desk: Desk, step: str
) -> None:
    desk.ways = BOTH
    _, delivery = thread(desk)
    assert desk.job().send_next(NOW)

    def die(now_at: str) -> None:
        if now_at == step:
            raise Died

    with pytest.raises(Died):
        desk.job(die).send_next(NOW)
    later = NOW + 4 * MINUTE
    desk.job().sweep(later)
    for second in range(0, 300, 15):
        run(desk, later + second * SECOND)
    assert desk.wall.texts() == list(PARTS)
    assert desk.state(delivery) is S.PUBLISHED


def test_a_network_that_asks_to_wait_is_told_the_same_part_later(desk: Desk) -> None:
    account, _ = thread(desk)
    wait = TryLater(Problem.RATE_LIMITED, wait=MINUTE)
    desk.on(account).writes.extend([Fault(accepted=True), Fault(wait)])
    run(desk)
    assert desk.wall.texts() == ["Satu."]
    run(desk, NOW + 2 * MINUTE)
    assert desk.wall.texts() == list(PARTS)
    assert answers(desk, account) == [None, "1", "2"]


def test_a_late_answer_for_a_part_that_was_found_is_not_taken_for_the_next(
    desk: Desk,
) -> None:
    account, delivery = thread(desk)
    later = NOW + 4 * MINUTE

    def meanwhile() -> None:
        desk.job().sweep(later)
        desk.job().settle_next(later)
        assert stands(desk, delivery) == [(1, "1")]

    desk.on(account).writes.append(Fault(accepted=True, after_gate=meanwhile))
    desk.job().send_next(NOW)
    assert stands(desk, delivery) == [(1, "1")]
    assert desk.row(delivery).part == 2
    run(desk, later)
    assert desk.wall.texts() == list(PARTS)


def test_the_same_text_twice_in_a_thread_is_found_for_one_part_only(
    desk: Desk,
) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Hati-hati.", account, thread=("Awas.", "Awas."))
    lost = Fault(LOST, accepted=False, after_gate=lambda: None)
    desk.on(account).writes.extend([Fault(accepted=True), lost])
    for second in range(0, 300, 15):
        run(desk, NOW + second * SECOND)
    row = desk.row(delivery)
    assert (row.state, row.part) == (S.NEEDS_PERSON, 2)


# people and approval


def test_a_changed_part_does_not_go_out(desk: Desk) -> None:
    _, delivery = thread(desk)
    assert desk.job().send_next(NOW)
    with desk.store.write(TEST) as work:
        announcement_id = desk.row(delivery).announcement_id
        (variant,) = work.announcements.variants(announcement_id)
        desk_parts = packed(("Satu.", "Dua!", "Tiga."))
        work.session.get_one(Variant, variant.id).parts = desk_parts
    run(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.APPROVAL_VOID)
    assert desk.wall.texts() == ["Satu."]


def test_what_has_begun_is_not_edited_any_more(desk: Desk) -> None:
    account, delivery = thread(desk)
    assert desk.job().send_next(NOW)
    assert desk.state(delivery) is S.SCHEDULED
    announcement_id = desk.row(delivery).announcement_id
    form = announcing.AnnouncementForm("Judul", "Lain", {account: ""})
    with pytest.raises(Conflict), desk.store.write(desk.office) as work:
        announcing.edit(work, desk.people[Role.OFFICER], announcement_id, 1, form, NOW)


def test_a_thread_that_is_cancelled_in_the_middle_ends_there(desk: Desk) -> None:
    _, delivery = thread(desk)
    assert desk.job().send_next(NOW)
    with desk.store.write(desk.office) as work:
        by = desk.people[Role.OFFICER]
        announcing.cancel(work, by, desk.row(delivery).announcement_id, "Salah", NOW)
    run(desk)
    assert desk.wall.texts() == ["Satu."]
    assert desk.state(delivery) is S.CANCELLED
    assert stands(desk, delivery) == [(1, "1")]


def test_a_refused_part_ends_the_thread_and_says_why(desk: Desk) -> None:
    account, delivery = thread(desk)
    no = Refused(Problem.CONTENT_REFUSED)
    desk.on(account).writes.extend([Fault(accepted=True), Fault(no)])
    run(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem, row.part) == (
        S.REJECTED,
        Problem.CONTENT_REFUSED,
        2,
    )
    assert desk.wall.texts() == ["Satu."]


def test_a_token_that_ends_in_the_middle_holds_the_rest_until_it_is_renewed(
    desk: Desk,
) -> None:
    account, delivery = thread(desk)
    over = Disconnected(Problem.TOKEN_REFUSED)
    desk.on(account).writes.extend([Fault(accepted=True), Fault(over)])
    run(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem, row.part) == (S.HELD, Problem.TOKEN_REFUSED, 2)
    assert desk.account_row(account).health is AccountHealth.DISCONNECTED
    run(desk, NOW + MINUTE)
    assert desk.wall.texts() == ["Satu."]
    desk.change(Account, account, health=AccountHealth.CONNECTED, problem=None)
    with desk.store.write(desk.office) as work:
        work.schedule.release(account, Problem.TOKEN_REFUSED, NOW)
    run(desk, NOW + 2 * MINUTE)
    assert desk.wall.texts() == list(PARTS)
    assert answers(desk, account) == [None, "1", "2"]
    assert desk.state(delivery) is S.PUBLISHED


def test_a_person_names_the_post_that_the_next_part_answers(desk: Desk) -> None:
    account, delivery = thread(desk)
    desk.change(type(desk.row(delivery)), delivery, state=S.NEEDS_PERSON)
    by = desk.people[Role.APPROVER]
    with pytest.raises(InvalidInput), desk.store.write(desk.office) as work:
        settling.answer(work, by, delivery, Answer.WAS_PUBLISHED, NOW)
    with desk.store.write(desk.office) as work:
        url = "https://dinding.example/@humas/912?s=20"
        settling.answer(work, by, delivery, Answer.WAS_PUBLISHED, NOW, url=url)
    run(desk)
    assert answers(desk, account) == ["912", "1"]
    assert desk.wall.texts() == ["Dua.", "Tiga."]
    assert desk.state(delivery) is S.PUBLISHED


def test_after_a_restore_every_later_part_is_looked_for_before_it_is_sent(
    desk: Desk,
) -> None:
    account, delivery = thread(desk)
    for text in PARTS[:2]:  # sent in the time that the backup does not know
        desk.wall.post(account, "hilang", text)
    with desk.store.write(TEST) as work:
        settling.after_restore(work, NOW - HOUR, NOW)
    for second in range(0, 300, 15):
        run(desk, NOW + second * SECOND)
    assert desk.wall.texts() == ["Satu.", "Dua."]
    row = desk.row(delivery)
    assert (row.state, row.part) == (S.NEEDS_PERSON, 3)
    with desk.store.write(desk.office) as work:
        by = desk.people[Role.APPROVER]
        settling.answer(work, by, delivery, Answer.SEND_AGAIN, NOW)
    run(desk, NOW + HOUR)
    assert desk.wall.texts() == list(PARTS)
    assert answers(desk, account) == ["2"]


def test_what_was_approved_before_threads_were_known_keeps_its_hash(
    desk: Desk,
) -> None:
    (delivery,) = desk.announce("SIM keliling", desk.account())
    desk.change(
        Announcement, desk.row(delivery).announcement_id, publish_at=None, title="J"
    )
    with desk.store.read(desk.office) as work:
        content = work.announcements.content(desk.row(delivery).announcement_id)
    assert b'"thread"' not in content.canonical
    assert len(content.hash) == 64
