"""A Telegram channel, by plain calls of the Bot API on our guarded door.

The token stands in the path of every call, as the Bot API wants it; so no address is
ever logged, stored or put into an error. Texts go without markup: nothing needs an
escape, and the length is that "after entities parsing" as it stands.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from models.errors import Disconnected, Refused
from models.problems import Problem
from models.speech import Gate, Image, Outgoing, Receipt, Video
from networks.base import AccountSecret, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    MediaLimit,
    Source,
    Sure,
    TextLimit,
    VideoAlt,
    VideoLimit,
)
from networks.composing import shape
from networks.forms import film_form
from networks.images import fitted
from networks.requests_door import GuardedAdapter, usable_secrets
from networks.telegram_messages import Update, update_of
from networks.telegram_verdicts import judge

NAME = "telegram"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Telegram",
    icon="brand-telegram",
    text=TextLimit(
        longest=4_096,
        count_by=CountBy.UTF16,  # never less than any other way to count: T
        url_cost=0,  # an address counts as it is written
        beside_picture=1_024,
    ),
    media=MediaLimit(most=10, image_bytes=10 * MIB, alt_text=900, alt_in_text=True),
    video=VideoLimit(
        most_bytes=50 * MIB,
        longest=timedelta(hours=1),  # none is told: by its bytes
        alt=VideoAlt.IN_TEXT,
        sure=Sure.CONFIRMED,
        source=Source(
            "https://core.telegram.org/bots/api#sendvideo", seen="2026-11-24"
        ),
    ),
    settles_by=(),  # no key, and a bot cannot read the channel: a person decides
    secrets=("bot_token", "channel"),
    needs_base_url=False,
    edits=Ability(
        True,
        Sure.CONFIRMED,
        Source("https://core.telegram.org/bots/api#editmessagetext", seen="2026-11-24"),
    ),
    deletes=Ability(
        True,
        Sure.CONFIRMED,
        Source("https://core.telegram.org/bots/api#deletemessage", seen="2026-11-24"),
        within=timedelta(hours=48),
    ),
    source=Source("https://core.telegram.org/bots/api", seen="2026-11-24"),
    threads=True,
    replies=True,
    scopes=("post messages",),
    pictures_in_call=True,
    shown=frozenset({"channel"}),
)

HOST = "https://api.telegram.org"
SITE = "https://t.me"
PAGE = 100  # the most a call gives at once
_TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)
_LINK = re.compile(r"(?:https?://)?t\.me/(?:s/)?", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+", re.ASCII)
_OWNER = "creator"
_ADMIN = "administrator"


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one channel; asks nothing of the network yet.

    Args:
        account: ``base_url``, when set, is an own Bot API server or the sandbox.
        limits: times and sizes of every call.
        purse: not asked.

    Raises:
        Disconnected: the token or the channel's name cannot be one.
    """
    return Client(account, limits)


