"""An account ends on its network, over HTTP: a clear word, nothing lost, nothing stuck."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.account import Account
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.speech import Image
from models.states import AccountHealth, DeliveryState, Role
from pipeline import wiring
from pipeline.hearing import Hearing
from pipeline.publishing import Publishing
from pipeline.unit import Store
from sandbox.site import Site
from sandbox.wordpress_api import BASE
from tests.conftest import NOW
from tests.contract.network_kit import NETWORKS, STATION, closed_as, fetched_from
from tests.integration.bureau_kit import VAULT, Bureau
from tests.pictures import jpeg

CONTENT = jpeg()
PICTURE = Image(CONTENT, "image/jpeg", hashlib.sha256(CONTENT).hexdigest(), "Peta")
THREADING = [name for name in NETWORKS if wiring.capabilities(name).threads]
PARTS = ("Satu.", "Dua.", "Tiga.")
HOUR = timedelta(hours=1)
S = DeliveryState


def shop(_account: Account, image: Image) -> str:
    """Where the sandbox finds a picture."""
    return fetched_from(image)


class Desk(Bureau):
    """An office that sends and hears."""

    def send(self, hours: int = 0) -> None:
        """Everything that may leave at this hour leaves, and what is in doubt is asked."""
        job = Publishing(
            self.store,
            self.clients.publisher,
            lambda name: wiring.capabilities(name).settles_by,
            address=shop,
        )
        now = NOW + hours * HOUR
        for _ in range(30):
            if not (job.send_next(now) or job.settle_next(now)):
                return
        raise AssertionError("it never comes to rest")

    def hear(self) -> bool:
        every = timedelta(minutes=5)
        hearing = Hearing(self.store, VAULT, self.clients, every, timedelta(minutes=3))
        return hearing.next(lambda: NOW)

    def write(self, account: int, text: str = "SIM keliling.") -> int:
        name = self.account_row(account).network
        picture = PICTURE if wiring.capabilities(name).needs_picture else None
        return self.announce(text, account, image=picture)[0]

    def asked(self) -> int:
        return len(self.site.requests())

    def is_held(self, delivery: int, account: int, problem: Problem) -> None:
        """The text is kept, its author is told why, and the account rests."""
        row, one = self.row(delivery), self.account_row(account)
        assert (row.state, row.problem) == (S.HELD, problem)
        assert (one.health, one.problem) == (AccountHealth.DISCONNECTED, problem)

    def texts(self) -> list[str]:
        return [post.text for post in self.site.posts(STATION)]


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], running: Site
) -> Iterator[Desk]:
    running.reset()
    made = Desk(store, office, people, running)
    yield made
    made.clients.close()


@pytest.mark.parametrize("network", NETWORKS)
def test_a_closed_account_holds_its_posts_until_it_is_open_and_connected_again(
    desk: Desk, network: str
) -> None:
    tokens = desk.site.add_account(network, STATION)
    account = desk.connect_with(network, dict(tokens.secrets), desk.site.url)
    first, second = desk.write(account, "Satu."), desk.write(account, "Dua.")
    desk.site.close_account(network, STATION)
    desk.send()
    desk.is_held(first, account, closed_as(network))
    asked = desk.asked()
    for hours in range(1, 25):
        desk.send(hours)
    assert desk.asked() == asked, "what is closed is not asked again and again"
    assert desk.state(second) in {S.SCHEDULED, S.HELD}
    assert desk.texts() == []
    desk.site.world.closed.clear()
    desk.connect_with(network, dict(tokens.secrets), desk.site.url)
    desk.send(25)
    assert [desk.state(one) for one in (first, second)] == [S.PUBLISHED] * 2
    assert sorted(desk.texts()) == ["Dua.", "Satu."], "once each"


@pytest.mark.parametrize("gone", ["deleted", "revoked"])
def test_a_website_whose_author_is_gone_holds_its_posts_until_it_is_connected_again(
    desk: Desk, gone: str
) -> None:
    blog, url = desk.site.world.blog, desk.site.url + BASE
    keys = {"username": blog.user, "application_password": blog.password}
    account = desk.connect_with("wordpress", keys, url)
    delivery = desk.write(account)
    setattr(blog, gone, True)
    desk.send()
    closed = gone == "deleted"
    problem = Problem.ACCOUNT_CLOSED if closed else Problem.TOKEN_REFUSED
    desk.is_held(delivery, account, problem)
    asked = desk.asked()
    for hours in range(1, 25):
        desk.send(hours)
    assert desk.asked() == asked
    setattr(blog, gone, False)
    desk.connect_with("wordpress", keys, url)
    desk.send(25)
    assert desk.state(delivery) is S.PUBLISHED
    assert len(blog.posts) == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_hearing_a_closed_account_says_so_and_disconnects_it(
    desk: Desk, network: str
) -> None:
    account = desk.connect(network)
    desk.site.close_account(network, STATION)
    if network == "telegram":  # the bot lives on, and asks for its channel then
        desk.site.write(network, "siti", "Kapan buka?")
    assert desk.hear()
    one, problem = desk.account_row(account), closed_as(network)
    assert (one.health, one.problem) == (AccountHealth.DISCONNECTED, problem)
    assert one.hear_problem is problem
    asked = desk.asked()
    assert not desk.hear(), "it rests"
    assert desk.asked() == asked


@pytest.mark.parametrize("network", THREADING)
def test_a_token_revoked_in_the_middle_of_a_thread_holds_the_rest_until_it_is_renewed(
    desk: Desk, network: str
) -> None:
    account = desk.connect(network)
    (delivery,) = desk.announce("Satu. Dua. Tiga.", account, thread=PARTS)
    job = Publishing(
        desk.store,
        desk.clients.publisher,
        lambda name: wiring.capabilities(name).settles_by,
    )
    assert job.send_next(NOW)
    assert desk.texts() == ["Satu."]
    desk.site.revoke(network, STATION)
    desk.send()
    desk.is_held(delivery, account, Problem.TOKEN_REFUSED)
    assert desk.row(delivery).part == 2
    asked = desk.asked()
    desk.send(1)
    assert desk.asked() == asked
    assert desk.connect(network) == account, "the same account, with a new token"
    desk.send(2)
    assert desk.state(delivery) is S.PUBLISHED
    posts = {post.text: post for post in desk.site.posts(STATION)}
    assert sorted(desk.texts()) == sorted(PARTS), "once each"
    first, second, third = (posts[part] for part in PARTS)
    above = [one.draft.reply_to for one in (first, second, third)]
    assert above == [None, first.id, second.id]
