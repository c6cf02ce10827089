"""Thousands of feeds on hundreds of hosts: how many a minute, and who waits for whom.

    python -m bench.collect [--feeds N] [--hosts N] [--items N] [--database KIND]
                            [--minutes N]

The sites are another process on loopback (``bench.feed_server``); the collector runs as
in an installation, with its parsing processes, on a database of its own and without the
pause between calls to one host. Told:

- first: every feed for the first time, all articles new; unchanged: conditional
  requests and 304; fresh: one new article in each;
- memory: of this process and its children after each round; with ``--minutes`` the
  rounds go on for so long;
- hanging: one host keeps every caller for its time-out; how much later all feeds of the
  other hosts are done;
- offices: one feed read by 500 offices: requests, and items a second;
- raw: one bare loop in each of two processes (``http.client``, then
  ``feedparser.parse(bytes)`` with its defaults), nothing stored: the limit of it.
"""

import argparse
import http.client
import io
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import func, select, update

from bench.crash_world import database
from bench.feed_server import addresses
from config.keys import Vault
from config.settings import Settings
from models.database import StorageFailed
from models.item import Item
from models.office import Office
from models.person import Person
from models.scope import OfficeScope, SystemScope
from models.source import Document, Host, Source
from models.source_lists import NewSource, SourceLists
from models.states import Role
from models.tables import metadata
from networks.feed_parser import FeedParser
from networks.feeds import host_key
from networks.http import Http
from pipeline import wiring
from pipeline.hearing import Collectors
from pipeline.listening import Listening
from pipeline.unit import Store, now_utc

SCOPE = SystemScope("bench")
OFFICES = 500
LANES = 8
PATIENCE = timedelta(seconds=5)  # of a call, so that the bench ends
SAMPLE = 1_000  # feeds of the raw loop


@dataclass(frozen=True)
class Town:
    """The sites of the other process."""

    port: int
    hosts: Sequence[str]

    def url(self, feed: int) -> str:
        return f"http://{self.hosts[feed % len(self.hosts)]}:{self.port}/{feed}"

    def switch(self, path: str) -> dict[str, int]:
        """Turn one of its switches; the counts as they were."""
        line = http.client.HTTPConnection(self.hosts[0], self.port, timeout=30)
        line.request("GET", f"/-/{path}")
        counts: dict[str, int] = json.loads(line.getresponse().read())
        line.close()
        return counts


