"""A sandbox in a process of its own, driven over its control API.

For a benchmark that kills processes, and for anything that must not share an
interpreter with the sandbox. What ``Site`` gives as objects comes here as JSON.
"""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

TIMEOUT = 10  # seconds
ROOT = Path(__file__).parent.parent


class RemoteError(Exception):
    """The sandbox refused an order, and said why."""


class Remote:
    """Drives a sandbox that runs at ``url``."""

    def __init__(self, url: str, process: subprocess.Popen[str] | None = None) -> None:
        self.url = url
        self.process = process

    @classmethod
    def start(cls, *arguments: str) -> Self:
        """Start ``python -m sandbox`` on a free port; see there for arguments.

        Raises:
            RemoteError: it did not start.
        """
        command = [sys.executable, "-m", "sandbox", *arguments]
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            process.wait(TIMEOUT)
            process.stdout.close()
            raise RemoteError(f"the sandbox ended with {process.returncode}")
        return cls(url, process)

    def stop(self) -> None:
        """End the process, if it is ours."""
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(TIMEOUT)
        if self.process.stdout:
            self.process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def call(self, method: str, path: str, /, body: Any = None, **query: str) -> Any:
        """Send an order to ``/_sandbox/`` and return the JSON of the answer.

        Raises:
            RemoteError: it was refused.
            OSError: the sandbox does not answer.
        """
        address = f"{self.url}/_sandbox/{path}?{urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(address, data, headers, method=method)  # noqa: S310 - http
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - http
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise RemoteError(error.read().decode()) from None

    def add_account(self, network: str, handle: str, name: str = "") -> dict[str, str]:
        """Open an office's account; its tokens stand beside id, handle and name."""
        body = {"network": network, "handle": handle, "name": name}
        account: dict[str, str] = self.call("POST", "accounts", body)
        return account

    def posts(self, handle: str = "", network: str = "") -> list[dict[str, Any]]:
        """What stands, oldest first."""
        found: list[dict[str, Any]] = self.call(
            "GET", "posts", handle=handle, network=network
        )
        return found

    def write(
        self, network: str, handle: str, text: str, **more: Any
    ) -> dict[str, Any]:
        """A citizen writes; ``reply_to``, ``name`` and ``at`` as in ``Site``."""
        body = {"network": network, "handle": handle, "text": text, **more}
        post: dict[str, Any] = self.call("POST", "posts", body)
        return post

    def publish_article(self, feed: str, title: str, text: str) -> dict[str, Any]:
        """An article appears in a feed."""
        article: dict[str, Any] = self.call(
            "POST", "articles", {"feed": feed, "title": title, "text": text}
        )
        return article

    def fault(self, kind: str, path: str = "*", **options: Any) -> None:
        """Order a fault; the options are those of ``sandbox.faults.Fault``."""
        self.call("POST", "faults", {"kind": kind, "path": path, **options})

    def hold(self, low_ms: float, high_ms: float, *, store_first: bool = True) -> None:
        """Every answer to a write waits; the post stands before or after the wait."""
        body = {"low_ms": low_ms, "high_ms": high_ms, "store_first": store_first}
        self.call("PUT", "hold", body)

    def rules(self, **limits: Any) -> None:
        """Change limits by the names of ``sandbox.world.Rules``."""
        self.call("PUT", "rules", limits)

    def forward(self, seconds: float) -> None:
        """The network's clock goes forward: keys expire, rates begin anew."""
        self.call("POST", "clock", {"forward_s": seconds})

    def requests(self, method: str = "", path: str = "*") -> list[dict[str, Any]]:
        """The requests received, oldest first."""
        found: list[dict[str, Any]] = self.call(
            "GET", "requests", method=method, path=path
        )
        return found

    def reset(self) -> None:
        """Begin again, empty."""
        self.call("POST", "reset")
