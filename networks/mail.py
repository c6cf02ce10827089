"""E-mail: one letter to one person, through the office's own mail server.

``smtplib`` on our guarded way: the address is checked before it is connected to, the
connection is encrypted before a password leaves, a watchdog ends what drips. A letter
is handed over when the server has answered the dot after its last line; when that
answer is lost nobody can be asked, so a person decides (RFC 5321, 4.2.5 and 6.1).
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import urlsplit

from models.errors import Disconnected, GateClosed, NetworkError, Refused, Uncertain
from models.problems import Problem
from models.speech import Gate, Outgoing, Receipt
from networks.addresses import Guard
from networks.base import AccountSecret, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    MediaLimit,
    Source,
    Sure,
    TextLimit,
)
from networks.mail_letters import Letter, letter_of, must_be_address
from networks.mail_verdicts import of_code, of_failure

NAME = "mail"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Surel pers",
    icon="send",
    # the office's own bounds, not a network's: a newsroom's server takes far more
    text=TextLimit(longest=20_000, count_by=CountBy.GRAPHEMES, url_cost=0),
    media=MediaLimit(most=4, image_bytes=5 * MIB, alt_text=1_500),
    settles_by=(),  # a mailbox cannot be asked
    secrets=("username", "password", "sender"),
    shown=frozenset({"username", "sender"}),
    needs_base_url=True,
    address_form="smtp://surel.contoh.go.id:587",
    edits=Ability(
        False,
        Sure.CONFIRMED,
        Source("https://www.rfc-editor.org/rfc/rfc5321", seen="2026-11-24"),
        by_hand=False,
    ),
    deletes=Ability(
        False,
        Sure.CONFIRMED,
        Source("https://www.rfc-editor.org/rfc/rfc5321", seen="2026-11-24"),
        by_hand=False,
    ),
    source=Source("https://www.rfc-editor.org/rfc/rfc5321", seen="2026-11-24"),
    public=False,
    hears=False,
    pictures_in_call=True,
    recipients=True,
)

_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as an account names it: ``smtp`` (STARTTLS) or ``smtps`` (TLS)."""

    host: str
    port: int
    tls_at_once: bool


