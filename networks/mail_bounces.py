"""A letter that came back: which one it was, and why, as its server says (RFC 3464).

The report names the letter by the ``Message-ID`` that we gave it, one for each
recipient; whom a server calls the recipient may differ, where letters are passed on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.errors import MessageError
from email.message import Message

from networks.mail_letters import masked

LONGEST_LETTER = 4 * 1024 * 1024  # bytes that are looked at
_SAID = 200
_STATUS = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,190}>")


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of one letter after its server had taken it.

    ``for_good``: the address itself is refused (5.x.x); else its server gave up for
    now. No address of a person stands in ``detail``.
    """

    message_id: str
    for_good: bool
    detail: str


def bounce_of(letter: bytes) -> Bounce | None:
    """Read a letter; None where it is no report of a failure, or names no letter.

    A report that a letter is late, or has arrived, is none.
    """
    try:
        message = message_from_bytes(letter[:LONGEST_LETTER], policy=policy.compat32)
        return _read(message)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError):
        return None  # whoever sent it, it is no report that can be read


def _read(message: "Message[str, str]") -> Bounce | None:
    named = re.findall(_MESSAGE_ID, " ".join(_named(message)))
    for report in _reports(message):
        action = str(report.get("Action", "")).strip().lower()
        status = _STATUS.search(str(report.get("Status", "")))
        if action != "failed" or status is None or not named:
            continue
        words = f"{status[0]} {report.get('Diagnostic-Code', '')}"
        return Bounce(named[0], status[1] == "5", _plain(words))
    return None


def _reports(message: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """The groups of fields of a delivery status, one a recipient."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            yield from (one for one in groups if isinstance(one, Message))


def _named(message: "Message[str, str]") -> Iterator[str]:
    """Where the letter that came back is named, the surest first."""
    for part in message.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list):
            inner = (one for one in payload if isinstance(one, Message))
            yield from (str(one.get("Message-ID", "")) for one in inner)
        if kind == "text/rfc822-headers" and isinstance(payload, str):
            yield str(message_from_string(payload).get("Message-ID", ""))
    yield str(message.get("In-Reply-To", ""))
    yield str(message.get("References", ""))


def _plain(text: str) -> str:
    words = " ".join(text.split())
    return masked("".join(each for each in words if each.isprintable()))[:_SAID]
