"""Against snac2, a real server with Mastodon's API: what stands after our calls.

It keeps no ``Idempotency-Key``, so nothing here may lean on one: a lost answer must be
settled by looking.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from collectors.mastodon import MastodonCollector
from models.account import Account
from models.delivery import ReceiptRow
from models.errors import Disconnected, Refused, Uncertain
from models.person import Person as OfficePerson
from models.problems import Problem
from models.scope import OfficeScope
from models.speech import Image, Receipt, Standing, open_gate
from models.states import DeliveryState, Role
from networks import mastodon
from networks.base import AccountSecret, FreePurse, HttpLimits
from pipeline.publishing import Publishing
from pipeline.unit import Store
from publishers.mastodon import MastodonPublisher
from tests.conftest import NOW
from tests.contract.network_kit import outgoing
from tests.integration.ledger_kit import House
from tests.pictures import jpeg
from tests.snac_server import Person, Snac, running, why_not

pytestmark = pytest.mark.real_snac
PATIENCE = 60.0  # seconds until a notice has gone through the server's own queue


@pytest.fixture(scope="module")
def snac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snac]:
    reason = why_not()
    if reason:
        if os.environ.get("CI") and "KENTONGAN_TEST_SNAC" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    folder: Path = tmp_path_factory.mktemp("snac")
    with running(folder) as started:
        yield started


@pytest.fixture(scope="module")
def station(snac: Snac) -> Person:
    return snac.account("polres")


@pytest.fixture(scope="module")
def siti(snac: Snac) -> Person:
    return snac.account("siti")


def client_of(person: Person, token: str = "") -> mastodon.Client:
    url = person.server.line.url
    limits = HttpLimits(
        total=timedelta(seconds=20), inner_hosts=frozenset({urlsplit(url).netloc})
    )
    secrets = {"access_token": token or person.token}
    account = AccountSecret(1, "mastodon", person.name, url, secrets)
    return mastodon.connect(account, limits, FreePurse())


@pytest.fixture
def publisher(station: Person) -> MastodonPublisher:
    station.server.line.cuts = 0
    return MastodonPublisher(client_of(station))


def standing(person: Person, text: str) -> list[dict[str, Any]]:
    return [one for one in person.statuses() if text in one["content"]]


def test_the_account_says_who_it_is_and_the_server_tells_its_limits(
    publisher: MastodonPublisher,
) -> None:
    assert publisher._client.whoami().startswith("polres")
    assert publisher._client.capabilities.text.longest == 100_000


def test_a_wrong_token_disconnects(station: Person) -> None:
    with pytest.raises(Disconnected):
        client_of(station, "0" * 32).whoami()


def test_a_post_with_a_picture_stands_with_its_alternative_text(
    publisher: MastodonPublisher, station: Person
) -> None:
    post = outgoing("SIM keliling di Pasar Melati #SIMKeliling")
    made = publisher.prepare(post, [Image(jpeg(), "image/jpeg", "a" * 64, "Peta")])
    sent = replace(post, media_ids=made.media_ids)
    receipt = publisher.publish(sent, open_gate)
    (stands,) = standing(station, "Pasar Melati")
    assert stands["id"] == receipt.remote_id
    assert [one["description"] for one in stands["media_attachments"]] == ["Peta"]
    assert [one["name"] for one in stands["tags"]] == ["simkeliling"]
    found = publisher.look_up(sent)
    assert found is not None
    assert found.remote_id == receipt.remote_id


def test_a_thread_hangs_together(publisher: MastodonPublisher, station: Person) -> None:
    before: Receipt | None = None
    for number in ("satu", "dua", "tiga"):
        reply_to = before.remote_id if before else None
        said = outgoing(f"Utas {number}", reply_to=reply_to)
        receipt = publisher.publish(said, open_gate)
        (stands,) = standing(station, f"Utas {number}")
        assert stands["in_reply_to_id"] == reply_to
        before = receipt


def test_a_question_is_heard_once_and_its_answer_hangs_below_it(
    publisher: MastodonPublisher, station: Person, siti: Person
) -> None:
    handle = station.read("/api/v1/accounts/verify_credentials")["acct"]
    siti.say(f"@{handle} jam berapa buka?")
    collector = MastodonCollector(publisher._client)
    cursor, heard, until = None, [], time.monotonic() + PATIENCE
    while not heard and time.monotonic() < until:
        for page in collector.pages(cursor):
            heard += page.items
            cursor = page.next_cursor
        time.sleep(0.2)
    (asked,) = heard
    assert "jam berapa buka?" in asked.text
    assert [item for page in collector.pages(cursor) for item in page.items] == []
    post = outgoing(f"@{asked.author} Pukul 08.00", reply_to=asked.remote_id)
    receipt = publisher.publish(post, open_gate)
    (stands,) = standing(station, "Pukul 08.00")
    assert (stands["id"], stands["in_reply_to_id"]) == (
        receipt.remote_id,
        asked.remote_id,
    )


@pytest.mark.parametrize("kind", ["text", "picture", "reply"])
def test_an_answer_that_is_lost_is_found_by_looking(
    publisher: MastodonPublisher, station: Person, kind: str
) -> None:
    post = outgoing(f"Jawaban hilang {kind}", armed_at=datetime.now(UTC))
    if kind == "picture":
        made = publisher.prepare(post, [Image(jpeg(), "image/jpeg", "b" * 64, "Denah")])
        post = replace(post, media_ids=made.media_ids)
    if kind == "reply":
        above = publisher.publish(outgoing("Yang dijawab"), open_gate)
        post = replace(post, reply_to=above.remote_id)
    station.server.line.cuts = 1
    with pytest.raises(Uncertain):
        publisher.publish(post, open_gate)
    found = publisher.look_up(post)
    assert found is not None
    (stands,) = standing(station, post.text)
    assert stands["id"] == found.remote_id


def test_what_was_never_sent_is_not_found(publisher: MastodonPublisher) -> None:
    assert publisher.look_up(outgoing("Belum pernah terkirim")) is None


def test_a_server_that_deletes_nothing_is_not_taken_for_one_that_did(
    publisher: MastodonPublisher, station: Person
) -> None:
    """snac answers 404 to a deletion, whatever stands there."""
    receipt = publisher.publish(outgoing("Akan ditarik"), open_gate)
    with pytest.raises(Refused) as caught:
        publisher.withdraw(Standing("k", receipt, "Judul", NOW), open_gate)
    assert caught.value.problem is Problem.NOT_DELETABLE
    assert len(standing(station, "Akan ditarik")) == 1


@pytest.mark.parametrize("parts", [1, 3])
def test_through_the_ledger_a_lost_answer_leaves_one_post(
    store: Store,
    office: OfficeScope,
    people: dict[Role, OfficePerson],
    station: Person,
    parts: int,
) -> None:
    text = f"Lewat buku besar {store.engine.dialect.name} {parts}"
    posts = [f"{text} bagian {number}" for number in range(1, parts + 1)]
    house = House(store, office, people)
    account = house.account(network="mastodon")
    (delivery,) = house.announce(posts[0], account, thread=posts)

    def connect(_account: Account) -> MastodonPublisher:
        return MastodonPublisher(client_of(station))

    ways = mastodon.CAPABILITIES.settles_by
    job = Publishing(store, connect, lambda _network: ways)
    now = datetime.now(UTC)
    station.server.line.cuts = 1
    for minute in range(10):
        later = now + timedelta(minutes=minute)
        job.send_next(later)
        job.settle_next(later)
    assert house.state(delivery) is DeliveryState.PUBLISHED
    assert [len(standing(station, post)) for post in posts] == [1] * parts
    with store.read(office) as work:
        found = work.session.query(ReceiptRow).filter_by(delivery_id=delivery).one()
    assert found.found_by == ("look_up" if parts == 1 else found.found_by)
