"""One account on the sandbox, for the contract suites of networks."""

import atexit
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from collectors.base import Collector
from collectors.bluesky import BlueskyCollector
from collectors.facebook import FacebookCollector
from collectors.instagram import InstagramCollector
from collectors.mastodon import MastodonCollector
from collectors.telegram import TelegramCollector
from collectors.threads import ThreadsCollector
from collectors.x import XCollector
from models.problems import Problem
from models.speech import Gate, Image, Outgoing, Receipt, Video, open_gate
from networks import bluesky, facebook, instagram, mastodon, telegram, threads, x
from networks.base import AccountSecret, FreePurse, HttpLimits
from publishers.base import Publisher
from publishers.bluesky import BlueskyPublisher
from publishers.facebook import FacebookPublisher
from publishers.instagram import InstagramPublisher
from publishers.mastodon import MastodonPublisher
from publishers.telegram import TelegramPublisher
from publishers.threads import ThreadsPublisher
from publishers.x import XPublisher
from sandbox.site import Site
from sandbox.store import Post
from tests.contract.answering import Asked, Said, answering
from tests.pictures import jpeg

NETWORKS = (
    "x",
    "mastodon",
    "telegram",
    "facebook",
    "instagram",
    "threads",
    "bluesky",
)
MODULES: Any = {
    "x": x,
    "mastodon": mastodon,
    "telegram": telegram,
    "facebook": facebook,
    "instagram": instagram,
    "threads": threads,
    "bluesky": bluesky,
}
PUBLISHERS: Any = {
    "x": XPublisher,
    "mastodon": MastodonPublisher,
    "telegram": TelegramPublisher,
    "facebook": FacebookPublisher,
    "instagram": InstagramPublisher,
    "threads": ThreadsPublisher,
    "bluesky": BlueskyPublisher,
}
COLLECTORS: Any = {
    "x": XCollector,
    "mastodon": MastodonCollector,
    "telegram": TelegramCollector,
    "facebook": FacebookCollector,
    "instagram": InstagramCollector,
    "threads": ThreadsCollector,
    "bluesky": BlueskyCollector,
}
STATION = "polres_sukamaju"
TEXT = "SIM keliling di Pasar Melati, pukul 08.00."
WRITES = {
    "x": "/2/tweets",
    "mastodon": "/api/v1/statuses",
    "telegram": "/bot*/send*",
    "facebook": "/v24.0/*/feed",
    "instagram": "/v23.0/*/media_publish",
    "threads": "/v1.0/*/threads_publish",
    "bluesky": "/xrpc/com.atproto.repo.putRecord",
}
MEDIA = {
    "x": "/2/media*",
    "mastodon": "/api/v?/media*",
    "facebook": "/v24.0/*/photos",
    "instagram": "/v23.0/*/media",
    "threads": "/v1.0/*/threads",
    "bluesky": "/xrpc/com.atproto.repo.uploadBlob",
}
OF_COMMENTS = ("facebook", "instagram", "threads")
SECRETS = {
    "x": {
        "consumer_key": "kunci-aplikasi",
        "consumer_secret": "rahasia-aplikasi",
        "access_token": "12-kunci-akun",
        "access_token_secret": "rahasia-akun",
    },
    "mastodon": {"access_token": "kunci-akun"},
    "facebook": {"page_token": "token-halaman"},
    "instagram": {"instagram_token": "token-ig"},
    "threads": {"threads_token": "token-th"},
    "telegram": {"bot_token": "12:kunci-bot", "channel": f"@{STATION}"},
    "bluesky": {"identifier": STATION, "app_password": "abcd-efgh-ijkl-mnop"},
}


_SHELF: dict[str, bytes] = {}


@cache
def _shop() -> str:
    """A server that gives out pictures, as the dashboard does by signed addresses."""
    stack = ExitStack()
    atexit.register(stack.close)

    def answer(asked: Asked) -> Said:
        content = _SHELF.get(asked.path.strip("/"))
        return Said(b"", 404) if content is None else Said(content)

    return stack.enter_context(answering(answer)).url


def fetched_from(image: Image) -> str:
    """An address where a network finds this picture."""
    _SHELF[image.sha256] = image.content
    return f"{_shop()}/{image.sha256}"


def fetched_film(video: Video) -> str:
    """An address where a network finds this video."""
    _SHELF[video.sha256] = b"".join(video.pieces())
    return f"{_shop()}/{video.sha256}"


def plain_picture(alt: str = "Peta lokasi SIM keliling") -> Image:
    content = jpeg()
    return Image(content, "image/jpeg", hashlib.sha256(content).hexdigest(), alt)


def closed_as(network: str) -> Problem:
    """What is said of an account that was closed or deleted on its network."""
    channel = network == "telegram"  # where a channel is closed, and the bot is not
    return Problem.CHANNEL_UNKNOWN if channel else Problem.ACCOUNT_CLOSED


