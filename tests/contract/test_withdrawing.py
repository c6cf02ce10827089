"""Taking down what stands: one suite over every network that can, over real HTTP."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.errors import Disconnected, GateClosed, Refused, Uncertain
from models.problems import Problem
from models.speech import Receipt, Standing, open_gate
from networks import webhook, wordpress
from networks.base import AccountSecret, FreePurse
from pipeline import wiring
from publishers.base import Tells, Withdraws
from publishers.webhook import WebhookPublisher
from publishers.wordpress import WordPressPublisher
from sandbox.faults import FaultKind
from sandbox.site import Site
from sandbox.webhook_api import PATH
from sandbox.wordpress_api import BASE
from tests.contract.network_kit import (
    MODULES,
    NETWORKS,
    STATION,
    desk,
    limits_for,
    outgoing,
)

SECRET = "rahasia-baru-110-110"
PASSWORD = "abcd EFGH ijkl MNOP qrst UVWX"
CAN = [name for name in NETWORKS if MODULES[name].CAPABILITIES.deletes.can]
WHERE = {
    "x": "/2/tweets/*",
    "mastodon": "/api/v1/statuses/*",
    "telegram": "/bot*/deleteMessage",
    "facebook": "/v24.0/*",
    "threads": "/v1.0/*",
    "bluesky": "/xrpc/com.atproto.repo.deleteRecord",
    "webhook": PATH,
    "wordpress": f"{BASE}/wp-json/wp/v2/posts/*",
}


@dataclass(frozen=True)
class Place:
    """Where posts stand, and what of them the public sees."""

    network: str
    site: Site
    publisher: Any
    shown: Callable[[], int]

    def publish(self) -> Standing:
        post = outgoing(title="SIM keliling", language="id")
        made = self.publisher.prepare(post, ())
        post = outgoing(
            title=post.title, record_key=made.record_key, media_ids=made.media_ids
        )
        receipt = self.publisher.publish(post, open_gate)
        return Standing(post.key, receipt, post.title, datetime.now(UTC))

    def calls(self) -> int:
        """How often it was asked to take something down."""
        posted = self.network in ("telegram", "bluesky", "webhook")
        method = "POST" if posted else "DELETE"
        found = len(self.site.requests(method, WHERE[self.network]))
        return found - 1 if self.network == "webhook" else found


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture(params=[*CAN, "webhook", "wordpress"])
def place(request: pytest.FixtureRequest, running: Site) -> Iterator[Place]:
    running.reset()
    match request.param:
        case "webhook":
            yield _receiver(running)
        case "wordpress":
            yield _website(running)
        case network:
            with desk(network, running) as opened:
                shown = lambda: len(opened.texts())  # noqa: E731
                yield Place(network, running, opened.publisher, shown)


def _receiver(site: Site) -> Place:
    site.world.hooks.keys = [SECRET]
    account = AccountSecret(1, "webhook", "", site.url + PATH, {"secret": SECRET})
    client = webhook.connect(account, limits_for(site.url), FreePurse())

    def shown() -> int:
        kinds = [event["event"] for event in site.world.hooks.events]
        published = kinds.count("announcement.published")
        return published - kinds.count("announcement.withdrawn")

    return Place("webhook", site, WebhookPublisher(client), shown)


def _website(site: Site) -> Place:
    given = {"username": "humas", "application_password": PASSWORD}
    account = AccountSecret(1, "wordpress", "", site.url + BASE + "/", given)
    client = wordpress.connect(account, limits_for(site.url), FreePurse())
    seen = lambda: [one for one in site.world.blog.posts if one.status == "publish"]  # noqa: E731
    return Place("wordpress", site, WordPressPublisher(client), lambda: len(seen()))


def test_publishers_withdraw_and_tell_where_their_networks_say_so() -> None:
    for name, wire in wiring.NETWORKS.items():
        made = wiring.publisher_for(name, object())  # type: ignore[arg-type]
        can = wiring.capabilities(name).deletes.can
        assert isinstance(made, Withdraws) is can, wire.network
        told = wiring.capabilities(name).told
        assert isinstance(made, Tells) is told is wire.told, wire.network


def test_what_is_withdrawn_is_gone_and_gone_already_is_as_good(place: Place) -> None:
    post = place.publish()
    assert place.shown() == 1
    place.publisher.withdraw(post, open_gate)
    assert place.shown() == 0
    place.publisher.withdraw(post, open_gate)
    assert place.shown() == 0
    assert place.calls() == 2


def test_a_lost_answer_is_uncertain_and_asking_again_settles_it(place: Place) -> None:
    post = place.publish()
    place.site.fault(FaultKind.CUT, WHERE[place.network])
    with pytest.raises(Uncertain):
        place.publisher.withdraw(post, open_gate)
    place.publisher.withdraw(post, open_gate)
    assert place.shown() == 0


def test_nothing_is_withdrawn_through_a_closed_gate(place: Place) -> None:
    def closed() -> None:
        raise GateClosed(Problem.LEASE_LOST)

    post = place.publish()
    with pytest.raises(GateClosed):
        place.publisher.withdraw(post, closed)
    assert place.shown() == 1
    assert place.calls() == 0


def test_a_wrong_token_is_said_so_and_nothing_is_taken_for_gone(place: Place) -> None:
    post = place.publish()
    if place.network in ("webhook", "wordpress"):
        place.site.world.hooks.keys = ["kunci-lain-110-110"]
        place.site.world.blog.password = "lain"
    else:
        place.site.revoke(place.network, STATION)
    with pytest.raises(Disconnected) as caught:
        place.publisher.withdraw(post, open_gate)
    assert caught.value.problem is Problem.TOKEN_REFUSED
    assert place.shown() == 1


def test_telegram_takes_nothing_down_after_two_days(running: Site) -> None:
    running.reset()
    with desk("telegram", running) as here:
        receipt = here.publisher.publish(here.ready(), open_gate)
        running.forward(timedelta(hours=49))
        with pytest.raises(Refused) as caught:
            here.publisher.withdraw(Standing("k", receipt), open_gate)
        assert caught.value.problem is Problem.NOT_DELETABLE
        assert len(here.texts()) == 1


@pytest.mark.parametrize("network", ["facebook", "threads", "x"])
def test_what_stands_and_may_not_be_deleted_is_not_called_gone(
    network: str, running: Site
) -> None:
    running.reset()
    with desk(network, running) as here:
        theirs = here.write("Kapan SIM keliling?")
        named = Standing("k", Receipt(here.heard_id(theirs), ""))
        with pytest.raises(Refused) as caught:
            here.publisher.withdraw(named, open_gate)
        assert caught.value.problem is Problem.NOT_DELETABLE
        assert theirs.id in running.world.store.posts
