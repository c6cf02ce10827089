"""Boxes for suggestions: one for each service desk, and the slips put into them.

A slip is an item like any other (``network`` is :data:`FORM`); what belongs to the
citizen alone stands beside it: the hash of the receipt number, a sealed contact if one
was given, and the office's answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, EnumText, OfficeOwned
from models.item import Item
from models.labels import Service
from models.repository import Repository

CONTACT = "sealed_contact IS NOT NULL"
FORM = "form"  # stands in ``Item.network`` for what came through our own page


class SuggestionBox(OfficeOwned, Base):
    """Where citizens write to one desk; its code stands in the address of the page."""

    __tablename__ = "suggestion_boxes"
    __table_args__ = (
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("code"),
        ForeignKeyConstraint(["office_id", "made_by"], ["users.office_id", "users.id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))  # as citizens read it: Loket SIM
    service: Mapped[Service | None] = mapped_column(EnumText(Service))
    made_by: Mapped[int]
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Slip(OfficeOwned, Base):
    """What one citizen put into a box, beside the item it became."""

    __tablename__ = "slips"
    __table_args__ = (
        UniqueConstraint("item_id"),
        UniqueConstraint("receipt_sha256"),
        ForeignKeyConstraint(
            ["office_id", "item_id"],
            ["items.office_id", "items.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["office_id", "box_id"],
            ["suggestion_boxes.office_id", "suggestion_boxes.id"],
        ),
        Index("ix_slips_box", "office_id", "box_id", "at"),
        # contacts that are still kept; few whatever the number of slips
        Index(
            "ix_slips_contact",
            "at",
            sqlite_where=text(CONTACT),
            postgresql_where=text(CONTACT),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int]
    box_id: Mapped[int]
    at: Mapped[datetime]
    receipt_sha256: Mapped[str] = mapped_column(String(64))
    sealed_contact: Mapped[bytes | None]  # until the case is closed
    answer: Mapped[str] = mapped_column(default="")  # read with the receipt number
    answered_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Counted:
    """A box with what was put into it."""

    box: SuggestionBox
    slips: int
    newest: datetime | None


class SuggestionBoxes(Repository):
    """Boxes and slips."""

    def open_one(self, code: str) -> SuggestionBox | None:
        """The box of an address, if it is open; of any office in a system's scope."""
        return self._session.scalar(
            select(SuggestionBox).where(
                SuggestionBox.code == code, SuggestionBox.closed_at.is_(None)
            )
        )

    def get(self, box_id: int) -> SuggestionBox:
        """One box.

        Raises:
            NotFound: the office has none of this id.
        """
        return self._need(SuggestionBox, box_id)

    def listed(self) -> Sequence[Counted]:
        """The office's boxes, the open ones first, with the number of their slips."""
        rows = self._session.execute(
            select(SuggestionBox, func.count(Slip.id), func.max(Slip.at))
            .outerjoin(Slip, Slip.box_id == SuggestionBox.id)
            .group_by(SuggestionBox.id)
            .order_by(SuggestionBox.closed_at.is_not(None), SuggestionBox.id)
        )
        return [Counted(*row) for row in rows]

    def add(self, box: SuggestionBox) -> None:
        self._session.add(box)
        self._session.flush()

    def since(self, at: datetime, box_id: int | None = None) -> int:
        """How many slips came since then, into one box or into all of the office."""
        wanted = select(func.count(Slip.id)).where(Slip.at > at)
        if box_id is not None:
            wanted = wanted.where(Slip.box_id == box_id)
        return self._session.scalar(wanted) or 0

    def put(self, item: Item, slip: Slip) -> None:
        """Keep a slip with its item."""
        self._session.add(item)
        self._session.flush()
        slip.item_id = item.id
        self._session.add(slip)
        self._session.flush()

    def by_receipt(self, sha256: str) -> tuple[Slip, Item, SuggestionBox] | None:
        """What a receipt number stands for; of any office in a system's scope."""
        row = self._session.execute(
            select(Slip, Item, SuggestionBox)
            .join(Item, Item.id == Slip.item_id)
            .join(SuggestionBox, SuggestionBox.id == Slip.box_id)
            .where(Slip.receipt_sha256 == sha256)
        ).one_or_none()
        return None if row is None else (row[0], row[1], row[2])

    def forget_contact(self, item_id: int) -> None:
        """The case is closed: what the citizen left to be reached by goes."""
        self._session.execute(
            update(Slip).where(Slip.item_id == item_id).values(sealed_contact=None)
        )

    def of_item(self, item_id: int) -> tuple[Slip, SuggestionBox] | None:
        """The slip that became an item, and its box."""
        row = self._session.execute(
            select(Slip, SuggestionBox)
            .join(SuggestionBox, SuggestionBox.id == Slip.box_id)
            .where(Slip.item_id == item_id)
        ).one_or_none()
        return None if row is None else (row[0], row[1])
