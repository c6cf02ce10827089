"""How long each page of the dashboard takes with many items: ``python -m bench.pages``.

Fills a fresh SQLite database with ``--items`` mentions over a year (a million by
default), signs in, and asks for every page ``--times`` times through the whole
application (routing, sign-in, queries, templates). Prints milliseconds: median, 95th
percentile; the last line is the slowest 95th percentile.
"""

import argparse
import secrets
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet
from sqlalchemy import insert
from starlette.testclient import TestClient

from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.item import Item
from models.labels import SEVERITY_OF, Kind, Sentiment, Service
from models.office import Office
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}")
        metadata.create_all(store.engine)
        began = time.perf_counter()
        office_id, last = fill(store, asked.items)
        print(f"{asked.items} items in {time.perf_counter() - began:.0f} s")
        slowest = measure(store, office_id, last, asked.times)
        store.close()
    print(f"slowest p95 {slowest:.0f} ms with {asked.items} items")


def fill(store: Store, items: int) -> tuple[int, int]:
    """Fill the database; return the office's id and the last item's."""
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
        with store.write(SystemScope("bench")) as work:
            work.session.execute(insert(Item), rows)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    return office_id, items


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
            "author_handle": "",
            "published_at": at,
            "precision": "",
            "first_seen_at": at,
            "at": at,
            "story_key": secrets.token_hex(16),
            "story_id": None,
            "own_release": False,
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


def measure(store: Store, office_id: int, last: int, times: int) -> float:
    """Ask for every page; return the slowest 95th percentile in ms."""
    with store.write(SystemScope("bench")) as work:
        people.add_user(
            work, office_id, "bench", "Bench", Role.APPROVER, "kentongan-bench", NOW
        )
    app = create_app(
        store, Settings(), Vault([Fernet.generate_key().decode()]), now=lambda: NOW
    )
    client = TestClient(app, base_url=BASE, headers={"origin": BASE})
    client.post("/masuk", data={"nama": "bench", "sandi": "kentongan-bench"})
    slowest = 0.0
    for page in PAGES:
        address = page.format(item=last)
        assert client.get(address).status_code == 200, address
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            client.get(address)
            taken.append((time.perf_counter() - began) * 1000)
        p95 = statistics.quantiles(taken, n=20)[-1]
        slowest = max(slowest, p95)
        print(f"{statistics.median(taken):7.1f} {p95:7.1f} ms  {address}")
    return slowest


if __name__ == "__main__":
    main()
