"""What became of deliveries, on its way to the office's own programs."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "account_id"],
            ["accounts.office_id", "accounts.id"],
            name=op.f("fk_delivery_events_office_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "delivery_id"],
            ["deliveries.office_id", "deliveries.id"],
            name=op.f("fk_delivery_events_office_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_delivery_events_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_events")),
        sa.UniqueConstraint(
            "account_id",
            "delivery_id",
            "state",
            name=op.f("uq_delivery_events_account_id_delivery_id_state"),
        ),
    )
    op.create_index(
        "ix_delivery_events_next",
        "delivery_events",
        ["account_id", "ended_at", "next_at"],
    )
    op.create_index("ix_deliveries_changed", "deliveries", ["office_id", "updated_at"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_changed", "deliveries")
    op.drop_index("ix_delivery_events_next", "delivery_events")
    op.drop_table("delivery_events")
