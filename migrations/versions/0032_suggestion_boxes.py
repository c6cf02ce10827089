"""Boxes for suggestions of citizens, and the slips put into them."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MENTIONS = "reply = 'open' AND account_id IS NOT NULL AND story_id IS NULL"
WAITING = "reply = 'open' AND network <> 'feed' AND story_id IS NULL"

CONTACT = "sealed_contact IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "suggestion_boxes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "made_by"],
            ["users.office_id", "users.id"],
            name=op.f("fk_suggestion_boxes_office_id_made_by"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_suggestion_boxes_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion_boxes")),
        sa.UniqueConstraint("code", name=op.f("uq_suggestion_boxes_code")),
        sa.UniqueConstraint(
            "office_id", "id", name=op.f("uq_suggestion_boxes_office_id_id")
        ),
    )
    op.create_table(
        "slips",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt_sha256", sa.String(length=64), nullable=False),
        sa.Column("sealed_contact", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "box_id"],
            ["suggestion_boxes.office_id", "suggestion_boxes.id"],
            name=op.f("fk_slips_office_id_box_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "item_id"],
            ["items.office_id", "items.id"],
            name=op.f("fk_slips_office_id_item_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_slips_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
        sa.UniqueConstraint("item_id", name=op.f("uq_slips_item_id")),
        sa.UniqueConstraint("receipt_sha256", name=op.f("uq_slips_receipt_sha256")),
    )
    op.create_index("ix_slips_box", "slips", ["office_id", "box_id", "at"])
    op.create_index(
        "ix_slips_contact",
        "slips",
        ["at"],
        sqlite_where=sa.text(CONTACT),
        postgresql_where=sa.text(CONTACT),
    )
    _waiting(WAITING)


def downgrade() -> None:
    _waiting(MENTIONS)
    op.drop_table("slips")
    op.drop_table("suggestion_boxes")


def _waiting(which: str) -> None:
    op.drop_index("ix_items_waiting", table_name="items")
    op.create_index(
        "ix_items_waiting",
        "items",
        ["office_id", "severity", "at"],
        sqlite_where=sa.text(which),
        postgresql_where=sa.text(which),
    )
