"""Videos in pieces."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media_pieces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_media_pieces_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_pieces")),
        sa.UniqueConstraint(
            "office_id",
            "sha256",
            "number",
            name=op.f("uq_media_pieces_office_id_sha256_number"),
        ),
    )
    # no batch: others refer to this table
    op.add_column(
        "media", sa.Column("facts", sa.String(), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("media", "facts")
    op.drop_table("media_pieces")
