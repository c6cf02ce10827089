"""A crowd at the public pages must not stand before the desk's own.

Nobody signs in on them, so anybody can ask as often as a machine can. A process answers
so many of those requests a second; the rest get a short answer before anything is read
or looked up. One network address may hand in a few slips; who it was is forgotten with
the process. Beyond that :mod:`pipeline.suggestions` counts what is stored.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.people import network_of
from pipeline.suggestions import NotTaken, Turned

PUBLIC = "/usul"
A_SECOND = 10.0  # requests of one process
AT_ONCE = 40.0  # after a quiet time
SLIPS_AT_ONCE = 6.0  # of one address: a family at one telephone
SLIPS_A_SECOND = 10 / 3600
MOST_ADDRESSES = 10_000
REFUSAL = (
    b"<!doctype html><html lang=id><meta charset=utf-8>"
    b'<meta name=viewport content="width=device-width">'
    b"<title>Sedang ramai</title><p>Sedang ramai. Coba lagi sebentar lagi."
    b"<p lang=en>Too many people at once. Please try again in a moment."
)


@dataclass
class Bucket:
    """Tokens that come back with time."""

    left: float
    at: float

    def take(self, now: float, most: float, a_second: float) -> bool:
        self.left = min(most, self.left + (now - self.at) * a_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Visitors:
    """How many slips each address handed in, as long as the process remembers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def count(self, address: str) -> None:
        """One more slip comes from there.

        Raises:
            NotTaken: too many for now.
        """
        key, now = network_of(address), self._clock()
        with self._lock:
            bucket = self._buckets.pop(key, None) or Bucket(SLIPS_AT_ONCE, now)
            self._buckets[key] = bucket
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
            taken = bucket.take(now, SLIPS_AT_ONCE, SLIPS_A_SECOND)
        if not taken:
            raise NotTaken(Turned.FULL)


class Crowd:
    """ASGI middleware, before all others."""

    def __init__(
        self, app: ASGIApp, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._clock = clock
        self._bucket = Bucket(AT_ONCE, clock())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or not scope["path"].startswith(PUBLIC)
            or self._bucket.take(self._clock(), AT_ONCE, A_SECOND)
        ):
            await self._app(scope, receive, send)
            return
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(REFUSAL)).encode()),
            (b"retry-after", b"30"),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
            (b"content-security-policy", b"default-src 'none'"),
            (b"x-content-type-options", b"nosniff"),
        ]
        start = {"type": "http.response.start", "status": 429, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": REFUSAL})
