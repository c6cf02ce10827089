"""Signatures of their own, how many an office wants, and what was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# whoever decided alone gave the one signature that was needed then
CARRIED = """
INSERT INTO signatures
    (office_id, approval_id, step, content_hash, author_id, asked_by, signed_by,
     signed_at)
SELECT office_id, id, 1, content_hash, author_id, asked_by, decided_by, decided_at
FROM approvals
WHERE approved AND decided_by IS NOT NULL AND decided_at IS NOT NULL
    AND decided_by <> author_id AND decided_by <> asked_by
ORDER BY id
"""


def upgrade() -> None:
    op.add_column(
        "offices",
        sa.Column("signatures", sa.Integer(), server_default="1", nullable=False),
    )
    op.add_column(
        "approvals",
        sa.Column("steps", sa.Integer(), server_default="1", nullable=False),
    )
    op.add_column(
        "approvals",
        sa.Column("content", sa.String(), server_default="", nullable=False),
    )
    op.create_index(
        "ix_approvals_signed",
        "approvals",
        ["office_id", "id", "content_hash", "author_id", "asked_by"],
        unique=True,
    )
    op.create_table(
        "signatures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "signed_by <> author_id AND signed_by <> asked_by",
            name=op.f("ck_signatures_maker_not_checker"),
        ),
        sa.CheckConstraint(
            "step BETWEEN 1 AND 3", name=op.f("ck_signatures_step_known")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "approval_id", "content_hash", "author_id", "asked_by"],
            [
                "approvals.office_id",
                "approvals.id",
                "approvals.content_hash",
                "approvals.author_id",
                "approvals.asked_by",
            ],
            name="fk_signatures_approval",
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "signed_by"],
            ["users.office_id", "users.id"],
            name=op.f("fk_signatures_office_id_signed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_signatures_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatures")),
        sa.UniqueConstraint(
            "approval_id", "signed_by", name=op.f("uq_signatures_approval_id_signed_by")
        ),
        sa.UniqueConstraint(
            "approval_id", "step", name=op.f("uq_signatures_approval_id_step")
        ),
    )
    op.execute(CARRIED)


def downgrade() -> None:
    op.drop_table("signatures")
    op.drop_index("ix_approvals_signed", "approvals")
    # no batch: on SQLite that rebuilds tables that others refer to
    op.drop_column("approvals", "content")
    op.drop_column("approvals", "steps")
    op.drop_column("offices", "signatures")
