"""Inserts that meet a row which is already there, on both databases."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.base import Base

Columns = Sequence[InstrumentedAttribute[Any]]


def insert_new(
    session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]
) -> Insert:
    """Insert ``rows`` (at least one, all with the same keys), leaving what is there.

    A row that breaks any unique constraint is left out, in silence; ``RETURNING``
    gives only those that went in.
    """
    values = [dict(row) for row in rows]
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).values(values).on_conflict_do_nothing()
    return sqlite.insert(table).values(values).on_conflict_do_nothing()


def insert_or_update(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    unique: Columns,
    update: Columns,
) -> Insert:
    """Insert ``rows``; where ``unique`` is taken, ``update`` those columns instead."""
    values = [dict(row) for row in rows]
    keys = [column.key for column in unique]
    names = [column.key for column in update]
    if session.get_bind().dialect.name == "postgresql":
        on_pg = postgresql.insert(table).values(values)
        return on_pg.on_conflict_do_update(
            index_elements=keys, set_={name: on_pg.excluded[name] for name in names}
        )
    on_lite = sqlite.insert(table).values(values)
    return on_lite.on_conflict_do_update(
        index_elements=keys, set_={name: on_lite.excluded[name] for name in names}
    )


def insert_or_add(
    session: Session,
    table: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    unique: Columns,
    add: InstrumentedAttribute[int],
) -> Insert:
    """Insert ``rows``; where ``unique`` is taken, add to what ``add`` holds there."""
    values = [dict(row) for row in rows]
    keys = [column.key for column in unique]
    if session.get_bind().dialect.name == "postgresql":
        on_pg = postgresql.insert(table).values(values)
        return on_pg.on_conflict_do_update(
            index_elements=keys, set_={add.key: add + on_pg.excluded[add.key]}
        )
    on_lite = sqlite.insert(table).values(values)
    return on_lite.on_conflict_do_update(
        index_elements=keys, set_={add.key: add + on_lite.excluded[add.key]}
    )
