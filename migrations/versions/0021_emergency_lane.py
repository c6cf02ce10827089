"""The emergency lane: its template and fields, and the signature after the fact."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENTS = ("countersign_by", "countersigned_at", "countersign_missed_at")


def upgrade() -> None:
    op.add_column(
        "announcements",
        sa.Column("emergency", sa.String(), server_default="", nullable=False),
    )
    op.add_column(
        "offices",
        sa.Column(
            "countersign_hours", sa.Integer(), server_default="24", nullable=False
        ),
    )
    for name in MOMENTS:
        op.add_column(
            "approvals", sa.Column(name, sa.DateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    # no batch: on SQLite that rebuilds tables that others refer to
    for name in reversed(MOMENTS):
        op.drop_column("approvals", name)
    op.drop_column("offices", "countersign_hours")
    op.drop_column("announcements", "emergency")
