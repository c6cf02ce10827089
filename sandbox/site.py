"""One sandbox, started and stopped: ``with Site.start() as site: …``."""

import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import uvicorn
from fastapi import FastAPI

from sandbox import (
    bluesky_api,
    control,
    facebook_api,
    graph,
    graph_tokens,
    instagram_api,
    mastodon_api,
    mastodon_auth,
    mastodon_media,
    mastodon_reads,
    news_feed,
    news_pages,
    pages,
    sign_in,
    telegram_api,
    threads_api,
    webhook_api,
    wordpress_api,
    x_api,
    x_auth,
    x_media,
    x_people,
    x_query,
)
from sandbox.control import citizen_writes
from sandbox.counting import warm_up
from sandbox.faults import Fault, FaultKind, Hold, Received
from sandbox.news import Article, Feed, FeedKind
from sandbox.store import Account, Network, Post
from sandbox.wire import Wire, protocol_for
from sandbox.world import World

_PARTS = (
    x_api,
    x_people,
    x_media,
    mastodon_api,
    mastodon_media,
    mastodon_reads,
    sign_in,
    telegram_api,
    graph_tokens,
    facebook_api,
    instagram_api,
    threads_api,
    bluesky_api,
    news_feed,
    webhook_api,
    wordpress_api,
    control,
    pages,
    news_pages,
)
START_WITHIN = 10  # seconds; takes a fraction of one


@dataclass(frozen=True, slots=True)
class Tokens:
    """An account that may use the API, and what it signs in with."""

    network: str
    handle: str
    id: str
    secrets: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        """One secret, such as ``access_token`` or ``consumer_key``."""
        return self.secrets[name]


