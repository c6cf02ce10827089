"""How long a search takes: ``python -m bench.search [--items 1000000]``.

Fills a fresh database with ``--items`` made texts over two years (25 words each on
average, as frequent as words are: the n-th one as often as 1/n), of which the office
asked holds all but a twentieth, and asks every query of ``bench/searching/queries.txt``
``--times`` times for its newest 50 with highlights. Prints for each database how long
that takes (median and 95th percentile over all, in milliseconds), the slowest queries,
the share of queries that more than a tenth of the items answer, the same pages by
``LIKE`` over the words (what a search without an index does; queries of bare words
only), and the index alone (the ids of the newest 50 candidates) as the limit.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from sqlalchemy import Table, func, insert, or_, select, text

from bench.crash_world import database
from bench.pages import optimise
from models.filters import Filters
from models.item import Item
from models.office import Office
from models.query import Phrase, parse
from models.query_index import fts5, tsquery
from models.scope import OfficeScope, SystemScope
from models.search import Search
from models.search_table import entry, put
from models.tables import metadata
from pipeline.unit import Store

HERE = Path(__file__).parent / "searching"
NOW = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
SPAN = timedelta(days=730)
CHUNK = 5_000
MOST = 50
RARE = 30_000  # made words behind the real ones
LIMITS = {"sqlite": 300.0, "postgresql": 100.0}  # ms, the 95th percentile
NETWORKS = ("x", "mastodon", "feed", "instagram")
HOSTS = ("x.example", "sosial.example", "humas.polri.go.id", "berita.example")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search")
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    choices = ("sqlite", "postgresql", "both")
    parser.add_argument("--database", choices=choices, default="both")
    asked = parser.parse_args()
    kinds = ("sqlite", "postgresql") if asked.database == "both" else (asked.database,)
    for kind in kinds:
        with (
            TemporaryDirectory() as folder,
            database(kind, Path(folder)) as fresh,
            fresh("bench") as url,
        ):
            store = Store(url)
            metadata.create_all(store.engine)
            began = time.perf_counter()
            office = fill(store, asked.items)
            optimise(store)
            took = time.perf_counter() - began
            print(f"{kind}: {asked.items} items in {took:.0f} s", flush=True)
            measure(kind, store, office, asked.items, asked.times)
            store.close()


def measure(
    kind: str, store: Store, office: OfficeScope, items: int, times: int
) -> None:
    queries = lines("queries.txt")
    shares = {one: _share(store, office, one, items) for one in queries}
    wide = sum(share > 0.1 for share in shares.values()) / len(queries)
    ours, alone, like = {}, {}, {}
    for one in queries:
        ours[one] = _taken(lambda: _ask(store, office, one), times)  # noqa: B023
        alone[one] = _taken(lambda: _index(store, office, one), times)  # noqa: B023
        if isinstance(parse(one), Phrase) or (one.islower() and one.isalpha()):
            like[one] = _taken(lambda: _like(store, office, one), 1)  # noqa: B023
    slowest = sorted(queries, key=lambda one: -max(ours[one]))[:6]
    for one in slowest:
        middle = statistics.median(ours[one])
        print(f"  {middle:7.1f} ms {max(ours[one]):7.1f} {shares[one]:6.1%}  {one}")
    all_ = _flat(ours)
    index = statistics.median(_flat(alone))
    p95 = _percentile(all_)
    ratio = statistics.median(all_) / index
    verdict = "ok" if p95 < LIMITS[kind] else "OVER"
    print(
        f"search: database={kind} items={items} queries={len(queries)}"
        f" wide={wide:.0%} median={statistics.median(all_):.1f} ms p95={p95:.1f} ms"
        f" limit={LIMITS[kind]:.0f} ms index_alone={index:.1f} ms"
        f" ratio={ratio:.1f} like_median={statistics.median(_flat(like)):.1f} ms"
        f" like_slowest={max(_flat(like)):.0f} ms load={os.getloadavg()[0]:.1f}"
        f" {verdict}",
        flush=True,
    )


def lines(name: str) -> list[str]:
    text = (HERE / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


# what is measured


def _ask(store: Store, office: OfficeScope, query: str) -> None:
    with store.read(office) as work:
        Search(work.session).pages(
            parse(query), Filters(), None, integrity=True, most=MOST
        )


def _index(store: Store, office: OfficeScope, query: str) -> None:
    with store.read(office) as work:
        search = Search(work.session)
        found = 0
        for places in search.candidates(parse(query)):
            found += len(places)
            if found >= MOST:
                return


def _like(store: Store, office: OfficeScope, query: str) -> None:
    with store.read(office) as work:
        pattern = f"%{query.strip('*')}%"
        matching = or_(
            func.lower(Item.text).like(pattern), func.lower(Item.title).like(pattern)
        )
        newest = select(Item).where(Item.office_id == office.office_id, matching)
        ordered = newest.order_by(Item.at.desc(), Item.id.desc())
        work.session.scalars(ordered.limit(MOST)).all()


def _share(store: Store, office: OfficeScope, query: str, items: int) -> float:
    """Of the items, how many the index finds for a query, about."""
    if store.engine.dialect.name == "sqlite":
        matching = "item_words MATCH :asked"
        asked = fts5(parse(query), office.office_id)
    else:
        matching = "words @@ CAST(:asked AS tsquery)"
        asked, _ = tsquery(parse(query))
    count = text(f"SELECT count(*) FROM item_words WHERE {matching}")
    with store.engine.connect() as connection:
        return (connection.scalar(count, {"asked": asked}) or 0) / items


def _taken(what: Callable[[], None], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _flat(taken: dict[str, list[float]]) -> list[float]:
    return [one for times in taken.values() for one in times]


def _percentile(taken: Sequence[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.95)]


# the texts


def fill(store: Store, items: int) -> OfficeScope:
    """Fill the database; every twentieth item is another office's."""
    offices = []
    with store.write(SystemScope("bench")) as work:
        for code in ("sukamaju", "sukatani"):
            row = Office(
                code=code,
                name=code,
                timezone="Asia/Jakarta",
                salt="garam",
                monthly_cap_idr=0,
                created_at=NOW,
            )
            offices.append(work.offices.add(row))
    table = cast(Table, Item.__table__)
    for rows in _chunks(_rows(offices, items)):
        with store.engine.begin() as connection:
            connection.execute(insert(table), rows)
            put(
                connection,
                [
                    entry(
                        row["id"],
                        row["office_id"],
                        row["at"],
                        row["network"],
                        row["url"],
                        row["title"],
                        row["text"],
                    )
                    for row in rows
                ],
            )
    return OfficeScope(offices[0])


def _rows(offices: Sequence[int], items: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(20261124)
    real = " ".join(lines("words.txt")).split()
    words = real + [f"kata{number}" for number in range(RARE)]
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    for number in range(1, items + 1):
        at = NOW - SPAN * ((items - number) / items)
        kind = chance.randrange(len(NETWORKS))
        own = chance.choices(words, cum_weights=weights, k=chance.randint(8, 42))
        cut = 6 if NETWORKS[kind] == "feed" else 0
        yield {
            "id": number,
            "office_id": offices[number % 20 == 0],
            "network": NETWORKS[kind],
            "url": f"https://{HOSTS[kind]}/{number}",
            "title": " ".join(own[:cut]),
            "text": " ".join(own[cut:]),
            "first_seen_at": at,
            "at": at,
            "story_key": f"{number:x}",
        }


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


if __name__ == "__main__":
    main()
