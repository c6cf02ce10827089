"""The parts of a thread: one delivery, sent part by part, each kept with its proof.

A delivery of a thread goes through its states once a part. What is proved of a part is
written here in the unit that lets the next part begin, so a thread goes on where it
was, whatever stopped it. See ``docs/design/0001-the-ledger.md``.
"""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, OfficeOwned
from models.speech import Receipt

LONGEST_KEY = 64


class ThreadPart(OfficeOwned, Base):
    """One part that stands, by number from 1."""

    __tablename__ = "thread_parts"
    __table_args__ = (
        UniqueConstraint("delivery_id", "number"),
        ForeignKeyConstraint(
            ["office_id", "delivery_id"], ["deliveries.office_id", "deliveries.id"]
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int]
    number: Mapped[int]
    text: Mapped[str]
    remote_id: Mapped[str] = mapped_column(String(200), index=True)
    url: Mapped[str]
    posted_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime]
    found_by: Mapped[str] = mapped_column(String(20))  # as of a receipt

    @property
    def receipt(self) -> Receipt:
        """The proof of this part."""
        return Receipt(self.remote_id, self.url, self.posted_at)


def packed(parts: Sequence[str]) -> str:
    """The parts as a variant keeps them; empty for a single post."""
    return json.dumps(list(parts), ensure_ascii=False) if len(parts) > 1 else ""


def unpacked(kept: str) -> tuple[str, ...]:
    """The parts of a thread; none for a single post."""
    return tuple(json.loads(kept)) if kept else ()


def key_of_part(key: str, part: int) -> str:
    """The key of a part, the same whenever it is made; ``key`` is of any part."""
    stem = key.split("~", maxsplit=1)[0].split(".", maxsplit=1)[0]
    suffix = f".{part}" if part > 1 else ""
    return stem[: LONGEST_KEY - len(suffix)] + suffix
