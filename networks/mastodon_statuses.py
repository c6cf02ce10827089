"""Statuses as a Mastodon server gives them, made plain.

Source: https://docs.joinmastodon.org/entities/Status/ (seen 2026-07-02).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

from models.speech import Numbers
from networks.times import aware


@dataclass(frozen=True, slots=True)
class Status:
    """One status; ``text`` is plain, with links whole and paragraphs kept."""

    id: str
    url: str
    text: str
    handle: str = ""  # "user" of the same server, "user@host" of another one
    name: str = ""
    created_at: datetime | None = None  # aware
    in_reply_to: str | None = None
    language: str = ""
    media_count: int = 0
    is_public: bool = True  # anyone may read it; neither for followers nor a message


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification; ``status`` is None where it carries none."""

    id: str
    kind: str  # "mention", "favourite", "follow" …
    status: Status | None


def status_of(raw: Mapping[str, Any]) -> Status:
    """Read one status; fields that were not given stay empty.

    Raises:
        ValueError: it has no id, so it is no status.
    """
    if not raw.get("id"):
        raise ValueError("a status without id")
    account = raw.get("account") or {}
    return Status(
        id=str(raw["id"]),
        url=raw.get("url") or raw.get("uri") or "",
        text=_text(raw),
        handle=account.get("acct") or "",
        name=account.get("display_name") or account.get("username") or "",
        created_at=aware(raw.get("created_at")),
        in_reply_to=_id(raw.get("in_reply_to_id")),
        language=raw.get("language") or "",
        media_count=len(raw.get("media_attachments") or ()),
        is_public=raw.get("visibility") not in {"private", "direct"},
    )


def numbers_of(raw: Mapping[str, Any]) -> Numbers:
    """What a server counts; quotes since Mastodon 4.5, and views nowhere."""
    return Numbers(
        likes=raw.get("favourites_count"),
        reposts=raw.get("reblogs_count"),
        quotes=raw.get("quotes_count"),
        replies=raw.get("replies_count"),
    )


def notice_of(raw: Mapping[str, Any]) -> Notice:
    """Read one notification."""
    status = raw.get("status")
    return Notice(
        str(raw["id"]), str(raw.get("type", "")), status_of(status) if status else None
    )


def _text(raw: Mapping[str, Any]) -> str:
    """The content, below the warning that its author put before it."""
    words = (raw.get("spoiler_text") or "", plain_text(raw.get("content") or ""))
    return "\n\n".join(part for part in words if part)


def plain_text(markup: str) -> str:
    """The words of a status: blank line between paragraphs, line break for ``<br>``.

    The pieces of a shortened link are all in the markup; joined they are the link.
    """
    reader = _Words()
    reader.feed(markup)
    reader.close()
    return "".join(reader.pieces).strip()


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


class _Words(HTMLParser):
    """Collects the text of a status."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "p" and self.pieces:
            self.pieces.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
