"""Why a text that stood already was asked for again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "approvals",
        sa.Column("repeat_reason", sa.String(), server_default="", nullable=False),
    )


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the table, which others refer to
    op.drop_column("approvals", "repeat_reason")
