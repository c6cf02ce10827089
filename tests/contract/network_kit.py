"""One account on the sandbox, for the contract suites of networks."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.base import Collector
from collectors.mastodon import MastodonCollector
from collectors.telegram import TelegramCollector
from collectors.x import XCollector
from models.speech import Gate, Image, Outgoing, Receipt, open_gate
from networks import mastodon, telegram, x
from networks.base import AccountSecret, FreePurse, HttpLimits
from publishers.base import Publisher
from publishers.mastodon import MastodonPublisher
from publishers.telegram import TelegramPublisher
from publishers.x import XPublisher
from sandbox.site import Site
from sandbox.store import Post

NETWORKS = ("x", "mastodon", "telegram")
MODULES: Any = {"x": x, "mastodon": mastodon, "telegram": telegram}
PUBLISHERS: Any = {
    "x": XPublisher,
    "mastodon": MastodonPublisher,
    "telegram": TelegramPublisher,
}
COLLECTORS: Any = {
    "x": XCollector,
    "mastodon": MastodonCollector,
    "telegram": TelegramCollector,
}
STATION = "polres_sukamaju"
WRITES = {
    "x": "/2/tweets",
    "mastodon": "/api/v1/statuses",
    "telegram": "/bot*/send*",
}
MEDIA = {"x": "/2/media*", "mastodon": "/api/v?/media*"}
SECRETS = {
    "x": {
        "consumer_key": "kunci-aplikasi",
        "consumer_secret": "rahasia-aplikasi",
        "access_token": "12-kunci-akun",
        "access_token_secret": "rahasia-akun",
    },
    "mastodon": {"access_token": "kunci-akun"},
    "telegram": {"bot_token": "12:kunci-bot", "channel": f"@{STATION}"},
}


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
        post = outgoing(images=pictures, **more)
        made = self.publisher.prepare(post, pictures)
        post = replace(post, media_ids=made.media_ids, record_key=made.record_key)
        return self.publisher.publish(post, gate)

    def heard_id(self, post: Post) -> str:
        """What a collector calls a citizen's post."""
        if self.network != "telegram":
            return str(post.id)
        return f"{self.client.group}:{post.id}"

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


def outgoing(text: str = "SIM keliling di Pasar Melati, pukul 08.00.", **more: Any):
    """A post of the station, armed now."""
    key = hashlib.sha256(text.encode()).hexdigest()
    armed = {"key": key, "armed_at": datetime.now(UTC)}
    return Outgoing(text=text, **armed | more)
