"""X API v2 media: initialize, append, finalize, and alt text.

Source: docs.x.com media upload, X API v2 OpenAPI 2.167. C: a video is named as
``tweet_video``, is processed after it is finalized, and STATUS tells how far that is;
0.5 to 140 seconds, a ratio from 1:3 to 3:1. S: alt text is for pictures and GIFs only.
"""

import base64
import binascii
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.films import VIDEO, film_of
from sandbox.pictures import picture_type
from sandbox.store import Account, Media
from sandbox.world import world_of
from sandbox.x_auth import answer, caller, json_body, path_id
from sandbox.x_query import XError, invalid, known_parameters, problem
from sandbox.x_shape import media_key

router = APIRouter()
EXPIRES_AFTER = 86_400  # seconds
ALT_TEXT_LIMIT = 1_000
BYTES_LIMIT = {"tweet_image": 5 * 1024 * 1024, "tweet_gif": 15 * 1024 * 1024}
_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4")
_CATEGORIES = ("tweet_image", "tweet_gif", "tweet_video", "amplify_video")


@router.post("/2/media/upload/initialize")
async def initialize(request: Request) -> Response:
    """Open an upload; the answer's id is the media id."""
    world = world_of(request)
    owner = await caller(request, world.rules.x_media)
    allowed = frozenset(
        {"media_type", "total_bytes", "media_category", "additional_owners", "shared"}
    )
    body = await json_body(request, allowed)
    kind, total = body.get("media_type"), body.get("total_bytes")
    category = body.get("media_category", "tweet_image")
    if kind not in _TYPES:
        raise invalid("media_type", str(kind), "$.media_type: is not supported")
    if not isinstance(total, int) or total <= 0:
        raise invalid("total_bytes", str(total), "$.total_bytes: must be positive")
    if category not in _CATEGORIES:
        raise invalid("media_category", str(category), "$.media_category: unknown")
    if kind.startswith("video/") != category.endswith("_video"):
        raise invalid("media_category", category, "$.media_category: another type")
    if total > BYTES_LIMIT.get(category, 512 * 1024 * 1024):
        raise invalid("total_bytes", str(total), "$.total_bytes: file is too large")
    media = world.store.add_media(owner, str(kind), total_bytes=total, finished=False)
    data = {
        "id": str(media.id),
        "media_key": media_key(media),
        "expires_after_secs": EXPIRES_AFTER,
    }
    return answer(request, {"data": data})


@router.post("/2/media/upload/{media_id}/append")
async def append(request: Request, media_id: str) -> Response:
    """Add a segment, from a form with a file or from JSON with base64."""
    world = world_of(request)
    media = _own(request, await caller(request, world.rules.x_media), media_id)
    index, chunk = await _segment(request)
    if not index.isdigit() or int(index) > 999:
        raise invalid("segment_index", index, "$.segment_index: must be 0 to 999")
    if media.finished:
        raise problem(400, "Bad Request", "The upload is finalized already.")
    world.uploads.add(media.id, int(index), chunk)
    expires = int(world.store.now().timestamp()) + EXPIRES_AFTER
    return answer(request, {"data": {"expires_at": expires}})


