"""Thirty feeds with faults over a simulated week: what was published, what was stored.

    python -m bench.week [--days N] [--peer PYTHON]

The sites are real HTTP on loopback; time is of the bench. Beside our collector, in the
same run and over the same week, ``feedparser.parse(url)`` in a loop, and Obsei 1.1.1
where ``--peer`` names an interpreter that has it (its clock is set by time-machine).
After the week follows a day without faults and without news, so that whoever can catch
up does. Every feed has one article an hour and shows the last thirty.

- stored: published articles that were stored; lost: those that were not;
- doubled: articles that were stored more than once;
- requests and bytes: as the sites counted them.
"""

import argparse
import contextlib
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from bench.feed_server import Answer, FeedServer
from config.keys import Vault
from config.settings import Settings
from models.item import Item
from models.office import Office
from models.person import Person
from models.scope import OfficeScope, SystemScope
from models.source import Document
from models.states import Role
from models.tables import metadata
from networks.feed_parser import FeedParser
from networks.http import Http
from pipeline import people, wiring
from pipeline.hearing import Collectors
from pipeline.listening import Listening
from pipeline.sources import add_source
from pipeline.unit import Store

START = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
FEEDS = 30
WINDOW = 30  # articles in a feed
HOUR = timedelta(hours=1)
OURS_LOOKS = timedelta(minutes=15)  # how often our clock looks what is due
THEIRS = timedelta(minutes=30)  # how often the others ask every feed
TOKEN = re.compile(r"W\d\d-\d{4}")
SCOPE = SystemScope("bench")
_MONTHS = "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des".split()  # noqa: SIM905


@dataclass
class World:
    """The newsrooms, and what time it is for them."""

    hours: int  # of news; then a quiet day
    now: datetime = START

    @property
    def hour(self) -> int:
        return int((self.now - START) / HOUR)

    @property
    def published(self) -> set[str]:
        return {f"W{n:02}-{k:04}" for n in range(FEEDS) for k in range(self.hours)}

    def answer(self, address: str, path: str, headers: Mapping[str, str]) -> Answer:
        """What the newsroom of an address says now."""
        number = int(address.rpartition(".")[2]) - 1
        quirk = QUIRKS[number % len(QUIRKS)]
        if path == "/lama":
            return Answer(302, headers={"location": "/rss"})
        body = self.feed(number, quirk)
        if quirk.fault and self.hour < self.hours and self.hour % 12 in (4, 5, 6, 7):
            return quirk.fault(body)
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        if not quirk.validators:
            return Answer(body=body)
        if headers.get("if-none-match") == etag:
            return Answer(304, headers={"etag": etag})
        return Answer(body=body, headers={"etag": etag})

    def feed(self, number: int, quirk: "Quirk") -> bytes:
        last = min(self.hour, self.hours - 1)
        shown = list(range(max(0, last - WINDOW + 1), last + 1))[::-1]
        if quirk.shuffled:
            random.Random(f"{number}-{last}").shuffle(shown)
        entries = "".join(_entry(number, k, quirk) for k in shown)
        whole = (
            "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
            f"<title>Warta {number}</title>{entries}</channel></rss>"
        )
        return whole.encode(quirk.encoding)


@dataclass(frozen=True)
class Quirk:
    """How a newsroom writes, and what goes wrong with it for four hours in twelve."""

    name: str
    fault: Callable[[bytes], Answer] | None = None
    validators: bool = True
    dated: Callable[[int], datetime | None] = lambda k: START + k * HOUR
    indonesian: bool = False
    guid: Callable[[int, str], str] = lambda _k, url: url
    title: str = "dan"
    shuffled: bool = False
    encoding: str = "utf-8"
    path: str = "/rss"


def _undated(k: int) -> datetime | None:
    return None if k % 3 == 0 else START + k * HOUR


def _late(k: int) -> datetime:
    return START + (k - 3 * (k % 5 == 0)) * HOUR


