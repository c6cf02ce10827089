"""Asking a feed for news, politely: conditional, honest, and told apart by outcome.

Nothing is raised for what a server or the way to it does; every outcome is a value
that is stored as it is. Rules: Miniflux (``reader/fetcher``), RFC 9110, RFC 9111.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import unquote, urlsplit, urlunsplit

from models.errors import NetworkError
from models.problems import Problem
from models.source_values import LONGEST_REST
from networks.http import Answer, Http

ACCEPT = (
    "application/xml,application/atom+xml,application/rss+xml,application/rdf+xml,"
    "application/feed+json,text/html,*/*;q=0.9"
)
UNREADABLE_WAIT = timedelta(seconds=600)  # FreshRSS, app/Utils/httpUtil.php


@dataclass(frozen=True, slots=True)
class Validators:
    """What makes the next request conditional; columns of a source, shown on its page.

    ``body_hash`` is the SHA-256 (hex) of the body after decompression.
    """

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""


class FetchState(StrEnum):
    """How a fetch ended."""

    CHANGED = "changed"  # there is a body to parse
    NOT_MODIFIED = "not_modified"  # 304
    SAME_ETAG = "same_etag"  # 200, yet the ETag we had
    SAME_BODY = "same_body"  # 200, yet the bytes we had
    FAILED = "failed"

    @property
    def unchanged(self) -> bool:
        """Whether the source answered and has nothing new."""
        return self not in {FetchState.CHANGED, FetchState.FAILED}


@dataclass(frozen=True, slots=True)
class HostPause:
    """A host asked to be left alone: no request to it before ``until``."""

    host: str  # "media.example:443"
    until: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """One fetch of one feed. No field holds a credential.

    Attributes:
        url: what was asked for.
        at: when; aware.
        status: of the last answer; None when there was none.
        problem: why it failed, None otherwise; ``detail`` is for the log.
        answered_by: where the answer came from, after redirects.
        body: bytes after decompression; only of ``CHANGED``.
        validators: to store **together with the items**; as they were on failure.
        fresh_for: how long ``Cache-Control: max-age`` or ``Expires`` keep it fresh.
        pause: what the host asked for (429, 503).
        moved_to: the new address after an unbroken chain of permanent redirects.
    """

    url: str
    at: datetime
    state: FetchState
    status: int | None = None
    problem: Problem | None = None
    detail: str = ""
    answered_by: str = ""
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    validators: Validators = Validators()
    fresh_for: timedelta = timedelta()
    pause: HostPause | None = None
    moved_to: str | None = None

    @property
    def gone(self) -> bool:
        """Whether the source said that it is closed for good (410)."""
        return self.problem is Problem.GONE

    def failed_because(self, error: NetworkError, before: Validators) -> "Fetched":
        """The same fetch when its body turned out to be unusable.

        The validators go back to what they were, so that the next request brings the
        body again instead of "not modified".
        """
        return replace(
            self,
            state=FetchState.FAILED,
            problem=error.problem,
            detail=error.detail,
            validators=before,
            body=b"",
        )


def fetch(
    url: str, validators: Validators, http: Http, now: datetime, *, userinfo: str = ""
) -> Fetched:
    """Ask one feed for news; one request and its redirects, never two.

    Args:
        url: address of the feed.
        validators: as stored after the last fetch that was understood.
        http: the guarded door.
        now: aware time of the fetch.
        userinfo: "name:password" for basic authentication (``split_credentials``);
            sent to this origin only. Credentials inside ``url`` serve as well.
    """
    clean, inside = split_credentials(url)
    asked = Fetched(
        clean, now, FetchState.FAILED, answered_by=clean, validators=validators
    )
    headers = _conditions(validators) | _authorization(userinfo or inside)
    try:
        answer = http.get(clean, {"accept": ACCEPT} | headers)
    except NetworkError as error:
        return replace(asked, problem=error.problem, detail=error.detail)
    answered = replace(
        asked,
        status=answer.status,
        answered_by=answer.url,
        content_type=answer.headers.get("content-type", ""),
        moved_to=answer.permanent_url,
        fresh_for=_fresh_for(answer.headers, now),
        pause=pause_of(answer, now),
    )
    return _judge(answered, answer, validators)


def split_credentials(url: str) -> tuple[str, str]:
    """An address without user and password, and these as "name:password" (or "").

    The address may be stored and shown; the rest is a secret.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip(), ""
    info, at, host = parts.netloc.rpartition("@")
    if not at:
        return url.strip(), ""
    return urlunsplit(parts._replace(netloc=host)), unquote(info)


