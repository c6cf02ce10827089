"""Debian's own Chromium on a dashboard that listens on loopback.

With ``KENTONGAN_TEST_PICTURES=folder`` the pages are also painted there, to be looked at.
"""

import os
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

WIDTHS, THEMES = (360, 768, 1440), ("light", "dark")
STICKS_OUT = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1)
    .slice(0, 5).map(e => e.tagName + '.' + e.className);
}"""
TOO_SMALL = """() => [...document.querySelectorAll('button, .btn, .k-nav a, summary')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 22)
  .map(e => e.outerHTML.slice(0, 90))"""
OFF_CARD = """() => [...document.querySelectorAll('.k-card > header')]
  .flatMap(head => [...head.querySelectorAll('*')].filter(e => e.offsetParent &&
    e.getBoundingClientRect().right > head.getBoundingClientRect().right + 1))
  .map(e => e.outerHTML.slice(0, 90))"""
TWICE = """() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at); }"""
NAMELESS = """() => [...document.querySelectorAll('input, select, textarea, button, a')]
  .filter(e => e.offsetParent && e.type !== 'hidden')
  .filter(e => !(e.labels && e.labels.length) && !e.getAttribute('aria-label')
               && !e.textContent.trim())
  .map(e => e.outerHTML.slice(0, 90))"""

ASKED = (STICKS_OUT, OFF_CARD, TOO_SMALL, TWICE, NAMELESS)
WRONG = f"() => [{', '.join(f'...({one})()' for one in ASKED)}]"  # one call is quicker
SHADE = """theme => { const root = document.documentElement;
  const before = root.dataset.bsTheme;
  if (theme) root.dataset.bsTheme = theme;
  return before; }"""


class Served:
    """A dashboard on a loopback port, with its data."""

    def __init__(self, dashboard: Dashboard, settings: Settings | None = None) -> None:
        self.dashboard = dashboard
        app = create_app(
            dashboard.store,
            settings or Settings(),
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


def paint(page: Any, name: str) -> None:
    """Keep a picture of the whole page, where somebody wants to look at it."""
    if folder := os.environ.get("KENTONGAN_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


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

    def whole(self, name: str) -> None:
        """Nothing of the page sticks out, is too small or has no name, at any width.

        It is looked at as it is, with what is typed in it: the window is resized.
        """
        before, shade = self.page.viewport_size, self._shade()
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 800})
            for theme in THEMES:
                self._shade(theme)
                assert self._found() == [], (name, width, theme)
                self.paint(f"{name}-{width}-{theme}")
        self._shade(shade)
        self.page.set_viewport_size(before)

    def _found(self) -> Any:
        """What is wrong once the page has settled: charts follow the window a bit later."""
        end = time.monotonic() + 2
        while (found := self.page.evaluate(WRONG)) and time.monotonic() < end:
            self.page.wait_for_timeout(100)
        return found

    def _shade(self, theme: str = "") -> str:
        """The theme that was shown; the one given is shown from now on."""
        return str(self.page.evaluate(SHADE, theme))

    def paint(self, name: str) -> None:
        paint(self.page, name)

    def open(self, path: str) -> None:
        self.page.goto(self.served.address + path)
        self.page.wait_for_load_state("load")
