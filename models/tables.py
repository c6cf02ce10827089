"""Every table, imported once, so that ``Base.metadata`` is whole."""

from models import (
    account,
    announcement,
    backup,
    chain,
    clock,
    day_counts,
    delivery,
    event,
    idea,
    item,
    office,
    override,
    preflight,
    reading,
    recipient,
    series,
    signature,
    source,
    stop,
    thread,
    withdrawal,
)
from models.base import Base

metadata = Base.metadata

__all__ = [
    "account",
    "announcement",
    "backup",
    "chain",
    "clock",
    "day_counts",
    "delivery",
    "event",
    "idea",
    "item",
    "metadata",
    "office",
    "override",
    "preflight",
    "reading",
    "recipient",
    "series",
    "signature",
    "source",
    "stop",
    "thread",
    "withdrawal",
]