def _conditions(validators: Validators) -> dict[str, str]:
    headers = {}
    if validators.etag:
        headers["if-none-match"] = validators.etag
    if validators.last_modified:
        headers["if-modified-since"] = validators.last_modified
    return headers


def _authorization(userinfo: str) -> dict[str, str]:
    if not userinfo:
        return {}
    pair = userinfo if ":" in userinfo else f"{userinfo}:"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


# ---------------------------------------------------------------- what it means


def _judge(answered: Fetched, answer: Answer, before: Validators) -> Fetched:
    if answer.status == 304 and (before.etag or before.last_modified):
        kept = _validators(answer.headers, before, before.body_hash)
        return replace(answered, state=FetchState.NOT_MODIFIED, validators=kept)
    if answer.status != 200:
        problem = _problem(answer)
        return replace(answered, problem=problem, detail=f"HTTP {answer.status}")
    if not answer.body.strip():
        return replace(answered, problem=Problem.FEED_EMPTY, detail="no bytes")
    after = _validators(
        answer.headers, Validators(), hashlib.sha256(answer.body).hexdigest()
    )
    if _same_etag(answer.headers.get("etag", ""), before.etag):
        kept = replace(after, body_hash=before.body_hash)
        return replace(answered, state=FetchState.SAME_ETAG, validators=kept)
    if after.body_hash == before.body_hash:
        return replace(answered, state=FetchState.SAME_BODY, validators=after)
    return replace(
        answered, state=FetchState.CHANGED, validators=after, body=answer.body
    )


def _problem(answer: Answer) -> Problem:
    if answer.headers.get("cf-mitigated", "").lower() == "challenge":
        return Problem.CHALLENGED
    down = Problem.HTTP_STATUS
    return {
        401: Problem.FORBIDDEN,
        403: Problem.FORBIDDEN,
        410: Problem.GONE,
        429: Problem.HOST_RESTING,
        503: Problem.HOST_RESTING if "retry-after" in answer.headers else down,
    }.get(answer.status, down)


def _validators(
    headers: Mapping[str, str], before: Validators, body_hash: str
) -> Validators:
    """What to store; ``Expires: 0`` empties it (Miniflux, response_handler.go)."""
    if headers.get("expires", "").strip() == "0":
        return Validators(body_hash=body_hash)
    return Validators(
        etag=headers.get("etag", before.etag).strip(),
        last_modified=headers.get("last-modified", before.last_modified).strip(),
        body_hash=body_hash,
    )


def _same_etag(one: str, other: str) -> bool:
    """Weak comparison, RFC 9110 section 8.8.3.2."""
    one, other = (tag.strip().removeprefix("W/") for tag in (one, other))
    return bool(one) and one == other


# ------------------------------------------------------------------ how long


def _fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta:
    """The longer of max-age and Expires, at most a day; see ``next_check``."""
    found = [timedelta()]
    for part in headers.get("cache-control", "").split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip('" ')
        if name.lower() == "max-age" and value.isdecimal():
            found.append(timedelta(seconds=min(int(value[:9]), 10**9)))
    expires = read_http_date(headers.get("expires", ""))
    if expires is not None:
        found.append(expires - now)
    return min(max(found), LONGEST_REST)


def pause_of(answer: Answer, now: datetime) -> HostPause | None:
    """Retry-After of 429 and 503 speaks for the host, not for one feed."""
    written = answer.headers.get("retry-after", "").strip()
    if answer.status not in {429, 503} or (answer.status == 503 and not written):
        return None
    wait = min(_retry_after(written, now), LONGEST_REST)
    return HostPause(host_key(answer.url), now + wait)


def _retry_after(written: str, now: datetime) -> timedelta:
    if written.isdecimal():
        return timedelta(seconds=int(written[:9]))
    moment = read_http_date(written)
    if moment is None:
        return UNREADABLE_WAIT
    return max(moment - now, timedelta())


def read_http_date(written: str) -> datetime | None:
    """An HTTP date as aware UTC (RFC 9110 section 5.6.7), or None."""
    try:
        moment = parsedate_to_datetime(written)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def host_key(url: str) -> str:
    """The host and port that share one bucket; "" for what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port or (80 if parts.scheme.lower() == "http" else 443)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if parts.hostname else ""
