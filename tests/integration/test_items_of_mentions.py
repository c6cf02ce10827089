"""Mentions: page and cursor stored together, authors unnamed, trouble visible."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import Account
from models.chain import AuditEvent
from models.delivery import Delivery
from models.errors import Disconnected, TryLater
from models.item import Item
from models.labels import Severity
from models.problems import Problem
from models.pseudonym import pseudonym
from models.scope import OfficeScope
from models.states import (
    AccountHealth,
    AccountMode,
    AnnouncementState,
    DeliveryState,
    Reply,
    Role,
)
from models.stop import Target
from networks.feed_parser import FeedParser
from pipeline import accounts
from pipeline.inbox import mark
from pipeline.stopping import stop
from pipeline.unit import Store
from tests.conftest import NOW, add_office, add_person
from tests.integration.listening_kit import (
    LONG_AGO,
    TEST,
    Desk,
    Village,
    connect,
    desk_on,
    news_site,
    person_named,
)

HANDLE = "polres_sukamaju"
SOON = timedelta(minutes=2)


@pytest.fixture
def desk(store: Store, office: OfficeScope):
    with news_site() as site, FeedParser() as parser:
        yield desk_on(store, office, site, parser)


@pytest.fixture
def village(desk: Desk) -> Village:
    desk.connect(HANDLE)
    return desk.villages.by_handle.setdefault(HANDLE, Village())


def account(desk: Desk) -> Account:
    with desk.store.read(desk.office) as work:
        return work.accounts.listed()[0]


def test_mentions_become_items_once_and_the_cursor_moves_with_them(
    desk: Desk, village: Village
) -> None:
    for number in range(5):
        village.say(f"keluhan {number}")
    assert desk.hear()
    assert not desk.hear()
    assert [item.text for item in desk.items()] == [f"keluhan {n}" for n in range(5)]
    assert account(desk).cursor == "5"
    village.say("keluhan 5")
    assert desk.hear(SOON)
    assert len(desk.items()) == 6
    assert account(desk).heard_at == desk.moment()


def test_a_network_that_repeats_itself_doubles_nothing(
    desk: Desk, village: Village
) -> None:
    village.forgets_cursor = True
    for number in range(3):
        village.say(f"keluhan {number}")
    for _ in range(3):
        assert desk.hear(SOON)
    assert len(desk.items()) == 3


def test_authors_are_pseudonyms_of_their_office(desk: Desk, village: Village) -> None:
    village.say("antre lama", author="@Budi_Warga")
    village.say("masih lama", author="budi_warga")
    desk.hear()
    first, second = desk.items()
    assert first.author_pseudonym == second.author_pseudonym
    assert first.author_pseudonym == pseudonym("garam", "mastodon", "budi_warga")
    assert len(first.author_pseudonym) == 16
    assert pseudonym("lain", "mastodon", "budi_warga") != first.author_pseudonym


@pytest.mark.parametrize(
    "own", [HANDLE, f"@{HANDLE.upper()}", f"{HANDLE}@kampung.example"]
)
def test_our_own_posts_are_no_items_and_yet_the_cursor_passes_them(
    desk: Desk, village: Village, own: str
) -> None:
    village.say("pengumuman kami", author=own)
    village.say("terima kasih", author=f"{HANDLE}@lain.example")
    desk.hear()
    assert [item.text for item in desk.items()] == ["terima kasih"]
    assert account(desk).cursor == "2"


def test_an_answer_to_our_post_names_the_delivery(
    desk: Desk, village: Village, store: Store
) -> None:
    delivery_id = _published(desk, remote_id="77")
    village.say("kalau hari Minggu?", in_reply_to="77")
    village.say("tentang hal lain", in_reply_to="78")
    desk.hear()
    assert [item.delivery_id for item in desk.items()] == [delivery_id, None]


def _published(desk: Desk, remote_id: str) -> int:
    from models.announcement import Announcement

    office = desk.office.office_id
    author = add_person(desk.store, desk.office, Role.OFFICER)
    with desk.store.write(desk.office) as work:
        announcement = Announcement(
            office_id=office,
            title="SIM keliling",
            body="SIM keliling hari Sabtu",
            state=AnnouncementState.APPROVED,
            author_id=author.user_id,
            created_at=NOW,
            updated_at=NOW,
        )
        work.session.add(announcement)
        work.session.flush()
        delivery = Delivery(
            office_id=office,
            announcement_id=announcement.id,
            account_id=work.accounts.listed()[0].id,
            key="kunci",
            state=DeliveryState.PUBLISHED,
            due_at=NOW,
            lease_until=LONG_AGO,
            remote_id=remote_id,
            updated_at=NOW,
        )
        work.session.add(delivery)
        work.session.flush()
        return delivery.id


def test_rehearsal_and_a_stop_do_not_make_us_deaf(desk: Desk) -> None:
    desk.connect("gladi", mode=AccountMode.REHEARSAL)
    stopped = desk.connect("henti", mode=AccountMode.LIVE)
    admin = add_person(desk.store, desk.office, Role.ADMIN, "kepala")
    with desk.store.write(desk.office) as work:
        stop(work, admin, Target(stopped), "diretas", None, NOW)
    desk.connect("putus", health=AccountHealth.DISCONNECTED)
    for handle in ("gladi", "henti", "putus"):
        desk.villages.by_handle[handle] = Village()
        desk.villages.by_handle[handle].say(f"untuk {handle}")
    while desk.hear():
        pass
    assert [item.text for item in desk.items()] == ["untuk gladi", "untuk henti"]


def test_what_came_before_the_trouble_stands_and_the_rest_comes_later(
    desk: Desk, village: Village
) -> None:
    for number in range(6):
        village.say(f"keluhan {number}")
    village.faults[1] = TryLater(Problem.RATE_LIMITED, wait=timedelta(minutes=7))
    desk.hear()
    assert len(desk.items()) == 2
    troubled = account(desk)
    assert troubled.cursor == "2"
    assert troubled.hear_problem is Problem.RATE_LIMITED
    assert troubled.hear_failures == 1
    assert troubled.hear_next_at == desk.moment() + timedelta(minutes=7)
    assert not desk.hear(timedelta(minutes=6))
    assert desk.hear(timedelta(minutes=2))
    assert len(desk.items()) == 6
    assert account(desk).hear_problem is None
    assert account(desk).hear_failures == 0


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (Disconnected(Problem.ADDRESS_INVALID), timedelta(hours=1)),
        (TryLater(Problem.BUDGET_SPENT, wait=timedelta(days=9)), timedelta(hours=1)),
        (TryLater(Problem.UNREACHABLE), timedelta(seconds=30)),
    ],
)
def test_trouble_at_the_door_is_visible_and_tried_again(
    desk: Desk, village: Village, error: Exception, wait: timedelta
) -> None:
    desk.villages.at_connect = error
    assert desk.hear()
    troubled = account(desk)
    assert troubled.hear_problem is error.problem  # type: ignore[attr-defined]
    assert troubled.hear_next_at == desk.moment() + wait
    assert desk.villages.forgotten == [HANDLE]
    desk.villages.at_connect = None
    village.say("masih di sini")
    assert desk.hear(wait)
    assert len(desk.items()) == 1


@pytest.mark.parametrize("problem", [Problem.TOKEN_REFUSED, Problem.SCOPE_MISSING])
def test_a_refused_token_disconnects_and_the_network_is_left_alone(
    desk: Desk, village: Village, problem: Problem
) -> None:
    desk.villages.at_connect = Disconnected(problem, "401")
    assert desk.hear()
    refused = account(desk)
    assert (refused.health, refused.problem) == (AccountHealth.DISCONNECTED, problem)
    assert refused.hear_problem is problem
    with desk.store.read(TEST) as work:
        [event] = work.session.scalars(select(AuditEvent))
        assert (event.action, event.office_id, event.subject_id, event.detail) == (
            "account.disconnected",
            refused.office_id,
            refused.id,
            problem.value,
        )
    for hours in range(1, 30):
        assert not desk.hear(timedelta(hours=hours)), "it knocks no more"
    desk.villages.at_connect = None
    village.say("masih di sini")
    admin = person_named(desk.store, desk.office, Role.ADMIN)
    with desk.store.write(desk.office) as work:
        accounts._keep(
            work,
            admin,
            refused.network,
            refused.handle,
            refused.base_url,
            b"baru",
            desk.moment(),
        )
    assert desk.hear()
    assert len(desk.items()) == 1


def test_secrets_replaced_while_an_account_is_heard_are_not_judged_by_the_old_ones(
    desk: Desk, village: Village
) -> None:
    village.say("antre")
    number = account(desk).id

    def replaced(_page: int) -> None:
        with desk.store.write(TEST) as work:
            work.accounts.get(number).sealed_secrets = b"baru"
        raise Disconnected(Problem.TOKEN_REFUSED)

    village.before_page = replaced
    assert desk.hear()
    assert account(desk).health is AccountHealth.CONNECTED


def test_a_fault_of_our_own_with_one_account_is_visible_and_the_next_is_heard(
    desk: Desk, village: Village
) -> None:
    village.say("satu")
    village.faults[0] = ZeroDivisionError("bukan angka")
    desk.connect("polres_lain", hear_next_at=LONG_AGO + SOON)
    desk.villages.by_handle["polres_lain"] = Village()
    desk.villages.by_handle["polres_lain"].say("dua")
    assert desk.hear()
    assert desk.hear()
    assert [item.text for item in desk.items()] == ["dua"]
    troubled = account(desk)
    assert troubled.hear_problem is Problem.OUR_FAULT
    assert troubled.hear_next_at == desk.moment() + timedelta(seconds=30)
    assert desk.hear(timedelta(minutes=1))
    assert {item.text for item in desk.items()} == {"satu", "dua"}


def test_one_account_is_heard_by_one_worker_at_a_time(
    desk: Desk, village: Village
) -> None:
    inside, release = threading.Event(), threading.Event()

    def wait(_number: int) -> None:
        inside.set()
        release.wait(5)

    village.before_page = wait
    for number in range(6):
        village.say(f"keluhan {number}")
    first = threading.Thread(target=desk.hear)
    first.start()
    assert inside.wait(5)
    assert not desk.listening.hear_next(desk.moment)
    release.set()
    first.join()
    assert village.visits == 1
    assert len(desk.items()) == 6


def test_a_worker_that_lost_its_lease_stores_nothing_more(
    desk: Desk, village: Village
) -> None:
    from models.source_values import LeaseLost

    for number in range(4):
        village.say(f"keluhan {number}")

    def taken_over(number: int) -> None:
        if number == 1:
            with desk.store.write(TEST) as work:
                account_row = work.accounts.listed()[0]
                account_row.hear_lease_token = "another"

    village.before_page = taken_over
    with pytest.raises(LeaseLost):
        desk.hear()
    assert len(desk.items()) == 2
    assert account(desk).cursor == "2"


def test_two_offices_hear_the_same_words_each_for_itself(
    desk: Desk, village: Village, store: Store
) -> None:
    other = add_office(store, "lain", "Polres Lain")
    connect(store, other, "polres_lain")
    desk.villages.by_handle["polres_lain"] = Village()
    for one in desk.villages.by_handle.values():
        one.say("antre lama")
    while desk.hear():
        pass
    assert len(desk.items()) == len(desk.items(other)) == 1


def test_an_integrity_case_is_for_those_who_may_read_it(
    desk: Desk, village: Village, store: Store
) -> None:
    from models.errors import NotAllowed

    village.say("ada pungli")
    desk.hear()
    [item] = desk.items()
    with store.write(desk.office) as work:
        work.session.get_one(Item, item.id).severity = Severity.S1
    officer = add_person(store, desk.office, Role.OFFICER)
    head = add_person(store, desk.office, Role.APPROVER)
    with store.write(desk.office) as work, pytest.raises(NotAllowed):
        mark(work, officer, item.id, Reply.CLOSED, "", desk.moment())
    with store.write(desk.office) as work:
        mark(work, head, item.id, Reply.CLOSED, "", desk.moment())


def test_a_clock_set_back_does_not_make_us_deaf(desk: Desk, village: Village) -> None:
    village.say("satu")
    desk.hear(timedelta(hours=2))
    village.say("dua")
    assert not desk.hear(-timedelta(minutes=1)), "two machines may differ a little"
    assert desk.hear(-timedelta(hours=1))
    assert len(desk.items()) == 2


def test_letters_that_no_database_takes_are_left_out(
    desk: Desk, village: Village
) -> None:
    village.say("nol \0 dan separuh \ud83d")
    desk.hear()
    assert [item.text for item in desk.items()] == ["nol  dan separuh ?"]
