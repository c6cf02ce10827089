"""Signatures under an asking: one a person and step, bound to the exact content."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    String,
    UniqueConstraint,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfficeOwned
from models.repository import Repository

MOST_STEPS = 3
"""So many signatures an announcement can need."""


class Signature(OfficeOwned, Base):
    """One person's yes to one step of one asking.

    The database itself ties it to the asking with its hash, author and asker, and lets
    neither of them sign, nor anybody twice.
    """

    __tablename__ = "signatures"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "approval_id", "content_hash", "author_id", "asked_by"],
            [
                "approvals.office_id",
                "approvals.id",
                "approvals.content_hash",
                "approvals.author_id",
                "approvals.asked_by",
            ],
            name="fk_signatures_approval",
        ),
        ForeignKeyConstraint(
            ["office_id", "signed_by"], ["users.office_id", "users.id"]
        ),
        CheckConstraint(
            "signed_by <> author_id AND signed_by <> asked_by",
            name="maker_not_checker",
        ),
        CheckConstraint(f"step BETWEEN 1 AND {MOST_STEPS}", name="step_known"),
        UniqueConstraint("approval_id", "step"),
        UniqueConstraint("approval_id", "signed_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    approval_id: Mapped[int]
    step: Mapped[int]  # from 1
    content_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int]  # as the asking has them
    asked_by: Mapped[int]
    signed_by: Mapped[int]
    signed_at: Mapped[datetime]


class Signatures(Repository):
    """Signatures of an office; rows are only ever added."""

    def of(self, approval_id: int) -> list[Signature]:
        """The signatures under one asking, by step."""
        return self.of_all([approval_id])

    def of_all(self, approval_ids: Collection[int]) -> list[Signature]:
        """The signatures under several askings, by asking and step."""
        return list(
            self._session.scalars(
                select(Signature)
                .where(Signature.approval_id.in_(approval_ids))
                .order_by(Signature.approval_id, Signature.step)
            )
        )

    def add(self, signature: Signature) -> None:
        """Keep a new signature; the database refuses a second of one person."""
        self._session.add(signature)
        self._session.flush()


def whole(signatures: Sequence[Signature], steps: int) -> bool:
    """Whether every step up to ``steps`` is signed, each by somebody else."""
    signed = {one.step: one.signed_by for one in signatures}
    needed = [signed.get(step) for step in range(1, steps + 1)]
    return None not in needed and len(set(needed)) == steps
