"""snac2 on loopback: a real ActivityPub server that speaks Mastodon's API.

It is unpacked by ``tools/snac/install.sh`` into the folder that ``KENTONGAN_TEST_SNAC``
names. It resets some keep-alive connections, so a line of ours stands before it that
opens a connection for each request, as the nginx does that its authors want there.
"""

import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.lines import Line, line_to
from tests.postgresql import _free_port

FOLDER = "KENTONGAN_TEST_SNAC"
STATUSES = "/api/v1/statuses"
START_WITHIN = 20.0  # seconds
NOWHERE = "urn:ietf:wg:oauth:2.0:oob"


def why_not() -> str:
    """Why it cannot be started here; empty when it can."""
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return f"{FOLDER} is not set: snac2 is not unpacked"
    if not (Path(folder) / "snac").exists():
        return f"{folder} is not filled: tools/snac/install.sh {folder}"
    return ""


@dataclass(frozen=True)
class Person:
    """Somebody with an account there, and a token for it."""

    server: "Snac"
    name: str
    token: str = field(repr=False)

    def read(self, path: str, **query: str) -> Any:
        return self.server.call("GET", f"{path}?{urlencode(query)}", self.token)

    def say(self, text: str, **more: str) -> Any:
        """Write a status that the test makes itself."""
        return self.server.call(
            "POST", STATUSES, self.token, urlencode({"status": text} | more).encode()
        )

    def statuses(self) -> list[dict[str, Any]]:
        """What stands on the account, newest first."""
        me = self.read("/api/v1/accounts/verify_credentials")
        found: list[dict[str, Any]] = self.read(
            f"/api/v1/accounts/{me['id']}/statuses", limit="40"
        )
        return found


@dataclass(frozen=True)
class Snac:
    """A running server, and the line before it."""

    line: Line
    data: Path

    def call(
        self, method: str, path: str, token: str = "", body: bytes | None = None
    ) -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(
            self.line.url + path, body, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.load(reply)

    def account(self, name: str) -> Person:
        """Open an account, and sign in as a person does in a browser."""
        told = _snac("adduser", str(self.data), name, said="\n\n")
        found = re.search(r"password is (\S+)", told)
        assert found is not None, told
        return Person(self, name, self._token(name, found[1]))

    def _token(self, name: str, password: str) -> str:
        asked = {"client_name": "uji", "redirect_uris": NOWHERE, "scopes": "read write"}
        app = self.call("POST", "/api/v1/apps", body=urlencode(asked).encode())
        query = urlencode(
            {
                "client_id": app["client_id"],
                "redirect_uri": NOWHERE,
                "response_type": "code",
                "scope": "read write",
            }
        )
        page = self._page(f"/oauth/authorize?{query}")
        form = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', page))
        form |= {"login": name, "passwd": password}
        action = re.search(r'action="([^"]+)"', page)
        assert action is not None, page
        shown = self._page(urlsplit(action[1]).path, urlencode(form).encode())
        given = {
            "grant_type": "authorization_code",
            "code": _code(shown),
            "client_id": app["client_id"],
            "client_secret": app["client_secret"],
            "redirect_uri": NOWHERE,
        }
        token = self.call("POST", "/oauth/token", body=urlencode(given).encode())
        return str(token["access_token"])

    def _page(self, path: str, body: bytes | None = None) -> str:
        """A page for people, or the address that it sends them to."""
        opener = urllib.request.build_opener(_Stay())
        with opener.open(self.line.url + path, body, timeout=20) as reply:
            return str(reply.headers.get("location") or reply.read().decode())


class _Stay(urllib.request.HTTPRedirectHandler):
    """Shows a redirect and does not follow it."""

    def http_error_302(self, _request: Any, answer: Any, *_: Any) -> Any:
        return answer

    http_error_301 = http_error_303 = http_error_307 = http_error_302


def _code(shown: str) -> str:
    inside = parse_qs(urlsplit(shown).query).get("code")
    if inside:
        return inside[0]
    found = re.search(r"[0-9a-f]{16,}", shown)
    assert found is not None, shown
    return found[0]


@contextmanager
def running(folder: Path) -> Iterator[Snac]:
    """Start the server with its data in ``folder``, and the line before it."""
    port, data = _free_port(), folder / "data"
    with line_to(f"http://127.0.0.1:{port}", STATUSES) as line:
        host = f"127.0.0.1:{urlsplit(line.url).port}"
        _snac("init", str(data), said=f"127.0.0.1\n{port}\n{host}\n\nadmin@s.example\n")
        settings = data / "server.json"
        told = json.loads(settings.read_text(encoding="utf-8"))
        told |= {"num_threads": 8, "protocol": "http"}
        settings.write_text(json.dumps(told), encoding="utf-8")
        process = subprocess.Popen(
            [_program(), "httpd", str(data)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(f"http://127.0.0.1:{port}")
            yield Snac(line, data)
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/api/v1/instance", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError("snac did not start")


def _program() -> str:
    return str(Path(os.environ[FOLDER]) / "snac")


def _snac(*arguments: str, said: str) -> str:
    done = subprocess.run(
        [_program(), *arguments], input=said, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr
