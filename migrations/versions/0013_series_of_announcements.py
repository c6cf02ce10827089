"""Series: announcements that come back, their approvals, and the days made."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("active_since", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "author_id"],
            ["users.office_id", "users.id"],
            name=op.f("fk_series_office_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_series_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("office_id", "id", name=op.f("uq_series_office_id_id")),
    )
    op.create_index("ix_series_office_state", "series", ["office_id", "state"])

    op.create_table(
        "series_accounts",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "account_id"],
            ["accounts.office_id", "accounts.id"],
            name=op.f("fk_series_accounts_office_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "series_id"],
            ["series.office_id", "series.id"],
            name=op.f("fk_series_accounts_office_id_series_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_series_accounts_office_id")
        ),
        sa.PrimaryKeyConstraint(
            "series_id", "account_id", name=op.f("pk_series_accounts")
        ),
    )
    op.create_table(
        "series_approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "decided_by IS NULL OR (decided_by <> author_id AND decided_by <> asked_by)",
            name=op.f("ck_series_approvals_maker_not_checker"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "author_id"],
            ["users.office_id", "users.id"],
            name=op.f("fk_series_approvals_office_id_author_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "decided_by"],
            ["users.office_id", "users.id"],
            name=op.f("fk_series_approvals_office_id_decided_by"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "series_id"],
            ["series.office_id", "series.id"],
            name=op.f("fk_series_approvals_office_id_series_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_series_approvals_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_approvals")),
    )
    op.create_index(
        "ix_series_approvals_series", "series_approvals", ["office_id", "series_id"]
    )

    op.create_table(
        "series_dates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("announcement_id", sa.Integer(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id", "announcement_id"],
            ["announcements.office_id", "announcements.id"],
            name=op.f("fk_series_dates_office_id_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "series_id"],
            ["series.office_id", "series.id"],
            name=op.f("fk_series_dates_office_id_series_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_series_dates_office_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_dates")),
        sa.UniqueConstraint(
            "series_id", "day", name=op.f("uq_series_dates_series_id_day")
        ),
    )
    op.create_index("ix_series_dates_announcement", "series_dates", ["announcement_id"])


def downgrade() -> None:
    op.drop_index("ix_series_dates_announcement", table_name="series_dates")
    op.drop_table("series_dates")
    op.drop_index("ix_series_approvals_series", table_name="series_approvals")
    op.drop_table("series_approvals")
    op.drop_table("series_accounts")
    op.drop_index("ix_series_office_state", table_name="series")
    op.drop_table("series")
