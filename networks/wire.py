"""One HTTP exchange: guarded address, total deadline, size cap, and the last look.

Every exchange opens its own connection. A kept-alive one may have been closed by the
other side in the meantime, which would turn a harmless close into an uncertain send.
"""

import contextlib
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpcore2

from models.errors import (
    GateClosed,
    NetworkError,
    Refused,
    TryLater,
    Unanswered,
    Uncertain,
)
from models.problems import Problem
from models.speech import Gate
from networks.addresses import Guard
from networks.base import HttpLimits

SLOWEST = 256 * 1024
"""Bytes a second that a line must carry, else a large upload takes too long."""

_CHUNK = 64 * 1024
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it came: status, headers in order, body after decompression."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A large body, read in pieces while it is sent; never whole in memory.

    The length is told ahead, so until its last piece has left nobody can have taken the
    request for whole: a line that breaks before did nothing.
    """

    length: int
    pieces: Callable[[], Iterator[bytes]]

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[bytes]:
        return self.pieces()


@dataclass(frozen=True, slots=True)
class Call:
    """One request, complete.

    ``gate`` is the last look: before the first byte leaves, or of a :class:`Body`
    before its last piece does. ``publishes`` says whether a lost answer leaves
    something in public.
    """

    method: str
    url: httpcore2.URL
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes | Body = b""
    gate: Gate | None = None
    publishes: bool = False


class Wire:
    """Makes single exchanges under one set of limits; safe to share by threads."""

    def __init__(self, limits: HttpLimits, guard: Guard | None = None) -> None:
        self.limits = limits
        self._guard = guard or Guard(limits.inner_hosts)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpcore2.default_ssl_context()

    def deadline(self, upload: int = 0) -> "Deadline":
        """Start the clock of one call with all its hops.

        Args:
            upload: bytes of a large body, which take their own time.
        """
        return Deadline(self.limits.total.total_seconds() + upload / SLOWEST)

    def exchange(self, call: Call, deadline: "Deadline | None" = None) -> Raw:
        """Send ``call`` once and read its answer to the end.

        Raises:
            GateClosed: the gate said no; nothing was sent.
            TryLater: nothing happened.
            Unanswered: a call that publishes nothing left, and its answer is lost.
            Refused: the address may not be reached or the answer is too large.
            Uncertain: a publishing call may have arrived and its answer is lost.
        """
        large = len(call.body) if isinstance(call.body, Body) else 0
        trip = _Trip(
            self._guard,
            deadline or self.deadline(large),
            call.gate,
            by_pieces=isinstance(call.body, Body),
        )
        try:
            return _whole(self._read(call, trip), call, trip)
        except GateClosed:
            raise
        except NetworkError as error:
            if call.publishes and trip.sent:
                raise Uncertain(Problem.ANSWER_LOST, error.detail) from None
            raise
        except (*_TIMEOUTS, *_FAILURES, zlib.error) as error:
            raise _translated(error, call, trip) from None

    def _read(self, call: Call, trip: "_Trip") -> Raw:
        timeouts = {
            "connect": self.limits.connect.total_seconds(),
            "read": self.limits.read.total_seconds(),
            "write": self.limits.read.total_seconds(),
        }
        request = httpcore2.Request(
            method=call.method,
            url=call.url,
            headers=list(call.headers),
            content=_held(call.body, trip)
            if isinstance(call.body, Body)
            else call.body,
            extensions={"timeout": timeouts},
        )
        pool = httpcore2.ConnectionPool(
            ssl_context=self._tls if call.url.scheme == b"https" else None,
            network_backend=trip,
            max_keepalive_connections=0,
        )
        with pool, contextlib.closing(pool.handle_request(request)) as response:
            headers = tuple(
                (name.decode("ascii").lower(), value.decode("latin-1").strip())
                for name, value in response.headers
            )
            encoding = dict(headers).get("content-encoding", "")
            chunks = decompressed(response.iter_stream(), encoding)
            body = _collected(chunks, self.limits.max_bytes)
            reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        return Raw(response.status, reason, headers, body)


def _whole(raw: Raw, call: Call, trip: "_Trip") -> Raw:
    """An answer to the whole request; a refusal may come before its end."""
    if call.publishes and not trip.sent and raw.status < 400:
        raise Uncertain(Problem.ANSWER_LOST, f"{raw.status} before all was sent")
    return raw


def _held(body: Body, trip: "_Trip") -> Iterator[bytes]:
    """The pieces of a large body; the last one leaves after the last look."""
    last, sent = b"", 0
    for piece in body:
        if last:
            yield last
        last, sent = piece, sent + len(piece)
    if sent != body.length:
        raise TryLater(Problem.OUR_FAULT, f"a body of {sent} bytes, not {body.length}")
    trip.about_to_end()
    yield last


_TIMEOUTS = (httpcore2.TimeoutException,)
_FAILURES = (
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


def _translated(error: Exception, call: Call, trip: "_Trip") -> NetworkError:
    """Name the caller's next move; the detail holds no address and no header."""
    detail = type(error).__name__
    if not trip.sent:
        return TryLater(Problem.UNREACHABLE, detail)
    if call.publishes:
        return Uncertain(Problem.ANSWER_LOST, detail)
    slow = isinstance(error, _TIMEOUTS)
    return Unanswered(Problem.TOO_SLOW if slow else Problem.UNREACHABLE, detail)


