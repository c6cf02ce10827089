"""The Mastodon API: accounts, notifications, timelines, search, the instance."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.mastodon_auth import (
    MastodonError,
    answer,
    caller,
    may_see,
    not_found,
    page,
    viewer,
)
from sandbox.mastodon_shape import (
    account_json,
    credentials_json,
    instance_json,
    instance_v1_json,
    notification_json,
    status_json,
)
from sandbox.store import Account, Network, Notification, Post
from sandbox.world import world_of

router = APIRouter()
_TRUE = ("1", "true", "on", "yes")


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
            and may_see(post, account)
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
            for note in _notes_of(request, account)
            if (not types or note.kind in types) and note.kind not in excluded
        ]
        chosen, headers = page(request, notes, 40)
        body = [notification_json(note, world, account) for note in chosen]
    return answer(request, body, headers=headers)


def _notes_of(request: Request, account: Account) -> list[Notification]:
    """What the account is told of, newest first."""
    store = world_of(request).store
    with store.lock:
        return [
            note
            for note in reversed(store.notifications)
            if note.account_id == account.id and note.post_id in store.posts
        ]


@router.get("/api/v1/notifications/{note_id}")
async def one_notification(request: Request, note_id: str) -> Response:
    """One notification."""
    account = caller(request)
    for note in _notes_of(request, account):
        if str(note.id) == note_id:
            shown = notification_json(note, world_of(request), account)
            return answer(request, shown)
    raise not_found()


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
            and may_see(post, account)
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
    shown["collections"] = []
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
