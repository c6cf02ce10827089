"""The office's own programs hear what became of its posts: success and failure."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from models.account import Account
from models.delivery import Delivery
from models.errors import Disconnected, Refused
from models.event import DeliveryEvent
from models.person import Person
from models.preflight import Found
from models.problems import Problem
from models.scope import OfficeScope, SystemScope
from models.states import AccountHealth, AccountMode, DeliveryState, Role
from networks import webhook
from networks.base import AccountSecret, FreePurse
from pipeline.telling import GIVEN_UP_AFTER, Telling
from pipeline.unit import Store
from publishers.base import Publisher
from publishers.webhook import WebhookPublisher
from sandbox.faults import FaultKind
from sandbox.site import Site
from sandbox.webhook_api import PATH
from tests.conftest import NOW, add_office
from tests.contract.network_kit import limits_for
from tests.integration.ledger_kit import House

SECRET = "rahasia-baru-110-110"
D = DeliveryState


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    running.world.hooks.keys = [SECRET]
    return running


@pytest.fixture
def house(store: Store, office: OfficeScope, people: dict[Role, Person]) -> House:
    return House(store, office, people)


@pytest.fixture
def job(site: Site, house: House) -> Telling:
    secret = AccountSecret(1, "webhook", "", site.url + PATH, {"secret": SECRET})

    def connect(_: Account) -> Publisher:
        made = webhook.connect(secret, limits_for(site.url), FreePurse())
        return WebhookPublisher(made)

    return Telling(house.store, connect, ("webhook",))


def became(house: House, state: DeliveryState, **more: Any) -> int:
    """A delivery of another account that came to stand so just now."""
    with house.store.read(house.office) as work:
        known = [one.id for one in work.accounts.listed() if one.network == "x"]
    account = known[0] if known else house.account(network="x")
    (delivery,) = house.announce("SIM keliling", account)
    values = {"state": state, "updated_at": NOW, "sent_title": "SIM keliling"}
    house.change(Delivery, delivery, **values | more)
    return delivery


def told(site: Site) -> list[tuple[str, str | None]]:
    return [(e["event"], e["cause"]) for e in site.world.hooks.events]


def tell_all(job: Telling, at: Any = NOW) -> int:
    number = 0
    while job.tell_next(at):
        number += 1
    return number


def test_success_and_failure_are_told_once_each_in_their_order(
    house: House, job: Telling, site: Site
) -> None:
    house.account(network="webhook")
    delivery = became(house, D.PUBLISHED, url="https://x.test/1")
    became(house, D.REJECTED, problem=Problem.DUPLICATE_TEXT)
    became(house, D.MISSED, problem=Problem.WINDOW_PASSED)
    became(house, D.HELD, problem=Problem.REHEARSAL)
    assert tell_all(job) == 3
    assert tell_all(job) == 0
    assert told(site) == [
        ("delivery.published", None),
        ("delivery.failed", "duplicate_text"),
        ("delivery.failed", "window_passed"),
    ]
    first = site.world.hooks.events[0]
    assert (first["url"], first["title"]) == ("https://x.test/1", "SIM keliling")
    assert (first["network"], first["account"]) == ("x", "humas")
    later = {"state": D.WITHDRAWN, "updated_at": NOW + timedelta(minutes=1)}
    house.change(Delivery, delivery, **later)
    assert tell_all(job, NOW + timedelta(minutes=2)) == 1
    assert told(site)[-1] == ("delivery.withdrawn", None)


def test_a_lost_answer_is_told_again_under_the_same_key(
    house: House, job: Telling, site: Site
) -> None:
    house.account(network="webhook")
    became(house, D.PUBLISHED)
    site.fault(FaultKind.CUT, PATH)
    assert job.tell_next(NOW)
    assert job.tell_next(NOW + timedelta(minutes=20))
    keys = {one.headers["idempotency-key"] for one in site.requests("POST", PATH)}
    assert (len(site.requests("POST", PATH)), len(keys)) == (2, 1)
    assert told(site) == [("delivery.published", None)]


def test_what_is_not_taken_for_a_day_is_given_up_and_counted(
    house: House, job: Telling, site: Site
) -> None:
    listener = house.account(network="webhook")
    became(house, D.PUBLISHED)
    site.fault(FaultKind.ANSWER, PATH, status=500, times=2)
    assert job.tell_next(NOW)
    late = NOW + GIVEN_UP_AFTER + timedelta(hours=1)
    assert job.tell_next(late)
    assert not job.tell_next(late)
    with house.store.read(house.office) as work:
        assert work.events.given_up(NOW) == {listener: 1}


@pytest.mark.parametrize(("status", "error"), [(401, Disconnected), (422, Refused)])
def test_a_wrong_secret_disconnects_and_a_refusal_is_an_end(
    house: House, job: Telling, site: Site, status: int, error: type[Exception]
) -> None:
    listener = house.account(network="webhook")
    became(house, D.PUBLISHED)
    site.fault(FaultKind.ANSWER, PATH, status=status)
    assert job.tell_next(NOW)
    health = house.account_row(listener).health
    assert (health is AccountHealth.DISCONNECTED) is (error is Disconnected)
    with house.store.read(house.office) as work:
        (row,) = work.session.query(DeliveryEvent)
        assert (row.ended_at is None) is (error is Disconnected)


def test_who_does_not_listen_or_may_not_is_told_nothing(
    house: House, job: Telling, site: Site, store: Store
) -> None:
    rehearsing = house.account(network="webhook", mode=AccountMode.REHEARSAL)
    became(house, D.PUBLISHED)
    assert tell_all(job) == 0
    house.change(Account, rehearsing, mode=AccountMode.LIVE)
    before = {"updated_at": NOW - timedelta(days=3)}
    own = house.announce("Lewat webhook", rehearsing)[0]
    house.change(Delivery, own, state=D.PUBLISHED, updated_at=NOW)
    for row in (became(house, D.PUBLISHED), became(house, D.REJECTED)):
        house.change(Delivery, row, **before)
    other = House(store, add_office(store, "lain", "Polres Lain"), house.people)
    other.account(network="webhook")
    assert tell_all(job) == 1, "the one that is news, to the office that it is of"
    assert told(site) == [("delivery.published", None)]


def test_a_delivery_at_risk_is_told_once_and_not_when_all_is_well(
    house: House, job: Telling, site: Site
) -> None:
    house.account(network="webhook")
    account = house.account(network="x")
    due = NOW + timedelta(minutes=50)
    risky, fine = (
        house.announce(text, account, due_at=due)[0] for text in ("SKCK", "SIM")
    )
    found = {risky: [Found(Problem.TOKEN_REFUSED)], fine: []}
    for delivery, problems in found.items():
        with house.store.write(SystemScope("test")) as work:
            work.preflights.keep(work.deliveries.get(delivery), problems, NOW)
    assert tell_all(job) == 1
    assert told(site) == [("delivery.at_risk", "token_refused")]
    assert site.world.hooks.events[0]["title"] == "SKCK"
    with house.store.write(SystemScope("test")) as work:
        again = work.deliveries.get(risky)
        work.preflights.keep(again, found[risky], NOW + timedelta(minutes=41))
    assert tell_all(job, NOW + timedelta(minutes=42)) == 0
