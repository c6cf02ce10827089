"""Changed and approved again while a worker is at it: never doubled, never lost."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.delivery import Delivery
from models.errors import Conflict
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import DeliveryState, Role
from pipeline import announcing, approving
from pipeline.announcing import AnnouncementForm
from pipeline.unit import Store
from tests.conftest import NOW
from tests.integration.ledger_kit import Desk, Fault, Wall

S = DeliveryState
MINUTE = timedelta(minutes=1)
BEFORE_ARMING = ["claimed", "prepared"]


class Died(BaseException):
    """The process is gone; nothing after it runs."""


@dataclass
class Editor:
    """Writes an announcement, and lets it be approved again and again."""

    desk: Desk
    number: int = 0
    form: AnnouncementForm | None = None

    def write(self, body: str, *accounts: int) -> None:
        officer = self.desk.people[Role.OFFICER]
        self.form = AnnouncementForm("Judul", body, dict.fromkeys(accounts, ""))
        with self.desk.store.write(self.desk.office) as work:
            self.number = announcing.draft(work, officer, self.form, NOW)
        self.approve()

    def change(self, **values: object) -> None:
        assert self.form is not None
        self.form = replace(self.form, **values)  # type: ignore[arg-type]
        with self.desk.store.write(self.desk.office) as work:
            version = work.announcements.get(self.number).version
            announcing.edit(
                work,
                self.desk.people[Role.OFFICER],
                self.number,
                version,
                self.form,
                NOW,
            )

    def approve(self) -> list[int]:
        people = self.desk.people
        with self.desk.store.write(self.desk.office) as work:
            announcing.ask(work, people[Role.OFFICER], self.number, NOW)
        with self.desk.store.write(self.desk.office) as work:
            digest = work.announcements.content(self.number).hash
            return approving.approve(
                work, people[Role.APPROVER], self.number, digest, NOW
            )

    def rows(self) -> list[Delivery]:
        with self.desk.store.read(self.desk.office) as work:
            return work.schedule.of(self.number)

    def states(self) -> list[DeliveryState]:
        return [row.state for row in self.rows()]


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


@pytest.fixture
def account(desk: Desk) -> int:
    return desk.account(network="mastodon")


@pytest.fixture
def editor(desk: Desk) -> Editor:
    return Editor(desk)


def at(step: str, act: Callable[[], object]) -> Callable[[str], None]:
    """Do something when a worker is at ``step``, once."""
    done: list[str] = []

    def on_step(name: str) -> None:
        if name == step and not done:
            done.append(name)
            act()

    return on_step


def drain(desk: Desk, now: datetime = NOW) -> None:
    job = desk.job()
    for _ in range(50):
        if not job.send_next(now):
            return
    raise AssertionError("it never ends")


@pytest.mark.parametrize("step", BEFORE_ARMING)
def test_approved_anew_under_a_worker_only_the_new_text_goes(
    desk: Desk, account: int, editor: Editor, step: str
) -> None:
    editor.write("lama", account)

    def again() -> None:
        editor.change(body="baru")
        editor.approve()

    desk.job(at(step, again)).send_next(NOW)
    drain(desk)
    drain(desk, NOW + 20 * MINUTE)
    assert desk.wall.texts() == ["baru"]
    assert sorted(editor.states()) == [S.CANCELLED, S.PUBLISHED]


@pytest.mark.parametrize("step", BEFORE_ARMING)
def test_put_off_under_a_worker_it_goes_once_at_the_later_time(
    desk: Desk, account: int, editor: Editor, step: str
) -> None:
    editor.write("sama", account)
    later = NOW + 30 * MINUTE

    def put_off() -> None:
        with desk.store.write(desk.office) as work:
            announcing.reschedule(
                work, desk.people[Role.OFFICER], editor.number, later, NOW
            )
        editor.approve()

    desk.job(at(step, put_off)).send_next(NOW)
    drain(desk, later - MINUTE)
    assert desk.wall.texts() == []
    drain(desk, later)
    drain(desk, later + 20 * MINUTE)
    assert desk.wall.texts() == ["sama"]


@pytest.mark.parametrize("step", BEFORE_ARMING)
def test_approved_anew_after_a_worker_died_it_goes_once(
    desk: Desk, account: int, editor: Editor, step: str
) -> None:
    editor.write("lama", account)

    def die() -> None:
        raise Died

    with pytest.raises(Died):
        desk.job(at(step, die)).send_next(NOW)
    editor.change(body="baru")
    editor.approve()
    desk.job().sweep(NOW + 5 * MINUTE)
    drain(desk, NOW + 5 * MINUTE)
    drain(desk, NOW + 30 * MINUTE)
    assert desk.wall.texts() == ["baru"]


@pytest.mark.parametrize("step", BEFORE_ARMING)
def test_an_account_left_out_under_a_worker_gets_nothing_and_holds_nobody_up(
    desk: Desk, account: int, editor: Editor, step: str
) -> None:
    other = desk.account("lain", network="mastodon")
    editor.write("isi", account, other)
    desk.announce("berikutnya", account)

    def leave_out() -> None:
        editor.change(variants={other: ""})
        editor.approve()

    desk.job(at(step, leave_out)).send_next(NOW)
    for minutes in (0, 5, 30):
        desk.job().sweep(NOW + minutes * MINUTE)
        drain(desk, NOW + minutes * MINUTE)
    assert sorted(desk.wall.texts()) == ["berikutnya", "isi"]
    assert {row["account"] for row in desk.wall.rows() if row["text"] == "isi"} == {
        other
    }
    assert {row.account_id: row.state for row in editor.rows()} == {
        account: S.CANCELLED,
        other: S.PUBLISHED,
    }


def test_what_is_on_the_wire_can_be_neither_changed_nor_approved_again(
    desk: Desk, account: int, editor: Editor
) -> None:
    editor.write("isi", account)
    refused = []

    def try_to(act: Callable[[], object]) -> None:
        with pytest.raises(Conflict):
            act()
        refused.append(act)

    def meddle() -> None:
        try_to(lambda: editor.change(body="baru"))
        try_to(editor.approve)

    desk.on(account).writes.append(Fault(accepted=True, after_gate=meddle))
    desk.job().send_next(NOW)
    assert (len(refused), desk.wall.texts()) == (2, ["isi"])
    assert editor.states() == [S.PUBLISHED]


@pytest.mark.parametrize("state", [S.ARMED, S.UNCERTAIN, S.NEEDS_PERSON, S.PUBLISHED])
def test_nothing_is_approved_over_a_post_that_may_stand(
    desk: Desk, account: int, editor: Editor, state: DeliveryState
) -> None:
    """A restored backup may doubt a delivery whose announcement waits for approval."""
    editor.write("isi", account)
    editor.change(body="baru")
    with desk.store.write(desk.office) as work:
        announcing.ask(work, desk.people[Role.OFFICER], editor.number, NOW)
        digest = work.announcements.content(editor.number).hash
    (row,) = editor.rows()
    desk.change(Delivery, row.id, state=state)
    with pytest.raises(Conflict), desk.store.write(desk.office) as work:
        approving.approve(work, desk.people[Role.APPROVER], editor.number, digest, NOW)
    assert len(editor.rows()) == 1


def test_an_edit_waits_for_an_arming_and_then_finds_it_out(
    desk: Desk, account: int, editor: Editor
) -> None:
    """Both read first and write then: whoever comes second must see the other."""
    editor.write("isi", account)
    (row,) = editor.rows()
    results: list[object] = []

    def edit() -> None:
        try:
            editor.change(body="baru")
        except Conflict as error:
            results.append(error)
        else:
            results.append("edited")

    with desk.store.write(desk.office) as work:
        armed = work.deliveries.get(row.id, lock=True)
        thread = threading.Thread(target=edit)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the edit waits for the worker"
        armed.state = S.ARMED
    thread.join(20)
    assert isinstance(results[0], Conflict)


def test_a_dropped_account_in_doubt_is_asked_about(desk: Desk, account: int) -> None:
    """Nobody knows its text any more, so nothing can be looked for."""
    other = desk.account("lain", network="mastodon")
    editor = Editor(desk)
    editor.write("isi", account, other)
    rows = {row.account_id: row.id for row in editor.rows()}
    editor.change(variants={other: ""})
    desk.change(
        Delivery,
        rows[account],
        state=S.UNCERTAIN,
        uncertain_at=NOW,
        next_look_at=NOW,
    )
    assert desk.job().settle_next(NOW)
    row = desk.row(rows[account])
    assert (row.state, row.problem) == (S.NEEDS_PERSON, Problem.COULD_NOT_LOOK)
