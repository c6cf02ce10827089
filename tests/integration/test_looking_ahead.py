"""What would keep a post from going out is found while there is time to mend it."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from models.account import Account, BudgetMonth, Spending
from models.announcement import Announcement, Media
from models.delivery import Attempt, Delivery
from models.office import Office
from models.person import Person
from models.preflight import AGAIN, AHEAD, Look, Preflight
from models.problems import WORDS, Problem
from models.quiet import QuietHours
from models.scope import OfficeScope, SystemScope
from models.speech import Image
from models.states import AccountHealth, DeliveryState, Role
from pipeline import doctor, wiring
from pipeline.addresses import Address, no_address
from pipeline.budget import load_prices
from pipeline.looking_ahead import LookingAhead
from pipeline.unit import Store
from sandbox.faults import FaultKind
from sandbox.site import Site
from sandbox.webhook_api import PATH
from tests.conftest import NOW
from tests.contract.network_kit import NETWORKS, STATION, fetched_from
from tests.integration.bureau_kit import Bureau
from tests.pictures import jpeg

CONTENT = jpeg()
PICTURE = Image(CONTENT, "image/jpeg", hashlib.sha256(CONTENT).hexdigest(), "Peta")
HOUR, TEN = AHEAD[Look.HOUR], AHEAD[Look.TEN_MINUTES]
DUE = NOW + HOUR
TEXT = "SIM keliling di Pasar Melati."
TEST = SystemScope("test")


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


def shop(_account: Account, image: Image) -> str:
    """Where the sandbox finds a picture."""
    return fetched_from(image)


class Desk(Bureau):
    """An office that looks ahead."""

    def write(self, account: int, due: datetime = DUE, text: str = TEXT) -> int:
        """A delivery of text, with a picture where the network takes nothing else."""
        name = self.account_row(account).network
        picture = PICTURE if wiring.capabilities(name).needs_picture else None
        return self.announce(text, account, due_at=due, image=picture)[0]

    def job(self, address: Address = shop) -> LookingAhead:
        return LookingAhead(self.store, self.clients.fresh, self.http, address)

    def look(self, now: datetime = NOW, address: Address | None = None) -> int:
        """Look until nothing is left; how many accounts were looked at."""
        job = self.job(address) if address else self.job()
        number = 0
        while job.next(now):
            number += 1
            assert number < 20, "it ends"
        return number

    def found(self, delivery: int) -> list[Problem]:
        """What the last look at a delivery found."""
        with self.store.read(self.office) as work:
            looks = work.preflights.of(delivery)
        assert looks, "it was looked at"
        return looks[0].problems

    def looks(self, delivery: int) -> set[Look]:
        with self.store.read(self.office) as work:
            return {one.look for one in work.preflights.of(delivery)}

    def stands_as_before(self, delivery: int, account: int) -> bool:
        """Nothing of a look is seen in the ledger, nor in the account's health."""
        row, one = self.row(delivery), self.account_row(account)
        with self.store.read(TEST) as work:
            attempts = work.session.scalar(select(func.count(Attempt.id)))
        return (
            row.state is DeliveryState.SCHEDULED
            and (row.tries, attempts, one.lease_token) == (0, 0, "")
            and one.health is AccountHealth.CONNECTED
            and one.next_allowed_at <= NOW
        )


@pytest.fixture
def bureau(
    store: Store, office: OfficeScope, people: dict[Role, Person], running: Site
) -> Iterator[Desk]:
    running.reset()
    made = Desk(store, office, people, running)
    yield made
    made.clients.close()


