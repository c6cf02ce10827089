"""Checking a long audit chain, and what a chained act costs its unit.

``python -m bench.audit [--rows N] [--url DATABASE]``; the last line is the result.
Without ``--url`` a SQLite file of its own is used; a PostgreSQL database must be empty.
"""

import argparse
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from models.office import Office
from models.scope import OfficeScope, SystemScope
from models.tables import metadata
from pipeline import auditing
from pipeline.unit import Store

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
HASH = "ab" * 32  # what an asking writes down
UNIT = 200  # acts in one unit while the chain is filled
ALONE = 300  # units with one act each


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--url", default="")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(given.url or f"sqlite:///{Path(folder) / 'bench.db'}")
        metadata.create_all(store.engine)
        office = _office(store)
        began = time.perf_counter()
        for _ in range(given.rows // UNIT):
            _write(store, office, UNIT)
        filled = time.perf_counter() - began
        began = time.perf_counter()
        for _ in range(ALONE):
            _write(store, office, 1)
        alone = (time.perf_counter() - began) / ALONE
        began = time.perf_counter()
        verdict = auditing.look(store, office, office.office_id)
        checked = time.perf_counter() - began
        store.close()
    assert verdict.whole
    result = {
        "bench": "audit",
        "database": store.engine.dialect.name,
        "rows": verdict.head.number,
        "verify_s": round(checked, 2),
        "rows_per_second": round(verdict.head.number / checked),
        "append_200_ms": round(filled / (given.rows // UNIT) * 1000, 1),
        "append_1_ms": round(alone * 1000, 2),
    }
    print(json.dumps(result))


def _office(store: Store) -> OfficeScope:
    with store.write(SystemScope("bench")) as work:
        row = Office(
            code="bench",
            name="Polres Kota Sukamaju",
            timezone="Asia/Jakarta",
            salt="",
            monthly_cap_idr=0,
            created_at=NOW,
        )
        return OfficeScope(work.offices.add(row))


def _write(store: Store, office: OfficeScope, acts: int) -> None:
    with store.write(office) as work:
        for number in range(acts):
            work.audit.record(
                "announcement.ask",
                "announcements",
                number,
                at=NOW,
                office_id=office.office_id,
                detail=HASH,
            )


if __name__ == "__main__":
    main()
