"""Sending: one post for one delivery, in order, and only while it may go."""

import hashlib
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.account import Account
from models.announcement import Announcement
from models.chain import AuditEvent
from models.delivery import Attempt, Delivery
from models.errors import (
    Disconnected,
    NetworkError,
    Refused,
    TryLater,
    Uncertain,
)
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.speech import Image
from models.states import AccountHealth, AccountMode, DeliveryState, Role
from models.thread import packed
from pipeline import settling
from pipeline.outcomes import MOST_TRIES_OF_A_FAULT
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.ledger_kit import TEST, Desk, Fault, Wall

S = DeliveryState
MINUTE = timedelta(minutes=1)
BYTES = b"\xff\xd8jpeg"
PICTURE = Image(BYTES, "image/jpeg", hashlib.sha256(BYTES).hexdigest(), "Foto")


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def drain(desk: Desk, now=NOW) -> int:
    job = desk.job()
    rounds = 0
    while job.send_next(now):
        rounds += 1
        assert rounds < 500
    return rounds


# the plain road


def test_a_due_delivery_is_published_once_with_its_receipt(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("SIM keliling hari ini", account)
    assert desk.job().send_next(NOW)
    assert not desk.job().send_next(NOW)
    row = desk.row(delivery)
    assert (row.state, row.url) == (S.PUBLISHED, "https://dinding.example/1")
    assert desk.wall.texts() == ["SIM keliling hari ini"]
    with desk.store.read(desk.office) as work:
        receipt = work.deliveries.receipt(delivery)
        assert receipt is not None
        assert (receipt.remote_id, receipt.found_by) == ("1", "answer")
        (attempt,) = work.deliveries.attempts(delivery)
        assert (attempt.number, attempt.outcome) == (1, S.PUBLISHED)


def test_nothing_is_sent_before_it_is_due(desk: Desk) -> None:
    (delivery,) = desk.announce("Besok", desk.account(), due_at=NOW + MINUTE)
    assert not desk.job().send_next(NOW)
    assert desk.state(delivery) is S.SCHEDULED


def test_every_step_is_told_in_order_and_stands_in_the_database(desk: Desk) -> None:
    (delivery,) = desk.announce("Langkah", desk.account())
    seen = []
    desk.job(lambda step: seen.append((step, desk.state(delivery)))).send_next(NOW)
    assert seen == [
        ("claimed", S.CLAIMED),
        ("prepared", S.PREPARED),
        ("armed", S.ARMED),
        ("looked", S.ARMED),
        ("answered", S.ARMED),
        ("recorded", S.PUBLISHED),
    ]


def test_no_transaction_is_open_while_the_network_is_awaited(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Tanpa transaksi", account)

    def another_writer() -> None:
        desk.change(Account, account, handle="lain")

    desk.on(account).writes.append(Fault(accepted=True, after_gate=another_writer))
    desk.job().send_next(NOW)
    assert desk.state(delivery) is S.PUBLISHED


def test_an_account_sends_in_the_order_of_due_time_and_number(desk: Desk) -> None:
    account = desk.account()
    desk.announce("kedua", account, due_at=NOW - MINUTE)
    desk.announce("ketiga", account, due_at=NOW - MINUTE)
    desk.announce("pertama", account, due_at=NOW - 2 * MINUTE)
    drain(desk)
    assert desk.wall.texts() == ["pertama", "kedua", "ketiga"]


def test_the_account_that_waits_longest_goes_first(desk: Desk) -> None:
    late, later = desk.account("a"), desk.account("b")
    desk.announce("b", later, due_at=NOW - MINUTE)
    desk.announce("a", late, due_at=NOW - 2 * MINUTE)
    desk.job().send_next(NOW)
    assert desk.wall.texts() == ["a"]


def test_an_account_in_other_hands_is_left_alone_and_others_go_on(desk: Desk) -> None:
    busy, free = desk.account("a"), desk.account("b")
    desk.announce("a", busy, due_at=NOW - MINUTE)
    desk.announce("b", free)
    desk.change(Account, busy, lease_token="x", lease_until=NOW + MINUTE)
    drain(desk)
    assert desk.wall.texts() == ["b"]


# what may not go


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"mode": AccountMode.REHEARSAL}, Problem.REHEARSAL),
        ({"health": AccountHealth.DISCONNECTED}, Problem.ACCOUNT_DISCONNECTED),
        ({"removed_at": NOW}, Problem.ACCOUNT_DISCONNECTED),
    ],
)
def test_an_account_that_may_not_send_holds_what_is_due(
    desk: Desk, values: dict[str, object], problem: Problem
) -> None:
    (delivery,) = desk.announce("Tahan", desk.account(**values))
    drain(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, problem)
    assert desk.wall.texts() == []


