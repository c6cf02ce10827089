"""The world of ``bench.crash``: a database, an office in it, and its workers."""

import json
import multiprocessing
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from bench.crash_count import Count, Public, Said, count
from bench.crash_outside import Outside
from bench.crash_shop import Shop
from bench.crash_worker import BEAT, IDLE, STALLED_AFTER, STEPS, Order, run
from config.keys import Vault
from config.settings import Settings
from models.database import StorageFailed
from models.delivery import Delivery, ReceiptRow
from models.errors import Conflict
from models.scope import SystemScope
from models.speech import Image
from models.states import Answer, DeliveryState, Role
from models.tables import metadata
from models.thread import ThreadPart
from pipeline import announcing, approving, job_queue, mailing, wiring
from pipeline.announcing import AnnouncementForm
from pipeline.job_queue import reap
from pipeline.settling import answer
from pipeline.ticker import Ticker
from pipeline.unit import Store, Work, now_utc
from tests.conftest import add_office, add_person
from tests.contract.network_kit import plain_picture
from tests.integration.ledger_kit import House
from tests.postgresql import Server, find_binaries

S = DeliveryState
UNSETTLED = frozenset({S.SCHEDULED, S.CLAIMED, S.PREPARED, S.ARMED, S.UNCERTAIN})
JOB = SystemScope("bench.crash")
PATIENCE = 90.0
"""Seconds without any change, after which what is not settled is stuck."""

INSISTENCE = 5
LETTERS = ("siti@kabar.example", "budi@radio.example")
ALT = "Peta lokasi"

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(
    [
        "bench.crash_worker",
        *(wire.network for wire in wiring.NETWORKS.values()),
        *(wire.publisher.partition(":")[0] for wire in wiring.NETWORKS.values()),
    ]
)


@contextmanager
def database(
    kind: str, folder: Path, *, in_memory: bool = False
) -> Iterator[Callable[[str], Any]]:
    """Makes fresh databases: ``with fresh("name") as url``.

    PostgreSQL's files lie on the disk, at its speed, or ``in_memory`` for a short run.
    """
    if kind == "sqlite":
        yield lambda name: nullcontext(f"sqlite:///{folder / name}.db")
        return
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL's server binaries are not installed")
    with Server.start(binaries, in_memory=in_memory) as server:
        server.make_template(lambda _url: None)
        yield lambda _name: server.fresh_database()