async def _segment(request: Request) -> tuple[str, bytes]:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        async with request.form() as form:
            given = form.get("media")
            index = str(form.get("segment_index", ""))
            if given is not None and not isinstance(given, str):
                return index, await given.read()
        raise invalid("media", "", "$.media: is missing but it is required")
    body = await json_body(request, frozenset({"media", "segment_index"}))
    try:
        chunk = base64.b64decode(body.get("media", ""), validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise invalid("media", "", "$.media: is no base64") from None
    return str(body.get("segment_index", "")), chunk


@router.post("/2/media/upload/{media_id}/finalize")
async def finalize(request: Request, media_id: str) -> Response:
    """Close an upload; its bytes must be complete and be what was announced."""
    world = world_of(request)
    media = _own(request, await caller(request, world.rules.x_media), media_id)
    content = world.uploads.join(media.id)
    if content is None or len(content) != media.total_bytes:
        raise problem(400, "Bad Request", "Segments do not add up to provided total.")
    if media.media_type.startswith("image/") and picture_type(content) is None:
        raise problem(400, "Bad Request", "Invalid or unsupported media.")
    film = media.media_type == VIDEO
    media = world.store.change_media(
        media.id,
        content=content,
        finished=True,
        polls_left=world.rules.video_polls if film else world.rules.x_media_polls,
        broken=film and not _plays(content),
    )
    world.uploads.forget(media.id)
    return answer(request, {"data": _finished(media)})


@router.get("/2/media/upload")
async def status(request: Request) -> Response:
    """Ask how far the processing of a finalized upload is."""
    world = world_of(request)
    owner = await caller(request)
    known_parameters(request, frozenset({"media_id", "command"}))
    media = _own(request, owner, request.query_params.get("media_id", ""))
    if not media.finished:
        raise problem(400, "Bad Request", "The upload is not finalized.")
    if media.polls_left > 0:
        media = world.store.change_media(media.id, polls_left=media.polls_left - 1)
    return answer(request, {"data": _finished(media)})


def _plays(content: bytes) -> bool:
    """Whether X can show a video."""
    film = film_of(content)
    return (
        film is not None
        and film.h264
        and 0.5 <= film.seconds <= 140
        and film.height <= 3 * film.width <= 9 * film.height
    )


def _finished(media: Media) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": str(media.id),
        "media_key": media_key(media),
        "size": len(media.content),
        "expires_after_secs": EXPIRES_AFTER,
        "image": {
            "image_type": media.media_type,
            "w": media.width,
            "h": media.height,
        },
    }
    if media.polls_left > 0:
        data["processing_info"] = {
            "state": "in_progress",
            "check_after_secs": 1,
            "progress_percent": 50,
        }
    elif media.media_type == VIDEO:
        data["processing_info"] = (
            {
                "state": "failed",
                "error": {
                    "code": 1,
                    "name": "InvalidMedia",
                    "message": "Unsupported video format",
                },
            }
            if media.broken
            else {"state": "succeeded", "progress_percent": 100}
        )
        data["video"] = {"video_type": VIDEO}
        del data["image"]
    return data


@router.post("/2/media/metadata")
async def metadata(request: Request) -> Response:
    """Give a picture its alt text, at most 1,000 characters."""
    world = world_of(request)
    owner = await caller(request, world.rules.x_media)
    body = await json_body(request, frozenset({"id", "metadata"}))
    given: Any = body.get("metadata")
    alt = given.get("alt_text") if isinstance(given, dict) else None
    text = alt.get("text") if isinstance(alt, dict) else None
    media_id = str(body.get("id", ""))
    if not isinstance(text, str) or len(text) > ALT_TEXT_LIMIT:
        message = f"$.metadata.alt_text.text: must be at most {ALT_TEXT_LIMIT} long"
        raise invalid("alt_text", "", message)
    media = world.store.media.get(int(media_id)) if media_id.isdigit() else None
    if media is None or media.owner_id != owner.id:
        raise invalid("id", media_id, "$.id: media id is not found")
    if media.media_type == VIDEO:
        raise invalid("id", media_id, "$.id: alt text is for pictures and GIFs")
    world.store.change_media(media.id, alt=text)
    shown = {"alt_text": {"text": text}}
    return answer(request, {"data": {"id": media_id, "associated_metadata": shown}})


def _own(request: Request, owner: Account, media_id: str) -> Media:
    media = world_of(request).store.media.get(path_id(media_id))
    if media is None or media.owner_id != owner.id:
        raise _not_found()
    return media


def _not_found() -> XError:
    return problem(404, "Not Found", "Not Found")
