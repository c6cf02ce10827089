"""What the public did with posts is read back ever less often, and nothing is invented."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from models.account import BudgetMonth
from models.delivery import Attempt, Delivery
from models.office import Office
from models.person import Person
from models.problems import Problem
from models.reading import AFTER, AFTER_PAID, AGAIN, LATEST, Reading, ReadingTurn, Seen
from models.scope import OfficeScope, SystemScope
from models.states import AccountHealth, DeliveryState, Role
from pipeline.budget import load_prices
from pipeline.reading_back import POSTPONED, SHARE, ReadingBack
from pipeline.unit import Store
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.conftest import NOW
from tests.contract.network_kit import STATION
from tests.integration.bureau_kit import Bureau

TEST = SystemScope("test")
STATUS = "/api/v1/statuses/*"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


class Desk(Bureau):
    """An office with posts that stand, whose numbers are read back."""

    def stands(self, account: int, at: datetime = NOW, **values: object) -> int:
        """A delivery that was published, and its post on the network."""
        network = self.account_row(account).network
        (delivery,) = self.announce("SIM keliling.", account)
        post = self.site.write(network, STATION, f"SIM keliling {delivery}.")
        said = {"state": DeliveryState.PUBLISHED, "published_at": at}
        self.change(Delivery, delivery, **{**said, "remote_id": str(post.id), **values})
        return delivery

    def read(self, now: datetime) -> int:
        """Read until nothing is left; how many turns that took."""
        job, number = ReadingBack(self.store, self.clients.client), 0
        while job.next(now):
            number += 1
            assert number < 50, "it ends"
        return number

    def seen(self, delivery: int) -> Seen:
        with self.store.read(self.office) as work:
            return work.readings.seen([delivery])[delivery]

    def turn(self, delivery: int) -> ReadingTurn:
        found = self.seen(delivery).turn
        assert found is not None
        return found

    def asked(self, path: str = STATUS) -> int:
        return len(self.site.requests("GET", path))


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], running: Site
) -> Iterator[Desk]:
    running.reset()
    made = Desk(store, office, people, running)
    yield made
    made.clients.close()


def test_a_post_is_read_at_each_age_of_the_list_and_then_no_more(desk: Desk) -> None:
    delivery = desk.stands(desk.connect("mastodon"))
    post = int(desk.row(delivery).remote_id)
    assert desk.read(NOW + HOUR - timedelta(seconds=1)) == 0
    for age in AFTER:
        desk.site.count(post, likes=2)
        assert desk.read(NOW + age) == 1
        assert desk.read(NOW + age) == 0, "once"
    readings = desk.seen(delivery).readings
    assert [one.at for one in readings] == [NOW + age for age in reversed(AFTER)]
    assert [one.likes for one in reversed(readings)] == [2, 4, 6, 8, 10, 12]
    assert {one.views for one in readings} == {None}, "Mastodon tells no views"
    assert desk.turn(delivery).next_at is None
    assert desk.read(NOW + 2 * LATEST) == 0


def test_after_an_outage_a_post_is_read_once_and_not_for_every_age_missed(
    desk: Desk,
) -> None:
    delivery = desk.stands(desk.connect("mastodon"), NOW)
    assert desk.read(NOW + timedelta(days=4)) == 1
    assert desk.turn(delivery).next_at == NOW + timedelta(days=7)


def test_what_was_published_long_ago_is_not_read(desk: Desk) -> None:
    desk.stands(desk.connect("mastodon"), NOW - LATEST - timedelta(minutes=1))
    assert desk.read(NOW) == 0


def test_a_reading_leaves_the_ledger_and_the_account_as_they_are(desk: Desk) -> None:
    account = desk.connect("mastodon")
    delivery = desk.stands(account)
    before, was = desk.row(delivery), desk.account_row(account)
    desk.site.revoke("mastodon", STATION)
    desk.read(NOW + HOUR)
    row, one = desk.row(delivery), desk.account_row(account)
    assert (row.state, row.updated_at) == (before.state, before.updated_at)
    assert (one.health, one.lease_token) == (AccountHealth.CONNECTED, "")
    assert one.next_allowed_at == was.next_allowed_at
    with desk.store.read(TEST) as work:
        assert work.session.scalar(select(func.count(Attempt.id))) == 0
    turn = desk.turn(delivery)
    assert turn.problem is Problem.TOKEN_REFUSED
    assert turn.next_at == NOW + HOUR + POSTPONED
    assert desk.seen(delivery).readings == []


def test_a_post_that_is_gone_without_us_is_told_after_two_looks_an_hour_apart(
    desk: Desk,
) -> None:
    delivery = desk.stands(desk.connect("mastodon"))
    assert desk.read(NOW + HOUR) == 1
    desk.site.delete(desk.row(delivery).remote_id)
    gone = NOW + timedelta(hours=6)
    assert desk.read(gone) == 1
    assert desk.turn(delivery).gone_at is None, "one look proves nothing"
    assert desk.read(gone + AGAIN / 2) == 0
    assert desk.read(gone + AGAIN) == 1
    turn = desk.turn(delivery)
    assert (turn.gone_at, turn.next_at) == (gone + AGAIN, None)
    assert desk.row(delivery).state is DeliveryState.PUBLISHED, "the ledger is left"
    assert len(desk.seen(delivery).readings) == 1, "what was read stays"
    with desk.store.read(desk.office) as work:
        assert [row.id for row, _ in work.readings.gone_since(NOW)] == [delivery]
    assert desk.read(NOW + LATEST) == 0


def test_a_post_that_comes_back_between_two_looks_is_not_gone(desk: Desk) -> None:
    delivery = desk.stands(desk.connect("mastodon"))
    path = STATUS
    body = '{"error": "Record not found"}'
    desk.site.fault(FaultKind.ANSWER, path, status=404, body=body)
    desk.read(NOW + HOUR)
    assert desk.turn(delivery).absent_at == NOW + HOUR
    desk.read(NOW + HOUR + AGAIN)
    turn = desk.turn(delivery)
    assert (turn.absent_at, turn.gone_at) == (None, None)
    assert len(desk.seen(delivery).readings) == 1


def test_a_post_that_was_withdrawn_is_read_no_more(desk: Desk) -> None:
    delivery = desk.stands(desk.connect("mastodon"))
    desk.read(NOW + HOUR)
    desk.change(Delivery, delivery, state=DeliveryState.WITHDRAWN)
    asked = desk.asked()
    assert desk.read(NOW + LATEST) == 0
    assert desk.asked() == asked
    assert desk.turn(delivery).next_at is None


def test_what_a_network_that_fails_does_not_tell_is_asked_again_in_an_hour(
    desk: Desk,
) -> None:
    account = desk.connect("mastodon")
    first, second = desk.stands(account), desk.stands(account)
    desk.site.fault(FaultKind.ANSWER, f"{STATUS[:-1]}{desk.row(second).remote_id}")
    desk.read(NOW + HOUR)
    assert len(desk.seen(first).readings) == 1, "what was told before stays"
    turn = desk.turn(second)
    assert turn.problem is Problem.NUMBERS_UNTOLD
    assert turn.next_at == NOW + HOUR + AGAIN
    desk.read(NOW + HOUR + AGAIN)
    assert desk.turn(second).problem is None


def test_an_account_that_must_rest_is_not_asked(desk: Desk) -> None:
    account = desk.connect("mastodon")
    desk.stands(account)
    with desk.store.write(TEST) as work:
        work.accounts.get(account).next_allowed_at = NOW + 2 * HOUR
    assert desk.read(NOW + HOUR) == 0
    assert desk.read(NOW + 2 * HOUR) == 1


def test_posts_of_x_are_read_in_one_call_and_paid_for_out_of_a_tenth(
    desk: Desk,
) -> None:
    account = desk.connect("x")
    first = [desk.stands(account) for _ in range(5)]
    later = desk.stands(account, NOW + timedelta(days=1))
    assert desk.read(NOW + AFTER[0]) == 0, "a reading costs: later, and less often"
    assert desk.read(NOW + AFTER_PAID[0]) == 1
    assert desk.asked("/2/tweets") == 1
    assert all(desk.seen(delivery).readings for delivery in first)
    price = load_prices().idr("x.numbers", 5)
    with desk.store.read(TEST) as work:
        (month,) = work.session.scalars(select(BudgetMonth)).all()
    assert month.spent_idr == price
    with desk.store.write(TEST) as work:
        work.session.execute(update(Office).values(monthly_cap_idr=price * SHARE))
    assert desk.read(NOW + timedelta(days=2)) == 1
    assert desk.asked("/2/tweets") == 1, "the rest is for posts"
    assert desk.turn(later).problem is Problem.NUMBERS_SHARE_SPENT
    assert desk.seen(later).readings == []


def test_a_look_without_anything_due_writes_nothing(desk: Desk) -> None:
    account = desk.connect("telegram")
    (delivery,) = desk.announce("SIM keliling.", account)
    said = {"state": DeliveryState.PUBLISHED, "published_at": NOW, "remote_id": "1"}
    desk.change(Delivery, delivery, **said)
    assert desk.read(NOW + HOUR) == 0, "Telegram tells a bot no numbers"
    with desk.store.read(TEST) as work:
        assert work.session.scalar(select(func.count(ReadingTurn.delivery_id))) == 0
        assert work.session.scalar(select(func.count(Reading.id))) == 0


def test_a_number_that_cannot_be_one_is_left_out(desk: Desk) -> None:
    delivery = desk.stands(desk.connect("mastodon"))
    body = '{"id": "1", "favourites_count": -3, "reblogs_count": "x", "replies_count": 99999999999999999999}'
    desk.site.fault(FaultKind.ANSWER, STATUS, status=200, body=body)
    desk.read(NOW + HOUR)
    (reading,) = desk.seen(delivery).readings
    assert (reading.likes, reading.reposts, reading.replies) == (None, None, None)