@dataclass(frozen=True)
class Desk:
    """An office's account on one network, and both directions of it."""

    network: str
    site: Site
    client: Any
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def publisher(self) -> Publisher:
        made: Publisher = PUBLISHERS[self.network](self.client)
        return made

    @property
    def collector(self) -> Collector:
        made: Collector = COLLECTORS[self.network](self.client)
        return made

    @property
    def write_path(self) -> str:
        """Where a post is written."""
        return WRITES[self.network]

    def writes(self) -> int:
        """How many requests to write a post came in."""
        return len(self.site.requests("POST", self.write_path))

    def publish_with(
        self, *pictures: Image, gate: Gate = open_gate, **more: Any
    ) -> Receipt:
        """Prepare pictures and publish a post with them, as the ledger does."""
        return self.publisher.publish(self.ready(*pictures, **more), gate)

    def ready(self, *pictures: Image, text: str = TEXT, **more: Any) -> Outgoing:
        """A post as the ledger arms it: pictures prepared, and its own name known.

        A network that takes no text alone is given a picture.
        """
        if not pictures and self.client.capabilities.needs_picture:
            pictures = (plain_picture(),)
        found = tuple(replace(one, address=fetched_from(one)) for one in pictures)
        post = outgoing(text, images=found, **more)
        made = self.publisher.prepare(post, found)
        return replace(post, media_ids=made.media_ids, record_key=made.record_key)

    def heard_id(self, post: Post) -> str:
        """What a collector calls a citizen's post."""
        match self.network:
            case "telegram":
                return f"{self.client.group}:{post.id}"
            case "facebook":
                return f"{post.conversation_id}_{post.id}"
            case "bluesky":
                return self.remote_id(post)
        return str(post.id)

    def remote_id(self, post: Post) -> str:
        """What the network calls an own post."""
        match self.network:
            case "facebook":
                return f"{self.client.page_id}_{post.id}"
            case "bluesky":
                author = self.site.world.store.accounts[post.author_id]
                return self.site.world.bluesky.uri(post, author)
        return str(post.id)

    def number(self, post: Post) -> str:
        """What the address of an own post ends with."""
        if self.network == "bluesky":
            return self.remote_id(post).rpartition("/")[2]
        return str(post.id)

    def heard_author(self, post: Post) -> str:
        """What a collector calls the author of a citizen's post."""
        author = self.site.world.store.accounts[post.author_id]
        return str(author.id) if self.network == "facebook" else author.handle

    def heard_name(self, post: Post) -> str:
        """What a collector calls them by name; some networks tell only the handle."""
        told = self.network not in ("instagram", "threads")
        return self.site.world.store.accounts[post.author_id].name if told else ""

    def write(self, text: str, *, below: str = "", name: str = "Siti") -> Post:
        """A citizen speaks to the station: below an own post where there is one.

        On networks of comments there must be one.
        """
        number = below.rpartition("_")[2]
        if not number and self.network in OF_COMMENTS:
            own = self.site.posts(STATION) or [self._first_post()]
            number = str(own[0].id)
        return self.site.write(
            self.network, "siti", text, name=name, reply_to=number or None
        )

    def _first_post(self) -> Post:
        first = self.ready(text="Ada yang ingin ditanyakan?")
        self.publisher.publish(first, open_gate)
        return self.site.posts(STATION)[0]

    def texts(self) -> list[str]:
        """What stands on the account, oldest first."""
        return [post.text for post in self.site.posts(STATION)]


def limits_for(url: str, total: float = 5) -> HttpLimits:
    """Short times; the sandbox's own address is allowed."""
    return HttpLimits(
        connect=timedelta(seconds=min(total, 2)),
        read=timedelta(seconds=total),
        total=timedelta(seconds=total),
        inner_hosts=frozenset({urlsplit(url).netloc}),
    )


@contextmanager
def desk(network: str, site: Site, limits: HttpLimits | None = None) -> Iterator[Desk]:
    """Open an account and its client."""
    tokens = site.add_account(network, STATION, "Polres Kota Sukamaju")
    client = connect(network, site.url, tokens.secrets, limits)
    yield Desk(network, site, client, tokens.secrets)
    client.close()


def connect(
    network: str,
    url: str,
    secrets: Mapping[str, str] | None = None,
    limits: HttpLimits | None = None,
    purse: Any = None,
) -> Any:
    """A client of any network at any address."""
    account = AccountSecret(
        1, network, STATION, base_url=url, secrets=secrets or SECRETS[network]
    )
    fresh = MODULES[network].connect
    return fresh(account, limits or limits_for(url), purse or FreePurse())


def outgoing(text: str = TEXT, **more: Any) -> Outgoing:
    """A post of the station, armed now."""
    key = hashlib.sha256(text.encode()).hexdigest()
    armed: dict[str, Any] = {"key": key, "armed_at": datetime.now(UTC)}
    return Outgoing(text=text, **armed | more)
