"""Pages of the news site: the list, one article, and forms to write them."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sandbox.news import FeedKind
from sandbox.pages import PageRoute, Text, show
from sandbox.world import world_of

router = APIRouter(prefix="/berita", route_class=PageRoute)
_FORMATS = {FeedKind.RSS: "RSS 2.0", FeedKind.ATOM: "Atom"}


@router.get("")
async def front(request: Request) -> Response:
    """The feeds, the articles, and a form for a new one."""
    return _front(request, {}, "")


def _front(
    request: Request, written: dict[str, str], problem: str, status: int = 200
) -> Response:
    newsroom = world_of(request).newsroom
    articles = sorted(
        newsroom.articles.values(), key=lambda a: (a.published, a.id), reverse=True
    )
    sent = request.query_params.get("terbit", "")
    return show(
        request,
        "berita.html",
        status,
        feeds=[
            {"slug": feed.slug, "title": feed.title, "format": _FORMATS[feed.kind]}
            for feed in newsroom.feeds.values()
        ],
        titles={feed.slug: feed.title for feed in newsroom.feeds.values()},
        articles=articles[:50],
        sent=newsroom.articles.get(int(sent)) if sent.isdigit() else None,
        written=written,
        problem=problem,
    )


@router.post("")
async def publish(
    request: Request,
    feed: Text = "",
    title: Text = "",
    text: Text = "",
    author: Text = "Redaksi",
) -> Response:
    """An article appears in a feed."""
    written = {"feed": feed, "title": title, "text": text, "author": author}
    newsroom = world_of(request).newsroom
    if feed not in newsroom.feeds or not title.strip() or not text.strip():
        return _front(request, written, "Isi judul dan isi berita dahulu.", 422)
    article = newsroom.add(
        feed, title.strip(), text, author=author.strip() or "Redaksi"
    )
    return RedirectResponse(f"/berita?terbit={article.id}", 303)


@router.get("/{feed}/{article_id}")
async def one_article(request: Request, feed: str, article_id: int) -> Response:
    """One article."""
    newsroom = world_of(request).newsroom
    article = newsroom.articles.get(article_id)
    if article is None or article.feed != feed:
        return show(request, "tidak_ada.html", 404)
    shown = newsroom.feeds[article.feed]
    return show(request, "artikel.html", article=article, feed=shown)


@router.post("/{feed}/{article_id}/ubah")
async def edit(
    request: Request,
    feed: str,
    article_id: int,
    title: Text = "",
    text: Text = "",
) -> Response:
    """The article changes, as newsrooms change theirs."""
    newsroom = world_of(request).newsroom
    if article_id not in newsroom.articles or not title.strip() or not text.strip():
        return show(request, "tidak_ada.html", 404)
    newsroom.edit(article_id, title=title.strip(), text=text)
    return RedirectResponse(f"/berita/{feed}/{article_id}", 303)


@router.post("/{feed}/{article_id}/hapus")
async def remove(request: Request, feed: str, article_id: int) -> Response:
    """The article is taken away."""
    del feed
    world_of(request).newsroom.remove(article_id)
    return RedirectResponse("/berita", 303)
