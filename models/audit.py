"""Writing down who did what, and reading it back; rows are only ever added."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, union, update

from models.base import Base
from models.chain import (
    INSTALLATION,
    Act,
    AuditEvent,
    AuditHead,
    Entry,
    columns,
    write_down,
)
from models.chain_check import EMPTY, Head, Verdict, check
from models.person import Person
from models.repository import Repository

PAGE = 50
_AT_ONCE = 2_000  # rows read at a time


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which acts a person wants to see; None and empty mean all."""

    user_id: int | None = None
    action: str = ""  # whole, or what stands before its point
    since: datetime | None = None
    until: datetime | None = None  # not included


class Audit(Repository):
    """The log of acts of an office."""

    def record(
        self,
        action: str,
        subject: str,
        subject_id: int | None,
        *,
        at: datetime,
        user_id: int | None = None,
        office_id: int | None = None,
        detail: str = "",
    ) -> None:
        """Add one event; ``detail`` must never hold a secret or a citizen's data."""
        act = Act(office_id, user_id, at, action, subject, subject_id, detail)
        write_down(self._session, act)

    def act(
        self,
        by: Person,
        action: str,
        subject: type[Base],
        subject_id: int,
        now: datetime,
        detail: str = "",
    ) -> None:
        """Add what a person did to a row of their own office; see :meth:`record`."""
        self.record(
            action,
            subject.__tablename__,
            subject_id,
            at=now,
            user_id=by.user_id,
            office_id=by.office_id,
            detail=detail,
        )

    # reading

    def listed(
        self, wanted: Wanted, *, before: int | None = None, limit: int = PAGE
    ) -> list[AuditEvent]:
        """The office's newest acts first; ``before`` is the last number shown."""
        statement = select(AuditEvent).where(AuditEvent.chain == self._office_id)
        if wanted.user_id is not None:
            statement = statement.where(AuditEvent.user_id == wanted.user_id)
        if wanted.action:
            statement = statement.where(
                or_(
                    AuditEvent.action == wanted.action,
                    AuditEvent.action.startswith(f"{wanted.action}.", autoescape=True),
                )
            )
        if wanted.since is not None:
            statement = statement.where(AuditEvent.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(AuditEvent.at < wanted.until)
        if before is not None:
            statement = statement.where(AuditEvent.number < before)
        newest = statement.order_by(AuditEvent.number.desc()).limit(limit)
        return list(self._session.scalars(newest))

    def about(self, subjects: Mapping[type[Base], Collection[int]]) -> list[Entry]:
        """The office's acts on these rows, oldest first, as they were hashed."""
        wanted = [
            and_(
                AuditEvent.subject == table.__tablename__,
                AuditEvent.subject_id.in_(numbers),
            )
            for table, numbers in subjects.items()
        ]
        rows = self._session.execute(
            select(*self._columns)
            .where(AuditEvent.chain == self._office_id, or_(*wanted))
            .order_by(AuditEvent.number)
        )
        return [Entry(*row) for row in rows]

    # the chain

    def chains(self) -> Sequence[int]:
        """Every chain there is, in a system's scope."""
        every = union(select(AuditHead.chain), select(AuditEvent.chain).distinct())
        return sorted(self._session.scalars(select(every.subquery().c[0])))

    def own_chains(self) -> Sequence[int]:
        """The office's chain, and the installation's where there is one."""
        if self.head(INSTALLATION) == EMPTY:
            return [self._office_id]
        return [self._office_id, INSTALLATION]

    def head(self, chain: int) -> Head:
        """Where a chain ends, as the database says."""
        found = self._session.execute(
            select(AuditHead.number, AuditHead.hash).where(AuditHead.chain == chain)
        ).one_or_none()
        return Head(*found) if found else EMPTY

    def stands(self, chain: int) -> AuditHead | None:
        """The head with what the last check found."""
        return self._session.get(AuditHead, chain)

    def walk(self, chain: int) -> Iterator[Entry]:
        """Every row of a chain, oldest first, a few at a time."""
        rows = self._session.execute(
            select(*self._columns)
            .where(AuditEvent.chain == chain)
            .order_by(AuditEvent.number),
            execution_options={"yield_per": _AT_ONCE},
        )
        for row in rows:
            yield Entry(*row)

    def check(self, chain: int, kept: Head | None = None) -> Verdict:
        """Look at every row of a chain, at one moment; first thing in its unit."""
        self._one_moment()
        return check(chain, self.walk(chain), self.head(chain), kept)

    def keep_verdict(self, verdict: Verdict, now: datetime) -> None:
        """Remember how the chain was found, for the pages."""
        self._session.execute(
            update(AuditHead)
            .where(AuditHead.chain == verdict.chain)
            .values(
                checked_at=now,
                checked_number=verdict.head.number,
                faults=len(verdict.breaks),
            )
        )

    @property
    def _columns(self) -> tuple[ColumnElement[Any], ...]:
        return columns(self._session.get_bind().dialect.name)
