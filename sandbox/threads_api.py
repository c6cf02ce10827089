"""The Threads API: containers, publishing, own posts, conversations.

Beside the rules of ``sandbox.graph`` and ``sandbox.containers``:

- C a text has at most 500 characters, an emoji counting its UTF-8 bytes.
- C at most five links, else ``THREADS_API__LINK_LIMIT_EXCEEDED``.
- C 250 posts in 24 hours, asked for by ``threads_publishing_limit``.
- C insights by ``metric``, with the permission ``threads_manage_insights``; T code 10
  without it.
- S an own post is deleted by its id, 100 a day.
- C a conversation holds answers of all levels, newest first by ``reverse=true``.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import regex
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox import containers
from sandbox.graph import (
    Call,
    GraphError,
    call_of,
    invalid,
    missing,
    page,
    spend,
    stamp,
    unsupported_delete,
)
from sandbox.rates import Allowance
from sandbox.store import Network, Post

router = APIRouter(prefix="/v1.0")
METRICS = frozenset({"views", "likes", "replies", "reposts", "quotes", "shares"})
LONGEST, LINKS = 500, 5
DELETES = Allowance(100, timedelta(days=1))
TYPES = frozenset({"image/jpeg", "image/png"})
FILMS = containers.Films(0.001, 300, 1_024 * 1024 * 1024)
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}")


@router.get("/me")
async def me(request: Request) -> Response:
    """Who the token belongs to."""
    call = await call_of(request, Network.THREADS)
    told = {"id": str(call.account.id), "username": call.account.handle}
    return JSONResponse(call.only(told))


@router.post("/{user_id}/threads")
async def contain(request: Request, user_id: str) -> Response:
    """Make a container."""
    call = await _own(request, user_id)
    text = call.given.get("text", "")
    if _length(text) > LONGEST:
        raise invalid("Param text must be at most 500 characters long")
    if len(set(regex.findall(r"https?://\S+", text))) > LINKS:
        raise invalid("THREADS_API__LINK_LIMIT_EXCEEDED")
    kind = call.given.get("media_type")
    if kind not in ("TEXT", "IMAGE", "VIDEO", "CAROUSEL") or (
        kind == "TEXT" and not text
    ):
        raise invalid("media_type or text is missing")
    reply_to = call.given.get("reply_to_id", "")
    parent = _object(call, reply_to).id if reply_to else None
    made = await containers.make(call, text, parent, TYPES, FILMS)
    return JSONResponse({"id": str(made)})


def _length(text: str) -> int:
    return sum(
        len(each.encode()) if _EMOJI.search(each) and not each.isascii() else len(each)
        for each in regex.findall(r"\X", text)
    )


@router.post("/{user_id}/threads_publish")
async def publish(request: Request, user_id: str) -> Response:
    """Publish a container."""
    call = await _own(request, user_id)
    post = containers.publish(call, call.world.rules.threads_writes)
    return JSONResponse({"id": str(post.id)})


@router.get("/{user_id}/threads_publishing_limit")
async def limit(request: Request, user_id: str) -> Response:
    """How many posts are left."""
    call = await _own(request, user_id)
    return JSONResponse(containers.quota(call, call.world.rules.threads_daily))


@router.get("/{user_id}/threads")
async def own_posts(request: Request, user_id: str) -> Response:
    """Own posts, newest first; answers are elsewhere."""
    call = await _own(request, user_id)
    since = float(call.given.get("since", "0"))
    own = call.world.store.select(
        lambda post: (
            post.author_id == call.account.id and post.created_at.timestamp() >= since
        )
    )
    return JSONResponse(_page(call, own))


@router.get("/{object_id}/conversation")
async def conversation(request: Request, object_id: str) -> Response:
    """Everything that is said below a post."""
    call = await call_of(request, Network.THREADS)
    found = _answers(call, _object(call, object_id))
    newest = call.given.get("reverse", "true") == "true"
    found.sort(key=lambda post: (post.created_at, post.id), reverse=newest)
    return JSONResponse(_page(call, found))


def _answers(call: Call, below: Post) -> list[Post]:
    direct = call.world.store.answers(below.id)
    return [*direct, *(deep for each in direct for deep in _answers(call, each))]


@router.get("/{object_id}/insights")
async def insights(request: Request, object_id: str) -> Response:
    """Numbers of an own post, each named; they need a permission of their own."""
    call = await call_of(request, Network.THREADS)
    post = _object(call, object_id)
    if not call.world.rules.threads_insights:
        raise GraphError(10, "Application does not have permission for this action")
    asked = call.given.get("metric", "").split(",")
    if not set(asked) <= METRICS:
        raise invalid("metric must be one of: " + ", ".join(sorted(METRICS)))
    store = call.world.store
    tally = store.tallies.of(post.id)
    tally["likes"], tally["replies"] = store.likes(post.id), len(_answers(call, post))
    shown = [
        {
            "name": name,
            "period": "lifetime",
            "values": [{"value": tally[name]}],
            "title": name.capitalize(),
            "id": f"{post.id}/insights/{name}/lifetime",
        }
        for name in asked
    ]
    return JSONResponse({"data": shown})


@router.get("/{object_id}")
async def one(request: Request, object_id: str) -> Response:
    """A container or a post."""
    call = await call_of(request, Network.THREADS)
    number = int(object_id) if object_id.isdigit() else 0
    found = call.world.containers.get(number)
    if found is not None:
        word = containers.status(call, found)
        return JSONResponse(call.only({"id": object_id, "status": word}))
    return JSONResponse(_post_json(call, _object(call, object_id)))


@router.delete("/{object_id}")
async def delete(request: Request, object_id: str) -> Response:
    """Take an own post down."""
    call = await call_of(request, Network.THREADS)
    number = int(object_id) if object_id.isdigit() else 0
    post = call.world.store.posts.get(number)
    if post is None or post.author_id != call.account.id:
        raise unsupported_delete(object_id)
    spend(call, DELETES)
    call.world.store.delete(post.id)
    return JSONResponse({"success": True, "deleted_id": object_id})


def _post_json(call: Call, post: Post) -> dict[str, Any]:
    author = call.world.store.accounts[post.author_id]
    kinds = {0: "TEXT_POST", 1: "IMAGE"}
    told: dict[str, Any] = {
        "id": str(post.id),
        "text": post.text,
        "username": author.handle,
        "timestamp": stamp(post.created_at),
        "media_type": kinds.get(len(post.media_ids), "CAROUSEL_ALBUM"),
        "permalink": f"{call.world.url}/@{author.handle}/post/{post.id}",
    }
    if len(post.media_ids) > 1:
        told["children"] = {"data": [{"id": str(each)} for each in post.media_ids]}
    if post.draft.reply_to is not None:
        told["replied_to"] = {"id": str(post.draft.reply_to)}
    return call.only(told)


def _page(call: Call, items: Sequence[Post]) -> dict[str, Any]:
    ids = [str(each.id) for each in items]
    chosen, paging = page(call.world, items, call.given, ids)
    return {"data": [_post_json(call, each) for each in chosen], "paging": paging}


def _object(call: Call, object_id: str) -> Post:
    number = int(object_id) if object_id.isdigit() else 0
    found = call.world.store.posts.get(number)
    if found is None or found.network is not Network.THREADS:
        raise missing(object_id)
    return found


async def _own(request: Request, user_id: str) -> Call:
    call = await call_of(request, Network.THREADS)
    if user_id != str(call.account.id):
        raise missing(user_id)
    return call
