"""Which announcement corrects which."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("announcements", sa.Column("corrects", sa.Integer(), nullable=True))
    op.create_index("ix_announcements_corrects", "announcements", ["corrects"])


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the table, which others refer to
    op.drop_index("ix_announcements_corrects", "announcements")
    op.drop_column("announcements", "corrects")
