"""How fast announcements leave, how late, and what waiting costs.

    python -m bench.publish [--deliveries 320] [--threads 1 4 16] [--scheduled 100000]
        [--due 120] [--idle 20] [--every 10] [--database both]

Everything is the product's own, in processes of its own, against the sandbox over HTTP:

- ``rate``: deliveries a second through the whole path (lease, claim, arm, last look,
  call, record), due at once on 32 connected accounts, beside ``limit``: as many bare
  requests to the sandbox from as many threads.
- ``delay``: from due to the intent that is committed right before the request, with
  ``--scheduled`` other deliveries waiting; ``--every`` is the clock's interval.
- ``idle``: processor seconds a minute of a process that finds nothing to do.

A short run: ``--deliveries 64 --threads 4 --scheduled 1000 --due 20 --idle 5``.
The last line is the result.
"""

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, insert, select

from bench import publish_work
from bench.crash_outside import Outside, outside
from bench.crash_world import JOB, World, database, processes
from bench.publish_work import Order
from models.announcement import Announcement
from models.base import Base
from models.delivery import Delivery
from models.states import AnnouncementState, DeliveryState, Role
from pipeline import job_queue
from pipeline.unit import now_utc

ACCOUNTS = 32
PATIENCE = 300.0
FAR = timedelta(days=30)
MODES = {"in-process": ("in_process",), "procrastinate": ("worker", "clock")}


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    kinds = ("sqlite", "postgresql") if given.database == "both" else (given.database,)
    found: list[str] = []
    with outside() as pretend, tempfile.TemporaryDirectory() as folder:
        limits = {one: _limit(pretend, given.deliveries, one) for one in given.threads}
        for kind in kinds:
            with database(kind, Path(folder), in_memory=given.in_memory) as fresh:
                for mode in MODES if kind == "postgresql" else ("in-process",):
                    found += _one(Case(kind, mode, given, pretend, fresh), limits)
    print("publish: " + "; ".join(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.publish")
    parser.add_argument("--deliveries", type=int, default=320)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 4, 16])
    parser.add_argument("--scheduled", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=120, help="measured for the delay")
    parser.add_argument("--idle", type=float, default=20, help="seconds")
    parser.add_argument("--every", type=float, default=10, help="the clock's interval")
    parser.add_argument(
        "--warm", type=float, default=15, help="seconds until a process has loaded all"
    )
    parser.add_argument(
        "--in-memory", action="store_true", help="PostgreSQL's files, for a short run"
    )
    choices = ("sqlite", "postgresql", "both")
    parser.add_argument("--database", choices=choices, default="both")
    return parser


class Case:
    """One kind of database with one kind of queue."""

    def __init__(
        self, kind: str, mode: str, given: Any, pretend: Outside, fresh: Any
    ) -> None:
        self.kind, self.mode, self.given = kind, mode, given
        self.name = f"{kind}/{mode}"
        self._pretend, self._fresh = pretend, fresh

    @contextmanager
    def world(self, name: str) -> Iterator[tuple[World, list[int]]]:
        """A fresh office with its accounts, and a sandbox that answers at once."""
        with self._fresh(f"{self.mode}-{name}") as url:
            world = World.make(url, self._pretend)
            job_queue.bring(world.store.engine)
            self._pretend.call("PUT", "hold", {"low_ms": 0, "high_ms": 0})
            handles = [f"akun_{number}" for number in range(ACCOUNTS)]
            yield world, [world.open_account("mastodon", one) for one in handles]
            world.close()

    @contextmanager
    def serving(self, world: World, threads: int, every: float) -> Iterator[list[Any]]:
        """The processes of this case while the body runs."""
        places = world.outside.places
        order = Order(world.store.url, world.key, places, threads, every)
        started = []
        for name in MODES[self.mode]:
            process = processes.Process(
                target=getattr(publish_work, name), args=(order,), daemon=True
            )
            process.start()
            started.append(process)
        try:
            yield started
        finally:
            for process in started:
                process.kill()
                process.join()


def _one(case: Case, limits: dict[int, float]) -> list[str]:
    lines = []
    for threads, limit in limits.items():
        rate = _rate(case, threads)
        lines.append(f"rate {case.name} threads={threads} {rate:.0f}/s")
        print(f"{lines[-1]} limit={limit:.0f}/s ratio={rate / limit:.2f}", flush=True)
    middle, late = _delay(case)
    lines.append(f"delay {case.name} median={middle:.2f}s p99={late:.2f}s")
    print(f"{lines[-1]} scheduled={case.given.scheduled}", flush=True)
    for name, cost in _idle(case).items():
        lines.append(f"idle {case.name} {name}={cost:.2f}s/min")
        print(lines[-1], flush=True)
    return lines


