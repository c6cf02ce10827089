"""The ledger: one announcement on its way to one account, every try, and the proof."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.problems import Problem
from models.repository import Repository
from models.states import DeliveryState


class Delivery(OfficeOwned, Base):
    """One post to be; the row at send time decides, whatever was queued."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("announcement_id", "account_id", "round"),
        ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
        ),
        ForeignKeyConstraint(
            ["office_id", "account_id"], ["accounts.office_id", "accounts.id"]
        ),
        Index("ix_deliveries_due", "account_id", "state", "due_at", "id"),
        Index("ix_deliveries_state", "state", "lease_until"),
        Index("ix_deliveries_office", "office_id", "due_at"),
        Index("ix_deliveries_remote", "account_id", "remote_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int]
    account_id: Mapped[int]
    round: Mapped[int] = mapped_column(
        default=1
    )  # a new round only after a new approval
    key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[DeliveryState] = mapped_column(EnumText(DeliveryState))
    due_at: Mapped[datetime]
    not_after: Mapped[datetime | None]

    # the worker's lease on this row; the account's lease guards the order
    lease_token: Mapped[str] = mapped_column(String(32), default="")
    lease_until: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)

    # what was prepared and armed
    media_ids: Mapped[str] = mapped_column(default="")  # JSON list
    media_at: Mapped[datetime | None]
    sent_text: Mapped[str] = mapped_column(default="")  # as armed
    armed_at: Mapped[datetime | None]  # the first arming of this round

    # settling
    looks: Mapped[int] = mapped_column(default=0)
    next_look_at: Mapped[datetime | None]

    # how it stands
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")  # what the network said
    reason: Mapped[str] = mapped_column(default="")  # what a person said
    remote_id: Mapped[str] = mapped_column(String(200), default="")
    url: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Attempt(OfficeOwned, Base):
    """One arming of one delivery and what came of it."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("delivery_id", "number"),
        ForeignKeyConstraint(
            ["office_id", "delivery_id"],
            ["deliveries.office_id", "deliveries.id"],
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int]
    number: Mapped[int]
    worker: Mapped[str] = mapped_column(String(80))
    armed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[DeliveryState | None] = mapped_column(EnumText(DeliveryState))
    problem: Mapped[Problem | None] = mapped_column(EnumText(Problem))
    detail: Mapped[str] = mapped_column(default="")


class ReceiptRow(OfficeOwned, Base):
    """The network's proof that a post stands; kept when the post is withdrawn."""

    __tablename__ = "receipts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(unique=True)
    remote_id: Mapped[str] = mapped_column(String(200))
    url: Mapped[str]
    posted_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    found_by: Mapped[str] = mapped_column(String(20))  # answer, replay, look_up, person


class Deliveries(Repository):
    """The ledger of deliveries."""