@pytest.mark.parametrize("network", NETWORKS)
def test_what_is_due_in_an_hour_is_asked_for_and_nothing_is_written(
    bureau: Desk, network: str
) -> None:
    account = bureau.connect(network)
    delivery = bureau.write(account)
    before = len(bureau.site.posts())
    assert bureau.look() == 1
    assert bureau.found(delivery) == []
    assert bureau.look() == 0, "once"
    assert len(bureau.site.posts()) == before
    assert not [
        one
        for one in bureau.site.requests()
        if one.method not in ("GET", "HEAD")
        and "debug_token" not in one.path
        and "server.createSession" not in one.path
    ]
    assert bureau.stands_as_before(delivery, account)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_token_that_was_revoked_is_found_an_hour_before_and_the_account_stays(
    bureau: Desk, network: str
) -> None:
    account = bureau.connect(network)
    delivery = bureau.write(account)
    bureau.site.revoke(network, STATION)
    bureau.look()
    assert bureau.found(delivery)[0] is Problem.TOKEN_REFUSED
    assert bureau.stands_as_before(delivery, account), "only a send may disconnect it"


@pytest.mark.parametrize(
    ("network", "problem"),
    [
        ("x", Problem.ACCOUNT_CLOSED),
        ("mastodon", Problem.ACCOUNT_CLOSED),
        ("bluesky", Problem.ACCOUNT_CLOSED),
        ("telegram", Problem.CHANNEL_UNKNOWN),
        ("facebook", Problem.ACCOUNT_CLOSED),
        ("instagram", Problem.ACCOUNT_CLOSED),
        ("threads", Problem.ACCOUNT_CLOSED),
    ],
)
def test_an_account_that_is_gone_on_its_network_is_found(
    bureau: Desk, network: str, problem: Problem
) -> None:
    account = bureau.connect(network)
    delivery = bureau.write(account)
    bureau.site.close_account(network, STATION)
    bureau.look()
    assert bureau.found(delivery) == [problem]
    assert bureau.stands_as_before(delivery, account)


def test_a_right_that_was_taken_away_is_found(bureau: Desk) -> None:
    account = bureau.connect("facebook")
    delivery = bureau.write(account)
    bureau.site.world.rules.facebook_lacks = frozenset({"pages_manage_posts"})
    bureau.look()
    assert bureau.found(delivery) == [Problem.SCOPE_MISSING]


@pytest.mark.parametrize("network", ["instagram", "threads"])
def test_a_quota_that_suffices_for_the_first_only_is_told_of_the_second(
    bureau: Desk, network: str
) -> None:
    account = bureau.connect(network)
    first = bureau.write(account, DUE - timedelta(minutes=2))
    second = bureau.write(account, DUE - timedelta(minutes=1), "Yang kedua.")
    most = bureau.clients.fresh(bureau.account_row(account)).posts_left()
    for number in range(most - 1):
        bureau.site.write(network, STATION, f"Sudah terbit {number}")
    bureau.look()
    assert bureau.found(first) == []
    assert bureau.found(second) == [Problem.QUOTA_SPENT]


def test_money_that_suffices_for_the_first_only_is_told_and_asking_costs_none_of_it(
    bureau: Desk,
) -> None:
    account = bureau.connect("x")
    first = bureau.write(account, DUE - timedelta(minutes=1))
    second = bureau.write(account, text="Baca https://sukamaju.example")
    price = load_prices().idr("x.post")
    with bureau.store.write(TEST) as work:
        work.session.execute(update(Office).values(monthly_cap_idr=price))
    asked = len(bureau.site.requests())
    bureau.look()
    assert bureau.found(first) == []
    assert bureau.found(second) == [Problem.CREDIT_SHORT]
    assert len(bureau.site.requests()) == asked, "its money is for the posts"
    with bureau.store.read(TEST) as work:
        assert work.session.scalars(select(BudgetMonth)).all() == []


def test_asking_x_is_booked_and_asked_once_for_all_that_is_due(bureau: Desk) -> None:
    account = bureau.connect("x")
    for minute in range(5):
        bureau.write(account, DUE - timedelta(minutes=minute), f"Nomor {minute}")
    asked = len(bureau.site.requests("GET", "/2/users/me"))
    assert bureau.look() == 1
    assert len(bureau.site.requests("GET", "/2/users/me")) == asked + 1
    with bureau.store.read(TEST) as work:
        (booked,) = work.session.scalars(select(Spending)).all()
    assert (booked.action, booked.count) == ("x.owned_read", 1)