@pytest.mark.parametrize("until", [None, NOW + MINUTE])
def test_a_stopped_account_holds_what_is_due(
    desk: Desk, until: datetime | None
) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Tahan", account)
    desk.stop(account, until)
    drain(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.ACCOUNT_STOPPED)
    assert desk.wall.texts() == []


def test_bar_6_one_changed_byte_after_the_approval_holds_the_delivery(
    desk: Desk,
) -> None:
    (delivery,) = desk.announce("Disetujui", desk.account())
    desk.edit(delivery, "Disetujui.")
    drain(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.APPROVAL_VOID)
    assert desk.wall.texts() == []


def test_bar_6_one_changed_byte_of_one_variant_holds_the_delivery(desk: Desk) -> None:
    account, other = desk.account("satu"), desk.account("dua")
    changed, kept = desk.announce("Disetujui", account, other, thread=("Satu", "Dua"))
    with desk.store.write(desk.office) as work:
        announcement = desk.row(changed).announcement_id
        for variant in work.announcements.variants(announcement):
            if variant.account_id == account:
                variant.parts = packed(("Satu", "Dua."))
    drain(desk)
    row = desk.row(changed)
    assert (row.state, row.problem) == (S.HELD, Problem.APPROVAL_VOID)
    assert desk.state(kept) is S.HELD, "one approval is for all of it"
    assert desk.wall.texts() == []


