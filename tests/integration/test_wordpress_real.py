"""A real WordPress, started by ``tools/wordpress/try.sh``: what the pretend one says.

Skipped where ``KENTONGAN_TEST_WORDPRESS`` names none: http://user:password@host:port.
"""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import pytest

from models.errors import Disconnected, Refused
from models.problems import Problem
from models.speech import Image, Outgoing, Receipt, Standing, open_gate
from networks import wordpress
from networks.base import AccountSecret, FreePurse, HttpLimits
from publishers.wordpress import WordPressPublisher
from tests.pictures import jpeg

ADDRESS = os.environ.get("KENTONGAN_TEST_WORDPRESS", "")
pytestmark = pytest.mark.skipif(
    not ADDRESS, reason="KENTONGAN_TEST_WORDPRESS is not set: tools/wordpress/try.sh"
)
PARTS = urlsplit(ADDRESS)
BASE = f"http://{PARTS.hostname}:{PARTS.port}"


def connect(**secrets: str) -> wordpress.Client:
    given = {
        "username": PARTS.username or "",
        "application_password": PARTS.password or "",
    }
    limits = HttpLimits(
        total=timedelta(seconds=60),
        read=timedelta(seconds=60),
        inner_hosts=frozenset({PARTS.netloc.rpartition("@")[2]}),
    )
    account = AccountSecret(1, "wordpress", "", BASE, given | secrets)
    return wordpress.connect(account, limits, FreePurse())


@pytest.fixture
def publisher() -> WordPressPublisher:
    return WordPressPublisher(connect())


def outgoing(**more: Any) -> Outgoing:
    text = "SIM keliling di Pasar Melati 🚧 & sekitarnya <hari ini>.\nPukul 08.00.\n\nGratis."
    values = {"title": "SIM keliling – Kamis", "armed_at": datetime.now(UTC)}
    return Outgoing(uuid4().hex, text, **values | more)


def read(path: str) -> Any:
    with httpx2.Client(timeout=60) as plain:
        return plain.get(BASE + path).json()


def test_it_says_who_we_are() -> None:
    assert connect().whoami() == "humas"


def test_a_post_stands_with_its_picture_its_alt_text_and_its_slug(
    publisher: WordPressPublisher,
) -> None:
    content = jpeg()
    image = Image(
        content, "image/jpeg", hashlib.sha256(content).hexdigest(), "Peta & loket 🚧"
    )
    media_ids = publisher.prepare(outgoing(), [image]).media_ids
    sent = outgoing(media_ids=media_ids)
    receipt = publisher.publish(sent, open_gate)
    post = read(f"/wp-json/wp/v2/posts/{receipt.remote_id}")
    assert post["slug"] == wordpress.slug_of(sent)
    assert post["link"] == receipt.url == f"{BASE}/{wordpress.slug_of(sent)}/"
    assert post["featured_media"] == int(media_ids[0])
    rendered = post["content"]["rendered"]
    assert "🚧 &amp; sekitarnya &lt;hari ini&gt;.<br />" in rendered
    assert rendered.count("<p>") == 2
    media = read(f"/wp-json/wp/v2/media/{media_ids[0]}")
    assert media["alt_text"] in ("Peta & loket 🚧", "Peta &amp; loket 🚧")
    assert media["mime_type"] == "image/jpeg"
    assert receipt.posted_at is not None
    assert abs(receipt.posted_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_look_finds_the_one_post_and_none_before(
    publisher: WordPressPublisher,
) -> None:
    sent = outgoing()
    assert publisher.look_up(sent) is None
    receipt = publisher.publish(sent, open_gate)
    found = publisher.look_up(sent)
    assert found is not None
    assert (found.remote_id, found.url) == (receipt.remote_id, receipt.url)
    assert publisher.look_up(outgoing()) is None


def test_a_second_post_of_one_slug_is_why_nothing_is_repeated(
    publisher: WordPressPublisher,
) -> None:
    sent = outgoing()
    first = publisher.publish(sent, open_gate)
    second = publisher.publish(sent, open_gate)
    assert second.url == first.url.rstrip("/") + "-2/"


def test_a_wrong_password_disconnects() -> None:
    for act in (
        connect(application_password="salah salah salah").whoami,
        connect(username="siapa").whoami,
        lambda: WordPressPublisher(connect(application_password="salah")).publish(
            outgoing(), open_gate
        ),
    ):
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is Problem.TOKEN_REFUSED


def test_a_file_that_is_no_picture_is_refused(publisher: WordPressPublisher) -> None:
    with pytest.raises(Refused) as failed:
        publisher.prepare(
            outgoing(), [Image(b"<?php", "application/x-php", "0" * 64, "")]
        )
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_an_unknown_picture_is_left_out(publisher: WordPressPublisher) -> None:
    receipt = publisher.publish(outgoing(media_ids=("999999",)), open_gate)
    post = read(f"/wp-json/wp/v2/posts/{receipt.remote_id}")
    assert post["featured_media"] == 0


def test_a_post_is_taken_down_and_gone_already_is_as_good(
    publisher: WordPressPublisher,
) -> None:
    receipt = publisher.publish(outgoing(), open_gate)
    taken = Standing(uuid4().hex, receipt)
    publisher.withdraw(taken, open_gate)
    told = read(f"/wp-json/wp/v2/posts/{receipt.remote_id}")
    assert told["data"]["status"] in (401, 404), "the public sees it no more"
    publisher.withdraw(taken, open_gate)
    absent = Receipt("99999999", "")
    publisher.withdraw(Standing(uuid4().hex, absent), open_gate)