QUIRKS = (
    Quirk("healthy"),
    Quirk("undated", dated=_undated),
    Quirk("late", dated=_late),
    Quirk("numbered", guid=lambda k, _url: str(k % 24)),
    Quirk("ampersand", title="A & B"),
    Quirk("down", lambda _body: Answer(500)),
    Quirk("busy", lambda _body: Answer(429, headers={"retry-after": "5400"})),
    Quirk("cut", lambda body: Answer(body=body[: len(body) * 2 // 3])),
    Quirk(
        "page", lambda _body: Answer(body=b"<html><body>sedang dirawat</body></html>")
    ),
    Quirk("empty", lambda _body: Answer()),
    Quirk("moved", path="/lama"),
    Quirk("shuffled", shuffled=True),
    Quirk("indonesian", indonesian=True),
    Quirk("unvalidated", validators=False),
    Quirk("latin", title="dan kafé", encoding="latin-1"),
)


def _entry(number: int, k: int, quirk: Quirk) -> str:
    token = f"W{number:02}-{k:04}"
    url = f"https://warta{number}.example/{k}"
    at = quirk.dated(k)
    said = ""
    if at is not None:
        local = at + timedelta(hours=7)
        said = f"{at:%a, %d %b %Y %H:%M:%S} +0000"
        if quirk.indonesian:
            said = f"{local.day} {_MONTHS[local.month - 1]} {local:%Y %H:%M} WIB"
    return (
        f"<item><title>{token} {quirk.title}</title><link>{url}</link>"
        f"<guid isPermaLink='false'>{quirk.guid(k, url)}</guid>"
        + (f"<pubDate>{said}</pubDate>" if said else "")
        + f"<description>Kabar nomor {k} dari newsroom {number}.</description></item>"
    )


@dataclass
class Tally:
    """What one tool made of the week."""

    stored: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    sent: int = 0
    seconds: float = 0.0

    def told(self, published: set[str]) -> dict[str, float]:
        there = published & set(self.stored)
        return {
            "published": len(published),
            "stored": len(there),
            "lost": len(published) - len(there),
            "doubled": sum(self.stored[one] > 1 for one in there),
            "requests": self.requests,
            "megabytes": round(self.sent / 1e6, 1),
            "seconds": round(self.seconds, 1),
        }


class _NoCollectors:
    """This bench hears no account."""

    def open(self, account: object) -> object:
        raise AssertionError(account)

    def forget(self, account: object) -> None:
        raise AssertionError(account)


def ours(world: World, urls: list[str], inner: frozenset[str], folder: Path) -> Tally:
    """The collector as it runs, on a database of its own."""
    store = Store(f"sqlite:///{folder / 'week.db'}")
    metadata.create_all(store.engine)
    settings = Settings(database_url=store.url, inner_hosts=inner)
    with store.write(SCOPE) as work:
        office = Office(
            code="s", name="Polres Kota Sukamaju", timezone="Asia/Jakarta",
            salt="garam", monthly_cap_idr=0, created_at=START,
        )  # fmt: skip
        office_id = work.offices.add(office)
        people.add_user(
            work, office_id, "bench", "Bench", Role.ADMIN, "kentongan-bench", START
        )
        work.session.flush()
        user = work.offices.user_by_login("bench")
        assert user is not None
    person = Person(user.id, office_id, user.name, user.role)
    with store.write(OfficeScope(office_id)) as work:
        for url in urls:
            add_source(work, person, url, "", START, inner_hosts=inner)
    parser = FeedParser()
    collectors: Collectors = _NoCollectors()  # type: ignore[assignment]
    listening = Listening(
        store,
        Vault([Fernet.generate_key().decode()]),
        Http(wiring.http_limits(settings)),
        parser,
        collectors,
        settings,
    )
    for now in moments(world, OURS_LOOKS):
        while listening.fetch_next(lambda: now):  # noqa: B023 - called at once
            pass
        if now.minute < 15:  # once an hour
            listening.deliver_documents(now)
    listening.close()
    tally = Tally()
    with store.read(SCOPE) as work:
        titles = work.session.scalars(select(Document.title))
        tally.stored.update(tokens(titles))
        items = work.session.scalar(select(func.count()).select_from(Item))
        assert items == sum(tally.stored.values()), "a document is no item"
    store.close()
    return tally


def plain(world: World, urls: list[str]) -> Tally:
    """``feedparser.parse(url)`` of every feed, what has a new id is stored."""
    import feedparser

    tally, seen = Tally(), set()
    for _now in moments(world, THEIRS):
        for url in urls:
            for entry in feedparser.parse(url).entries:
                key = (url, entry.get("id") or entry.get("link"))
                if key not in seen:
                    seen.add(key)
                    tally.stored.update(tokens([entry.get("title", "")]))
    return tally


_PEER = """
import json, logging, os, sys
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what it prints by itself is no answer
from datetime import datetime
sys.path.append(sys.argv[1])
import time_machine
from obsei.core.context import Context
from obsei.pipeline import Pipeline, SourceSpec, run
from obsei.sources.rss import RssConfig, RssSource
from obsei.store import Store
logging.disable(logging.CRITICAL)
context, store = Context(), Store(allow_unencrypted=True)
pipelines = {}
for line in sys.stdin:
    asked = json.loads(line)
    if "dump" in asked:
        texts = [one.text for one in store.iter_records()]
        print(json.dumps(texts), file=answers, flush=True)
        break
    failed = 0
    with time_machine.travel(datetime.fromisoformat(asked["now"]), tick=True):
        for url in asked["urls"]:
            if url not in pipelines:
                source = SourceSpec("rss", RssSource(RssConfig(url=url), context))
                pipelines[url] = Pipeline(
                    f"p{len(pipelines)}", [source], allow_unredacted=True
                )
            try:
                run(pipelines[url], store)
            except Exception:
                failed += 1
    print(json.dumps(failed), file=answers, flush=True)
"""


def obsei(world: World, urls: list[str], python: str) -> Tally:
    """Obsei's own pipeline of each feed, in its own interpreter."""
    found = find_spec("time_machine")
    assert found is not None, "time-machine is not installed here"
    assert found.origin
    beside = str(Path(found.origin).parent.parent)
    tally = Tally()
    with subprocess.Popen(
        [python, "-c", _PEER, beside],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as peer:  # fmt: skip
        assert peer.stdin
        assert peer.stdout

        def ask(what: dict[str, object]) -> str:
            assert peer.stdin
            assert peer.stdout
            peer.stdin.write(json.dumps(what) + "\n")
            peer.stdin.flush()
            return peer.stdout.readline()

        for now in moments(world, THEIRS):
            ask({"now": now.isoformat(), "urls": urls})
        tally.stored.update(tokens(json.loads(ask({"dump": True}))))
    return tally


def moments(world: World, every: timedelta) -> Iterable[datetime]:
    """The week and the day after; the newsrooms' clock goes along."""
    end = START + (world.hours + 24) * HOUR
    now = START + timedelta(minutes=1)
    while now < end:
        world.now = now
        yield now
        now += every


def tokens(texts: Iterable[str]) -> list[str]:
    """The names of the articles in these texts, one a text."""
    found = (TOKEN.search(text) for text in texts)
    return [one[0] for one in found if one]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=7)
    options.add_argument("--peer", default="")
    given = options.parse_args()
    world = World(hours=24 * given.days)
    tools: dict[str, Callable[[list[str], frozenset[str], Path], Tally]] = {
        "ours": lambda urls, inner, folder: ours(world, urls, inner, folder),
        "feedparser": lambda urls, _inner, _folder: plain(world, urls),
    }
    if given.peer:
        tools["obsei"] = lambda urls, _inner, _folder: obsei(world, urls, given.peer)
    hosts = [f"127.20.0.{n + 1}" for n in range(FEEDS)]
    told = {}
    with FeedServer(hosts, world.answer) as server, tempfile.TemporaryDirectory() as at:
        urls = [
            f"http://{host}:{server.port}{QUIRKS[n % len(QUIRKS)].path}"
            for n, host in enumerate(hosts)
        ]
        inner = frozenset(f"{host}:{server.port}" for host in hosts)
        for name, tool in tools.items():
            before, began = (server.requests, server.sent), time.monotonic()
            tally = tool(urls, inner, Path(at))
            tally.requests = server.requests - before[0]
            tally.sent = server.sent - before[1]
            tally.seconds = time.monotonic() - began
            told[name] = tally.told(world.published)
            print(f"{name:12}{told[name]}", flush=True)
            lost = world.published - set(tally.stored)
            by_quirk = Counter(QUIRKS[int(one[1:3]) % len(QUIRKS)].name for one in lost)
            if by_quirk:
                print(f"{'':12}lost by kind of feed: {dict(by_quirk.most_common())}")
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps({"bench": "week", "feeds": FEEDS, "days": given.days, **told}))
    sys.exit(bool(told["ours"]["lost"] or told["ours"]["doubled"]))


if __name__ == "__main__":
    main()