@dataclass
class World(House):
    """An office with accounts on every network, and the workers that serve it."""

    outside: Outside
    key: str
    shop: Shop
    mutant: bool = False
    ticker: Ticker | None = None  # under procrastinate somebody must say "look"
    workers: list["Worker"] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    networks: dict[int, str] = field(default_factory=dict)  # by account
    lists: dict[int, list[int]] = field(default_factory=dict)  # of letters, by account
    picture: Image = field(default_factory=lambda: plain_picture(ALT))
    _count: int = 0

    @classmethod
    def make(
        cls, url: str, outside: Outside, *, mutant: bool = False, queued: bool = False
    ) -> "World":
        store = Store(url)
        metadata.create_all(store.engine)
        office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
        people = {role: add_person(store, office, role) for role in Role}
        outside.begin()
        key = Fernet.generate_key().decode()
        shop = Shop.open(store, Vault([key]))
        ticker = _ticker(store) if queued else None
        return cls(store, office, people, outside, key, shop, mutant, ticker)

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
        self.workers.clear()
        if self.ticker is not None:
            self.ticker.stop()
        self.shop.close()
        self.store.close()

    # what is to be said

    def open_account(self, network: str, handle: str) -> int:
        url, secrets = self.outside.account(network, handle)
        sealed = Vault([self.key]).seal(json.dumps(secrets))
        account = self.account(
            handle, network=network, base_url=url, sealed_secrets=sealed
        )
        self.networks[account] = network
        if wiring.capabilities(network).recipients:
            self.lists[account] = [self._join(account, each) for each in LETTERS]
        return account

    def _join(self, account: int, address: str) -> int:
        officer = self.people[Role.OFFICER]
        with self.store.write(self.office) as work:
            return mailing.add_recipient(
                work, officer, account, "Wartawan", "", address, now_utc()
            )

    def say(self, account: int, *, picture: bool = False, parts: int = 1) -> Said:
        """One more announcement, due now, with a text of its own.

        A network of pictures has one always; a network without threads has no parts.
        """
        network = self.networks[account]
        can = wiring.capabilities(network)
        picture = picture or can.needs_picture
        text = self._text()
        posts = [f"{text}, bagian {n}" for n in range(1, parts + 1)]
        posts = posts if can.threads and parts > 1 else [text]
        (first, *_) = self.announce(
            text,
            account,
            due_at=now_utc(),
            image=self.picture if picture else None,
            thread=posts,
            recipients=self.lists and {account: self.lists[account]}
            if account in self.lists
            else {},
        )
        said = Said(
            self.row(first).announcement_id,
            account,
            network,
            [tuple(posts)],
            picture,
            LETTERS if account in self.lists else ("",),
        )
        self.said.append(said)
        return said

    def _text(self) -> str:
        self._count += 1
        return f"Pengumuman nomor {self._count} dari Polres Kota Sukamaju"

    def say_anew(self, said: Said) -> bool:
        """Edit an announcement and approve it anew; False when it is out already."""
        text, officer = self._text(), self.people[Role.OFFICER]
        if len(said.posts) > 1:
            text = self._long(said.network, text)
        form = AnnouncementForm(
            "Judul",
            text,
            {said.account: ""},
            alt_text=ALT if said.pictured else "",
            threads=[said.account],
        )
        number = said.announcement

        def edit(work: Work) -> None:
            version = work.announcements.get(number).version
            announcing.edit(work, officer, number, version, form, now_utc())

        def ask(work: Work) -> None:
            announcing.ask(work, officer, number, now_utc(), repeat_reason="uji")

        def approve(work: Work) -> None:
            approver, content = self.people[Role.APPROVER], work.announcements.content
            approving.approve(work, approver, number, content(number).hash, now_utc())

        try:
            self._insist(edit)
        except Conflict:
            return False
        self._insist(ask)
        with self.store.read(self.office) as work:
            content = work.announcements.content(number)
            (finding,) = announcing.findings(work, number)
        self._insist(approve)
        said.versions.append(content.parts[0].posts)
        said.pictured &= not finding.picture_left_out  # as its author was told
        return True

    def _insist(self, act: Callable[[Work], None]) -> None:
        """Do as a person who is told that the database is busy: press once more."""
        for _ in range(INSISTENCE):
            try:
                with self.store.write(self.office) as work:
                    return act(work)
            except StorageFailed as failed:
                print(f"told to try again: {failed.detail}", flush=True)
        raise AssertionError("the database stays busy")

    @staticmethod
    def _long(network: str, text: str) -> str:
        """A text that needs two posts there or more."""
        longest = wiring.capabilities(network).text.longest
        sentences = range(1, 2 + longest // len(text))
        return " ".join(f"{text}, kalimat {number}." for number in sentences)

    # workers

    def start(self, **order: Any) -> "Worker":
        given = Order(
            self.store.url,
            self.key,
            self.outside.places,
            self.shop.url,
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

    def drain(self, workers: int) -> bool:
        """Let workers run until nothing moves by itself; False when something stays."""
        started = [self.start() for _ in range(workers)]
        before, end = self.states(), time.monotonic() + PATIENCE
        while self.unsettled() and time.monotonic() < end:
            time.sleep(0.1)
            if before != (before := self.states()):
                end = time.monotonic() + PATIENCE
        for worker in started:
            worker.kill()
        return not self.unsettled()

    # what is known

    def states(self) -> Counter[DeliveryState]:
        with self.store.read(JOB) as work:
            rows = work.session.execute(
                select(Delivery.state, func.count()).group_by(Delivery.state)
            )
            return Counter(dict(rows.tuples().all()))

    def is_done(self, account: int) -> bool:
        """Whether everything of an account is published."""
        with self.store.read(JOB) as work:
            rows = work.deliveries.of_account(account)
            return all(row.state is S.PUBLISHED for row in rows)

    def unsettled(self) -> int:
        states = self.states()
        return sum(states[state] for state in UNSETTLED)

    def rows(self) -> list[Delivery]:
        with self.store.read(JOB) as work:
            return list(
                work.session.scalars(select(Delivery).order_by(Delivery.id)).all()
            )

    def counted(self) -> Count:
        """Everything that was said against what stands; and what became of each."""
        total = count(self.said, Public(self.outside.stands()))
        places: dict[tuple[int, int | None], set[DeliveryState]] = defaultdict(set)
        for row in self.rows():
            places[row.announcement_id, row.recipient_id].add(row.state)
        good = {S.PUBLISHED}  # a round that another took the place of is cancelled
        total.stuck = sum(states - {S.CANCELLED} != good for states in places.values())
        total.found_by = self._found_by()
        return total

    def _found_by(self) -> dict[str, int]:
        """How what stands came to be known: single posts, and parts of threads."""
        with self.store.read(JOB) as work:
            run = work.session.scalars
            single = select(ReceiptRow.found_by).where(
                ReceiptRow.delivery_id.not_in(select(ThreadPart.delivery_id))
            )
            found = Counter([*run(single), *run(select(ThreadPart.found_by))])
        return dict(sorted(found.items()))

    def published_but_absent(self) -> int:
        """Deliveries called published of which nothing stands."""
        public = Public(self.outside.stands())
        said = {each.announcement: each for each in self.said}
        missing = 0
        for row in self.rows():
            if row.state is S.PUBLISHED:
                one = said[row.announcement_id]
                to = self._address(row)
                absent = [
                    text for text in one.posts if not public.find(one.network, text, to)
                ]
                if absent:
                    print(f"absent: delivery {row.id} {one.network} {absent}")
                missing += bool(absent)
        return missing

    def answer_truly(self) -> int:
        """A person looks at the network for each delivery that asks; how many asked."""
        public = Public(self.outside.stands())
        asked = [row for row in self.rows() if row.state is S.NEEDS_PERSON]
        for row in asked:
            network = self.networks[row.account_id]
            found = public.find(network, row.sent_text, self._address(row))
            said = Answer.WAS_PUBLISHED if found else Answer.SEND_AGAIN
            remote_id = found[0].remote_id if found else ""
            officer = self.people[Role.OFFICER]
            with self.store.write(self.office) as work:
                answer(work, officer, row.id, said, now_utc(), remote_id=remote_id)
        return len(asked)

    def _address(self, row: Delivery) -> str:
        if row.recipient_id is None:
            return ""
        with self.store.read(self.office) as work:
            return work.recipients.addressee(row.recipient_id).address


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
        return self.wait_for(frozenset(STEPS) - {IDLE}, within=PATIENCE)

    def wait_for(self, steps: Collection[str], within: float) -> bool:
        """Wait, so many seconds at most, until it is at one of these steps."""
        end = time.monotonic() + within
        while self.step not in steps and time.monotonic() < end:
            time.sleep(0.005)
        return self.step in steps

    def wait_dead(self, in_vain: Callable[[], bool]) -> bool:
        """Wait until it has killed itself; False when it is ended as ``in_vain``."""
        end = time.monotonic() + PATIENCE
        while self.process.is_alive() and time.monotonic() < end:
            self.process.join(0.2)
            if self.process.is_alive() and in_vain():
                self.process.join(3)  # it may be about to
                if self.process.is_alive():
                    self.kill()
                    return False
        return bool(self.process.exitcode == -signal.SIGKILL)

    def wait_stopped(self) -> bool:
        """Wait until the process has stopped itself."""
        end = time.monotonic() + PATIENCE
        stat = Path(f"/proc/{self.process.pid}/stat")
        while time.monotonic() < end:
            if stat.read_text().rpartition(")")[2].split()[0] == "T":
                return True
            time.sleep(0.02)
        return False
