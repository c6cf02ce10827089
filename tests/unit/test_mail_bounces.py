"""Reports of letters that came back, as mail servers write them."""

import pytest

from networks.mail_bounces import Bounce, bounce_of

NAMED = "<0123abcd@s.example>"
REPORT = """From: MAILER-DAEMON@surel.example
To: humas@s.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; surel.example

Final-Recipient: rfc822; siti@kabar.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <siti@kabar.example>: User unknown

--b
Content-Type: {kind}

{returned}
--b--
"""
HEADERS = f"From: Humas <humas@s.example>\nMessage-ID: {NAMED}\nSubject: Siaran pers\n"


def report(
    action: str = "failed",
    status: str = "5.1.1",
    kind: str = "text/rfc822-headers",
    returned: str = HEADERS,
) -> bytes:
    told = {"action": action, "status": status, "kind": kind, "returned": returned}
    return REPORT.format(**told).encode()


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_failure_names_its_letter_and_no_person(kind: str, ends: str) -> None:
    letter = report(kind=kind).replace(b"\n", ends.encode())
    found = bounce_of(letter)
    assert found == Bounce(
        NAMED,
        for_good=True,
        detail="5.1.1 smtp; 550 5.1.1 <…@kabar.example>: User unknown",
    )


def test_a_server_that_gave_up_for_now_refuses_nobody() -> None:
    found = bounce_of(report(status="4.4.7"))
    assert found is not None
    assert not found.for_good


def test_the_letter_is_named_by_the_reply_when_nothing_was_returned() -> None:
    letter = report(returned="Subject: Siaran pers\n")
    assert bounce_of(letter) is None
    named = letter.replace(b"To:", f"In-Reply-To: {NAMED}\nTo:".encode(), 1)
    found = bounce_of(named)
    assert found is not None
    assert found.message_id == NAMED


@pytest.mark.parametrize(
    "letter",
    [
        report(action="delayed", status="4.4.7"),
        report(action="delivered", status="2.0.0"),
        report(status="tidak ada"),
        HEADERS.encode() + b"\nHalo, kapan SIM keliling?",
        b"",
        b"\xff\xfe\x00" * 300,
        report()[:400],
        b"Content-Type: message/delivery-status\n\nAction: failed\nStatus: 5.0.0\n",
    ],
)
def test_what_is_no_report_of_a_failure_is_none(letter: bytes) -> None:
    assert bounce_of(letter) is None
