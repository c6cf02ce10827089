"""Instagram by its own API: containers, publishing, media, comments.

Beside the rules of ``sandbox.graph`` and ``sandbox.containers``:

- C a caption has at most 2,200 characters, 30 tags and 20 mentions; no post of text.
- C pictures are JPEG below 8 MiB; ``alt_text`` for images.
- C 50 posts in 24 hours (Meta's pages differ: 25, 50, 100), asked for by
  ``content_publishing_limit``.
- C ``like_count`` and ``comments_count`` of an own post.
- C comments come newest first; answers hang below a comment, one level deep.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox import containers
from sandbox.graph import Call, call_of, invalid, missing, page, stamp
from sandbox.store import Network, Post

router = APIRouter(prefix="/v23.0")
LONGEST, TAGS, MENTIONS = 2_200, 30, 20
TYPES = frozenset({"image/jpeg"})
FILMS = containers.Films(3, 900, 300 * 1024 * 1024)


@router.get("/me")
async def me(request: Request) -> Response:
    """Who the token belongs to."""
    call = await call_of(request, Network.INSTAGRAM)
    number = str(call.account.id)
    told = {"id": f"9{number}", "user_id": number, "username": call.account.handle}
    return JSONResponse(call.only(told))


@router.post("/{user_id}/media")
async def contain(request: Request, user_id: str) -> Response:
    """Make a container."""
    call = await _own(request, user_id)
    caption = call.given.get("caption", "")
    if len(caption) > LONGEST:
        raise invalid("the caption is too long")
    if caption.count("#") > TAGS or caption.count("@") > MENTIONS:
        raise invalid("too many tags or mentions")
    kind = call.given.get("media_type")
    if kind == "REELS":
        if not call.given.get("video_url") or call.given.get("alt_text"):
            raise invalid("a reel has a video_url and no alt_text")
    elif not call.given.get("image_url") and kind != "CAROUSEL":
        raise invalid("The parameter image_url is required")
    made = await containers.make(call, caption, None, TYPES, FILMS)
    return JSONResponse({"id": str(made)})


@router.post("/{user_id}/media_publish")
async def publish(request: Request, user_id: str) -> Response:
    """Publish a container."""
    call = await _own(request, user_id)
    post = containers.publish(call, call.world.rules.instagram_writes)
    return JSONResponse({"id": str(post.id)})


@router.get("/{user_id}/content_publishing_limit")
async def limit(request: Request, user_id: str) -> Response:
    """How many posts are left."""
    call = await _own(request, user_id)
    return JSONResponse(containers.quota(call, call.world.rules.instagram_daily))


@router.get("/{user_id}/media")
async def media(request: Request, user_id: str) -> Response:
    """Own posts, newest first."""
    call = await _own(request, user_id)
    since = float(call.given.get("since", "0"))
    own = call.world.store.select(
        lambda post: (
            post.author_id == call.account.id
            and post.draft.reply_to is None
            and post.created_at.timestamp() >= since
        )
    )
    return JSONResponse(_page(call, own, call.given, _post_json))


@router.get("/{object_id}/comments")
@router.get("/{object_id}/replies")
async def comments(request: Request, object_id: str) -> Response:
    """What is said directly below a post, or below a comment."""
    call = await call_of(request, Network.INSTAGRAM)
    return JSONResponse(_below(call, _object(call, object_id), call.given))


@router.get("/{object_id}")
async def one(request: Request, object_id: str) -> Response:
    """A container or a post."""
    call = await call_of(request, Network.INSTAGRAM)
    number = int(object_id) if object_id.isdigit() else 0
    found = call.world.containers.get(number)
    if found is not None:
        word = containers.status(call, found)
        return JSONResponse(call.only({"id": object_id, "status_code": word}))
    return JSONResponse(_post_json(call, _object(call, object_id)))


def _post_json(call: Call, post: Post) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": str(post.id),
        "caption": post.text,
        "timestamp": stamp(post.created_at),
        "permalink": f"{call.world.url}/p/{post.id}",
        "like_count": call.world.store.likes(post.id),
        "comments_count": len(call.world.store.answers(post.id)),
    }
    if len(post.media_ids) > 1:
        told["children"] = {"data": [{"id": str(each)} for each in post.media_ids]}
    below = _below(call, post, {"limit": "25"})
    return call.only(told | ({"comments": below} if below["data"] else {}))


def _below(call: Call, post: Post, given: Any) -> dict[str, Any]:
    found = sorted(
        call.world.store.answers(post.id),
        key=lambda each: (each.created_at, each.id),
        reverse=True,
    )
    return _page(call, found, given, _comment_json)


def _comment_json(call: Call, post: Post) -> dict[str, Any]:
    author = call.world.store.accounts[post.author_id]
    told: dict[str, Any] = {
        "id": str(post.id),
        "text": post.text,
        "username": author.handle,
        "timestamp": stamp(post.created_at),
    }
    below = _below(call, post, {"limit": "25"})
    return call.only(told | ({"replies": below} if below["data"] else {}))


def _page(call: Call, items: Sequence[Post], given: Any, shape: Any) -> dict[str, Any]:
    ids = [str(each.id) for each in items]
    chosen, paging = page(call.world, items, given, ids)
    return {"data": [shape(call, each) for each in chosen], "paging": paging}


def _object(call: Call, object_id: str) -> Post:
    number = int(object_id) if object_id.isdigit() else 0
    found = call.world.store.posts.get(number)
    if found is None or found.network is not Network.INSTAGRAM:
        raise missing(object_id)
    return found


async def _own(request: Request, user_id: str) -> Call:
    call = await call_of(request, Network.INSTAGRAM)
    if user_id != str(call.account.id):
        raise missing(user_id)
    return call