def _rate(case: Case, threads: int) -> float:
    """Deliveries a second, from the first that is armed to the last recorded."""
    rounds = max(case.given.deliveries // ACCOUNTS, 1)
    wanted = (rounds + 1) * ACCOUNTS
    with case.world(f"rate-{threads}") as (world, accounts):
        warming = world.announce("Sambungan", *accounts, due_at=now_utc())
        with case.serving(world, threads, every=case.given.every):
            _wait_published(world, len(warming))
            time.sleep(case.given.warm)
            due_at = now_utc() + timedelta(seconds=0.3 * rounds)
            for number in range(rounds):
                world.announce(f"Pengumuman {number}", *accounts, due_at=due_at)
            _wait_published(world, wanted)
        with world.store.read(JOB) as work:
            ends = select(func.min(Delivery.armed_at), func.max(Delivery.published_at))
            measured = ends.where(Delivery.id > max(warming))
            first, last = work.session.execute(measured).one()
        assert len(world.outside.call("GET", "posts")) == wanted, "a post is doubled"
    if first is None or last is None:
        raise RuntimeError("nothing was published")
    took: float = (last - first).total_seconds()
    return float(rounds * ACCOUNTS / took)


def _delay(case: Case) -> tuple[float, float]:
    """Median and 99th percentile, in seconds; four threads."""
    with case.world("delay") as (world, accounts):
        _fill(world, accounts, case.given.scheduled)
        begin = now_utc() + timedelta(seconds=case.given.warm + case.given.due / 20)
        ids = []
        for number in range(case.given.due):
            due_at = begin + timedelta(seconds=0.25 * number)
            account = accounts[number % ACCOUNTS]
            ids += world.announce(f"Tepat waktu {number}", account, due_at=due_at)
        with case.serving(world, 4, every=case.given.every):
            _wait_published(world, len(ids))
        with world.store.read(JOB) as work:
            rows = work.session.execute(
                select(Delivery.due_at, Delivery.armed_at).where(Delivery.id.in_(ids))
            )
            late = sorted((armed - due).total_seconds() for due, armed in rows if armed)
    return statistics.median(late), late[int(len(late) * 0.99) - 1]


def _idle(case: Case) -> dict[str, float]:
    """Processor seconds a minute of each process, at the settings' own intervals."""
    with case.world("idle") as (world, _accounts), case.serving(world, 4, 10) as all_:
        time.sleep(case.given.warm)
        before = [_cpu(one.pid) for one in all_]
        time.sleep(case.given.idle)
        spent = [_cpu(one.pid) - was for one, was in zip(all_, before, strict=True)]
    names = MODES[case.mode]
    scale = 60 / case.given.idle
    return {name: cost * scale for name, cost in zip(names, spent, strict=True)}


def _fill(world: World, accounts: Sequence[int], rows: int) -> None:
    """Deliveries that are due in a month: they wait, and are in the way."""
    now, office = now_utc(), world.office.office_id
    author = world.people[Role.OFFICER].user_id
    numbers = range(1, rows // len(accounts) + 1)
    texts: list[dict[str, Any]] = [
        {
            "id": number, "office_id": office, "title": f"Nanti {number}",
            "body": f"Nanti {number}", "state": AnnouncementState.APPROVED,
            "author_id": author, "created_at": now, "updated_at": now,
        }
        for number in (one + 1_000_000 for one in numbers)
    ]  # fmt: skip
    waiting: list[dict[str, Any]] = [
        {
            "office_id": office, "announcement_id": text["id"], "account_id": account,
            "key": f"nanti-{text['id']}-{account}", "state": DeliveryState.SCHEDULED,
            "due_at": now + FAR, "lease_until": now, "updated_at": now,
        }
        for text in texts
        for account in accounts
    ]  # fmt: skip
    _insert(world, Announcement, texts)
    _insert(world, Delivery, waiting)
    with world.store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _insert(world: World, table: type[Base], rows: list[dict[str, Any]]) -> None:
    with world.store.engine.begin() as connection:
        for start in range(0, len(rows), 5_000):
            connection.execute(insert(table), rows[start : start + 5_000])


def _wait_published(world: World, wanted: int) -> None:
    end = time.monotonic() + PATIENCE
    while (found := world.states()[DeliveryState.PUBLISHED]) < wanted:
        if time.monotonic() > end:
            raise SystemExit(f"only {found} of {wanted} were published")
        time.sleep(0.25)


def _cpu(pid: int) -> float:
    """Processor seconds of a process: https://man7.org/linux/man-pages/man5/proc.5.html"""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _limit(pretend: Outside, posts: int, threads: int) -> float:
    """Bare requests a second to the sandbox: no path can be faster here."""
    pretend.begin()
    pretend.call("PUT", "hold", {"low_ms": 0, "high_ms": 0})
    account = {"network": "mastodon", "handle": "telanjang"}
    token = pretend.call("POST", "accounts", account)["access_token"]
    each = max(posts // threads, 1)

    def work(place: int) -> None:
        line = http.client.HTTPConnection(urlsplit(pretend.url).netloc)
        for number in range(each):
            body = urlencode({"status": f"Pengumuman {place} {number}"})
            line.request("POST", "/api/v1/statuses", body, _headers(token))
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
        line.close()

    return each * threads / _seconds(work, threads)


def _headers(token: str) -> dict[str, str]:
    kind = "application/x-www-form-urlencoded"
    return {"Authorization": f"Bearer {token}", "Content-Type": kind}


def _seconds(work: Callable[[int], None], threads: int) -> float:
    started = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    began = time.perf_counter()
    for one in started:
        one.start()
    for one in started:
        one.join()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
