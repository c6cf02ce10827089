"""The dashboard on a port of this machine, until somebody stops it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config.words import N_

START_WITHIN = 20  # seconds


def bind(host: str, port: int) -> socket.socket:
    """Take a port; 0 is a free one.

    Raises:
        InvalidInput: another program has it.
    """
    from models.errors import InvalidInput

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    line = socket.socket(family, socket.SOCK_STREAM)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((host, port))
    except OSError:
        line.close()
        raise InvalidInput(
            N_("Alamat atau port ini sedang dipakai. Ubah web_port di pengaturan."),
            "web_port",
        ) from None
    return line


def address_of(line: socket.socket) -> str:
    """The address to type for a port taken by :func:`bind`."""
    host, port = line.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://{shown}:{port}"


def serve(app: Any, line: socket.socket) -> None:
    """Serve in the main thread; returns on SIGINT or SIGTERM."""
    _server(app).run(sockets=[line])


@contextmanager
def serving(app: Any, line: socket.socket) -> Iterator[None]:
    """Serve in a thread while the body runs."""
    server = _server(app)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [line]}, name="web", daemon=True
    )
    thread.start()
    for _ in range(START_WITHIN * 100):
        if server.started or not thread.is_alive():
            break
        thread.join(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(5)
        line.close()


def _server(app: Any) -> Any:
    import uvicorn

    return uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            lifespan="off",
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
            timeout_graceful_shutdown=3,
        )
    )
