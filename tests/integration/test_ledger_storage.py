"""A database that fails in the middle of a send: nothing is doubled, nothing is lost."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from models.database import StorageFailed
from models.problems import Problem
from models.states import DeliveryState, Role
from models.tables import metadata
from pipeline import ledger
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.ledger_kit import Desk, Fault, Wall

S = DeliveryState


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """On SQLite, which another program can lock as a whole."""
    store = Store(f"sqlite:///{tmp_path / 'kentongan.db'}")
    metadata.create_all(store.engine)
    office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    people = {role: add_person(store, office, role) for role in Role}
    yield Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))
    store.close()


class Locked:
    """Another program that holds the database for itself."""

    def __init__(self, desk: Desk) -> None:
        with desk.store.engine.connect() as ours:  # waits 10 s by itself
            ours.exec_driver_sql("PRAGMA busy_timeout=20")
        self.free = threading.Event()
        self._held = threading.Event()
        file = desk.store.engine.url.database
        self._thread = threading.Thread(target=self._hold, args=(file,))
        self._thread.start()
        self._held.wait()

    def _hold(self, file: str) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            self._held.set()
            self.free.wait()
            other.execute("ROLLBACK")

    def release(self) -> None:
        self.free.set()
        self._thread.join()


def test_a_receipt_waits_for_a_locked_database(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    locks: list[Locked] = []
    monkeypatch.setattr(ledger.time, "sleep", lambda _seconds: locks[0].release())
    desk.on(account).writes.append(
        Fault(accepted=True, after_gate=lambda: locks.append(Locked(desk)))
    )
    assert desk.job().send_next(NOW)
    assert desk.state(delivery) is S.PUBLISHED


def test_a_receipt_that_cannot_be_stored_leaves_it_armed_for_the_sweeper(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = desk.account()
    (delivery,) = desk.announce("Kirim", account)
    locks: list[Locked] = []
    monkeypatch.setattr(ledger, "RECORD_AGAIN", (0.01, 0.01))
    desk.on(account).writes.append(
        Fault(accepted=True, after_gate=lambda: locks.append(Locked(desk)))
    )
    with pytest.raises(StorageFailed) as failed:
        desk.job().send_next(NOW)
    locks[0].release()
    assert failed.value.problem is Problem.DATABASE_LOCKED
    assert desk.state(delivery) is S.ARMED
    later = NOW + timedelta(minutes=4)
    assert desk.job().sweep(later) == 1
    assert desk.job().settle_next(later)
    assert desk.state(delivery) is S.PUBLISHED
    assert desk.wall.texts() == ["Kirim"]


def test_nothing_is_sent_when_the_intent_cannot_be_stored(desk: Desk) -> None:
    (delivery,) = desk.announce("Kirim", desk.account())
    locks: list[Locked] = []

    def lock(step: str) -> None:
        if step == "prepared":
            locks.append(Locked(desk))

    with pytest.raises(StorageFailed):
        desk.job(lock).send_next(NOW)
    locks[0].release()
    assert desk.wall.texts() == []
    assert desk.state(delivery) is S.PREPARED
    later = NOW + timedelta(minutes=4)
    assert desk.job().send_next(later) or desk.job().sweep(later)
    while desk.job().send_next(later):
        pass
    assert desk.wall.texts() == ["Kirim"]


def test_no_room_for_the_intent_sends_nothing_and_goes_on_when_there_is_room(
    desk: Desk,
) -> None:
    (delivery,) = desk.announce("Kirim " * 20_000, desk.account())

    def fill(step: str) -> None:
        if step == "prepared":
            with desk.store.engine.connect() as ours:
                ours.exec_driver_sql("PRAGMA max_page_count=1")  # as many as there are

    with pytest.raises(StorageFailed) as failed:
        desk.job(fill).send_next(NOW)
    assert failed.value.problem is Problem.DISK_FULL
    assert desk.wall.texts() == []
    with desk.store.engine.connect() as ours:
        ours.exec_driver_sql("PRAGMA max_page_count=1000000")
    later = NOW + timedelta(minutes=4)
    desk.job().sweep(later)
    while desk.job().send_next(later):
        pass
    assert desk.state(delivery) is S.PUBLISHED
