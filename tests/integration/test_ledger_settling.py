"""Settling: an uncertain delivery is found, replayed inside its life, or asked about."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.delivery import Delivery
from models.errors import Disconnected, NetworkError, Refused, TryLater, Uncertain
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.speech import Outgoing
from models.states import AccountHealth, DeliveryState, Role
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.ledger_kit import BOTH, REPLAYS, Desk, Fault, Wall

S = DeliveryState
SECOND, MINUTE, HOUR = (
    timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours")
)
LOST = Uncertain(Problem.ANSWER_LOST)
SOON = NOW + 30 * SECOND  # after the first look is due, on a busy machine too


class Died(BaseException):
    """The process is gone; nothing after it runs."""


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def lose(desk: Desk, *, accepted: bool, text: str = "Kirim") -> tuple[int, int]:
    """A delivery whose answer was lost; its account and its id."""
    account = desk.account(text)
    (delivery,) = desk.announce(text, account)
    desk.on(account).writes.append(
        Fault(LOST, accepted=accepted, after_gate=lambda: None)
    )
    desk.job().send_next(NOW)
    assert desk.state(delivery) is S.UNCERTAIN
    return account, delivery


def settle(desk: Desk, until, every=5 * SECOND, begin=NOW) -> None:
    """Let the settling job run by the clock."""
    job, now = desk.job(), begin
    while now <= until:
        job.settle_next(now)
        now += every


def found_by(desk: Desk, delivery: int) -> str | None:
    with desk.store.read(desk.office) as work:
        receipt = work.deliveries.receipt(delivery)
        return receipt.found_by if receipt else None


# look up


def test_bar_3_a_lost_answer_is_settled_within_a_minute_by_one_look(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=True)
    settle(desk, NOW + MINUTE)
    row = desk.row(delivery)
    assert (row.state, row.url) == (S.PUBLISHED, "https://dinding.example/1")
    assert row.problem is None
    assert found_by(desk, delivery) == "look_up"
    assert len(desk.wall.rows()) == 1
    assert desk.account_row(account).lease_token == ""


def test_a_person_is_asked_after_two_looks_a_minute_apart(desk: Desk) -> None:
    _, delivery = lose(desk, accepted=False)
    settle(desk, NOW + 50 * SECOND)
    assert (desk.state(delivery), desk.row(delivery).looks) == (S.UNCERTAIN, 1)
    settle(desk, NOW + 70 * SECOND, begin=NOW + 51 * SECOND)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (
        S.NEEDS_PERSON,
        Problem.NOT_FOUND_AFTER_LOOKING,
    )
    assert desk.wall.rows() == []


def test_the_same_text_of_another_delivery_is_no_proof(desk: Desk) -> None:
    account, first = lose(desk, accepted=True)
    settle(desk, SOON, every=10 * SECOND)
    (second,) = desk.announce("Kirim", account)
    desk.on(account).writes.append(Fault(LOST, accepted=False, after_gate=lambda: None))
    desk.job().send_next(NOW + 40 * SECOND)
    settle(desk, NOW + 3 * MINUTE, begin=NOW + 40 * SECOND)
    assert desk.state(first) is S.PUBLISHED
    assert desk.state(second) is S.NEEDS_PERSON


def test_a_network_that_does_not_answer_a_look_is_asked_again(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=True)
    wait = TryLater(Problem.RATE_LIMITED, wait=10 * MINUTE)
    desk.on(account).looks.append(wait)
    settle(desk, NOW + 9 * MINUTE, every=15 * SECOND)
    assert (desk.state(delivery), desk.row(delivery).looks) == (S.UNCERTAIN, 0)
    settle(desk, NOW + 11 * MINUTE, begin=NOW + 10 * MINUTE)
    assert desk.state(delivery) is S.PUBLISHED


def test_a_look_is_not_repeated_before_the_network_allows_it(desk: Desk) -> None:
    _, delivery = lose(desk, accepted=True)
    job, asked = desk.job(), []
    wait = TryLater(Problem.RATE_LIMITED, wait=25 * MINUTE)

    def look_up(outgoing: Outgoing) -> None:
        asked.append(outgoing)
        raise wait

    desk.on(desk.row(delivery).account_id).look_up = look_up  # type: ignore[method-assign]
    for second in range(0, 24 * 60, 10):
        job.settle_next(NOW + second * SECOND)
    assert len(asked) == 1
    touched = desk.row(delivery).updated_at
    assert touched > NOW + 18 * MINUTE, "its key is known to grow old"
    del desk.on(desk.row(delivery).account_id).look_up
    for second in range(25 * 60, 35 * 60, 10):
        job.settle_next(NOW + second * SECOND)
    assert desk.state(delivery) is S.PUBLISHED


def test_a_clock_set_back_does_not_prolong_what_the_network_asked(desk: Desk) -> None:
    account, delivery = lose(desk, accepted=True)
    desk.on(account).looks.append(TryLater(Problem.RATE_LIMITED, wait=9 * MINUTE))
    job = desk.job()
    job.settle_next(SOON)
    for minutes in range(12):
        job.settle_next(NOW - HOUR + minutes * MINUTE)
    assert desk.state(delivery) is S.PUBLISHED


def test_a_network_that_cannot_be_asked_for_an_hour_leads_to_a_person(
    desk: Desk,
) -> None:
    account, delivery = lose(desk, accepted=True)
    desk.on(account).looks.extend([TryLater(Problem.UNREACHABLE)] * 1_000)
    settle(desk, NOW + 66 * MINUTE, every=30 * SECOND)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.NEEDS_PERSON, Problem.COULD_NOT_LOOK)


@pytest.mark.parametrize(
    "error",
    [
        TryLater(Problem.BUDGET_SPENT, wait=24 * HOUR),
        Disconnected(Problem.TOKEN_REFUSED),
    ],
)
def test_a_look_that_will_not_be_possible_soon_leads_to_a_person(
    desk: Desk, error: NetworkError
) -> None:
    account, delivery = lose(desk, accepted=True)
    desk.on(account).looks.append(error)
    settle(desk, SOON, every=10 * SECOND)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.NEEDS_PERSON, Problem.COULD_NOT_LOOK)
    health = desk.account_row(account).health
    assert (health is AccountHealth.DISCONNECTED) == isinstance(error, Disconnected)


# replay


def test_a_replay_inside_its_life_publishes_what_was_not_accepted(desk: Desk) -> None:
    desk.ways = REPLAYS
    account, delivery = lose(desk, accepted=False)
    settle(desk, SOON, every=10 * SECOND)
    assert (desk.state(delivery), found_by(desk, delivery)) == (S.PUBLISHED, "replay")
    first, second = desk.on(account).sent
    assert first == second  # the same key, text and media
    assert len(desk.wall.rows()) == 1


def test_bar_2_twenty_repeats_after_dropped_replies_make_one_post(desk: Desk) -> None:
    desk.ways = REPLAYS
    account, delivery = lose(desk, accepted=True)
    desk.on(account).writes.extend([Fault(LOST, accepted=True)] * 19)
    settle(desk, NOW + 49 * MINUTE, every=30 * SECOND)
    assert len(desk.on(account).sent) > 5
    assert len(desk.wall.rows()) == 1
    settle(desk, NOW + 2 * HOUR, begin=NOW + 50 * MINUTE, every=MINUTE)
    assert desk.state(delivery) in (S.PUBLISHED, S.NEEDS_PERSON)
    assert len(desk.wall.rows()) == 1


def test_after_its_life_a_key_is_never_replayed(desk: Desk) -> None:
    desk.ways = BOTH
    account, delivery = lose(desk, accepted=False)
    settle(desk, NOW + 2 * HOUR, begin=NOW + 51 * MINUTE, every=30 * SECOND)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (
        S.NEEDS_PERSON,
        Problem.NOT_FOUND_AFTER_LOOKING,
    )
    assert len(desk.on(account).sent) == 1


def test_a_look_goes_before_a_replay(desk: Desk) -> None:
    desk.ways = BOTH
    account, delivery = lose(desk, accepted=True)
    settle(desk, SOON, every=10 * SECOND)
    assert (desk.state(delivery), found_by(desk, delivery)) == (S.PUBLISHED, "look_up")
    assert len(desk.on(account).sent) == 1


def test_within_a_stop_nothing_is_replayed_and_looks_go_on(desk: Desk) -> None:
    desk.ways = BOTH
    account, delivery = lose(desk, accepted=False)
    desk.stop(account)
    settle(desk, NOW + 2 * MINUTE)
    assert desk.state(delivery) is S.NEEDS_PERSON
    assert len(desk.on(account).sent) == 1
    assert desk.wall.rows() == []


def test_a_stop_just_before_a_replay_closes_its_gate(desk: Desk) -> None:
    desk.ways = BOTH
    account, delivery = lose(desk, accepted=False)
    desk.on(account).writes.append(
        Fault(
            accepted=True,
            before_gate=lambda: desk.stop(account),
        )
    )
    settle(desk, SOON, every=10 * SECOND)
    assert desk.wall.rows() == []
    assert (desk.state(delivery), desk.row(delivery).looks) == (S.UNCERTAIN, 1)


def test_a_refused_replay_proves_nothing_and_counts_as_a_look(desk: Desk) -> None:
    desk.ways = BOTH
    account, delivery = lose(desk, accepted=False)
    desk.on(account).writes.extend(
        [Fault(Refused(Problem.CONTENT_REFUSED), after_gate=lambda: None)] * 2
    )
    settle(desk, NOW + 2 * MINUTE)
    assert desk.state(delivery) is S.NEEDS_PERSON


def test_a_network_with_no_way_left_leads_to_a_person(desk: Desk) -> None:
    desk.ways = ()
    _, delivery = lose(desk, accepted=True)
    settle(desk, SOON, every=10 * SECOND)
    assert desk.row(delivery).problem is Problem.COULD_NOT_LOOK


# dead workers


def die_at(desk: Desk, at: str, text: str = "Kirim") -> tuple[int, int]:
    account = desk.account(text)
    (delivery,) = desk.announce(text, account)

    def die(step: str) -> None:
        if step == at:
            raise Died

    with pytest.raises(Died):
        desk.job(die).send_next(NOW)
    return account, delivery


@pytest.mark.parametrize("step", ["claimed", "prepared"])
def test_a_worker_dead_before_arming_leaves_it_scheduled(desk: Desk, step: str) -> None:
    _, delivery = die_at(desk, step)
    assert desk.job().sweep(NOW + MINUTE) == 0  # the lease still runs
    assert desk.job().sweep(NOW + 4 * MINUTE) == 1
    assert desk.state(delivery) is S.SCHEDULED
    assert desk.job().send_next(NOW + 4 * MINUTE)
    assert desk.wall.texts() == ["Kirim"]


@pytest.mark.parametrize(("step", "posts"), [("armed", 0), ("answered", 1)])
def test_a_worker_dead_after_arming_leaves_it_uncertain(
    desk: Desk, step: str, posts: int
) -> None:
    _, delivery = die_at(desk, step)
    assert desk.job().sweep(NOW + 4 * MINUTE) == 1
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.UNCERTAIN, Problem.WORKER_DIED)
    with desk.store.read(desk.office) as work:
        (attempt,) = work.deliveries.attempts(delivery)
        assert (attempt.outcome, attempt.problem) == (S.UNCERTAIN, Problem.WORKER_DIED)
    settle(desk, NOW + 6 * MINUTE, begin=NOW + 4 * MINUTE)
    assert desk.state(delivery) is (S.PUBLISHED if posts else S.NEEDS_PERSON)
    assert len(desk.wall.rows()) == posts


def test_who_leases_an_account_sweeps_what_its_last_worker_left(desk: Desk) -> None:
    """No sweep between: the next delivery must not overtake the one left behind."""
    account, _ = die_at(desk, "claimed", "pertama")
    desk.announce("kedua", account, due_at=NOW + SECOND)
    job = desk.job()
    while job.send_next(NOW + 4 * MINUTE):
        pass
    assert desk.wall.texts() == ["pertama", "kedua"]


def test_an_armed_delivery_left_behind_keeps_the_next_one_waiting(desk: Desk) -> None:
    account, first = die_at(desk, "armed", "pertama")
    desk.announce("kedua", account, due_at=NOW + SECOND)
    job = desk.job()
    while job.send_next(NOW + 4 * MINUTE):
        pass
    assert desk.wall.texts() == []
    assert desk.state(first) is S.UNCERTAIN


def test_a_settling_worker_that_died_is_followed_up(desk: Desk) -> None:
    _, delivery = lose(desk, accepted=True)

    def die(step: str) -> None:
        if step == "doubted":
            raise Died

    with pytest.raises(Died):
        desk.job(die).settle_next(SOON)
    assert not desk.job().settle_next(NOW + MINUTE)
    assert desk.job().settle_next(NOW + 4 * MINUTE)
    assert desk.state(delivery) is S.PUBLISHED


# late answers


def late(desk: Desk, fault: Fault, then) -> int:
    """A worker whose answer comes after its lease; ``then`` runs in between."""
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)

    def meanwhile() -> None:
        assert desk.job().sweep(NOW + 4 * MINUTE) == 1
        then()

    desk.on(account).writes.append(
        Fault(fault.error, accepted=fault.accepted, after_gate=meanwhile)
    )
    desk.job().send_next(NOW)
    return delivery


def test_a_receipt_wins_over_the_sweeper(desk: Desk) -> None:
    delivery = late(desk, Fault(accepted=True), lambda: None)
    assert (desk.state(delivery), found_by(desk, delivery)) == (S.PUBLISHED, "answer")


def test_a_receipt_wins_when_a_person_is_asked_already(desk: Desk) -> None:
    desk.ways = ()
    delivery = late(
        desk, Fault(accepted=True), lambda: desk.job().settle_next(NOW + 4 * MINUTE)
    )
    assert desk.state(delivery) is S.PUBLISHED


def test_a_receipt_that_a_look_found_first_is_kept_once(desk: Desk) -> None:
    delivery = late(
        desk, Fault(accepted=True), lambda: desk.job().settle_next(NOW + 4 * MINUTE)
    )
    assert (desk.state(delivery), found_by(desk, delivery)) == (S.PUBLISHED, "look_up")


@pytest.mark.parametrize(
    "error", [TryLater(Problem.RATE_LIMITED), Refused(Problem.DUPLICATE_TEXT)]
)
def test_any_other_outcome_after_the_lease_changes_nothing(
    desk: Desk, error: NetworkError
) -> None:
    delivery = late(desk, Fault(error), lambda: None)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.UNCERTAIN, Problem.WORKER_DIED)


# clocks


def test_a_clock_set_back_does_not_freeze_a_lease(desk: Desk) -> None:
    _, delivery = die_at(desk, "claimed")
    before = NOW - HOUR
    desk.change(Delivery, delivery, due_at=before)
    assert desk.job().sweep(before) == 1
    assert desk.job().send_next(before)
    assert desk.wall.texts() == ["Kirim"]


def test_a_clock_set_back_does_not_freeze_a_look(desk: Desk) -> None:
    _, delivery = lose(desk, accepted=True)
    assert desk.job().settle_next(NOW - HOUR)
    assert desk.state(delivery) is S.PUBLISHED


def test_a_clock_set_back_does_not_make_an_old_key_young(desk: Desk) -> None:
    desk.ways = REPLAYS
    account, delivery = lose(desk, accepted=True)
    desk.on(account).writes.extend([Fault(LOST, accepted=True)] * 1_000)
    at = NOW + 45 * MINUTE
    desk.job().settle_next(at)  # touched when the key was 45 minutes old
    back = at - HOUR  # the clock says a quarter of an hour before arming
    settle(desk, back + 10 * MINUTE, begin=back, every=10 * SECOND)
    sent = len(desk.on(account).sent)
    settle(desk, back + HOUR, begin=back + 10 * MINUTE, every=10 * SECOND)
    assert len(desk.on(account).sent) == sent
    assert desk.state(delivery) is S.NEEDS_PERSON


def test_a_clock_set_back_doubles_nothing_while_a_worker_is_at_the_network(
    desk: Desk,
) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account, due_at=NOW - 2 * HOUR)

    def another_worker() -> None:
        job = desk.job()
        assert job.sweep(NOW - HOUR) == 1
        while job.send_next(NOW - HOUR):
            pass

    desk.on(account).writes.append(Fault(accepted=True, before_gate=another_worker))
    desk.job().send_next(NOW)
    assert desk.wall.texts() == []  # the first worker's gate saw that it lost the lease
    assert desk.state(delivery) is S.UNCERTAIN
    settle(desk, NOW - HOUR + 2 * MINUTE, begin=NOW - HOUR)
    assert desk.state(delivery) is S.NEEDS_PERSON