def _collected(chunks: Iterable[bytes], most: int) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise Refused(Problem.TOO_LARGE, f"more than {most} bytes")
    return bytes(body)


def decompressed(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the plain bytes of a gzip, deflate or identity body in small pieces.

    A small body may hold gigabytes of zeros, so at most 64 KiB come out at a time.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        yield from chunks
    elif name in {"gzip", "x-gzip", "deflate"}:
        yield from _inflated(chunks)
    else:
        raise Refused(Problem.FEED_UNREADABLE, "unknown content-encoding")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater = None
    for chunk in chunks:
        data = chunk
        while data:
            if inflater is None:
                inflater = zlib.decompressobj(_window_bits(data))
            elif inflater.eof:  # another gzip member, or padding that nobody reads
                if data[:2] not in {_GZIP, _GZIP[:1]}:
                    return
                inflater = zlib.decompressobj(_window_bits(data))
            yield inflater.decompress(data, _CHUNK)
            data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
    if inflater is not None and not inflater.eof:
        yield inflater.flush()
        if not inflater.eof:
            raise zlib.error("the body ends too early")


def _window_bits(start: bytes) -> int:
    """Tell gzip and zlib from the raw deflate that some servers send."""
    gzip_or_zlib = start[:1] == _GZIP[:1] or start[0] & 0x0F == 8
    return zlib.MAX_WBITS | 32 if gzip_or_zlib else -zlib.MAX_WBITS


class Deadline:
    """A monotonic end of a call: a slow drip cannot push it back."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, timeout: float | None) -> float:
        """Return the seconds a single step may take.

        Raises:
            httpcore2.ReadTimeout: the call's time is over.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the total deadline has passed")
        return left if timeout is None else min(left, timeout)


class _Trip(httpcore2.NetworkBackend):
    """The network as one exchange sees it; knows whether the request may have left.

    Of a body by pieces it has left only with the last one.
    """

    def __init__(
        self,
        guard: Guard,
        deadline: Deadline,
        gate: Gate | None,
        *,
        by_pieces: bool = False,
    ) -> None:
        self.deadline = deadline
        self.sent = False
        self._guard = guard
        self._gate = gate
        self._by_pieces = by_pieces

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = httpcore2.ConnectError("no address")
        found = self._guard.addresses(host, port, self.deadline.left(timeout))
        for address in found:
            try:
                stream = httpcore2.SyncBackend().connect_tcp(
                    address,
                    port,
                    self.deadline.left(timeout),
                    local_address,
                    socket_options,
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self)
        raise failure

    def about_to_send(self) -> None:
        """Let the gate have the last look, once, before the first byte."""
        if not self._by_pieces:
            self.about_to_end()

    def about_to_end(self) -> None:
        """Let the gate have the last look, once, before the request can be whole."""
        if not self.sent and self._gate is not None:
            self._gate()
        self.sent = True


class _Stream(httpcore2.NetworkStream):
    """A connection whose every step ends with the call's deadline."""

    def __init__(self, stream: httpcore2.NetworkStream, trip: _Trip) -> None:
        self._stream = stream
        self._trip = trip

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._trip.deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:
            return
        left = self._trip.deadline.left(timeout)
        self._trip.about_to_send()
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = self._trip.deadline.left(timeout)
        stream = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(stream, self._trip)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
