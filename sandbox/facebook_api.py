"""A Facebook Page in the Graph API: photos, feed, published posts, comments.

Beside the rules of ``sandbox.graph``:

- C a photo with ``published=false`` is not seen; ``attached_media`` names it, once.
- C a message has at most 63,206 characters; a post needs a message or a picture.
- C a video comes to ``/videos`` as ``source`` with a ``description`` and is published
  by that one call; S at most 1 GB and 20 minutes. T its ``post_id`` names the post.
- T ``alt_text_custom``; T at most 4 MB; T 10 pictures.
- C a person has no ``category``: asking for it is refused with code 100.
- C comments come newest first by ``order``, all levels by ``filter=stream``.
- C reactions and comments are summed up by ``summary(total_count)``; a comment has
  ``like_count`` and ``comment_count``, and no ``shares``.
- S a link in a message hangs on the post as an attachment that is no photo.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox.films import VIDEO, film_of
from sandbox.graph import (
    Call,
    call_of,
    invalid,
    missing,
    page,
    spend,
    stamp,
    unsupported_delete,
)
from sandbox.pictures import picture_type
from sandbox.store import Draft, Network, Post
from sandbox.world import MIB

router = APIRouter(prefix="/v24.0")
LONGEST = 63_206
PHOTO_BYTES = 4 * MIB
MOST_PHOTOS = 10
VIDEO_BYTES, VIDEO_SECONDS = 1_024 * MIB, 20 * 60


@router.get("/me")
async def me(request: Request) -> Response:
    """Who the token belongs to."""
    call = await call_of(request, Network.FACEBOOK)
    if call.world.rules.facebook_person and call.asks("category"):
        raise invalid("Tried accessing nonexistent field (category)")
    account = call.account
    told = {
        "id": str(account.id),
        "name": account.name,
        "username": account.handle,
        "category": "Government organization",
    }
    return JSONResponse(call.only(told))


@router.post("/{page_id}/photos")
async def photos(request: Request, page_id: str) -> Response:
    """Upload one photo that nobody sees yet."""
    call = await _own(request, page_id)
    content = call.files.get("source", b"")
    if call.given.get("published") != "false":
        raise invalid("this sandbox publishes by /feed alone")
    kind = picture_type(content)
    if kind is None or len(content) > PHOTO_BYTES:
        raise invalid("Invalid image: the file is no picture or too large")
    media = call.world.store.add_media(
        call.account, kind, content=content, alt=call.given.get("alt_text_custom", "")
    )
    return JSONResponse({"id": str(media.id)})


@router.post("/{page_id}/videos")
async def videos(request: Request, page_id: str) -> Response:
    """Publish one post with a video."""
    call = await _own(request, page_id)
    content, text = call.files.get("source", b""), call.given.get("description", "")
    film = film_of(content)
    if film is None or film.seconds > VIDEO_SECONDS or len(content) > VIDEO_BYTES:
        raise invalid("Invalid video: the file cannot be used")
    if len(text) > LONGEST:
        raise invalid("the message is too long")
    spend(call, call.world.rules.facebook_writes)
    with call.world.store.lock:
        media = call.world.store.add_media(call.account, VIDEO, content=content)
        draft = Draft(text=text.strip(), media_ids=(media.id,))
        call.world.store.publish(call.account, draft)
    return JSONResponse({"id": str(media.id)})


@router.post("/{page_id}/feed")
async def feed(request: Request, page_id: str) -> Response:
    """Publish one post."""
    call = await _own(request, page_id)
    text = call.given.get("message", "").strip()
    if len(text) > LONGEST:
        raise invalid("the message is too long")
    spend(call, call.world.rules.facebook_writes)
    with call.world.store.lock:
        media_ids = _attached(call)
        if not text and not media_ids:
            raise invalid("Requires one of the params: message, attached_media")
        draft = Draft(text=text, media_ids=media_ids)
        post = call.world.store.publish(call.account, draft)
    return JSONResponse({"id": post_id(post)})


def _attached(call: Call) -> tuple[int, ...]:
    try:
        given = json.loads(call.given.get("attached_media", "[]"))
        ids = [int(each["media_fbid"]) for each in given]
    except (ValueError, KeyError, TypeError):
        raise invalid("attached_media must be a list of media_fbid") from None
    found = call.world.store.media_of(ids)
    mine = [
        each
        for each in found
        if each.owner_id == call.account.id and each.post_id is None
    ]
    if len(mine) != len(ids) or len(ids) > MOST_PHOTOS:
        raise invalid("a photo of attached_media does not exist or is attached")
    return tuple(ids)


@router.get("/{page_id}/published_posts")
async def published_posts(request: Request, page_id: str) -> Response:
    """The Page's own posts, newest first."""
    call = await _own(request, page_id)
    since = datetime.fromtimestamp(int(call.given.get("since", "0")), UTC)
    own = call.world.store.select(
        lambda post: (
            post.author_id == call.account.id
            and post.draft.reply_to is None
            and post.created_at >= since
        )
    )
    chosen, paging = page(call.world, own, call.given, [post_id(each) for each in own])
    shown = [_post_json(call, each) for each in chosen]
    return JSONResponse({"data": shown, "paging": paging})


def _post_json(call: Call, post: Post) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": post_id(post),
        "message": post.text,
        "created_time": stamp(post.created_at),
        "permalink_url": f"{call.world.url}/{post.author_id}/posts/{post.id}",
    }
    attachments = _attachments(call, post)
    if attachments:
        told["attachments"] = {"data": attachments}
    if "summary(total_count)" in call.given.get("fields", ""):
        return call.only(told | _counts(call, post))
    if call.asks("comments"):
        nested = _comments(call, post, {"limit": "25"}, stream=True)
        told |= {"comments": nested} if nested["data"] else {}
    return call.only(told)


