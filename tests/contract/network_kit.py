"""One account on the sandbox, for the contract suites of networks."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.base import Collector
from collectors.mastodon import MastodonCollector
from collectors.x import XCollector
from models.speech import Outgoing
from networks import mastodon, x
from networks.base import AccountSecret, FreePurse, HttpLimits
from publishers.base import Publisher
from publishers.mastodon import MastodonPublisher
from publishers.x import XPublisher
from sandbox.site import Site

NETWORKS = ("x", "mastodon")
STATION = "polres_sukamaju"
WRITES = {"x": "/2/tweets", "mastodon": "/api/v1/statuses"}
MEDIA = {"x": "/2/media*", "mastodon": "/api/v?/media*"}
SECRETS = {
    "x": {
        "consumer_key": "kunci-aplikasi",
        "consumer_secret": "rahasia-aplikasi",
        "access_token": "12-kunci-akun",
        "access_token_secret": "rahasia-akun",
    },
    "mastodon": {"access_token": "kunci-akun"},
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
        made = {"x": XPublisher, "mastodon": MastodonPublisher}[self.network]
        return made(self.client)

    @property
    def collector(self) -> Collector:
        made = {"x": XCollector, "mastodon": MastodonCollector}[self.network]
        return made(self.client)

    @property
    def write_path(self) -> str:
        """Where a post is written."""
        return WRITES[self.network]

    def writes(self) -> int:
        """How many requests to write a post came in."""
        return len(self.site.requests("POST", self.write_path))

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
    """A client of either network at any address."""
    account = AccountSecret(
        1, network, STATION, base_url=url, secrets=secrets or SECRETS[network]
    )
    module: Any = {"x": x, "mastodon": mastodon}[network]
    return module.connect(account, limits or limits_for(url), purse or FreePurse())


def outgoing(text: str = "SIM keliling di Pasar Melati, pukul 08.00.", **more: Any):
    """A post of the station, armed now."""
    key = hashlib.sha256(text.encode()).hexdigest()
    armed = {"key": key, "armed_at": datetime.now(UTC)}
    return Outgoing(text=text, **armed | more)