@contextmanager
def town(hosts: int, items: int) -> Iterator[Town]:
    """Start the sites."""
    command = [sys.executable, "-m", "bench.feed_server", "--hosts", str(hosts)]
    with subprocess.Popen(
        [*command, "--items", str(items)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin
        assert process.stdout
        yield Town(int(process.stdout.readline()), addresses(hosts))
        process.stdin.close()


class Collecting:
    """The collector over one database, and what is asked of it."""

    def __init__(self, store: Store, sites: Town) -> None:
        metadata.create_all(store.engine)
        self.store = store
        self.sites = sites
        inner = frozenset(f"{host}:{sites.port}" for host in sites.hosts)
        settings = Settings(
            database_url=store.url,
            inner_hosts=inner,
            host_gap=timedelta(0),
            total_timeout=PATIENCE,
            read_timeout=PATIENCE,
        )
        self.parser = FeedParser(workers=2)
        collectors: Collectors = _NoCollectors()  # type: ignore[assignment]
        self.listening = Listening(
            store,
            Vault([Fernet.generate_key().decode()]),
            Http(wiring.http_limits(settings)),
            self.parser,
            collectors,
            settings,
        )

    def office(self, number: int = 0) -> Person:
        """A new office with one administrator."""
        now = now_utc()
        with self.store.write(SCOPE) as work:
            office_id = work.offices.add(
                Office(
                    code=f"o{number}", name=f"Polres {number}", timezone="Asia/Jakarta",
                    salt="garam", monthly_cap_idr=0, created_at=now,
                )
            )  # fmt: skip
        return Person(None, office_id, "bench", Role.ADMIN)  # type: ignore[arg-type]

    def subscribe(self, by: Person, urls: Sequence[str]) -> None:
        now = now_utc()
        with self.store.write(OfficeScope(by.office_id)) as work:
            lists = SourceLists(work.session)
            lists.add([NewSource(u, host_key(u)) for u in urls], "Asia/Jakarta", now)
            found = list(lists.by_urls(urls).values())
            labels = {one.id: "" for one in found}
            lists.subscribe(found, labels, by, now, since=now)

    def round(self, feeds: int, *, without: str = "") -> tuple[float, float]:
        """Ask every feed once; seconds till all are done, and till all others are.

        ``without`` is the host that hangs.
        """
        began_at = now_utc()
        with self.store.write(SCOPE) as work:
            work.session.execute(update(Source).values(next_check_at=began_at))
            work.session.execute(
                update(Host).values(next_allowed_at=began_at, blocked_until=None)
            )
        began = time.monotonic()
        done = threading.Event()
        lanes = [
            threading.Thread(target=self._lane, args=(done,)) for _ in range(LANES)
        ]
        for lane in lanes:
            lane.start()
        others = 0.0
        while not done.wait(0.2):
            left, left_there = self._left(began_at, without)
            if not left - left_there and not others:
                others = time.monotonic() - began
            if not left:
                done.set()
        for lane in lanes:
            lane.join()
        assert feeds
        return time.monotonic() - began, others

    def _lane(self, done: threading.Event) -> None:
        while not done.is_set():
            try:
                found = self.listening.fetch_next(now_utc)
            except StorageFailed:  # as the clock does: the next look is the retry
                found = False
            if not found:
                time.sleep(0.02)

    def _left(self, since: object, without: str) -> tuple[int, int]:
        waiting = Source.fetched_at.is_(None) | (Source.fetched_at < since)
        with self.store.read(SCOPE) as work:
            every = select(func.count()).select_from(Source).where(waiting)
            left = work.session.scalar(every) or 0
            there = work.session.scalar(every.where(Source.host == without)) or 0
        return left, there

    def count(self, table: type[Document] | type[Item]) -> int:
        with self.store.read(SCOPE) as work:
            return work.session.scalar(select(func.count()).select_from(table)) or 0


class _NoCollectors:
    """This bench hears no account."""

    def open(self, account: object) -> object:
        raise AssertionError(account)

    def forget(self, account: object) -> None:
        raise AssertionError(account)


def raw(sites: Town, feeds: int) -> float:
    """Feeds a second of two bare loops, nothing stored."""
    halves = [[sites.url(n) for n in range(part, feeds, 2)] for part in (0, 1)]
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_bare, [half[:5] for half in halves], chunksize=1)  # to warm up
        began = time.monotonic()
        read = sum(pool.map(_bare, halves, chunksize=1))
        took = time.monotonic() - began
    assert read == feeds
    return feeds / took


def _bare(urls: Sequence[str]) -> int:
    import feedparser

    read = 0
    for url in urls:
        host, _, path = url.removeprefix("http://").partition("/")
        line = http.client.HTTPConnection(host, timeout=30)
        line.request("GET", f"/{path}")
        body = line.getresponse().read()
        line.close()
        read += bool(feedparser.parse(io.BytesIO(body)).entries)
    return read


def megabytes() -> float:
    """Resident memory of this process and the parsing processes."""
    total = 0.0
    for pid in (os.getpid(), *_children(os.getpid())):
        try:
            lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if pid == os.getpid() or b"feed_child" in command:
            total += next(
                int(line.split()[1]) for line in lines if line.startswith("VmRSS")
            )
    return total / 1024


def _children(pid: int) -> list[int]:
    file = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(one) for one in file.read_text("ascii").split()]
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(one) for one in (task / "children").read_text("ascii").split()]
    return sorted(set(found))


