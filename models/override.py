"""What the guard blocked and a person let through, with the reason they wrote."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfficeOwned
from models.repository import Repository


class GuardOverride(OfficeOwned, Base):
    """One rule set aside for one exact text; another text needs another override."""

    __tablename__ = "guard_overrides"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
        ),
        ForeignKeyConstraint(["office_id", "user_id"], ["users.office_id", "users.id"]),
        CheckConstraint("reason <> ''", name="reason_written"),
        Index("ix_guard_overrides_text", "office_id", "announcement_id", "text_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int]
    text_hash: Mapped[str] = mapped_column(String(64))  # models.guard.text_hash
    rule: Mapped[str] = mapped_column(String(40))  # code of the rule
    reason: Mapped[str]
    user_id: Mapped[int]
    at: Mapped[datetime]


class Overrides(Repository):
    """Overrides of an office; rows are only ever added."""

    def of_text(self, announcement_id: int, text_hash: str) -> list[GuardOverride]:
        """What was let through in exactly this text, oldest first."""
        return list(
            self._session.scalars(
                select(GuardOverride)
                .where(
                    GuardOverride.announcement_id == announcement_id,
                    GuardOverride.text_hash == text_hash,
                )
                .order_by(GuardOverride.id)
            )
        )

    def of_announcement(self, announcement_id: int) -> list[GuardOverride]:
        """What was let through in it at any time, also in texts since changed."""
        return list(
            self._session.scalars(
                select(GuardOverride)
                .where(GuardOverride.announcement_id == announcement_id)
                .order_by(GuardOverride.id)
            )
        )

    def add(
        self,
        announcement_id: int,
        text_hash: str,
        rules: Sequence[str],
        reason: str,
        *,
        user_id: int,
        at: datetime,
    ) -> None:
        """Let ``rules`` through in exactly this text."""
        self._session.add_all(
            GuardOverride(
                office_id=self._office_id,
                announcement_id=announcement_id,
                text_hash=text_hash,
                rule=rule,
                reason=reason,
                user_id=user_id,
                at=at,
            )
            for rule in rules
        )
        self._session.flush()
