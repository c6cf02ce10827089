"""What people take back from the public, and every try."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("still_up", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_token", sa.String(length=32), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "account_id"],
            ["accounts.office_id", "accounts.id"],
            name=op.f("fk_withdrawals_office_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "asked_by"],
            ["users.office_id", "users.id"],
            name=op.f("fk_withdrawals_office_id_asked_by"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "delivery_id"],
            ["deliveries.office_id", "deliveries.id"],
            name=op.f("fk_withdrawals_office_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_withdrawals_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_withdrawals_delivery_id")),
        sa.UniqueConstraint(
            "office_id", "id", name=op.f("uq_withdrawals_office_id_id")
        ),
    )
    op.create_index("ix_withdrawals_next", "withdrawals", ["state", "next_at"])
    op.create_table(
        "withdrawal_tries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("withdrawal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.String(length=200), nullable=False),
        sa.Column("armed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "withdrawal_id"],
            ["withdrawals.office_id", "withdrawals.id"],
            name=op.f("fk_withdrawal_tries_office_id_withdrawal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_withdrawal_tries_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal_tries")),
        sa.UniqueConstraint(
            "withdrawal_id",
            "number",
            name=op.f("uq_withdrawal_tries_withdrawal_id_number"),
        ),
    )


def downgrade() -> None:
    op.drop_table("withdrawal_tries")
    op.drop_index("ix_withdrawals_next", "withdrawals")
    op.drop_table("withdrawals")
