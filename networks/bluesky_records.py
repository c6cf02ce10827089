"""Records of Bluesky as we write and read them, and the names they go by.

Source: https://atproto.com/specs/tid, https://atproto.com/specs/at-uri-scheme and the
lexicons app.bsky.feed.post, app.bsky.embed.images and
app.bsky.notification.listNotifications (seen 2026-11-24); all C.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.errors import Refused
from models.problems import Problem
from models.speech import Numbers
from networks.times import aware

POSTS = "app.bsky.feed.post"
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH = 13
_CLOCK_BITS = 10


def tid(at: datetime, key: str = "") -> str:
    """A record key: microseconds and ten bits, in letters that sort by time.

    Args:
        at: aware.
        key: what the last ten bits are made of; without it they are drawn.
    """
    clock = secrets.randbits(_CLOCK_BITS)
    if key:
        digest = hashlib.sha256(key.encode()).digest()
        clock = int.from_bytes(digest[:2]) & ((1 << _CLOCK_BITS) - 1)
    number = (round(at.timestamp() * 1_000_000) << _CLOCK_BITS) | clock
    letters = []
    for _ in range(_TID_LENGTH):
        letters.append(_DIGITS[number & 31])
        number >>= 5
    return "".join(reversed(letters))


@dataclass(frozen=True, slots=True)
class Uri:
    """The address of a record: ``at://did/collection/key``."""

    repo: str
    collection: str
    key: str

    @classmethod
    def read(cls, text: str) -> "Uri":
        """Take an address apart.

        Raises:
            ValueError: it is none.
        """
        parts = text.removeprefix("at://").split("/")
        if not text.startswith("at://") or len(parts) != 3 or not all(parts):
            raise ValueError("no address of a record")
        return cls(*parts)

    def __str__(self) -> str:
        return f"at://{self.repo}/{self.collection}/{self.key}"


@dataclass(frozen=True, slots=True)
class Record:
    """One post as its author wrote it."""

    uri: str
    cid: str
    text: str
    created_at: datetime | None  # aware; what the writer says
    root: Mapping[str, str] | None = None  # uri and cid of the thread's first post
    reply_to: str | None = None
    media_count: int = 0
    language: str = ""


def record_of(raw: Mapping[str, Any]) -> Record:
    """Read one record with its address.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is none.
    """
    value = raw.get("value") or raw["record"]
    reply = value.get("reply") or {}
    embed = value.get("embed") or {}
    shown = embed.get("media") or embed  # beside a quotation
    images = shown.get("images") or ([shown["video"]] if shown.get("video") else ())
    return Record(
        uri=str(Uri.read(raw["uri"])),
        cid=str(raw["cid"]),
        text=str(value.get("text", "")),
        created_at=aware(value.get("createdAt")),
        root=reply.get("root"),
        reply_to=(reply.get("parent") or {}).get("uri"),
        media_count=len(images),
        language=str((value.get("langs") or [""])[0]),
    )


def counts_of(answer: Mapping[str, Any]) -> dict[str, Numbers]:
    """The numbers of posts by their addresses (app.bsky.feed.defs#postView)."""
    return {
        str(raw["uri"]): Numbers(
            likes=raw.get("likeCount"),
            reposts=raw.get("repostCount"),
            quotes=raw.get("quoteCount"),
            replies=raw.get("replyCount"),
        )
        for raw in answer["posts"]
    }


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification; ``record`` is None where it carries no post."""

    uri: str
    reason: str  # "mention", "reply", "quote", "like", "follow" …
    at: datetime  # aware; when the network saw it
    handle: str
    name: str
    record: Record | None


def notice_of(raw: Mapping[str, Any]) -> Notice:
    """Read one notification.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is none.
    """
    at = aware(raw["indexedAt"])
    if at is None:
        raise ValueError("a notification without a time")
    author = raw["author"]
    is_post = (raw.get("record") or {}).get("$type") == POSTS
    return Notice(
        uri=str(raw["uri"]),
        reason=str(raw["reason"]),
        at=at.astimezone(UTC),
        handle=str(author.get("handle", "")),
        name=str(author.get("displayName") or ""),
        record=record_of(raw) if is_post else None,
    )


def media_id(alt: str, blob: Mapping[str, Any], width: int, height: int) -> str:
    """An uploaded picture as the record will hold it."""
    ratio = {"width": width, "height": height}
    return json.dumps({"alt": alt, "image": blob, "aspectRatio": ratio})


def film_id(alt: str, blob: Mapping[str, Any], width: int, height: int) -> str:
    """An uploaded video as the record will hold it."""
    ratio = {"width": width, "height": height}
    return json.dumps({"alt": alt, "video": blob, "aspectRatio": ratio})


def embed_of(media_ids: Sequence[str]) -> dict[str, Any] | None:
    """The pictures of a post, or its video.

    Raises:
        Refused: one of them was not uploaded here (``MEDIA_REFUSED``).
    """
    images = []
    for text in media_ids:
        try:
            image = json.loads(text)
        except ValueError:
            image = None
        if not isinstance(image, dict):
            raise Refused(Problem.MEDIA_REFUSED, "no picture of this network")
        images.append(image)
    if len(images) == 1 and "video" in images[0]:
        return {"$type": "app.bsky.embed.video", **images[0]}
    return {"$type": "app.bsky.embed.images", "images": images} if images else None


def written(at: datetime) -> str:
    """A time as records hold it: UTC, milliseconds, ``Z``."""
    utc = at.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03}Z"
