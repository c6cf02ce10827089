"""Counts of each day, kept with the items; since when an account rests.

The counts are filled from the items that are there (``models/day_counts.py``).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROWS = 1_000  # inserted at a time
KEY = ("office_id", "day", "service", "counted_as")
MOOD = (
    "office_id",
    "at",
    "sentiment",
    "sentiment_sure",
    "story_id",
    "own_release",
    "service",
)


def upgrade() -> None:
    op.add_column(
        "accounts",
        sa.Column("rests_since", sa.DateTime(timezone=True), nullable=True),
    )
    counts = op.create_table(
        "day_counts",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("counted_as", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_day_counts_office_id")
        ),
        sa.PrimaryKeyConstraint(*KEY, name=op.f("pk_day_counts")),
        sqlite_with_rowid=False,
    )
    number = Counter(_places(op.get_bind()))
    rows = [
        dict(zip(KEY, key, strict=True)) | {"number": number[key]} for key in number
    ]
    for start in range(0, len(rows), ROWS):
        op.bulk_insert(counts, rows[start : start + ROWS])
    op.drop_index("ix_items_mood", table_name="items")


def downgrade() -> None:
    op.create_index("ix_items_mood", "items", list(MOOD))
    op.drop_table("day_counts")
    # no batch: on SQLite that rebuilds the table, which others refer to
    op.drop_column("accounts", "rests_since")


def _places(connection: sa.Connection) -> Iterator[tuple[int, date, str, str]]:
    """Where each item counts, by the calendar of its office."""
    offices = sa.table("offices", sa.column("id"), sa.column("timezone"))
    zones = {
        office_id: ZoneInfo(name)
        for office_id, name in connection.execute(sa.select(offices))
    }
    types: dict[str, Any] = {"at": sa.DateTime(timezone=True)}
    columns = [sa.column(name, types.get(name)) for name in MOOD]
    items = connection.execute(
        sa.select(*columns).select_from(sa.table("items")),
        execution_options={"yield_per": 10_000},
    )
    for office_id, at, sentiment, sure, story_id, own, service in items:
        day = _aware(at).astimezone(zones[office_id]).date()
        yield office_id, day, service or "", _counted_as(sentiment, sure, story_id, own)


def _aware(at: datetime) -> datetime:
    """SQLite keeps times in UTC without saying so."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _counted_as(sentiment: str | None, sure: bool, story_id: Any, own: bool) -> str:
    if own:
        return "own"
    if story_id is not None:
        return "copy"
    return sentiment if sentiment and sure else "unsure"
