"""How long-lived tokens of Meta are renewed, and what is told of one.

- C a token lives for 60 days; one that is at least 24 hours old and lives yet is
  exchanged for another (Instagram's and Threads's ``refresh_access_token``).
- C a Page's token is told of by ``debug_token``: ``is_valid``, ``expires_at`` (0:
  never) and ``scopes``.
- T the old token stays good until its own end; the token may stand in the header; a
  token that is too young is refused with code 100; ``method=get`` in a POST.
"""

import secrets
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox.graph import SECRET, call_of, invalid
from sandbox.store import Network
from sandbox.world import GraphToken

router = APIRouter()
LIFE, LEAST_AGE = timedelta(days=60), timedelta(hours=24)
GRANTS = {
    "ig_refresh_token": (Network.INSTAGRAM, "IGAA"),
    "th_refresh_token": (Network.THREADS, "THAA"),
}
SCOPES = ("pages_manage_posts", "pages_read_engagement", "pages_read_user_content")


@router.get("/refresh_access_token")
async def refresh(request: Request) -> Response:
    """Exchange a token that lives for one that lives 60 days."""
    grant = request.query_params.get("grant_type", "")
    if grant not in GRANTS:
        raise invalid("grant_type must be ig_refresh_token or th_refresh_token")
    network, prefix = GRANTS[grant]
    call = await call_of(request, network)
    known, now = call.world.graph_tokens.get(call.token), call.world.store.now()
    if now - (known.made_at if known else call.account.created_at) < LEAST_AGE:
        raise invalid("the token is less than 24 hours old")
    token = prefix + secrets.token_hex(60)
    made = GraphToken(call.account.id, now, now + LIFE)
    call.world.graph_tokens[token] = made
    seconds = int(LIFE.total_seconds())
    told = {"access_token": token, "token_type": "bearer", "expires_in": seconds}
    return JSONResponse(told)


@router.post("/v24.0/debug_token")
async def debug(request: Request) -> Response:
    """What is known of a token, to who holds it."""
    call = await call_of(request, Network.FACEBOOK)
    if call.given.get("method", "").lower() != "get":
        raise invalid("Unsupported post request")
    asked = call.given.get("input_token", "")
    if asked != call.account.secrets.get(SECRET[Network.FACEBOOK]):
        raise invalid("The access token could not be decrypted")
    life, lacks = call.world.rules.facebook_token_life, call.world.rules.facebook_lacks
    ends = call.account.created_at + life if life else None
    told = {
        "type": "PAGE",
        "is_valid": ends is None or call.world.store.now() < ends,
        "expires_at": int(ends.timestamp()) if ends else 0,
        "scopes": [scope for scope in SCOPES if scope not in lacks],
    }
    return JSONResponse({"data": told})
