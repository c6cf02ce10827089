"""What X's answers mean.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors, seen
2026-11-24; the wordings of 403 come from recorded answers and issue threads, that of a
suspended account from akrherz/iembot issue 156 (2026-02-09, S).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from models.errors import Disconnected, NetworkError, Refused, TryLater
from models.problems import Problem
from networks.requests_door import Reply
from networks.verdicts import bounded, common, firewall, gone, retry_after, said

_MEDIA = "/2/media"
_PAUSE_WITHOUT_CREDIT = timedelta(hours=1)
_SCOPE_WORDS = (
    "oauth1 app permissions",
    "client-not-enrolled",
    "client forbidden",
    "unsupported authentication",
    "not permitted to access this resource",
)
_CLOSED_WORDS = ("suspended", "locked", "deactivated")
_TOKEN_WORDS = ("unauthorized",)


def judge(reply: Reply) -> NetworkError | None:
    """Name the caller's next move for one answer of X."""
    error = common(reply, _wait(reply.headers))
    if error is None:
        return None
    if reply.status == 402:  # no credit left: nothing was done, money is needed
        pause = _PAUSE_WITHOUT_CREDIT
        return TryLater(Problem.BUDGET_SPENT, error.detail, wait=pause)
    known = firewall(reply, error) or gone(reply, error)
    if known is not None:
        return known
    if reply.status == 403:
        return _forbidden(reply, error.detail)
    if isinstance(error, Refused):
        return Refused(_refusal(reply, said(reply).lower()), error.detail)
    return error


def _forbidden(reply: Reply, detail: str) -> NetworkError:
    words = said(reply).lower()
    if any(word in words for word in _SCOPE_WORDS):
        return Disconnected(Problem.SCOPE_MISSING, detail)
    if any(word in words for word in _CLOSED_WORDS):
        return Disconnected(Problem.ACCOUNT_CLOSED, detail)
    if any(word in words for word in _TOKEN_WORDS):
        return Disconnected(Problem.TOKEN_REFUSED, detail)
    if reply.writes:
        return Refused(_refusal(reply, words), detail)
    return Disconnected(Problem.SCOPE_MISSING, detail)


def _refusal(reply: Reply, words: str) -> Problem:
    if reply.deletes:
        return Problem.NOT_DELETABLE
    if "duplicate content" in words:
        return Problem.DUPLICATE_TEXT
    if "too long" in words:
        return Problem.TEXT_TOO_LONG
    if reply.path.startswith(_MEDIA) or "media" in words:
        return Problem.MEDIA_REFUSED
    return Problem.CONTENT_REFUSED


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """How long to wait: Retry-After, else the reset of the limit that is used up.

    Beside the 15-minute limit there are daily ones of the user and the app.
    """
    now = datetime.now(UTC)
    asked = retry_after(headers, now)
    if asked is not None:
        return asked
    resets = [
        headers.get(f"{limit}-reset", "")
        for limit in (
            "x-rate-limit",
            "x-user-limit-24hour",
            "x-app-limit-24hour",
        )
        if headers.get(f"{limit}-remaining", "0") == "0"
    ]
    times = [int(reset) for reset in resets if reset.isascii() and reset.isdigit()]
    if not times:
        return None
    until = datetime.fromtimestamp(min(max(times), _FAR), UTC)
    return bounded(until - now)


_FAR = 4_102_444_800  # the year 2100: keeps nonsense out of the arithmetic
