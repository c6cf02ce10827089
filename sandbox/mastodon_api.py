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
    not_found,
    page,
    parameters,
    viewer,
)
from sandbox.mastodon_shape import (
    account_json,
    credentials_json,
    instance_json,
    instance_v1_json,
    length,
    notification_json,
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


def _draft(world: World, author: Account, given: Mapping[str, Sequence[str]]) -> Draft:
    """The status asked for.

    Raises:
        MastodonError: 404 for a missing parent, 422 for text or media that it refuses.
    """
    rules, text = world.rules, first(given, "status")
    media_ids = _attachable(world, author, given.get("media_ids", ()))
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


def _attachable(world: World, author: Account, ids: Sequence[str]) -> tuple[int, ...]:
    if len(ids) > world.rules.max_media:
        raise MastodonError(
            422,
            f"Validation failed: Cannot attach more than {world.rules.max_media} files",
        )
    found = world.store.media_of(int(each) for each in ids if each.isdigit())
    mine = [m for m in found if m.owner_id == author.id and m.post_id is None]
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
    return post if _may_see(post, account) else None


def _may_see(post: Post, account: Account | None) -> bool:
    if post.draft.visibility in ("public", "unlisted"):
        return True
    return account is not None and account.id in (post.author_id, *post.mentions)


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
        if other.draft.reply_to in found and _may_see(other, account):
            found.add(other.id)
            below.append(other)
    shown = {
        "ancestors": [status_json(each, world, account) for each in above],
        "descendants": [status_json(each, world, account) for each in below],
    }
    return answer(request, shown)


@router.get("/api/v1/accounts/verify_credentials")
async def verify_credentials(request: Request) -> Response:
    """Who the token belongs to."""
    return answer(request, credentials_json(caller(request), world_of(request)))


@router.get("/api/v1/accounts/lookup")
async def lookup(request: Request) -> Response:
    """An account by its handle."""
    viewer(request)
    world = world_of(request)
    handle = request.query_params.get("acct", "").lstrip("@").partition("@")[0]
    account = world.store.find_account(Network.MASTODON, handle)
    if account is None:
        raise not_found()
    return answer(request, account_json(account, world))


@router.get("/api/v1/accounts/{account_id}")
async def one_account(request: Request, account_id: str) -> Response:
    """An account by its id."""
    viewer(request)
    account = _account(request, account_id)
    return answer(request, account_json(account, world_of(request)))


def _account(request: Request, text: str) -> Account:
    accounts = world_of(request).store.accounts
    account = accounts.get(int(text)) if text.isdigit() else None
    if account is None or account.network is not Network.MASTODON:
        raise not_found()
    return account


@router.get("/api/v1/accounts/{account_id}/statuses")
async def statuses_of(request: Request, account_id: str) -> Response:
    """Statuses of one account, newest first."""
    account = viewer(request)
    author, asked = _account(request, account_id), request.query_params
    posts = world_of(request).store.select(
        lambda post: (
            post.author_id == author.id
            and _may_see(post, account)
            and not (
                asked.get("exclude_replies") in _TRUE
                and post.reply_author_id not in (None, author.id)
            )
            and not (asked.get("only_media") in _TRUE and not post.media_ids)
        )
    )
    return _statuses(request, posts, account)


def _statuses(
    request: Request, posts: Sequence[Post], account: Account | None
) -> Response:
    world = world_of(request)
    with world.store.lock:
        chosen, headers = page(request, posts, 20)
        body = [status_json(post, world, account) for post in chosen]
    return answer(request, body, headers=headers)


@router.get("/api/v1/notifications")
async def notifications(request: Request) -> Response:
    """What the account is told of; ``types[]`` and ``exclude_types[]`` choose."""
    world, account = world_of(request), caller(request)
    asked = request.query_params
    types = set(asked.getlist("types[]"))
    excluded = set(asked.getlist("exclude_types[]"))
    with world.store.lock:
        notes = [
            note
            for note in reversed(world.store.notifications)
            if note.account_id == account.id
            and (not types or note.kind in types)
            and note.kind not in excluded
            and note.post_id in world.store.posts
        ]
        chosen, headers = page(request, notes, 40)
        body = [notification_json(note, world, account) for note in chosen]
    return answer(request, body, headers=headers)


@router.get("/api/v1/timelines/tag/{tag}")
async def tag_timeline(request: Request, tag: str) -> Response:
    """Public statuses with a tag, newest first."""
    account = viewer(request)
    wanted = tag.casefold()
    posts = world_of(request).store.select(
        lambda post: (
            post.network is Network.MASTODON
            and post.draft.visibility == "public"
            and wanted in map(str.casefold, post.tags)
        )
    )
    return _statuses(request, posts, account)


@router.get("/api/v1/timelines/public")
async def public_timeline(request: Request) -> Response:
    """Public statuses, newest first."""
    account = viewer(request)
    posts = world_of(request).store.select(
        lambda post: (
            post.network is Network.MASTODON and post.draft.visibility == "public"
        )
    )
    return _statuses(request, posts, account)


@router.get("/api/v2/search")
async def search(request: Request) -> Response:
    """Accounts, statuses and tags that hold the words."""
    world, account = world_of(request), caller(request)
    asked, store = request.query_params, world_of(request).store
    words, kind = asked.get("q", "").casefold(), asked.get("type", "")
    if not words:
        raise MastodonError(400, "param is missing or the value is empty: q")
    limit = min(int(asked.get("limit", "20") or 20), 40)
    people = [
        each
        for each in store.accounts.values()
        if each.network is Network.MASTODON
        and words.lstrip("@") in f"{each.handle} {each.name}".casefold()
    ]
    posts = store.select(
        lambda post: (
            post.network is Network.MASTODON
            and _may_see(post, account)
            and all(word in post.text.casefold() for word in words.split())
        )
    )
    tags = {tag.casefold() for post in posts for tag in post.tags}
    named = sorted(tag for tag in tags if words.lstrip("#") in tag)
    body = {
        "accounts": [account_json(each, world) for each in people[:limit]],
        "statuses": [status_json(each, world, account) for each in posts[:limit]],
        "hashtags": [
            {"name": tag, "url": f"{world.url}/tags/{tag}", "history": []}
            for tag in named[:limit]
        ],
    }
    shown = {n: found if kind in ("", n) else [] for n, found in body.items()}
    return answer(request, shown)


@router.get("/api/v2/instance")
@router.get("/api/v2/instance/")
async def instance(request: Request) -> Response:
    """The instance and its limits."""
    return answer(request, instance_json(world_of(request)))


@router.get("/api/v1/instance")
@router.get("/api/v1/instance/")
async def instance_v1(request: Request) -> Response:
    """The instance and its limits, in the older form."""
    return answer(request, instance_v1_json(world_of(request)))
