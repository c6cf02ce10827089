"""Bluesky's servers, as far as one account needs them: sessions, records, notices.

Each rule has its mark: C, the network's own documentation or lexicons
(https://github.com/bluesky-social/atproto/tree/main/lexicons, seen 2026-11-24); S, the
source of its server; T, not tested.

- C every call is ``/xrpc/NAME``; a failure is ``{"error": CODE, "message": words}``.
- C a log-in is counted: 30 in 5 minutes; writes cost points, 5,000 in an hour, a
  creation 3: counted here as 1,666 writes. T the codes' wordings.
- C a text has at most 3,000 bytes and 300 graphemes; at most 3 languages; facets lie on
  whole letters, in UTF-8 bytes.
- C a post has at most 4 images, each at most 1,000,000 bytes, each with ``alt``.
- C a record key holds 1 to 512 of ``A-Za-z0-9._~:-``. S ``putRecord`` on a key that
  stands changes its record, and the same record changes nothing.
- C an answer names root and parent, each by address and content.
- C notifications come newest first, 100 at most; ``cursor`` is opaque.
- T handles are words here and no domains, as everywhere in this sandbox.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import regex
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from sandbox.bluesky_counts import counts_of
from sandbox.bluesky_records import POSTS, did_of, told_of, written
from sandbox.films import VIDEO, film_of
from sandbox.pictures import picture_type
from sandbox.store import Account, Draft, Network, Post
from sandbox.world import World, world_of

router = APIRouter(prefix="/xrpc")
LONGEST = 300
MOST_BYTES = 3_000
MOST_POSTS = 25  # of one call
MOST_IMAGES = 4
IMAGE_BYTES = 1_000_000
FILM_BYTES = 100_000_000  # T: the lexicon has had 50, then 100 million
IMAGES = "app.bsky.embed.images"
MOST_LANGUAGES = 3
PAGE = 100
_KEY = re.compile(r"[A-Za-z0-9._~:-]{1,512}", re.ASCII)
_GRAPHEME = regex.compile(r"\X")


@dataclass
class XrpcError(Exception):
    """An answer that is no success."""

    status: int
    code: str
    message: str
    reset: int = 0  # second of the epoch


async def answer_error(_: Request, error: Exception) -> Response:
    """``{"error": …, "message": …}``."""
    assert isinstance(error, XrpcError)
    headers = {"RateLimit-Reset": str(error.reset)} if error.reset else {}
    body = {"error": error.code, "message": error.message}
    return JSONResponse(body, error.status, headers)


def _wrong(message: str) -> XrpcError:
    return XrpcError(400, "InvalidRequest", message)


def _must_be_open(world: World, account: Account | None) -> None:
    """C: com.atproto.server.createSession; S: auth-verifier of the PDS."""
    if account and (Network.BLUESKY.value, account.id) in world.closed:
        raise XrpcError(401, "AccountTakedown", "Account has been taken down")


def _caller(request: Request, kind: str = "accessJwt") -> Account:
    world = world_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not token:
        raise XrpcError(401, "AuthMissing", "Authentication Required")
    account, over = world.bluesky.account_of(token, kind, world.store)
    if account is None:
        raise XrpcError(400, "InvalidToken", "Token could not be verified")
    _must_be_open(world, account)
    if over:
        raise XrpcError(400, "ExpiredToken", "Token has expired")
    return account


def _reader(request: Request) -> World:
    """Anyone may read records; T that a token which is given must be good."""
    if "authorization" in request.headers:
        _caller(request)
    return world_of(request)


def _count(world: World, account: Account, what: str) -> None:
    rules = world.rules
    allowance = rules.bluesky_logins if what == "logins" else rules.bluesky_writes
    rate = world.rates.count((account.id, what), allowance, world.store.now())
    if not rate.allowed:
        reset = int(rate.reset.timestamp())
        raise XrpcError(429, "RateLimitExceeded", "Rate Limit Exceeded", reset)


async def _body(request: Request) -> Mapping[str, Any]:
    try:
        given = await request.json()
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise _wrong("Input must be an object")
    return given


# sessions


def _session(world: World, account: Account) -> Response:
    named = {"did": did_of(account), "handle": account.handle, "active": True}
    return JSONResponse(named | world.bluesky.begin(account, world.store.now()))


@router.post("/com.atproto.server.createSession")
async def log_in(request: Request) -> Response:
    """A session by name and app password."""
    world, given = world_of(request), await _body(request)
    account = world.store.find_account(
        Network.BLUESKY, str(given.get("identifier", ""))
    )
    if account is not None:
        _count(world, account, "logins")
    known = account.secrets.get("app_password") if account else None
    _must_be_open(world, account)
    if account is None or not known or given.get("password") != known:
        raise XrpcError(401, "AuthenticationRequired", "Invalid identifier or password")
    return _session(world, account)


@router.post("/com.atproto.server.refreshSession")
async def refresh(request: Request) -> Response:
    """Fresh tokens for the refresh token."""
    return _session(world_of(request), _caller(request, "refreshJwt"))


@router.get("/com.atproto.server.getSession")
async def who(request: Request) -> Response:
    """Whose session it is."""
    account = _caller(request)
    return JSONResponse({"did": did_of(account), "handle": account.handle})


@router.get("/com.atproto.identity.resolveHandle")
async def resolve(request: Request, handle: str) -> Response:
    """The lasting name behind a handle."""
    account = world_of(request).store.find_account(Network.BLUESKY, handle)
    if account is None:
        raise _wrong("Unable to resolve handle")
    return JSONResponse({"did": did_of(account)})


# records


@router.post("/com.atproto.repo.uploadBlob")
async def upload(request: Request) -> Response:
    """Keep a file until a record refers to it."""
    world, owner = world_of(request), _caller(request)
    content = await request.body()
    film = film_of(content)
    kind = VIDEO if film else picture_type(content) or "application/octet-stream"
    media = world.store.add_media(owner, kind, content=content)
    return JSONResponse({"blob": world.bluesky.blob(media)})


@router.post("/com.atproto.repo.putRecord")
async def put(request: Request) -> Response:
    """Write a record under the key that the writer chose."""
    world, author = world_of(request), _caller(request)
    given = await _body(request)
    key, value = _addressed(author, given), given.get("record")
    if not isinstance(value, dict):
        raise _wrong("Input/record must be an object")
    _count(world, author, "writes")
    with world.store.lock:
        draft = _draft(world, author, value)
        stands = world.store.posts.get(world.bluesky.posts.get((author.id, key), 0))
        if stands is None:
            post = world.store.publish(author, draft)
        elif world.bluesky.value(stands, world.store) == value:
            post = stands
        else:
            post = world.store.edit(stands.id, draft)
        world.bluesky.name(post, key, value)
        return JSONResponse(world.bluesky.strong(post, world.store))


def _addressed(author: Account, given: Mapping[str, Any]) -> str:
    key = str(given.get("rkey", ""))
    if given.get("repo") not in (did_of(author), author.handle):
        raise XrpcError(403, "InvalidRequest", "Could not find repo")
    if given.get("collection") != POSTS:
        raise _wrong("this sandbox has posts only")
    if not _KEY.fullmatch(key) or key in (".", ".."):
        raise _wrong("Input/rkey must be a valid Record Key")
    return key


def _draft(world: World, author: Account, value: Mapping[str, Any]) -> Draft:
    text = value.get("text")
    if value.get("$type") != POSTS or not isinstance(text, str):
        raise _wrong(f"Invalid {POSTS} record: Record must have the property text")
    if len(text.encode()) > MOST_BYTES:
        raise _too_big("string", MOST_BYTES, len(text.encode()))
    graphemes = len(_GRAPHEME.findall(text))
    if graphemes > LONGEST:
        raise _too_big("grapheme", LONGEST, graphemes)
    languages = value.get("langs", [])
    if len(languages) > MOST_LANGUAGES:
        raise _wrong(f"Record/langs must not have more than {MOST_LANGUAGES} elements")
    _check_facets(text, value.get("facets", []))
    media_ids = _images(world, author, value.get("embed"))
    if not text.strip() and not media_ids:
        raise _wrong("an empty post: this sandbox's rule")
    return Draft(
        text=text,
        media_ids=media_ids,
        reply_to=_parent(world, value.get("reply")),
        language=languages[0] if languages else "",
        at=_time(value.get("createdAt"), world),
    )


def _too_big(what: str, most: int, got: int) -> XrpcError:
    """In the words of the server's own source, as it said them on loopback."""
    told = f"{what} too big (maximum {most}, got {got}) at $.record.text"
    return _wrong(f"Invalid {POSTS} record: {told}")


