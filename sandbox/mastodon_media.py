"""The Mastodon API: pictures, videos, apps and tokens.

Source: https://docs.joinmastodon.org/methods/media/ (C, seen 2026-11-24): a video is
processed after the answer, which is 202 with no ``url``; asked for, it is 206 until it
is ready. S: what cannot be processed is 422 when asked for.
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.films import VIDEO, film_of
from sandbox.mastodon_auth import (
    MastodonError,
    answer,
    caller,
    first,
    not_found,
    parameters,
)
from sandbox.mastodon_shape import media_json
from sandbox.pictures import picture_type
from sandbox.store import Account, Media
from sandbox.world import world_of

router = APIRouter()


@router.post("/api/v2/media")
async def upload(request: Request) -> Response:
    """Take a picture or a video: 200 when ready, 202 when it is still in progress."""
    world = world_of(request)
    owner = caller(request, world.rules.mastodon_media)
    async with request.form() as form:
        file, alt = form.get("file"), form.get("description")
        content = b"" if file is None or isinstance(file, str) else await file.read()
    film = film_of(content)
    kind = VIDEO if film else picture_type(content)
    if kind is None:
        raise MastodonError(
            422,
            "Validation failed: File content type is invalid, File is invalid",
        )
    if film is not None and film.width * film.height > world.rules.video_pixels:
        raise MastodonError(422, "Validation failed: File is too large in pixels")
    most = world.rules.video_bytes if film else world.rules.image_bytes
    if len(content) > most:
        raise MastodonError(
            422, "Validation failed: File size must be less than the limit"
        )
    media = world.store.add_media(
        owner,
        kind,
        content=content,
        alt=_description(request, alt if isinstance(alt, str) else ""),
        polls_left=world.rules.video_polls if film else world.rules.media_polls,
    )
    status = 202 if media.polls_left > 0 else 200
    return answer(request, media_json(media, world), status)


def _description(request: Request, text: str) -> str:
    limit = world_of(request).rules.description_limit
    if len(text) > limit:
        raise MastodonError(
            422,
            "Validation failed: Description is too long"
            f" (maximum is {limit} characters)",
        )
    return text


@router.get("/api/v1/media/{media_id}")
async def look(request: Request, media_id: str) -> Response:
    """Ask whether a picture is ready: 206 while it is not."""
    world = world_of(request)
    media = _own(request, caller(request), media_id)
    if media.polls_left > 0:
        body = media_json(media, world)
        world.store.change_media(media.id, polls_left=media.polls_left - 1)
        return answer(request, body, 206)
    return answer(request, media_json(media, world))


@router.put("/api/v1/media/{media_id}")
async def describe(request: Request, media_id: str) -> Response:
    """Give a picture another description, before it is attached."""
    world = world_of(request)
    media = _own(request, caller(request), media_id)
    given = await parameters(request)
    if "description" in given:
        text = _description(request, first(given, "description"))
        media = world.store.change_media(media.id, alt=text)
    return answer(request, media_json(media, world))


def _own(request: Request, owner: Account, text: str) -> Media:
    """An own picture that no status holds yet; the others are not found."""
    found = world_of(request).store.media.get(int(text)) if text.isdigit() else None
    if found is None or found.owner_id != owner.id or found.post_id is not None:
        raise not_found()
    return found


@router.get("/api/v1/apps/verify_credentials")
async def verify_app(request: Request) -> Response:
    """Whether the token is good for anything."""
    caller(request)
    return answer(request, {"name": "Sandbox", "website": None, "vapid_key": ""})
