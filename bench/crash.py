"""Kill the publisher at every step, then at random: nothing doubled, nothing lost.

    python -m bench.crash --kills 30 --seed 1 --database both --networks x,mastodon
    python -m bench.crash --kills 300 --workers procrastinate --processes 2

Workers run the product's own sending and settling against the sandbox (and a mail
server) over the wire; each answer is held 50 to 200 ms. On every network:

- a worker is killed (SIGKILL) once at every named step, a picture with the post where
  the network takes one, and once at every step of the second part of a thread;
- an announcement is edited and approved anew while a worker that holds it is stopped
  before arming; the worker goes on, or is killed. After arming it must be refused;
- a worker is stopped beyond its lease, after arming and after its last look, and
  continued;
- then workers are killed at random moments, while announcements are edited at random.

At the end everything that was approved last must stand exactly once, with its picture,
each part of a thread below the one before, or a person must have been asked; the person
then answers truly, and all of it must stand exactly once. What stands is what the
networks' own records say.

With ``--workers procrastinate`` (PostgreSQL) the worker processes are driven by the
queue of many machines and a clock, as ``kentongan worker`` and ``kentongan clock`` are.

A mutant that does not commit its intent before the call must be caught.
"""

import argparse
import logging
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from bench.crash_count import Count
from bench.crash_outside import Outside, outside
from bench.crash_worker import BETWEEN, PACE
from bench.crash_world import Worker, World, database
from models.states import DeliveryState
from pipeline import wiring
from pipeline.looking import STEPS as SETTLE_STEPS
from pipeline.publishing import STEPS as SEND_STEPS

S = DeliveryState
NETWORKS = tuple(wiring.NETWORKS)
SENT = "sent"  # the bytes have left, and the answer is still held
BEFORE_ARMING = ("claimed", "prepared")
LEAST_BETWEEN = 0.3
LEAST_ACCOUNTS, ENOUGH_ACCOUNTS = 2, 9  # of each network, and in all
BACKLOG = 4  # deliveries of each account, so that no worker is ever idle
THE_WORST = ("armed", SENT, "asked")  # of a thread, in a short run
MOST_CUTS = 10
STOPPED_AT_ONCE = 4  # networks: each stopped worker keeps its connections
OF_THREADS, OF_PICTURES, OF_CHANGES = 0.2, 0.1, 0.3


