"""Posts and comments of a Facebook Page as the Graph API gives them, made plain.

Source: https://developers.facebook.com/docs/graph-api/reference/page-post and
/docs/graph-api/reference/comment (seen 2026-11-24).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.speech import Numbers
from networks.graph import Remark, Remarks, Thread, after_of, items_of, time_of


@dataclass(frozen=True, slots=True)
class Post:
    """An own post; ``text`` is as it was written."""

    id: str
    text: str
    at: datetime | None
    url: str
    media_count: int
    moves: bool = False  # a video hangs on it


def post_of(raw: Mapping[str, Any]) -> Post:
    """Read one post."""
    return Post(
        id=str(raw["id"]),
        text=raw.get("message") or "",
        at=time_of(raw.get("created_time")),
        url=raw.get("permalink_url") or "",
        media_count=_pictures(raw),
        moves="video" in _kinds(raw),
    )


def _kinds(raw: Mapping[str, Any]) -> set[str]:
    return {
        str(each.get("media_type"))
        for each in (raw.get("attachments") or {}).get("data", ())
    }


def _pictures(raw: Mapping[str, Any]) -> int:
    """How many pictures hang on a post; one alone is no album of one.

    A link in the text is attached as a preview, which is no picture of ours.
    """
    count = 0
    for each in (raw.get("attachments") or {}).get("data", ()):
        parts = (each.get("subattachments") or {}).get("data", ())
        count += len(parts) or each.get("media_type") == "photo"
    return count


def numbers_of(raw: Mapping[str, Any]) -> Numbers:
    """The counts of a post or a comment; a post that nobody shared has no shares.

    All reactions count as likes.
    """
    return Numbers(
        likes=raw.get("like_count", _total(raw, "reactions")),
        reposts=(raw.get("shares") or {}).get("count"),
        replies=raw.get("comment_count", _total(raw, "comments")),
    )


def _total(raw: Mapping[str, Any], edge: str) -> int | None:
    return ((raw.get(edge) or {}).get("summary") or {}).get("total_count")


def remark_of(raw: Mapping[str, Any], below: str) -> Remark:
    """Read one comment that stands ``below`` something."""
    author = raw.get("from") or {}
    parent = (raw.get("parent") or {}).get("id")
    return Remark(
        id=str(raw["id"]),
        text=raw.get("message") or "",
        handle=str(author.get("id") or ""),
        name=author.get("name") or "",
        at=time_of(raw.get("created_time")),
        url=raw.get("permalink_url") or "",
        answers=str(parent or below),
        media_count=int(bool(raw.get("attachment"))),
    )


def thread_of(raw: Mapping[str, Any]) -> Thread:
    """Read one own post with its newest comments."""
    post_id = str(raw["id"])
    below = raw.get("comments")
    if below is None:
        return Thread(post_id, Remarks())
    items = tuple(remark_of(each, post_id) for each in items_of(below))
    return Thread(post_id, Remarks(items, after_of(below)))
