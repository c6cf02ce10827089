"""X API v2: posts, mentions and recent search, with OAuth 1.0a user tokens."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from sandbox.counting import fits_x
from sandbox.films import VIDEO
from sandbox.store import X_EPOCH_MS, Account, Draft, Media, Network, Post
from sandbox.world import World, world_of
from sandbox.x_auth import ID, answer, bad_body, caller, json_body, path_id
from sandbox.x_query import (
    PAGED,
    SHOWN,
    PageAsked,
    invalid,
    known_parameters,
    missing,
    page_asked,
    problem,
    to_token,
    wanted,
)
from sandbox.x_search import BadQuery, parse_query
from sandbox.x_shape import includes_json, post_json, wire_text

router = APIRouter()
SEARCH_REACH = timedelta(days=7)
MENTIONS_KEPT = 800
_SHOWN = frozenset(SHOWN)
_BODY_FIELDS = frozenset(
    [
        "card_uri",
        "community_id",
        "direct_message_deep_link",
        "edit_options",
        "for_super_followers_only",
        "geo",
        "made_with_ai",
        "media",
        "nullcast",
        "paid_partnership",
        "poll",
        "quote_tweet_id",
        "reply",
        "reply_settings",
        "share_with_followers",
        "text",
    ]
)


@router.post("/2/tweets")
async def create_post(request: Request) -> Response:
    """Create a post; 201 with its id and its text as X shows it."""
    world = world_of(request)
    author = await caller(request, world.rules.x_writes)
    body = await json_body(request, _BODY_FIELDS)
    with world.store.lock:
        post = world.store.publish(author, _draft(world, author, body))
        text, _ = wire_text(post, world.store)
    data = {"id": str(post.id), "text": text, "edit_history_tweet_ids": [str(post.id)]}
    return answer(request, {"data": data}, 201)


def _draft(world: World, author: Account, body: Mapping[str, Any]) -> Draft:
    text = body.get("text", "")
    media_ids = _media_ids(world, author, body)
    if not isinstance(text, str) or not (text.strip() or media_ids):
        raise bad_body("$.text: is missing or empty, and there is no media")
    if text and not fits_x(text):
        raise problem(403, "Forbidden", "Your Tweet text is too long.")
    reply_to = _reply_to(world, author, body)
    if text and not media_ids and _is_duplicate(world, author, text, reply_to):
        raise problem(
            403,
            "Forbidden",
            "You are not allowed to create a Tweet with duplicate content.",
        )
    return Draft(text=text, media_ids=media_ids, reply_to=reply_to)


def _media_ids(
    world: World, author: Account, body: Mapping[str, Any]
) -> tuple[int, ...]:
    if "media" not in body:
        return ()
    ids = body["media"].get("media_ids") if isinstance(body["media"], dict) else None
    if not isinstance(ids, list) or not 1 <= len(ids) <= 4:
        raise bad_body("$.media.media_ids: must hold 1 to 4 items")
    if not all(isinstance(each, str) and ID.match(each) for each in ids):
        raise bad_body("$.media.media_ids[0]: does not match ^[0-9]{1,19}$")
    found = world.store.media_of(int(each) for each in ids)
    mine = [m for m in found if m.owner_id == author.id and _is_ready(m)]
    if len(mine) != len(ids):
        raise bad_body("Your media IDs are invalid.")
    if len(mine) > 1 and any(media.media_type == VIDEO for media in mine):
        raise bad_body("A video goes alone.")
    return tuple(media.id for media in mine)


def _is_ready(media: Media) -> bool:
    return media.finished and not media.polls_left and not media.broken


def _reply_to(world: World, author: Account, body: Mapping[str, Any]) -> int | None:
    """The post answered; X lets the API answer only those who spoke to us."""
    if "reply" not in body:
        return None
    reply = body["reply"] if isinstance(body["reply"], dict) else {}
    text = reply.get("in_reply_to_tweet_id")
    if not isinstance(text, str) or not ID.match(text):
        raise bad_body("$.reply.in_reply_to_tweet_id: does not match ^[0-9]{1,19}$")
    parent = world.store.posts.get(int(text))
    if parent is None or parent.network is not Network.X:
        raise problem(
            403,
            "Forbidden",
            "You attempted to reply to a Tweet that is deleted or not visible to you.",
        )
    if parent.author_id != author.id and author.id not in parent.mentions:
        raise problem(
            403,
            "Forbidden",
            "Reply to this conversation is not allowed because you have not been"
            " mentioned or otherwise engaged by the author of the post you are"
            " replying to.",
        )
    return parent.id


def _is_duplicate(
    world: World, author: Account, text: str, reply_to: int | None
) -> bool:
    since = world.store.now() - world.rules.x_duplicate_window
    return bool(
        world.store.select(
            lambda post: (
                post.author_id == author.id
                and post.text.strip() == text.strip()
                and post.draft.reply_to == reply_to
                and post.created_at > since
            )
        )
    )


@router.delete("/2/tweets/{post_id}")
async def delete_post(request: Request, post_id: str) -> Response:
    """Delete an own post; one that is gone already counts as deleted."""
    world = world_of(request)
    author = await caller(request, world.rules.x_writes)
    post = world.store.posts.get(path_id(post_id))
    if post and post.author_id != author.id:
        raise problem(403, "Forbidden", "You are not authorized to delete this Tweet.")
    if post:
        world.store.delete(post.id)
    return answer(request, {"data": {"deleted": True}})


@router.get("/2/tweets/search/recent")
async def search_recent(request: Request) -> Response:
    """Posts of the last seven days that fit a query, newest first."""
    await caller(request)
    known_parameters(request, PAGED | _SHOWN | {"query", "next_token", "sort_order"})
    store = world_of(request).store
    page = page_asked(request, 10, "next_token")
    oldest = store.now() - SEARCH_REACH
    first_id = (int(oldest.timestamp() * 1000) - X_EPOCH_MS) << 22
    if page.since_id and page.since_id < first_id:
        text = request.query_params["since_id"]
        message = (
            f"'since_id' must be a tweet id created after [{oldest:%Y-%m-%dT%H:%MZ}]."
            " Please use a 'since_id' that is larger than " + str(first_id)
        )
        raise invalid("since_id", text, message)
    query = request.query_params.get("query", "")
    try:
        fits = parse_query(query, store)
    except BadQuery as bad:
        raise invalid("query", query, str(bad)) from bad
    return _listed(request, page, lambda p: p.created_at > oldest and fits(p))


@router.get("/2/tweets/{post_id}")
async def one_post(request: Request, post_id: str) -> Response:
    """One post; a missing one is a 200 with ``errors``, as X answers."""
    await caller(request)
    known_parameters(request, _SHOWN)
    store, asked = world_of(request).store, wanted(request)
    wanted_id = path_id(post_id)
    post = store.posts.get(wanted_id)
    if post is None or post.network is not Network.X:
        return answer(request, {"errors": [missing("tweet", post_id)]})
    body: dict[str, Any] = {"data": post_json(post, store, asked)}
    if includes := includes_json([post], store, asked):
        body["includes"] = includes
    return answer(request, body)


@router.get("/2/tweets")
async def several_posts(request: Request) -> Response:
    """Posts by their ids, at most 100; missing ones stand in ``errors``."""
    await caller(request)
    known_parameters(request, _SHOWN | {"ids"})
    store, asked = world_of(request).store, wanted(request)
    ids = request.query_params.get("ids", "").split(",")
    if len(ids) > 100:
        raise invalid("ids", ",".join(ids), "size must be between 1 and 100")
    found = [store.posts.get(path_id(each)) for each in ids]
    posts = [post for post in found if post and post.network is Network.X]
    body: dict[str, Any] = {}
    if posts:
        body["data"] = [post_json(post, store, asked) for post in posts]
    if includes := includes_json(posts, store, asked):
        body["includes"] = includes
    stood = {str(post.id) for post in posts}
    if lost := [missing("tweet", each, "ids") for each in ids if each not in stood]:
        body["errors"] = lost
    return answer(request, body)


@router.put("/2/tweets/{post_id}/hidden")
async def hide(request: Request, post_id: str) -> Response:
    """Hide an answer to an own post, or show it again."""
    account = await caller(request)
    body = await json_body(request, frozenset({"hidden"}))
    store = world_of(request).store
    post = store.posts.get(path_id(post_id))
    root = store.posts.get(post.conversation_id) if post else None
    if not isinstance(body.get("hidden"), bool):
        raise bad_body("$.hidden: boolean expected")
    if post is None or root is None or root.author_id != account.id or post is root:
        raise problem(403, "Forbidden", "You are not allowed to hide this reply.")
    store.hide(post.id, hidden=body["hidden"])
    return answer(request, {"data": {"hidden": body["hidden"]}})


@router.get("/2/users/{user_id}/tweets")
async def posts_of(request: Request, user_id: str) -> Response:
    """Posts of one account, newest first."""
    await caller(request)
    known_parameters(request, PAGED | _SHOWN | {"exclude"})
    page, asked_id = page_asked(request, 5), path_id(user_id)
    no_replies = "replies" in request.query_params.get("exclude", "").split(",")
    return _listed(
        request,
        page,
        lambda post: (
            post.author_id == asked_id and not (no_replies and post.draft.reply_to)
        ),
    )


@router.get("/2/users/{user_id}/mentions")
async def mentions_of(request: Request, user_id: str) -> Response:
    """Posts that name one account, newest first; about 800 of them."""
    await caller(request)
    known_parameters(request, PAGED | _SHOWN)
    page, asked_id = page_asked(request, 5), path_id(user_id)
    return _listed(
        request,
        page,
        lambda post: asked_id in post.mentions and post.author_id != asked_id,
        MENTIONS_KEPT,
    )


def _listed(
    request: Request, page: PageAsked, keep: Any, most: int | None = None
) -> Response:
    """One page of posts in X's shape, with ``includes`` and ``meta``."""
    store, asked = world_of(request).store, wanted(request)

    def in_page(post: Post) -> bool:
        return (
            page.since_id < post.id < min(page.until_id, page.below)
            and (page.start is None or post.created_at >= page.start)
            and (page.end is None or post.created_at < page.end)
        )

    with store.lock:
        every = store.select(lambda p: p.network is Network.X and keep(p))[:most]
        found = [post for post in every if in_page(post)]
        posts = found[: page.size]
        meta: dict[str, Any] = {"result_count": len(posts)}
        body: dict[str, Any] = {"meta": meta}
        if posts:
            body = {"data": [post_json(post, store, asked) for post in posts]} | body
            meta |= {"newest_id": str(posts[0].id), "oldest_id": str(posts[-1].id)}
        if includes := includes_json(posts, store, asked):
            body["includes"] = includes
    if len(found) > len(posts):
        meta["next_token"] = to_token(posts[-1].id)
    return answer(request, body)
