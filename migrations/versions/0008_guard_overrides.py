"""What the guard blocked and a person let through; contacts that are public."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "offices",
        sa.Column("public_contacts", sa.String(), nullable=False, server_default=""),
    )
    op.create_table(
        "guard_overrides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "reason <> ''", name=op.f("ck_guard_overrides_reason_written")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
            name=op.f("fk_guard_overrides_office_id_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "user_id"],
            ["users.office_id", "users.id"],
            name=op.f("fk_guard_overrides_office_id_user_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_guard_overrides_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guard_overrides")),
    )
    op.create_index(
        "ix_guard_overrides_text",
        "guard_overrides",
        ["office_id", "announcement_id", "text_hash"],
    )


def downgrade() -> None:
    op.drop_index("ix_guard_overrides_text", table_name="guard_overrides")
    op.drop_table("guard_overrides")
    op.drop_column("offices", "public_contacts")
