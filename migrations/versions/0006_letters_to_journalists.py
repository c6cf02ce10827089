"""Letters to journalists: a list an account, and whom a delivery goes to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recipients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("medium", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "account_id"],
            ["accounts.office_id", "accounts.id"],
            name=op.f("fk_recipients_office_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_recipients_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipients")),
        sa.UniqueConstraint("office_id", "id", name=op.f("uq_recipients_office_id_id")),
    )
    op.create_index("ix_recipients_account", "recipients", ["office_id", "account_id"])
    op.add_column(
        "accounts",
        sa.Column("hears", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column("deliveries", sa.Column("recipient_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    # no batch: on SQLite that rebuilds a table, which others refer to
    op.drop_column("deliveries", "recipient_id")
    op.drop_column("accounts", "hears")
    op.drop_table("recipients")