@dataclass
class Bench:
    """One run over some networks; every kill is told as it happens."""

    world: World
    networks: Sequence[str]
    processes: int
    chances: random.Random
    short: bool = False

    def kill_at_every_step(self) -> int:
        """SIGKILL once at each named step of each network; how many kills."""
        for network in self.networks:
            for step in (*SEND_STEPS, SENT):
                account = self.world.open_account(network, f"{network}-{step}")
                self.world.say(account, picture=True)
                assert self._dies(account, step), f"{network} never came to {step}"
                self._report(f"{network:9} killed at {step}")
            for step in SETTLE_STEPS:
                account = self.world.open_account(network, f"{network}-{step}")
                self._die_in_doubt(account, step)
                self._report(f"{network:9} killed at {step}")
        return len(self.networks) * (len(SEND_STEPS) + 1 + len(SETTLE_STEPS))

    def kill_in_threads(self) -> int:
        """SIGKILL once at each named step of a thread's second part; how many."""
        able = [each for each in self.networks if wiring.capabilities(each).threads]
        for network in able:
            for step in self._few((*SEND_STEPS, SENT)):
                account = self.world.open_account(network, f"{network}-utas-{step}")
                self.world.say(account, picture=True, parts=3)
                assert self._dies(account, step, part=2), f"{network} at {step}"
                self._report(f"{network:9} killed at {step} of part 2")
            for step in self._few(SETTLE_STEPS):
                account = self.world.open_account(network, f"{network}-utas-{step}")
                self._die_in_doubt(account, step, parts=3)
                self._report(f"{network:9} killed at {step} of part 2")
        return len(able) * len(self._few((*SEND_STEPS, SENT, *SETTLE_STEPS)))

    def _few(self, steps: Sequence[str]) -> list[str]:
        return [one for one in steps if not self.short or one in THE_WORST]

    def _die_in_doubt(self, account: int, step: str, parts: int = 1) -> None:
        """Kill at a step of settling, after an answer was lost.

        The cut may meet what an earlier worker left behind on the same network: then
        another announcement is made.
        """
        for _ in range(MOST_CUTS):
            self.world.say(account, picture=True, parts=parts)
            if parts > 1 and not self._dies(account, "recorded", doubted=True):
                continue
            self.world.outside.cut(self.world.networks[account])
            if self._dies(account, step, part=min(parts, 2), doubted=True):
                return
        raise AssertionError(f"account {account} never came to {step}")

    def _dies(
        self, account: int, step: str, part: int = 1, *, doubted: bool = False
    ) -> bool:
        """Whether a worker comes to the step; nothing may be in doubt, though cut."""
        at: dict[str, Any] = {"account": account, "part": part}
        if step == SENT:
            worker = self.world.start(step="looked", delay=0.03, **at)
        else:
            worker = self.world.start(step=step, **at)
        return worker.wait_dead(
            lambda: doubted and self.world.is_done(account),
        )

    def change_while_held(self) -> int:
        """Edit and approve anew under a worker; how many times it was tried."""
        for network in self.networks:
            for step, goes_on, parts in self._ways_to_change(network):
                handle = f"{network}-ubah-{step}-{goes_on}-{parts}"
                account = self.world.open_account(network, handle)
                said = self.world.say(account, picture=True, parts=parts)
                stop: dict[str, Any] = {"step": step, "by": signal.SIGSTOP}
                worker = self.world.start(account=account, **stop)
                assert worker.wait_stopped(), f"{network} never came to {step}"
                changed = self.world.say_anew(said)
                assert changed is (step in BEFORE_ARMING), f"{network} at {step}"
                if goes_on:
                    worker.go_on()
                    time.sleep(0.5)
                worker.kill()
                word = "approved anew" if changed else "edit refused"
                after = "goes on" if goes_on else "killed"
                self._report(f"{network:9} {word} at {step}, {after}")
        return sum(len(self._ways_to_change(each)) for each in self.networks)

    def _ways_to_change(self, network: str) -> list[tuple[str, bool, int]]:
        """Step of the worker, whether it goes on, and parts of the announcement."""
        ways = [("prepared", True, 1), ("armed", False, 1)]
        if not self.short:
            ways += [
                ("claimed", True, 1),
                ("claimed", False, 1),
                ("prepared", False, 1),
            ]
            if wiring.capabilities(network).threads:
                ways.append(("prepared", True, 2))
        return ways

    def stop_beyond_their_lease(self) -> int:
        """SIGSTOP workers after arming and after their last look; SIGCONT; how many."""
        for first in range(0, len(self.networks), STOPPED_AT_ONCE):
            some = self.networks[first : first + STOPPED_AT_ONCE]
            stopped = [
                self._stop(network, step)
                for network in some
                for step in ("armed", "looked")
            ]
            others = self.world.start()
            time.sleep(2 * PACE.lease.total_seconds())  # they are swept, and looked for
            others.kill()
            for worker in stopped:
                worker.go_on()
            self._report("all go on")
            time.sleep(1)
            for worker in stopped:
                worker.kill()
        return 2 * len(self.networks)

    def _stop(self, network: str, step: str) -> Worker:
        account = self.world.open_account(network, f"{network}-stop-{step}")
        self.world.say(account)
        worker = self.world.start(step=step, account=account, by=signal.SIGSTOP)
        assert worker.wait_stopped(), f"{network} never came to {step}"
        self._report(f"{network:9} stopped at {step}")
        return worker

    def kill_at_random(self, kills: int) -> int:
        """SIGKILL at random moments; how many fell between arming and recording."""
        each = max(LEAST_ACCOUNTS, ENOUGH_ACCOUNTS // len(self.networks))
        accounts = [
            self.world.open_account(network, f"{network}-{number}")
            for network in self.networks
            for number in range(each)
        ]
        workers = [self.world.start() for _ in range(self.processes)]
        between = 0
        for number in range(1, kills + 1):
            self._fill(accounts)
            place = self.chances.randrange(self.processes)
            assert workers[place].wait_busy(), "a worker finds nothing to do"
            self._change_some()
            if number % 2:  # anywhere; the others fall while a post is on its way
                queued = self.world.ticker is not None
                time.sleep(self.chances.uniform(0, 2 if queued else 0.5))
            elif workers[place].wait_for(BETWEEN, within=2):
                time.sleep(self.chances.uniform(0, 0.1))
            workers[place].kill()
            step = workers[place].step
            between += step in BETWEEN
            self._report(f"kill {number:4} after {step}")
            workers[place] = self.world.start()
        for worker in workers:
            worker.kill()
        return between

    def _fill(self, accounts: Sequence[int]) -> None:
        """Keep the backlog; some announcements are threads, some have pictures."""
        while self.world.states()[S.SCHEDULED] < BACKLOG * len(accounts):
            for account in accounts:
                parts = 2 if self.chances.random() < OF_THREADS else 1
                picture = self.chances.random() < OF_PICTURES
                self.world.say(account, picture=picture, parts=parts)

    def _change_some(self) -> None:
        """Edit one of the latest; whether a worker is at it is chance."""
        if self.chances.random() < OF_CHANGES:
            latest = self.world.said[-6 * BACKLOG * len(self.networks) :]
            self.world.say_anew(self.chances.choice(latest))

    def settle(self) -> Count:
        """Let everything settle, answer what is asked, and count what stands."""
        asked = lost = 0
        while self.world.drain(self.processes):
            lost += self.world.published_but_absent()
            asking = self.world.answer_truly()
            asked += asking
            if not asking:  # what was sent again may ask again
                break
        count = self.world.counted()
        count.asked = asked
        count.lost += lost
        for each in count.wrong[:40]:
            print(each, flush=True)
        if count.stuck:
            self._tell_stuck()
        return count

    def _tell_stuck(self) -> None:
        for row in self.world.rows():
            if row.state not in (S.PUBLISHED, S.CANCELLED):
                account = self.world.account_row(row.account_id)
                print(
                    f"stuck: delivery {row.id} {account.handle} {row.state} "
                    f"{row.problem} {row.detail!r} part {row.part}/{row.parts} "
                    f"tries={row.tries} due={row.due_at} look={row.next_look_at} "
                    f"lease={account.lease_until} rest={account.next_allowed_at} "
                    f"health={account.health}",
                    flush=True,
                )

    def _report(self, what: str) -> None:
        states = self.world.states()
        shown = " ".join(f"{state}={states[state]}" for state in S if states[state])
        print(f"{what:44} {shown}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)
    if given.workers == "procrastinate":
        given.database = "postgresql"
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    with outside() as networks, tempfile.TemporaryDirectory() as folder:
        good = [_one(kind, given, networks, Path(folder)) for kind in kinds]
    return 0 if all(good) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.crash")
    parser.add_argument("--kills", type=int, default=30, help="random kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql", "both"), default="sqlite"
    )
    parser.add_argument("--workers", choices=("loop", "procrastinate"), default="loop")
    parser.add_argument("--processes", type=int, default=2, help="that work at a time")
    parser.add_argument(
        "--networks", type=_chosen, default=NETWORKS, help="a,b,c; default: all"
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="fewer steps in threads, fewer edits, PostgreSQL's files in memory",
    )
    return parser


def _chosen(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if unknown := set(names) - set(NETWORKS):
        raise argparse.ArgumentTypeError(f"no network {', '.join(sorted(unknown))}")
    return names


def _one(kind: str, given: Any, networks: Outside, folder: Path) -> bool:
    began = time.monotonic()
    with database(kind, folder, in_memory=given.short) as fresh:
        with fresh("ledger") as url:
            queued = given.workers == "procrastinate"
            with closing(World.make(url, networks, queued=queued)) as world:
                chances = random.Random(given.seed)
                bench = Bench(
                    world, given.networks, given.processes, chances, given.short
                )
                named = bench.kill_at_every_step()
                in_threads = bench.kill_in_threads()
                changes = bench.change_while_held()
                stopped = bench.stop_beyond_their_lease()
                between = bench.kill_at_random(given.kills)
                count = bench.settle()
        with (
            fresh("mutant") as url,
            closing(World.make(url, networks, mutant=True)) as world,
        ):
            mutant = run_mutant(world)
    share = between / given.kills if given.kills else 1.0
    good = count.clean and not mutant.clean and share >= LEAST_BETWEEN
    found = " ".join(f"by_{how}={number}" for how, number in count.found_by.items())
    print(
        f"crash: database={kind} workers={given.workers} processes={given.processes} "
        f"networks={','.join(given.networks)} "
        f"named={named} in_threads={in_threads} changes={changes} stopped={stopped} "
        f"random={given.kills} between_arming_and_recording={share:.0%} "
        f"posts={count.posts} threads={count.threads} pictures={count.pictures} "
        f"changed={count.changed} {found} "
        f"doubled={count.doubled} lost={count.lost} stuck={count.stuck} "
        f"stale={count.stale} bare={count.bare} loose={count.loose} "
        f"asked={count.asked} "
        f"mutant_doubled={mutant.doubled} mutant_lost={mutant.lost} "
        f"seconds={time.monotonic() - began:.0f} {'ok' if good else 'FAILED'}",
        flush=True,
    )
    return good


def run_mutant(world: World) -> Count:
    """The same death, where the intent was not committed first."""
    for number in range(2):
        world.say(world.open_account("x", f"mutant-{number}"))
        world.start(step="looked", delay=0.03).wait_dead(lambda: False)
    return Bench(world, ("x",), 1, random.Random(1)).settle()


if __name__ == "__main__":
    sys.exit(main())
