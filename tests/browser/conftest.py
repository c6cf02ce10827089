"""Debian's own Chromium on a dashboard that listens on loopback."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from cryptography.fernet import Fernet

from config.keys import Vault
from config.settings import Settings
from models.scope import OfficeScope, SystemScope
from pipeline import people
from tests.web_kit import AT, Dashboard, build
from web.app import create_app


class Served:
    """A dashboard on a loopback port, with its data."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        app = create_app(
            dashboard.store,
            Settings(),
            Vault([Fernet.generate_key().decode()]),
            now=lambda: AT,
        )
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="error", lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), daemon=True
        )

    def start(self) -> None:
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

    def link(self, login: str) -> str:
        """A one-time address that signs ``login`` in."""
        with self.dashboard.store.read(SystemScope("test")) as work:
            user = work.offices.user_by_login(login)
            assert user is not None
        scope = OfficeScope(user.office_id)
        code = people.make_link(self.dashboard.store, scope, user.id, AT)
        return f"{self.address}/masuk/tautan?kode={code}"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    running = Served(build(tmp_path))
    running.start()
    yield running
    running.stop()
    running.dashboard.store.close()


class Watched:
    """A page whose complaints are kept."""

    def __init__(self, context: Any, served: Served, login: str) -> None:
        self.complaints: list[str] = []
        self.page = context.new_page()
        self.served = served
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(served.link(login))
        self.page.get_by_role("button", name="Masuk", exact=True).click()
        self.page.wait_for_url(f"{served.address}/")

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def open(self, path: str) -> None:
        self.page.goto(self.served.address + path)
        self.page.wait_for_load_state("load")