def test_an_answer_serves_what_comes_due_a_minute_later(bureau: Desk) -> None:
    account, job = bureau.connect("mastodon"), bureau.job()
    bureau.write(account)
    bureau.write(account, DUE + timedelta(minutes=1), "Yang kedua.")
    path = "/api/v1/accounts/verify_credentials"
    asked = len(bureau.site.requests("GET", path))
    assert job.next(NOW)
    assert not job.next(NOW), "the second is not due within the hour"
    assert job.next(NOW + timedelta(minutes=1))
    assert len(bureau.site.requests("GET", path)) == asked + 1


def test_a_picture_whose_bytes_are_lost_is_found(bureau: Desk) -> None:
    account = bureau.connect("mastodon")
    (delivery,) = bureau.announce(TEXT, account, due_at=DUE, image=PICTURE)
    with bureau.store.write(TEST) as work:
        work.session.execute(update(Media).values(content=b""))
    bureau.look()
    assert bureau.found(delivery) == [Problem.MEDIA_MISSING]


def test_a_picture_that_was_taken_off_voids_the_approval_and_is_found(
    bureau: Desk,
) -> None:
    account = bureau.connect("mastodon")
    (delivery,) = bureau.announce(TEXT, account, due_at=DUE, image=PICTURE)
    row = bureau.row(delivery)
    bureau.change(Announcement, row.announcement_id, media_id=None)
    bureau.look()
    assert bureau.found(delivery)[0] is Problem.APPROVAL_VOID


def test_a_public_address_that_gives_no_picture_is_found(bureau: Desk) -> None:
    account = bureau.connect("instagram")
    delivery = bureau.write(account)
    lost = bureau.site.url + "/tidak-ada"
    bureau.look(address=lambda _account, _image: lost)
    assert bureau.found(delivery) == [Problem.MEDIA_UNREACHABLE]


def test_an_office_without_a_public_address_is_told_before_instagram_says_it(
    bureau: Desk,
) -> None:
    account = bureau.connect("instagram")
    delivery = bureau.write(account)
    bureau.look(address=no_address)
    assert bureau.found(delivery) == [Problem.NO_PUBLIC_ADDRESS]


def test_a_limit_that_the_instance_lowered_is_found(bureau: Desk) -> None:
    account = bureau.connect("mastodon")
    delivery = bureau.write(account, text="a" * 450)
    bureau.site.world.rules.max_characters = 400
    bureau.look()
    assert bureau.found(delivery) == [Problem.TEXT_TOO_LONG]


def test_a_changed_text_and_a_stop_that_lasts_are_found_and_quiet_hours_are_not(
    bureau: Desk,
) -> None:
    account = bureau.connect("mastodon")
    edited, fine = bureau.write(account), bureau.write(account, text="Yang kedua.")
    bureau.edit(edited, "Lain.")
    with bureau.store.write(TEST) as work:
        row = work.session.get_one(Office, bureau.office.office_id)
        local = DUE.astimezone(ZoneInfo(row.timezone)).time()
        row.quiet = QuietHours(local.replace(minute=0), local.replace(minute=59))
    bureau.look()
    assert bureau.found(edited) == [Problem.APPROVAL_VOID]
    assert bureau.found(fine) == [], "it waits as everybody was told before"
    bureau.stop(account, until=DUE - timedelta(minutes=1))
    bureau.look(NOW + AGAIN)
    assert bureau.found(fine) == [], "over by then"
    stopped = bureau.write(account, DUE + timedelta(minutes=9), "Yang ketiga.")
    bureau.stop(account)
    bureau.look(NOW + AGAIN)
    assert bureau.found(stopped) == [Problem.ACCOUNT_STOPPED]


