"""Stops of an account, a category or everything: honoured, ended, and run out."""

from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from models.announcement import Announcement
from models.chain import AuditEvent
from models.delivery import Delivery
from models.errors import Conflict, InvalidInput, NotAllowed, NotFound
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import DeliveryState, Role
from models.stop import EVERYTHING, Stop, Target
from pipeline import stopping
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.ledger_kit import BOTH, TEST, Desk, Fault, Wall

S = DeliveryState
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
KINDS = ("account", "category", "everything")
HELD_BY = {
    "account": Problem.ACCOUNT_STOPPED,
    "category": Problem.CATEGORY_STOPPED,
    "everything": Problem.ALL_STOPPED,
}


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def target(kind: str, account: int) -> Target:
    known = {
        "account": Target(account),
        "category": Target(category="umum"),
        "everything": EVERYTHING,
    }
    return known[kind]


def stop(
    desk: Desk,
    what: Target,
    by: Person | None = None,
    until: datetime | None = None,
    reason: str = "akun diretas",
) -> int:
    with desk.store.write(desk.office) as work:
        who = by or desk.people[Role.OFFICER]
        return stopping.stop(work, who, what, reason, until, NOW)


def end(desk: Desk, stop_id: int, by: Person | None = None) -> int:
    with desk.store.write(desk.office) as work:
        return stopping.end(work, by or desk.people[Role.APPROVER], stop_id, NOW)


def row(desk: Desk, stop_id: int) -> Stop:
    with desk.store.read(desk.office) as work:
        return work.stops.get(stop_id)


