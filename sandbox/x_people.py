"""X API v2: people."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.store import Account, Network
from sandbox.world import world_of
from sandbox.x_auth import answer, caller, path_id
from sandbox.x_query import known_parameters, missing, wanted
from sandbox.x_shape import user_json

router = APIRouter()
_ALLOWED = frozenset({"expansions", "post.fields", "tweet.fields", "user.fields"})


@router.get("/2/users/me")
async def me(request: Request) -> Response:
    """Who the token belongs to."""
    return _person(request, await caller(request), "")


@router.get("/2/users/by/username/{username}")
async def by_name(request: Request, username: str) -> Response:
    """A person by the handle."""
    await caller(request)
    found = world_of(request).store.find_account(Network.X, username)
    return _person(request, found, username, "username")


@router.get("/2/users/{user_id}")
async def by_id(request: Request, user_id: str) -> Response:
    """A person by the id."""
    await caller(request)
    found = world_of(request).store.accounts.get(path_id(user_id))
    return _person(request, found, user_id)


def _person(
    request: Request, account: Account | None, asked: str, parameter: str = "id"
) -> Response:
    known_parameters(request, _ALLOWED)
    fields = wanted(request).user_fields
    if account is None or account.network is not Network.X:
        return answer(request, {"errors": [missing("user", asked, parameter)]})
    shown = user_json(account, world_of(request).store, fields)
    return answer(request, {"data": shown})
