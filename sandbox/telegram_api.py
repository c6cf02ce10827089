"""The Bot API of Telegram, as far as a channel and its discussion group need it.

Each rule has its mark: C, the network's own documentation
(https://core.telegram.org/bots/api, seen 2026-11-24); S, other programs; T, not tested.

- C the token stands in the path; 401 for one that was revoked, 404 for none.
- C a text has 1 to 4,096 characters, a caption 1,024; T that they are UTF-16 units.
- C a photo has at most 10 MB, width and height together at most 10,000, and a ratio of
  at most 20; an album has 2 to 10 photos, each attached by name.
- C a video has at most 50 MB and is an MP4; its caption is as a photo's.
- C a bot must be an administrator who may post messages.
- C 429 names its seconds in ``parameters.retry_after``; T about 20 in a minute.
- C ``getUpdates`` gives at most 100, the oldest first, and forgets those below
  ``offset``; 409 while a webhook is set. C updates are kept for 24 hours.
- C a channel post comes into the discussion group as a message that is an automatic
  forward; who answers below the post answers that message.
- C a message is deleted within 48 hours of being sent; S that an administrator's own
  posts in a channel may be older (here they may not).
- S the wordings of refusals are those of tdlib/telegram-bot-api.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from sandbox.films import VIDEO, film_of
from sandbox.pictures import picture_size, picture_type
from sandbox.store import Account, Draft, Network, Post
from sandbox.telegram_shape import (
    channel_chat,
    channel_id,
    group_chat,
    group_id,
    message_json,
    updates_json,
)
from sandbox.world import MIB, World, world_of

router = APIRouter()
LONGEST_TEXT = 4_096
LONGEST_CAPTION = 1_024
PHOTO_BYTES = 10 * MIB
VIDEO_BYTES = 50 * MIB
SIDES = 10_000
RATIO = 20
DELETED_WITHIN = timedelta(hours=48)


@dataclass
class TelegramError(Exception):
    """An answer of the Bot API that is no success."""

    status: int
    description: str
    retry_after: int = 0


async def answer_error(_: Request, error: Exception) -> Response:
    """``{"ok": false, …}``, with the seconds to wait where there are some."""
    assert isinstance(error, TelegramError)
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.status,
        "description": error.description,
    }
    if error.retry_after:
        body["parameters"] = {"retry_after": error.retry_after}
    return JSONResponse(body, error.status)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a bot: who calls, and what is given."""

    world: World
    bot: Account
    given: Mapping[str, Any]
    files: Mapping[str, bytes]

    def text(self, name: str) -> str:
        value = self.given.get(name)
        return value if isinstance(value, str) else ""

    def json(self, name: str) -> Any:
        """A value that forms carry as JSON."""
        value = self.given.get(name)
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise _bad(f"can't parse {name} JSON object") from None

    def chat(self) -> dict[str, Any]:
        """The chat that is named; the bot knows its channel and the group of it."""
        named = str(self.given.get("chat_id", ""))
        if not named:
            raise _bad("chat_id is empty")
        if (Network.TELEGRAM.value, self.bot.id) in self.world.closed:
            raise _bad("chat not found")  # T: the channel was deleted
        if named.casefold() in (
            f"@{self.bot.handle}".casefold(),
            str(channel_id(self.bot)),
        ):
            return channel_chat(self.bot, linked=self.world.rules.telegram_group)
        if self.world.rules.telegram_group and named == str(group_id(self.bot)):
            return group_chat(self.bot)
        raise _bad("chat not found")


def _bad(why: str) -> TelegramError:
    return TelegramError(400, f"Bad Request: {why}")


