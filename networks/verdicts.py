"""What an answer of an API means for the caller, as far as all networks agree.

Times of waiting come from the network's own headers; a clock that differs from ours
gives at worst a wait of one second or of a day.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from models.errors import (
    Disconnected,
    Gone,
    NetworkError,
    Refused,
    TryLater,
    Uncertain,
)
from models.problems import Problem
from networks.requests_door import Reply

_SHORTEST = timedelta(seconds=1)
_LONGEST = timedelta(days=1)
_PAUSE_WHEN_BLOCKED = timedelta(minutes=15)
_REASONS = (
    "title",
    "detail",
    "reason",
    "error",
    "error_description",
    "description",
)
_SAID = 200  # characters of an answer that are kept for the log


class Absent(TryLater):
    """What was asked for is not there."""


def common(reply: Reply, wait: timedelta | None) -> NetworkError | None:
    """Judge what needs no words: success, credentials, rates, failures of the server.

    Args:
        reply: the answer.
        wait: how long its headers ask to wait, if they do.

    Returns:
        None for a success; otherwise the error, ``Refused`` being only a first guess
        that the network's own module makes better.
    """
    status = reply.status
    if 200 <= status < 300:
        return None
    detail = f"{status} {said(reply)}".strip()
    if status == 401:
        return Disconnected(Problem.TOKEN_REFUSED, detail)
    if status in {425, 429} or (status == 503 and wait is not None):
        problem = Problem.SERVER_FAILED if status == 503 else Problem.RATE_LIMITED
        return TryLater(problem, detail, wait=wait)
    if status >= 500 or status == 408:
        kind = Uncertain if reply.publishes else TryLater
        return kind(Problem.SERVER_FAILED, detail)
    if reply.writes:
        return Refused(Problem.CONTENT_REFUSED, detail)
    return TryLater(Problem.HTTP_STATUS, detail)


def firewall(reply: Reply, error: NetworkError) -> TryLater | None:
    """A 403 without a word of the network itself: a page of something before it."""
    if reply.status != 403 or said(reply):
        return None
    return TryLater(Problem.FORBIDDEN, error.detail, wait=_PAUSE_WHEN_BLOCKED)


def gone(reply: Reply, error: NetworkError) -> Gone | None:
    """The network itself says that what is to be deleted is not there."""
    if not reply.deletes or reply.status not in {404, 410} or not said(reply):
        return None
    return Gone(Problem.NOT_DELETABLE, error.detail)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read ``Retry-After``: seconds or an HTTP date (RFC 9110, 10.2.3)."""
    given = headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return bounded(timedelta(seconds=min(int(given), _LONGEST.total_seconds())))
    try:
        at = parsedate_to_datetime(given)
    except (TypeError, ValueError):
        return None
    return bounded((at if at.tzinfo else at.replace(tzinfo=UTC)) - now)


def bounded(wait: timedelta) -> timedelta:
    """Keep a wait between one second and one day."""
    return max(_SHORTEST, min(wait, _LONGEST))


def said(reply: Reply) -> str:
    """What the other side gave as its reason, short and on one line."""
    try:
        body = json.loads(reply.body)
    except ValueError:
        return ""
    words = " ".join(" | ".join(dict.fromkeys(_reasons(body))).split())
    return "".join(letter for letter in words if letter.isprintable())[:_SAID]


def _reasons(body: Any) -> Iterable[str]:
    if not isinstance(body, dict):
        return
    for name in _REASONS:
        if isinstance(body.get(name), str):
            yield body[name]
    yield from _messages(body.get("error"))
    errors = body.get("errors")
    for error in errors if isinstance(errors, list) else ():
        yield from (error,) if isinstance(error, str) else _messages(error)


def _messages(error: Any) -> Iterable[str]:
    if isinstance(error, dict):
        found = (error.get("message"), error.get("detail"), error.get("error_user_msg"))
        yield from (text for text in found if isinstance(text, str))