def _counts(call: Call, post: Post) -> dict[str, Any]:
    """Sums of edges; a post that nobody shared has no field for it (S)."""
    store = call.world.store
    below = len(_answers(call, post, stream=True))
    shares = store.tallies.of(post.id)["reposts"]
    told: dict[str, Any] = {
        name: {"data": [], "summary": {"total_count": count}}
        for name, count in (("reactions", store.likes(post.id)), ("comments", below))
    }
    return told | ({"shares": {"count": shares}} if shares else {})


def _attachments(call: Call, post: Post) -> list[dict[str, Any]]:
    if len(post.media_ids) > 1:
        parts = [{"media_type": "photo"} for _ in post.media_ids]
        return [{"media_type": "album", "subattachments": {"data": parts}}]
    if post.media_ids:
        kind = call.world.store.media_of(post.media_ids)[0].media_type
        return [{"media_type": "video" if kind == VIDEO else "photo"}]
    return [{"media_type": "link"}] if "://" in post.text else []


@router.get("/{object_id}/comments")
async def comments(request: Request, object_id: str) -> Response:
    """What is said below a post or a comment."""
    call = await call_of(request, Network.FACEBOOK)
    below = _object(call, object_id)
    stream = call.given.get("filter") == "stream"
    return JSONResponse(_comments(call, below, call.given, stream=stream))


@router.post("/{object_id}/comments")
async def comment(request: Request, object_id: str) -> Response:
    """The Page answers."""
    call = await call_of(request, Network.FACEBOOK)
    below = _object(call, object_id)
    text = call.given.get("message", "").strip()
    attached = call.given.get("attachment_id", "")
    if not text and not attached:
        raise invalid("a comment needs a message")
    spend(call, call.world.rules.facebook_writes)
    media_ids = (int(attached),) if attached else ()
    draft = Draft(text=text, reply_to=below.id, media_ids=media_ids)
    post = call.world.store.publish(call.account, draft)
    return JSONResponse({"id": comment_id(post)})


def _comments(call: Call, below: Post, given: Any, *, stream: bool) -> dict[str, Any]:
    found = _answers(call, below, stream=stream)
    if stream or given.get("order") == "reverse_chronological":
        found.sort(key=lambda post: (post.created_at, post.id), reverse=True)
    ids = [comment_id(each) for each in found]
    chosen, paging = page(call.world, found, given, ids)
    shown = [_comment_json(call, each) for each in chosen]
    return {"data": shown, "paging": paging}


def _answers(call: Call, below: Post, *, stream: bool) -> list[Post]:
    direct = call.world.store.answers(below.id)
    if not stream:
        return direct
    deeper: Sequence[Post] = [
        each for one in direct for each in _answers(call, one, stream=True)
    ]
    return [*direct, *deeper]


def _comment_json(call: Call, post: Post) -> dict[str, Any]:
    author = call.world.store.accounts[post.author_id]
    told: dict[str, Any] = {
        "id": comment_id(post),
        "message": post.text,
        "from": {"id": str(author.id), "name": author.name},
        "created_time": stamp(post.created_at),
        "permalink_url": f"{call.world.url}/{author.id}/posts/{post.id}",
        "like_count": call.world.store.likes(post.id),
        "comment_count": len(call.world.store.answers(post.id)),
    }
    if post.media_ids:
        told["attachment"] = {"type": "photo"}
    parent = call.world.store.posts.get(post.draft.reply_to or 0)
    if parent is not None and parent.draft.reply_to is not None:
        told["parent"] = {"id": comment_id(parent)}
    return call.only(told)


@router.delete("/{object_id}")
async def delete(request: Request, object_id: str) -> Response:
    """Take an own post, or an own comment, down."""
    call = await call_of(request, Network.FACEBOOK)
    post = _found(call, object_id)
    if post is None or post.author_id != call.account.id:
        raise unsupported_delete(object_id)
    call.world.store.delete(post.id)
    return JSONResponse({"success": True})


@router.get("/{object_id}")
async def one(request: Request, object_id: str) -> Response:
    """One post, the video of one, or one comment: it knows no shares."""
    call = await call_of(request, Network.FACEBOOK)
    film = call.world.store.media.get(int(object_id) if object_id.isdigit() else 0)
    if film is not None and film.media_type == VIDEO and film.post_id:
        told = {"id": object_id, "post_id": f"{call.account.id}_{film.post_id}"}
        return JSONResponse(call.only(told))
    found = _object(call, object_id)
    if found.draft.reply_to is None:
        return JSONResponse(_post_json(call, found))
    if call.asks("shares"):
        raise invalid("Tried accessing nonexistent field (shares)")
    return JSONResponse(_comment_json(call, found))


def post_id(post: Post) -> str:
    """A post's id: the Page's number and its own."""
    return f"{post.author_id}_{post.id}"


def comment_id(post: Post) -> str:
    """A comment's id: the number of the post at the top, and its own."""
    return f"{post.conversation_id}_{post.id}"


def _object(call: Call, object_id: str) -> Post:
    found = _found(call, object_id)
    if found is None:
        raise missing(object_id)
    return found


def _found(call: Call, object_id: str) -> Post | None:
    _, _, number = object_id.rpartition("_")
    post = call.world.store.posts.get(int(number)) if number.isdigit() else None
    return post if post is not None and post.network is Network.FACEBOOK else None


async def _own(request: Request, page_id: str) -> Call:
    call = await call_of(request, Network.FACEBOOK)
    if page_id not in ("me", str(call.account.id)):
        raise missing(page_id)
    return call
