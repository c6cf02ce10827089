"""A strict pretend WordPress: the part of its REST API that publishing needs.

Rules and codes are those of a real one (C: Debian's 6.1, by ``tools/wordpress``, seen
2026-11-24): a Basic application password, 401 ``rest_cannot_create`` for a wrong one,
a slug that is taken gets ``-2``, a picture that is unknown is left out without a word.
From its source (C: ``rest_authorization_required_code``): 403 without the right.

- T a user who was deleted is 401 ``invalid_username``, a password that was taken back
  401 ``incorrect_password``
"""

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from sandbox.world import Blog, BlogPost, world_of

BASE = "/situs"  # a WordPress below a path of a larger site
router = APIRouter(prefix=f"{BASE}/wp-json/wp/v2")
_SLUG = re.compile(r"[a-z0-9-]{1,200}")
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n": "image/png"}
_STATUSES = {"publish", "future", "draft", "pending", "private"}
_FIELDS = {"title", "content", "status", "slug", "featured_media"}


@dataclass(frozen=True, slots=True)
class _Refusal(Exception):
    status: int
    code: str
    message: str = field(default="")


@router.get("/users/me")
def me(request: Request) -> JSONResponse:
    """Who signs in, with their rights in the context ``edit``."""
    blog = world_of(request).blog
    try:
        _signed_in(request, blog)
    except _Refusal as refusal:
        return _refuse(refusal)
    told: dict[str, Any] = {"id": 2, "slug": blog.user, "name": "Humas"}
    if request.query_params.get("context") == "edit":
        told["capabilities"] = dict.fromkeys(blog.rights, True)
    return JSONResponse(told)


@router.post("/media")
async def upload(request: Request) -> JSONResponse:
    """Take a file as the body."""
    blog = world_of(request).blog
    content = await request.body()
    try:
        _signed_in(request, blog, "upload_files")
        _must_be_picture(request, content)
    except _Refusal as refusal:
        return _refuse(refusal)
    number = blog.next_id()
    blog.media[number] = (content, request.query_params.get("alt_text", ""))
    return JSONResponse({"id": number, "media_type": "image"}, status_code=201)


@router.post("/posts")
async def create(request: Request) -> JSONResponse:
    """Write a post."""
    blog, url = world_of(request).blog, world_of(request).url
    try:
        _signed_in(request, blog, "publish_posts")
        given = await request.json()
        _must_be_post(given)
    except _Refusal as refusal:
        return _refuse(refusal)
    except ValueError:
        return _refuse(_Refusal(400, "rest_invalid_json"))
    media = given.get("featured_media", 0)
    post = BlogPost(
        id=blog.next_id(),
        slug=_free(given["slug"], blog),
        title=given["title"],
        content=given["content"],
        status=given["status"],
        media=media if media in blog.media else 0,
        at=datetime.now(UTC),
    )
    blog.posts.append(post)
    return JSONResponse(_shown(post, url), status_code=201)


@router.get("/posts")
def listed(request: Request, slug: str = "") -> JSONResponse:
    """Published posts, newest first; of one slug if asked."""
    world = world_of(request)
    found = [
        _shown(post, world.url)
        for post in reversed(world.blog.posts)
        if post.status == "publish" and slug in ("", post.slug)
    ]
    return JSONResponse(found[:10])


@router.delete("/posts/{number}")
def delete(request: Request, number: int) -> JSONResponse:
    """Put a post into the bin; 410 for one that lies there already."""
    world = world_of(request)
    try:
        _signed_in(request, world.blog, "delete_published_posts")
        post = _deletable(world.blog, number)
    except _Refusal as refusal:
        return _refuse(refusal)
    post.status = "trash"
    return JSONResponse(_shown(post, world.url))


def _deletable(blog: Blog, number: int) -> BlogPost:
    found = [post for post in blog.posts if post.id == number]
    if not found:
        raise _Refusal(404, "rest_post_invalid_id", "Invalid post ID.")
    if found[0].status == "trash":
        raise _Refusal(410, "rest_already_trashed", "Already deleted.")
    return found[0]


def _signed_in(request: Request, blog: Blog, right: str = "") -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(token, validate=True).decode()
    except ValueError:
        pair = ""
    user, _, password = pair.partition(":")
    if scheme != "Basic" or not user:
        raise _Refusal(401, "rest_not_logged_in", "You are not currently logged in.")
    if blog.deleted:
        raise _Refusal(401, "invalid_username", "Unknown username.")
    if blog.revoked:
        why = "The provided password is an invalid application password."
        raise _Refusal(401, "incorrect_password", why)
    if user != blog.user or password.replace(" ", "") != blog.password:
        raise _Refusal(401, "rest_cannot_create" if right else "rest_not_logged_in")
    if right and right not in blog.rights:
        raise _Refusal(403, "rest_cannot_create", "Sorry, you are not allowed to.")


def _must_be_picture(request: Request, content: bytes) -> None:
    named = re.fullmatch(
        r'attachment; filename="[\w.-]+\.(jpeg|jpg|png)"',
        request.headers.get("content-disposition", ""),
    )
    if named is None:
        raise _Refusal(400, "rest_upload_no_content_disposition")
    kind = request.headers.get("content-type", "")
    if not any(content.startswith(m) and kind == k for m, k in _PICTURES.items()):
        raise _Refusal(500, "rest_upload_unknown_error", "Not allowed to upload this.")


def _must_be_post(given: Any) -> None:
    if not isinstance(given, dict) or set(given) - _FIELDS:
        raise _Refusal(400, "rest_invalid_param")
    texts = [given.get(name) for name in ("title", "content", "slug", "status")]
    if not all(isinstance(text, str) for text in texts):
        raise _Refusal(400, "rest_invalid_param")
    if given["status"] not in _STATUSES or not _SLUG.fullmatch(given["slug"]):
        raise _Refusal(400, "rest_invalid_param")
    if not given["title"] and not given["content"]:
        raise _Refusal(400, "empty_content")
    if not isinstance(given.get("featured_media", 0), int):
        raise _Refusal(400, "rest_invalid_param")


def _free(slug: str, blog: Blog) -> str:
    taken = {post.slug for post in blog.posts}
    number, found = 2, slug
    while found in taken:
        found, number = f"{slug}-{number}", number + 1
    return found


def _shown(post: BlogPost, url: str) -> dict[str, Any]:
    at = post.at.replace(tzinfo=None, microsecond=0)
    return {
        "id": post.id,
        "slug": post.slug,
        "status": post.status,
        "date_gmt": at.isoformat(),
        "link": f"{url}{BASE}/{post.slug}/",
        "title": {"rendered": post.title},
        "featured_media": post.media,
    }


def _refuse(refusal: _Refusal) -> JSONResponse:
    told = {
        "code": refusal.code,
        "message": refusal.message or refusal.code,
        "data": {"status": refusal.status},
    }
    return JSONResponse(told, status_code=refusal.status)
