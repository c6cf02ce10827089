"""Where networks fetch pictures in ``bench.crash``: the product's signed addresses."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from config.keys import Vault
from models.errors import NotFound
from pipeline.addresses import behind
from pipeline.unit import Store, now_utc


@dataclass(frozen=True)
class Shop:
    """A small server on loopback, in place of the dashboard's ``/media/…``."""

    url: str
    server: ThreadingHTTPServer

    @classmethod
    def open(cls, store: Store, vault: Vault) -> Self:
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                _, office, sha256, end, signed = self.path.strip("/").split("/")
                signature = signed.partition(".")[0]
                given = (int(office), sha256, int(end), signature)
                try:
                    media = behind(store, vault, *given, now_utc())
                except NotFound:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("content-type", media.media_type)
                self.send_header("content-length", str(len(media.content)))
                self.end_headers()
                self.wfile.write(media.content)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return cls(f"http://127.0.0.1:{server.server_port}", server)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
