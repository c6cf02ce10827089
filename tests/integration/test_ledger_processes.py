"""Several processes on one database, and a process that is stopped in the middle."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest

from models.person import Person
from models.scope import OfficeScope
from models.states import DeliveryState, Role
from pipeline.unit import Store, now_utc
from tests.integration.ledger_kit import Desk, Wall

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS, EACH, PROCESSES = 20, 20, 4


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def worker(desk: Desk, lease_s: float, stop_at: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.integration.ledger_worker"),
            *(desk.store.url, str(desk.wall.file), str(lease_s), stop_at),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def wait(workers: Sequence[subprocess.Popen[str]]) -> None:
    for one in workers:
        one.communicate(timeout=100)
        assert one.returncode == 0


def wait_stopped(worker: subprocess.Popen[str]) -> None:
    """Wait until the process has stopped itself."""
    _, status = os.waitpid(worker.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)


@pytest.mark.long(36)
def test_four_processes_publish_400_deliveries_once_each_and_in_order(
    desk: Desk,
) -> None:
    accounts = [desk.account(f"akun-{number}") for number in range(ACCOUNTS)]
    now = now_utc()
    for number in range(EACH):
        due_at = now - timedelta(minutes=(number * 7) % EACH)  # not by number
        desk.announce(f"Pengumuman {number:02}", *accounts, due_at=due_at)
    wait([worker(desk, lease_s=60) for _ in range(PROCESSES)])

    with desk.store.read(desk.office) as work:
        ledger = {one: work.deliveries.of_account(one) for one in accounts}
    rows = [row for of_one in ledger.values() for row in of_one]
    assert {row.state for row in rows} == {DeliveryState.PUBLISHED}
    assert len(rows) == ACCOUNTS * EACH

    wall = sorted(desk.wall.rows(), key=lambda row: row["account"])
    keys = {
        account: [row["key"] for row in posts]
        for account, posts in groupby(wall, key=lambda row: row["account"])
    }
    assert keys == {one: [row.key for row in of_one] for one, of_one in ledger.items()}


@pytest.mark.parametrize("step", ["claimed", "prepared", "armed", "answered"])
def test_a_process_stopped_beyond_its_lease_sends_nothing_late(
    desk: Desk, step: str
) -> None:
    (delivery,) = desk.announce("Sekali", desk.account(), due_at=now_utc())
    stopped = worker(desk, lease_s=1, stop_at=step)
    wait_stopped(stopped)
    wait([worker(desk, lease_s=1)])  # it goes on where the stopped one cannot
    stopped.send_signal(signal.SIGCONT)
    wait([stopped])
    later = now_utc() + timedelta(minutes=20)  # past any wait of a busy machine
    desk.job().sweep(later)
    while desk.job().send_next(later):
        pass
    if step == "armed":  # never sent: found absent, and not sent again by itself
        assert desk.wall.rows() == []
        assert desk.state(delivery) is DeliveryState.UNCERTAIN
    else:
        assert len(desk.wall.rows()) == 1
        desk.job().settle_next(later)
        assert desk.state(delivery) is DeliveryState.PUBLISHED
