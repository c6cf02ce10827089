"""The outermost layer of the server: writes the log, holds answers, breaks the line."""

import asyncio
import json
import re
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.faults import Fault, FaultKind, Faults
from sandbox.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

TRANSPORT = "sandbox.transport"
OWN_PATHS = "/_sandbox"  # neither logged nor broken
_TOKEN = re.compile(r"^/bot[^/]+")  # Telegram has the token in the path


@dataclass(slots=True)
class Answer:
    """A whole answer, kept back until it is decided how it travels."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    async def collect(self, message: Message) -> None:
        """Stand in for the server's ``send``."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = list(message.get("headers", []))
        else:
            self.body += message.get("body", b"")


class Wire:
    """An ASGI layer around the whole site."""

    def __init__(self, app: App, world: World) -> None:
        self.app = app
        self.world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or path.startswith(OWN_PATHS):
            await self.app(scope, receive, send)
            return
        method = scope["method"]
        headers = {
            n.decode("latin-1"): v.decode("latin-1") for n, v in scope["headers"]
        }
        query = scope["query_string"].decode("latin-1")
        shown = _TOKEN.sub("/bot***", path)
        entry = self.world.log.begin(method, shown, query, headers)
        fault = self.world.faults.take(method, path)
        if fault is None or fault.kind is not FaultKind.RESET_BEFORE:
            whole = await _whole(receive)
            if whole is None:
                return  # the sender went away inside its request: nothing came in
            receive = whole
        if fault is None:
            answer = await self._held(scope, receive)
            self.world.log.finish(entry, answer.status)
            await _give(answer, send)
            return
        entry.fault = fault.kind.value
        answered = await self._broken(fault, scope, receive, send)
        self.world.log.finish(entry, answered)

    async def _held(self, scope: Scope, receive: Receive) -> Answer:
        """Run the site, with the hold before or after it."""
        hold = self.world.hold
        wait = hold.seconds(scope["method"])
        if wait and not hold.store_first:
            await asyncio.sleep(wait)
        answer = await self._run(scope, receive)
        if wait and hold.store_first:
            await asyncio.sleep(wait)
        return answer

    async def _run(self, scope: Scope, receive: Receive) -> Answer:
        answer = Answer()
        await self.app(scope, receive, answer.collect)
        return answer

    async def _broken(
        self, fault: Fault, scope: Scope, receive: Receive, send: Send
    ) -> int | None:
        """Let the request meet the fault; return the status that went out, if any."""
        transport: asyncio.Transport = scope[TRANSPORT]
        match fault.kind:
            case FaultKind.ANSWER:
                await _give(ordered(fault, scope["path"]), send)
                return fault.status
            case FaultKind.RESET_BEFORE:
                reset_line(transport)
            case FaultKind.HANG_BEFORE:
                pass
            case _:
                answer = await self._held(scope, receive)
                status = await _after_acceptance(fault, answer, scope, send)
                if status:
                    return status
        await _until_gone(receive)
        return None


async def _after_acceptance(
    fault: Fault, answer: Answer, scope: Scope, send: Send
) -> int | None:
    transport: asyncio.Transport = scope[TRANSPORT]
    match fault.kind:
        case FaultKind.ANSWER_AFTER:
            await _give(ordered(fault, scope["path"]), send)
            return fault.status
        case FaultKind.DRIP:
            await _drip(answer, send, transport, fault.pause_ms / 1000)
            return answer.status
        case FaultKind.TRUNCATE:
            await _start(answer, send)
            half = answer.body[: len(answer.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
            close_line(transport, reset=fault.reset)
        case FaultKind.CUT:
            close_line(transport, reset=fault.reset)
        case _:
            pass  # hang: never a word
    return None


def ordered(fault: Fault, path: str) -> Answer:
    """The answer that a fault asks for, in the network's own words."""
    phrase = HTTPStatus(fault.status).phrase
    if fault.body is not None:
        text, media_type = fault.body, "text/plain; charset=utf-8"
    elif path.startswith("/2/"):
        problem = {"title": phrase, "detail": phrase, "type": "about:blank"}
        text = json.dumps(problem | {"status": fault.status})
        media_type = "application/problem+json"
    elif path.startswith("/xrpc/"):
        failed = {"error": phrase.replace(" ", ""), "message": phrase}
        text, media_type = json.dumps(failed), "application/json"
    elif path.startswith(("/api/", "/oauth/")):
        text, media_type = json.dumps({"error": phrase}), "application/json"
    elif path.startswith(("/v24.0/", "/v23.0/", "/v1.0/")):
        error = {"message": phrase, "type": "OAuthException"}
        text, media_type = json.dumps({"error": error}), "application/json"
    elif path.startswith("/bot"):
        said = {"ok": False, "error_code": fault.status, "description": phrase}
        text, media_type = json.dumps(said), "application/json"
    else:
        text, media_type = phrase, "text/plain; charset=utf-8"
    headers = {"content-type": media_type} | dict(fault.headers)
    encoded = [
        (name.lower().encode(), str(value).encode()) for name, value in headers.items()
    ]
    body = text.encode()
    encoded.append((b"content-length", str(len(body)).encode()))
    return Answer(fault.status, encoded, body)


async def _start(answer: Answer, send: Send) -> None:
    headers = [pair for pair in answer.headers if pair[0] != b"content-length"]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": headers if answer.status not in (204, 304) else answer.headers,
        }
    )


async def _give(answer: Answer, send: Send) -> None:
    await _start(answer, send)
    await send({"type": "http.response.body", "body": answer.body})


async def _drip(
    answer: Answer, send: Send, transport: asyncio.Transport, pause: float
) -> None:
    await _start(answer, send)
    for place in range(len(answer.body)):
        if transport.is_closing():
            return
        byte = answer.body[place : place + 1]
        await send({"type": "http.response.body", "body": byte, "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b""})


async def _whole(receive: Receive) -> Receive | None:
    """Read the request to its end; from then on losing the sender changes nothing.

    Returns:
        A ``receive`` that gives the whole body first; None when the sender left.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


async def _until_gone(receive: Receive) -> None:
    """Wait until the other side has closed, reading what it still sends."""
    while (await receive())["type"] != "http.disconnect":
        pass


def close_line(transport: asyncio.Transport, *, reset: bool) -> None:
    """End the connection: after what was written (FIN), or at once (RST)."""
    if reset:
        reset_line(transport)
    else:
        transport.close()


def reset_line(transport: asyncio.Transport) -> None:
    """Send RST instead of FIN."""
    line: socket.socket = transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def protocol_for(faults: Faults) -> type[asyncio.Protocol]:
    """Uvicorn's own HTTP protocol, which also lets the site have the connection."""

    class WireProtocol(H11Protocol):
        def connection_made(  # type: ignore[override]
            self, transport: asyncio.Transport
        ) -> None:
            super().connection_made(transport)
            inner: Any = self.app

            async def with_transport(scope: Any, receive: Any, send: Any) -> None:
                scope[TRANSPORT] = transport
                await inner(scope, receive, send)

            self.app = with_transport
            if faults.take_connection():
                reset_line(transport)

        def shutdown(self) -> None:
            """The server stops: lines that hang are not waited for."""
            self.transport.abort()

    return WireProtocol
