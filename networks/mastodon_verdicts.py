"""What a Mastodon server's answers mean.

Source: https://docs.joinmastodon.org/api/rate-limits/ and the wordings of
``config/locales/en.yml`` of mastodon/mastodon (seen 2026-07-02).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from models.errors import Disconnected, NetworkError, Refused
from models.problems import Problem
from networks.requests_door import Reply
from networks.times import aware
from networks.verdicts import (
    Absent,
    bounded,
    common,
    firewall,
    gone,
    retry_after,
    said,
)

# 422: the token is no person's, https://docs.joinmastodon.org/methods/accounts/ (seen
# 2026-11-24); of snac2 also a token that it does not know
_WHO = "/api/v1/accounts/verify_credentials"
_MEDIA = "/media"
_STATUS = "/api/v1/statuses/"
_SCOPE_WORDS = ("outside the authorized scopes", "requires authenticated user")
_CLOSED_WORDS = ("suspended", "disabled")
_ACCOUNT_WORDS = ("pending", "confirm")


def judge(reply: Reply) -> NetworkError | None:
    """Name the caller's next move for one answer of a Mastodon server."""
    error = common(reply, _wait(reply.headers))
    if error is None:
        return None
    known = firewall(reply, error) or gone(reply, error)
    if known is not None:
        return known
    words = said(reply).lower()
    if _STATUS in reply.path and not reply.writes and reply.status in {404, 410}:
        return Absent(error.problem, error.detail) if words else error
    if reply.status == 403 or (reply.status == 422 and reply.path.endswith(_WHO)):
        return _forbidden(reply, error, words)
    if isinstance(error, Refused):
        return Refused(_refusal(reply, words), error.detail)
    return error


def _forbidden(reply: Reply, error: NetworkError, words: str) -> NetworkError:
    if any(word in words for word in _SCOPE_WORDS):
        return Disconnected(Problem.SCOPE_MISSING, error.detail)
    if any(word in words for word in _CLOSED_WORDS):
        return Disconnected(Problem.ACCOUNT_CLOSED, error.detail)
    if any(word in words for word in _ACCOUNT_WORDS) or not reply.writes:
        return Disconnected(Problem.TOKEN_REFUSED, error.detail)
    return Refused(_refusal(reply, words), error.detail)


def _refusal(reply: Reply, words: str) -> Problem:
    if reply.deletes:  # snac2: 404 without a word, whatever stands there
        return Problem.NOT_DELETABLE
    if "character limit" in words or "too long" in words:
        return Problem.TEXT_TOO_LONG
    if _MEDIA in reply.path or "media" in words or "file" in words:
        return Problem.MEDIA_REFUSED
    return Problem.CONTENT_REFUSED


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    """How long to wait: ``Retry-After``, else the ISO time of ``X-RateLimit-Reset``."""
    now = datetime.now(UTC)
    asked = retry_after(headers, now)
    if asked is not None:
        return asked
    if headers.get("x-ratelimit-remaining", "0") != "0":
        return None
    reset = aware(headers.get("x-ratelimit-reset"))
    return bounded(reset - now) if reset else None
