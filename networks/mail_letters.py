"""One letter to one person, as bytes: plain text, the same as HTML, pictures below.

No header is built of text that holds a line break: it would begin another header.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape

from models.errors import Disconnected, Refused
from models.problems import Problem
from models.speech import Outgoing

MOST_ATTACHED = 5 * 1024 * 1024  # bytes of all pictures together
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3 less the brackets

_POLICY = policy.SMTP.clone(cte_type="7bit")  # every server takes it
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
_LOCAL_PART = re.compile(r"[^\s<>@\"'(]+@")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is handed over; neither its words nor its addresses stand in ``repr``."""

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    message_id: str
    content: bytes = field(repr=False)

    @property
    def on_the_wire(self) -> bytes:
        """The content with dots doubled, and the end (RFC 5321, 4.5.2)."""
        return _LEADING_DOT.sub(b"..", self.content) + b".\r\n"


def letter_of(outgoing: Outgoing, sender: str, now: datetime) -> Letter:
    """Write the letter of one delivery.

    Raises:
        Refused: it cannot be written (no recipient, a line break in a header, too
            many bytes of pictures).
    """
    if outgoing.to is None:
        raise Refused(Problem.RECIPIENT_REFUSED, "no recipient")
    if not is_address(outgoing.to.address):
        raise Refused(Problem.RECIPIENT_REFUSED, "no usable address")
    if sum(len(image.content) for image in outgoing.images) > MOST_ATTACHED:
        raise Refused(Problem.MEDIA_REFUSED, f"more than {MOST_ATTACHED} bytes")
    name, address = parseaddr(sender)
    message_id = message_id_of(outgoing.key, address)
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = _mailbox(name, address)
        message["To"] = _mailbox(outgoing.to.name, outgoing.to.address)
        message["Subject"] = _line(outgoing.title)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = message_id
        message["Content-Language"] = outgoing.language
        _fill(message, outgoing)
        content = message.as_bytes()
    except (ValueError, MessageError, LookupError) as error:
        detail = f"no letter can be written ({type(error).__name__})"
        raise Refused(Problem.CONTENT_REFUSED, detail) from None
    return Letter(address, outgoing.to.address, message_id, content)


def message_id_of(key: str, sender: str) -> str:
    """The id of every copy of one delivery, also of one that a person sends again.

    A mailbox that got both can then show them as one.
    """
    return f"<{key.partition('~')[0]}@{sender.rpartition('@')[2].lower()}>"


def is_address(text: str) -> bool:
    """Whether ``text`` is an address that every server takes (ASCII, no quotes)."""
    return len(text) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(text) is not None


def must_be_address(text: str) -> None:
    """Refuse a sender that is none.

    Raises:
        Disconnected: as named.
    """
    if not is_address(text):
        raise Disconnected(Problem.ADDRESS_INVALID, "the sender is no mail address")


def masked(text: str) -> str:
    """The text without who its addresses are, for logs: ``…@kabar.example``."""
    return _LOCAL_PART.sub("…@", text)


def _fill(message: EmailMessage, outgoing: Outgoing) -> None:
    names = [f"foto-{n}" for n, _ in enumerate(outgoing.images, start=1)]
    shown = [
        f"{name}: {_one_line(image.alt)}"
        for name, image in zip(names, outgoing.images, strict=True)
    ]
    below = "\n\n" + "\n".join(shown) if shown else ""
    number = f"Nomor: {outgoing.letter_number}\n\n" if outgoing.letter_number else ""
    text = number + outgoing.text.replace("\r\n", "\n").strip() + below
    message.set_content(text + "\n")
    message.add_alternative(_markup(text, outgoing.language), subtype="html")
    for name, image in zip(names, outgoing.images, strict=True):
        main, _, sub = image.media_type.partition("/")
        message.add_attachment(
            image.content,
            maintype=main,
            subtype=sub,
            filename=f"{name}.{sub.replace('jpeg', 'jpg')}",
        )


def _markup(text: str, language: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text)
    lines = (escape(part.strip()).replace("\n", "<br>\n") for part in paragraphs)
    body = "\n".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head>'
        f'<meta charset="utf-8"></head><body>\n{body}\n</body></html>\n'
    )


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=_line(name), addr_spec=address)


def _line(text: str) -> str:
    """A text that may stand in a header.

    Raises:
        ValueError: it holds a line break or another control character.
    """
    if _CONTROL.search(text):
        raise ValueError("a control character in a header")
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())
