"""Sessions of accounts: what a network gives for a while in exchange for the secrets."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "accounts", sa.Column("sealed_session", sa.LargeBinary(), nullable=True)
    )


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the table, which others refer to
    op.drop_column("accounts", "sealed_session")
