"""What the answers of Meta's Graph API mean, by the code that each error carries.

Source: https://developers.facebook.com/docs/graph-api/guides/error-handling and
/docs/graph-api/overview/rate-limiting (seen 2026-11-24). Action blocks that were
answered although the post stood: Postiz PR 1681 (S), so they are never taken for a no.
Subcodes 459 (checkpointed) and 464 (not confirmed): the account itself, until its owner
mends it. T that a deleted account is answered like an object that is not there.
"""

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from models.errors import Disconnected, NetworkError, Refused, TryLater, Uncertain
from models.problems import Problem
from networks.requests_door import Reply
from networks.verdicts import bounded, common, firewall, retry_after, said

_RATES = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
_TOKENS = frozenset({102, 190, 463, 467})
_RIGHTS = frozenset({3, 10, *range(200, 300)})
_TRANSIENT = frozenset({1, 2})
_BLOCKED = 368
_DUPLICATE = 506
_INVALID = 100  # a parameter, or an object that is not there
_MEDIA_CODES = frozenset({324, 352, 9004, 9007, 36000, 36001, 36003})
_LONG = ("too long", "character limit", "max length", "at most 500 characters")
_SHUT = frozenset({459, 464})  # subcodes
_ABSENT = "object with id '{}' does not exist"
_OF_ACCOUNT = frozenset(
    {
        "content_publishing_limit",
        "feed",
        "media",
        "media_publish",
        "photos",
        "published_posts",
        "threads",
        "threads_publish",
        "threads_publishing_limit",
        "videos",
    }
)
_USAGE = "x-business-use-case-usage"


def judge(reply: Reply) -> NetworkError | None:
    """Name the caller's next move for one answer of the Graph API."""
    error = common(reply, retry_after(reply.headers, datetime.now(UTC)))
    if error is None:
        return None
    blocked = firewall(reply, error)
    if blocked is not None:
        return blocked
    code = _code(reply)
    known = _by_code(code, reply, error)
    if known is not None:
        return known
    if reply.status == 403 and code is None:
        return Disconnected(Problem.SCOPE_MISSING, error.detail)
    if isinstance(error, Refused) or code == _INVALID:
        if _account_is_gone(reply, code):
            return Disconnected(Problem.ACCOUNT_CLOSED, error.detail)
        error = Refused(_refusal(reply, code), error.detail)
    return error


def _account_is_gone(reply: Reply, code: int | None) -> bool:
    """Whether the object that is not there is the account itself."""
    if code != _INVALID:
        return False
    named, edge = [*reply.path.split("/")[2:], "", ""][:2]  # after the version
    if named != "me" and edge not in _OF_ACCOUNT:
        return False
    return _ABSENT.format(named.lower()) in said(reply).lower()


def _by_code(
    code: int | None, reply: Reply, error: NetworkError
) -> NetworkError | None:
    """What the code itself says, whatever the status is."""
    if code in _RATES:
        return TryLater(Problem.RATE_LIMITED, error.detail, wait=_wait(reply))
    if code in _TOKENS:
        shut = _code(reply, "error_subcode") in _SHUT
        problem = Problem.ACCOUNT_CLOSED if shut else Problem.TOKEN_REFUSED
        return Disconnected(problem, error.detail)
    if code in _RIGHTS:
        return Disconnected(Problem.SCOPE_MISSING, error.detail)
    if code in _TRANSIENT or code == _BLOCKED:
        kind = Uncertain if reply.publishes else TryLater
        return kind(Problem.SERVER_FAILED, error.detail)
    if code == _DUPLICATE:
        return Refused(Problem.DUPLICATE_TEXT, error.detail)
    return None


def _refusal(reply: Reply, code: int | None) -> Problem:
    words = said(reply).lower()
    if any(word in words for word in _LONG):
        return Problem.TEXT_TOO_LONG
    if code in _MEDIA_CODES or reply.path.endswith(("/photos", "/videos")):
        return Problem.MEDIA_REFUSED
    return Problem.CONTENT_REFUSED


def _code(reply: Reply, name: str = "code") -> int | None:
    try:
        code = json.loads(reply.body)["error"][name]
    except (ValueError, KeyError, TypeError):
        return None
    return code if isinstance(code, int) else None


def _wait(reply: Reply) -> timedelta | None:
    """The longest time to regain access that the usage headers name, in minutes."""
    asked = retry_after(reply.headers, datetime.now(UTC))
    try:
        usage = json.loads(reply.headers.get(_USAGE, "{}"))
    except ValueError:
        return asked
    minutes = max(_minutes(usage), default=0)
    if minutes <= 0:
        return asked
    return bounded(timedelta(minutes=min(math.ceil(minutes), 1_440)))


def _minutes(usage: Any) -> Iterator[float]:
    rows = usage.values() if isinstance(usage, dict) else ()
    for row in rows:
        for each in row if isinstance(row, list) else ():
            found = each.get("estimated_time_to_regain_access")
            if isinstance(found, int | float):
                yield found
