"""Words of items, for searching, and kept queries."""

import sqlalchemy as sa
from alembic import op

from models.search_table import create, drop, fill

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_queries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "changed_by"],
            ["users.office_id", "users.id"],
            name=op.f("fk_saved_queries_office_id_changed_by"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_saved_queries_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_queries")),
        sa.UniqueConstraint(
            "office_id", "name", name=op.f("uq_saved_queries_office_id_name")
        ),
    )
    create(op.get_bind())
    fill(op.get_bind())


def downgrade() -> None:
    drop(op.get_bind())
    op.drop_table("saved_queries")
