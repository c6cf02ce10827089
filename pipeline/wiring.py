"""The registry: the one place above ``networks`` that names a network.

Adding a network is one line here. Modules are imported when first used, so that
start-up pays only for the networks an office has.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from collectors.base import Collector
from config.settings import Settings
from config.words import N_
from models.account import Account
from models.errors import InvalidInput
from networks.base import AccountSecret, Client, HttpLimits, Purse
from networks.capabilities import Capabilities, MediaLimit, TextLimit, VideoLimit
from networks.sign_in import Asked
from publishers.base import Publisher

VERSION = "0.1"

Connect = Callable[[AccountSecret, HttpLimits, Purse], Client]


class NetworkModule(Protocol):
    """What a module in ``networks/`` offers."""

    NAME: str
    CAPABILITIES: Capabilities
    connect: Connect


class SignInModule(Protocol):
    """What a module offers where an account is connected by signing in."""

    TYPED: tuple[str, ...]

    def begin(self, account: AccountSecret, limits: HttpLimits) -> Asked:
        """Ask the network where a person lets us in."""
        ...

    def finish(
        self, account: AccountSecret, code: str, limits: HttpLimits
    ) -> dict[str, str]:
        """Give the person's code for the account's secrets."""
        ...


@dataclass(frozen=True, slots=True)
class Wire:
    """Where the three parts of one network live."""

    network: str
    publisher: str
    collector: str
    told: bool = False  # as in its capabilities, known before it is imported


SILENT = "collectors.silent:SilentCollector"

NETWORKS: Mapping[str, Wire] = {
    "x": Wire("networks.x", "publishers.x:XPublisher", "collectors.x:XCollector"),
    "mastodon": Wire(
        "networks.mastodon",
        "publishers.mastodon:MastodonPublisher",
        "collectors.mastodon:MastodonCollector",
    ),
    "bluesky": Wire(
        "networks.bluesky",
        "publishers.bluesky:BlueskyPublisher",
        "collectors.bluesky:BlueskyCollector",
    ),
    "facebook": Wire(
        "networks.facebook",
        "publishers.facebook:FacebookPublisher",
        "collectors.facebook:FacebookCollector",
    ),
    "instagram": Wire(
        "networks.instagram",
        "publishers.instagram:InstagramPublisher",
        "collectors.instagram:InstagramCollector",
    ),
    "threads": Wire(
        "networks.threads",
        "publishers.threads:ThreadsPublisher",
        "collectors.threads:ThreadsCollector",
    ),
    "telegram": Wire(
        "networks.telegram",
        "publishers.telegram:TelegramPublisher",
        "collectors.telegram:TelegramCollector",
    ),
    "mail": Wire("networks.mail", "publishers.mail:MailPublisher", SILENT),
    "webhook": Wire(
        "networks.webhook", "publishers.webhook:WebhookPublisher", SILENT, told=True
    ),
    "wordpress": Wire(
        "networks.wordpress", "publishers.wordpress:WordPressPublisher", SILENT
    ),
}


SIGN_INS: Mapping[str, str] = {
    "x": "networks.x_sign_in",
    "mastodon": "networks.mastodon_sign_in",
}


def sign_in(name: str) -> SignInModule | None:
    """The sign-in of a network; None where keys are pasted."""
    if name not in SIGN_INS:
        return None
    return cast("SignInModule", import_module(SIGN_INS[name]))


@cache
def network(name: str) -> NetworkModule:
    """The module of a network.

    Raises:
        InvalidInput: there is no such network.
    """
    if name not in NETWORKS:
        raise InvalidInput(N_("Jaringan ini belum didukung."), "network")
    return cast("NetworkModule", import_module(NETWORKS[name].network))


def capabilities(name: str) -> Capabilities:
    """A network's abilities, before any instance has told its own limits."""
    return network(name).CAPABILITIES


def all_capabilities() -> list[Capabilities]:
    """Every network's abilities, in the order of the registry."""
    return [capabilities(name) for name in NETWORKS]


def account_capabilities(account: Account) -> Capabilities:
    """An account's abilities, with what its instance told us last."""
    return with_limits(capabilities(account.network), account.limits)


def with_limits(base: Capabilities, limits: str) -> Capabilities:
    """Put an instance's own limits (JSON of :func:`limits_of`) over the network's."""
    if not limits:
        return base
    told: dict[str, int] = json.loads(limits)
    return replace(
        base,
        text=replace(base.text, longest=told["longest"], url_cost=told["url_cost"]),
        media=replace(
            base.media,
            most=told["most"],
            image_bytes=told["image_bytes"],
            alt_text=told["alt_text"],
            image_pixels=told.get("image_pixels", base.media.image_pixels),
        ),
        video=_video_within(base.video, told),
    )


def _video_within(base: VideoLimit | None, told: dict[str, int]) -> VideoLimit | None:
    """An instance's own limits of videos; 0 bytes: it takes none."""
    if base is None or not told.get("video_bytes", base.most_bytes):
        return None
    fastest = told.get("video_frames", base.frame_rates[1])
    return replace(
        base,
        most_bytes=told.get("video_bytes", base.most_bytes),
        most_pixels=told.get("video_pixels", base.most_pixels),
        frame_rates=(base.frame_rates[0], fastest),
    )


def limits_of(told: Capabilities) -> str:
    """The limits worth keeping of a connected client's capabilities, as JSON."""
    text: TextLimit = told.text
    media: MediaLimit = told.media
    film: VideoLimit | None = told.video
    return json.dumps(
        {
            "longest": text.longest,
            "url_cost": text.url_cost,
            "most": media.most,
            "image_bytes": media.image_bytes,
            "alt_text": media.alt_text,
            "image_pixels": media.image_pixels,
            "video_bytes": film.most_bytes if film else 0,
            **(
                {
                    "video_pixels": film.most_pixels,
                    "video_frames": film.frame_rates[1],
                }
                if film
                else {}
            ),
        }
    )


def connect(secret: AccountSecret, settings: Settings, purse: Purse) -> Client:
    """Open the client of one account.

    Raises:
        Disconnected, TryLater: as the network says.
    """
    return network(secret.network).connect(secret, http_limits(settings), purse)


def publisher_for(name: str, client: Client) -> Publisher:
    """The publisher of a network over an open client."""
    return cast("Publisher", _class(NETWORKS[name].publisher)(client))


def collector_for(name: str, client: Client) -> Collector:
    """The collector of a network over an open client."""
    return cast("Collector", _class(NETWORKS[name].collector)(client))


def http_limits(settings: Settings) -> HttpLimits:
    """Times, sizes and manners of every call of this installation."""
    contact = f" (+{settings.contact})" if settings.contact else ""
    return HttpLimits(
        connect=settings.connect_timeout,
        read=settings.read_timeout,
        total=min(settings.total_timeout, _longest_call(settings)),
        max_bytes=settings.max_body_mib * 1024 * 1024,
        inner_hosts=settings.inner_hosts,
        user_agent=f"Kentongan/{VERSION}{contact}",
    )


def _longest_call(settings: Settings) -> timedelta:
    """A call must end while its worker still holds the lease."""
    return settings.lease / 2


def _class(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