def test_bar_6_one_changed_byte_of_the_picture_holds_the_delivery(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Disetujui", account, image=PICTURE)
    with desk.store.write(desk.office) as work:
        media = work.announcements.media_named(PICTURE.sha256)
        assert media is not None
        media.content = BYTES[:-1] + b"G"
    drain(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.MEDIA_MISSING)
    assert (desk.wall.texts(), desk.on(account).uploaded) == ([], [])


@pytest.mark.parametrize("early", [True, False])
def test_bar_6_a_delivery_outside_the_approved_window_does_not_go(
    desk: Desk, *, early: bool
) -> None:
    """Its own times were changed behind our back; the approved ones were not."""
    (delivery,) = desk.announce("Disetujui", desk.account())
    values = (
        {"publish_at": NOW + MINUTE}
        if early
        else {"publish_at": NOW - MINUTE, "not_after": NOW}
    )
    desk.change(Announcement, desk.row(delivery).announcement_id, **values)
    desk.approve_anew(delivery)
    drain(desk)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (
        (S.HELD, Problem.APPROVAL_VOID) if early else (S.MISSED, Problem.WINDOW_PASSED)
    )
    assert desk.wall.texts() == []


def test_a_picture_that_was_damaged_is_whole_again_once_it_is_given_anew(
    desk: Desk,
) -> None:
    (delivery,) = desk.announce("Disetujui", desk.account(), image=PICTURE)
    with desk.store.write(desk.office) as work:
        media = work.announcements.media_named(PICTURE.sha256)
        assert media is not None
        media.content = b""
    drain(desk)
    with desk.store.write(desk.office) as work:
        work.announcements.store_media(PICTURE, NOW)
    desk.approve_anew(delivery)
    with desk.store.write(desk.office) as work:
        settling.release(work, desk.people[Role.APPROVER], delivery, NOW)
    drain(desk)
    assert desk.state(delivery) is S.PUBLISHED


def test_what_is_too_late_is_missed_and_the_next_one_goes(desk: Desk) -> None:
    account = desk.account()
    (stale,) = desk.announce("basi", account, due_at=NOW - MINUTE, not_after=NOW)
    desk.announce("segar", account)
    desk.job().send_next(NOW)
    row = desk.row(stale)
    assert (row.state, row.problem) == (S.MISSED, Problem.WINDOW_PASSED)
    assert desk.wall.texts() == ["segar"]


def test_what_waits_for_a_person_too_long_is_missed_too(desk: Desk) -> None:
    account = desk.account(mode=AccountMode.REHEARSAL)
    (held,) = desk.announce("gladi", account, not_after=NOW + MINUTE)
    drain(desk)
    assert desk.state(held) is S.HELD
    assert desk.job().sweep(NOW + MINUTE) == 1
    assert desk.state(held) is S.MISSED


def test_a_delivery_replaced_by_a_later_round_never_goes(desk: Desk) -> None:
    account = desk.account()
    (first,) = desk.announce("Satu", account)
    with desk.store.write(desk.office) as work:
        row = work.deliveries.get(first)
        work.session.add(
            Delivery(
                office_id=row.office_id,
                announcement_id=row.announcement_id,
                account_id=account,
                round=2,
                key="lain",
                state=S.SCHEDULED,
                due_at=row.due_at,
                lease_until=NOW,
                updated_at=NOW,
            )
        )
    drain(desk)
    assert desk.state(first) is S.CANCELLED
    assert desk.wall.texts() == ["Satu"]


# the last look


def stop(desk: Desk, account: int):
    return lambda: desk.stop(account)


def test_no_send_starts_after_a_stop_is_committed(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Berhenti", account)
    desk.on(account).writes.append(
        Fault(accepted=True, before_gate=stop(desk, account))
    )
    desk.job().send_next(NOW)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.ACCOUNT_STOPPED)
    assert desk.wall.texts() == []


def test_an_edit_after_arming_closes_the_gate(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Lama", account)
    desk.on(account).writes.append(
        Fault(accepted=True, before_gate=lambda: desk.edit(delivery, "Baru"))
    )
    desk.job().send_next(NOW)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.APPROVAL_VOID)
    assert desk.wall.texts() == []


def test_an_edit_between_preparing_and_arming_is_seen(desk: Desk) -> None:
    (delivery,) = desk.announce("Lama", desk.account())

    def edit(step: str) -> None:
        if step == "prepared":
            desk.edit(delivery, "Baru")

    desk.job(edit).send_next(NOW)
    assert desk.state(delivery) is S.HELD
    with desk.store.read(TEST) as work:
        assert work.session.scalars(select(Attempt)).all() == []


def test_what_is_approved_anew_while_it_is_prepared_begins_again(desk: Desk) -> None:
    """The picture that was uploaded may not be the one that is approved now."""
    account = desk.account()
    (delivery,) = desk.announce("Lama", account, image=PICTURE)

    def edit_and_approve(step: str) -> None:
        if step == "prepared":
            desk.edit(delivery, "Baru")
            desk.approve_anew(delivery)

    desk.job(edit_and_approve).send_next(NOW)
    assert (desk.state(delivery), desk.row(delivery).media_ids) == (S.SCHEDULED, "")
    drain(desk, NOW + timedelta(minutes=20))
    assert desk.wall.texts() == ["Baru"]
    assert len(desk.on(account).uploaded) == 2


def test_a_worker_that_slept_too_long_sends_nothing(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Tidur", account)
    desk.on(account).writes.append(
        Fault(accepted=True, before_gate=lambda: threading.Event().wait(0.05))
    )
    desk.job(lease=MINUTE, send_within=timedelta(milliseconds=20)).send_next(NOW)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.SCHEDULED, Problem.LEASE_LOST)
    assert row.armed_at is None
    assert desk.wall.texts() == []


def test_a_worker_whose_lease_another_took_sends_nothing(desk: Desk) -> None:
    account = desk.account()
    desk.announce("Diambil", account)

    def taken() -> None:
        desk.change(Account, account, lease_token="other")

    desk.on(account).writes.append(Fault(accepted=True, before_gate=taken))
    desk.job().send_next(NOW)
    assert desk.wall.texts() == []
    assert desk.account_row(account).lease_token == "other"


# failures before anything is public


def test_a_lost_upload_is_tried_again_and_never_doubted(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Foto", account, image=PICTURE)
    desk.on(account).uploads.append(Uncertain(Problem.ANSWER_LOST))
    desk.job().send_next(NOW)
    row = desk.row(delivery)
    assert (row.state, row.tries) == (S.SCHEDULED, 1)
    assert desk.account_row(account).next_allowed_at > NOW
    drain(desk, NOW + timedelta(minutes=20))
    assert desk.state(delivery) is S.PUBLISHED


def test_a_refused_picture_is_rejected(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Foto", account, image=PICTURE)
    desk.on(account).uploads.append(Refused(Problem.MEDIA_REFUSED))
    desk.job().send_next(NOW)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.REJECTED, Problem.MEDIA_REFUSED)


def test_a_fault_of_our_own_before_arming_is_tried_again(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Foto", account, image=PICTURE)
    desk.on(account).uploads.append(ZeroDivisionError())
    desk.job().send_next(NOW)
    assert desk.state(delivery) is S.SCHEDULED


def test_a_fault_of_our_own_is_not_tried_for_ever(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Foto", account, image=PICTURE)
    desk.on(account).uploads.extend([ZeroDivisionError("rahasia")] * 100)
    for turn in range(30):
        drain(desk, NOW + turn * timedelta(minutes=16))
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.OUR_FAULT)
    assert row.detail == "ZeroDivisionError"
    assert row.tries == MOST_TRIES_OF_A_FAULT


def test_an_uploaded_picture_is_used_again_after_a_lost_lease(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Foto", account, image=PICTURE)

    class Died(BaseException):
        pass

    def die(step: str) -> None:
        if step == "prepared":
            raise Died

    with pytest.raises(Died):
        desk.job(die).send_next(NOW)
    later = NOW + timedelta(minutes=5)
    assert desk.job().sweep(later) == 1
    drain(desk, later)
    assert desk.state(delivery) is S.PUBLISHED
    assert len(desk.on(account).uploaded) == 1
    assert desk.on(account).sent[0].media_ids == ("media-1",)


# what the network says


def outcome(desk: Desk, error: BaseException, *, accepted: bool = False) -> Delivery:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    desk.on(account).writes.append(
        Fault(error, accepted=accepted, after_gate=lambda: None)
    )
    desk.job().send_next(NOW)
    return desk.row(delivery)


def test_a_network_that_asks_to_wait_is_waited_for(desk: Desk) -> None:
    wait = timedelta(minutes=15)
    row = outcome(desk, TryLater(Problem.RATE_LIMITED, wait=wait))
    assert (row.state, row.due_at) == (S.SCHEDULED, NOW)
    allowed = desk.account_row(row.account_id).next_allowed_at
    assert NOW + wait <= allowed < NOW + wait + MINUTE
    assert not desk.job().send_next(NOW + wait - MINUTE)
    drain(desk, NOW + wait + MINUTE)
    assert desk.wall.texts() == ["Kirim"]


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=3)])
def test_a_clock_set_back_does_not_prolong_a_rest(desk: Desk, back: timedelta) -> None:
    wait = timedelta(minutes=15)
    row = outcome(desk, TryLater(Problem.RATE_LIMITED, wait=wait))
    noticed = NOW - back
    desk.change(Delivery, row.id, due_at=noticed - MINUTE)
    desk.job().sweep(noticed)
    assert not desk.job().send_next(noticed + wait - MINUTE)
    drain(desk, noticed + wait + MINUTE)
    assert desk.wall.texts() == ["Kirim"]


def test_a_rest_is_as_long_as_asked_while_the_clock_runs_well(desk: Desk) -> None:
    wait = timedelta(minutes=15)
    row = outcome(desk, TryLater(Problem.RATE_LIMITED, wait=wait))
    before = desk.account_row(row.account_id).next_allowed_at
    for minutes in range(1, 15):
        desk.job().sweep(NOW + minutes * MINUTE)
    assert desk.account_row(row.account_id).next_allowed_at == before


def test_a_spent_budget_holds_the_delivery_and_not_the_account(desk: Desk) -> None:
    row = outcome(desk, TryLater(Problem.BUDGET_SPENT, wait=timedelta(days=6)))
    assert (row.state, row.problem) == (S.HELD, Problem.BUDGET_SPENT)
    assert desk.account_row(row.account_id).next_allowed_at < NOW


def test_a_refused_token_holds_the_delivery_and_disconnects_the_account(
    desk: Desk,
) -> None:
    row = outcome(desk, Disconnected(Problem.TOKEN_REFUSED))
    assert (row.state, row.problem) == (S.HELD, Problem.TOKEN_REFUSED)
    account = desk.account_row(row.account_id)
    assert account.health is AccountHealth.DISCONNECTED
    assert account.problem is Problem.TOKEN_REFUSED
    assert disconnections(desk) == [(account.office_id, account.id, "token_refused")]


def disconnections(desk: Desk) -> list[tuple[int | None, int | None, str]]:
    wanted = select(AuditEvent).where(AuditEvent.action == "account.disconnected")
    with desk.store.read(TEST) as work:
        return [
            (one.office_id, one.subject_id, one.detail)
            for one in work.session.scalars(wanted)
        ]


def test_secrets_that_were_replaced_meanwhile_are_not_judged_by_the_old_ones(
    desk: Desk,
) -> None:
    account = desk.account()
    desk.announce("Kirim", account)

    def connected_again() -> None:
        desk.change(Account, account, sealed_secrets=b"baru")

    desk.on(account).writes.append(
        Fault(Disconnected(Problem.TOKEN_REFUSED), after_gate=connected_again)
    )
    desk.job().send_next(NOW)
    assert desk.account_row(account).health is AccountHealth.CONNECTED
    assert disconnections(desk) == []


def test_a_refused_text_is_rejected_and_never_sent_again(desk: Desk) -> None:
    row = outcome(desk, Refused(Problem.DUPLICATE_TEXT, "duplicate content"))
    assert (row.state, row.problem) == (S.REJECTED, Problem.DUPLICATE_TEXT)
    assert row.detail == "duplicate content"
    drain(desk, NOW + timedelta(days=1))
    assert len(desk.on(row.account_id).sent) == 1


@pytest.mark.parametrize(
    "error",
    [Uncertain(Problem.ANSWER_LOST), ZeroDivisionError(), NetworkError(Problem.GONE)],
)
def test_bar_4_a_lost_answer_or_an_unexpected_error_is_never_sent_again(
    desk: Desk, error: BaseException
) -> None:
    row = outcome(desk, error, accepted=True)
    assert row.state is S.UNCERTAIN
    assert row.next_look_at is not None
    drain(desk, NOW + timedelta(days=1))
    assert desk.wall.texts() == ["Kirim"]


def test_an_uncertain_head_blocks_its_account_for_two_minutes_at_most(
    desk: Desk,
) -> None:
    account = desk.account()
    desk.announce("kepala", account, due_at=NOW - MINUTE)
    desk.announce("ekor", account)
    desk.on(account).writes.append(Fault(Uncertain(Problem.ANSWER_LOST), accepted=True))
    drain(desk)
    drain(desk, NOW + timedelta(seconds=110))
    assert desk.wall.texts() == ["kepala"]
    drain(desk, NOW + timedelta(seconds=125))
    assert desk.wall.texts() == ["kepala", "ekor"]
