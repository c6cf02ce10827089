"""HTTPS: the checked address is called, and the name is what the certificate proves."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.errors import GateClosed, TryLater
from models.problems import Problem
from networks.addresses import Guard
from networks.base import HttpLimits
from networks.http import Http
from networks.wire import Call, Wire

NAME = "polres.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for NAME, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        body = self.headers["host"].encode()
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Quiet(HTTPServer):
    asked: list[str]

    def handle_error(self, *_: object) -> None:
        """A handshake that the other side breaks off is what is tested."""


@contextmanager
def secure_server(certificate: Path) -> Iterator[Quiet]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Quiet(("127.0.0.1", 0), Handler)
    server.asked = []
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def door(host: str, port: int) -> Http:
    allowed = frozenset({f"{host}:{port}"})
    limits = HttpLimits(total=timedelta(seconds=3), inner_hosts=allowed)
    return Http(limits, Guard(allowed, lambda *_: ["127.0.0.1"]))


def test_a_name_that_the_certificate_proves_is_read(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secure_server(certificate) as server:
        port = server.server_port
        answer = door(NAME, port).get(f"https://{NAME}:{port}/")
    assert answer.body == f"{NAME}:{port}".encode()


@pytest.mark.parametrize(("host", "trusted"), [("lain.example", True), (NAME, False)])
def test_a_wrong_name_or_an_unknown_issuer_is_not_spoken_to(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, host: str, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with secure_server(certificate) as server:
        port = server.server_port
        with pytest.raises(TryLater) as failed:
            door(host, port).get(f"https://{host}:{port}/rahasia?kunci=1")
        assert failed.value.problem is Problem.UNREACHABLE
        assert server.asked == []


def test_the_gate_is_asked_after_the_handshake_and_stops_every_byte(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpcore2

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def closed() -> None:
        raise GateClosed(Problem.ACCOUNT_STOPPED)

    with secure_server(certificate) as server:
        host = f"{NAME}:{server.server_port}"
        allowed = frozenset({host})
        wire = Wire(
            HttpLimits(inner_hosts=allowed), Guard(allowed, lambda *_: ["127.0.0.1"])
        )
        call = Call(
            "POST",
            httpcore2.URL(f"https://{host}/"),
            ((b"host", host.encode()), (b"content-length", b"4")),
            b"teks",
            gate=closed,
            publishes=True,
        )
        with pytest.raises(GateClosed):
            wire.exchange(call)
        assert server.asked == []
