"""A real SMTP server on loopback that does what it is told: 250, 451, 550, or nothing.

aiosmtpd speaks the protocol; its letters are kept, its moods are ours.
"""

import asyncio
import logging
import random
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

logging.getLogger("mail.log").setLevel(logging.ERROR)  # it warns of its own old names

USER, PASSWORD = "humas@sukamaju.example", "kata sandi-110"
CUT = "cut"  # end the connection instead of answering
SILENT = "silent"  # say nothing more


@dataclass
class Mood:
    """What the server answers; ``recipients`` by address, "" to go on as usual."""

    sender: str = ""
    recipients: dict[str, str] = field(default_factory=dict)
    data: str = ""  # after the whole letter has come
    auth: bool = True
    cuts: int = 0  # so many letters are taken, and the answer is lost
    hold: tuple[float, float] = (0, 0)  # seconds, between which an answer waits


@dataclass
class Post:
    """A running server and what it has accepted."""

    host: str
    port: int
    mood: Mood = field(default_factory=Mood)
    letters: list[Envelope] = field(default_factory=list)
    sessions: int = 0
    spoken: list[str] = field(default_factory=list)  # one entry a command

    @property
    def address(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"

    def read(self) -> list[EmailMessage]:
        """The letters as a mail program shows them."""
        found = []
        for envelope in self.letters:
            content = envelope.original_content or b""
            message = message_from_bytes(content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            found.append(message)
        return found

    def to(self) -> list[str]:
        """To whom, in order."""
        return [envelope.rcpt_tos[0] for envelope in self.letters]


class _Handler:
    def __init__(self, post: Post) -> None:
        self.post = post

    async def handle_EHLO(
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        self.post.sessions += 1
        return responses

    async def handle_MAIL(
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        self.post.spoken.append("MAIL")
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.post.mood.sender:
            return self.post.mood.sender
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        self.post.spoken.append("RCPT")
        answer = self.post.mood.recipients.get(address, "")
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        self.post.spoken.append("DATA")
        mood = self.post.mood
        answer = mood.data
        if mood.cuts:
            mood.cuts, answer = mood.cuts - 1, CUT
        if answer in ("", CUT, SILENT):
            self.post.letters.append(envelope)
            await asyncio.sleep(random.uniform(*mood.hold))
        if answer == SILENT:
            await asyncio.Event().wait()  # until the client goes away
        if answer == CUT:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return answer or "250 OK queued"


def _free_port() -> int:
    """The controller calls its own port to begin, so it must know it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def mail_server(certificate: Path | None = None, **options: Any) -> Iterator[Post]:
    """A server that wants a password; with a certificate it offers STARTTLS."""
    post = Post("127.0.0.1", _free_port())

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        known = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=post.mood.auth and data == known, handled=False)

    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    controller = Controller(
        _Handler(post),
        hostname=post.host,
        port=post.port,
        tls_context=context,
        require_starttls=context is not None,
        auth_required=context is not None,
        auth_require_tls=context is not None,
        authenticator=authenticate,
        **options,
    )
    controller.start()
    try:
        yield post
    finally:
        controller.stop()