def test_what_was_found_is_looked_at_again_and_the_alarm_ends_when_it_is_mended(
    bureau: Desk,
) -> None:
    account = bureau.connect("mastodon")
    delivery = bureau.write(account)
    bureau.site.fault(
        FaultKind.ANSWER, "/api/v1/accounts/verify_credentials", status=401
    )
    bureau.look()
    assert bureau.found(delivery) == [Problem.TOKEN_REFUSED]
    assert bureau.look(NOW + AGAIN / 2) == 0
    with bureau.store.read(bureau.office) as work:
        assert set(work.preflights.risks(NOW)) == {delivery}
    (said,) = [doctor.at_risk(bureau.store, lambda: NOW)]
    assert (said.verdict, said.advice) == (
        doctor.Verdict.LOOK,
        WORDS[Problem.TOKEN_REFUSED],
    )
    assert bureau.look(NOW + AGAIN) == 1
    assert bureau.found(delivery) == []
    with bureau.store.read(bureau.office) as work:
        assert work.preflights.at_risk(NOW + AGAIN) == []
    assert doctor.at_risk(bureau.store, lambda: NOW).verdict is doctor.Verdict.GOOD


def test_each_delivery_is_looked_at_an_hour_and_ten_minutes_before(
    bureau: Desk,
) -> None:
    account = bureau.connect("mastodon")
    delivery = bureau.write(account)
    assert bureau.look(NOW - timedelta(seconds=1)) == 0
    assert bureau.look() == 1
    assert bureau.look(DUE - TEN - timedelta(seconds=1)) == 0
    assert bureau.look(DUE - TEN) == 1
    assert bureau.looks(delivery) == set(Look)
    assert bureau.look(DUE - timedelta(seconds=1)) == 0
    assert bureau.look(DUE) == 0, "the sender has it now"


def test_one_that_is_put_off_is_looked_at_anew(bureau: Desk) -> None:
    account = bureau.connect("mastodon")
    delivery = bureau.write(account)
    bureau.look()
    bureau.change(Delivery, delivery, due_at=DUE + timedelta(hours=2))
    assert bureau.look() == 0
    assert bureau.look(NOW + timedelta(hours=2)) == 1


def test_a_network_that_does_not_answer_is_said_and_changes_nothing(
    bureau: Desk,
) -> None:
    account = bureau.connect("mastodon")
    delivery = bureau.write(account)
    path = "/api/v1/accounts/verify_credentials"
    bureau.site.fault(FaultKind.ANSWER, path, status=500)
    bureau.look()
    assert bureau.found(delivery) == [Problem.NO_ANSWER_AHEAD]
    assert bureau.stands_as_before(delivery, account)


def test_what_can_only_be_tried_by_writing_is_not_tried(bureau: Desk) -> None:
    key = "rahasia-baru-110-110"
    bureau.site.world.hooks.keys = [key]
    url = bureau.site.url + PATH
    account = bureau.connect_with("webhook", {"secret": key}, url)
    delivery = bureau.write(account)
    asked = len(bureau.site.requests(path=PATH))
    bureau.look()
    assert bureau.found(delivery) == []
    assert len(bureau.site.requests(path=PATH)) == asked


def test_an_account_that_rests_past_the_time_or_whose_token_ends_first_is_found(
    bureau: Desk,
) -> None:
    account = bureau.connect("threads")
    delivery = bureau.write(account)
    late = DUE + timedelta(minutes=1)
    bureau.change(Account, account, next_allowed_at=late, token_ends_at=DUE)
    bureau.look()
    assert bureau.found(delivery) == [Problem.TOKEN_ENDS, Problem.RATE_LIMITED]


def test_without_anything_due_a_look_writes_and_asks_nothing(bureau: Desk) -> None:
    account = bureau.connect("mastodon")
    bureau.write(account, DUE + timedelta(days=1))
    asked = len(bureau.site.requests())
    assert not bureau.job().next(NOW)
    assert len(bureau.site.requests()) == asked
    with bureau.store.read(TEST) as work:
        assert work.session.scalars(select(Preflight)).all() == []
