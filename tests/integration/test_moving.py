"""From SQLite to PostgreSQL: every row, or none."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from models.clock import Lease
from models.delivery import Delivery
from models.errors import InvalidInput
from models.filters import Filters
from models.item import Item
from models.office import Office
from models.problems import Problem
from models.scope import OfficeScope, SystemScope
from models.search import Search
from models.states import DeliveryState
from models.tables import metadata
from pipeline import auditing, job_queue, schema
from pipeline.moving import copy
from pipeline.unit import Store
from tests.conftest import NOW, add_office
from tests.postgresql import Server
from tests.seeding import seed

TEST = SystemScope("test")
LATER = NOW + timedelta(days=30)
pytestmark = pytest.mark.postgresql


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'lama.db'}")
    schema.migrate(store.engine)
    office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
    seed(store, office, NOW)
    yield store
    store.close()


@pytest.fixture
def new(postgresql_server: Server) -> Iterator[Store]:
    with postgresql_server.fresh_database("template0") as url:
        store = Store(url)
        yield store
        store.close()


def everything(store: Store) -> dict[str, list[Any]]:
    with store.read(TEST) as work:
        connection = work.session.connection()
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }


def is_empty(store: Store) -> bool:
    with store.engine.connect() as connection:
        found = connection.scalar(select(func.count()).select_from(Office.__table__))
        return found == 0


def test_every_row_stands_with_its_id_and_its_values(old: Store, new: Store) -> None:
    before = everything(old)
    done = copy(old, new, NOW - timedelta(days=400))  # nothing was due by then
    assert done.uncertain == 0
    assert done.rows == {name: len(rows) for name, rows in before.items()}
    after = everything(new)
    assert len(after.pop("backups")) == len(before.pop("backups")) + 1
    assert after == before
    assert sum(map(len, before.values())) > 100
    assert everything(old)["items"] == before["items"]
    assert schema.is_current(new.engine)
    assert job_queue.is_current(new.engine)


def test_the_next_rows_get_ids_of_their_own(old: Store, new: Store) -> None:
    copy(old, new, NOW)
    checked = 0
    with new.engine.begin() as connection:
        for table in metadata.sorted_tables:
            if [column.name for column in table.primary_key] != ["id"]:
                continue
            highest = connection.scalar(select(func.max(table.c.id))) or 0
            following = f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id'))"
            assert connection.scalar(text(following)) == highest + 1
            checked += highest > 0
    assert checked > 10
    assert add_office(new, "lain", "Polres Lain").office_id > 1


def test_the_chain_of_what_was_done_is_as_whole_as_before(
    old: Store, new: Store
) -> None:
    with old.write(OfficeScope(1)) as work:
        for number in range(3):
            act = ("announcement.ask", "announcements", number)
            work.audit.record(*act, at=NOW, office_id=1, detail="diminta")
    before = auditing.look(old, OfficeScope(1), 1)
    copy(old, new, NOW)
    after = auditing.look(new, OfficeScope(1), 1)
    assert after.whole
    assert after.head == before.head
    assert after.head.number == 3


def test_an_item_that_points_to_a_later_one_arrives_too(old: Store, new: Store) -> None:
    items = Item.__table__
    with old.engine.begin() as connection:
        first, *_, last = connection.scalars(select(items.c.id).order_by(items.c.id))
        change = update(items).where(items.c.id == first).values(story_id=last)
        connection.execute(change)
    copy(old, new, NOW)
    with new.read(TEST) as work:
        assert work.session.get_one(Item, first).story_id == last


def test_what_was_heard_can_be_searched_there(old: Store, new: Store) -> None:
    with old.read(OfficeScope(1)) as work:
        before = Search(work.session).voices(
            Filters(words="antre* OR loket"), None, integrity=True
        )
    copy(old, new, NOW)
    with new.read(OfficeScope(1)) as work:
        after = Search(work.session).voices(
            Filters(words="antre* OR loket"), None, integrity=True
        )
    assert [item.id for item in after.items] == [item.id for item in before.items]
    assert len(after.items) > 3


def test_what_was_due_is_doubted_as_after_a_restored_backup(
    old: Store, new: Store
) -> None:
    with old.read(TEST) as work:
        due = {
            row.id
            for row in work.session.scalars(select(Delivery))
            if row.due_at <= LATER
            and row.state in (DeliveryState.SCHEDULED, DeliveryState.HELD,
                              DeliveryState.CLAIMED, DeliveryState.PREPARED,
                              DeliveryState.ARMED)
        }  # fmt: skip
    assert due
    done = copy(old, new, LATER)
    assert done.uncertain == len(due)
    with new.read(TEST) as work:
        for number in due:
            row = work.session.get_one(Delivery, number)
            assert row.state is DeliveryState.UNCERTAIN
            assert row.problem is Problem.RESTORED_BACKUP


def test_a_target_that_holds_something_is_refused_and_left_as_it_is(
    old: Store, new: Store
) -> None:
    schema.migrate(new.engine)
    add_office(new, "lain", "Polres Lain")
    before = everything(new)
    with pytest.raises(InvalidInput, match="sudah berisi"):
        copy(old, new, NOW)
    assert everything(new) == before


def test_a_source_that_runs_is_refused(old: Store, new: Store) -> None:
    with old.write(TEST) as work:
        work.session.add(
            Lease(name="clock", holder="mesin:1:x", until=NOW + timedelta(seconds=9))
        )
    with pytest.raises(InvalidInput, match="Hentikan"):
        copy(old, new, NOW)


def test_a_value_that_postgresql_refuses_copies_nothing_and_names_the_table(
    old: Store, new: Store
) -> None:
    with old.engine.begin() as connection:
        connection.execute(text("UPDATE items SET text = 'a' || char(0) || 'b'"))
    with pytest.raises(InvalidInput, match="tidak diterima") as refused:
        copy(old, new, NOW)
    assert refused.value.field == "items"
    assert is_empty(new)


def test_the_sides_are_not_to_be_mistaken(old: Store, new: Store) -> None:
    with pytest.raises(InvalidInput, match="Sumber"):
        copy(new, old, NOW)
    with pytest.raises(InvalidInput, match="Tujuan"):
        copy(old, old, NOW)