def _time(text: Any, world: World) -> datetime:
    """What the writer says; the sandbox moves it with its own clock."""
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise _wrong("Record/createdAt must be an valid atproto datetime")
    return at + world.store.offset


def _check_facets(text: str, given: Any) -> None:
    """Offsets lie on whole letters, inside the text, and in order."""
    whole = text.encode()
    for facet in given:
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        try:
            inside = 0 <= start < end <= len(whole) and whole[start:end].decode()
        except UnicodeDecodeError:
            inside = ""
        if not inside or not facet["features"]:
            raise _wrong("Record/facets do not lie on letters: this sandbox's rule")


def _film(world: World, author: Account, embed: Any) -> tuple[int, ...]:
    """The one video of a post; its description is not needed."""
    alt = embed.get("alt", "")
    return (_blob(world, author, embed.get("video"), alt, VIDEO, FILM_BYTES),)


def _images(world: World, author: Account, embed: Any) -> tuple[int, ...]:
    if embed is None:
        return ()
    if isinstance(embed, dict) and embed.get("$type") == "app.bsky.embed.video":
        return _film(world, author, embed)
    images = embed.get("images") if isinstance(embed, dict) else None
    if not isinstance(images, list) or embed.get("$type") != IMAGES:
        raise _wrong("Record/embed: this sandbox has images only")
    if not 1 <= len(images) <= MOST_IMAGES:
        raise _wrong(f"Record/embed/images must not have more than {MOST_IMAGES}")
    return tuple(_image(world, author, each) for each in images)


