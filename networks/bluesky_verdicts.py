"""What answers of Bluesky's servers mean.

Every failure is ``{"error": CODE, "message": words}``: https://atproto.com/specs/xrpc;
codes of sessions and records from the lexicons com.atproto.server.* and
com.atproto.repo.*, wordings from packages/pds of bluesky-social/atproto (S); times of
waiting from https://docs.bsky.app/docs/advanced-guides/rate-limits (seen 2026-11-24).
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from models.errors import Disconnected, NetworkError, Refused, TryLater
from models.problems import Problem
from networks.requests_door import Reply
from networks.verdicts import Absent, bounded, common, retry_after

_PAUSE_WHEN_BLOCKED = timedelta(minutes=15)
_SESSIONS = "/xrpc/com.atproto.server."
_UPLOADS = "uploadBlob"
_STALE = frozenset({"ExpiredToken", "InvalidToken"})
_ABSENT = frozenset({"RecordNotFound", "NotFound"})
_UNKNOWN_HANDLE = "unable to resolve handle"
_CLOSED = frozenset({"AccountTakedown", "AccountSuspended", "AccountDeactivated"})
_TOO_LONG = ("at $.record.text", "too long", "character limit")
_LOST_BLOB = ("blobnotfound", "could not find blob")
_SAID = 200


class Stale(Disconnected):
    """The session is over; nothing was done. A fresh one may still be had."""


def judge(reply: Reply) -> NetworkError | None:
    """Name the caller's next move for one answer."""
    error = common(reply, _wait(reply))
    if error is None:
        return None
    code, words = _said(reply.body)
    detail = f"{reply.status} {code} {words}".strip()[:_SAID]
    if code in _STALE:
        return Stale(Problem.TOKEN_REFUSED, detail)
    if code in _CLOSED:
        return Disconnected(Problem.ACCOUNT_CLOSED, detail)
    if reply.status == 403:
        return _forbidden(code, detail)
    if isinstance(error, Refused):
        return _refusal(reply, code, words.lower(), detail)
    return _unanswered(reply, error, f"{code} {words}", detail)


def _forbidden(code: str, detail: str) -> NetworkError:
    if code:
        return Disconnected(Problem.SCOPE_MISSING, detail)
    # a page of a firewall, not the server's own answer
    return TryLater(Problem.FORBIDDEN, detail, wait=_PAUSE_WHEN_BLOCKED)


def _unanswered(
    reply: Reply, error: NetworkError, words: str, detail: str
) -> NetworkError:
    """The same error, with the network's own words; or that there is nothing."""
    absent = words.partition(" ")[0] in _ABSENT or _UNKNOWN_HANDLE in words.lower()
    if reply.status in {400, 404} and not reply.writes and absent:
        return Absent(Problem.HTTP_STATUS, detail)
    if isinstance(error, TryLater):
        return TryLater(error.problem, detail, wait=error.wait)
    return type(error)(error.problem, detail)


def _refusal(reply: Reply, code: str, words: str, detail: str) -> NetworkError:
    if reply.path.startswith(_SESSIONS):
        wrong = Problem.ADDRESS_INVALID if reply.status == 404 else None
        return Disconnected(wrong or Problem.TOKEN_REFUSED, detail)
    said = f"{code} {words}".lower()
    if any(lost in said for lost in _LOST_BLOB):
        return TryLater(
            Problem.MEDIA_REFUSED, detail
        )  # it waited too long: upload anew
    if any(long in said for long in _TOO_LONG):
        return Refused(Problem.TEXT_TOO_LONG, detail)
    media = ("blob", "image", "mimetype", "alt")
    if _UPLOADS in reply.path or any(word in said for word in media):
        return Refused(Problem.MEDIA_REFUSED, detail)
    return Refused(Problem.CONTENT_REFUSED, detail)


def _said(body: bytes) -> tuple[str, str]:
    """Code and words of a failure; empty where it has none."""
    try:
        told: Any = json.loads(body)
    except ValueError:
        return "", ""
    if not isinstance(told, Mapping):
        return "", ""
    code, words = told.get("error"), told.get("message")
    plain = words if isinstance(words, str) else ""
    shown = "".join(letter for letter in plain if letter.isprintable())
    return (code if isinstance(code, str) else "")[:80], " ".join(shown.split())


def _wait(reply: Reply) -> timedelta | None:
    """``Retry-After``, else ``RateLimit-Reset``: a second of the epoch."""
    now = datetime.now(UTC)
    asked = retry_after(reply.headers, now)
    if asked is not None:
        return asked
    reset = reply.headers.get("ratelimit-reset", "")
    if reply.status != 429 or not (reset.isascii() and reset.isdigit()):
        return None
    return bounded(datetime.fromtimestamp(min(int(reset), 2**33), UTC) - now)
