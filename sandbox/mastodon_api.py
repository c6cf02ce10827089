"""The Mastodon API: statuses, notifications, timelines, search, the instance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.mastodon_auth import (
    MastodonError,
    answer,
    caller,
    first,
    may_see,
    not_found,
    parameters,
    viewer,
)
from sandbox.mastodon_shape import (
    length,
    status_json,
)
from sandbox.store import Account, Draft, Network, Post
from sandbox.world import World, world_of

router = APIRouter()
VISIBILITIES = ("public", "unlisted", "private", "direct")
_TRUE = ("1", "true", "on", "yes")


@router.post("/api/v1/statuses")
async def create_status(request: Request) -> Response:
    """Create a status; the same Idempotency-Key within an hour gives the first."""
    world, author = world_of(request), caller(request)
    given = await parameters(request)
    key = request.headers.get("idempotency-key", "")
    with world.store.lock:
        known = world.store.post_of_key(author, key) if key else None
        post = known or world.store.publish(
            author, replace(_draft(world, author, given), key=key)
        )
        return answer(request, status_json(post, world, author))


def _draft(
    world: World,
    author: Account,
    given: Mapping[str, Sequence[str]],
    kept: frozenset[int] = frozenset(),
) -> Draft:
    """The status asked for; ``kept`` is media that it holds already.

    Raises:
        MastodonError: 404 for a missing parent, 422 for text or media that it refuses.
    """
    rules, text = world.rules, first(given, "status")
    media_ids = _attachable(world, author, given.get("media_ids", ()), kept)
    if not text.strip() and not media_ids:
        raise MastodonError(422, "Validation failed: Text can't be blank")
    spoiler = first(given, "spoiler_text")
    if length(text, spoiler, rules.characters_per_url) > rules.max_characters:
        raise MastodonError(
            422,
            f"Validation failed: Text character limit of {rules.max_characters}"
            " exceeded",
        )
    visibility = first(given, "visibility", "public")
    if visibility not in VISIBILITIES:
        raise MastodonError(422, f"'{visibility}' is not a valid visibility")
    return Draft(
        text=text.replace("\r\n", "\n"),
        media_ids=media_ids,
        reply_to=_parent(world, author, first(given, "in_reply_to_id")),
        language=first(given, "language", "id"),
        visibility=visibility,
        spoiler=spoiler,
        sensitive=first(given, "sensitive").lower() in _TRUE or bool(spoiler),
    )


def _attachable(
    world: World, author: Account, ids: Sequence[str], kept: frozenset[int]
) -> tuple[int, ...]:
    if len(ids) > world.rules.max_media:
        raise MastodonError(
            422,
            f"Validation failed: Cannot attach more than {world.rules.max_media} files",
        )
    found = world.store.media_of(int(each) for each in ids if each.isdigit())
    mine = [
        media
        for media in found
        if media.owner_id == author.id and (media.post_id is None or media.id in kept)
    ]
    if len(mine) != len(ids):
        lost = ", ".join(sorted(set(ids) - {str(media.id) for media in mine}))
        raise MastodonError(
            422,
            f"Validation failed: Media {lost} not found or already attached to"
            " another post",
        )
    if any(media.polls_left > 0 for media in mine):
        raise MastodonError(
            422,
            "Validation failed: Cannot attach files that have not finished processing."
            " Try again in a moment!",
        )
    return tuple(media.id for media in mine)


def _parent(world: World, author: Account, text: str) -> int | None:
    if not text:
        return None
    parent = _visible(world, text, author)
    if parent is None:
        raise MastodonError(
            404, "The post you are trying to reply to does not appear to exist."
        )
    return parent.id


def _visible(world: World, text: str, account: Account | None) -> Post | None:
    """The status with this id, if this account may see it."""
    post = world.store.posts.get(int(text)) if text.isdigit() else None
    if post is None or post.network is not Network.MASTODON:
        return None
    return post if may_see(post, account) else None


def _status(request: Request, account: Account | None, text: str) -> Post:
    post = _visible(world_of(request), text, account)
    if post is None:
        raise not_found()
    return post


@router.get("/api/v1/statuses/{post_id}")
async def one_status(request: Request, post_id: str) -> Response:
    """One status."""
    account = viewer(request)
    body = status_json(_status(request, account, post_id), world_of(request), account)
    return answer(request, body)


@router.delete("/api/v1/statuses/{post_id}")
async def delete_status(request: Request, post_id: str) -> Response:
    """Delete an own status; the answer holds its source text for writing it anew."""
    world, account = world_of(request), caller(request)
    post = _status(request, account, post_id)
    if post.author_id != account.id:
        raise not_found()
    body = status_json(post, world, account) | {"text": post.text}
    world.store.delete(post.id)
    return answer(request, body)


@router.put("/api/v1/statuses/{post_id}")
async def edit_status(request: Request, post_id: str) -> Response:
    """Give an own status another text; it says when it was edited."""
    world, account = world_of(request), caller(request)
    given = await parameters(request)
    with world.store.lock:
        post = _status(request, account, post_id)
        if post.author_id != account.id:
            raise not_found()
        draft = _draft(world, account, given, frozenset(post.media_ids))
        visibility = post.draft.visibility
        edited = world.store.edit(post.id, replace(draft, visibility=visibility))
        return answer(request, status_json(edited, world, account))


@router.get("/api/v1/statuses/{post_id}/source")
async def source(request: Request, post_id: str) -> Response:
    """The text of a status as it was written."""
    post = _status(request, caller(request), post_id)
    shown = {
        "id": str(post.id),
        "text": post.text,
        "spoiler_text": post.draft.spoiler,
    }
    return answer(request, shown)


@router.get("/api/v1/statuses/{post_id}/context")
async def context(request: Request, post_id: str) -> Response:
    """What a status answers, and what answers it."""
    world, account = world_of(request), viewer(request)
    post = _status(request, account, post_id)
    above: list[Post] = []
    parent = world.store.posts.get(post.draft.reply_to or 0)
    while parent:
        above.insert(0, parent)
        parent = world.store.posts.get(parent.draft.reply_to or 0)
    below, found = [], {post.id}
    for other in reversed(world.store.select(lambda _: True)):
        if other.draft.reply_to in found and may_see(other, account):
            found.add(other.id)
            below.append(other)
    shown = {
        "ancestors": [status_json(each, world, account) for each in above],
        "descendants": [status_json(each, world, account) for each in below],
    }
    return answer(request, shown)
