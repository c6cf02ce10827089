"""Posts as X API v2 gives them, made plain.

Source: X API v2 OpenAPI 2.167 (``post.fields``, ``referenced_posts``, ``note_post``;
seen 2026-11-24). Answers with the older names (``referenced_tweets``, ``note_tweet``)
are read too.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.speech import Numbers
from networks.times import aware

POST_FIELDS = (
    "attachments",
    "conversation_id",
    "created_at",
    "entities",
    "id",
    "lang",
    "note_post",
    "text",
)
EXPANSIONS = ("author_id", "referenced_posts")
USER_FIELDS = ("id", "name", "username")
_NOT_FOUND = "/problems/resource-not-found"


@dataclass(frozen=True, slots=True)
class Post:
    """One post; ``text`` is plain, with links written out and pictures' links gone."""

    id: str
    text: str
    author_id: str = ""
    username: str = ""
    name: str = ""
    created_at: datetime | None = None  # aware
    created_raw: str = ""
    in_reply_to: str | None = None
    language: str = ""
    media_count: int = 0


@dataclass(frozen=True, slots=True)
class PostPage:
    """One page, newest first; ``next_token`` leads to what is older."""

    posts: tuple[Post, ...]
    next_token: str | None


def page_of(answer: Mapping[str, Any]) -> PostPage:
    """Read the answer of a timeline or a search."""
    included = answer.get("includes") or {}
    people = {user["id"]: user for user in included.get("users") or ()}
    posts = tuple(post_of(raw, people) for raw in answer.get("data") or ())
    return PostPage(posts, (answer.get("meta") or {}).get("next_token"))


def post_of(raw: Mapping[str, Any], people: Mapping[str, Mapping[str, Any]]) -> Post:
    """Read one post; fields that were not given stay empty."""
    author_id = raw.get("author_id", "")
    author = people.get(author_id, {})
    created = raw.get("created_at", "")
    return Post(
        id=str(raw["id"]),
        text=plain_text(raw),
        author_id=author_id,
        username=raw.get("username") or author.get("username", ""),
        name=author.get("name", ""),
        created_at=aware(created),
        created_raw=created,
        in_reply_to=_answered(raw),
        language=raw.get("lang", ""),
        media_count=len((raw.get("attachments") or {}).get("media_keys") or ()),
    )


def numbers_of(answer: Mapping[str, Any]) -> dict[str, Numbers | None]:
    """The public metrics of posts; None for one that X says is not found.

    One that may not be seen now (a locked account) is left out: it is not gone.
    """
    told: dict[str, Numbers | None] = {}
    for raw in answer.get("data") or ():
        counts: Mapping[str, int] = raw["public_metrics"]
        reposts = counts.get("repost_count", counts.get("retweet_count"))
        told[str(raw["id"])] = Numbers(
            views=counts.get("impression_count"),
            likes=counts.get("like_count"),
            reposts=reposts,
            quotes=counts.get("quote_count"),
            replies=counts.get("reply_count"),
        )
    for error in answer.get("errors") or ():
        if str(error.get("type", "")).endswith(_NOT_FOUND):
            told[str(error.get("resource_id") or error["value"])] = None
    return told


def plain_text(raw: Mapping[str, Any]) -> str:
    """Return the whole text with t.co links replaced by what they lead to."""
    note = raw.get("note_post") or raw.get("note_tweet") or {}
    text = note.get("text") or raw.get("text", "")
    for source in (note, raw):
        for link in (source.get("entities") or {}).get("urls") or ():
            if link.get("url"):
                text = text.replace(link["url"], _written_out(link))
    return html.unescape(text).strip()


def _written_out(link: Mapping[str, Any]) -> str:
    expanded: str = link.get("expanded_url") or link["url"]
    is_picture = link.get("media_key") or "/photo/" in expanded.rpartition("status/")[2]
    return "" if is_picture else expanded


def _answered(raw: Mapping[str, Any]) -> str | None:
    named = raw.get("referenced_posts") or raw.get("referenced_tweets") or ()
    for other in named:
        if other.get("type") == "replied_to":
            return str(other["id"])
    return None
