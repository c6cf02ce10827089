"""The control API under ``/_sandbox/``: what ``Site`` can do, for other processes.

JSON in, JSON out. Times are ISO 8601; ids are strings, as networks give them.
"""

from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from sandbox import webhook_api, wordpress_api
from sandbox.faults import Fault, FaultKind, Hold
from sandbox.news import Article, DateForm, GuidForm
from sandbox.rates import Allowance
from sandbox.store import Account, Draft, Network, Post
from sandbox.world import World, world_of


class Mistake(Exception):
    """The request to the control API cannot be used; says why."""


class ControlRoute(APIRoute):
    """Answers 400 with the reason when what was given cannot be used."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the endpoint."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except (Mistake, LookupError, TypeError, ValueError) as error:
                message = f"{type(error).__name__}: {error}"
                return JSONResponse({"error": message}, status_code=400)

        return handle


router = APIRouter(prefix="/_sandbox", route_class=ControlRoute)


async def _given(request: Request) -> dict[str, Any]:
    body = await request.json() if await request.body() else {}
    if not isinstance(body, dict):
        raise Mistake("the body must be a JSON object")
    return body


def account_dict(account: Account) -> dict[str, Any]:
    """An account with its tokens."""
    return {
        "id": str(account.id),
        "network": account.network.value,
        "handle": account.handle,
        "name": account.name,
        **account.secrets,
    }


def post_dict(post: Post, world: World) -> dict[str, Any]:
    """A post as its author wrote it."""
    parent = post.draft.reply_to
    return {
        "id": str(post.id),
        "remote_id": _remote_id(post, world),
        "network": post.network.value,
        "author": world.store.accounts[post.author_id].handle,
        "text": post.text,
        "key": post.draft.key,
        "reply_to": None if parent is None else str(parent),
        "visibility": post.draft.visibility,
        "language": post.draft.language,
        "created_at": post.created_at.isoformat(),
        "media": [
            {
                "id": str(media.id),
                "media_type": media.media_type,
                "bytes": len(media.content),
                "width": media.width,
                "height": media.height,
                "alt": media.alt,
            }
            for media in world.store.media_of(post.media_ids)
        ],
    }


def _remote_id(post: Post, world: World) -> str:
    """What the network's API calls a post."""
    match post.network:
        case Network.FACEBOOK:
            return f"{post.author_id}_{post.id}"
        case Network.BLUESKY:
            return world.bluesky.uri(post, world.store.accounts[post.author_id])
    return str(post.id)


@router.get("/health")
async def health() -> Response:
    """Whether the sandbox is up."""
    return JSONResponse({"ok": True})


@router.post("/accounts")
async def add_account(request: Request) -> Response:
    """``{network, handle, name?}`` → the account and its tokens."""
    given = await _given(request)
    account = world_of(request).store.add_account(
        Network(given["network"]), given["handle"], given.get("name", ""), office=True
    )
    return JSONResponse(account_dict(account), 201)


@router.get("/accounts")
async def accounts(request: Request) -> Response:
    """Every account, with tokens where it has some."""
    found = world_of(request).store.accounts.values()
    return JSONResponse([account_dict(account) for account in list(found)])


@router.get("/posts")
async def posts(request: Request) -> Response:
    """Posts, oldest first; ``?network=&handle=`` choose, ``?deleted=1`` the deleted."""
    world, asked = world_of(request), request.query_params
    network, handle = asked.get("network", ""), asked.get("handle", "").lstrip("@")
    with world.store.lock:
        stood = world.store.deleted if asked.get("deleted") else world.store.posts
        found = [post_dict(post, world) for post in stood.values()]
    return JSONResponse(
        [
            post
            for post in found
            if network in ("", post["network"])
            and handle.casefold() in ("", post["author"].casefold())
        ]
    )


