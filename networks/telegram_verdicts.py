"""What the answers of Telegram's Bot API mean.

Source: https://core.telegram.org/bots/api#making-requests and #responseparameters
(seen 2026-11-24); the wordings are those of tdlib/telegram-bot-api (T: not all are
documented, none was seen live).
"""

import json
from datetime import UTC, datetime, timedelta

from models.errors import Disconnected, Gone, NetworkError, Refused, TryLater
from models.problems import Problem
from networks.requests_door import Reply
from networks.verdicts import bounded, common, firewall, retry_after, said

_UNKNOWN = ("chat not found", "chat_id is empty")
_NO_RIGHT = (
    "need administrator rights",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "chat_admin_required",
    "bot is not a member",
    "bot was kicked",
    "bot was blocked",
)
_LONG = ("too long", "character limit")
_ABSENT = "message to delete not found"
_PICTURE = ("photo", "image", "file", "media", "entity too large")


def judge(reply: Reply) -> NetworkError | None:
    """Name the caller's next move for one answer of the Bot API."""
    error = common(reply, _wait(reply))
    if error is None:
        return None
    blocked = firewall(reply, error)
    if blocked is not None:
        return blocked
    words = said(reply).lower()
    away = _account_problem(reply.status, words)
    if away is not None:
        return Disconnected(away, error.detail)
    if reply.status == 409:
        return TryLater(Problem.READ_ELSEWHERE, error.detail)
    if isinstance(error, Refused):
        kind = Gone if _ABSENT in words else Refused
        return kind(_refusal(words), error.detail)
    return error


def _account_problem(status: int, words: str) -> Problem | None:
    """What is wrong with the bot or its channel, rather than with the content."""
    if any(word in words for word in _UNKNOWN):
        return Problem.CHANNEL_UNKNOWN
    if status == 403 or any(word in words for word in _NO_RIGHT):
        return Problem.MAY_NOT_POST
    return Problem.TOKEN_REFUSED if status == 404 else None  # 404: no such bot


def _refusal(words: str) -> Problem:
    if any(word in words for word in _LONG):
        return Problem.TEXT_TOO_LONG
    if _ABSENT in words or "message can't be deleted" in words:
        return Problem.NOT_DELETABLE
    if "text is empty" in words:
        return Problem.TEXT_EMPTY
    if any(word in words for word in _PICTURE):
        return Problem.MEDIA_REFUSED
    return Problem.CONTENT_REFUSED


def _wait(reply: Reply) -> timedelta | None:
    """``parameters.retry_after`` in seconds, else the header."""
    try:
        body = json.loads(reply.body)
        seconds = body["parameters"]["retry_after"]
    except (ValueError, KeyError, TypeError):
        return retry_after(reply.headers, datetime.now(UTC))
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        return None
    return bounded(timedelta(seconds=min(seconds, 86_400)))
