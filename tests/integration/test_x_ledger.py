"""X under the ledger, by real HTTP: a lost answer is settled by one cheap read."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from models.account import Account
from models.person import Person
from models.scope import OfficeScope
from models.states import DeliveryState, Role
from networks import x
from pipeline.budget import load_prices
from pipeline.publishing import Publishing
from pipeline.unit import Store
from publishers.x import XPublisher
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.contract.network_kit import STATION, connect
from tests.integration.ledger_kit import House

TEXT = "SIM keliling di Pasar Melati, pukul 08.00."
SECOND = timedelta(seconds=1)


class Books:
    """A purse that only counts."""

    def __init__(self) -> None:
        self.booked: Counter[str] = Counter()

    def spend(self, action: str, count: int = 1) -> None:
        self.booked[action] += count


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.start() as running:
        yield running


@pytest.mark.parametrize("arrived", [True, False])
def test_bar_3_on_x_a_lost_answer_is_settled_by_one_cheap_read(
    store: Store,
    office: OfficeScope,
    people: dict[Role, Person],
    site: Site,
    *,
    arrived: bool,
) -> None:
    """What did not arrive is told to a person after the second look, never sent again."""
    house, books = House(store, office, people), Books()
    tokens = site.add_account("x", STATION)
    client = connect("x", site.url, tokens.secrets, purse=books)
    client.whoami()  # as when the account was connected: its number is known from then
    books.booked.clear()
    now = datetime.now(UTC)
    account = house.account(STATION, network="x")
    (delivery,) = house.announce(TEXT, account, due_at=now)
    job = Publishing(store, _on(client), lambda _name: x.CAPABILITIES.settles_by)
    if arrived:
        site.cut_the_line_after_accepting("/2/tweets")
    else:
        site.fault(FaultKind.RESET_BEFORE, "/2/tweets", method="POST")
    job.send_next(now)
    assert house.state(delivery) is DeliveryState.UNCERTAIN
    for seconds in range(5, 60, 5):
        job.send_next(now + seconds * SECOND)
        job.settle_next(now + seconds * SECOND)
    looks = site.requests("GET", "/2/users/*/tweets")
    assert len(site.requests("GET")) == len(looks) + 1, "besides who the account is"
    assert len(looks) == 1
    assert len(site.requests("POST", "/2/tweets")) == 1
    assert books.booked == Counter({"x.post": 1, "x.owned_read": int(arrived)})
    prices = load_prices()
    assert prices.idr("x.owned_read") * 10 <= prices.idr("x.post")
    if arrived:
        (post,) = site.posts(STATION)
        row = house.row(delivery)
        assert row.state is DeliveryState.PUBLISHED
        assert row.url == f"{site.url}/{STATION}/status/{post.id}"
    else:
        assert house.state(delivery) is DeliveryState.UNCERTAIN
        job.settle_next(now + 70 * SECOND)
        assert house.state(delivery) is DeliveryState.NEEDS_PERSON
        assert site.posts(STATION) == []
    client.close()


def _on(client: x.Client) -> Callable[[Account], XPublisher]:
    def publisher(_account: Account) -> XPublisher:
        return XPublisher(client)

    return publisher
