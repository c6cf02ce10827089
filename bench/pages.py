"""How long each page of the dashboard takes with many items: ``python -m bench.pages``.

Fills a fresh database with ``--items`` mentions over a year (a million by default),
signs in, and asks for every page ``--times`` times through the whole application
(routing, sign-in, queries, templates). Prints milliseconds of each page: median, 95th
percentile, processor time of this process, its own SQL replayed without anything around
it, and how many times the median of ``/healthz``, the smallest page, it takes. The last
line of a database is the slowest 95th percentile beside the limit of 100 ms.
"""

import argparse
import os
import secrets
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from cryptography.fernet import Fernet
from sqlalchemy import Table, event, insert
from sqlalchemy.engine import Connection
from starlette.testclient import TestClient

from bench.crash_world import database
from config.keys import Vault
from config.memory import keep_for_good
from config.settings import Settings
from models import search_table
from models.account import Account
from models.item import Item
from models.labels import SEVERITY_OF, Kind, Sentiment, Service
from models.office import Office
from models.recounting import Recounting
from models.scope import SystemScope
from models.states import AccountHealth, AccountMode, Reply, Role
from models.tables import metadata
from pipeline import people
from pipeline.unit import Store
from web.app import create_app

NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
CHUNK = 5_000
BASE = "http://kentongan.test"
PAGES = (
    "/",
    "/suara",
    "/suara?tampil=semua",
    "/suara?tampil=ragu",
    "/suara?tampil=semua&jenis=hoax&layanan=tahanan",
    "/suara?tampil=semua&sumber=mastodon",
    "/suara?cari=antrean",
    "/suara?cari=tidakadasamasekali",
    "/suara/{item}",
    "/tulis",
    "/persetujuan",
    "/kiriman",
    "/saran",
    "/sumber",
    "/suasana?hari=14",
    "/suasana?hari=30",
    "/suasana?hari=90",
    "/langsung?sejak=1",
)
WORDS = "antrean loket SIM pagi petugas ramah syarat SKCK lama cepat parkir".split()  # noqa: SIM905


LIMIT = 100.0  # ms, the 95th percentile of any page
FLOOR = "/healthz"


@dataclass(frozen=True)
class Taken:
    """Milliseconds of one page."""

    address: str
    median: float
    p95: float
    cpu: float  # of this process, on average: the same on a busy machine
    sql: float  # its statements alone, replayed on one connection

    def __str__(self) -> str:
        return f"{self.median:7.1f} {self.p95:7.1f} {self.cpu:7.1f} {self.sql:7.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql", "both"), default="sqlite"
    )
    asked = parser.parse_args()
    both = asked.database == "both"
    for kind in ("sqlite", "postgresql") if both else (asked.database,):
        with (
            TemporaryDirectory() as folder,
            database(kind, Path(folder)) as fresh,
            fresh("bench") as url,
        ):
            store = Store(url)
            run(kind, store, asked.items, asked.times)
            store.close()


def run(kind: str, store: Store, items: int, times: int) -> None:
    """Fill one database and measure on it."""
    began = time.perf_counter()
    metadata.create_all(store.engine)
    office_id = fill(store, items)
    filled = time.perf_counter() - began
    with store.write(SystemScope("bench")) as work:
        Recounting(work.session).recount()
    optimise(store)
    counted = time.perf_counter() - began - filled
    print(f"{kind}: {items} items in {filled:.0f} s, counted in {counted:.0f} s")
    print(" median     p95     cpu     sql   floor")
    slowest = max(measure(store, office_id, items, times), key=lambda one: one.p95)
    verdict = "ok" if slowest.p95 < LIMIT else "OVER"
    print(
        f"pages: database={kind} items={items} slowest={slowest.address} "
        f"p95={slowest.p95:.0f} ms limit={LIMIT:.0f} ms "
        f"load={os.getloadavg()[0]:.1f} on {os.cpu_count()} cores {verdict}",
        flush=True,
    )