def _image(world: World, author: Account, given: Any) -> int:
    blob = given.get("image") if isinstance(given, dict) else None
    if not isinstance(blob, dict) or not isinstance(given.get("alt"), str):
        raise _wrong('Record/embed/images/0 must have the property "alt"')
    return _blob(world, author, blob, given["alt"], "image/", IMAGE_BYTES)


def _blob(
    world: World, author: Account, blob: Any, alt: str, kind: str, most: int
) -> int:
    """An uploaded file, of the kind and size that its place takes."""
    cid = blob.get("ref", {}).get("$link", "") if isinstance(blob, dict) else ""
    media = world.store.media.get(world.bluesky.blobs.get((author.id, cid), 0))
    if media is None:
        raise XrpcError(400, "BlobNotFound", "Could not find blob")
    if not media.media_type.startswith(kind):
        raise XrpcError(400, "InvalidMimeType", f"Wrong mimetype: {kind} wanted")
    if len(media.content) > most:
        raise XrpcError(400, "BlobTooLarge", f"Blob is larger than {most}")
    kept = world.store.add_media(  # one file may stand in many posts
        author, media.media_type, content=media.content, alt=alt
    )
    return kept.id


def _parent(world: World, reply: Any) -> int | None:
    if reply is None:
        return None
    found = []
    for end in ("root", "parent"):
        post = world.bluesky.find(str(reply[end]["uri"]), world.store)
        if post is None or reply[end]["cid"] != world.bluesky.cid(post, world.store):
            raise _wrong(f"Record/reply/{end} is not there: this sandbox's rule")
        found.append(post)
    if found[0].id != found[1].conversation_id:
        raise _wrong("Record/reply/root is another thread's: this sandbox's rule")
    return found[1].id


