"""Updates of Telegram's Bot API made plain: what was said below a channel's posts.

Source: https://core.telegram.org/bots/api#message (Bot API, seen 2026-11-24).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Comment:
    """One message in a group; ``id`` is unique over all chats."""

    id: str  # "chat:message"
    chat_id: int
    message_id: int
    text: str
    handle: str  # user name, else the number
    name: str
    at: datetime | None
    answers: str | None  # the channel's own message id, or a comment's id
    by_chat: int | None  # written in the name of this chat
    forwarded: bool  # the network's own copy of a channel post
    chat_name: str = ""  # user name of the group, when it is public


@dataclass(frozen=True, slots=True)
class Update:
    """One step of the queue; ``comment`` is None where nothing was said."""

    number: int
    comment: Comment | None


def update_of(raw: Mapping[str, Any]) -> Update:
    """Read one update; other kinds than messages of people stay empty."""
    message = raw.get("message")
    return Update(int(raw["update_id"]), comment_of(message) if message else None)


def comment_of(raw: Mapping[str, Any]) -> Comment | None:
    """Read one message; None for what has no words (a photo alone, a service note)."""
    text = raw.get("text") or raw.get("caption") or ""
    if not text:
        return None
    chat, sender = raw["chat"], raw.get("sender_chat")
    author: Mapping[str, Any] = sender or raw.get("from") or {}
    return Comment(
        id=f"{chat['id']}:{raw['message_id']}",
        chat_id=int(chat["id"]),
        message_id=int(raw["message_id"]),
        text=text,
        handle=author.get("username") or str(author.get("id", "")),
        name=_name(author),
        at=_time(raw.get("date")),
        answers=_answered(raw.get("reply_to_message")),
        by_chat=int(sender["id"]) if sender else None,
        forwarded=bool(raw.get("is_automatic_forward")),
        chat_name=chat.get("username") or "",
    )


def _answered(raw: Mapping[str, Any] | None) -> str | None:
    """What a message answers: the channel post behind a copy, else the message."""
    if raw is None:
        return None
    origin = raw.get("forward_origin") or {}
    if raw.get("is_automatic_forward") and origin.get("type") == "channel":
        return str(origin["message_id"])
    return f"{raw['chat']['id']}:{raw['message_id']}"


def _name(author: Mapping[str, Any]) -> str:
    if author.get("title"):
        return str(author["title"])
    names: Sequence[Any] = (author.get("first_name"), author.get("last_name"))
    return " ".join(str(one) for one in names if one)


def _time(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
