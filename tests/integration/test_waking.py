"""Whatever makes a delivery due wakes the publisher at once, after the commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from models.account import Account
from models.delivery import Delivery
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import (
    AccountHealth,
    AccountMode,
    Answer,
    DeliveryState,
    Role,
)
from models.stop import Target
from pipeline import accounts, announcing, approving, settling
from pipeline.announcing import AnnouncementForm
from pipeline.queue import InProcess, TaskName
from pipeline.stopping import end_all_of
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.ledger_kit import Desk, Wall

HOUR = timedelta(hours=1)


@dataclass
class Woken(Desk):
    """A desk whose queue writes down who was woken."""

    looked: list[TaskName] = field(default_factory=list)

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Nothing is woken before; what is woken after is seen."""
        self.looked.clear()
        self.store.queue = InProcess(self.looked.append)
        yield
        assert TaskName.PUBLISH in self.looked


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Woken:
    return Woken(store, office, people, Wall(tmp_path / "wall.jsonl"))


def held(desk: Woken, problem: Problem, **values: object) -> tuple[int, int]:
    account = desk.account(**values)
    (delivery,) = desk.announce("Tahan", account)
    desk.change(Delivery, delivery, state=DeliveryState.HELD, problem=problem)
    return account, delivery


def test_an_approval_wakes_the_publisher(desk: Woken) -> None:
    account = desk.account(network="mastodon")
    officer, head = desk.people[Role.OFFICER], desk.people[Role.APPROVER]
    form = AnnouncementForm("SIM keliling", "Hari ini di pasar.", {account: ""})
    with desk.store.write(desk.office) as work:
        number = announcing.draft(work, officer, form, NOW)
        announcing.ask(work, officer, number, NOW)
        digest = work.announcements.content(number).hash
    with desk.acting(), desk.store.write(desk.office) as work:
        approving.approve(work, head, number, digest, NOW)


def test_a_release_wakes_the_publisher(desk: Woken) -> None:
    _, delivery = held(desk, Problem.REHEARSAL)
    with desk.acting(), desk.store.write(desk.office) as work:
        settling.release(work, desk.people[Role.OFFICER], delivery, NOW)


def test_the_answer_to_send_again_wakes_the_publisher(desk: Woken) -> None:
    (delivery,) = desk.announce("Ragu", desk.account())
    desk.change(Delivery, delivery, state=DeliveryState.NEEDS_PERSON)
    officer = desk.people[Role.OFFICER]
    with desk.acting(), desk.store.write(desk.office) as work:
        settling.answer(work, officer, delivery, Answer.SEND_AGAIN, NOW)


def test_the_end_of_a_stop_wakes_the_publisher(desk: Woken) -> None:
    account, _ = held(desk, Problem.ACCOUNT_STOPPED)
    desk.stop(account)
    with desk.acting(), desk.store.write(desk.office) as work:
        end_all_of(work, desk.people[Role.APPROVER], Target(account), NOW)


def test_a_stop_that_ends_by_itself_wakes_the_publisher(desk: Woken) -> None:
    account, _ = held(desk, Problem.ACCOUNT_STOPPED)
    desk.stop(account, until=NOW)
    with desk.acting():
        desk.job().sweep(NOW)


def test_going_live_wakes_the_publisher(desk: Woken) -> None:
    account = desk.account(mode=AccountMode.REHEARSAL)
    with desk.acting(), desk.store.write(desk.office) as work:
        accounts.golive(work, desk.people[Role.ADMIN], account, NOW)


@pytest.mark.parametrize(
    "problem",
    [
        Problem.ACCOUNT_DISCONNECTED,
        Problem.TOKEN_REFUSED,
        Problem.SCOPE_MISSING,
        Problem.ADDRESS_INVALID,
        Problem.ADDRESS_REFUSED,
    ],
)
def test_an_account_connected_again_goes_on_with_all_it_held(
    desk: Woken, problem: Problem
) -> None:
    account, delivery = held(
        desk,
        problem,
        network="x",  # what a token lives is known of real ones only
        health=AccountHealth.DISCONNECTED,
        hear_next_at=NOW + HOUR,
        hear_failures=7,
    )
    with desk.acting(), desk.store.write(desk.office) as work:
        accounts._keep(work, desk.people[Role.ADMIN], "x", "humas", "", b"baru", NOW)
    assert desk.state(delivery) is DeliveryState.SCHEDULED
    row: Account = desk.account_row(account)
    assert (row.health, row.hear_next_at) == (AccountHealth.CONNECTED, NOW)
    assert TaskName.HEAR in desk.looked
    desk.job().send_next(NOW)
    assert desk.wall.texts() == ["Tahan"]