def fill(store: Store, items: int) -> int:
    """Fill the database; return the office's id. Items have the ids 1 to ``items``."""
    with store.write(SystemScope("bench")) as work:
        office = Office(
            code="sukamaju",
            name="Polres Kota Sukamaju",
            timezone="Asia/Jakarta",
            salt="garam",
            monthly_cap_idr=0,
            created_at=NOW,
        )
        office_id = work.offices.add(office)
        account = Account(
            office_id=office_id,
            network="x",
            handle="@humas",
            sealed_secrets=b"",
            mode=AccountMode.LIVE,
            health=AccountHealth.CONNECTED,
            created_at=NOW,
            lease_until=NOW,
            next_allowed_at=NOW,
            hear_next_at=NOW,
            hear_lease_until=NOW,
        )
        account_id = work.accounts.add(account)
    for start in range(0, items, CHUNK):
        rows = list(
            _rows(office_id, account_id, start, min(CHUNK, items - start), items)
        )
        with store.engine.begin() as connection:
            connection.execute(insert(cast(Table, Item.__table__)), rows)
    with store.engine.begin() as connection:
        search_table.fill(connection)
    return office_id


def optimise(store: Store) -> None:
    """What either database does by itself in time."""
    raw = store.engine.execution_options(isolation_level="AUTOCOMMIT")
    lite = store.engine.dialect.name == "sqlite"
    with (store.engine if lite else raw).connect() as connection:
        connection.exec_driver_sql("ANALYZE" if lite else "VACUUM ANALYZE")
        connection.commit()


def _rows(
    office_id: int, account_id: int, start: int, count: int, items: int
) -> Iterator[dict[str, object]]:
    kinds, services = list(Kind), list(Service)
    for number in range(start, start + count):
        at = NOW - YEAR * ((items - number) / items)
        kind = kinds[number % len(kinds)] if number % 97 else Kind.HOAX
        own = [WORDS[(number // 7 + n * number) % len(WORDS)] for n in range(14)]
        yield {
            "office_id": office_id,
            "network": "x",
            "account_id": account_id,
            "remote_id": str(number),
            "url": f"https://contoh.test/{number}",
            "title": "",
            "text": " ".join(own),
            "author_pseudonym": f"{number % 5000:08x}",
            "published_at": at,
            "precision": "",
            "first_seen_at": at,
            "at": at,
            "story_key": secrets.token_hex(16),
            "story_id": number if number % 6 == 5 else None,  # a copy of the last
            "own_release": number % 499 == 0,
            "reply": Reply.OPEN if number % 211 == 0 else Reply.ANSWERED,
            "reply_note": "",
            "labelled_by": "bench",
            "sentiment": list(Sentiment)[number % 3],
            "sentiment_sure": number % 11 != 0,
            "kind": kind,
            "kind_sure": number % 13 != 0,
            "service": services[(number // 3) % len(services)],
            "severity": SEVERITY_OF[kind],
        }


def measure(store: Store, office_id: int, last: int, times: int) -> list[Taken]:
    """Ask for every page, the smallest first."""
    with store.write(SystemScope("bench")) as work:
        people.add_user(
            work, office_id, "bench", "Bench", Role.APPROVER, "kentongan-bench", NOW
        )
    app = create_app(
        store, Settings(), Vault([Fernet.generate_key().decode()]), now=lambda: NOW
    )
    keep_for_good()  # as the process that serves it does
    client = TestClient(app, base_url=BASE, headers={"origin": BASE})
    client.post("/masuk", data={"nama": "bench", "sandi": "kentongan-bench"})
    floor = _ask(client, store, FLOOR, times)
    print(f"{floor} {1:6.0f}x  {FLOOR}")
    found = []
    for page in PAGES:
        taken = _ask(client, store, page.format(item=last), times)
        ratio = taken.median / floor.median
        print(f"{taken} {ratio:6.1f}x  {taken.address}", flush=True)
        found.append(taken)
    return found


def _ask(client: TestClient, store: Store, address: str, times: int) -> Taken:
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, *said: Any) -> None:
        statements.append((said[0], said[1]))

    event.listen(store.engine, "before_cursor_execute", note)
    assert client.get(address).status_code == 200, address
    event.remove(store.engine, "before_cursor_execute", note)
    busy = time.process_time()
    pages = [_milliseconds(lambda: client.get(address)) for _ in range(times)]
    busy = (time.process_time() - busy) * 1000 / times
    with store.engine.connect() as connection:
        alone = [
            _milliseconds(lambda: _replay(connection, statements)) for _ in range(times)
        ]
    p95 = statistics.quantiles(pages, n=20)[-1]
    median = statistics.median
    return Taken(address, median(pages), p95, busy, median(alone))


def _replay(connection: Connection, statements: Sequence[tuple[str, Any]]) -> None:
    for statement, parameters in statements:
        if statement.startswith("SELECT"):
            connection.exec_driver_sql(statement, parameters).all()


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
