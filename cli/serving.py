"""The dashboard on a port of this machine, until somebody stops it."""

import errno
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from config.words import N_

START_WITHIN = 20  # seconds


def bind(host: str, port: int) -> socket.socket:
    """Take a port; 0 is a free one.

    Raises:
        InvalidInput: another program has it, or this machine may not.
    """
    from models.errors import InvalidInput

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named as TCP: only then does asyncio switch the kernel's waiting for more off
    line = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        line.bind((host, port))
    except OSError as error:
        line.close()
        if error.errno == errno.EADDRINUSE:
            raise InvalidInput(
                N_("Alamat atau port ini sedang dipakai. Ubah web_port di pengaturan."),
                "web_port",
            ) from None
        raise InvalidInput(
            N_("Alamat atau port ini bukan milik komputer ini, atau terlarang."),
            "web_host",
        ) from None
    return line


def address_of(line: socket.socket) -> str:
    """The address to type for a port taken by :func:`bind`."""
    host, port = line.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def serve(app: Any, line: socket.socket) -> None:
    """Serve in the main thread, until SIGINT or SIGTERM."""
    _server(app).run(sockets=[line])


def leave_on_signals() -> None:
    """Let SIGINT and SIGTERM unwind what was begun, and end with success.

    uvicorn takes them over while it serves and raises them again when it has ended;
    with the usual handler that would kill the clock and the workers in their work.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)


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
