"""Letters by a real SMTP server: handed over once, or it is known that they were not."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from models.errors import (
    Disconnected,
    GateClosed,
    NetworkError,
    Refused,
    TryLater,
    Uncertain,
)
from models.problems import Problem
from models.speech import Addressee, Image, Outgoing, Prepared, open_gate
from networks import mail
from networks.base import AccountSecret, FreePurse, HttpLimits
from networks.mail_letters import MOST_ATTACHED, is_address, masked
from publishers.mail import MailPublisher
from tests.certificates import make_certificate
from tests.contract.mail_server import (
    CUT,
    PASSWORD,
    SILENT,
    USER,
    Post,
    mail_server,
)
from tests.pictures import jpeg

SENDER = "Humas Polres Kota Sukamaju <humas@sukamaju.example>"
SITI = Addressee("Siti Kabar", "siti@kabar.example")
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("tls"), "127.0.0.1")


def connect(post: Post, **secrets: str) -> mail.Client:
    """A client of the server; secrets replace the good ones."""
    return _connect(post.address, post.place, **secrets)


def _connect(
    address: str, *inner: str, total: float = 5, **secrets: str
) -> mail.Client:
    kept = {"username": USER, "password": PASSWORD, "sender": SENDER} | secrets
    limits = HttpLimits(
        connect=timedelta(seconds=2),
        read=timedelta(seconds=total),
        total=timedelta(seconds=total),
        inner_hosts=frozenset(inner),
    )
    return mail.connect(
        AccountSecret(1, "mail", "", address, kept), limits, FreePurse()
    )


def letter(text: str = "SIM keliling di Pasar Melati.", **more: Any) -> Outgoing:
    armed = {"armed_at": datetime.now(UTC), "title": "SIM keliling", "to": SITI}
    return Outgoing(KEY, text, **armed | more)


def send(post: Post, outgoing: Outgoing | None = None, **secrets: str) -> Any:
    publisher = MailPublisher(connect(post, **secrets))
    return publisher.publish(outgoing or letter(), open_gate)


def picture(size: int = 0, alt: str = "Peta\nlokasi") -> Image:
    content = jpeg() + b"\0" * size
    return Image(content, "image/jpeg", "0" * 64, alt)


def only(post: Post) -> EmailMessage:
    (message,) = post.read()
    return message


def words(message: EmailMessage, form: str = "plain") -> str:
    part = message.get_body((form,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


# what arrives


def test_a_letter_arrives_as_it_was_written_and_its_receipt_names_it(
    post: Post,
) -> None:
    text = "Baris satu\n.titik di depan\n\nSalam 🚧 & <b>tebal</b>"
    receipt = send(post, letter(text, title="Rilis – SIM 🚧"))
    message = only(post)
    assert words(message) == text + "\n"
    assert message["subject"] == "Rilis – SIM 🚧"
    assert message["from"] == SENDER
    assert message["to"] == "Siti Kabar <siti@kabar.example>"
    assert message["message-id"] == receipt.remote_id == f"<{KEY}@sukamaju.example>"
    assert message["date"].datetime.tzinfo is not None
    assert post.letters[0].mail_from == "humas@sukamaju.example"


def test_the_html_says_the_same_and_runs_nothing(post: Post) -> None:
    send(post, letter("Satu & <script>alert(1)</script>\nDua\n\nTiga"))
    content = words(only(post), "html")
    assert "<p>Satu &amp; &lt;script&gt;alert(1)&lt;/script&gt;<br>\nDua</p>" in content
    assert "<p>Tiga</p>" in content


def test_pictures_are_attached_and_described_in_the_text(post: Post) -> None:
    send(post, letter(images=(picture(), picture(alt="Loket"))))
    message = only(post)
    attached = list(message.iter_attachments())
    assert [one.get_filename() for one in attached] == ["foto-1.jpg", "foto-2.jpg"]
    assert [one.get_content() for one in attached] == [jpeg(), jpeg()]
    assert words(message).endswith("foto-1: Peta lokasi\nfoto-2: Loket\n")


def test_more_than_five_megabytes_of_pictures_are_refused(post: Post) -> None:
    half = picture(MOST_ATTACHED // 2)
    with pytest.raises(Refused) as failed:
        send(post, letter(images=(half, half, picture())))
    assert failed.value.problem is Problem.MEDIA_REFUSED
    assert post.sessions == 0


def test_one_letter_names_one_recipient_only(post: Post) -> None:
    send(post)
    send(post, letter(to=Addressee("Budi", "budi@radio.example"), title="Kedua"))
    assert [one.rcpt_tos for one in post.letters] == [
        ["siti@kabar.example"],
        ["budi@radio.example"],
    ]
    assert "budi" not in str(post.read()[0])


def test_a_copy_that_a_person_sends_again_carries_the_same_id(post: Post) -> None:
    send(post)
    send(post, replace(letter(), key=KEY + "~2"))
    first, second = post.read()
    assert first["message-id"] == second["message-id"]


def test_the_sender_is_who_the_account_says_it_is(post: Post) -> None:
    assert connect(post).whoami() == "humas@sukamaju.example"
    assert post.letters == []


# what would begin another header


@pytest.mark.parametrize(
    "outgoing",
    [
        letter(title="Rilis\r\nBcc: semua@kabar.example"),
        letter(title="Rilis\nX: 1"),
        letter(title="a\x00b"),
        letter(title="a\u2028b"),
        letter(to=Addressee("Siti\r\nBcc: x@y.example", "siti@kabar.example")),
    ],
)
def test_a_line_break_in_a_header_is_refused(post: Post, outgoing: Outgoing) -> None:
    with pytest.raises(Refused) as failed:
        send(post, outgoing)
    assert failed.value.problem is Problem.CONTENT_REFUSED
    assert post.sessions == 0, "it is found before anything is called"


@pytest.mark.parametrize(
    "address",
    [
        "siti@kabar.example\r\nRCPT TO:<x@y.example>",
        "siti@kabar.example> SIZE=1",
        "siti kabar@kabar.example",
        "siti@kabar",
        "@kabar.example",
        "sïti@kabar.example",
        "a" * 65 + "@kabar.example",
        "a@" + "b" * 250 + ".example",
        "",
    ],
)
def test_what_is_no_address_is_refused(post: Post, address: str) -> None:
    assert not is_address(address)
    with pytest.raises(Refused) as failed:
        send(post, letter(to=Addressee("Siti", address)))
    assert failed.value.problem is Problem.RECIPIENT_REFUSED
    assert post.sessions == 0


def test_a_letter_to_nobody_is_refused(post: Post) -> None:
    with pytest.raises(Refused):
        send(post, letter(to=None))
    assert post.sessions == 0


# what the server says


def test_a_refused_recipient_is_named_so_that_the_address_goes_off(post: Post) -> None:
    post.mood.recipients[SITI.address] = "550 5.1.1 <siti@kabar.example> unknown"
    with pytest.raises(Refused) as failed:
        send(post)
    assert failed.value.problem is Problem.RECIPIENT_REFUSED
    assert "550" in failed.value.detail
    assert "siti" not in failed.value.detail
    assert post.letters == []


def test_bar_4_a_recipient_that_is_put_off_waits_alone(post: Post) -> None:
    post.mood.recipients[SITI.address] = "451 4.7.1 Greylisted, try again"
    with pytest.raises(TryLater) as failed:
        send(post)
    assert failed.value.problem is Problem.PUT_OFF
    assert failed.value.alone
    assert failed.value.wait == timedelta(minutes=10)
    assert post.letters == []


def test_a_policy_against_us_does_not_switch_the_recipient_off(post: Post) -> None:
    post.mood.recipients[SITI.address] = "550 5.7.1 SPF check failed"
    with pytest.raises(Refused) as failed:
        send(post)
    assert failed.value.problem is Problem.CONTENT_REFUSED


@pytest.mark.parametrize("answer", ["452 4.3.1 Full", "451 Local error"])
def test_a_letter_that_is_put_off_after_it_came_is_not_accepted(
    post: Post, answer: str
) -> None:
    post.mood.data = answer
    with pytest.raises(TryLater) as failed:
        send(post)
    assert failed.value.alone
    assert post.letters == []


@pytest.mark.parametrize("answer", ["554 5.6.0 Spam", "552 Too big"])
def test_a_letter_that_is_refused_after_it_came_is_refused(
    post: Post, answer: str
) -> None:
    post.mood.data = answer
    with pytest.raises(Refused) as failed:
        send(post)
    assert failed.value.problem is Problem.CONTENT_REFUSED


def test_a_server_that_goes_away_makes_everything_wait(post: Post) -> None:
    post.mood.recipients[SITI.address] = "421 4.3.2 Shutting down"
    with pytest.raises(TryLater) as failed:
        send(post)
    assert not failed.value.alone
    assert failed.value.problem is Problem.SERVER_FAILED


def test_a_sender_that_the_server_does_not_take_disconnects(post: Post) -> None:
    post.mood.sender = "553 5.7.1 Not your address"
    with pytest.raises(Disconnected) as failed:
        send(post)
    assert failed.value.problem is Problem.SCOPE_MISSING


def test_a_wrong_password_disconnects_and_stands_nowhere(post: Post) -> None:
    for act in (
        lambda: send(post, password="salah-rahasia"),
        connect(post, password="salah-rahasia").whoami,
    ):
        with pytest.raises(Disconnected) as failed:
            act()
        assert failed.value.problem is Problem.TOKEN_REFUSED
        assert "salah-rahasia" not in f"{failed.value}{failed.value!r}"
    assert post.letters == []


@pytest.mark.parametrize(
    "secrets",
    [
        {"password": ""},
        {"username": ""},
        {"username": "a\r\nb"},
        {"sender": "bukan alamat"},
        {"sender": "Humas\r\nBcc: x@y.example <humas@sukamaju.example>"},
    ],
)
def test_keys_that_cannot_be_any_disconnect(
    post: Post, secrets: dict[str, str]
) -> None:
    with pytest.raises(Disconnected):
        connect(post, **secrets)


# what is lost


def test_a_connection_that_dies_after_the_letter_is_uncertain(post: Post) -> None:
    post.mood.data = CUT
    with pytest.raises(Uncertain) as failed:
        send(post)
    assert failed.value.problem is Problem.ANSWER_LOST
    assert post.to() == [SITI.address], "and it had come"


def test_a_server_that_says_nothing_more_ends_by_the_deadline_as_uncertain(
    post: Post,
) -> None:
    post.mood.data = SILENT
    hasty = MailPublisher(_connect(post.address, post.place, total=0.5))
    begun = time.monotonic()
    with pytest.raises(Uncertain):
        hasty.publish(letter(), open_gate)
    assert time.monotonic() - begun < 5


def test_nothing_is_uncertain_before_the_letter_leaves(post: Post) -> None:
    for answer in ("450 later", "550 no", "421 bye"):
        post.mood.recipients[SITI.address] = answer
        with pytest.raises(NetworkError) as failed:
            send(post)
        assert not isinstance(failed.value, Uncertain)


def test_a_connection_that_is_refused_sent_nothing() -> None:
    with mail_server() as post:
        client = connect(post)
    with pytest.raises(TryLater) as failed:
        MailPublisher(client).publish(letter(), open_gate)
    assert failed.value.problem is Problem.UNREACHABLE
    assert not failed.value.alone


def test_the_last_look_comes_after_the_recipient_and_before_the_letter(
    post: Post,
) -> None:
    def closed() -> None:
        assert post.spoken == ["MAIL", "RCPT"]
        raise GateClosed(Problem.ACCOUNT_STOPPED)

    with pytest.raises(GateClosed):
        MailPublisher(connect(post)).publish(letter(), closed)
    assert post.letters == []
    assert post.spoken == ["MAIL", "RCPT"]


def test_nobody_is_asked_and_nothing_is_repeated(post: Post) -> None:
    publisher = MailPublisher(connect(post))
    assert publisher.look_up(letter()) is None
    assert publisher.prepare(letter(), [picture()]) == Prepared()
    assert publisher.capabilities.settles_by == ()
    with pytest.raises(AssertionError):
        publisher.replay(letter(), open_gate)
    assert post.sessions == 0


# where it may go


def test_a_password_leaves_encrypted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with mail_server(certificate) as post:
        send(post)
        assert post.to() == [SITI.address]


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    certificate: Path,
) -> None:
    with mail_server(certificate) as post:
        with pytest.raises(Disconnected) as failed:
            send(post)
        assert failed.value.problem is Problem.NOT_ENCRYPTED
        assert post.letters == []


def test_without_encryption_no_password_leaves_for_another_house(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A public server that offers no STARTTLS: only the address is made public here."""
    monkeypatch.setattr("networks.addresses.is_public", lambda _address: True)
    client = _connect(post.address)
    with pytest.raises(Disconnected) as failed:
        MailPublisher(client).publish(letter(), open_gate)
    assert failed.value.problem is Problem.NOT_ENCRYPTED
    assert post.spoken == []


def test_an_inner_address_is_not_reached_unless_it_is_allowed(post: Post) -> None:
    with pytest.raises(Disconnected) as failed:
        _connect(post.address).whoami()
    assert failed.value.problem is Problem.ADDRESS_REFUSED
    assert post.sessions == 0


@pytest.mark.parametrize(
    "address",
    ["https://surel.example", "surel.example", "smtp://", "smtp://a:b@surel.example",
     "smtp://surel.example:999999", "smtp://surel.example/x"],
)  # fmt: skip
def test_what_is_no_mail_server_disconnects(address: str) -> None:
    with pytest.raises(Disconnected) as failed:
        _connect(address)
    assert failed.value.problem is Problem.ADDRESS_INVALID


def test_the_usual_ports_are_known() -> None:
    assert mail.server_of("smtp://surel.example") == mail.Server(
        "surel.example", 587, False
    )
    assert mail.server_of("smtps://surel.example").port == 465


def test_no_address_stands_in_repr_or_in_what_is_logged() -> None:
    assert "kabar.example" not in repr(letter())
    assert masked("550 <siti@kabar.example>: no") == "550 <…@kabar.example>: no"
