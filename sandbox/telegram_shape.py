"""Answers of the Bot API: how chats, messages and updates look in JSON.

Source: https://core.telegram.org/bots/api#available-types (seen 2026-11-24).
"""

from typing import Any

from sandbox.films import VIDEO
from sandbox.store import Account, Network, Post
from sandbox.world import World

_CHANNEL = -1_001_000_000_000
_GROUP = -1_002_000_000_000
_COPY = 1_000_000  # added to a post's number for its copy in the group


def channel_id(bot: Account) -> int:
    """The number of a bot's channel."""
    return _CHANNEL - bot.id


def group_id(bot: Account) -> int:
    """The number of the channel's discussion group."""
    return _GROUP - bot.id


def channel_chat(bot: Account, *, linked: bool = False) -> dict[str, Any]:
    """The channel; ``getChat`` tells the linked group too."""
    chat = {
        "id": channel_id(bot),
        "type": "channel",
        "title": bot.name,
        "username": bot.handle,
    }
    return chat | {"linked_chat_id": group_id(bot)} if linked else chat


def group_chat(bot: Account) -> dict[str, Any]:
    """The discussion group, which has no user name of its own here."""
    title = f"Diskusi {bot.name}"
    return {"id": group_id(bot), "type": "supergroup", "title": title}


def message_json(post: Post, world: World, chat: dict[str, Any]) -> dict[str, Any]:
    """A post as a message of ``chat``."""
    author = world.store.accounts[post.author_id]
    shown: dict[str, Any] = {
        "message_id": post.id,
        "date": int(post.created_at.timestamp()),
        "chat": {k: v for k, v in chat.items() if k != "linked_chat_id"},
    }
    if chat["type"] == "channel":
        shown["sender_chat"] = shown["chat"]
    else:
        shown["from"] = {
            "id": author.id,
            "is_bot": bool(author.secrets),
            "first_name": author.name,
            "username": author.handle,
        }
    words = {"caption" if post.media_ids else "text": post.text}
    files = [{"file_id": str(each)} for each in post.media_ids[:1]]
    first = world.store.media_of(post.media_ids)[:1]
    if any(each.media_type == VIDEO for each in first):
        return shown | words | {"video": files[0]}
    return shown | words | ({"photo": files} if files else {})


def updates_json(world: World, bot: Account) -> list[dict[str, Any]]:
    """Everything a bot is told of, oldest first; two numbers for each post."""
    base = world.rules.telegram_first_update
    found: list[dict[str, Any]] = []
    for post in reversed(
        world.store.select(lambda post: post.network is Network.TELEGRAM)
    ):
        number = base + 2 * post.id
        if post.author_id == bot.id:
            channel = message_json(post, world, channel_chat(bot))
            found.append({"update_id": number, "channel_post": channel})
            found.append({"update_id": number + 1, "message": _copy(post, world, bot)})
        elif _concerns(post, world, bot):
            found.append({"update_id": number, "message": _comment(post, world, bot)})
    return found


def _copy(post: Post, world: World, bot: Account) -> dict[str, Any]:
    """The automatic forward of a channel post in the discussion group."""
    origin = {
        "type": "channel",
        "chat": channel_chat(bot),
        "message_id": post.id,
        "date": int(post.created_at.timestamp()),
    }
    return message_json(post, world, group_chat(bot)) | {
        "message_id": _COPY + post.id,
        "sender_chat": channel_chat(bot),
        "is_automatic_forward": True,
        "forward_origin": origin,
    }


def _comment(post: Post, world: World, bot: Account) -> dict[str, Any]:
    """What a citizen says in the group, perhaps below a post."""
    shown = message_json(post, world, group_chat(bot))
    parent = world.store.posts.get(post.draft.reply_to or 0)
    if parent is None:
        return shown
    own = parent.author_id == bot.id
    answered = (
        _copy(parent, world, bot)
        if own
        else message_json(parent, world, group_chat(bot))
    )
    return shown | {"reply_to_message": answered}


def _concerns(post: Post, world: World, bot: Account) -> bool:
    """Whether a citizen's message is said in this channel's group."""
    if bot.id in post.mentions or post.reply_author_id == bot.id:
        return True
    offices = [o for o in world.store.offices() if o.network is Network.TELEGRAM]
    return not post.mentions and offices[:1] == [bot]
