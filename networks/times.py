"""Times as networks write them, made aware."""

from datetime import UTC, datetime
from typing import Any


def aware(at: Any) -> datetime | None:
    """A time of the API, aware; None for what is none."""
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return None
    if not isinstance(at, datetime):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
