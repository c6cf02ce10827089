"""Writing down who did what; rows are only ever added."""

from datetime import datetime

from models.base import Base
from models.office import AuditEvent
from models.person import Person
from models.repository import Repository


class Audit(Repository):
    """The office's log of acts."""

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
        self._session.add(
            AuditEvent(
                office_id=office_id,
                user_id=user_id,
                at=at,
                action=action,
                subject=subject,
                subject_id=subject_id,
                detail=detail,
            )
        )

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