async def _call(request: Request, token: str) -> Call:
    """Read a call in any form that the Bot API takes.

    Raises:
        TelegramError: 404 for no token, 401 for an unknown one.
    """
    world = world_of(request)
    if ":" not in token:
        raise TelegramError(404, "Not Found")
    bot = world.store.by_secret(Network.TELEGRAM, "bot_token", token)
    if bot is None:
        raise TelegramError(401, "Unauthorized")
    given: dict[str, Any] = dict(request.query_params)
    files: dict[str, bytes] = {}
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        given |= await request.json()
    elif kind:
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = await value.read()
                else:
                    given[name] = value
    return Call(world, bot, given, files)


def _ok(result: Any) -> Response:
    return JSONResponse({"ok": True, "result": result})


@router.get("/bot{token}/getMe")
async def get_me(request: Request, token: str) -> Response:
    """The bot itself."""
    bot = (await _call(request, token)).bot
    name = f"{bot.handle}_bot"
    return _ok({"id": bot.id, "is_bot": True, "first_name": bot.name, "username": name})


@router.get("/bot{token}/getChat")
async def get_chat(request: Request, token: str) -> Response:
    """The channel, with the number of its discussion group."""
    return _ok((await _call(request, token)).chat())


@router.get("/bot{token}/getChatMember")
async def get_chat_member(request: Request, token: str) -> Response:
    """How the bot stands in a chat."""
    call = await _call(request, token)
    call.chat()
    status = call.world.rules.telegram_status
    member: dict[str, Any] = {"status": status, "user": {"id": call.bot.id}}
    if status == "administrator":
        member["can_post_messages"] = call.world.rules.telegram_may_post
    return _ok(member)


@router.get("/bot{token}/getUpdates")
async def get_updates(request: Request, token: str) -> Response:
    """What waits, the oldest first; what lies below ``offset`` is forgotten."""
    call = await _call(request, token)
    if call.world.rules.telegram_webhook:
        raise TelegramError(
            409,
            "Conflict: can't use getUpdates method while webhook is active;"
            " use deleteWebhook to delete the webhook first",
        )
    offset = str(call.given.get("offset", ""))
    if offset.isdigit():
        call.world.telegram_confirmed[call.bot.id] = int(offset)
    limit = min(int(call.given.get("limit", 100)), 100)
    kinds = call.json("allowed_updates") or ["message", "channel_post"]
    waiting = [
        each
        for each in updates_json(call.world, call.bot)
        if each["update_id"] >= call.world.telegram_confirmed.get(call.bot.id, 0)
        and any(kind in each for kind in kinds)
    ]
    return _ok(waiting[:limit])


@router.post("/bot{token}/sendMessage")
async def send_message(request: Request, token: str) -> Response:
    """A text, without markup unless ``parse_mode`` is given (not here)."""
    call = await _call(request, token)
    text = _text(call, "text", LONGEST_TEXT)
    if not text:
        raise _bad("message text is empty")
    return _ok(_publish(call, text))


@router.post("/bot{token}/sendPhoto")
async def send_photo(request: Request, token: str) -> Response:
    """One photo with a caption."""
    call = await _call(request, token)
    if "photo" not in call.files:
        raise _bad("there is no photo in the request")
    caption = _text(call, "caption", LONGEST_CAPTION)
    return _ok(_publish(call, caption, [call.files["photo"]]))


@router.post("/bot{token}/sendVideo")
async def send_video(request: Request, token: str) -> Response:
    """One video with a caption."""
    call = await _call(request, token)
    if "video" not in call.files:
        raise _bad("there is no video in the request")
    content = call.files["video"]
    if len(content) > VIDEO_BYTES:
        raise TelegramError(413, "Request Entity Too Large")
    if film_of(content) is None:
        raise _bad("VIDEO_FILE_INVALID")
    for name in ("width", "height", "duration"):
        if not str(call.given.get(name, "0")).isdigit():
            raise _bad(f"{name} must be a number")
    caption = _text(call, "caption", LONGEST_CAPTION)
    return _ok(_publish(call, caption, film=content))


