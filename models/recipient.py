"""Whom an office writes to: journalists and their addresses, personal data.

Only what a letter needs is kept. Who is taken off the list is emptied at once; the row
itself stays, because deliveries name it.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.delivery import Delivery
from models.problems import Problem
from models.repository import Repository
from models.speech import Addressee

LONGEST_SAID = 300


class Recipient(OfficeOwned, Base):
    """One person on the list of one account."""

    __tablename__ = "recipients"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
        Index("ix_recipients_account", "office_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))
    medium: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]
    off_at: Mapped[datetime | None]  # its server refused it; nothing goes there
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(String(LONGEST_SAID), default="")
    removed_at: Mapped[datetime | None]

    def __repr__(self) -> str:
        return f"<Recipient {self.id}>"

    @property
    def is_on(self) -> bool:
        """Whether letters go there."""
        return self.removed_at is None and self.off_at is None


class Recipients(Repository):
    """The lists of an office's accounts."""

    def get(self, recipient_id: int) -> Recipient:
        """One recipient of this scope.

        Raises:
            NotFound: there is none.
        """
        return self._need(Recipient, recipient_id)

    def listed(self, account_ids: Collection[int] | None = None) -> list[Recipient]:
        """Who stands on the lists, by name; the removed do not."""
        statement = select(Recipient).where(Recipient.removed_at.is_(None))
        if account_ids is not None:
            statement = statement.where(Recipient.account_id.in_(account_ids))
        return list(
            self._session.scalars(statement.order_by(Recipient.name, Recipient.id))
        )

    def on(self, account_id: int) -> list[int]:
        """The ids of those to whom a letter of this account goes, in order of entry."""
        return list(
            self._session.scalars(
                select(Recipient.id)
                .where(
                    Recipient.account_id == account_id,
                    Recipient.removed_at.is_(None),
                    Recipient.off_at.is_(None),
                )
                .order_by(Recipient.id)
            )
        )

    def find(self, account_id: int, address: str) -> Recipient | None:
        """Who has this address on an account's list."""
        return self._session.scalar(
            select(Recipient).where(
                Recipient.account_id == account_id,
                Recipient.address == address,
                Recipient.removed_at.is_(None),
            )
        )

    def add(self, recipient: Recipient) -> int:
        """Store a new recipient and return the id."""
        self._session.add(recipient)
        self._session.flush()
        return recipient.id

    def is_on(self, recipient_id: int) -> bool:
        """Whether letters go to this recipient now."""
        found = self._session.get(Recipient, recipient_id, populate_existing=True)
        return found is not None and found.is_on

    def addressee(self, recipient_id: int) -> Addressee:
        """Name and address of a recipient; empty when they were taken off."""
        found = self.get(recipient_id)
        return Addressee(found.name, found.address)

    def letter(self, message_id: str) -> Delivery | None:
        """The delivery of a letter, by the id that it was handed over under."""
        return self._session.scalar(
            select(Delivery).where(
                Delivery.remote_id == message_id, Delivery.recipient_id.is_not(None)
            )
        )

    def turn_off(
        self, recipient_id: int, problem: Problem, detail: str, now: datetime
    ) -> None:
        """Send nothing there any more, and say why."""
        found = self.get(recipient_id)
        found.off_at = found.off_at or now
        found.problem = problem
        found.detail = detail[:LONGEST_SAID]
