"""Pictures that networks fetch: a signed address of our own dashboard, and no other."""

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import uvicorn
from cryptography.fernet import Fernet
from starlette.testclient import TestClient

from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.person import Person
from models.scope import OfficeScope
from models.speech import Image
from models.states import DeliveryState, Role
from pipeline import wiring
from pipeline.addresses import GOOD_FOR, Addresses
from pipeline.publishing import Publishing
from pipeline.unit import Store
from sandbox.site import Site
from tests.conftest import NOW
from tests.contract.network_kit import STATION, desk
from tests.integration.ledger_kit import House
from tests.pictures import jpeg
from web.app import create_app

CONTENT = jpeg()
SHA = hashlib.sha256(CONTENT).hexdigest()
PICTURE = Image(CONTENT, "image/jpeg", SHA, "Peta lokasi")
PUBLIC = "https://kentongan.example"


@pytest.fixture
def house(store: Store, office: OfficeScope, people: dict[Role, Person]) -> House:
    return House(store, office, people)


@pytest.fixture
def vault() -> Vault:
    return Vault([Fernet.generate_key().decode()])


def address(house: House, vault: Vault, public_url: str = PUBLIC) -> str:
    """Keep the picture, and name it for a network."""
    account = house.account()
    with house.store.write(house.office) as work:
        work.announcements.store_media(PICTURE, NOW)
    return Addresses(public_url, vault, lambda: NOW)(
        house.account_row(account), PICTURE
    )


def browser(house: House, vault: Vault, at: datetime = NOW) -> TestClient:
    app = create_app(house.store, Settings(), vault, now=lambda: at)
    return TestClient(app, base_url=PUBLIC)


def test_a_signed_address_gives_the_picture_without_a_sign_in(
    house: House, vault: Vault
) -> None:
    found = address(house, vault)
    answer = browser(house, vault).get(found)
    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("after", [GOOD_FOR, timedelta(days=30)])
def test_an_address_whose_time_is_over_gives_nothing(
    house: House, vault: Vault, after: timedelta
) -> None:
    found = address(house, vault)
    just_before = NOW + GOOD_FOR - timedelta(seconds=1)
    assert browser(house, vault, just_before).get(found).status_code == 200
    assert browser(house, vault, NOW + after).get(found).status_code == 404


@pytest.mark.parametrize(
    ("what", "instead"),
    [
        (r"/media/\d+/", "/media/999/"),
        (SHA, "0" * 64),
        (r"/(\d{10})/", "/9999999999/"),
        (r"[\w-]+\.jpeg$", "AAAA.jpeg"),
        (r"[\w-]+\.jpeg$", "%C3%A9.jpeg"),
        (r"\.jpeg$", ".png"),
        (r"/\d{10}/", "/99999999999999999999/"),
        (r"/\d{10}/", "/-1/"),
    ],
)
def test_one_changed_part_gives_nothing(
    house: House, vault: Vault, what: str, instead: str
) -> None:
    found = address(house, vault)
    changed = re.sub(what, instead, found)
    assert changed != found
    assert browser(house, vault).get(changed).status_code == 404


def test_a_picture_that_is_not_the_one_that_was_approved_is_not_given(
    house: House, vault: Vault
) -> None:
    found = address(house, vault)
    with house.store.write(house.office) as work:
        media = work.announcements.media_named(SHA)
        assert media is not None
        media.content = CONTENT + b" "
    assert browser(house, vault).get(found).status_code == 404


def test_there_is_no_listing(house: House, vault: Vault) -> None:
    found = address(house, vault)
    here = browser(house, vault)
    while found.rpartition("/")[0] != PUBLIC:
        found = found.rpartition("/")[0]
        assert here.get(found).status_code == 404
        assert here.get(found + "/").status_code == 404


def test_another_key_does_not_sign_and_an_older_one_still_does(
    house: House, vault: Vault
) -> None:
    found = address(house, vault)
    other = Vault([Fernet.generate_key().decode()])
    assert browser(house, other).get(found).status_code == 404
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    assert Vault([new, old]).signed("kata", Vault([old]).sign("kata"))
    assert not Vault([new]).signed("kata", Vault([old]).sign("kata"))


@pytest.mark.parametrize("public_url", ["", "http://kentongan.example", "ftp://a.id"])
def test_an_office_without_a_public_address_has_none(
    house: House, vault: Vault, public_url: str
) -> None:
    assert address(house, vault, public_url) == ""


# the whole way: the sandbox fetches from a dashboard that runs


@pytest.fixture
def dashboard(house: House, vault: Vault) -> Iterator[str]:
    """A running dashboard over the same database; yields its address."""
    app = create_app(house.store, Settings(), vault, now=lambda: datetime.now(UTC))
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


@pytest.mark.parametrize("network", ["instagram", "threads"])
def test_a_network_fetches_the_picture_from_the_dashboard_and_publishes_it_once(
    network: str, house: House, vault: Vault, dashboard: str
) -> None:
    with Site.start() as site, desk(network, site) as here:
        job = _job(house, here.publisher, Addresses(dashboard, vault, _now))
        account = house.account(network=network)
        now = _now()
        (delivery,) = house.announce("SIM keliling", account, image=PICTURE, due_at=now)
        site.cut_the_line_after_accepting(here.write_path)
        job.send_next(now)
        assert house.state(delivery) is DeliveryState.UNCERTAIN
        job.settle_next(now + timedelta(minutes=1))
        assert house.state(delivery) is DeliveryState.PUBLISHED
        (post,) = site.posts(STATION)
        (media,) = site.world.store.media_of(post.media_ids)
        assert (media.content, media.alt) == (CONTENT, "Peta lokasi")


@pytest.mark.parametrize("network", ["instagram", "threads"])
def test_an_office_without_a_public_address_is_told_so(
    network: str, house: House, vault: Vault
) -> None:
    with Site.start() as site, desk(network, site) as here:
        job = _job(house, here.publisher, Addresses("", vault, _now))
        account = house.account(network=network)
        (delivery,) = house.announce("SIM keliling", account, image=PICTURE)
        job.send_next(NOW)
        row = house.row(delivery)
        assert row.state is DeliveryState.REJECTED
        assert row.problem is not None
        assert row.problem.value == "no_public_address"
        assert site.posts(STATION) == []


def _now() -> datetime:
    return datetime.now(UTC)


def _job(house: House, publisher: Any, address: Addresses) -> Publishing:
    def connect(_: Account) -> Any:
        return publisher

    return Publishing(
        house.store,
        connect,
        lambda name: wiring.capabilities(name).settles_by,
        address=address,
    )
