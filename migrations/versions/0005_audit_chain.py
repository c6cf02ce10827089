"""The audit chain: rows that follow each other, and that nobody changes.

The acts that are there are chained as they stand, each office's in the order of their
numbers (``models/chain.py``, written out here so that this step stays as it landed).
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROWS = 1_000  # read and inserted at a time
ACT = ("office_id", "user_id", "at", "action", "subject", "subject_id", "detail")
SAYS = "audit_events is append-only"
TRIGGERS = {
    "sqlite": (
        f"""CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
        BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
        f"""CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
        BEGIN SELECT RAISE(ABORT, '{SAYS}'); END""",
        """CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events
        WHEN EXISTS (SELECT 1 FROM audit_events
                     WHERE chain = NEW.chain AND number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END""",
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION audit_events_append_only()
        RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION '{SAYS}'; END $$ LANGUAGE plpgsql""",
        """CREATE TRIGGER audit_events_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION audit_events_append_only()""",
    ),
}


def upgrade() -> None:
    old = _put_aside("ix_audit_events_at", "ix_audit_events_office_id")
    new = _chained_table()
    heads = op.create_table(
        "audit_heads",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_number", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_heads")),
    )
    ends: dict[int, tuple[int, str]] = {}
    rows = _chained(_acts(op.get_bind(), old), ends)
    while some := list(islice(rows, ROWS)):
        op.bulk_insert(new, some)
    op.bulk_insert(
        heads,
        [
            {"chain": chain, "number": number, "hash": last}
            | {"checked_at": None, "checked_number": 0, "faults": 0}
            for chain, (number, last) in ends.items()
        ],
    )
    op.drop_table(old)
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """The acts stay, without their chain."""
    old = _put_aside("ix_audit_events_at", "ix_audit_events_subject")
    new = op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        *_act_columns(),
        *_act_keys(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index("ix_audit_events_at", "audit_events", ["at"])
    op.create_index("ix_audit_events_office_id", "audit_events", ["office_id"])
    kept = sa.table(old, *(sa.column(name) for name in (*ACT, "chain", "number")))
    copied = sa.select(*(kept.c[name] for name in ACT)).order_by(
        kept.c.at, kept.c.chain, kept.c.number
    )
    op.execute(sa.insert(new).from_select(list(ACT), copied))
    op.drop_table(old)
    op.drop_table("audit_heads")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_events_append_only()")


def _put_aside(*indexes: str) -> str:
    """Rename the table, so that one of another shape can take its name."""
    for index in indexes:
        op.drop_index(index, table_name="audit_events")
    op.rename_table("audit_events", "audit_events_before")
    if op.get_bind().dialect.name == "postgresql":  # its keys have names of their own
        for key in ("pk_audit_events",):
            op.execute(f"ALTER INDEX {key} RENAME TO {key}_before")
    return "audit_events_before"


def _act_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("office_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
    ]


def _act_keys() -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_audit_events_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_audit_events_user_id")
        ),
    ]


def _chained_table() -> sa.Table:
    table = op.create_table(
        "audit_events",
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *_act_columns(),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        *_act_keys(),
        sa.PrimaryKeyConstraint("chain", "number", name=op.f("pk_audit_events")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_audit_events_at", "audit_events", ["chain", "at"])
    op.create_index(
        "ix_audit_events_subject", "audit_events", ["chain", "subject", "subject_id"]
    )
    return table


def _acts(connection: sa.Connection, old: str) -> Iterator[dict[str, Any]]:
    """The acts that are there, in the order they were written."""
    types: dict[str, Any] = {"at": sa.DateTime(timezone=True)}
    columns = [sa.column(name, types.get(name)) for name in ACT]
    table = sa.table(old, sa.column("id"), *columns)
    last = 0
    while True:
        rows = connection.execute(
            sa.select(table.c.id, *(table.c[name] for name in ACT))
            .where(table.c.id > last)
            .order_by(table.c.id)
            .limit(ROWS)
        ).all()
        if not rows:
            return
        for row in rows:
            yield dict(zip(ACT, row[1:], strict=True))
        last = rows[-1][0]


def _chained(
    acts: Iterator[dict[str, Any]], ends: dict[int, tuple[int, str]]
) -> Iterator[dict[str, Any]]:
    """Every act with its place; ``ends`` is where each chain stands after it."""
    for act in acts:
        chain = act["office_id"] or 0
        number, previous = ends.get(chain, (0, "0" * 64))
        act["at"] = _utc(act["at"])
        row = act | {"chain": chain, "number": number + 1, "previous": previous}
        plain = row | {"at": row["at"].isoformat(timespec="microseconds")}
        written = json.dumps(
            plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        row["hash"] = hashlib.sha256(written.encode()).hexdigest()
        ends[chain] = (number + 1, row["hash"])
        yield row


def _utc(at: datetime) -> datetime:
    """SQLite keeps times in UTC without saying so."""
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
