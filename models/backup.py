"""When backups were taken: the newest row of a restored database is its own time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.repository import Repository


class Backup(Base):
    """Written just before the copy is made, so that the copy knows its age."""

    __tablename__ = "backups"

    id: Mapped[int] = mapped_column(primary_key=True)
    taken_at: Mapped[datetime]


class Backups(Repository):
    """The times of backups."""

    def note(self, now: datetime) -> None:
        """A copy is about to be made."""
        self._session.add(Backup(taken_at=now))

    def last(self) -> datetime | None:
        """When the newest copy was made."""
        return self._session.scalar(
            select(Backup.taken_at).order_by(Backup.taken_at.desc()).limit(1)
        )
