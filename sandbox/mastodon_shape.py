"""Mastodon API answers: how accounts, statuses and pictures look in JSON.

Source: docs.joinmastodon.org/entities, and answers recorded from Mastodon 4.6.
"""

import html
import re
from datetime import UTC, datetime
from typing import Any

import regex

from sandbox.films import VIDEO
from sandbox.pictures import picture_type
from sandbox.store import HASHTAG, MENTION, Account, Media, Network, Notification, Post
from sandbox.world import World

VERSION = "4.6.0"
QUOTES = {"automatic": ["public"], "manual": [], "current_user": "automatic"}
URL = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]")
_REMOTE_MENTION = re.compile(r"(?<![\w@/])(@\w+)@[\w.-]+\w")
_MARKED = re.compile(f"(?P<url>{URL.pattern})|{MENTION.pattern}|{HASHTAG.pattern}")


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as Mastodon writes it."""
    at = at.astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def length(text: str, spoiler: str, per_url: int) -> int:
    """Characters as Mastodon counts them.

    Graphemes; a URL costs ``per_url``; of ``@user@host`` only ``@user`` counts; the
    content warning counts too. Source: Mastodon's StatusLengthValidator.
    """
    counted = URL.sub("x" * per_url, text)
    counted = _REMOTE_MENTION.sub(r"\1", counted)
    return len(regex.findall(r"\X", spoiler + counted))


def content_html(post: Post, world: World) -> str:
    """The text as HTML: paragraphs, links, mentions and tags marked up."""
    paragraphs = re.split(r"\n{2,}", post.text.replace("\r\n", "\n").strip())
    marked = [_marked(paragraph, world) for paragraph in paragraphs if paragraph]
    return "".join(f"<p>{'<br />'.join(each.split(chr(10)))}</p>" for each in marked)


def _marked(text: str, world: World) -> str:
    done, out = 0, ""
    for match in _MARKED.finditer(text):
        out += html.escape(text[done : match.start()], quote=False)
        done = match.end()
        if match["url"]:
            out += _link(match["url"])
        elif match[0].startswith("@"):
            out += _mention(match, world)
        else:
            tag = match[0][1:]
            out += (
                f'<a href="{world.url}/tags/{html.escape(tag)}" class="mention hashtag"'
                f' rel="tag">#<span>{html.escape(tag)}</span></a>'
            )
    return out + html.escape(text[done:], quote=False)


def _link(url: str) -> str:
    scheme, _, rest = url.partition("://")
    prefix = f"{scheme}://www." if rest.startswith("www.") else f"{scheme}://"
    shown, hidden = url[len(prefix) :][:30], url[len(prefix) :][30:]
    kind = "ellipsis" if hidden else ""
    return (
        f'<a href="{html.escape(url)}" target="_blank" rel="nofollow noopener"'
        f' translate="no"><span class="invisible">{prefix}</span>'
        f'<span class="{kind}">{html.escape(shown)}</span>'
        f'<span class="invisible">{html.escape(hidden)}</span></a>'
    )


def _mention(match: re.Match[str], world: World) -> str:
    handle = match[0][1:].partition("@")[0]
    account = world.store.find_account(Network.MASTODON, handle)
    if account is None:
        return html.escape(match[0], quote=False)
    return (
        f'<span class="h-card" translate="no"><a href="{profile_url(account, world)}"'
        f' class="u-url mention">@<span>{account.handle}</span></a></span>'
    )


def profile_url(account: Account, world: World) -> str:
    return f"{world.url}/@{account.handle}"


def account_json(account: Account, world: World) -> dict[str, Any]:
    """One account."""
    last = world.store.last_written(account.id)
    blank = f"{world.url}/_sandbox/kosong.png"
    return {
        "id": str(account.id),
        "username": account.handle,
        "acct": account.handle,
        "display_name": account.name,
        "locked": False,
        "bot": False,
        "discoverable": None,
        "indexable": False,
        "group": False,
        "created_at": f"{account.created_at:%Y-%m-%d}T00:00:00.000Z",
        "note": "",
        "url": profile_url(account, world),
        "uri": f"{world.url}/ap/users/{account.id}",
        "avatar": blank,
        "avatar_static": blank,
        "avatar_description": "",
        "header": blank,
        "header_static": blank,
        "header_description": "",
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": world.store.written_by(account.id),
        "last_status_at": f"{last:%Y-%m-%d}" if last else None,
        "hide_collections": None,
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "feature_approval": {"automatic": [], "manual": [], "current_user": "denied"},
        "noindex": False,
        "emojis": [],
        "roles": [],
        "fields": [],
    }


def credentials_json(account: Account, world: World) -> dict[str, Any]:
    """The own account, with what only its owner sees."""
    source = {
        "privacy": "public",
        "sensitive": False,
        "language": "id",
        "note": "",
        "fields": [],
        "follow_requests_count": 0,
    }
    role = {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": 0}
    return account_json(account, world) | {
        "source": source,
        "role": role | {"highlighted": False},
    }


def status_json(
    post: Post, world: World, viewer: Account | None = None
) -> dict[str, Any]:
    """One status as ``viewer`` sees it."""
    store = world.store
    author, tally = store.accounts[post.author_id], store.tallies.of(post.id)
    mentioned = [store.accounts[account_id] for account_id in post.mentions]
    own = {"pinned": False} if viewer and viewer.id == author.id else {}
    return {
        "id": str(post.id),
        "created_at": stamp(post.created_at),
        "in_reply_to_id": _text(post.draft.reply_to),
        "in_reply_to_account_id": _text(post.reply_author_id),
        "sensitive": post.draft.sensitive,
        "spoiler_text": post.draft.spoiler,
        "visibility": post.draft.visibility,
        "language": post.draft.language or None,
        "uri": f"{world.url}/ap/users/{author.id}/statuses/{post.id}",
        "url": f"{profile_url(author, world)}/{post.id}",
        "replies_count": len(store.answers(post.id)),
        "reblogs_count": tally["reposts"],
        "favourites_count": store.likes(post.id),
        "quotes_count": tally["quotes"],
        "edited_at": stamp(post.edited_at) if post.edited_at else None,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        **own,
        "content": content_html(post, world),
        "filtered": [],
        "reblog": None,
        "application": {"name": "Sandbox", "website": None},
        "account": account_json(author, world),
        "media_attachments": [
            media_json(media, world) for media in store.media_of(post.media_ids)
        ],
        "mentions": [
            {
                "id": str(account.id),
                "username": account.handle,
                "url": profile_url(account, world),
                "acct": account.handle,
            }
            for account in mentioned
        ],
        "tags": [
            {"name": tag.lower(), "url": f"{world.url}/tags/{tag.lower()}"}
            for tag in post.tags
        ],
        "emojis": [],
        "tagged_collections": [],
        "quote": None,
        "card": None,
        "poll": None,
        "quote_approval": QUOTES,
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def media_json(media: Media, world: World) -> dict[str, Any]:
    """One attachment; ``url`` is null while it is in progress."""
    film = media.media_type == VIDEO
    kind = picture_type(media.content) or media.media_type
    suffix = kind.rpartition("/")[2].replace("jpeg", "jpg")
    url = f"{world.url}/system/media/{media.id}.{suffix}"
    aspect = media.width / media.height if media.height else 0
    size = {
        "width": media.width,
        "height": media.height,
        "size": f"{media.width}x{media.height}",
        "aspect": aspect,
    }
    return {
        "id": str(media.id),
        "type": "video" if film else "gifv" if kind == "image/gif" else "image",
        "url": None if media.polls_left > 0 else url,
        "preview_url": None if media.polls_left > 0 else url,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": {} if media.polls_left > 0 else {"original": size, "small": size},
        "description": media.alt or None,
        "blurhash": None,
    }


def notification_json(note: Notification, world: World, to: Account) -> dict[str, Any]:
    """One notification with its status."""
    by = world.store.accounts[note.from_id]
    post = world.store.posts[note.post_id]
    return {
        "id": str(note.id),
        "type": note.kind,
        "created_at": stamp(note.created_at),
        "group_key": f"ungrouped-{note.id}",
        "account": account_json(by, world),
        "status": status_json(post, world, to),
    }


def configuration_json(world: World) -> dict[str, Any]:
    """The limits of the instance."""
    rules = world.rules
    return {
        "urls": {"streaming": world.url.replace("http", "ws", 1)},
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": rules.max_characters,
            "max_media_attachments": rules.max_media,
            "characters_reserved_per_url": rules.characters_per_url,
        },
        "media_attachments": {
            "description_limit": rules.description_limit,
            "supported_mime_types": [
                "image/jpeg",
                "image/png",
                "image/gif",
                "image/webp",
                VIDEO,
            ],
            "image_size_limit": rules.image_bytes,
            "image_matrix_limit": rules.image_pixels,
            "video_size_limit": rules.video_bytes,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": rules.video_pixels,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2_629_746,
        },
        "translation": {"enabled": False},
        "timelines_access": {
            "live_feeds": {"local": "public", "remote": "public"},
            "hashtag_feeds": {"local": "public", "remote": "public"},
            "trending_link_feeds": {"local": "disabled", "remote": "disabled"},
        },
        "limited_federation": False,
    }


def instance_json(world: World) -> dict[str, Any]:
    """``GET /api/v2/instance``."""
    return {
        "domain": world.url.partition("://")[2],
        "title": "Sukamaju Berdendang (bak pasir)",
        "version": VERSION,
        "source_url": "https://github.com/mastodon/mastodon",
        "description": "Jejaring sosial rekaan untuk mencoba dan berlatih.",
        "usage": {"users": {"active_month": len(world.store.accounts)}},
        "thumbnail": {"url": f"{world.url}/_sandbox/kosong.png"},
        "icon": [],
        "languages": ["id"],
        "configuration": configuration_json(world),
        "registrations": {
            "enabled": False,
            "approval_required": False,
            "reason_required": False,
            "message": None,
            "min_age": None,
            "url": None,
        },
        "api_versions": {"mastodon": 8},
        "contact": {"email": "", "account": None},
        "rules": [],
    }


def instance_v1_json(world: World) -> dict[str, Any]:
    """``GET /api/v1/instance``, deprecated but still asked for."""
    statuses = world.store.select(lambda post: post.network is Network.MASTODON)
    people = [a for a in world.store.accounts.values() if a.network is Network.MASTODON]
    return {
        "uri": world.url.partition("://")[2],
        "title": "Sukamaju Berdendang (bak pasir)",
        "short_description": "",
        "description": "Jejaring sosial rekaan untuk mencoba dan berlatih.",
        "email": "",
        "version": VERSION,
        "urls": {"streaming_api": world.url.replace("http", "ws", 1)},
        "stats": {
            "user_count": len(people),
            "status_count": len(statuses),
            "domain_count": 0,
        },
        "thumbnail": None,
        "languages": ["id"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": configuration_json(world),
        "contact_account": None,
        "rules": [],
    }
