"""Threads: the parts of a variant, where a delivery is in them, and what stands."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.String(length=200)
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "thread_parts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("remote_id", ID, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("posted_at", AT, nullable=True),
        sa.Column("recorded_at", AT, nullable=False),
        sa.Column("found_by", sa.String(length=20), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "delivery_id"],
            ["deliveries.office_id", "deliveries.id"],
            name=op.f("fk_thread_parts_office_id_delivery_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_thread_parts_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_parts")),
        sa.UniqueConstraint(
            "delivery_id", "number", name=op.f("uq_thread_parts_delivery_id_number")
        ),
    )
    op.create_index(op.f("ix_thread_parts_remote_id"), "thread_parts", ["remote_id"])
    for name in ("part", "parts"):
        column = sa.Column(name, sa.Integer(), server_default="1", nullable=False)
        op.add_column("deliveries", column)
    op.add_column(
        "deliveries", sa.Column("reply_to", ID, server_default="", nullable=False)
    )
    op.add_column(
        "deliveries",
        sa.Column("restored", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "variants", sa.Column("parts", sa.String(), server_default="", nullable=False)
    )


def downgrade() -> None:
    # no batch: on SQLite that rebuilds the tables, which others refer to
    op.drop_column("variants", "parts")
    for name in ("restored", "reply_to", "parts", "part"):
        op.drop_column("deliveries", name)
    op.drop_index(op.f("ix_thread_parts_remote_id"), table_name="thread_parts")
    op.drop_table("thread_parts")
