"""Links of aggregators."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # no batch: others refer to this table
    op.add_column(
        "documents", sa.Column("via", sa.String(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("documents", "via")
