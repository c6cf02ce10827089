"""Tokens that end by themselves: since when, until when, and when they are looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
COLUMNS = {
    "token_made_at": MOMENT,
    "token_ends_at": MOMENT,
    "token_next_at": MOMENT,
    "token_problem": sa.String(length=40),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("accounts", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the table, which others refer to
    for name in reversed(COLUMNS):
        op.drop_column("accounts", name)
