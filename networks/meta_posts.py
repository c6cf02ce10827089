"""Own posts of Instagram and Threads as their APIs give them, made plain."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from networks.graph import time_of


@dataclass(frozen=True, slots=True)
class MetaPost:
    """An own post; ``text`` is as it was written."""

    id: str
    text: str
    at: datetime | None
    url: str
    media_count: int
    in_reply_to: str | None = None


def post_of(raw: Mapping[str, Any], text: str) -> MetaPost:
    """Read one post; its words stand in the field ``text``."""
    children = (raw.get("children") or {}).get("data", ())
    alone = raw.get("media_type") != "TEXT_POST"
    return MetaPost(
        id=str(raw["id"]),
        text=raw.get(text) or "",
        at=time_of(raw.get("timestamp")),
        url=raw.get("permalink") or "",
        media_count=len(children) or int(alone),
        in_reply_to=(raw.get("replied_to") or {}).get("id"),
    )
