"""X API v2: posts, people, mentions, recent search, with OAuth 1.0a user tokens."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from twitter_text import parse_tweet

from sandbox import oauth1
from sandbox.rates import Allowance, Standing
from sandbox.store import X_EPOCH_MS, Account, Draft, Network, Post
from sandbox.world import World, world_of
from sandbox.x_query import (
    INVALID,
    PAGED,
    SHOWN,
    PageAsked,
    XError,
    invalid,
    known_parameters,
    page_asked,
    problem,
    to_token,
    wanted,
)
from sandbox.x_search import BadQuery, parse_query
from sandbox.x_shape import includes_json, post_json, user_json, wire_text

router = APIRouter()
SEARCH_REACH = timedelta(days=7)
MENTIONS_KEPT = 800
ID = re.compile(r"^[0-9]{1,19}$")
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


async def caller(request: Request, allowance: Allowance | None = None) -> Account:
    """The account whose OAuth 1.0a signature the request carries, within its rate.

    Raises:
        XError: 401 for a bad token, signature, timestamp or used nonce; 429 over
            the rate.
    """
    world = world_of(request)
    header = oauth1.parse_header(request.headers.get("authorization", ""))
    account = world.store.by_secret(
        Network.X, "access_token", header.get("oauth_token", "")
    )
    if account is None or not await _proved(request, header, account, world):
        raise problem(401, "Unauthorized", "Unauthorized")
    key = (account.id, request.method, request.scope["route"].path)
    rate = world.rates.count(key, allowance or world.rules.x_reads, world.store.now())
    request.state.rate = rate
    if not rate.allowed:
        raise problem(429, "Too Many Requests", "Too Many Requests")
    return account


async def _proved(
    request: Request, header: Mapping[str, str], account: Account, world: World
) -> bool:
    kind = request.headers.get("content-type", "")
    form = b""
    if kind.startswith("application/x-www-form-urlencoded"):
        form = await request.body()
    signed = oauth1.Signed(
        method=request.method,
        path=request.scope["raw_path"].decode("ascii"),
        query=request.url.query,
        form=form.decode("utf-8", "replace"),
    )
    secrets = account.secrets
    return (
        header.get("oauth_consumer_key") == secrets["consumer_key"]
        and oauth1.is_fresh(header)
        and oauth1.is_valid(
            signed,
            header,
            secrets["consumer_secret"],
            secrets["access_token_secret"],
            world.url,
        )
        and world.nonces.first_use(header.get("oauth_nonce", ""))
    )


def rate_headers(request: Request) -> dict[str, str]:
    """``x-rate-limit-*``: the reset is in epoch seconds."""
    rate: Standing | None = getattr(request.state, "rate", None)
    if rate is None:
        return {}
    return {
        "x-rate-limit-limit": str(rate.limit),
        "x-rate-limit-remaining": str(rate.remaining),
        "x-rate-limit-reset": str(int(rate.reset.timestamp()) + 1),
    }


def answer(request: Request, body: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON answer with the rate headers."""
    return JSONResponse(
        dict(body),
        status_code=status,
        headers=rate_headers(request),
        media_type="application/json; charset=utf-8",
    )


async def answer_error(request: Request, error: Exception) -> Response:
    """An error answer: problem JSON with the rate headers."""
    assert isinstance(error, XError)
    return JSONResponse(
        error.body,
        status_code=error.status,
        headers=rate_headers(request) | error.headers,
        media_type="application/problem+json; charset=utf-8",
    )


async def json_body(request: Request, allowed: frozenset[str]) -> dict[str, Any]:
    """The JSON object of a request; unknown names are refused as X refuses them."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _bad_body("Requires valid JSON object in the request body")
    for name in body:
        if name not in allowed:
            raise _bad_body(
                f"$.{name}: is not defined in the schema and the schema does not"
                " allow additional properties"
            )
    return body


def _bad_body(message: str) -> XError:
    error = invalid("body", "", message)
    error.body["errors"] = [{"parameters": {}, "message": message}]
    return error


def path_id(text: str) -> int:
    """A number in the path."""
    if not ID.match(text):
        message = f"The `id` query parameter value [{text}] does not match {ID.pattern}"
        raise invalid("id", text, message)
    return int(text)


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
        raise _bad_body("$.text: is missing or empty, and there is no media")
    if text and not parse_tweet(text).valid:
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
        raise _bad_body("$.media.media_ids: must hold 1 to 4 items")
    if not all(isinstance(each, str) and ID.match(each) for each in ids):
        raise _bad_body("$.media.media_ids[0]: does not match ^[0-9]{1,19}$")
    found = world.store.media_of(int(each) for each in ids)
    mine = [m for m in found if m.owner_id == author.id and m.finished]
    if len(mine) != len(ids):
        raise _bad_body("Your media IDs are invalid.")
    return tuple(media.id for media in mine)


def _reply_to(world: World, author: Account, body: Mapping[str, Any]) -> int | None:
    """The post answered; X lets the API answer only those who spoke to us."""
    if "reply" not in body:
        return None
    reply = body["reply"] if isinstance(body["reply"], dict) else {}
    text = reply.get("in_reply_to_tweet_id")
    if not isinstance(text, str) or not ID.match(text):
        raise _bad_body("$.reply.in_reply_to_tweet_id: does not match ^[0-9]{1,19}$")
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


@router.get("/2/users/me")
async def me(request: Request) -> Response:
    """Who the token belongs to."""
    account = await caller(request)
    known_parameters(request, frozenset({"expansions", "tweet.fields", "user.fields"}))
    fields = wanted(request).user_fields
    return answer(
        request, {"data": user_json(account, world_of(request).store, fields)}
    )


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
        return answer(request, {"errors": [_missing("tweet", wanted_id)]})
    body: dict[str, Any] = {"data": post_json(post, store, asked)}
    if includes := includes_json([post], store, asked):
        body["includes"] = includes
    return answer(request, body)


def _missing(kind: str, missing_id: int) -> dict[str, Any]:
    return {
        "value": str(missing_id),
        "detail": f"Could not find {kind} with id: [{missing_id}].",
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": "id",
        "resource_id": str(missing_id),
        "type": INVALID.replace("invalid-request", "resource-not-found"),
    }


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
