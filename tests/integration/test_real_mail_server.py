"""Against Exim, a real mail server: letters that arrive, are refused, and come back."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import Disconnected, Refused, TryLater
from models.problems import Problem
from models.speech import Addressee, Image, Outgoing, open_gate
from networks import mail
from networks.base import AccountSecret, FreePurse, HttpLimits
from networks.mail_bounces import bounce_of
from pipeline.bouncing import letters_in, put_away
from publishers.mail import MailPublisher
from tests.exim_server import (
    BUSY,
    MOVED,
    PASSWORD,
    PROGRAM,
    SENDER,
    UNKNOWN,
    USER,
    Exim,
    running,
    why_not,
)
from tests.pictures import jpeg

pytestmark = pytest.mark.real_mail


@pytest.fixture(scope="module")
def exim() -> Iterator[Exim]:
    reason = why_not()
    if reason:
        if os.environ.get("CI") and PROGRAM in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    with running("siti", "budi") as started:
        yield started


def publisher(exim: Exim, password: str = PASSWORD) -> MailPublisher:
    secrets = {
        "username": USER,
        "password": password,
        "sender": f"Humas Polres Kota Sukamaju <{SENDER}>",
    }
    limits = HttpLimits(
        total=timedelta(seconds=30), inner_hosts=frozenset({exim.place})
    )
    account = AccountSecret(1, "mail", SENDER, f"smtp://{exim.place}", secrets)
    return MailPublisher(mail.connect(account, limits, FreePurse()))


def letter(key: str, to: str, *images: Image) -> Outgoing:
    return Outgoing(
        key,
        "SIM keliling di Pasar Melati.\n.\nPukul 08.00 – gratis.",
        title="SIM keliling – Kamis",
        to=Addressee("Siti Kabar", f"{to}@kabar.example"),
        images=images,
        armed_at=datetime.now(UTC),
    )


def test_the_password_is_proved(exim: Exim) -> None:
    assert publisher(exim)._client.whoami() == SENDER
    with pytest.raises(Disconnected) as failed:
        publisher(exim, "salah")._client.whoami()
    assert failed.value.problem is Problem.TOKEN_REFUSED


def test_a_letter_with_a_picture_arrives_as_it_was_written(exim: Exim) -> None:
    picture = Image(jpeg(), "image/jpeg", "a" * 64, "Peta lokasi")
    receipt = publisher(exim).publish(letter("0a1b", "siti", picture), open_gate)
    (came,) = exim.letters("siti", least=1)
    assert came["message-id"] == receipt.remote_id == "<0a1b@sukamaju.example>"
    assert came["subject"] == "SIM keliling – Kamis"
    body = came.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n")
    assert text.startswith("SIM keliling di Pasar Melati.\n.\nPukul 08.00 – gratis.")
    assert "Peta lokasi" in text
    (attached,) = came.iter_attachments()
    assert attached.get_content() == picture.content


def test_whoever_is_unknown_is_refused_at_once(exim: Exim) -> None:
    with pytest.raises(Refused) as failed:
        publisher(exim).publish(letter("0c", UNKNOWN), open_gate)
    assert failed.value.problem is Problem.RECIPIENT_REFUSED
    assert UNKNOWN not in failed.value.detail


def test_whoever_is_put_off_waits_alone(exim: Exim) -> None:
    with pytest.raises(TryLater) as failed:
        publisher(exim).publish(letter("0d", BUSY), open_gate)
    assert (failed.value.problem, failed.value.alone) == (Problem.PUT_OFF, True)


def test_what_comes_back_later_is_read_out_of_the_mailbox(
    exim: Exim, tmp_path: Path
) -> None:
    receipt = publisher(exim).publish(letter("0e2f", MOVED), open_gate)
    exim.letters(USER, least=1)
    box = exim.box(USER)
    ((file, content),) = letters_in(box)
    bounce = bounce_of(content)
    assert bounce is not None
    assert (bounce.message_id, bounce.for_good) == (receipt.remote_id, True)
    assert re.match(r"5\.\d", bounce.detail)
    assert "siti" not in bounce.detail.lower()
    put_away(box, file)
    assert list(letters_in(box)) == []