class Client:
    """Speaks as one bot to one channel, and reads the channel's discussion group."""

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        secrets = usable_secrets(account, CAPABILITIES.secrets)
        token = secrets["bot_token"]
        if not _TOKEN.fullmatch(token):
            raise Disconnected(Problem.TOKEN_REFUSED, "bot_token is not of that form")
        self._channel = channel_of(secrets["channel"])
        self._site = account.base_url.rstrip("/") or SITE
        self._door = GuardedAdapter(limits, judge, secrets.values())
        self._session = self._door.session()
        self._session.headers.clear()
        host = account.base_url.rstrip("/") or HOST
        self._address = f"{host}/bot{token}/"

    @property
    def capabilities(self) -> Capabilities:
        """What the Bot API allows."""
        return CAPABILITIES

    def whoami(self) -> str:
        """Return the channel's user name, or its number; the bot may post there.

        Raises:
            Disconnected: the token is refused (``TOKEN_REFUSED``), there is no such
                channel (``CHANNEL_UNKNOWN``), or the bot may not post in it
                (``MAY_NOT_POST``).
            TryLater: as named.
        """
        with self._door.errand():
            bot = self._read("getMe")
            chat = self._read("getChat", chat_id=self._channel)
            asked = {"chat_id": self._channel, "user_id": bot["id"]}
            member = self._read("getChatMember", **asked)
        if chat.get("type") != "channel":
            raise Disconnected(Problem.CHANNEL_UNKNOWN, f"a {chat.get('type')}")
        if not _may_post(member):
            raise Disconnected(Problem.MAY_NOT_POST, str(member.get("status")))
        return str(chat.get("username") or chat["id"])

    @cached_property
    def group(self) -> int | None:
        """The channel's discussion group, where anyone answers; None without one.

        Raises:
            TryLater, Disconnected: as named.
        """
        with self._door.errand():
            linked = self._read("getChat", chat_id=self._channel).get("linked_chat_id")
        return None if linked is None else int(linked)

    @cached_property
    def channel_id(self) -> int:
        """The channel's own number.

        Raises:
            TryLater, Disconnected: as named.
        """
        with self._door.errand():
            return int(self._read("getChat", chat_id=self._channel)["id"])

    def close(self) -> None:
        """Release what the session holds."""
        self._session.close()

    # out

    def send(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        """Write one message, one album, or one video with its words, once.

        Of a video the last look is before its last piece: until then the Bot API has no
        whole request, so a line that breaks earlier did nothing.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers.
        """
        limit = self.capabilities.media
        images = [fitted(image, limit) for image in outgoing.images]
        film = outgoing.video
        alts = [one.alt for one in images] if film is None else [film.alt]
        made = shape(outgoing.text, alts, self.capabilities, video=film is not None)
        if not made.fits:
            detail = f"{made.length} of {made.longest}"
            raise Refused(Problem.TEXT_TOO_LONG, detail)
        target = self._target(outgoing.reply_to)
        with self._door.errand(publishes=True, gate=gate):
            if not made.pictures:
                answer = self._write("sendMessage", target | {"text": made.text})
            elif film is not None:
                answer = self._film(target | {"caption": made.text}, film)
            elif len(images) == 1:
                fields = target | {"caption": made.text}
                answer = self._write("sendPhoto", fields, {"photo": images[0]})
            else:
                answer = self._album(target, made.text, images)
            return self._receipt(answer)

    def delete(self, remote_id: str, gate: Gate) -> None:
        """Take an own message down.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as in the contract
                of publishers. Gone: it is not there.
        """
        chat, _, message = remote_id.rpartition(":")
        asked = {"chat_id": chat or self._channel, "message_id": int(message)}
        with self._door.errand(publishes=True, gate=gate):
            if self._write("deleteMessage", asked) is not True:
                raise ValueError("not deleted")

    def _album(
        self, target: Mapping[str, Any], caption: str, images: Sequence[Image]
    ) -> Any:
        """Send 2 to 10 pictures as one; the caption stands on the first."""
        files = {f"gambar{number}": one for number, one in enumerate(images)}
        media: list[dict[str, str]] = [
            {"type": "photo", "media": f"attach://{name}"} for name in files
        ]
        media[0]["caption"] = caption
        fields = dict(target) | {"media": media}
        return self._write("sendMediaGroup", fields, files)[0]

    def _film(self, fields: Mapping[str, Any], film: Video) -> Any:
        """Send a video, read while it is sent."""
        facts = film.facts
        told: dict[str, Any] = {
            **fields,
            "width": facts.width,
            "height": facts.height,
            "duration": round(facts.seconds),
            "supports_streaming": True,
        }
        body, kind = film_form(_plain(told), "video", film)
        address, headers = self._address + "sendVideo", {"Content-Type": kind}
        answer = self._session.post(address, data=body, headers=headers)
        return _result(answer.json())

    def _target(self, reply_to: str | None) -> dict[str, Any]:
        """Where a message goes: the channel, or below a comment in its group."""
        chat, _, message = (reply_to or "").rpartition(":")
        target: dict[str, Any] = {"chat_id": chat or self._channel}
        if message:
            target["reply_parameters"] = {"message_id": int(message)}
        return target

    def _receipt(self, message: Mapping[str, Any]) -> Receipt:
        """The proof of an own message.

        Raises:
            ValueError, KeyError, TypeError: it is none.
        """
        chat, number = message["chat"], int(message["message_id"])
        if number <= 0:
            raise ValueError("a message without id")
        at = datetime.fromtimestamp(int(message["date"]), UTC)
        own = chat.get("type") == "channel"
        remote_id = str(number) if own else f"{chat['id']}:{number}"
        return Receipt(remote_id, self.link(chat, number), at)

    def link(self, chat: Mapping[str, Any], number: int) -> str:
        """The address of a message; only members can open one of a private chat."""
        if chat.get("username"):
            return f"{self._site}/{chat['username']}/{number}"
        return f"{self._site}/c/{str(chat['id']).removeprefix('-100')}/{number}"

    # in

    def updates(self, offset: int | None = None) -> list[Update]:
        """The oldest updates that wait; those below ``offset`` are deleted there.

        Raises:
            TryLater: also when another program reads them (``READ_ELSEWHERE``).
            Disconnected: as named.
        """
        asked: dict[str, Any] = {"limit": PAGE, "timeout": 0}
        if offset is not None:
            asked["offset"] = offset
        with self._door.errand():
            found = self._read("getUpdates", **asked, allowed_updates='["message"]')
            return [update_of(raw) for raw in found]

    # calls

    def _read(self, method: str, **query: Any) -> Any:
        return _result(self._session.get(self._address + method, params=query).json())

    def _write(
        self,
        method: str,
        fields: Mapping[str, Any],
        files: Mapping[str, Image] | None = None,
    ) -> Any:
        address = self._address + method
        if not files:
            return _result(self._session.post(address, json=dict(fields)).json())
        parts = {
            name: (one.filename, one.content, one.media_type)
            for name, one in files.items()
        }
        return _result(
            self._session.post(address, data=_plain(fields), files=parts).json()
        )


def channel_of(typed: str) -> str:
    """What the Bot API calls a channel, of what a person typed.

    That is a number, or a name with ``@`` before it; a link to the channel is read too.
    """
    name = _LINK.sub("", typed.strip()).strip("/").lstrip("@")
    return name if _NUMBER.fullmatch(name) else f"@{name}"


def _plain(fields: Mapping[str, Any]) -> dict[str, str]:
    """Values as a form carries them: JSON where they are no text."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }


def _may_post(member: Mapping[str, Any]) -> bool:
    status = member.get("status")
    return status == _OWNER or (
        status == _ADMIN and member.get("can_post_messages") is True
    )


def _result(answer: Any) -> Any:
    """What a call brought.

    Raises:
        KeyError, TypeError: it is no answer of the Bot API.
    """
    if answer["ok"] is not True:
        raise KeyError("result")
    return answer["result"]
