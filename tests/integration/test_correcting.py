"""A public correction: it answers what it corrects, and nothing wrong is forgotten."""

from collections.abc import Iterator

import pytest

from models.announcement import Announcement
from models.delivery import Delivery
from models.errors import Conflict, InvalidInput, NotAllowed
from models.person import Person
from models.scope import OfficeScope
from models.states import DeliveryState, Role
from pipeline import announcing, approving, wiring
from pipeline.correcting import TO_WRITE, text_of
from pipeline.correction_draft import begin
from pipeline.unit import Store
from sandbox.site import Site
from tests.conftest import NOW
from tests.contract.network_kit import STATION
from tests.integration.withdrawing_kit import LATER, Office, office_on

D = DeliveryState
RIGHT = "Yang benar pukul 09.00."


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    return running


def drafted(desk: Office, announcement_id: int) -> int:
    with desk.store.write(desk.office) as work:
        return begin(work, desk.people[Role.OFFICER], announcement_id, NOW)


def sent(desk: Office, number: int) -> list[int]:
    """The correction says what is right, is approved, and leaves."""
    officer, approver = desk.people[Role.OFFICER], desk.people[Role.APPROVER]
    with desk.store.write(desk.office) as work:
        announcement = work.announcements.get(number)
        announcement.body = announcement.body.replace(TO_WRITE, RIGHT)
        for variant in work.announcements.variants(number):
            variant.text = variant.text.replace(TO_WRITE, RIGHT)
        work.session.flush()
        announcing.ask(work, officer, number, NOW)
    with desk.store.write(desk.office) as work:
        content = work.announcements.content(number)
        ids = approving.approve(work, approver, number, content.hash, NOW)
    job = desk.publishing()
    while job.send_next(LATER):
        pass
    return ids


def uncorrected(desk: Office) -> list[int]:
    with desk.store.read(desk.office) as work:
        found = [one.delivery.id for one in work.corrections.uncorrected()]
        assert work.corrections.count_uncorrected() == len(found)
        return found


def test_it_answers_the_original_and_nothing_stands_uncorrected_any_more(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    networks = ("mastodon", "bluesky", "telegram")
    with office_on(site, store, office, people, *networks) as (desk, accounts):
        wrong = desk.publish("SIM keliling pukul 08.00", *accounts)
        first = {post.network: post.id for post in site.posts(STATION)}
        number = drafted(desk, desk.row(wrong[0]).announcement_id)
        assert sorted(uncorrected(desk)) == wrong, "the draft is not out"
        sent(desk, number)
        answers = [post for post in site.posts(STATION) if RIGHT in post.text]
        assert len(answers) == len(networks)
        for post in answers:
            assert post.draft.reply_to == first[post.network]
            assert "http" not in post.text
        assert {desk.state(one) for one in wrong} == {D.CORRECTED}
        assert uncorrected(desk) == []


def test_where_a_network_has_no_answers_the_draft_holds_the_address(
    store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    desk = Office(store, office, people)
    accounts = [desk.account(network=name) for name in ("wordpress", "mastodon")]
    ids = desk.announce("SIM keliling", *accounts)
    for number, delivery in enumerate(ids):
        url = f"https://situs.contoh.test/{number}"
        stands = {"state": D.PUBLISHED, "url": url, "sent_text": "SIM keliling"}
        desk.change(Delivery, delivery, **stands)
    assert not wiring.capabilities("wordpress").replies
    number = drafted(desk, desk.row(ids[0]).announcement_id)
    with store.read(office) as work:
        content = work.announcements.content(number)
        texts = {part.network: part.text for part in content.parts}
    assert texts["wordpress"].endswith("\n\nhttps://situs.contoh.test/0")
    assert "https" not in texts["mastodon"]
    assert content.corrects == desk.row(ids[0]).announcement_id


def test_where_the_original_is_gone_it_stands_by_itself(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    with office_on(site, store, office, people, "mastodon") as (desk, (account,)):
        (wrong,) = desk.publish("SIM keliling pukul 08.00", account)
        number = drafted(desk, desk.row(wrong).announcement_id)
        desk.withdraw(wrong)
        desk.takedown().withdraw_next(NOW)
        sent(desk, number)
        (post,) = site.posts(STATION)
        assert post.draft.reply_to is None
        assert desk.state(wrong) is D.WITHDRAWN


def test_what_stands_of_a_withdrawn_announcement_is_listed_until_it_is_mended(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    with office_on(site, store, office, people, "mastodon", "x") as (desk, accounts):
        first, second = desk.publish("SIM keliling pukul 08.00", *accounts)
        assert uncorrected(desk) == []
        desk.withdraw(first)
        assert sorted(uncorrected(desk)) == [first, second]
        desk.takedown().withdraw_next(NOW)
        assert uncorrected(desk) == [second], "it stands on the other account"
        sent(desk, drafted(desk, desk.row(second).announcement_id))
        assert uncorrected(desk) == []


def test_nothing_is_asked_for_before_it_says_what_is_right(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    with office_on(site, store, office, people, "mastodon") as (desk, (account,)):
        (wrong,) = desk.publish("SIM keliling pukul 08.00", account)
        number = drafted(desk, desk.row(wrong).announcement_id)
        with store.write(office) as work, pytest.raises(InvalidInput):
            announcing.ask(work, people[Role.OFFICER], number, NOW)
        with store.write(office) as work, pytest.raises(NotAllowed):
            begin(work, people[Role.ADMIN], desk.row(wrong).announcement_id, NOW)
        with store.write(office) as work, pytest.raises(Conflict):
            begin(work, people[Role.OFFICER], number, NOW)


def test_what_it_corrects_is_part_of_what_is_approved(
    site: Site, store: Store, office: OfficeScope, people: dict[Role, Person]
) -> None:
    with office_on(site, store, office, people, "mastodon") as (desk, (account,)):
        (wrong,) = desk.publish("SIM keliling pukul 08.00", account)
        number = drafted(desk, desk.row(wrong).announcement_id)
        with store.read(office) as work:
            before = work.announcements.content(number).hash
        desk.change(Announcement, number, corrects=None)
        with store.read(office) as work:
            assert work.announcements.content(number).hash != before


def test_a_long_text_is_quoted_at_a_word() -> None:
    text = text_of("SIM keliling", "kata " * 60)
    assert text.startswith("Ralat: SIM keliling\n\n" + TO_WRITE)
    assert text.endswith(" kata…”")
    assert text_of("SIM keliling", "").endswith(TO_WRITE)
