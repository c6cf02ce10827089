"""The names that posts choose for themselves, kept with their deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deliveries", sa.Column("record_key", sa.String(length=200), nullable=True)
    )


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the table, which others refer to
    op.drop_column("deliveries", "record_key")
