"""Somebody with all rights to the database, who touches what was written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text

from models.base import UTCDateTime
from models.chain import (
    GENESIS,
    Act,
    AuditEvent,
    AuditHead,
    Entry,
    columns,
    digest,
    write_down,
)
from models.person import Person
from models.scope import OfficeScope, SystemScope
from pipeline.unit import Store
from tests.conftest import NOW

TRIGGERS = ("no_update", "no_delete", "no_replace")


def behind(store: Store, statement: str, **values: Any) -> None:
    """Run ``statement`` with the guards of the database taken away."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            for name in TRIGGERS:
                drop = f"DROP TRIGGER IF EXISTS audit_events_{name}"
                connection.execute(text(drop))
        else:
            connection.execute(text("ALTER TABLE audit_events DISABLE TRIGGER ALL"))
        run = text(statement)
        for name, value in values.items():
            if isinstance(value, datetime):  # as the program writes it
                run = run.bindparams(bindparam(name, type_=UTCDateTime()))
        connection.execute(run, values)


def act(store: Store, office: OfficeScope, by: Person, times: int = 1) -> None:
    """So many units, each with one act."""
    for _ in range(times):
        with store.write(office) as work:
            one = Act(
                office.office_id, by.user_id, NOW, "a.b", "users", by.user_id, "kata"
            )
            write_down(work.session, one)


def rewrite(store: Store, chain: int) -> None:
    """Hash every row anew, head and all: what only a head kept elsewhere finds."""
    name = store.engine.dialect.name
    scope = SystemScope("test")
    with store.read(scope) as work:
        rows = work.session.execute(
            select(*columns(name))
            .where(AuditEvent.chain == chain)
            .order_by(AuditEvent.number)
        ).all()
    last = GENESIS
    for place, row in enumerate(rows, 1):
        entry = Entry(*row)._replace(number=place, previous=last)
        last = digest(entry)
        behind(
            store,
            "UPDATE audit_events SET number = :to, previous = :previous, hash = :hash"
            " WHERE chain = :chain AND number = :number",
            to=place,
            previous=entry.previous,
            hash=last,
            chain=chain,
            number=row.number,
        )
    with store.write(scope) as work:
        head = work.session.get_one(AuditHead, chain)
        head.number, head.hash = len(rows), last
