"""What the public may read, asked of both databases; kept as it was armed."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.announcement import Announcement
from models.delivery import Delivery
from models.outlet import PublicPost, PublicPosts
from models.person import Person
from models.scope import OfficeScope
from models.states import DeliveryState, Role
from pipeline.unit import Store
from tests.conftest import NOW, add_office
from tests.integration.ledger_kit import Desk, Wall

WALL = ("dinding",)


@pytest.fixture
def desk(
    store: Store, office: OfficeScope, people: dict[Role, Person], tmp_path: Path
) -> Desk:
    return Desk(store, office, people, Wall(tmp_path / "wall"))


def posts(desk: Desk, *networks: str, most: int = 50) -> list[PublicPost]:
    with desk.store.read(desk.office) as work:
        return PublicPosts(work.session).newest(networks or WALL, most)


def test_what_was_armed_is_what_the_public_reads(desk: Desk) -> None:
    (sent,) = desk.announce("SIM keliling di Pasar Melati.", desk.account())
    assert posts(desk) == []
    desk.job().send_next(NOW)
    desk.change(Announcement, desk.row(sent).announcement_id, title="Lain", body="Lain")
    (post,) = posts(desk)
    assert post.title == post.text == "SIM keliling di Pasar Melati."
    assert post.url == desk.row(sent).url


def test_a_title_that_did_not_go_out_is_not_kept(desk: Desk) -> None:
    (sent,) = desk.announce("satu", desk.account())
    desk.job().send_next(NOW)
    desk.change(Delivery, sent, state=DeliveryState.ARMED)
    with desk.store.write(desk.office) as work:
        row = work.deliveries.get(sent)
        work.deliveries.put(row, DeliveryState.SCHEDULED, NOW)
    assert (desk.row(sent).sent_title, desk.row(sent).sent_text) == ("", "")


def test_only_the_named_networks_count(desk: Desk) -> None:
    desk.announce("satu", desk.account())
    desk.job().send_next(NOW)
    assert posts(desk, "surel") == []


def test_the_newest_come_first_and_no_more_than_asked(desk: Desk) -> None:
    account = desk.account()
    for number in range(4):
        desk.announce(f"nomor {number}", account, due_at=NOW + timedelta(hours=number))
        desk.job().send_next(NOW + timedelta(hours=number))
    found = [post.text for post in posts(desk, most=3)]
    assert found == ["nomor 3", "nomor 2", "nomor 1"]


def test_the_longest_of_the_texts_is_shown_once(desk: Desk) -> None:
    first, second = desk.account("a"), desk.account("b")
    rows = desk.announce("pendek", first, second)
    while desk.job().send_next(NOW):
        pass
    desk.change(Delivery, rows[1], sent_text="yang panjang")
    (post,) = posts(desk)
    assert post.text == "yang panjang"


def test_another_office_sees_nothing_of_it(desk: Desk) -> None:
    desk.announce("satu", desk.account())
    desk.job().send_next(NOW)
    other = add_office(desk.store, "lain", "Polres Lain")
    with desk.store.read(other) as work:
        assert PublicPosts(work.session).newest(WALL, 50) == []
