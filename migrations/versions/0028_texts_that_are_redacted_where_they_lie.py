"""How far stored texts were redacted; the texts follow in small units.

See ``pipeline/rewriting.py``: a step is one transaction, and a large database must not
be rewritten in one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "rewrites",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rewrites")),
    )


def downgrade() -> None:

    op.drop_table("rewrites")
