"""Stops in a table of their own; quiet hours; since when what was held may go on.

A stop that stands on an account goes on as a row of the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("offices", sa.Column("quiet_from", sa.Time(), nullable=True))
    op.add_column("offices", sa.Column("quiet_to", sa.Time(), nullable=True))
    op.add_column("deliveries", sa.Column("released_at", MOMENT, nullable=True))
    op.create_table(
        "stops",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["offices.id"], name=op.f("fk_stops_office_id")
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "account_id"],
            ["accounts.office_id", "accounts.id"],
            name=op.f("fk_stops_office_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["office_id", "made_by"],
            ["users.office_id", "users.id"],
            name=op.f("fk_stops_office_id_made_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    op.create_index("ix_stops_standing", "stops", ["office_id", "ended_at"])
    op.execute(
        "INSERT INTO stops"
        " (office_id, account_id, category, reason, made_by, made_at, until)"
        " SELECT office_id, id, '', stop_reason, stopped_by, stopped_at, stopped_until"
        " FROM accounts WHERE stopped_at IS NOT NULL"
    )
    # no batch: on SQLite that rebuilds the table, which others refer to
    for name in ("stopped_at", "stopped_until", "stopped_by", "stop_reason"):
        op.drop_column("accounts", name)


def downgrade() -> None:
    """Stop accounts, as an older program can: all of an office for a wider stop."""
    for column in (
        sa.Column("stopped_at", MOMENT, nullable=True),
        sa.Column("stopped_until", MOMENT, nullable=True),
        sa.Column("stopped_by", sa.Integer(), nullable=True),
        sa.Column("stop_reason", sa.String(), server_default="", nullable=False),
    ):
        op.add_column("accounts", column)
    concerned = (
        "stops.office_id = accounts.office_id AND stops.ended_at IS NULL"
        " AND (stops.account_id IS NULL OR stops.account_id = accounts.id)"
    )
    op.execute(
        "UPDATE accounts SET (stopped_at, stopped_until, stopped_by, stop_reason) ="  # noqa: S608 - our own words
        " (SELECT made_at, until, made_by, reason FROM stops WHERE stops.id ="
        f" (SELECT MAX(stops.id) FROM stops WHERE {concerned}))"
        f" WHERE EXISTS (SELECT 1 FROM stops WHERE {concerned})"
    )
    op.drop_index("ix_stops_standing", table_name="stops")
    op.drop_table("stops")
    op.drop_column("deliveries", "released_at")
    op.drop_column("offices", "quiet_to")
    op.drop_column("offices", "quiet_from")
