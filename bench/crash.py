"""Kill the publisher at every step, then at random: nothing doubled, nothing lost.

    python -m bench.crash --kills 30 --seed 1 --database both [--workers procrastinate]

Workers run the product's own sending and settling against the sandbox over HTTP, which
holds each answer 50 to 200 ms. Each network's worker is killed (SIGKILL) once at every
named step, is stopped beyond its lease and continued, and then workers are killed at
random moments. At the end every delivery must stand exactly once, or a person must have
been asked; the person then answers truly, and every delivery must stand exactly once.

With ``--workers procrastinate`` (PostgreSQL) the two worker processes are driven by the
queue of many machines and a clock, as ``kentongan worker`` and ``kentongan clock`` are.

A mutant that does not commit its intent before the call must be caught.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.crash_worker import BETWEEN, PACE
from bench.crash_world import NETWORKS, Sandbox, World, database, sandbox
from models.states import DeliveryState
from pipeline.looking import STEPS as SETTLE_STEPS
from pipeline.publishing import STEPS as SEND_STEPS

S = DeliveryState
SENT = "sent"  # the bytes have left, and the answer is still held
POST_PATHS = {
    "x": "/2/tweets",
    "mastodon": "/api/v1/statuses",
    "bluesky": "/xrpc/com.atproto.repo.putRecord",
}
LEAST_BETWEEN = 0.3
WORKERS = 2
ACCOUNTS = 3  # of each network, for the random kills
BACKLOG = 4  # deliveries of each, so that no worker is ever idle


@dataclass
class Count:
    """What went wrong, and what did not."""

    doubled: int = 0
    lost: int = 0
    stuck: int = 0
    asked: int = 0
    deliveries: int = 0

    @property
    def clean(self) -> bool:
        return not (self.doubled or self.lost or self.stuck)


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.workers == "procrastinate":
        given.database = "postgresql"
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    with sandbox() as pretend, tempfile.TemporaryDirectory() as folder:
        good = [_one(kind, given, pretend, Path(folder)) for kind in kinds]
    return 0 if all(good) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.crash")
    parser.add_argument("--kills", type=int, default=30, help="random kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql", "both"), default="sqlite"
    )
    parser.add_argument("--workers", choices=("loop", "procrastinate"), default="loop")
    return parser


def _one(kind: str, given: Any, pretend: Sandbox, folder: Path) -> bool:
    began = time.monotonic()
    chances = random.Random(given.seed)
    with database(kind, folder) as fresh:
        with fresh("ledger") as url:
            queued = given.workers == "procrastinate"
            world = World.make(url, pretend, queued=queued)
            named = kill_at_every_step(world)
            stopped = stop_beyond_their_lease(world)
            between = kill_at_random(world, given.kills, chances)
            count = settle(world)
            world.close()
        with fresh("mutant") as url:
            mutant = run_mutant(World.make(url, pretend, mutant=True))
    share = between / given.kills if given.kills else 1.0
    good = count.clean and not mutant.clean and share >= LEAST_BETWEEN
    print(
        f"crash: database={kind} workers={given.workers} "
        f"named={named} stopped={stopped} "
        f"random={given.kills} between_arming_and_recording={share:.0%} "
        f"deliveries={count.deliveries} doubled={count.doubled} lost={count.lost} "
        f"stuck={count.stuck} asked={count.asked} "
        f"mutant_doubled={mutant.doubled} mutant_lost={mutant.lost} "
        f"seconds={time.monotonic() - began:.0f} {'ok' if good else 'FAILED'}",
        flush=True,
    )
    return good


def kill_at_every_step(world: World) -> int:
    """SIGKILL once at each named step of each network; how many kills."""
    kills = 0
    for network in NETWORKS:
        for step in (*SEND_STEPS, SENT, *SETTLE_STEPS):
            account = world.open_account(network, f"{network}-{step}")
            if step in SETTLE_STEPS:
                cut(world, network)
            world.say(account)
            if step == SENT:
                worker = world.start(step="looked", delay=0.03)
            else:
                worker = world.start(step=step)
            assert worker.wait_dead(), f"{network} never came to {step}"
            kills += 1
            report(world, f"{network:9} killed at {step}")
    return kills


def cut(world: World, network: str) -> None:
    """The next post is accepted, and its answer is lost."""
    fault = {"kind": "cut", "path": POST_PATHS[network], "method": "POST"}
    world.sandbox.call("POST", "faults", fault)


def stop_beyond_their_lease(world: World) -> int:
    """SIGSTOP each network's worker after arming and after its last look; SIGCONT."""
    stopped = []
    for network in NETWORKS:
        for step in ("armed", "looked"):
            world.say(world.open_account(network, f"{network}-stop-{step}"))
            worker = world.start(step=step, by=signal.SIGSTOP)
            assert worker.wait_stopped(), f"{network} never came to {step}"
            stopped.append(worker)
            report(world, f"{network:9} stopped at {step}")
    others = world.start()
    time.sleep(2 * PACE.lease.total_seconds())  # they are swept, and looked for
    others.kill()
    for worker in stopped:
        worker.go_on()
    report(world, "all go on")
    time.sleep(1)
    for worker in stopped:
        worker.kill()
    return len(stopped)


def kill_at_random(world: World, kills: int, chances: random.Random) -> int:
    """SIGKILL at random moments; how many fell between arming and recording."""
    accounts = [
        world.open_account(network, f"{network}-{number}")
        for network in NETWORKS
        for number in range(ACCOUNTS)
    ]
    workers = [world.start() for _ in range(WORKERS)]
    between = 0
    for number in range(1, kills + 1):
        while world.states()[S.SCHEDULED] < BACKLOG * len(accounts):
            world.say(*accounts)
        place = chances.randrange(WORKERS)
        assert workers[place].wait_busy(), "a worker finds nothing to do"
        time.sleep(chances.uniform(0, 0.5 if world.ticker is None else 2))
        workers[place].kill()
        step = workers[place].step
        between += step in BETWEEN
        report(world, f"kill {number:4} after {step}")
        workers[place] = world.start()
    for worker in workers:
        worker.kill()
    return between


def report(world: World, what: str) -> None:
    states = world.states()
    shown = " ".join(f"{state}={states[state]}" for state in S if states[state])
    print(f"{what:32} {shown}", flush=True)


def settle(world: World) -> Count:
    """Let everything settle, answer what is asked, and count what stands."""
    count = Count()
    while world.drain():
        posts = world.sandbox.posts()
        count.lost += sum(
            row.state is S.PUBLISHED and not posts[network, text]
            for row, network, text in world.ledger()
        )
        asked = world.answer_truly()
        count.asked += asked
        if not asked:  # what was sent again may ask again
            break
    posts = world.sandbox.posts()
    for row, network, text in world.ledger():
        count.deliveries += 1
        count.doubled += posts[network, text] > 1
        count.lost += posts[network, text] == 0
        count.stuck += row.state is not S.PUBLISHED
    return count


def run_mutant(world: World) -> Count:
    """The same death, where the intent was not committed first."""
    for number in range(2):
        world.say(world.open_account("x", f"mutant-{number}"))
        world.start(step="looked", delay=0.03).wait_dead()
    count = settle(world)
    world.close()
    return count


if __name__ == "__main__":
    sys.exit(main())
