"""X API v2 answers: how posts, people and pictures look in JSON.

Source: docs.x.com data dictionary; X API v2 OpenAPI 2.167. Both the names of today
(``post.fields``) and those that clients still send (``tweet.fields``) are known.
"""

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.counting import links
from sandbox.films import VIDEO
from sandbox.store import HASHTAG, MENTION, Account, Media, Post, Store

REFERENCED = {"referenced_tweets.id": "tweets", "referenced_posts": "posts"}
_TCO = re.compile(r"https://t\.co/\w{10}")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the request asked to be shown."""

    post_fields: frozenset[str] = frozenset()
    user_fields: frozenset[str] = frozenset()
    media_fields: frozenset[str] = frozenset()
    expansions: frozenset[str] = frozenset()
    new_names: bool = False  # asked with ``post.fields``


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as X writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + "000Z"


def short_link(post_id: int, url: str, place: int) -> str:
    """The t.co address of a link; the same for the same post and place."""
    digest = hashlib.sha256(f"{post_id} {place} {url}".encode()).digest()
    return "https://t.co/" + "".join(_DIGITS[byte % 62] for byte in digest[:10])


def media_key(media: Media) -> str:
    kind = 7 if media.media_type == VIDEO else 3
    return f"{16 if media.media_type == 'image/gif' else kind}_{media.id}"


def wire_text(post: Post, store: Store) -> tuple[str, dict[str, Any]]:
    """The text and the entities of a post as X gives them.

    Links are t.co addresses, ``& < >`` are HTML entities, the link of attached
    pictures stands last, and a reply begins with the handle it answers. Places of
    entities are code points in that text.
    """
    text, urls = _with_short_links(post)
    for media in store.media_of(post.media_ids)[:1]:
        author = store.accounts[post.author_id].handle
        link = short_link(post.id, f"media {media.id}", 99)
        text = f"{text} {link}" if text else link
        urls += [
            {
                "start": len(text) - len(link),
                "end": len(text),
                "url": link,
                "expanded_url": f"https://x.com/{author}/status/{post.id}/photo/1",
                "display_url": f"pic.x.com/{link.rpartition('/')[2]}",
                "media_key": media_key(each),
            }
            for each in store.media_of(post.media_ids)
        ]
    entities = {
        "urls": urls,
        "mentions": _mentions(text, post, store),
        "hashtags": [
            {"start": found.start(), "end": found.end(), "tag": found[1]}
            for found in HASHTAG.finditer(_TCO.sub(_blank, text))
        ],
    }
    return text, {name: found for name, found in entities.items() if found}


def _with_short_links(post: Post) -> tuple[str, list[dict[str, Any]]]:
    written = post.prefix + post.text
    text, done, urls = "", 0, []
    for place, (address, start, end) in enumerate(links(written)):
        text += html.escape(written[done:start], quote=False)
        link, done = short_link(post.id, address, place), end
        expanded = address if "://" in address else f"http://{address}"
        shown = expanded.partition("://")[2]
        urls.append(
            {
                "start": len(text),
                "end": len(text) + len(link),
                "url": link,
                "expanded_url": expanded,
                "display_url": shown if len(shown) <= 26 else f"{shown[:26]}…",
            }
        )
        text += link
    return text + html.escape(written[done:], quote=False), urls


def _mentions(text: str, post: Post, store: Store) -> list[dict[str, Any]]:
    found = []
    for match in MENTION.finditer(_TCO.sub(_blank, text)):
        account = store.find_account(post.network, match[1])
        if account:
            span = {"start": match.start(), "end": match.start() + 1 + len(match[1])}
            found.append(span | {"username": account.handle, "id": str(account.id)})
    return found


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def post_json(post: Post, store: Store, wanted: Wanted) -> dict[str, Any]:
    """One post with the fields asked for."""
    text, entities = wire_text(post, store)
    shown: dict[str, Any] = {
        "id": str(post.id),
        "text": text,
        f"edit_history_{'post' if wanted.new_names else 'tweet'}_ids": [str(post.id)],
    }
    every: dict[str, Any] = {
        "author_id": str(post.author_id),
        "conversation_id": str(post.conversation_id),
        "created_at": stamp(post.created_at),
        "lang": post.draft.language,
        "possibly_sensitive": post.draft.sensitive,
        "reply_settings": "everyone",
        "source": "Sandbox",
        "entities": entities,
        "public_metrics": _post_metrics(post, store),
    }
    if post.reply_author_id:
        every["in_reply_to_user_id"] = str(post.reply_author_id)
        answered = [{"type": "replied_to", "id": str(post.draft.reply_to)}]
        every["referenced_tweets"] = every["referenced_posts"] = answered
    if post.media_ids:
        keys = [media_key(media) for media in store.media_of(post.media_ids)]
        every["attachments"] = {"media_keys": keys}
    asked = wanted.post_fields | _implied(wanted.expansions)
    return shown | {
        name: value for name, value in every.items() if name in asked and value != {}
    }


def _implied(expansions: frozenset[str]) -> frozenset[str]:
    """Fields that an expansion brings with it, so that the parts can be joined."""
    fields = {
        "author_id": "author_id",
        "in_reply_to_user_id": "in_reply_to_user_id",
        "referenced_tweets.id": "referenced_tweets",
        "referenced_posts": "referenced_posts",
        "attachments.media_keys": "attachments",
        "entities.mentions.username": "entities",
    }
    return frozenset(fields[name] for name in expansions if name in fields)


def _post_metrics(post: Post, store: Store) -> dict[str, int]:
    tally = store.tallies.of(post.id)
    return {
        "retweet_count": tally["reposts"],
        "repost_count": tally["reposts"],
        "reply_count": len(store.answers(post.id)),
        "like_count": store.likes(post.id),
        "quote_count": tally["quotes"],
        "bookmark_count": 0,
        "impression_count": tally["views"],
    }


def user_json(account: Account, store: Store, fields: frozenset[str]) -> dict[str, Any]:
    """One person with the fields asked for."""
    written = store.written_by(account.id)
    every: dict[str, Any] = {
        "created_at": stamp(account.created_at),
        "description": "",
        "protected": False,
        "verified": False,
        "public_metrics": {
            "followers_count": 0,
            "following_count": 0,
            "tweet_count": written,
            "post_count": written,
            "listed_count": 0,
        },
    }
    return {
        "id": str(account.id),
        "name": account.name,
        "username": account.handle,
    } | {name: value for name, value in every.items() if name in fields}


def media_json(media: Media, fields: frozenset[str]) -> dict[str, Any]:
    """One picture with the fields asked for."""
    every: dict[str, Any] = {
        "width": media.width,
        "height": media.height,
        "url": f"https://pbs.twimg.com/media/{media.id}",
    }
    if media.alt:
        every["alt_text"] = media.alt
    kind = "video" if media.media_type == VIDEO else "photo"
    return {"media_key": media_key(media), "type": kind} | {
        name: value for name, value in every.items() if name in fields
    }


def includes_json(
    posts: Sequence[Post], store: Store, wanted: Wanted
) -> dict[str, Any]:
    """The ``includes`` of an answer: what the expansions ask for, each once."""
    parents = [
        store.posts[post.draft.reply_to]
        for post in posts
        if post.draft.reply_to in store.posts
    ]
    expanded = wanted.expansions
    people: list[int | None] = []
    if "author_id" in expanded:
        people += [post.author_id for post in posts]
    if "in_reply_to_user_id" in expanded:
        people += [post.reply_author_id for post in posts]
    if "entities.mentions.username" in expanded:
        people += [account_id for post in posts for account_id in post.mentions]
    found: dict[str, list[dict[str, Any]]] = {
        "users": [
            user_json(store.accounts[account_id], store, wanted.user_fields)
            for account_id in dict.fromkeys(people)
            if account_id
        ]
    }
    for expansion, name in REFERENCED.items():
        if expansion in expanded:
            found[name] = [post_json(post, store, wanted) for post in _once(parents)]
    if "attachments.media_keys" in expanded:
        ids = dict.fromkeys(media_id for post in posts for media_id in post.media_ids)
        pictures = store.media_of(ids)
        found["media"] = [media_json(each, wanted.media_fields) for each in pictures]
    return {name: each for name, each in found.items() if each}


def _once(posts: Iterable[Post]) -> list[Post]:
    return list({post.id: post for post in posts}.values())