def make_app(world: World) -> Wire:
    """The whole site as one ASGI application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.world = world
    for module in _PARTS:
        app.include_router(module.router)
    app.add_exception_handler(x_query.XError, x_auth.answer_error)
    app.add_exception_handler(bluesky_api.XrpcError, bluesky_api.answer_error)
    app.add_exception_handler(mastodon_auth.MastodonError, mastodon_auth.answer_error)
    app.add_exception_handler(telegram_api.TelegramError, telegram_api.answer_error)
    app.add_exception_handler(graph.GraphError, graph.answer_error)
    app.get("/{handle}/post/{post_id:int}")(pages.numbered_post)
    app.get("/{handle}/posts/{post_id:int}")(pages.numbered_post)
    app.get("/{handle}/{post_id:int}")(pages.numbered_post)
    app.get("/c/{handle}/{post_id:int}")(pages.numbered_post)
    return Wire(app, world)


class Site:
    """A running sandbox; everything here may be called from any thread."""

    def __init__(self, world: World, line: socket.socket) -> None:
        self.world = world
        self._line = line
        config = uvicorn.Config(
            make_app(world),
            http=protocol_for(world.faults),
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=75,  # as common front servers
        )
        self.server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    @classmethod
    def bind(
        cls, host: str = "127.0.0.1", port: int = 0, *, dashboard_url: str = ""
    ) -> "Site":
        """Take the port, without serving yet; 0 is a free one.

        Raises:
            OSError: the port is taken.
        """
        # named as TCP: only then does asyncio switch the kernel's waiting for more off
        line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
            line.listen(128)  # who calls before the loop runs is answered by it
        except OSError:
            line.close()
            raise
        shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared
        url = f"http://{shown}:{line.getsockname()[1]}"
        return cls(World(url=url, dashboard_url=dashboard_url.rstrip("/")), line)

    @classmethod
    def start(
        cls, port: int = 0, host: str = "127.0.0.1", *, dashboard_url: str = ""
    ) -> "Site":
        """Serve in a thread; returns when requests are answered."""
        site = cls.bind(host, port, dashboard_url=dashboard_url)
        return site.start_thread()

    def start_thread(self) -> Self:
        """Serve in a thread of this process; returns when requests are answered."""
        thread = threading.Thread(target=self.serve, name="sandbox", daemon=True)
        thread.start()
        for _ in range(START_WITHIN * 200):
            if self.server.started:
                self._thread = thread
                return self
            thread.join(0.005)
        raise RuntimeError("the sandbox did not start")

    def serve(self) -> None:
        """Serve here until stopped, or until SIGINT in the main thread."""
        threading.Thread(target=warm_up, name="sandbox-warm-up", daemon=True).start()
        self.server.run(sockets=[self._line])

    def stop(self) -> None:
        """Close every line, also those that hang, and free the port."""
        self.server.should_exit = True
        if self._thread:
            self._thread.join(START_WITHIN)
        self._line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return self.world.url

    # accounts and posts

    def add_account(self, network: str, handle: str, name: str = "") -> Tokens:
        """Open an office's account on a network; its tokens are fresh."""
        account = self.world.store.add_account(
            Network(network), handle, name, office=True
        )
        return Tokens(network, account.handle, str(account.id), dict(account.secrets))

    def approve(self, address: str, network: str, handle: str) -> str:
        """A person opens a sign-in page, lets the app in, and is shown a code.

        Raises:
            LookupError: the page would show an error.
        """
        return sign_in.approve(self.world, address, self._account(network, handle))

    def revoke(self, network: str, handle: str) -> None:
        """The account's tokens are good for nothing any more."""
        account = self._account(network, handle)
        account.secrets.clear()

    def close_account(self, network: str, handle: str) -> None:
        """The account is shut on the network; its tokens are answered accordingly."""
        self.world.closed.add((network, self._account(network, handle).id))

    def _account(self, network: str, handle: str) -> Account:
        account = self.world.store.find_account(Network(network), handle)
        if account is None:
            raise LookupError(f"no account {handle} on {network}")
        return account

    def posts(self, handle: str = "", network: str = "") -> list[Post]:
        """What stands, oldest first; ``.text`` is as it was sent."""
        accounts = self.world.store.accounts
        wanted = handle.lstrip("@").casefold()
        found = self.world.store.select(
            lambda post: (
                wanted in ("", accounts[post.author_id].handle.casefold())
                and network in ("", post.network)
            )
        )
        return sorted(found, key=lambda post: (post.created_at, post.id))

    def write(
        self,
        network: str,
        handle: str,
        text: str,
        *,
        name: str = "",
        reply_to: str | int | None = None,
        at: datetime | None = None,
    ) -> Post:
        """A citizen writes, or answers the post ``reply_to``."""
        return citizen_writes(
            self.world,
            Network(network),
            handle,
            text,
            name=name,
            reply_to=self._number(reply_to) if reply_to else None,
            at=at,
        )

    def _number(self, post: str | int) -> int:
        """The number of a post, also by its address on Bluesky."""
        if not str(post).startswith("at://"):
            return int(post)
        found = self.world.bluesky.find(str(post), self.world.store)
        return found.id if found else 0

    def delete(self, post_id: str | int) -> None:
        """A post is taken down, whoever wrote it."""
        self.world.store.delete(int(post_id))

    def count(self, post_id: str | int, **numbers: int) -> None:
        """So many more people see (``views``), like, repost or quote a post."""
        self.world.store.tallies.add(self._number(post_id), numbers)

    def wait_for_posts(self, count: int, handle: str = "", timeout: float = 10) -> bool:
        """Wait until at least ``count`` posts of ``handle`` stand."""
        with self.world.store.changed:
            return self.world.store.changed.wait_for(
                lambda: len(self.posts(handle)) >= count, timeout
            )

    # news

    def feed(self, slug: str, title: str = "", kind: str = "rss") -> Feed:
        """A feed, made when it is not there; its forms may be changed."""
        known = self.world.newsroom.feeds.get(slug)
        return known or self.world.newsroom.add_feed(
            slug, title or slug, FeedKind(kind)
        )

    def feed_url(self, slug: str) -> str:
        return f"{self.url}/berita/{slug}.xml"

    def publish_article(
        self, feed: str, title: str, text: str, *, published: datetime | None = None
    ) -> Article:
        """An article appears in a feed."""
        return self.world.newsroom.add(feed, title, text, published=published)

    # trouble

    def fault(self, kind: FaultKind | str, path: str = "*", **options: Any) -> None:
        """Order a fault; the options are those of ``sandbox.faults.Fault``."""
        self.world.faults.add(Fault(FaultKind(kind), path, **options))

    def cut_the_line_after_accepting(self, path: str = "*", times: int = 1) -> None:
        """The next post is accepted, and its answer is lost."""
        self.fault(FaultKind.CUT, path, method="POST", times=times)

    def hold(self, low_ms: float, high_ms: float, *, store_first: bool = True) -> None:
        """Every answer to a write waits; the post stands before or after the wait."""
        self.world.hold = Hold(low_ms, high_ms, store_first)

    def forward(self, by: timedelta) -> None:
        """The network's clock goes forward: keys expire, rates begin anew."""
        self.world.store.offset += by

    def requests(self, method: str = "", path: str = "*") -> Sequence[Received]:
        """The requests received, oldest first."""
        return self.world.log.entries(method, path)

    def reset(self) -> None:
        """Begin again, empty."""
        self.world.reset()
