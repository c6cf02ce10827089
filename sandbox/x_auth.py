"""X API v2: who is calling, within which rate; answers, errors and JSON bodies."""

import json
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from sandbox import oauth1
from sandbox.rates import Allowance, Standing
from sandbox.store import Account, Network
from sandbox.world import World, world_of
from sandbox.x_query import XError, invalid, problem

ID = re.compile(r"^[0-9]{1,19}$")


async def caller(request: Request, allowance: Allowance | None = None) -> Account:
    """The account whose OAuth 1.0a signature the request carries, within its rate.

    Raises:
        XError: 401 for a bad token, signature, timestamp or used nonce; 429 over
            the rate.
    """
    world = world_of(request)
    header = oauth1.parse_header(request.headers.get("authorization", ""))
    account = world.store.by_secret(
        Network.X, "access_token", header.get("oauth_token", "")
    )
    if account is None or not await _proved(request, header, account, world):
        raise problem(401, "Unauthorized", "Unauthorized")
    if (Network.X.value, account.id) in world.closed:
        # S: akrherz/iembot issue 156, suspended; T that a deleted one is answered so
        raise problem(403, "Forbidden", "The user used for authentication is suspended")
    key = (account.id, request.method, request.scope["route"].path)
    rate = world.rates.count(key, allowance or world.rules.x_reads, world.store.now())
    request.state.rate = rate
    if not rate.allowed:
        raise problem(429, "Too Many Requests", "Too Many Requests")
    return account


async def _proved(
    request: Request, header: Mapping[str, str], account: Account, world: World
) -> bool:
    kind = request.headers.get("content-type", "")
    form = b""
    if kind.startswith("application/x-www-form-urlencoded"):
        form = await request.body()
    signed = oauth1.Signed(
        method=request.method,
        path=request.scope["raw_path"].decode("ascii"),
        query=request.url.query,
        form=form.decode("utf-8", "replace"),
    )
    secrets = account.secrets
    return (
        header.get("oauth_consumer_key") == secrets["consumer_key"]
        and oauth1.is_fresh(header)
        and oauth1.is_valid(
            signed,
            header,
            secrets["consumer_secret"],
            secrets["access_token_secret"],
            world.url,
        )
        and world.nonces.first_use(header.get("oauth_nonce", ""))
    )


def rate_headers(request: Request) -> dict[str, str]:
    """``x-rate-limit-*``: the reset is in epoch seconds."""
    rate: Standing | None = getattr(request.state, "rate", None)
    if rate is None:
        return {}
    return {
        "x-rate-limit-limit": str(rate.limit),
        "x-rate-limit-remaining": str(rate.remaining),
        "x-rate-limit-reset": str(int(rate.reset.timestamp()) + 1),
    }


def answer(request: Request, body: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer with the rate headers."""
    return JSONResponse(
        dict(body),
        status_code=status,
        headers=rate_headers(request),
        media_type="application/json; charset=utf-8",
    )


async def answer_error(request: Request, error: Exception) -> Response:
    """An error answer: problem JSON with the rate headers."""
    assert isinstance(error, XError)
    return JSONResponse(
        error.body,
        status_code=error.status,
        headers=rate_headers(request) | error.headers,
        media_type="application/problem+json; charset=utf-8",
    )


async def json_body(request: Request, allowed: frozenset[str]) -> dict[str, Any]:
    """The JSON object of a request; unknown names are refused as X refuses them."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_body("Requires valid JSON object in the request body")
    for name in body:
        if name not in allowed:
            raise bad_body(
                f"$.{name}: is not defined in the schema and the schema does not"
                " allow additional properties"
            )
    return body


def bad_body(message: str) -> XError:
    """400: the body cannot be used."""
    error = invalid("body", "", message)
    error.body["errors"] = [{"parameters": {}, "message": message}]
    return error


def path_id(text: str) -> int:
    """A number in the path."""
    if not ID.match(text):
        message = f"The `id` query parameter value [{text}] does not match {ID.pattern}"
        raise invalid("id", text, message)
    return int(text)
