"""Carrying an installation from SQLite to PostgreSQL, whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Select, Table, delete, func, select, text
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import DataError, IntegrityError

from config.words import N_
from models import search_table
from models.errors import InvalidInput
from models.rewriting import Rewrite
from models.scope import SystemScope
from models.tables import metadata
from pipeline import job_queue, schema
from pipeline.backup import runs
from pipeline.settling import after_restore
from pipeline.unit import Store

SCOPE = SystemScope("copy")
CHUNK = 1_000
CHUNK_OF_BYTES = 8
"""Rows with pictures or documents in them are megabytes each."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy brought over.

    Attributes:
        rows: of each table.
        uncertain: deliveries that were due and are looked for before anybody decides.
    """

    rows: Mapping[str, int]
    uncertain: int


def copy(source: Store, target: Store, now: datetime) -> Copied:
    """Copy every row with its id; the target is as before when anything fails.

    The old installation must rest, and must not be started again: both would post.
    What was due by now is doubted as after a restored backup.

    Raises:
        InvalidInput: a side cannot be used; ``field`` says which, or which table holds
            a value that PostgreSQL does not take.
    """
    _check(source, target, now)
    schema.upgrade(target.engine)
    job_queue.bring(target.engine)
    with target.write(SCOPE, durable=True) as work:
        there = work.session.connection()
        work.session.execute(delete(Rewrite))  # notes of a pass over empty tables
        if any(_count(there, table) for table in metadata.sorted_tables):
            raise InvalidInput(
                N_("Basis data tujuan sudah berisi. Pakai yang kosong."), "target"
            )
        with source.read(SCOPE) as reading:
            rows = _copy_all(reading.session.connection(), there)
        search_table.fill(there)  # each database has an index of its own kind
        work.backups.note(now)
        return Copied(rows, after_restore(work, now, now))


def _check(source: Store, target: Store, now: datetime) -> None:
    if source.engine.dialect.name != "sqlite":
        raise InvalidInput(N_("Sumber harus basis data SQLite."), "source")
    if target.engine.dialect.name != "postgresql":
        raise InvalidInput(N_("Tujuan harus basis data PostgreSQL."), "target")
    if not schema.is_current(source.engine):
        schema.must_know(source.engine)
        raise InvalidInput(
            N_("Basis data belum mutakhir. Jalankan: kentongan db migrate"), "source"
        )
    if runs(source, now):
        raise InvalidInput(N_("Hentikan kentongan run lebih dahulu."), "source")
    schema.must_know(target.engine)


def _copy_all(here: Connection, there: Connection) -> dict[str, int]:
    counts = {}
    for table in metadata.sorted_tables:
        try:
            _copy_table(here, there, table)
        except (DataError, IntegrityError, ValueError) as error:
            raise InvalidInput(
                N_("Satu baris tidak diterima PostgreSQL. Tidak ada yang disalin."),
                table.name,
            ) from error
        _set_sequence(there, table)
        counts[table.name] = _count(there, table)
        if counts[table.name] != _count(here, table):
            raise InvalidInput(
                N_("Jumlah baris berbeda. Tidak ada yang disalin."), table.name
            )
    return counts


def _copy_table(here: Connection, there: Connection, table: Table) -> None:
    """Rows first, and then what points to a row of the same table."""
    later = _own_references(table)
    for rows in _pieces(here, table, select(table)):
        there.execute(table.insert(), [_without(row, later) for row in rows])
    if not later:
        return
    keys = [column.name for column in table.primary_key]
    wanted = [table.c[name] for name in (*keys, *later)]
    pointing = select(*wanted).where(table.c[later[0]].is_not(None))
    assignments = ", ".join(f"{name} = :{name}" for name in later)
    where = " AND ".join(f"{name} = :{name}" for name in keys)
    change = text(f"UPDATE {table.name} SET {assignments} WHERE {where}")  # noqa: S608
    for rows in _pieces(here, table, pointing):
        there.execute(change, [dict(row) for row in rows])


def _pieces(
    here: Connection, table: Table, wanted: Select[Any]
) -> Iterator[Sequence[RowMapping]]:
    """Rows in pieces that fit into memory."""
    heavy = any(isinstance(column.type, LargeBinary) for column in table.columns)
    size = CHUNK_OF_BYTES if heavy else CHUNK
    options = {"yield_per": size}
    with here.execute(wanted, execution_options=options) as found:
        yield from found.mappings().partitions(size)


def _own_references(table: Table) -> list[str]:
    """Columns that may be empty and point to another row of this table."""
    return sorted(
        key.parent.name
        for key in table.foreign_keys
        if key.column.table is table and key.parent.nullable
    )


def _without(row: RowMapping, names: list[str]) -> dict[Any, Any]:
    return {**row, **dict.fromkeys(names)}


def _set_sequence(there: Connection, table: Table) -> None:
    """Let the next row of its own get an id that no copied row has."""
    keys = list(table.primary_key)
    if len(keys) != 1 or keys[0].type.python_type is not int:
        return
    highest = there.scalar(select(func.max(keys[0])))
    if highest is not None:
        sequence = func.pg_get_serial_sequence(table.name, keys[0].name)
        there.execute(select(func.setval(sequence, highest)))


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
