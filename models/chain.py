"""The audit chain: rows that are only ever added, each hashing the one before.

An office has one chain, what concerns no office another. The rows of a unit are written
last before its commit, under a lock of the chain's head, so that neither two processes
nor two threads can fork a chain or wait for each other in a circle. Which bytes are
hashed, and what a chain proves, stands in ``docs/design/0012-audit-chain.md``.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    event,
    func,
    insert,
    select,
    type_coerce,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Session, mapped_column

import models.day_counts  # noqa: F401 - its rows are written first, in every process
from models.base import Base
from models.database import UnscopedStatement
from models.scope import OfficeScope
from models.upserts import insert_new

INSTALLATION = 0
"""The chain of what concerns no office; an office's chain has the office's id."""
GENESIS = "0" * 64
"""What the first row of a chain follows."""
_WAITING = "kentongan_audit"  # of a session: acts that are to be written


class AuditEvent(Base):
    """Who did what, when; the database refuses to change or delete a row."""

    __tablename__ = "audit_events"
    __table_args__ = (
        PrimaryKeyConstraint("chain", "number"),
        Index("ix_audit_events_at", "chain", "at"),
        Index("ix_audit_events_subject", "chain", "subject", "subject_id"),
        {"sqlite_with_rowid": False},
    )

    chain: Mapped[int]
    number: Mapped[int]  # 1, 2, 3 … without a gap
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(40))  # table name
    subject_id: Mapped[int | None]  # no foreign key: the row outlives its subject
    detail: Mapped[str]  # never a secret
    previous: Mapped[str] = mapped_column(String(64))  # hash of the row before
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """Where a chain ends, and how it stood when it was last checked."""

    __tablename__ = "audit_heads"

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    checked_at: Mapped[datetime | None]
    checked_number: Mapped[int] = mapped_column(default=0)
    faults: Mapped[int] = mapped_column(default=0)


class Act(NamedTuple):
    """What is written down, before it has its place in a chain."""

    office_id: int | None
    user_id: int | None
    at: datetime
    action: str
    subject: str
    subject_id: int | None
    detail: str


class Entry(NamedTuple):
    """One row of a chain as it is hashed; ``at`` is UTC, written with six decimals."""

    chain: int
    number: int
    office_id: int | None
    user_id: int | None
    at: str
    action: str
    subject: str
    subject_id: int | None
    detail: str
    previous: str
    hash: str


def canonical(entry: Entry) -> bytes:
    """The bytes of a row that are hashed: everything but the hash itself.

    JSON with sorted keys and no spaces, UTF-8.
    """
    plain = entry._asdict()
    del plain["hash"]
    written = json.dumps(
        plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return written.encode()


def digest(entry: Entry) -> str:
    """SHA-256 of :func:`canonical`, hex."""
    return hashlib.sha256(canonical(entry)).hexdigest()


def following(chain: int, number: int, previous: str, act: Act) -> Entry:
    """The row of ``act`` after row ``number``, whose hash is ``previous``."""
    entry = Entry(
        chain=chain,
        number=number + 1,
        office_id=act.office_id,
        user_id=act.user_id,
        at=act.at.astimezone(UTC).isoformat(timespec="microseconds"),
        action=act.action,
        subject=act.subject,
        subject_id=act.subject_id,
        detail=act.detail,
        previous=previous,
        hash="",
    )
    return entry._replace(hash=digest(entry))


def columns(dialect: str) -> tuple[ColumnElement[Any], ...]:
    """The columns of an :class:`Entry`, read as they stand.

    The time is read as text: one that was made no time at all must be found, not fall.
    """
    at: ColumnElement[str]
    if dialect == "postgresql":
        shape = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'
        at = func.to_char(func.timezone("UTC", AuditEvent.at), shape)
    else:
        at = func.replace(type_coerce(AuditEvent.at, String), " ", "T") + "+00:00"
    return tuple(
        at.label("at") if name == "at" else getattr(AuditEvent, name)
        for name in Entry._fields
    )


def write_down(session: Session, act: Act) -> None:
    """Let ``act`` be a row of its chain when this unit is committed."""
    scope = session.info["scope"]
    if isinstance(scope, OfficeScope) and act.office_id not in (None, scope.office_id):
        raise UnscopedStatement(f"an act of office {act.office_id} in another's scope")
    session.info.setdefault(_WAITING, []).append(act)


@event.listens_for(Session, "before_commit")
def _chain_acts(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint: the unit itself is still to come
    acts: list[Act] = session.info.pop(_WAITING, [])
    if not acts:
        return
    session.flush()
    chains = {act.office_id or INSTALLATION for act in acts}
    for chain in sorted(chains):
        own = (act for act in acts if (act.office_id or INSTALLATION) == chain)
        _append(session, chain, own)


@event.listens_for(Session, "after_rollback")
def _forget_acts(session: Session) -> None:
    session.info.pop(_WAITING, None)


def _append(session: Session, chain: int, acts: Iterable[Act]) -> None:
    number, last = _hold_head(session, chain)
    rows = []
    for act in acts:
        entry = following(chain, number, last, act)
        rows.append(entry._asdict() | {"at": act.at})
        number, last = entry.number, entry.hash
    session.execute(insert(AuditEvent), rows)
    session.execute(
        update(AuditHead)
        .where(AuditHead.chain == chain)
        .values(number=number, hash=last)
        .execution_options(synchronize_session=False)
    )


def _hold_head(session: Session, chain: int) -> tuple[int, str]:
    """The end of a chain, nobody else's until commit; SQLite has one writer."""
    wanted = (
        select(AuditHead.number, AuditHead.hash)
        .where(AuditHead.chain == chain)
        .with_for_update()
    )
    found = session.execute(wanted).one_or_none()
    if found is None:
        first = {"chain": chain, "number": 0, "hash": GENESIS}
        session.execute(insert_new(session, AuditHead, [first]))
        found = session.execute(wanted).one()
    return found[0], found[1]


# the database itself refuses; the migration has the same statements

_SAYS = "audit_events is append-only"
ON_SQLITE = (
    f"""CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
    BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END""",
    f"""CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
    BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END""",
    # INSERT OR REPLACE deletes without the trigger above
    """CREATE TRIGGER audit_events_no_replace BEFORE INSERT ON audit_events
    WHEN EXISTS (SELECT 1 FROM audit_events
                 WHERE chain = NEW.chain AND number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'audit_events is append-only'); END""",
)
ON_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION audit_events_append_only() RETURNS trigger AS $$
    BEGIN RAISE EXCEPTION '{_SAYS}'; END $$ LANGUAGE plpgsql""",
    """CREATE TRIGGER audit_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_append_only()""",
)


def _refuse_changes(_table: Table, connection: Connection, **_more: Any) -> None:
    on_lite = connection.dialect.name == "sqlite"
    for statement in ON_SQLITE if on_lite else ON_POSTGRESQL:
        connection.exec_driver_sql(statement)


event.listen(AuditEvent.__table__, "after_create", _refuse_changes)
