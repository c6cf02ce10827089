"""Mastodon's tokens, rate headers, errors and pages, shared by its endpoints."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from sandbox.rates import Allowance, Standing
from sandbox.store import Account, Network, Post
from sandbox.world import world_of


class MastodonError(Exception):
    """A Mastodon answer that is not a success: ``{"error": …}``."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message


def not_found() -> MastodonError:
    return MastodonError(404, "Record not found")


def viewer(request: Request, allowance: Allowance | None = None) -> Account | None:
    """The account of the bearer token; None without a token.

    Raises:
        MastodonError: 401 for a wrong token, 429 over the rate.
    """
    world = world_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        return None
    account = world.store.by_secret(Network.MASTODON, "access_token", token)
    if scheme.casefold() != "bearer" or account is None:
        raise MastodonError(401, "The access token is invalid")
    if (Network.MASTODON.value, account.id) in world.closed:
        # C: ApiController#require_functional!, en.yml
        raise MastodonError(403, "Your login is currently disabled")
    rules = world.rules
    key = (account.id, "media" if allowance else "calls")
    rate = world.rates.count(key, allowance or rules.mastodon_calls, world.store.now())
    request.state.rate = rate
    if not rate.allowed:
        raise MastodonError(429, "Too many requests")
    return account


def caller(request: Request, allowance: Allowance | None = None) -> Account:
    """As ``viewer``, and 401 without a token."""
    account = viewer(request, allowance)
    if account is None:
        raise MastodonError(401, "This method requires an authenticated user")
    return account


def rate_headers(request: Request) -> dict[str, str]:
    """``X-RateLimit-*``: the reset is an ISO 8601 time."""
    rate: Standing | None = getattr(request.state, "rate", None)
    if rate is None:
        return {}
    reset = rate.reset.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "X-RateLimit-Limit": str(rate.limit),
        "X-RateLimit-Remaining": str(rate.remaining),
        "X-RateLimit-Reset": reset,
    }


def answer(
    request: Request,
    body: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A JSON answer with the rate headers."""
    return JSONResponse(
        body,
        status_code=status,
        headers=rate_headers(request) | dict(headers or {}),
        media_type="application/json; charset=utf-8",
    )


async def answer_error(request: Request, error: Exception) -> Response:
    """``{"error": …}`` with the rate headers."""
    assert isinstance(error, MastodonError)
    return answer(request, {"error": error.message}, error.status)


def may_see(post: Post, account: Account | None) -> bool:
    """Whether an account, or the public, may read a status."""
    if post.draft.visibility in ("public", "unlisted"):
        return True
    return account is not None and account.id in (post.author_id, *post.mentions)


async def parameters(request: Request) -> dict[str, list[str]]:
    """Form, JSON and query parameters alike; names without ``[]``.

    Mastodon takes ``media_ids[]=1&media_ids[]=2`` and ``{"media_ids": ["1", "2"]}``.
    """
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        found.setdefault(name.removesuffix("[]"), []).append(value)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        body = await request.json()
        for name, value in body.items() if isinstance(body, dict) else ():
            values = value if isinstance(value, list) else [value]
            found[name] = [_written(each) for each in values if each is not None]
    elif kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        async with request.form() as form:
            for name, given in form.multi_items():
                if isinstance(given, str):
                    found.setdefault(name.removesuffix("[]"), []).append(given)
    return found


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def first(found: Mapping[str, Sequence[str]], name: str, default: str = "") -> str:
    return found[name][0] if found.get(name) else default


class Numbered(Protocol):
    """Anything that is listed by its growing number."""

    @property
    def id(self) -> int: ...


N = TypeVar("N", bound=Numbered)


def page(
    request: Request, newest_first: Sequence[N], default: int
) -> tuple[list[N], dict[str, str]]:
    """Cut one page and write its ``Link`` header.

    ``max_id`` and ``since_id`` give the newest that fit, ``min_id`` the oldest above
    it; inside a page the newest always stands first. The limit is capped at twice
    the default, silently. Source: Mastodon's Paginable.
    """
    given = request.query_params
    limit = min(_number(given.get("limit"), default), default * 2)
    top = _number(given.get("max_id"), 2**63)
    since = _number(given.get("since_id"), 0)
    lowest = _number(given.get("min_id"), 0)
    fits = [item for item in newest_first if max(since, lowest) < item.id < top]
    chosen = fits[-limit:] if "min_id" in given and limit else fits[:limit]
    if not chosen:
        return [], {}
    kept = [
        (name, value)
        for name, value in given.multi_items()
        if name not in ("max_id", "since_id", "min_id")
    ]
    base = f"{world_of(request).url}{request.url.path}"
    older = urlencode([*kept, ("max_id", str(chosen[-1].id))])
    newer = urlencode([*kept, ("min_id", str(chosen[0].id))])
    links = [f'<{base}?{newer}>; rel="prev"']
    if len(chosen) == limit:
        links.insert(0, f'<{base}?{older}>; rel="next"')
    return chosen, {"Link": ", ".join(links)}


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default
