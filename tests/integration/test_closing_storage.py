"""A store that is closed leaves no connection open, whoever held one."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import event

from models.scope import SystemScope
from pipeline.unit import Store

TEST = SystemScope("test")


def test_what_is_in_use_when_a_store_closes_is_closed_when_it_comes_back(
    store: Store,
) -> None:
    opened, closed = [], []
    for name, seen in (("connect", opened), ("close", closed)):
        event.listen(
            store.engine, name, lambda one, _entry, seen=seen: seen.append(one)
        )
    with store.read(TEST) as work, store.read(TEST) as other:
        work.offices.all()
        other.offices.all()
        store.close()
        assert work.offices.all() == []
    with store.read(TEST) as late:  # a thread that has not yet heard of it
        late.offices.all()
    assert len(opened) == len(closed) == 3
    assert set(map(id, opened)) == set(map(id, closed))


def test_a_closed_connection_of_sqlite_takes_no_more_statements(store: Store) -> None:
    kept: list[Any] = []
    event.listen(store.engine, "connect", lambda one, _entry: kept.append(one))
    with store.read(TEST) as work:
        work.offices.all()
        store.close()
    if store.engine.dialect.name != "sqlite":
        assert kept[0].closed
        return
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept[0].execute("SELECT 1")
