"""The world of ``bench.crash``: a sandbox process, a database, an office in it."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from bench.crash_worker import BEAT, IDLE, STALLED_AFTER, STEPS, Order, run
from config.keys import Vault
from config.settings import Settings
from models.announcement import Announcement
from models.delivery import Delivery
from models.scope import SystemScope
from models.states import Answer, DeliveryState, Role
from models.tables import metadata
from pipeline import job_queue, wiring
from pipeline.job_queue import reap
from pipeline.settling import answer
from pipeline.ticker import Ticker
from pipeline.unit import Store, now_utc
from tests.conftest import add_office, add_person
from tests.integration.ledger_kit import House
from tests.postgresql import Server, find_binaries

NETWORKS = ("x", "mastodon", "bluesky")
S = DeliveryState
UNSETTLED = frozenset({S.SCHEDULED, S.CLAIMED, S.PREPARED, S.ARMED, S.UNCERTAIN})
JOB = SystemScope("bench.crash")
PATIENCE = 60.0
"""Seconds within which everything must be settled, or it is stuck."""

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    [
        "bench.crash_worker",
        *(f"{side}.{name}" for side in ("networks", "publishers") for name in NETWORKS),
    ]
)


@dataclass(frozen=True)
class Sandbox:
    """The pretend networks, in a process of their own."""

    url: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/_sandbox/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)

    def begin(self) -> None:
        """Empty, every answer held, and no help from limits or duplicate checks."""
        self.call("POST", "reset")
        self.call("PUT", "hold", {"low_ms": 50, "high_ms": 200})
        much = [1_000_000, 900]
        self.call(
            "PUT",
            "rules",
            {
                "x_writes": much,
                "x_reads": much,
                "mastodon_calls": much,
                "bluesky_writes": much,
                "bluesky_logins": much,
                "x_duplicate_window": 0,
            },
        )

    def posts(self) -> Counter[tuple[str, str]]:
        """How often each text stands, by network."""
        return Counter((p["network"], p["text"]) for p in self.call("GET", "posts"))


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Sandbox(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.wait()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[Callable[[str], Any]]:
    """Makes fresh databases: ``with fresh("name") as url``."""
    if kind == "sqlite":
        yield lambda name: nullcontext(f"sqlite:///{folder / name}.db")
        return
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL's server binaries are not installed")
    with Server.start(binaries, in_memory=False) as server:  # a disk's speed
        server.make_template(lambda _url: None)
        yield lambda _name: server.fresh_database()


@dataclass
class World(House):
    """An office with accounts on every network, and the workers that serve it."""

    sandbox: Sandbox
    key: str
    mutant: bool = False
    ticker: Ticker | None = None  # under procrastinate somebody must say "look"
    workers: list["Worker"] = field(default_factory=list)
    _count: int = 0

    @classmethod
    def make(
        cls, url: str, pretend: Sandbox, *, mutant: bool = False, queued: bool = False
    ) -> "World":
        store = Store(url)
        metadata.create_all(store.engine)
        office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
        people = {role: add_person(store, office, role) for role in Role}
        pretend.begin()
        key = Fernet.generate_key().decode()
        ticker = _ticker(store) if queued else None
        return cls(store, office, people, pretend, key, mutant, ticker)

    def open_account(self, network: str, handle: str) -> int:
        made = self.sandbox.call(
            "POST", "accounts", {"network": network, "handle": handle}
        )
        secrets = {name: made[name] for name in wiring.capabilities(network).secrets}
        sealed = Vault([self.key]).seal(json.dumps(secrets))
        return self.account(
            handle,
            network=network,
            base_url=self.sandbox.url,
            sealed_secrets=sealed,
        )

    def say(self, *accounts: int) -> list[int]:
        """One more announcement, due now, with a text of its own for every account."""
        ids = []
        for account in accounts:
            self._count += 1
            text = f"Pengumuman nomor {self._count} dari Polres Kota Sukamaju"
            ids += self.announce(text, account, due_at=now_utc())
        return ids

    def start(self, **order: Any) -> "Worker":
        host = urlsplit(self.sandbox.url).netloc
        given = Order(
            self.store.url,
            self.key,
            frozenset({host}),
            mutant=self.mutant,
            queued=self.ticker is not None,
            **order,
        )
        told = processes.RawValue("i", 0)  # no lock that a dead worker could keep
        process = processes.Process(target=run, args=(given, told), daemon=True)
        process.start()
        worker = Worker(process, told)
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.workers.clear()
        if self.ticker is not None:
            self.ticker.stop()
        self.store.close()

    # what is known

    def states(self) -> Counter[DeliveryState]:
        with self.store.read(JOB) as work:
            rows = work.session.execute(
                select(Delivery.state, func.count()).group_by(Delivery.state)
            )
            return Counter(dict(rows.tuples().all()))

    def unsettled(self) -> int:
        states = self.states()
        return sum(states[state] for state in UNSETTLED)

    def drain(self, workers: int = 2) -> bool:
        """Let workers run until nothing moves by itself; False when something stays."""
        started = [self.start() for _ in range(workers)]
        end = time.monotonic() + (PATIENCE if self.ticker is None else 3 * PATIENCE)
        while self.unsettled() and time.monotonic() < end:
            time.sleep(0.1)
        for worker in started:
            worker.kill()
        return not self.unsettled()

    def ledger(self) -> list[tuple[Delivery, str, str]]:
        """Every delivery with its network and text."""
        with self.store.read(JOB) as work:
            rows = work.session.scalars(select(Delivery).order_by(Delivery.id)).all()
            return [
                (
                    row,
                    work.accounts.get(row.account_id).network,
                    work.session.get_one(Announcement, row.announcement_id).body,
                )
                for row in rows
            ]

    def answer_truly(self) -> int:
        """A person looks at the network for each delivery that asks; how many asked."""
        posts = self.sandbox.posts()
        asked = [one for one in self.ledger() if one[0].state is S.NEEDS_PERSON]
        for row, network, text in asked:
            stands = bool(posts[network, text])
            said = Answer.WAS_PUBLISHED if stands else Answer.SEND_AGAIN
            with self.store.write(self.office) as work:
                officer = self.people[Role.OFFICER]
                answer(work, officer, row.id, said, now_utc())
        return len(asked)


def _ticker(store: Store) -> Ticker:
    """The clock, in this process: it takes away the jobs of those that are killed."""
    job_queue.bring(store.engine)
    store.queue = job_queue.DatabaseQueue()
    often = timedelta(seconds=0.2)
    settings = Settings(publish_every=often, settle_every=often)
    ticker = Ticker(
        settings, store, lambda store: reap(store, STALLED_AFTER), beat=BEAT
    )
    ticker.start()
    return ticker


@dataclass
class Worker:
    """A worker process, and the last step it told."""

    process: Any
    told: Any

    @property
    def step(self) -> str:
        return STEPS[self.told.value]

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def go_on(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def wait_busy(self) -> bool:
        """Wait until the worker has told a step."""
        end = time.monotonic() + PATIENCE
        while self.step == IDLE and time.monotonic() < end:
            time.sleep(0.005)
        return self.step != IDLE

    def wait_dead(self) -> bool:
        """Wait until it was killed; one that ended in another way was not."""
        self.process.join(PATIENCE)
        return self.process.exitcode == -signal.SIGKILL

    def wait_stopped(self) -> bool:
        """Wait until the process has stopped itself."""
        end = time.monotonic() + PATIENCE
        stat = Path(f"/proc/{self.process.pid}/stat")
        while time.monotonic() < end:
            if stat.read_text().rpartition(")")[2].split()[0] == "T":
                return True
            time.sleep(0.02)
        return False
