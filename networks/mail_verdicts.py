"""What a mail server's answers mean (RFC 5321, 4.2; enhanced codes RFC 3463).

No address of a person stands in a detail: it ends in logs and on pages.
"""

import smtplib
import ssl
from datetime import timedelta

from models.errors import Disconnected, NetworkError, Refused, TryLater
from models.problems import Problem
from networks.mail_letters import masked

_SAID = 200  # characters of an answer that are kept for the log
_CLOSING = 421  # the server goes away, whatever was asked
_SENDER_POLICY = (b"5.7.", b"5.1.7", b"5.1.8")  # not this recipient's fault
_TOO_LARGE = 552
GREYLISTED = timedelta(minutes=10)  # servers that put off strangers let them in then


def of_code(step: str, code: int, said: bytes, *, expected: int = 0) -> None:
    """Judge the answer to one step.

    Raises:
        TryLater: 4xx: nothing happened. Of a recipient or a letter, only that waits.
        Disconnected: the server refuses us. Refused: it refuses the recipient
            (``RECIPIENT_REFUSED``) or the letter.
    """
    if (200 <= code < 300 and not expected) or code == expected:
        return
    detail = f"{code} {_words(said)}"
    if code == _CLOSING or step in {"GREETING", "STARTTLS"} or code < 400:
        raise TryLater(Problem.SERVER_FAILED, detail)
    if code < 500:
        raise TryLater(Problem.PUT_OFF, detail, wait=GREYLISTED, alone=True)
    raise _refused(step, code, said, detail)


def _refused(step: str, code: int, said: bytes, detail: str) -> NetworkError:
    if step == "MAIL" and code != _TOO_LARGE:
        return Disconnected(Problem.SCOPE_MISSING, detail)  # not as this sender
    if step == "RCPT" and not said.startswith(_SENDER_POLICY):
        return Refused(Problem.RECIPIENT_REFUSED, detail)
    return Refused(Problem.CONTENT_REFUSED, detail)


def of_failure(error: Exception) -> NetworkError:
    """Name the caller's next move after a failure before the letter began to leave."""
    match error:
        case smtplib.SMTPAuthenticationError():
            detail = f"{error.smtp_code} {_words(_bytes(error.smtp_error))}"
            if error.smtp_code < 500:
                return TryLater(Problem.SERVER_FAILED, detail)
            return Disconnected(Problem.TOKEN_REFUSED, detail)
        case smtplib.SMTPNotSupportedError():
            return Disconnected(Problem.TOKEN_REFUSED, "no AUTH that we know")
        case ssl.SSLError():
            return Disconnected(Problem.NOT_ENCRYPTED, type(error).__name__)
        case smtplib.SMTPResponseException():
            detail = f"{error.smtp_code} {_words(_bytes(error.smtp_error))}"
            return TryLater(Problem.SERVER_FAILED, detail)
    return TryLater(Problem.UNREACHABLE, type(error).__name__)


def _words(said: bytes) -> str:
    text = " ".join(said.decode("utf-8", "replace").split())
    plain = "".join(letter for letter in text if letter.isprintable())
    return masked(plain)[:_SAID]


def _bytes(said: bytes | str) -> bytes:
    return said if isinstance(said, bytes) else said.encode()