@router.post("/bot{token}/sendMediaGroup")
async def send_media_group(request: Request, token: str) -> Response:
    """Two to ten photos; a caption stands on the first."""
    call = await _call(request, token)
    media = call.json("media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise _bad("wrong number of messages in the album")
    names = [str(each.get("media", "")).removeprefix("attach://") for each in media]
    if any(name not in call.files for name in names):
        raise _bad("wrong file identifier/HTTP URL specified")
    if any("caption" in each for each in media[1:]):
        raise _bad("a caption on another photo than the first: this sandbox's rule")
    caption = str(media[0].get("caption", ""))
    if _units(caption) > LONGEST_CAPTION:
        raise _bad("message caption is too long")
    first = _publish(call, caption.strip(), [call.files[name] for name in names])
    store = call.world.store
    rest = [first | {"message_id": store.next_id(Network.TELEGRAM)} for _ in names[1:]]
    return _ok([first, *rest])


@router.post("/bot{token}/deleteMessage")
async def delete_message(request: Request, token: str) -> Response:
    """Take an own message down, within 48 hours."""
    call = await _call(request, token)
    _may_write(call, call.chat())
    number = str(call.given.get("message_id", ""))
    post = call.world.store.posts.get(int(number)) if number.isdigit() else None
    if post is None or post.network is not Network.TELEGRAM:
        raise _bad("message to delete not found")
    late = post.created_at + DELETED_WITHIN < call.world.store.now()
    if late or post.author_id != call.bot.id:
        raise _bad("message can't be deleted")
    call.world.store.delete(post.id)
    return _ok(result=True)


def _text(call: Call, name: str, longest: int) -> str:
    """The words; blanks around them go (S)."""
    text = call.text(name)
    if _units(text) > longest:
        kind = "message" if name == "text" else "message caption"
        raise _bad(f"{kind} is too long")
    return text.strip()


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _publish(
    call: Call, text: str, photos: list[bytes] | None = None, film: bytes = b""
) -> dict[str, Any]:
    world, chat = call.world, call.chat()
    _may_write(call, chat)
    photos = photos or []
    for photo in photos:
        _check_photo(photo)
    store = world.store
    with store.lock:
        media = [
            store.add_media(call.bot, str(picture_type(each)), content=each)
            for each in photos
        ]
        if film:
            media.append(store.add_media(call.bot, VIDEO, content=film))
        draft = Draft(
            text=text,
            media_ids=tuple(each.id for each in media),
            reply_to=_answered(call),
        )
        return message_json(store.publish(call.bot, draft), world, chat)


def _may_write(call: Call, chat: Mapping[str, Any]) -> None:
    rules, now = call.world.rules, call.world.store.now()
    if rules.telegram_status not in ("creator", "administrator"):
        raise TelegramError(403, "Forbidden: bot is not a member of the channel chat")
    if not rules.telegram_may_post:
        raise _bad("need administrator rights in the channel chat")
    rate = call.world.rates.count((call.bot.id, chat["id"]), rules.telegram_writes, now)
    if not rate.allowed:
        seconds = max(1, int((rate.reset - now).total_seconds()))
        raise TelegramError(
            429, f"Too Many Requests: retry after {seconds}", retry_after=seconds
        )


def _check_photo(content: bytes) -> None:
    if len(content) > PHOTO_BYTES:
        raise TelegramError(413, "Request Entity Too Large")
    if picture_type(content) not in ("image/jpeg", "image/png"):
        raise _bad("IMAGE_PROCESS_FAILED")
    width, height = picture_size(content)
    if width + height > SIDES or max(width, height) > RATIO * min(width, height):
        raise _bad("PHOTO_INVALID_DIMENSIONS")


def _answered(call: Call) -> int | None:
    asked = call.json("reply_parameters")
    if not asked:
        return None
    found: Post | None = call.world.store.posts.get(int(asked["message_id"]))
    if found is None or found.network is not Network.TELEGRAM:
        raise _bad("message to be replied not found")
    return found.id
