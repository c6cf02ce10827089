"""A line to a server that can be cut after the server has answered."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Line:
    """A line to a server; the answer to each of the next ``cuts`` writes is lost."""

    url: str
    path: str
    cuts: int = 0
    written: list[int] = field(default_factory=list)  # the server's own answers


@contextmanager
def line_to(target: str, path: str) -> Iterator[Line]:
    """Carry everything to ``target``; writes to ``path`` are counted and can be cut."""
    place = urlsplit(target)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(length) or None
            there = HTTPConnection(str(place.hostname), place.port, timeout=20)
            kept = {k: v for k, v in self.headers.items() if k.lower() != "host"}
            there.request(self.command, self.path, body, kept)
            answer = there.getresponse()
            content = answer.read()
            there.close()
            if self.command == "POST" and self.path == line.path:
                line.written.append(answer.status)
                if line.cuts > 0:
                    line.cuts -= 1
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
            self._give(answer, content)

        do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names of http.server

        def _give(self, answer: HTTPResponse, content: bytes) -> None:
            self.send_response(answer.status)
            left_out = ("content-length", "transfer-encoding", "connection", "date")
            for name, value in answer.getheaders():
                if name.lower() not in left_out:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    line = Line(f"http://127.0.0.1:{server.server_port}", path)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