@router.post("/com.atproto.repo.deleteRecord")
async def delete(request: Request) -> Response:
    """Take a record down; nothing happens where there is none."""
    world, author = world_of(request), _caller(request)
    key = _addressed(author, await _body(request))
    number = world.bluesky.posts.pop((author.id, key), None)
    if number is not None:
        world.store.delete(number)
    return JSONResponse({})


def _shown(world: World, post: Post) -> dict[str, Any]:
    value = world.bluesky.value(post, world.store)
    return {**world.bluesky.strong(post, world.store), "value": value}


@router.get("/com.atproto.repo.getRecord")
async def get_record(request: Request, repo: str, collection: str, rkey: str) -> Any:
    """One record by its key."""
    world = _reader(request)
    uri = f"at://{repo}/{collection}/{rkey}"
    post = world.bluesky.find(uri, world.store)
    if post is None:
        message = f"Could not locate record: {uri}"
        raise XrpcError(400, "RecordNotFound", message)
    return _shown(world, post)


@router.get("/com.atproto.repo.listRecords")
async def list_records(
    request: Request, repo: str, limit: int = 50, cursor: str = ""
) -> Any:
    """An account's records, newest key first."""
    world = _reader(request)
    keyed = sorted(
        (
            (world.bluesky.keys.get(post.id, str(post.id)), post)
            for post in world.store.posts.values()
            if post.network is Network.BLUESKY
            and did_of(world.store.accounts[post.author_id]) == repo
        ),
        key=lambda pair: pair[0],
        reverse=True,
    )
    page = [pair for pair in keyed if not cursor or pair[0] < cursor][:limit]
    shown: dict[str, Any] = {"records": [_shown(world, post) for _, post in page]}
    return shown | ({"cursor": page[-1][0]} if page else {})


# what others say


@router.get("/app.bsky.feed.getPosts")
async def get_posts(request: Request) -> Any:
    """Posts by their addresses; what is not there is left out."""
    world, _ = world_of(request), _caller(request)
    uris = request.query_params.getlist("uris")
    if not 1 <= len(uris) <= MOST_POSTS:  # C: the lexicon's maxLength
        raise _wrong(f"Error: uris must not have more than {MOST_POSTS} elements")
    found = (world.bluesky.find(uri, world.store) for uri in uris)
    return {"posts": [_viewed(world, post) for post in found if post]}


def _viewed(world: World, post: Post) -> dict[str, Any]:
    author = world.store.accounts[post.author_id]
    return {
        **world.bluesky.strong(post, world.store),
        "author": {
            "did": did_of(author),
            "handle": author.handle,
            "displayName": author.name,
        },
        "record": world.bluesky.value(post, world.store),
        "indexedAt": written(post.created_at),
        **counts_of(world, post),
    }


@router.get("/app.bsky.notification.listNotifications")
async def notifications(request: Request, limit: int = 50, cursor: str = "") -> Any:
    """What an account is told of, newest first."""
    world, me = world_of(request), _caller(request)
    top = int(cursor) if cursor.isdigit() else 2**63
    told = [post for post in told_of(world.store.posts, me) if post.id < top]
    page = told[: min(limit, PAGE)]
    shown = [
        _viewed(world, post)
        | {
            "reason": "reply" if post.reply_author_id == me.id else "mention",
            "isRead": False,
        }
        for post in page
    ]
    body: dict[str, Any] = {"notifications": shown}
    return body | ({"cursor": str(page[-1].id)} if len(told) > len(page) else {})
