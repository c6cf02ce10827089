"""WordPress over real HTTP to a strict fake; ``tools/wordpress/try.sh`` asks a real one."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.errors import (
    Disconnected,
    GateClosed,
    Refused,
    TryLater,
    Uncertain,
)
from models.problems import Problem
from models.speech import Image, Outgoing, open_gate
from networks import wordpress
from networks.base import AccountSecret, FreePurse
from networks.capabilities import LookUp
from publishers.wordpress import WordPressPublisher
from sandbox.faults import FaultKind
from sandbox.site import Site
from sandbox.wordpress_api import BASE
from sandbox.world import BlogPost
from tests.contract.network_kit import limits_for
from tests.pictures import jpeg

POSTS = f"{BASE}/wp-json/wp/v2/posts"
MEDIA = f"{BASE}/wp-json/wp/v2/media"
ME = f"{BASE}/wp-json/wp/v2/users/me"
KEY = "0123456789abcdef0123456789abcdef"
PASSWORD = "abcd EFGH ijkl MNOP qrst UVWX"


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    return running


def client(site: Site, *, total: float = 5, **secrets: str) -> wordpress.Client:
    given = {"username": "humas", "application_password": PASSWORD} | secrets
    account = AccountSecret(1, "wordpress", "", site.url + BASE + "/", given)
    return wordpress.connect(account, limits_for(site.url, total), FreePurse())


def publisher(site: Site, **more: Any) -> WordPressPublisher:
    return WordPressPublisher(client(site, **more))


def outgoing(text: str = "SIM keliling.\nPukul 08.00.\n\nGratis 🚧 & <b>", **more: Any):
    values = {
        "key": KEY,
        "title": "SIM keliling – Kamis",
        "armed_at": datetime.now(UTC),
    }
    return Outgoing(text=text, **values | more)


def posts(site: Site) -> list[BlogPost]:
    return site.world.blog.posts


def picture(content: bytes = b"", alt: str = "Peta & loket 🚧") -> Image:
    content = content or jpeg()
    return Image(content, "image/jpeg", hashlib.sha256(content).hexdigest(), alt)


# what stands


def test_a_post_stands_and_its_receipt_leads_to_it(site: Site) -> None:
    receipt = publisher(site).publish(outgoing(), open_gate)
    (post,) = posts(site)
    assert post.title == "SIM keliling – Kamis"
    assert post.status == "publish"
    assert post.content == (
        "<p>SIM keliling.<br />\nPukul 08.00.</p>\n\n<p>Gratis 🚧 &amp; &lt;b&gt;</p>"
    )
    assert receipt.remote_id == str(post.id)
    assert receipt.url == f"{site.url}{BASE}/{post.slug}/"
    assert receipt.posted_at is not None
    assert receipt.posted_at.tzinfo is not None


def test_a_picture_is_featured_with_its_alternative_text(site: Site) -> None:
    desk = publisher(site)
    (media_id,) = desk.prepare(outgoing(), [picture()]).media_ids
    desk.publish(outgoing(media_ids=(media_id,)), open_gate)
    (post,) = posts(site)
    assert post.media == int(media_id)
    assert site.world.blog.media[post.media] == (jpeg(), "Peta & loket 🚧")


def test_the_author_is_who_the_site_says(site: Site) -> None:
    assert client(site).whoami() == "humas"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("SIM keliling – Kamis", "sim-keliling-kamis-0123456789abcdef"),
        ("Réservé!", "reserve-0123456789abcdef"),
        ("🚧", "pengumuman-0123456789abcdef"),
        ("", "pengumuman-0123456789abcdef"),
        ("kata " * 40, "kata-" * 12 + "0123456789abcdef"),
    ],
)
def test_the_slug_holds_the_headline_and_the_key(title: str, slug: str) -> None:
    assert wordpress.slug_of(outgoing(title=title)) == slug


def test_a_post_that_a_person_sends_again_has_another_slug() -> None:
    first, again = outgoing(), outgoing(key=KEY + "~2")
    assert wordpress.slug_of(again) == wordpress.slug_of(first) + "-2"


# what may or may not stand


LOST = [
    (FaultKind.CUT, {}),
    (FaultKind.CUT, {"reset": True}),
    (FaultKind.TRUNCATE, {}),
    (FaultKind.ANSWER_AFTER, {"status": 500}),
    (FaultKind.ANSWER_AFTER, {"status": 502, "body": "<html>"}),
    (FaultKind.ANSWER_AFTER, {"status": 200, "body": "<b>Notice</b>: {"}),
]


@pytest.mark.parametrize(("kind", "options"), LOST)
def test_a_lost_answer_is_uncertain_and_a_look_finds_the_one_post(
    site: Site, kind: FaultKind, options: dict[str, Any]
) -> None:
    site.fault(kind, POSTS, method="POST", **options)
    desk, sent = publisher(site), outgoing()
    with pytest.raises(Uncertain):
        desk.publish(sent, open_gate)
    found = desk.look_up(sent)
    (post,) = posts(site)
    assert found is not None
    assert found.remote_id == str(post.id)
    assert len(site.requests("POST", POSTS)) == 1


def test_what_never_came_is_not_found(site: Site) -> None:
    site.fault(FaultKind.HANG_BEFORE, POSTS, method="POST")
    sent, begun = outgoing(), time.monotonic()
    with pytest.raises(Uncertain):
        publisher(site, total=0.5).publish(sent, open_gate)
    assert time.monotonic() - begun < 5
    assert publisher(site).look_up(sent) is None


@pytest.mark.parametrize("body", ["[]", "null", "{}", '{"id": 0}', "<html>Masuk"])
def test_an_answer_that_proves_nothing_is_uncertain(site: Site, body: str) -> None:
    site.fault(FaultKind.ANSWER, POSTS, method="POST", status=200, body=body)
    with pytest.raises(Uncertain):
        publisher(site).publish(outgoing(), open_gate)


def test_another_post_of_the_same_headline_is_not_taken_for_it(site: Site) -> None:
    desk = publisher(site)
    desk.publish(outgoing(), open_gate)
    assert desk.look_up(outgoing(key="f" * 32)) is None


def test_it_is_settled_by_looking(site: Site) -> None:
    assert publisher(site).capabilities.settles_by == (
        LookUp(times=2, apart=timedelta(minutes=1)),
    )
    with pytest.raises(AssertionError):
        publisher(site).replay(outgoing(), open_gate)
    assert site.requests() == []


# what is refused, and what may go again


def test_bar_4_a_rate_is_waited_out_as_long_as_the_site_asks(site: Site) -> None:
    for status in (429, 503):
        headers = {"Retry-After": "77"}
        site.fault(FaultKind.ANSWER, POSTS, status=status, headers=headers)
        with pytest.raises(TryLater) as failed:
            publisher(site).publish(outgoing(), open_gate)
        assert failed.value.wait == timedelta(seconds=77)
    assert posts(site) == []


def test_a_picture_whose_answer_is_lost_may_be_sent_again(site: Site) -> None:
    site.cut_the_line_after_accepting(MEDIA)
    with pytest.raises(TryLater):
        publisher(site).prepare(outgoing(), [picture()])
    assert publisher(site).prepare(outgoing(), [picture()]).media_ids


def test_a_file_that_is_no_picture_is_refused(site: Site) -> None:
    with pytest.raises(Refused) as failed:
        publisher(site).prepare(outgoing(), [picture(b"bukan gambar")])
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_a_picture_that_is_too_large_for_the_server_is_refused(site: Site) -> None:
    site.fault(FaultKind.ANSWER, MEDIA, status=413, body="<html>")
    with pytest.raises(Refused) as failed:
        publisher(site).prepare(outgoing(), [picture()])
    assert failed.value.problem is Problem.MEDIA_REFUSED


def test_a_post_that_the_site_keeps_for_itself_is_refused(site: Site) -> None:
    body = '{"id": 5, "status": "pending", "date_gmt": "2026-11-24T05:12:00"}'
    site.fault(FaultKind.ANSWER, POSTS, method="POST", status=201, body=body)
    with pytest.raises(Refused) as failed:
        publisher(site).publish(outgoing(), open_gate)
    assert "pending" in failed.value.detail


def test_what_wordpress_does_not_take_is_refused_with_its_words(site: Site) -> None:
    body = '{"code": "rest_invalid_param", "message": "Invalid parameter(s): title"}'
    site.fault(FaultKind.ANSWER, POSTS, status=400, body=body)
    with pytest.raises(Refused) as failed:
        publisher(site).publish(outgoing(), open_gate)
    assert failed.value.problem is Problem.CONTENT_REFUSED
    assert "Invalid parameter(s): title" in failed.value.detail


# the keys


@pytest.mark.parametrize(
    ("gone", "problem"),
    [("deleted", Problem.ACCOUNT_CLOSED), ("revoked", Problem.TOKEN_REFUSED)],
)
def test_an_author_who_was_deleted_or_whose_password_was_taken_back_disconnects(
    site: Site, gone: str, problem: Problem
) -> None:
    setattr(site.world.blog, gone, True)
    desk = publisher(site)
    for act in (
        lambda: desk.publish(outgoing(), open_gate),
        lambda: desk.prepare(outgoing(), [picture()]),
        client(site).whoami,
    ):
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is problem
    assert posts(site) == []


def test_a_wrong_password_disconnects_and_stands_nowhere(site: Site) -> None:
    wrong = "salah salah salah"
    for act in (
        lambda: publisher(site, application_password=wrong).publish(
            outgoing(), open_gate
        ),
        lambda: publisher(site, application_password=wrong).prepare(
            outgoing(), [picture()]
        ),
        client(site, application_password=wrong).whoami,
        client(site, username="siapa").whoami,
    ):
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is Problem.TOKEN_REFUSED
        assert "salah" not in f"{failed.value}{failed.value!r}"
    assert posts(site) == []


@pytest.mark.parametrize("right", ["publish_posts", "upload_files"])
def test_an_author_without_a_right_is_told_at_connecting(
    site: Site, right: str
) -> None:
    site.world.blog.rights.discard(right)
    with pytest.raises(Disconnected) as failed:
        client(site).whoami()
    assert failed.value.problem is Problem.SCOPE_MISSING
    assert right in failed.value.detail


def test_a_right_that_is_lost_later_disconnects(site: Site) -> None:
    site.world.blog.rights.clear()
    for act in (
        lambda: publisher(site).publish(outgoing(), open_gate),
        lambda: publisher(site).prepare(outgoing(), [picture()]),
    ):
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is Problem.SCOPE_MISSING


@pytest.mark.parametrize("status", [301, 404])
def test_a_site_without_the_api_under_this_address_disconnects(
    site: Site, status: int
) -> None:
    headers = {"Location": "https://lain.example/"}
    site.fault(FaultKind.ANSWER, "*", status=status, headers=headers, body="<html>")
    with pytest.raises(Disconnected) as failed:
        client(site).whoami()
    assert failed.value.problem is Problem.ADDRESS_INVALID


@pytest.mark.parametrize(
    "secrets",
    [
        {"application_password": " "},
        {"username": ""},
        {"username": "a:b"},
        {"username": "humas\r\nX: 1"},
        {"application_password": "a\x00b"},
    ],
)
def test_keys_that_cannot_be_any_disconnect(
    site: Site, secrets: dict[str, str]
) -> None:
    with pytest.raises(Disconnected) as failed:
        client(site, **secrets)
    assert failed.value.problem is Problem.TOKEN_REFUSED


def test_a_closed_gate_sends_nothing(site: Site) -> None:
    def closed() -> None:
        raise GateClosed(Problem.ACCOUNT_STOPPED)

    with pytest.raises(GateClosed):
        publisher(site).publish(outgoing(), closed)
    assert site.requests() == []


def test_an_inner_address_is_not_reached_unless_it_is_allowed(site: Site) -> None:
    given = {"username": "humas", "application_password": PASSWORD}
    account = AccountSecret(1, "wordpress", "", site.url + BASE, given)
    public_only = limits_for("http://192.0.2.1:80")
    with pytest.raises(Disconnected) as failed:
        wordpress.connect(account, public_only, FreePurse()).whoami()
    assert failed.value.problem is Problem.ADDRESS_REFUSED
    assert site.requests() == []
