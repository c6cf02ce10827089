"""Stop posts on their way: a stop that is committed before a last look stops it.

    python -m bench.stops --races 10000 --database both

Two processes of two threads each send what is due; threads of this process stop the
same accounts, by account, by kind, and everything of the office. A race is one post
and one stop: most stops begin when the post is armed and on its way, the rest at any
moment. Both sides read one clock of the machine: the stop when its commit has returned,
the sender when its last look begins. A post that left although its stop was committed
earlier is *late*; the limit is none.

A mutant without the last look must be caught by the same races.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from bench.crash_world import UNSETTLED, database
from bench.stops_worker import LONGEST_WAY, THREADS, Arrival, Look, run
from models.category import GENERAL
from models.delivery import Delivery
from models.scope import SystemScope
from models.states import DeliveryState, Role
from models.stop import EVERYTHING, Stop, Target
from models.tables import metadata
from pipeline.stopping import stop
from pipeline.unit import Store, now_utc
from tests.conftest import add_office, add_person
from tests.integration.ledger_kit import House

JOB = SystemScope("bench.stops")
SLOTS = 24  # offices, each with an account that races once a round
PROCESSES = 2
STOPPERS = 4
SHARE_EARLY = 0.2  # of the stops, at any moment since the post is due
LONGEST_PAUSE = 0.15  # seconds until such a stop
PATIENCE = 60.0  # seconds for one round
MUTANT_ROUNDS = 20

processes = multiprocessing.get_context("spawn")


@dataclass
class Count:
    """How the races ended."""

    races: int = 0
    sent: int = 0  # the last look was first
    at_last_look: int = 0  # armed, and the last look closed the gate
    before: int = 0  # held before it was armed
    late: int = 0  # sent although the stop was committed before the last look

    def add(self, look: Look | None, stopped: float) -> None:
        self.races += 1
        if look is None:
            self.before += 1
        elif not look.sent:
            self.at_last_look += 1
        else:
            self.sent += 1
            self.late += stopped < look.began


@dataclass
class Arena:
    """Offices, the processes that send for them, and what these told."""

    store: Store
    houses: list[tuple[House, int]]  # with its account
    told: Any
    senders: list[Any] = field(default_factory=list)

    @classmethod
    def make(cls, url: str, *, mutant: bool) -> "Arena":
        store = Store(url)
        metadata.create_all(store.engine)
        houses = []
        for number in range(SLOTS):
            office = add_office(store, f"kantor-{number}", f"Polres {number}")
            people = {role: add_person(store, office, role) for role in Role}
            house = House(store, office, people)
            houses.append((house, house.account()))
        told = processes.SimpleQueue()
        arena = cls(store, houses, told)
        for _ in range(PROCESSES):
            sender = processes.Process(
                target=run, args=(url, told), kwargs={"mutant": mutant}, daemon=True
            )
            sender.start()
            arena.senders.append(sender)
        return arena

    def close(self) -> None:
        for sender in self.senders:
            sender.kill()
            sender.join()
        self.store.close()

    def round(self, number: int, chances: random.Random, count: Count) -> None:
        """One race in every office."""
        slots = {
            self._say(house, account, f"Pengumuman {number} kantor {slot}"): slot
            for slot, (house, account) in enumerate(self.houses)
        }
        early = {key for key in slots if chances.random() < SHARE_EARLY}
        looks: dict[str, Look] = {}
        jobs: dict[str, Future[float]] = {}
        end = time.monotonic() + PATIENCE
        with ThreadPoolExecutor(STOPPERS) as stoppers:

            def start(key: str, longest: float) -> None:
                kind, pause = chances.randrange(3), chances.uniform(0, longest)
                jobs[key] = stoppers.submit(self._stop, slots[key], kind, pause)

            for key in early:
                start(key, LONGEST_PAUSE)
            while len(jobs) < SLOTS or self._moving():
                if time.monotonic() > end:
                    raise SystemExit(f"stops: stuck: {self._states()}")
                for told in self._told():
                    if isinstance(told, Look):
                        looks[told.key] = told
                    elif told.key not in jobs:
                        start(told.key, LONGEST_WAY)
            looks |= {told.key: told for told in self._told() if isinstance(told, Look)}
        for key, job in jobs.items():
            count.add(looks.get(key), job.result())
        self._clear()

    def _told(self) -> Iterator[Arrival | Look]:
        """What the senders told since, or a short wait."""
        if self.told.empty():
            time.sleep(0.005)
        while not self.told.empty():
            yield self.told.get()

    def _say(self, house: House, account: int, text: str) -> str:
        (delivery,) = house.announce(text, account, due_at=now_utc())
        return house.row(delivery).key

    def _stop(self, slot: int, kind: int, pause: float) -> float:
        """Stop an account, a kind or everything; when the commit had returned."""
        time.sleep(pause)
        house, account = self.houses[slot]
        target = (Target(account), Target(category=GENERAL), EVERYTHING)[kind]
        by = house.people[Role.ADMIN]
        with self.store.write(house.office, durable=True) as work:
            stop(work, by, target, "Perlombaan.", None, now_utc())
        return time.monotonic()

    def _moving(self) -> int:
        with self.store.read(JOB) as work:
            number = work.session.scalar(
                select(func.count())
                .select_from(Delivery)
                .where(Delivery.state.in_(UNSETTLED))
            )
            return number or 0

    def _states(self) -> list[tuple[object, ...]]:
        """How the last round stands."""
        with self.store.read(JOB) as work:
            rows = work.session.scalars(
                select(Delivery).order_by(Delivery.id.desc()).limit(SLOTS)
            )
            return [(row.state.value, row.problem, row.tries) for row in rows]

    def _clear(self) -> None:
        """Give up what was held, and end the stops, for the next round."""
        now = now_utc()
        with self.store.write(JOB) as work:
            work.session.execute(
                update(Delivery)
                .where(Delivery.state == DeliveryState.HELD)
                .values(state=DeliveryState.CANCELLED)
            )
            work.session.execute(
                update(Stop).where(Stop.ended_at.is_(None)).values(ended_at=now)
            )


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    with tempfile.TemporaryDirectory() as folder:
        good = [_one(kind, given, Path(folder)) for kind in kinds]
    return 0 if all(good) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.stops")
    parser.add_argument("--races", type=int, default=480)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql", "both"), default="sqlite"
    )
    parser.add_argument(
        "--in-memory", action="store_true", help="PostgreSQL's files, for a short run"
    )
    return parser


def _one(kind: str, given: Any, folder: Path) -> bool:
    began = time.monotonic()
    chances = random.Random(given.seed)
    with database(kind, folder, in_memory=given.in_memory) as fresh:
        with fresh("stops") as url:
            count = race(url, given.races, chances)
        with fresh("mutant") as url:
            mutant = race(url, SLOTS * MUTANT_ROUNDS, chances, mutant=True)
    good = count.late == 0 and count.at_last_look > 0 and mutant.late > 0
    print(
        f"stops: database={kind} races={count.races} senders={PROCESSES}x{THREADS} "
        f"sent={count.sent} held_before={count.before} "
        f"stopped_at_last_look={count.at_last_look} late={count.late} limit=0 "
        f"mutant_races={mutant.races} mutant_late={mutant.late} "
        f"seconds={time.monotonic() - began:.0f} {'ok' if good else 'FAILED'}",
        flush=True,
    )
    return good


def race(
    url: str, races: int, chances: random.Random, *, mutant: bool = False
) -> Count:
    """Race until there were so many; the mutant until it is caught."""
    arena = Arena.make(url, mutant=mutant)
    count = Count()
    try:
        number = 0
        while count.races < races and not (mutant and count.late):
            arena.round(number, chances, count)
            number += 1
            if number % 50 == 0:
                print(f"  {count}", flush=True)
    finally:
        arena.close()
    return count


if __name__ == "__main__":
    sys.exit(main())
