"""Pages for people: the public timeline, where a citizen writes, and one post."""

import re
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, select_autoescape

from sandbox.bluesky_records import POSTS
from sandbox.control import Mistake, citizen_writes
from sandbox.counting import fits_x
from sandbox.films import VIDEO
from sandbox.mastodon_shape import length
from sandbox.news import in_words
from sandbox.store import TOLD_ON, Account, Media, Network, Post
from sandbox.world import World, world_of

HERE = Path(__file__).parent / "templates"
PER_PAGE = 25
NAME_LIMIT = 40
Text = Annotated[str, Form()]
NETWORKS = {
    Network.X: "X",
    Network.MASTODON: "Mastodon",
    Network.TELEGRAM: "Telegram",
    Network.FACEBOOK: "Facebook",
    Network.INSTAGRAM: "Instagram",
    Network.THREADS: "Threads",
    Network.BLUESKY: "Bluesky",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
_MARKED = re.compile(r"(?<![\w@/])[@#]\w+")
_NO_LETTER = re.compile(r"\W+")


class PageRoute(APIRoute):
    """A page: no script may run in it, and no other site may send its forms."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the endpoint."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            origin = request.headers.get("origin")
            own = request.headers.get("host", "")
            if request.method == "POST" and origin and urlsplit(origin).netloc != own:
                return HTMLResponse("Formulir ini dari situs lain.", 403)
            answer = await inner(request)
            answer.headers["Content-Security-Policy"] = _POLICY
            answer.headers["Referrer-Policy"] = "same-origin"
            return answer

        return handle


router = APIRouter(route_class=PageRoute, default_response_class=HTMLResponse)


@cache
def templates() -> Environment:
    """The templates, escaped, read once."""
    made = Environment(
        loader=PackageLoader("sandbox"), autoescape=select_autoescape(["html"])
    )
    made.filters["tanggal"] = _date
    return made


def _date(at: datetime) -> str:
    """A time as Indonesian writes it: ``Senin, 23 November 2026 08.00 WIB``."""
    return f"{in_words(at)} WIB".replace(":", ".")


def _pieces(text: str) -> list[tuple[str, bool]]:
    """Parts of a text, each with whether it is a mention or a tag."""
    done, parts = 0, []
    for match in _MARKED.finditer(text):
        parts += [(text[done : match.start()], False), (match[0], True)]
        done = match.end()
    return [*parts, (text[done:], False)]


def show(
    request: Request, template: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """One page with what every page has."""
    world = world_of(request)
    text = (
        templates()
        .get_template(template)
        .render(dashboard_url=world.dashboard_url, path=request.url.path, **values)
    )
    return HTMLResponse(text, status)


def post_view(post: Post, world: World) -> dict[str, Any]:
    """What a page shows of a post."""
    author = world.store.accounts[post.author_id]
    return {
        "id": post.id,
        "network": post.network.value,
        "network_name": NETWORKS[post.network],
        "handle": author.handle,
        "name": author.name,
        "office": bool(author.secrets),
        "pieces": _pieces(post.prefix + post.text),
        "start": (post.prefix + post.text)[:160],
        "at": post.created_at,
        "url": post_path(post, author),
        "answers": len(world.store.answers(post.id)),
        "media": [media_view(each) for each in world.store.media_of(post.media_ids)],
    }


def media_view(media: Media) -> dict[str, Any]:
    suffix = media.media_type.rpartition("/")[2]
    return {
        "url": f"/system/media/{media.id}.{suffix}",
        "alt": media.alt,
        "moves": media.media_type == VIDEO,
        "width": media.width,
        "height": media.height,
    }


def post_path(post: Post, author: Account) -> str:
    """The path of a post's own page, in the network's own form."""
    if post.network is Network.X:
        return f"/{author.handle}/status/{post.id}"
    if post.network is Network.TELEGRAM:
        return f"/{author.handle}/{post.id}"
    if post.network is Network.INSTAGRAM:
        return f"/p/{post.id}"
    if post.network is Network.THREADS:
        return f"/@{author.handle}/post/{post.id}"
    if post.network is Network.FACEBOOK:
        return f"/{author.id}/posts/{post.id}"
    return f"/@{author.handle}/{post.id}"


@router.get("/profile/{did}/post/{key}")
async def bluesky_post(request: Request, did: str, key: str) -> Response:
    """One post by its name on Bluesky."""
    world = world_of(request)
    post = world.bluesky.find(f"at://{did}/{POSTS}/{key}", world.store)
    if post is None:
        return show(request, "tidak_ada.html", 404, handle=did)
    author = world.store.accounts[post.author_id]
    return RedirectResponse(post_path(post, author), 303)


def _station(world: World, network: Network) -> str:
    """The first office on a network: who citizens speak to unless they say."""
    found = [each for each in world.store.offices() if each.network is network]
    return found[0].handle if found else ""


@router.get("/")
async def timeline(request: Request) -> Response:
    """The newest public posts, and the form."""
    return _timeline(request, {}, "")


def _timeline(
    request: Request, written: Mapping[str, str], problem: str, status: int = 200
) -> Response:
    world, asked = world_of(request), request.query_params
    before = int(asked["sebelum"]) if asked.get("sebelum", "").isdigit() else 0
    oldest_first = sorted(
        world.store.select(
            lambda post: post.draft.visibility == "public" and _fits(post, asked, world)
        ),
        key=lambda post: (post.created_at, post.id),
    )
    newest = oldest_first[::-1]
    if before:
        ids = [post.id for post in newest]
        newest = newest[ids.index(before) + 1 :] if before in ids else []
    reply_to = written.get("reply_to") or asked.get("balas", "")
    parent = world.store.posts.get(int(reply_to)) if reply_to.isdigit() else None
    sent = world.store.posts.get(int(asked.get("terkirim", "0") or 0))
    return show(
        request,
        "linimasa.html",
        status,
        posts=[post_view(post, world) for post in newest[:PER_PAGE]],
        more=newest[PER_PAGE - 1].id if len(newest) > PER_PAGE else None,
        parent=post_view(parent, world) if parent else None,
        sent=post_view(sent, world) if sent else None,
        stations={
            network.value: handle
            for network in Network
            if (handle := _station(world, network))
        },
        networks={
            network.value: name
            for network, name in NETWORKS.items()
            if network in TOLD_ON or _station(world, network)
        },
        written=written,
        problem=problem,
        tag=asked.get("tagar", ""),
        who=asked.get("akun", ""),
    )


def _fits(post: Post, asked: Mapping[str, str], world: World) -> bool:
    tag, who = asked.get("tagar", "").casefold(), asked.get("akun", "").casefold()
    return (not tag or tag in map(str.casefold, post.tags)) and who in (
        "",
        world.store.accounts[post.author_id].handle.casefold(),
    )


@router.post("/")
async def write(
    request: Request,
    name: Text = "",
    network: Text = "x",
    text: Text = "",
    reply_to: Text = "",
) -> Response:
    """A citizen writes; then the timeline says where to look."""
    world = world_of(request)
    written = {"name": name, "network": network, "text": text, "reply_to": reply_to}
    try:
        post = _write(world, name.strip(), Network(network), text.strip(), reply_to)
    except (Mistake, ValueError) as problem:
        return _timeline(request, written, str(problem), 422)
    return RedirectResponse(f"/?terkirim={post.id}", 303)


def _write(world: World, name: str, network: Network, text: str, reply: str) -> Post:
    """Let the citizen write.

    Raises:
        Mistake: with a sentence for the person, in Indonesian.
    """
    handle = _NO_LETTER.sub("_", name.casefold()).strip("_")[:30]
    if not handle or len(name) > NAME_LIMIT:
        raise Mistake(f"Isi nama, paling panjang {NAME_LIMIT} huruf.")
    if not text:
        raise Mistake("Isi kirimannya dahulu.")
    known = world.store.find_account(network, handle)
    if known and known.secrets:
        raise Mistake(f"@{handle} adalah akun kantor. Pakai nama lain.")
    fits = (
        fits_x(text)
        if network is Network.X
        else length(text, "", world.rules.characters_per_url)
        <= world.rules.max_characters
    )
    if not fits:
        raise Mistake(f"Kiriman terlalu panjang untuk {NETWORKS[network]}.")
    reply_to = int(reply) if reply.isdigit() else None
    if reply_to and reply_to not in world.store.posts:
        raise Mistake("Kiriman yang hendak dibalas sudah tidak ada.")
    return citizen_writes(world, network, handle, text, name=name, reply_to=reply_to)


@router.get("/@{handle}/{post_id}")
@router.get("/{handle}/status/{post_id}")
async def one_post(request: Request, handle: str, post_id: str) -> Response:
    """One post with what it answers and what answers it."""
    world = world_of(request)
    post = world.store.posts.get(int(post_id)) if post_id.isdigit() else None
    if post is None:
        return show(request, "tidak_ada.html", 404, handle=handle)
    above: list[Post] = []
    parent = world.store.posts.get(post.draft.reply_to or 0)
    while parent:
        above.insert(0, parent)
        parent = world.store.posts.get(parent.draft.reply_to or 0)
    return show(
        request,
        "kiriman.html",
        above=[post_view(each, world) for each in above],
        post=post_view(post, world),
        below=[
            post_view(each, world)
            for each in world.store.answers(post.id)
            if each.id not in world.store.hidden
        ],
    )


async def numbered_post(request: Request, handle: str, post_id: int) -> Response:
    """One post by its number alone, as t.me has them."""
    return await one_post(request, handle, str(post_id))


@router.get("/@{handle}")
async def profile(handle: str) -> Response:
    """The posts of one account."""
    return RedirectResponse(f"/?akun={handle}", 303)


@router.get("/tags/{tag}")
async def tag_page(tag: str) -> Response:
    """The posts with a tag."""
    return RedirectResponse(f"/?tagar={tag}", 303)


@router.get("/system/media/{name}")
async def picture(request: Request, name: str) -> Response:
    """A picture that was uploaded."""
    number = name.partition(".")[0]
    media = world_of(request).store.media.get(int(number) if number.isdigit() else 0)
    if media is None or not media.finished:
        return show(request, "tidak_ada.html", 404)
    return Response(media.content, media_type=media.media_type)


@router.get("/_sandbox/gaya.css")
async def style() -> Response:
    """The style of the pages."""
    return FileResponse(HERE / "gaya.css", media_type="text/css")


_DOT = (  # one transparent pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154"
    "78da63640000000600023081d02f0000000049454e44ae426082"
)


@router.get("/_sandbox/kosong.png")
async def blank() -> Response:
    """The picture of those who have none."""
    return Response(bytes.fromhex(_DOT), media_type="image/png")
