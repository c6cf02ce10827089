"""What the networks of Meta share: tokens, errors by code, cursors, rates.

Each rule has its mark: C, https://developers.facebook.com/docs/graph-api (seen
2026-11-24); S, other programs; T, not tested.

- C a token in the ``Authorization`` header or as ``access_token``; code 190 for one
  that is not good (T: with status 400).
- C an error is ``{"error": {"message", "type", "code", "fbtrace_id"}}``.
- C only the fields asked for are told; cursors are opaque, ``next`` only where there is
  more; times are ISO 8601 with ``+0000``.
- C subcode 459 for an account that is shut until its owner mends it; T the same
  for one that was deleted.
- T a Page that was deleted is an object that is not there; S the wording.
- C over the rate: code 32, and the minutes in ``X-Business-Use-Case-Usage``.
"""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import UploadFile

from sandbox.rates import Allowance
from sandbox.store import Account, Network
from sandbox.world import World, world_of

SECRET = {
    Network.FACEBOOK: "page_token",
    Network.INSTAGRAM: "instagram_token",
    Network.THREADS: "threads_token",
}
T = TypeVar("T")


@dataclass
class GraphError(Exception):
    """An answer of the Graph API that is no success."""

    code: int
    message: str
    status: int = 400
    headers: Mapping[str, str] = field(default_factory=dict)
    subcode: int = 0


def invalid(why: str) -> GraphError:
    """A parameter that cannot be used."""
    return GraphError(100, f"(#100) {why}")


def missing(object_id: str) -> GraphError:
    """An object that is not there, or not to be seen."""
    return GraphError(
        100,
        f"Unsupported get request. Object with ID '{object_id}' does not exist",
    )


async def answer_error(_: Request, error: Exception) -> Response:
    """``{"error": {…}}``."""
    assert isinstance(error, GraphError)
    told: dict[str, Any] = {
        "message": error.message,
        "type": "OAuthException",
        "code": error.code,
        "fbtrace_id": "A0",
    }
    if error.subcode:
        told["error_subcode"] = error.subcode
    return JSONResponse({"error": told}, error.status, dict(error.headers))


@dataclass(frozen=True, slots=True)
class Call:
    """One call: who calls, and what is given."""

    world: World
    account: Account
    given: Mapping[str, str]
    files: Mapping[str, bytes]
    token: str = field(default="", repr=False)

    def asks(self, name: str) -> bool:
        """Whether a field is asked for."""
        wanted = self.given.get("fields", "").replace("{", ",").replace(".", ",")
        return name in wanted.replace("}", ",").split(",")

    def only(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The id and the fields asked for."""
        return {k: v for k, v in found.items() if k == "id" or self.asks(k)}


async def call_of(request: Request, *networks: Network) -> Call:
    """Read a call and its token.

    Raises:
        GraphError: the token is missing or not good.
    """
    world = world_of(request)
    given: dict[str, str] = dict(request.query_params)
    files: dict[str, bytes] = {}
    if request.headers.get("content-type"):
        async with request.form() as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = await value.read()
                else:
                    given[name] = value
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token if scheme.casefold() == "bearer" else given.get("access_token", "")
    for network in networks:
        account = _holder(world, network, token)
        if account is not None and (network.value, account.id) in world.closed:
            raise _shut(network, request)
        if account is not None:
            return Call(world, account, given, files, token)
    raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")


def _shut(network: Network, request: Request) -> GraphError:
    """What is said to the holder of an account that is no more."""
    if network is not Network.FACEBOOK:
        why = "Error validating access token: You cannot access the app till you log in"
        return GraphError(190, why, subcode=459)
    named = request.url.path.split("/")[2]
    return GraphError(
        100,
        f"Unsupported {request.method.lower()} request. Object with ID '{named}' does"
        " not exist, cannot be loaded due to missing permissions, or does not support"
        " this operation",
        subcode=33,
    )


def _holder(world: World, network: Network, token: str) -> Account | None:
    """Whose token it is: the first of an account, or one that was given for it."""
    if not token:
        return None
    given = world.graph_tokens.get(token)
    if given is None:
        return world.store.by_secret(network, SECRET[network], token)
    account = world.store.accounts[given.account_id]
    dead = world.store.now() >= given.ends_at or not account.secrets
    return None if dead or account.network is not network else account


def spend(call: Call, allowance: Allowance) -> None:
    """Count one write.

    Raises:
        GraphError: over the rate.
    """
    now = call.world.store.now()
    rate = call.world.rates.count((call.account.id, "writes"), allowance, now)
    if rate.allowed:
        return
    minutes = math.ceil((rate.reset - now).total_seconds() / 60)
    usage = {"type": "pages", "estimated_time_to_regain_access": minutes}
    headers = {"X-Business-Use-Case-Usage": json.dumps({"1": [usage]})}
    raise GraphError(32, "(#32) Page request limit reached", headers=headers)


def stamp(at: datetime) -> str:
    """A time as Meta writes it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def unsupported_delete(object_id: str) -> GraphError:
    """One refusal for what is not there and for what may not be deleted (S)."""
    return GraphError(
        100,
        f"Unsupported delete request. Object with ID '{object_id}' does not exist,"
        " cannot be loaded due to missing permissions, or does not support this"
        " operation",
    )


def page(
    world: World, items: Sequence[T], given: Mapping[str, str], ids: Sequence[str]
) -> tuple[list[T], dict[str, Any]]:
    """One page of ``items`` after a cursor, and its ``paging``."""
    limit = min(int(given.get("limit", "25")), 100)
    start = 0
    if given.get("after"):
        last = base64.b64decode(given["after"]).decode()
        if last not in ids:
            raise invalid("invalid cursor")
        start = ids.index(last) + 1
    chosen = list(items[start : start + limit])
    if not chosen:
        return [], {}
    after = base64.b64encode(ids[start + len(chosen) - 1].encode()).decode()
    paging: dict[str, Any] = {"cursors": {"before": "", "after": after}}
    if start + len(chosen) < len(items):
        paging["next"] = f"{world.url}/?after={after}"
    return chosen, paging
