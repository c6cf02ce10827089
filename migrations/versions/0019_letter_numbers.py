"""The letter number (nomor surat) of an announcement."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "announcements",
        sa.Column(
            "letter_number", sa.String(length=80), server_default="", nullable=False
        ),
    )


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the table, which others refer to
    op.drop_column("announcements", "letter_number")
