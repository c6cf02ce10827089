"""The headline as it was sent; empty for what was sent before."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "deliveries",
        sa.Column(
            "sent_title", sa.String(length=160), nullable=False, server_default=""
        ),
    )


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the table, which others refer to
    op.drop_column("deliveries", "sent_title")
