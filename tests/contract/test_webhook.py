"""A signed webhook to a strict receiver, over real HTTP."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.errors import Disconnected, GateClosed, Refused, TryLater, Uncertain
from models.problems import Problem
from models.speech import Image, Outgoing, Prepared, open_gate
from networks import webhook
from networks.base import AccountSecret, FreePurse
from networks.capabilities import Replay
from publishers.webhook import WebhookPublisher
from sandbox.faults import FaultKind
from sandbox.site import Site
from sandbox.webhook_api import PATH, WINDOW
from tests.contract.network_kit import limits_for
from tests.pictures import jpeg

PAGE = Path(__file__).resolve().parents[2] / "docs" / "networks" / "webhook.md"
OLD, NEW = "rahasia-lama-110-110", "rahasia-baru-110-110"
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


@pytest.fixture
def site(running: Site) -> Site:
    running.reset()
    running.world.hooks.keys = [NEW]
    return running


def client(site: Site, secret: str = NEW, path: str = PATH, **limits: Any) -> Any:
    account = AccountSecret(1, "webhook", "", site.url + path, {"secret": secret})
    allowed = limits_for(site.url, **limits)
    return webhook.connect(account, allowed, FreePurse())


def publisher(site: Site, secret: str = NEW, **more: Any) -> WebhookPublisher:
    return WebhookPublisher(client(site, secret, **more))


def outgoing(text: str = "SIM keliling di Pasar Melati. 🚧", **more: Any) -> Outgoing:
    values = {"key": KEY, "title": "SIM keliling", "armed_at": datetime.now(UTC)}
    return Outgoing(text=text, **values | more)


def events(site: Site) -> list[dict[str, Any]]:
    return site.world.hooks.events


# what is sent


def test_an_announcement_arrives_whole_and_its_receipt_leads_to_it(site: Site) -> None:
    content = jpeg()
    digest = hashlib.sha256(content).hexdigest()
    sent = outgoing(images=(Image(content, "image/jpeg", digest, "Peta"),))
    receipt = publisher(site).publish(sent, open_gate)
    (event,) = events(site)
    assert event["event"] == "announcement.published"
    assert (event["title"], event["text"]) == (sent.title, sent.text)
    assert event["delivery"] == KEY
    assert datetime.fromisoformat(event["at"]) == sent.armed_at
    (media,) = event["media"]
    assert (media["alt"], media["sha256"]) == ("Peta", digest)
    assert base64.b64decode(media["content"]) == content
    assert receipt.remote_id == "berita-1"
    assert receipt.url == f"{site.url}/berita/1"


def test_connecting_sends_a_signed_ping_and_publishes_nothing(site: Site) -> None:
    assert client(site).whoami() == "127.0.0.1"
    assert events(site) == []
    assert len(site.requests("POST", PATH)) == 1


def test_a_receiver_that_says_nothing_of_it_has_taken_it(site: Site) -> None:
    site.fault(FaultKind.ANSWER, PATH, status=204, body="")
    receipt = publisher(site).publish(outgoing(), open_gate)
    assert (receipt.remote_id, receipt.url) == (KEY, "")


def test_an_address_that_would_run_something_is_not_kept(site: Site) -> None:
    body = '{"id": "1", "url": "javascript:alert(1)"}'
    site.fault(FaultKind.ANSWER, PATH, status=200, body=body)
    assert publisher(site).publish(outgoing(), open_gate).url == ""


# the signature


def test_the_check_of_the_documentation_proves_our_requests(site: Site) -> None:
    publisher(site, f"{NEW},{OLD}").publish(outgoing(), open_gate)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    known: dict[str, Any] = {}
    exec(code, known)  # what the page tells people to run
    check = known["is_ours"]
    headers = {k.lower(): v for k, v in site.requests("POST", PATH)[0].headers.items()}
    stamp, signature = headers["kentongan-timestamp"], headers["kentongan-signature"]
    body = webhook._written(events(site)[0])
    assert check(NEW, stamp, signature, body)
    assert check(OLD, stamp, signature, body)
    assert not check("rahasia-orang-lain-1", stamp, signature, body)
    assert not check(NEW, stamp, signature, body + b" ")
    assert not check(NEW, str(int(stamp) + 1), signature, body)
    assert not check(NEW, "kemarin", signature, body)
    old = str(int(time.time()) - WINDOW - 60)
    late = webhook.signatures((NEW,), old, body)
    assert not check(NEW, old, late, body), "an old request played again"


def test_while_a_secret_is_changed_both_prove(site: Site) -> None:
    both = f"{NEW}, {OLD}"
    for keys in ([OLD], [NEW], [OLD, NEW]):
        site.world.hooks.keys = keys
        client(site, both).whoami()


def test_a_wrong_secret_disconnects_and_stands_nowhere(site: Site) -> None:
    for act in (
        lambda: publisher(site, OLD).publish(outgoing(), open_gate),
        client(site, OLD).whoami,
    ):
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is Problem.TOKEN_REFUSED
        assert OLD not in f"{failed.value}{failed.value!r}"
    sent = site.requests("POST", PATH)
    assert OLD not in "".join(str(request.headers) for request in sent)
    assert events(site) == []


@pytest.mark.parametrize(
    "secret", ["", ",", "pendek", "a" * 15, f"{OLD},{NEW},{OLD}", "kata sandi 110 110",
               "rahasia-lama-110\r\nX: 1", f"{NEW},pendek"]
)  # fmt: skip
def test_a_secret_that_cannot_be_one_disconnects(site: Site, secret: str) -> None:
    with pytest.raises(Disconnected) as failed:
        client(site, secret)
    assert failed.value.problem is Problem.TOKEN_REFUSED


# what may or may not have arrived


LOST = [
    (FaultKind.CUT, {}),
    (FaultKind.CUT, {"reset": True}),
    (FaultKind.TRUNCATE, {}),
    (FaultKind.ANSWER_AFTER, {"status": 500}),
    (FaultKind.ANSWER_AFTER, {"status": 503}),
]


@pytest.mark.parametrize(("kind", "options"), LOST)
def test_twenty_repeats_of_one_lost_answer_are_one_announcement(
    site: Site, kind: FaultKind, options: dict[str, Any]
) -> None:
    site.fault(kind, PATH, method="POST", **options)
    desk, sent = publisher(site), outgoing()
    with pytest.raises(Uncertain):
        desk.publish(sent, open_gate)
    receipts = {desk.replay(sent, open_gate).remote_id for _ in range(20)}
    assert receipts == {"berita-1"}
    assert len(events(site)) == 1
    assert desk.look_up(sent) is None


def test_it_is_settled_by_replay(site: Site) -> None:
    (way,) = publisher(site).capabilities.settles_by
    assert isinstance(way, Replay)
    assert way.within >= timedelta(hours=1)


def test_a_repeat_is_the_same_to_the_byte_whatever_the_clock_says(site: Site) -> None:
    sent = outgoing()
    first = webhook._written(webhook.announcement(sent))
    assert webhook._written(webhook.announcement(sent)) == first


def test_a_silent_receiver_ends_by_the_deadline_as_uncertain(site: Site) -> None:
    site.fault(FaultKind.HANG, PATH, method="POST")
    begun = time.monotonic()
    with pytest.raises(Uncertain):
        publisher(site, total=0.5).publish(outgoing(), open_gate)
    assert time.monotonic() - begun < 5


# what is refused, and what may go again


def test_bar_4_a_rate_is_waited_out_as_long_as_the_receiver_asks(site: Site) -> None:
    for status in (429, 503):
        headers = {"Retry-After": "77"}
        site.fault(FaultKind.ANSWER, PATH, status=status, headers=headers)
        with pytest.raises(TryLater) as failed:
            publisher(site).publish(outgoing(), open_gate)
        assert failed.value.wait == timedelta(seconds=77)
    assert events(site) == []


@pytest.mark.parametrize("status", [400, 409, 413, 422])
def test_what_the_receiver_does_not_take_is_refused(site: Site, status: int) -> None:
    site.fault(FaultKind.ANSWER, PATH, status=status)
    with pytest.raises(Refused):
        publisher(site).publish(outgoing(), open_gate)


@pytest.mark.parametrize("status", [301, 302, 307, 404, 405, 410])
def test_an_address_that_has_moved_disconnects(site: Site, status: int) -> None:
    headers = {"Location": "https://lain.example/"}
    site.fault(FaultKind.ANSWER, PATH, status=status, headers=headers)
    with pytest.raises(Disconnected) as failed:
        publisher(site).publish(outgoing(), open_gate)
    assert failed.value.problem is Problem.ADDRESS_INVALID
    assert len(site.requests("POST")) == 1, "and nothing is sent where it leads"


def test_another_body_under_the_same_key_is_refused(site: Site) -> None:
    publisher(site).publish(outgoing(), open_gate)
    with pytest.raises(Refused):
        publisher(site).publish(outgoing("Lain."), open_gate)
    assert len(events(site)) == 1


def test_a_closed_gate_sends_nothing(site: Site) -> None:
    def closed() -> None:
        raise GateClosed(Problem.ACCOUNT_STOPPED)

    with pytest.raises(GateClosed):
        publisher(site).publish(outgoing(), closed)
    assert site.requests() == []


def test_an_inner_address_is_not_reached_unless_it_is_allowed(site: Site) -> None:
    address = site.url + PATH
    account = AccountSecret(1, "webhook", "", address, {"secret": NEW})
    strict = webhook.connect(account, limits_for("http://192.0.2.1:80"), FreePurse())
    with pytest.raises(Disconnected) as failed:
        strict.send(outgoing())
    assert failed.value.problem is Problem.ADDRESS_REFUSED
    assert site.requests() == []


@pytest.mark.parametrize(
    "address", ["ftp://situs.example", "situs.example", "https://a:b@situs.example", ""]
)
def test_what_is_no_web_address_disconnects(address: str) -> None:
    account = AccountSecret(1, "webhook", "", address, {"secret": NEW})
    with pytest.raises(Disconnected) as failed:
        webhook.connect(account, limits_for("http://a.example"), FreePurse())
    assert failed.value.problem is Problem.ADDRESS_INVALID


def test_nothing_is_uploaded_beforehand(site: Site) -> None:
    image = Image(jpeg(), "image/jpeg", "0" * 64, "a")
    assert publisher(site).prepare(outgoing(), [image]) == Prepared()
    assert site.requests() == []
