"""Against Bluesky's own servers: what stands there after each of our calls."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from collectors.bluesky import BlueskyCollector
from models.errors import Disconnected, Refused, Uncertain
from models.problems import Problem
from models.speech import Image, Utterance, open_gate
from networks import bluesky
from networks.base import AccountSecret, FreePurse, HttpLimits, SessionInMemory
from networks.bluesky_session import Session
from networks.counting import must_fit
from publishers.bluesky import BlueskyPublisher
from tests.bluesky_network import Network, Person, running, why_not
from tests.contract.network_kit import outgoing
from tests.lines import Line, line_to
from tests.pictures import jpeg
from tests.postgresql import Server

PUT = "/xrpc/com.atproto.repo.putRecord"
PATIENCE = 60.0  # seconds until the view of the network has caught up

pytestmark = [pytest.mark.postgresql, pytest.mark.real_bluesky]


@pytest.fixture(scope="module")
def network(postgresql_server: Server) -> Iterator[Network]:
    reason = why_not()
    if reason:
        if os.environ.get("CI") and "KENTONGAN_TEST_BLUESKY" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    with running(postgresql_server) as started:
        yield started


@pytest.fixture(scope="module")
def station(network: Network) -> Person:
    return network.account("polres-sukamaju")


@pytest.fixture(scope="module")
def siti(network: Network) -> Person:
    return network.account("siti")


@pytest.fixture
def line(network: Network) -> Iterator[Line]:
    with line_to(network.pds, PUT) as opened:
        yield opened


def client_of(
    person: Person, url: str, kept: SessionInMemory | None = None
) -> bluesky.Client:
    secrets = {"identifier": person.handle, "app_password": person.app_password}
    limits = HttpLimits(
        total=timedelta(seconds=20), inner_hosts=frozenset({urlsplit(url).netloc})
    )
    session = kept or SessionInMemory()
    account = AccountSecret(1, "bluesky", person.handle, url, secrets, session)
    return bluesky.connect(account, limits, FreePurse())


@pytest.fixture
def publisher(station: Person, line: Line) -> BlueskyPublisher:
    return BlueskyPublisher(client_of(station, line.url))


def texts(person: Person) -> list[str]:
    return [one["value"]["text"] for one in person.records()]


def value(person: Person, uri: str) -> dict[str, Any]:
    return next(one["value"] for one in person.records() if one["uri"] == uri)


def test_the_account_says_who_it_is(publisher: BlueskyPublisher) -> None:
    assert publisher._client.whoami() == "polres-sukamaju.test"


def test_a_post_with_picture_links_and_mention_stands_as_it_was_meant(
    publisher: BlueskyPublisher, station: Person, siti: Person
) -> None:
    text = "Á 👮🏽 Halo @siti.test, cek www.polri.go.id #SIMKeliling"
    post = outgoing(text)
    image = Image(jpeg(), "image/jpeg", "a" * 64, "Peta lokasi")
    made = publisher.prepare(post, [image])
    sent = replace(post, media_ids=made.media_ids, record_key=made.record_key)
    receipt = publisher.publish(sent, open_gate)
    stands = value(station, receipt.remote_id)
    assert stands["text"] == text
    (shown,) = stands["embed"]["images"]
    assert (shown["alt"], shown["aspectRatio"]["width"]) == ("Peta lokasi", 640)
    assert [one["features"][0]["$type"].rpartition("#")[2] for one in stands["facets"]]
    marked = {
        text.encode()[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode()
        for one in stands["facets"]
    }
    assert marked == {"@siti.test", "www.polri.go.id", "#SIMKeliling"}
    mention = next(one for one in stands["facets"] if "did" in one["features"][0])
    assert mention["features"][0]["did"] == siti.did
    assert publisher.look_up(sent) is not None


def test_a_post_with_a_picture_whose_answer_is_lost_is_one_post(
    publisher: BlueskyPublisher, station: Person, line: Line
) -> None:
    post = outgoing("Satu kali dengan gambar")
    made = publisher.prepare(post, [Image(jpeg(), "image/jpeg", "b" * 64, "Denah")])
    sent = replace(post, media_ids=made.media_ids, record_key=made.record_key)
    line.cuts = 1
    with pytest.raises(Uncertain):
        publisher.publish(sent, open_gate)
    found = publisher.look_up(sent)
    assert found is not None
    again = publisher.publish(sent, open_gate)
    assert again.remote_id == found.remote_id
    assert texts(station).count("Satu kali dengan gambar") == 1
    assert value(station, found.remote_id)["embed"]["images"][0]["alt"] == "Denah"


def test_an_answer_to_a_citizen_whose_answer_is_lost_is_one_post(
    publisher: BlueskyPublisher, station: Person, siti: Person, line: Line
) -> None:
    asked = siti.say("Apakah besok buka?")
    siti.wait_for(asked, PATIENCE)
    post = outgoing("Besok buka", reply_to=asked)
    key = publisher.prepare(post, []).record_key
    sent = replace(post, record_key=key, armed_at=datetime.now(UTC))
    line.cuts = 1
    with pytest.raises(Uncertain):
        publisher.publish(sent, open_gate)
    found = publisher.look_up(sent)
    assert found is not None
    assert publisher.publish(sent, open_gate).remote_id == found.remote_id
    assert value(station, found.remote_id)["reply"]["parent"]["uri"] == asked
    assert texts(station).count("Besok buka") == 1


def test_a_thread_hangs_together(publisher: BlueskyPublisher, station: Person) -> None:
    first = publisher.publish(outgoing("Utas satu"), open_gate)
    second = publisher.publish(
        outgoing("Utas dua", reply_to=first.remote_id), open_gate
    )
    third = publisher.publish(
        outgoing("Utas tiga", reply_to=second.remote_id), open_gate
    )
    reply = value(station, third.remote_id)["reply"]
    assert reply["root"]["uri"] == first.remote_id
    assert reply["parent"]["uri"] == second.remote_id


def test_an_answer_that_is_lost_leaves_one_post(
    publisher: BlueskyPublisher, station: Person, line: Line
) -> None:
    post = outgoing("Satu kali saja")
    key = publisher.prepare(post, []).record_key
    sent = replace(post, record_key=key, armed_at=datetime.now(UTC))
    line.cuts = 3
    for _ in range(3):  # the server accepts each; nobody hears of it
        with pytest.raises(Uncertain):
            publisher.publish(sent, open_gate)
    assert line.written == [200, 200, 200]
    found = publisher.look_up(sent)
    assert found is not None
    for _ in range(17):
        assert publisher.publish(sent, open_gate).remote_id == found.remote_id
    assert texts(station).count("Satu kali saja") == 1


def test_a_key_armed_at_another_time_is_still_one_post(
    publisher: BlueskyPublisher, station: Person
) -> None:
    post = outgoing("Dua kali dipersenjatai", record_key="")
    key = publisher.prepare(post, []).record_key
    for minutes in range(2):
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        publisher.publish(replace(post, record_key=key, armed_at=at), open_gate)
    assert texts(station).count("Dua kali dipersenjatai") == 1


def test_what_was_never_sent_is_absent_by_key_and_by_text(
    publisher: BlueskyPublisher,
) -> None:
    post = outgoing("Belum pernah terkirim")
    key = publisher.prepare(post, []).record_key
    assert publisher.look_up(replace(post, record_key=key)) is None
    assert publisher.look_up(post) is None


def test_a_post_without_its_key_is_found_by_its_text(
    publisher: BlueskyPublisher,
) -> None:
    receipt = publisher.publish(outgoing("Dicari dari teksnya"), open_gate)
    found = publisher.look_up(outgoing("Dicari dari teksnya"))
    assert found is not None
    assert found.remote_id == receipt.remote_id


def test_a_post_is_taken_down(publisher: BlueskyPublisher, station: Person) -> None:
    receipt = publisher.publish(outgoing("Akan ditarik"), open_gate)
    publisher._client.delete(receipt.remote_id)
    publisher._client.delete(receipt.remote_id)
    assert "Akan ditarik" not in texts(station)


@pytest.mark.parametrize("text", ["a" * 300, "👨‍👩‍👧‍👦" * 120])
def test_the_longest_texts_are_taken(publisher: BlueskyPublisher, text: str) -> None:
    assert publisher.publish(outgoing(text), open_gate).remote_id


@pytest.mark.parametrize("text", ["a" * 301, "👨‍👩‍👧‍👦" * 121])
def test_the_server_refuses_what_we_call_too_long(
    publisher: BlueskyPublisher, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bluesky, "must_fit", lambda *_: None)  # the server is asked
    with pytest.raises(Refused) as failed:
        publisher.publish(outgoing(text), open_gate)
    assert failed.value.problem is Problem.TEXT_TOO_LONG
    with pytest.raises(Refused):
        must_fit(text, bluesky.CAPABILITIES.text)


def test_a_session_is_refreshed_and_a_wrong_password_disconnects(
    station: Person, network: Network
) -> None:
    kept = SessionInMemory()
    client_of(station, network.pds, kept).whoami()
    first = kept.read()
    session = Session.read(first)
    assert session is not None
    kept.keep(str(replace(session, access=session.refresh)))  # no access token: stale
    assert client_of(station, network.pds, kept).whoami() == station.handle
    assert kept.read() != first
    wrong = replace(station, app_password="salah-salah-salah-salah")
    with pytest.raises(Disconnected) as failed:
        client_of(wrong, network.pds).whoami()
    assert failed.value.problem is Problem.TOKEN_REFUSED


def test_mentions_and_answers_are_heard_once_and_can_be_answered(
    publisher: BlueskyPublisher, station: Person, siti: Person
) -> None:
    own = publisher.publish(outgoing("Layanan buka Sabtu"), open_gate)
    cid = next(r["cid"] for r in station.records() if r["uri"] == own.remote_id)
    strong = {"uri": own.remote_id, "cid": cid}
    siti.wait_for(own.remote_id, PATIENCE)  # an answer to what it lacks is not told
    siti.say("Jam berapa, pak?", reply={"root": strong, "parent": strong})
    mention = {
        "index": {"byteStart": 0, "byteEnd": len("@polres-sukamaju.test")},
        "features": [
            {"$type": "app.bsky.richtext.facet#mention", "did": station.did},
        ],
    }
    siti.say("@polres-sukamaju.test lampu merah mati", facets=[mention])
    collector = BlueskyCollector(publisher._client)
    heard, cursor = _hear_until(collector, lambda items: len(items) == 2)
    by_text = {item.text: item for item in heard}
    asked = by_text["Jam berapa, pak?"]
    assert asked.in_reply_to == own.remote_id
    assert asked.author == siti.handle
    assert asked.published_at is not None
    assert [i for page in collector.pages(cursor) for i in page.items] == []
    receipt = publisher.publish(
        outgoing("Pukul 08.00", reply_to=asked.remote_id), open_gate
    )
    reply = value(station, receipt.remote_id)["reply"]
    assert reply["root"]["uri"] == own.remote_id
    assert reply["parent"]["uri"] == asked.remote_id


def _hear_until(
    collector: BlueskyCollector, enough: Callable[[list[Utterance]], bool]
) -> tuple[list[Utterance], str | None]:
    """Ask again until the view has caught up with the servers."""
    heard: list[Utterance] = []
    cursor: str | None = None
    until = time.monotonic() + PATIENCE
    while not enough(heard) and time.monotonic() < until:
        for page in collector.pages(cursor):
            heard += page.items
            cursor = page.next_cursor
        time.sleep(0.3)
    assert enough(heard), [item.text for item in heard]
    return heard, cursor