@router.post("/posts")
async def write(request: Request) -> Response:
    """``{network, handle, text, name?, reply_to?, at?}``: a citizen writes."""
    world, given = world_of(request), await _given(request)
    post = citizen_writes(
        world,
        Network(given["network"]),
        given["handle"],
        given["text"],
        name=given.get("name", ""),
        reply_to=int(given["reply_to"]) if given.get("reply_to") else None,
        at=_time(given.get("at")),
    )
    return JSONResponse(post_dict(post, world), 201)


def citizen_writes(
    world: World,
    network: Network,
    handle: str,
    text: str,
    *,
    name: str = "",
    reply_to: int | None = None,
    at: datetime | None = None,
) -> Post:
    """Let a citizen write, or answer a post; the answered author is named.

    Raises:
        Mistake: the post to answer is not there.
    """
    author = world.store.add_account(network, handle, name)
    parent = world.store.posts.get(reply_to) if reply_to else None
    if reply_to and (parent is None or parent.network is not network):
        raise Mistake(f"no post {reply_to} on {network}")
    if parent and network is Network.MASTODON and parent.author_id != author.id:
        answered = world.store.accounts[parent.author_id].handle
        if f"@{answered.casefold()}" not in text.casefold():
            text = f"@{answered} {text}"
    return world.store.publish(author, Draft(text=text, reply_to=reply_to, at=at))


@router.delete("/posts/{post_id}")
async def delete(request: Request, post_id: int) -> Response:
    """A post is taken down, whoever wrote it."""
    post = world_of(request).store.delete(post_id)
    return JSONResponse({"deleted": post is not None})


@router.post("/favourites")
async def favourite(request: Request) -> Response:
    """``{post_id, handle}``: a citizen likes a post."""
    world, given = world_of(request), await _given(request)
    with world.store.lock:
        post = world.store.posts.get(int(given["post_id"]))
        if post is None:
            raise Mistake("no such post")
        by = world.store.add_account(post.network, given["handle"])
        world.store.notify(post.author_id, "favourite", post, by.id)
    return JSONResponse({"ok": True}, 201)


def _time(text: str | None) -> datetime | None:
    at = datetime.fromisoformat(text) if text else None
    if at and at.tzinfo is None:
        raise Mistake("a time needs its zone")
    return at


@router.get("/doors")
async def doors(request: Request) -> Response:
    """What the website has and the webhook was told, and how to sign in to the site."""
    world = world_of(request)
    blog = world.blog
    return JSONResponse(
        {
            "webhook": {
                "url": world.url + webhook_api.PATH,
                "told": world.hooks.events,
            },
            "wordpress": {
                "url": world.url + wordpress_api.BASE,
                "username": blog.user,
                "application_password": blog.password,
                "posts": [
                    asdict(post) | {"at": post.at.isoformat()} for post in blog.posts
                ],
            },
        }
    )


@router.put("/doors")
async def change_doors(request: Request) -> Response:
    """``{webhook_keys}``: the keys whose signatures the receiver knows."""
    keys = (await _given(request))["webhook_keys"]
    world_of(request).hooks.keys = [str(key) for key in keys]
    return JSONResponse({"ok": True})


def article_dict(article: Article, world: World) -> dict[str, Any]:
    """An article with its address."""
    return {
        "id": str(article.id),
        "feed": article.feed,
        "title": article.title,
        "text": "\n\n".join(article.paragraphs),
        "url": world.url + article.path,
        "published": article.published.isoformat(),
        "updated": article.updated.isoformat() if article.updated else None,
    }


@router.get("/articles")
async def articles(request: Request) -> Response:
    """Every article, oldest first."""
    world = world_of(request)
    found = list(world.newsroom.articles.values())
    return JSONResponse([article_dict(article, world) for article in found])


@router.post("/articles")
async def add_article(request: Request) -> Response:
    """``{feed, title, text, published?, author?}``: an article appears."""
    world, given = world_of(request), await _given(request)
    article = world.newsroom.add(
        given["feed"],
        given["title"],
        given["text"],
        published=_time(given.get("published")),
        author=given.get("author", "Redaksi"),
    )
    return JSONResponse(article_dict(article, world), 201)


