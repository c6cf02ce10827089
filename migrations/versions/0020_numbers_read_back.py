"""Numbers read back."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading_turns",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("absent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "delivery_id"],
            ["deliveries.office_id", "deliveries.id"],
            name=op.f("fk_reading_turns_office_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_reading_turns_office_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_reading_turns")),
    )
    op.create_index("ix_reading_turns_next", "reading_turns", ["next_at"])
    op.create_index("ix_reading_turns_gone", "reading_turns", ["gone_at"])

    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("views", sa.BigInteger(), nullable=True),
        sa.Column("likes", sa.BigInteger(), nullable=True),
        sa.Column("reposts", sa.BigInteger(), nullable=True),
        sa.Column("quotes", sa.BigInteger(), nullable=True),
        sa.Column("replies", sa.BigInteger(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "delivery_id"],
            ["deliveries.office_id", "deliveries.id"],
            name=op.f("fk_readings_office_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_readings_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readings")),
    )
    op.create_index("ix_readings_delivery", "readings", ["delivery_id", "at"])

    op.create_index("ix_deliveries_published", "deliveries", ["published_at"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_published", "deliveries")

    op.drop_index("ix_readings_delivery", "readings")

    op.drop_table("readings")
    op.drop_index("ix_reading_turns_gone", "reading_turns")
    op.drop_index("ix_reading_turns_next", "reading_turns")

    op.drop_table("reading_turns")
