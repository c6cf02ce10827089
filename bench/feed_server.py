"""Many news sites on loopback in one event loop: real HTTP for the benches of feeds.

    python -m bench.feed_server --hosts 500 --items 20

prints its port and serves ``/N`` on every address; ``/-/`` are its switches.
"""

import argparse
import asyncio
import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

LONGEST_WAIT = 120.0  # seconds a hanging host keeps a caller


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site says; ``wait`` seconds pass before."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0


Script = Callable[[str, str, Mapping[str, str]], Answer]
"""Gives the answer for an address, a path and the headers of the request."""


class FeedServer:
    """Serves one script on many addresses and one port; counts what it does.

    Attributes:
        requests: answered so far.
        sent: bytes of bodies so far.
    """

    def __init__(self, addresses: Sequence[str], script: Script) -> None:
        self.requests = 0
        self.sent = 0
        self.port = 0
        self._script = script
        self._addresses = list(addresses)
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.open(), self._loop).result(60)
        return self

    def __exit__(self, *_exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def open(self) -> None:
        """Listen on every address, on the port that the first one got."""
        for address in self._addresses:
            server = await asyncio.start_server(
                self._serve, address, self.port, backlog=512
            )
            self.port = server.sockets[0].getsockname()[1]
            self._servers.append(server)

    async def _end(self) -> None:
        """Close the doors, and end what still hangs."""
        for server in self._servers:
            server.close()
        mine = asyncio.current_task()
        left = [one for one in asyncio.all_tasks() if one is not mine]
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path, headers = _read(head)
            address = writer.get_extra_info("sockname")[0]
            answer = self._script(address, path, headers)
            if answer.wait:
                await asyncio.sleep(answer.wait)
            self.requests += 1
            self.sent += len(answer.body)
            writer.write(_written(answer))
            await writer.drain()
        except (
            ConnectionError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
        ):
            pass
        finally:
            writer.close()


def _read(head: bytes) -> tuple[str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return first.split(" ")[1], {k.strip().lower(): v.strip() for k, _, v in pairs}


def _written(answer: Answer) -> bytes:
    headers = {"content-type": "application/rss+xml", **answer.headers}
    if answer.status != 304:
        headers["content-length"] = str(len(answer.body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {answer.status} Said\r\n{lines}connection: close\r\n\r\n"
    return head.encode("latin-1") + (b"" if answer.status == 304 else answer.body)


# ------------------------------------------------- thousands of feeds for bench.collect

TEXT = "Satlantas Polres Kota Sukamaju membuka layanan SIM keliling di alun-alun. " * 6


def addresses(hosts: int) -> list[str]:
    """Addresses of loopback, 250 a network: 127.10.0.1 …"""
    return [f"127.10.{n // 250}.{n % 250 + 1}" for n in range(hosts)]


def feed_body(path: str, items: int, edition: int) -> bytes:
    """One feed; each edition has one article more on top."""
    entries = "".join(
        f"<item><title>Berita {path} nomor {n} &amp; lainnya</title>"
        f"<link>https://warta.example{path}/{n}</link><guid>{n % 24}</guid>"
        f"<pubDate>Senin, 23 November 2026 {n % 24:02}:00 WIB</pubDate>"
        f"<description>&lt;p&gt;{n} {path}. {TEXT}&lt;/p&gt;</description></item>"
        for n in range(edition + items - 1, edition - 1, -1)
    )
    whole = (
        f"<rss version='2.0'><channel><title>W{path}</title>{entries}</channel></rss>"
    )
    return whole.encode()


class _Town:
    """The script of the command line: editions, and hosts that hang."""

    def __init__(self, items: int) -> None:
        self.items = items
        self.edition = 0
        self.hanging = ""
        self.server: FeedServer | None = None

    def answer(self, address: str, path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/-/"):
            return self._switch(path)
        if address == self.hanging:
            return Answer(wait=LONGEST_WAIT)
        etag = f'"{path}-{self.edition}"'
        if headers.get("if-none-match") == etag:
            return Answer(304, headers={"etag": etag})
        return Answer(
            body=feed_body(path, self.items, self.edition), headers={"etag": etag}
        )

    def _switch(self, path: str) -> Answer:
        _, _, name, *value = path.split("/")
        if name == "edition":
            self.edition = int(value[0])
        if name == "hang":
            self.hanging = value[0]
        assert self.server
        counts = {"requests": self.server.requests, "sent": self.server.sent}
        self.server.requests -= 1  # this one
        return Answer(body=json.dumps(counts).encode())


def main() -> None:
    """Serve until standard input ends."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hosts", type=int, default=500)
    options.add_argument("--items", type=int, default=20)
    given = options.parse_args()
    town = _Town(given.items)
    with FeedServer(addresses(given.hosts), town.answer) as server:
        town.server = server
        print(server.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