def server_of(address: str) -> Server:
    """Read ``smtp://host:587`` or ``smtps://host:465``.

    Raises:
        Disconnected: it names no mail server.
    """
    parts = urlsplit(address)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        port = 0
    if not parts.hostname or not port or parts.path.strip("/") or "@" in parts.netloc:
        raise Disconnected(Problem.ADDRESS_INVALID, "no smtp or smtps address")
    return Server(parts.hostname, port, parts.scheme == "smtps")


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one mail account; nothing is called yet.

    Raises:
        Disconnected: the address, the sender or a key cannot be used.
    """
    return Client(account, limits)


class Client:
    """Hands over letters to one server as one sender; a connection for each."""

    capabilities = CAPABILITIES

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        self._server = server_of(account.base_url)
        self._limits = limits
        self._guard = Guard(limits.inner_hosts)
        self._username = account.secrets.get("username", "").strip()
        self._password = account.secrets.get("password", "")
        self.sender = account.secrets.get("sender", "").strip()
        if not self._username or not self._password:
            raise Disconnected(Problem.TOKEN_REFUSED, "a key is missing")
        if any(ord(letter) < 32 for letter in self._username + self.sender):
            raise Disconnected(Problem.TOKEN_REFUSED, "a key is unusable")
        must_be_address(parseaddr(self.sender)[1])

    def whoami(self) -> str:
        """The sender's address, after the server has accepted the password."""
        with self._session():
            return parseaddr(self.sender)[1].lower()

    def close(self) -> None:
        """Nothing is kept open."""

    def send(self, outgoing: Outgoing, gate: Gate, now: datetime) -> Receipt:
        """Hand over one letter, once.

        Raises:
            GateClosed: nothing was sent. TryLater: nothing happened; only this letter
                waits where the server refused its recipient for now.
            Refused: the recipient (``RECIPIENT_REFUSED``) or the letter is refused.
            Uncertain: the connection ended after the letter had begun to leave.
        """
        letter = letter_of(outgoing, self.sender, now)
        with self._session() as smtp:
            self._begin(smtp, letter)
            gate()
            self._hand_over(smtp, letter)
        return Receipt(letter.message_id, "", now)

    def _begin(self, smtp: smtplib.SMTP, letter: Letter) -> None:
        """Name the sender and the recipient; the letter itself stays here."""
        size = [f"SIZE={len(letter.content)}"] if smtp.has_extn("size") else []
        of_code("MAIL", *smtp.mail(letter.sender, size))
        of_code("RCPT", *smtp.rcpt(letter.recipient))

    def _hand_over(self, smtp: smtplib.SMTP, letter: Letter) -> None:
        of_code("DATA", *smtp.docmd("DATA"), expected=354)
        try:
            smtp.send(letter.on_the_wire)
            code, said = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            lost = type(error).__name__
            raise Uncertain(Problem.ANSWER_LOST, lost) from None
        of_code("END", code, said)

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """A connection that has proved who it is, closed in the end."""
        smtp = _Guarded(self._guard, self._server, self._limits)
        watchdog = threading.Timer(self._limits.total.total_seconds(), smtp.cut)
        watchdog.daemon = True
        watchdog.start()
        try:
            self._open(smtp)
            yield smtp
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        except (NetworkError, GateClosed):
            raise
        except (OSError, smtplib.SMTPException) as error:
            raise of_failure(error) from None
        finally:
            watchdog.cancel()
            smtp.close()

    def _open(self, smtp: "_Guarded") -> None:
        try:
            smtp.open()
        except Refused as error:  # the address is no fault of the letter
            raise Disconnected(error.problem, error.detail) from None
        smtp.ehlo_or_helo_if_needed()
        if not self._server.tls_at_once:
            self._encrypt(smtp)
        smtp.login(self._username, self._password, initial_response_ok=False)

    def _encrypt(self, smtp: "_Guarded") -> None:
        """STARTTLS, without which no password leaves for another house."""
        if smtp.has_extn("starttls"):
            of_code("STARTTLS", *smtp.starttls(context=smtp.tls))
            smtp.ehlo()
            return
        if f"{self._server.host}:{self._server.port}" not in self._limits.inner_hosts:
            raise Disconnected(Problem.NOT_ENCRYPTED, "no STARTTLS")


class _Guarded(smtplib.SMTP):
    """``smtplib`` that connects only to checked addresses."""

    def __init__(self, guard: Guard, server: Server, limits: HttpLimits) -> None:
        super().__init__(timeout=limits.read.total_seconds(), local_hostname=_name())
        self._guard = guard
        self._server = server
        self._limits = limits
        self._host = server.host  # the name that the certificate must prove
        self.tls = ssl.create_default_context()

    def open(self) -> None:
        """Connect and read the greeting."""
        of_code("GREETING", *self.connect(self._server.host, self._server.port))

    def cut(self) -> None:
        """End whatever waits on the connection, from another thread."""
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        within = self._limits.connect.total_seconds()
        failure: OSError = ConnectionError("no address")
        for address in self._guard.addresses(host, port, within):
            try:
                sock = socket.create_connection((address, port), within)
            except OSError as error:
                failure = error
                continue
            sock.settimeout(timeout)
            return self._encrypted(sock) if self._server.tls_at_once else sock
        raise failure

    def _encrypted(self, sock: socket.socket) -> socket.socket:
        try:
            return self.tls.wrap_socket(sock, server_hostname=self._server.host)
        except OSError:
            sock.close()
            raise


def _name() -> str:
    """What we call ourselves in EHLO: no name of this machine leaves the house."""
    return "[127.0.0.1]"
