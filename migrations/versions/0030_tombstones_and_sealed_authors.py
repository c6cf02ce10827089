"""Tombstones, and authors that are sealed or forgotten.

Handles that stood in clear are not carried over: a step has no key to seal them with,
nothing shows them, and the link to what was said stays.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KEPT = sa.text("erased_at IS NULL")
NAMED = sa.text("sealed_author IS NOT NULL")
INTEGRITY = sa.text("severity = 'S1' AND erased_at IS NULL")


def upgrade() -> None:
    op.add_column("documents", _time("erased_at"))
    _partial("ix_documents_kept", "documents", ["first_seen_at"], KEPT)
    op.create_index("ix_fetches_ended", "fetches", ["ended_at"])
    op.create_index("ix_revisions_replaced", "revisions", ["replaced_at"])

    op.add_column("items", sa.Column("sealed_author", sa.LargeBinary(), nullable=True))
    op.add_column("items", _time("erased_at"))
    op.drop_column("items", "author_handle")
    op.drop_index("ix_items_unlabelled", "items")
    _partial("ix_items_unlabelled", "items", ["labelled_by", "id"], KEPT)
    _partial("ix_items_kept", "items", ["at"], KEPT)
    _partial("ix_items_author", "items", ["first_seen_at"], NAMED)
    _partial("ix_items_integrity", "items", ["reply_at"], INTEGRITY)

    op.add_column("offices", sa.Column("sealed_salt", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    _salt_anew()
    op.drop_column("offices", "sealed_salt")

    for name in ("integrity", "author", "kept", "unlabelled"):
        op.drop_index(f"ix_items_{name}", "items")
    op.create_index("ix_items_unlabelled", "items", ["labelled_by", "id"])
    op.add_column(
        "items",
        sa.Column(
            "author_handle", sa.String(length=120), nullable=False, server_default=""
        ),
    )
    op.drop_column("items", "erased_at")
    op.drop_column("items", "sealed_author")

    op.drop_index("ix_revisions_replaced", "revisions")
    op.drop_index("ix_fetches_ended", "fetches")
    op.drop_index("ix_documents_kept", "documents")
    op.drop_column("documents", "erased_at")


def _time(name: str) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _salt_anew() -> None:
    """A sealed salt cannot be read here; an empty one would name everybody."""
    offices = sa.table("offices", sa.column("id"), sa.column("salt"))
    connection = op.get_bind()
    empty = sa.select(offices.c.id).where(offices.c.salt == "")
    for number in connection.scalars(empty).all():
        connection.execute(
            offices.update()
            .where(offices.c.id == number)
            .values(salt=secrets.token_hex(16))
        )