@router.put("/articles/{article_id}")
async def edit_article(request: Request, article_id: int) -> Response:
    """``{title?, text?}``: an article changes."""
    world, given = world_of(request), await _given(request)
    changes = {name: given[name] for name in ("title", "text") if name in given}
    article = world.newsroom.edit(article_id, **changes)
    return JSONResponse(article_dict(article, world))


@router.delete("/articles/{article_id}")
async def remove_article(request: Request, article_id: int) -> Response:
    """An article is taken away."""
    gone = world_of(request).newsroom.remove(article_id)
    return JSONResponse({"deleted": gone is not None})


@router.put("/feeds/{slug}")
async def change_feed(request: Request, slug: str) -> Response:
    """``{title?, kind?, date_form?, guid_form?, window?, headers?}``; makes it anew."""
    world, given = world_of(request), await _given(request)
    feed = world.newsroom.feeds.get(slug)
    if feed is None:
        title = given.get("title", slug)
        feed = world.newsroom.add_feed(slug, title, given.get("kind", "rss"))
    if "date_form" in given:
        feed.date_form = DateForm(given["date_form"])
    if "guid_form" in given:
        feed.guid_form = GuidForm(given["guid_form"])
    feed.window = int(given.get("window", feed.window))
    feed.headers = given.get("headers", feed.headers)
    return JSONResponse({"slug": slug, "url": f"{world.url}/berita/{slug}.xml"})


@router.post("/faults")
async def add_fault(request: Request) -> Response:
    """The fields of ``sandbox.faults.Fault``; ``kind`` is needed."""
    given = await _given(request)
    fault = Fault(**given | {"kind": FaultKind(given["kind"])})
    world_of(request).faults.add(fault)
    return JSONResponse({"ok": True}, 201)


@router.get("/faults")
async def faults(request: Request) -> Response:
    """The faults that still wait."""
    return JSONResponse(world_of(request).faults.waiting())


@router.delete("/faults")
async def clear_faults(request: Request) -> Response:
    """No fault waits any more."""
    world_of(request).faults.clear()
    return JSONResponse({"ok": True})


@router.put("/hold")
async def hold(request: Request) -> Response:
    """``{low_ms, high_ms, store_first?, seed?}``; both 0 is no hold."""
    world_of(request).hold = Hold(**await _given(request))
    return JSONResponse({"ok": True})


@router.put("/rules")
async def rules(request: Request) -> Response:
    """Limits by the names of ``sandbox.world.Rules``; a rate is [limit, seconds]."""
    now = world_of(request).rules
    for name, value in (await _given(request)).items():
        if not hasattr(now, name):
            raise Mistake(f"no rule {name}")
        old, new = getattr(now, name), value
        if isinstance(old, Allowance):
            new = Allowance(int(value[0]), timedelta(seconds=value[1]))
        elif isinstance(old, timedelta):
            new = timedelta(seconds=value)
        setattr(now, name, new)
    return JSONResponse({"ok": True})


@router.post("/clock")
async def clock(request: Request) -> Response:
    """``{forward_s}``: the network's clock goes forward, for keys and rates."""
    store = world_of(request).store
    store.offset += timedelta(seconds=(await _given(request))["forward_s"])
    return JSONResponse({"now": store.now().isoformat()})


@router.get("/requests")
async def requests(request: Request) -> Response:
    """The requests received, oldest first; ``?method=&path=`` choose."""
    asked = request.query_params
    found = world_of(request).log.entries(
        asked.get("method", ""), asked.get("path", "*")
    )
    return JSONResponse([entry.as_dict() for entry in found])


@router.post("/reset")
async def reset(request: Request) -> Response:
    """Begin again, empty."""
    world_of(request).reset()
    return JSONResponse({"ok": True})
