"""Searching what was heard, on both databases, held to a slow reference."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from sqlalchemy import delete, text, update

from models import search, search_table
from models.account import Account
from models.day_counts import COUNTS_KEPT
from models.errors import InvalidInput
from models.filters import Cursor, Filters
from models.item import Item
from models.labels import Severity
from models.lists import Lists
from models.query import Query, parse
from models.query_index import Entry, item_of, place
from models.scope import OfficeScope
from models.search import Search
from models.states import AccountHealth, AccountMode
from pipeline.unit import Store, Work
from tests import reference_query
from tests.conftest import add_office
from tests.unit.test_query_language import WORDS, queries

NOW = datetime(2026, 11, 24, 3, 0, 0, 400_000, tzinfo=UTC)
SITES = ("humas.polri.go.id", "berita.example", "www.polri.go.id", "")
ITEMS = 240
ALL_COUNTED = {COUNTS_KEPT: True}


@dataclass(frozen=True)
class Heard:
    store: Store
    office: OfficeScope
    items: list[Item]


def heard(one: OfficeScope, number: int, chance: random.Random) -> Item:
    some = [chance.choice([*WORDS, "di", "yang"]) for _ in range(chance.randint(0, 14))]
    cut = chance.randint(0, min(4, len(some)))
    host = chance.choice(SITES)
    age = timedelta(seconds=chance.choice([0, 60, 86_400, 900_000]) * number)
    return Item(
        office_id=one.office_id,
        network=chance.choice(["x", "feed"]),
        url=f"https://{host}/{number}" if host else "",
        title=" ".join(some[:cut]),
        text=" ".join(some[cut:]),
        published_at=None,
        first_seen_at=NOW,
        at=NOW - age,
        story_key=f"s{number}",
    )


@pytest.fixture
def desk(store: Store) -> Heard:
    one = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    other = add_office(store, "sukatani", "Polres Sukatani")
    chance = random.Random(4)
    with store.write(other) as work:
        work.session.add_all([heard(other, number, chance) for number in range(40)])
    with store.write(one) as work:
        items = [heard(one, number, chance) for number in range(ITEMS)]
        work.session.add_all(items)
        work.session.flush()
    return Heard(store, one, items)


def everything(desk: Heard, query: Query, **wanted: object) -> list[int]:
    """Ids of all pages, in their order."""
    found: list[int] = []
    after: Cursor | None = None
    with desk.store.read(desk.office) as work:
        while True:
            page = Search(work.session).pages(
                query, Filters(**wanted), after, integrity=True, most=7
            )
            found += [item.id for item in page.items]
            after = page.onward
            if after is None:
                return found


def expected(desk: Heard, query: Query) -> list[int]:
    right = [
        (place(one.at, one.id), one.id)
        for one in desk.items
        if reference_query.answers(
            query, one.title, one.text, one.network, search_table.host_of(one.url)
        )
    ]
    return [number for _, number in sorted(right, reverse=True)]


@pytest.mark.long(20)
def test_both_databases_find_what_the_slow_reference_finds(
    desk: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FIRST_LOOK", 5)
    monkeypatch.setattr(search, "MOST_LOOKED_AT", 30)

    @given(queries)
    @settings(max_examples=100, deadline=None)
    def hold(query: Query) -> None:
        assert everything(desk, query) == expected(desk, query)

    hold()


def test_what_is_excluded_or_near_is_not_left_to_the_index_alone(desk: Heard) -> None:
    for typed in ("NOT (sim NEAR/2 kota)", "NOT judul:sim*", "polres NOT isi:kota"):
        query = parse(typed)
        assert everything(desk, query) == expected(desk, query), typed


def test_a_page_tells_where_the_words_stand(desk: Heard) -> None:
    with desk.store.write(desk.office) as work:
        one = heard(desk.office, 0, random.Random(1))
        one.title, one.text = "Antrean", "Loket 2 SIM keliling tutup lebih awal"
        work.session.add(one)
    with desk.store.read(desk.office) as work:
        words = Filters(words='antrean "sim keliling" tutup')
        page = Lists(work.session).voices(words, None, integrity=True)
    assert [item.id for item in page.items] == [one.id]
    marks = page.marks[one.id]
    assert [one.title[a:b] for a, b in marks.title] == ["Antrean"]
    assert [one.text[a:b] for a, b in marks.text] == ["SIM keliling", "tutup"]


def test_the_words_of_a_page_are_refused_in_words(desk: Heard) -> None:
    with (
        desk.store.read(desk.office) as work,
        pytest.raises(InvalidInput, match="petik"),
    ):
        Lists(work.session).voices(Filters(words='"sim'), None, integrity=True)


def test_a_search_keeps_to_the_other_filters_and_to_what_may_be_read(
    desk: Heard,
) -> None:
    query = parse("sim OR kota OR polres")
    with desk.store.write(desk.office) as work:
        work.session.execute(
            update(Item)
            .where(Item.id.in_([one.id for one in desk.items[::3]]))
            .values(severity=Severity.S1),
            execution_options=ALL_COUNTED,
        )
    restricted = {one.id for one in desk.items[::3]}
    right = [number for number in expected(desk, query) if number not in restricted]
    with desk.store.read(desk.office) as work:
        page = Search(work.session).pages(
            query, Filters(), None, integrity=False, most=ITEMS
        )
        from_x = Search(work.session).pages(
            query, Filters(network="x"), None, integrity=True, most=ITEMS
        )
    assert [item.id for item in page.items] == right
    assert {item.network for item in from_x.items} == {"x"}


def test_what_waits_is_searched_in_the_order_to_answer_it(
    desk: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_AT_ONCE", 2)
    with desk.store.write(desk.office) as work:
        account = work.accounts.add(account_of(desk.office))
        waiting = desk.items[5:12]
        for one in waiting:
            row = work.items.by_id(one.id)
            row.account_id, row.severity = account, Severity.S2
            row.network = "x"
            row.text = f"antre lama {one.id}"
    with desk.store.read(desk.office) as work:
        found = {}
        for rising in (True, False):
            wanted = Filters(waiting=True, words="antre", oldest_first=rising)
            after, seen = None, []
            while True:
                page = Search(work.session).pages(
                    parse("antre"), wanted, after, integrity=True, most=3
                )
                seen += [item.id for item in page.items]
                after = page.onward
                if after is None:
                    break
            found[rising] = seen
    order = sorted(waiting, key=lambda one: (one.at, one.id))
    assert found[True] == [one.id for one in order]
    assert found[False] == [one.id for one in reversed(order)]


def rows_in(work: Work) -> int:
    counted = text("SELECT count(*) FROM item_words")
    return work.session.connection().scalar(counted) or 0


def entry_of(one: Item) -> Entry:
    return search_table.entry(
        one.id, one.office_id, one.at, one.network, one.url, one.title, one.text
    )


def account_of(office: OfficeScope) -> Account:
    return Account(
        office_id=office.office_id,
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


def test_the_index_goes_with_the_words_whoever_changes_them(desk: Heard) -> None:
    everyone = ITEMS + 40
    early = update(Item).where(Item.id == desk.items[0].id)
    with desk.store.write(desk.office) as work:
        assert rows_in(work) == everyone
        old = datetime(1969, 12, 31, 23, 59, 59, 999_900, tzinfo=UTC)
        work.session.execute(early.values(at=old), execution_options=ALL_COUNTED)
        assert rows_in(work) == everyone - 1
        put = [entry_of(work.items.by_id(desk.items[0].id))]
        search_table.put(work.session.connection(), put)
        assert rows_in(work) == everyone
        changed = early.values(text="[dihapus]")
        work.session.execute(changed, execution_options=ALL_COUNTED)
        assert rows_in(work) == everyone - 1  # a word that is gone is not found
        gone = delete(Item).where(Item.id.in_([one.id for one in desk.items[1:4]]))
        work.session.execute(gone, execution_options=ALL_COUNTED)
        assert rows_in(work) == everyone - 4
        row = work.items.by_id(desk.items[9].id)
        row.title = "Judul lain sekali"
        work.session.flush()
        assert rows_in(work) == everyone - 4
    assert everything(desk, parse('"lain sekali"')) == [desk.items[9].id]


def test_items_without_an_index_are_indexed_anew(desk: Heard) -> None:
    with desk.store.engine.begin() as connection:
        search_table.drop(connection)
        search_table.create(connection)
        assert search_table.fill(connection) == ITEMS + 40
    query = parse("sim -kota")
    assert everything(desk, query) == expected(desk, query)


def test_a_place_stands_for_any_time_and_id() -> None:
    for at in (
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        NOW,
        datetime(9999, 12, 31, tzinfo=UTC),
    ):
        for number in (1, 2**31 - 1):
            there = place(at, number)
            assert -(2**63) <= there < 2**63
            assert item_of(there) == number
    assert place(NOW, 9) < place(NOW, 10) < place(NOW + timedelta(seconds=1), 1)
