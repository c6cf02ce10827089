"""Telegram under the ledger: once, whole, and a person where nobody else can tell."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.account import Account
from models.person import Person
from models.scope import OfficeScope
from models.speech import Image
from models.states import DeliveryState, Role
from pipeline import wiring
from pipeline.publishing import Publishing
from pipeline.unit import Store
from publishers.telegram import TelegramPublisher
from sandbox.faults import FaultKind
from sandbox.site import Site
from tests.conftest import NOW
from tests.contract.network_kit import STATION
from tests.contract.network_kit import desk as telegram_desk
from tests.integration.ledger_kit import House
from tests.pictures import jpeg


@pytest.fixture
def house(store: Store, office: OfficeScope, people: dict[Role, Person]) -> House:
    return House(store, office, people)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.start() as running:
        yield running


def test_a_lost_answer_asks_a_person_and_sends_nothing_more(
    house: House, site: Site
) -> None:
    with telegram_desk("telegram", site) as here:
        job = publishing(house.store, TelegramPublisher(here.client))
        (delivery,) = house.announce("SIM keliling", house.account(network="telegram"))
        site.cut_the_line_after_accepting(here.write_path)
        job.send_next(NOW)
        assert house.state(delivery) is DeliveryState.UNCERTAIN
        job.settle_next(NOW + timedelta(minutes=1))
        assert house.state(delivery) is DeliveryState.NEEDS_PERSON
        job.send_next(NOW + timedelta(hours=1))
        assert here.texts() == ["SIM keliling"]


def test_a_second_try_brings_the_picture_again(house: House, site: Site) -> None:
    content = jpeg()
    sha = hashlib.sha256(content).hexdigest()
    with telegram_desk("telegram", site) as here:
        job = publishing(house.store, TelegramPublisher(here.client))
        account = house.account(network="telegram")
        image = Image(content, "image/jpeg", sha, "Peta lokasi")
        (delivery,) = house.announce("SIM keliling", account, image=image)
        site.fault(
            FaultKind.ANSWER, here.write_path, status=429, headers={"Retry-After": "9"}
        )
        job.send_next(NOW)
        assert house.state(delivery) is DeliveryState.SCHEDULED
        job.send_next(NOW + timedelta(minutes=1))
        assert house.state(delivery) is DeliveryState.PUBLISHED
        (post,) = site.posts(STATION)
        (media,) = site.world.store.media_of(post.media_ids)
        assert media.content == content
        assert post.text == "SIM keliling\n\n[Gambar: Peta lokasi]"


def publishing(store: Store, publisher: TelegramPublisher) -> Publishing:
    def connect(_: Account) -> TelegramPublisher:
        return publisher

    return Publishing(store, connect, lambda name: wiring.capabilities(name).settles_by)
