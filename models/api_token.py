"""Tokens of an office's own programs: who made one, what it may, and how often it asks.

The token itself is shown once and kept nowhere; the row has its SHA-256, which is
enough for 256 random bits.
"""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKeyConstraint, String, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.repository import Repository
from models.states import Role

WINDOW = timedelta(minutes=1)  # in which calls are counted


class ApiToken(OfficeOwned, Base):
    """The key of one program."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        ForeignKeyConstraint(["office_id", "made_by"], ["users.office_id", "users.id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role] = mapped_column(EnumText(Role))
    acts: Mapped[bool]  # else it only reads
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[int]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # taken back
    used_at: Mapped[datetime | None]
    calls: Mapped[int] = mapped_column(default=0)  # since ``counted_from``
    counted_from: Mapped[datetime]

    def lives(self, now: datetime) -> bool:
        """Whether it opens anything."""
        over = self.ends_at is not None and self.ends_at <= now
        return self.ended_at is None and not over


class ApiTokens(Repository):
    """The tokens of an office."""

    def get(self, token_id: int) -> ApiToken:
        """One token.

        Raises:
            NotFound: there is none.
        """
        return self._need(ApiToken, token_id, lock=True)

    def listed(self) -> list[ApiToken]:
        """Every token, the newest first."""
        return list(
            self._session.scalars(select(ApiToken).order_by(ApiToken.id.desc()))
        )

    def add(self, row: ApiToken) -> int:
        """Keep a new one; return its id."""
        self._session.add(row)
        self._session.flush()
        return row.id

    def by_hash(self, sha256: str) -> ApiToken | None:
        """The token with this hash, locked, in this scope."""
        return self._session.scalar(
            select(ApiToken).where(ApiToken.sha256 == sha256).with_for_update()
        )


def count(row: ApiToken, now: datetime) -> int:
    """Count one call; return how many there were in this window."""
    if not row.counted_from <= now < row.counted_from + WINDOW:  # or a clock was set
        row.counted_from, row.calls = now, 0
    row.calls += 1
    row.used_at = now
    return row.calls
