"""Taking back what stands, from the asking to the network's word, on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.chain import AuditEvent
from models.errors import Conflict, InvalidInput, NotAllowed
from models.person import Person
from models.problems import Problem
from models.scope import OfficeScope
from models.states import (
    AccountHealth,
    AccountMode,
    DeliveryState,
    Role,
    WithdrawalState,
)
from pipeline import withdrawing
from pipeline.takedown import STEPS
from pipeline.unit import Store
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.conftest import NOW
from tests.contract.network_kit import STATION
from tests.integration.withdrawing_kit import LATER, Killed, Office, office_on

W, D = WithdrawalState, DeliveryState
DELETES = "/api/v1/statuses/*"


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    return running


@pytest.fixture
def here(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> Iterator[tuple[Office, int]]:
    """An office with one account, on Mastodon."""
    with office_on(site, store, office, people, "mastodon") as (made, (account,)):
        yield made, account


def test_what_is_withdrawn_is_taken_down_and_written_down(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.withdraw(delivery)
    assert desk.how(delivery) is W.ASKED
    job = desk.takedown()
    assert job.withdraw_next(NOW)
    assert not job.withdraw_next(LATER)
    assert (desk.how(delivery), desk.state(delivery)) == (W.DONE, D.WITHDRAWN)
    assert site.posts(STATION) == []
    with desk.store.read(desk.office) as work:
        (one,) = work.withdrawals.tries(desk.asked(delivery).id)
        assert (one.outcome, one.remote_id) == (W.DONE, desk.row(delivery).remote_id)
        acts = [row.action for row in work.session.query(AuditEvent)]
        assert acts[-2:] == ["delivery.withdraw", "delivery.withdrawn"]
        assert work.deliveries.receipt(delivery) is not None, "the proof is kept"


def test_a_thread_is_taken_down_from_its_end(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("Utas", account, thread=["Satu", "Dua", "Tiga"])
    assert [post.text for post in site.posts(STATION)] == ["Satu", "Dua", "Tiga"]
    desk.withdraw(delivery)
    job = desk.takedown()
    assert job.withdraw_next(NOW)
    assert [post.text for post in site.posts(STATION)] == ["Satu", "Dua"]
    assert desk.state(delivery) is D.PUBLISHED
    assert job.withdraw_next(LATER)
    assert job.withdraw_next(LATER + timedelta(minutes=1))
    assert site.posts(STATION) == []
    assert desk.state(delivery) is D.WITHDRAWN


def test_the_parts_of_a_thread_that_broke_off_come_down_too(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.announce("Utas", account, thread=["Satu", "Dua", "Tiga"])
    job = desk.publishing()
    job.send_next(NOW)
    site.fault(FaultKind.ANSWER, "/api/v1/statuses", status=422, body="{}")
    job.send_next(NOW)
    assert desk.state(delivery) is D.REJECTED
    desk.withdraw(delivery)
    desk.takedown().withdraw_next(NOW)
    assert (desk.how(delivery), desk.state(delivery)) == (W.DONE, D.REJECTED)
    assert site.posts(STATION) == []


@pytest.mark.parametrize("step", STEPS[:-1])
def test_killed_at_any_step_it_is_asked_again_and_never_lost(
    here: tuple[Office, int], site: Site, step: str
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.withdraw(delivery)

    def kill(at: str) -> None:
        if at == step:
            raise Killed

    with pytest.raises(Killed):
        desk.takedown(kill).withdraw_next(NOW)
    assert desk.how(delivery) is W.ARMED
    assert not desk.takedown().withdraw_next(NOW), "its lease still stands"
    assert desk.takedown().withdraw_next(LATER)
    assert (desk.how(delivery), desk.state(delivery)) == (W.DONE, D.WITHDRAWN)
    assert site.posts(STATION) == []
    with desk.store.read(desk.office) as work:
        tries = work.withdrawals.tries(desk.asked(delivery).id)
        assert [one.outcome for one in tries] == [W.UNCERTAIN, W.DONE]


def test_a_lost_answer_is_said_and_asked_again(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.withdraw(delivery)
    site.fault(FaultKind.CUT, DELETES)
    job = desk.takedown()
    job.withdraw_next(NOW)
    assert desk.how(delivery) is W.UNCERTAIN
    assert desk.state(delivery) is D.PUBLISHED, "nobody knows yet"
    job.withdraw_next(LATER)
    assert desk.how(delivery) is W.DONE


def test_a_rate_is_waited_out_and_a_clock_set_back_loses_nothing(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.withdraw(delivery)
    wait = {"Retry-After": "300"}
    site.fault(FaultKind.ANSWER, DELETES, status=429, headers=wait)
    job = desk.takedown()
    job.withdraw_next(NOW)
    assert desk.how(delivery) is W.ASKED
    assert desk.asked(delivery).problem is Problem.RATE_LIMITED
    assert not job.withdraw_next(NOW + timedelta(minutes=4))
    assert job.withdraw_next(NOW + timedelta(minutes=6))
    assert desk.how(delivery) is W.DONE


def test_a_wrong_token_disconnects_and_it_waits_for_the_right_one(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.withdraw(delivery)
    site.fault(FaultKind.ANSWER, DELETES, status=401)
    job = desk.takedown()
    job.withdraw_next(NOW)
    assert desk.account_row(account).health is AccountHealth.DISCONNECTED
    assert not job.withdraw_next(LATER)
    desk.change(
        type(desk.account_row(account)), account, health=AccountHealth.CONNECTED
    )
    assert job.withdraw_next(LATER)
    assert desk.how(delivery) is W.DONE


def test_a_missing_right_to_delete_leaves_the_account_connected(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.withdraw(delivery)
    body = '{"error": "This action is outside the authorized scopes"}'
    site.fault(FaultKind.ANSWER, DELETES, status=403, body=body)
    desk.takedown().withdraw_next(NOW)
    assert desk.how(delivery) is W.REFUSED
    assert desk.asked(delivery).problem is Problem.SCOPE_MISSING
    assert desk.account_row(account).health is AccountHealth.CONNECTED
    desk.withdraw(delivery)  # after the right was given
    desk.takedown().withdraw_next(NOW)
    assert desk.how(delivery) is W.DONE


def test_nothing_leaves_an_account_in_rehearsal_not_even_a_withdrawal(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.withdraw(delivery)
    table = type(desk.account_row(account))

    def rehearse(step: str) -> None:
        if step == "armed":
            desk.change(table, account, mode=AccountMode.REHEARSAL)

    desk.takedown(rehearse).withdraw_next(NOW)
    assert (desk.how(delivery), len(site.posts(STATION))) == (W.ASKED, 1)
    assert not desk.takedown().withdraw_next(LATER)


def test_a_stop_does_not_hold_back_a_withdrawal(
    here: tuple[Office, int], site: Site
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    desk.stop(account)
    desk.withdraw(delivery)
    desk.takedown().withdraw_next(NOW)
    assert site.posts(STATION) == []


def test_where_nothing_of_ours_can_a_person_does_and_says_so(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    with office_on(site, store, office, people, "telegram") as (desk, (account,)):
        (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
        site.forward(timedelta(hours=49))
        desk.withdraw(delivery)
        desk.takedown().withdraw_next(NOW)
        assert desk.how(delivery) is W.REFUSED
        assert desk.asked(delivery).problem is Problem.NOT_DELETABLE
        with store.write(office) as work:
            officer = people[Role.OFFICER]
            withdrawing.removed_by_hand(work, officer, delivery, LATER)
        row = desk.asked(delivery)
        assert (row.state, row.ended_by) == (W.DONE, officer.user_id)
        assert desk.state(delivery) is D.WITHDRAWN
        with store.write(office) as work, pytest.raises(Conflict):
            withdrawing.removed_by_hand(work, officer, delivery, LATER)


@pytest.mark.parametrize(
    ("network", "problem", "by_hand"),
    [
        ("instagram", Problem.ONLY_BY_HAND, True),
        ("mail", Problem.BEYOND_RECALL, False),
    ],
)
def test_a_network_without_a_way_says_so_at_once(
    store: Store,
    office: OfficeScope,
    people: dict[Role, Person],
    network: str,
    problem: Problem,
    by_hand: bool,
) -> None:
    desk = Office(store, office, people)
    (delivery,) = desk.announce("SIM keliling", desk.account(network=network))
    stands = {"state": D.PUBLISHED, "remote_id": "7", "published_at": NOW}
    desk.change(type(desk.row(delivery)), delivery, **stands)
    desk.withdraw(delivery)
    assert (desk.how(delivery), desk.asked(delivery).problem) == (W.CANNOT, problem)
    assert not desk.takedown().withdraw_next(LATER)
    with store.read(office) as work:
        found = withdrawing.offer(work, work.deliveries.get(delivery), NOW)
        assert found is not None
        assert found.by_hand is by_hand


def test_everywhere_at_once_and_what_waits_does_not_go(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    networks = ("mastodon", "x", "bluesky")
    with office_on(site, store, office, people, *networks) as (desk, accounts):
        ids = desk.announce("SIM keliling pukul 08.00", *accounts)
        later = {"due_at": NOW + timedelta(hours=1)}
        desk.change(type(desk.row(ids[2])), ids[2], **later)
        job = desk.publishing()
        while job.send_next(NOW):
            pass
        announcement = desk.row(ids[0]).announcement_id
        approver = people[Role.APPROVER]
        with store.write(office) as work:
            asked = withdrawing.withdraw_everywhere(
                work, approver, announcement, "Jamnya keliru.", NOW
            )
        assert asked == 2
        takedown = desk.takedown()
        while takedown.withdraw_next(NOW):
            pass
        job.send_next(NOW + timedelta(hours=2))
        assert site.posts(STATION) == []
        states = [desk.state(one) for one in ids]
        assert states == [D.WITHDRAWN, D.WITHDRAWN, D.CANCELLED]
        with store.write(office) as work, pytest.raises(Conflict):
            withdrawing.withdraw_everywhere(
                work, approver, announcement, "Sekali lagi.", NOW
            )


def test_only_an_approver_withdraws_once_and_with_a_reason(
    here: tuple[Office, int],
) -> None:
    desk, account = here
    (delivery,) = desk.publish("SIM keliling pukul 08.00", account)
    officer, approver = desk.people[Role.OFFICER], desk.people[Role.APPROVER]
    for by, why, error in (
        (officer, "Keliru.", NotAllowed),
        (desk.people[Role.ADMIN], "Keliru.", NotAllowed),
        (approver, "  ", InvalidInput),
    ):
        with desk.store.write(desk.office) as work, pytest.raises(error):
            withdrawing.withdraw(work, by, delivery, why, NOW)
    desk.withdraw(delivery)
    with pytest.raises(Conflict):
        desk.withdraw(delivery)