def rounds(
    sites: Town, here: Collecting, given: argparse.Namespace
) -> dict[str, float]:
    """All feeds, again and again."""
    told: dict[str, float] = {}
    by = here.office()
    here.subscribe(by, [sites.url(n) for n in range(given.feeds)])
    memory = []
    for name, edition in (("first", 0), ("unchanged", 0), ("fresh", 1)):
        sites.switch(f"edition/{edition}")
        before = here.count(Document)
        took, _ = here.round(given.feeds)
        new = here.count(Document) - before
        memory.append(megabytes())
        told[f"{name}_feeds_a_minute"] = round(given.feeds / took * 60)
        if new:
            told[f"{name}_items_a_second"] = round(new / took)
        print(f"{name:10}{took:7.1f} s, {new} new, {memory[-1]:.0f} MB", flush=True)
    assert here.count(Document) == given.feeds * (given.items + 1)
    until, edition = time.monotonic() + given.minutes * 60, 1
    while time.monotonic() < until:
        edition += 1
        sites.switch(f"edition/{edition}")
        took, _ = here.round(given.feeds)
        memory.append(megabytes())
        print(f"round     {took:7.1f} s, {memory[-1]:.0f} MB", flush=True)
    told["megabytes_after_first"] = round(memory[0])
    told["megabytes_at_end"] = round(memory[-1])
    return told


def hanging(sites: Town, here: Collecting, feeds: int) -> dict[str, float]:
    """How much later the others are done when one host hangs."""
    _, well = here.round(feeds, without=f"{sites.hosts[-1]}:{sites.port}")
    sites.switch(f"hang/{sites.hosts[-1]}")
    whole, others = here.round(feeds, without=f"{sites.hosts[-1]}:{sites.port}")
    sites.switch("hang/-")
    print(
        f"hanging   others {others:.1f} s, without it {well:.1f} s, all {whole:.1f} s"
    )
    return {"others_beside_a_hanging_host": round(others / well, 2)}


def offices(sites: Town, here: Collecting, items: int) -> dict[str, float]:
    """One feed, read by many."""
    url = sites.url(0) + "-bersama"
    for number in range(OFFICES):
        here.subscribe(here.office(number + 1), [url])
    before = sites.switch("count")["requests"]
    while here.listening.fetch_next(now_utc):
        pass
    requests = sites.switch("count")["requests"] - before
    began, had = time.monotonic(), here.count(Item)
    while here.listening.deliver_documents(now_utc()):
        pass
    took = time.monotonic() - began
    new = here.count(Item) - had
    print(f"offices   {requests} request, {new} items for {OFFICES} in {took:.1f} s")
    assert requests == 1, "one feed is asked once for all offices"
    assert new == OFFICES * items, "every office has every article once"
    return {"office_requests": requests, "office_items_a_second": round(new / took)}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--feeds", type=int, default=5_000)
    options.add_argument("--hosts", type=int, default=500)
    options.add_argument("--items", type=int, default=20)
    options.add_argument("--minutes", type=float, default=0)
    options.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite"
    )
    given = options.parse_args()
    told: dict[str, float] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        database(given.database, Path(folder)) as fresh,
        town(given.hosts, given.items) as sites,
    ):
        with fresh("rounds") as url:
            store = Store(url)
            here = Collecting(store, sites)
            told |= rounds(sites, here, given)
            told |= hanging(sites, here, given.feeds)
            here.listening.close()
            store.close()
        sites.switch("edition/0")
        with fresh("offices") as url:
            store = Store(url)
            here = Collecting(store, sites)
            told |= offices(sites, here, given.items)
            here.listening.close()
            store.close()
        limit = raw(sites, min(given.feeds, SAMPLE))
    ratio = told["first_feeds_a_minute"] / 60 / limit
    told |= {"raw_feeds_a_minute": round(limit * 60), "times_raw": round(ratio, 2)}
    size = {"feeds": given.feeds, "hosts": given.hosts, "items": given.items}
    load = {"load": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}
    print(json.dumps({"bench": "collect", "database": given.database}
                     | size | told | load))  # fmt: skip


if __name__ == "__main__":
    main()
