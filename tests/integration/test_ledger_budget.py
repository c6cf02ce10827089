"""Money: booked before the call, rounded up, never over the office's cap."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from models.account import Spending
from models.errors import InvalidInput, NotAllowed, TryLater
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import DeliveryState as S
from models.states import Role
from pipeline.accounts import set_cap
from pipeline.budget import DatabasePurse, Prices, load_prices, month_of, next_month
from pipeline.unit import Store
from tests.conftest import NOW, Moment
from tests.integration.ledger_kit import TEST, Desk, Fault, Wall

PRICES = Prices(16_500, {"post": 15_000, "post_with_url": 200_000, "read": 1_000})
JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall.jsonl"))


def purse(desk: Desk, account: int, now=lambda: NOW) -> DatabasePurse:
    return DatabasePurse(desk.store, desk.office.office_id, account, PRICES, now)


def spent(desk: Desk, month: str = "2026-11") -> int:
    with desk.store.read(desk.office) as work:
        return work.accounts.spent(month, desk.office.office_id)


def cap(desk: Desk, idr: int) -> None:
    from models.office import Office

    desk.change(Office, desk.office.office_id, monthly_cap_idr=idr)


@pytest.mark.parametrize(
    ("action", "count", "idr"),
    [
        ("post", 1, 248),
        ("post_with_url", 1, 3_300),
        ("read", 1, 17),
        ("read", 100, 1_650),
    ],
)
def test_a_price_is_rounded_up_to_the_rupiah_for_the_call(
    action: str, count: int, idr: int
) -> None:
    assert PRICES.idr(action, count) == idr


def test_an_action_without_a_price_is_never_free() -> None:
    with pytest.raises(KeyError):
        PRICES.idr("unknown")


def test_what_is_spent_is_counted_by_month_account_and_action(desk: Desk) -> None:
    account = desk.account()
    purse(desk, account).spend("post")
    purse(desk, account).spend("read", 5)
    purse(desk, account).spend("read", 5)
    assert spent(desk) == 248 + 2 * 83
    with desk.store.read(TEST) as work:
        rows = work.session.execute(
            select(Spending.action, Spending.count, Spending.spent_idr)
        ).all()
    assert sorted(tuple(row) for row in rows) == [("post", 1, 248), ("read", 10, 166)]


def test_the_cap_is_hard_and_says_when_it_ends(desk: Desk) -> None:
    account = desk.account()
    cap(desk, 500)
    purse(desk, account).spend("post")
    purse(desk, account).spend("post")
    with pytest.raises(TryLater) as refused:
        purse(desk, account).spend("read")
    assert spent(desk) == 496
    assert refused.value.problem is Problem.BUDGET_SPENT
    assert refused.value.wait == datetime(2026, 12, 1, tzinfo=JAKARTA) - NOW


def test_what_is_given_back_may_be_spent_again_even_under_a_lowered_cap(
    desk: Desk,
) -> None:
    account = desk.account()
    purse(desk, account).spend("read", 100)
    cap(desk, 1_000)
    purse(desk, account).spend("read", -70)
    assert spent(desk) == 1_650 - 1_155
    purse(desk, account).spend("read", 10)
    purse(desk, account).spend("read", -200)
    assert spent(desk) == 0


def test_a_link_makes_a_post_dearer_in_the_shipped_prices() -> None:
    prices = load_prices()
    assert prices.idr("x.post") < prices.idr("x.post_with_url")
    assert prices.idr_per_usd > 10_000


def test_a_new_month_begins_in_the_offices_own_zone(desk: Desk, moment: Moment) -> None:
    account = desk.account()
    cap(desk, 250)
    moment.at = datetime(2026, 11, 30, 16, 59, tzinfo=UTC)
    purse(desk, account, moment).spend("post")
    with pytest.raises(TryLater):
        purse(desk, account, moment).spend("post")
    moment.at = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # midnight in Jakarta
    purse(desk, account, moment).spend("post")
    assert (spent(desk, "2026-11"), spent(desk, "2026-12")) == (248, 248)


def test_the_month_after_december_is_january() -> None:
    now = datetime(2026, 12, 31, 23, 0, tzinfo=JAKARTA)
    assert month_of(now, JAKARTA) == "2026-12"
    assert next_month(now, JAKARTA) - now == timedelta(hours=1)


def test_accounts_that_spend_at_once_never_pass_the_cap_together(desk: Desk) -> None:
    cap(desk, 10 * 248)
    accounts = [desk.account(name) for name in "abcd"]
    refused = []

    def spend(account: int) -> None:
        for _ in range(5):
            try:
                purse(desk, account).spend("post")
            except TryLater:
                refused.append(account)

    threads = [threading.Thread(target=spend, args=(one,)) for one in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (spent(desk), len(refused)) == (10 * 248, 10)


# what waits for money


def broke(desk: Desk) -> int:
    """A delivery that the month's money did not suffice for; returns its id."""
    account = desk.account()
    (delivery,) = desk.announce("Besok buka", account)
    no_money = TryLater(Problem.BUDGET_SPENT, wait=timedelta(days=20))
    desk.on(account).writes.append(Fault(no_money))
    desk.job().send_next(NOW)
    row = desk.row(delivery)
    assert (row.state, row.problem) == (S.HELD, Problem.BUDGET_SPENT)
    return delivery


def test_what_waited_for_money_goes_when_the_offices_next_month_begins(
    desk: Desk,
) -> None:
    delivery = broke(desk)
    begins = next_month(NOW, JAKARTA)
    assert desk.job().sweep(begins - timedelta(seconds=1)) == 0
    assert desk.state(delivery) is S.HELD
    assert desk.job().sweep(begins) == 1
    desk.job().send_next(begins)
    assert desk.state(delivery) is S.PUBLISHED


def test_what_waited_for_money_goes_when_the_cap_is_raised(desk: Desk) -> None:
    delivery = broke(desk)
    with desk.store.write(desk.office) as work:
        assert set_cap(work, desk.people[Role.ADMIN], 500_000, NOW) == 1
    desk.job().send_next(NOW)
    assert desk.state(delivery) is S.PUBLISHED


@pytest.mark.parametrize("idr", [-1, 10**12])
def test_a_cap_that_cannot_be_one_is_refused(desk: Desk, idr: int) -> None:
    with desk.store.write(desk.office) as work, pytest.raises(InvalidInput):
        set_cap(work, desk.people[Role.ADMIN], idr, NOW)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER])
def test_only_who_administers_sets_the_cap(desk: Desk, role: Role) -> None:
    with desk.store.write(desk.office) as work, pytest.raises(NotAllowed):
        set_cap(work, desk.people[role], 1_000, NOW)
