"""Alembic's environment: the connection comes from ``pipeline.schema``."""

from typing import Any, Literal

from alembic import context

from models.base import EnumText, UTCDateTime
from models.search_table import is_ours
from models.tables import metadata


def plain_type(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own types as what the database sees, so that a step stands alone."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, EnumText):
        return f"sa.String(length={item.impl.length})"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=plain_type,
    compare_type=True,
    include_name=is_ours,
)
with context.begin_transaction():
    context.run_migrations()