def audit(desk: Desk) -> list[str]:
    with desk.store.read(TEST) as work:
        return list(work.session.scalars(select(AuditEvent.action)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_holds_and_its_end_lets_go_on(desk: Desk, kind: str) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    stop_id = stop(desk, target(kind, account))
    desk.job().send_next(NOW)
    held = desk.row(delivery)
    assert (held.state, held.problem) == (S.HELD, HELD_BY[kind])
    assert end(desk, stop_id) == 1
    desk.job().send_next(NOW)
    assert desk.wall.texts() == ["Kirim"]
    assert audit(desk) == ["stop.begin", "stop.end"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_send_starts_once_a_stop_is_committed(desk: Desk, kind: str) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Berhenti", account)
    desk.on(account).writes.append(
        Fault(accepted=True, before_gate=lambda: stop(desk, target(kind, account)))
    )
    desk.job().send_next(NOW)
    assert desk.wall.texts() == []
    assert desk.row(delivery).problem is HELD_BY[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_under_a_stop_nothing_is_replayed(desk: Desk, kind: str) -> None:
    desk.ways = BOTH
    account = desk.account()
    (delivery,) = desk.announce("Ragu", account)
    desk.change(
        Delivery,
        delivery,
        state=S.UNCERTAIN,
        sent_text="Ragu",
        armed_at=NOW,
        uncertain_at=NOW,
        next_look_at=NOW,
    )
    stop(desk, target(kind, account))
    desk.job().settle_next(NOW)
    assert desk.wall.rows() == []
    assert desk.on(account).sent == []


def test_other_accounts_and_categories_go_on(desk: Desk) -> None:
    stopped, free = desk.account("a"), desk.account("b")
    desk.announce("Satu", stopped)
    (other,) = desk.announce("Dua", free)
    desk.change(Announcement, desk.row(other).announcement_id, category="skck")
    stop(desk, Target(stopped))
    stop(desk, Target(category="etle"))
    while desk.job().send_next(NOW):
        pass
    assert [row["account"] for row in desk.wall.rows()] == []  # changed: void
    (third,) = desk.announce("Tiga", free)
    while desk.job().send_next(NOW):
        pass
    assert desk.wall.texts() == ["Tiga"]
    assert desk.state(third) is S.PUBLISHED


def test_another_office_goes_on(desk: Desk, tmp_path: Path) -> None:
    scope = add_office(desk.store, "lain", "Polres Lain")
    people = {role: add_person(desk.store, scope, role) for role in Role}
    other = Desk(desk.store, scope, people, Wall(tmp_path / "other.jsonl"))
    (delivery,) = other.announce("Lain", other.account())
    stop_id = stop(desk, EVERYTHING)
    while other.job().send_next(NOW):
        pass
    assert other.state(delivery) is S.PUBLISHED
    with pytest.raises(NotFound), desk.store.write(scope) as work:
        stopping.end(work, people[Role.ADMIN], stop_id, NOW)
    with pytest.raises(NotFound), desk.store.write(scope) as work:
        target = Target(desk.account("milik kami"))
        stopping.stop(work, people[Role.ADMIN], target, "usil", None, NOW)


def test_what_two_stops_hold_waits_for_the_end_of_both(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    first, second = stop(desk, Target(account)), stop(desk, EVERYTHING)
    desk.job().send_next(NOW)
    assert end(desk, first) == 0
    desk.job().send_next(NOW)
    assert desk.state(delivery) is S.HELD
    assert end(desk, second) == 1


@pytest.mark.parametrize(
    ("by", "to", "allowed"),
    [
        (Role.APPROVER, Role.OFFICER, False),
        (Role.ADMIN, Role.OFFICER, False),
        (Role.OFFICER, Role.OFFICER, True),  # the same person
        (Role.OFFICER, Role.APPROVER, True),
        (Role.OFFICER, Role.ADMIN, True),
        (Role.APPROVER, Role.ADMIN, True),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_is_ended_by_who_made_it_or_stands_above(
    desk: Desk, kind: str, by: Role, to: Role, allowed: bool
) -> None:
    stop_id = stop(desk, target(kind, desk.account()), desk.people[by])
    with nullcontext() if allowed else pytest.raises(NotAllowed):
        end(desk, stop_id, desk.people[to])
    assert (row(desk, stop_id).ended_at is not None) is allowed


def test_a_stop_is_not_taken_over_to_end_it(desk: Desk) -> None:
    account = desk.account()
    stop_id = stop(desk, Target(account), desk.people[Role.APPROVER])
    with pytest.raises(Conflict):
        stop(desk, Target(account), desk.people[Role.OFFICER], NOW + MINUTE)
    assert row(desk, stop_id).ended_at is None


def test_a_colleague_of_the_same_role_does_not_end_the_stop(desk: Desk) -> None:
    colleague = add_person(desk.store, desk.office, Role.OFFICER, "rekan")
    stop_id = stop(desk, EVERYTHING, colleague)
    with pytest.raises(NotAllowed):
        end(desk, stop_id, desk.people[Role.OFFICER])


def test_a_renewed_stop_takes_the_place_of_the_first(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    stop(desk, Target(account), until=NOW + MINUTE)
    stop(desk, Target(account), until=NOW + HOUR)
    desk.job().send_next(NOW)
    assert desk.job().sweep(NOW + 2 * MINUTE) == 0
    assert desk.state(delivery) is S.HELD
    assert desk.job().sweep(NOW + HOUR) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_stop_for_a_time_ends_by_itself(desk: Desk, kind: str) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    stop_id = stop(desk, target(kind, account), until=NOW + HOUR)
    desk.job().send_next(NOW)
    assert desk.job().sweep(NOW + 59 * MINUTE) == 0
    assert desk.job().sweep(NOW + HOUR) == 1
    over = row(desk, stop_id)
    assert (over.ended_at, over.ended_by) == (NOW + HOUR, None)
    desk.job().send_next(NOW + HOUR)
    assert desk.state(delivery) is S.PUBLISHED


def test_what_was_held_while_the_stop_was_being_ended_is_found_again(
    desk: Desk,
) -> None:
    """A worker read the stop, somebody ended it, and then the worker held."""
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    end(desk, stop(desk, EVERYTHING))
    desk.change(Delivery, delivery, state=S.HELD, problem=Problem.ALL_STOPPED)
    assert desk.job().sweep(NOW) == 1
    assert desk.state(delivery) is S.SCHEDULED


def test_what_is_held_for_another_reason_is_left_alone(desk: Desk) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    desk.change(Delivery, delivery, state=S.HELD, problem=Problem.REHEARSAL)
    assert end(desk, stop(desk, Target(account))) == 0
    assert desk.state(delivery) is S.HELD


def test_a_stop_needs_a_reason_and_an_end_ahead_and_ends_once(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        stop(desk, EVERYTHING, reason=" ")
    with pytest.raises(InvalidInput):
        stop(desk, EVERYTHING, reason="x" * 301)
    with pytest.raises(InvalidInput):
        stop(desk, EVERYTHING, until=NOW)
    stop_id = stop(desk, EVERYTHING)
    end(desk, stop_id)
    with pytest.raises(Conflict):
        end(desk, stop_id)
    with pytest.raises(Conflict), desk.store.write(desk.office) as work:
        stopping.end_all_of(work, desk.people[Role.ADMIN], EVERYTHING, NOW)
