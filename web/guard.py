"""What every answer carries, and what every write must prove.

A write is accepted only from our own pages: the browser says so in ``Sec-Fetch-Site``,
older ones in ``Origin``. A request that says neither is not a browser on our page.
Programs write below ``/api/``, where no cookie is read.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 12 * 1024 * 1024  # bytes; a picture and its form
API = "/api/"  # for programs, by a token and never by a cookie
_LARGEST_CALL = 64 * 1024
_FORM = "multipart/form-data"  # the only one whose files are not kept in memory
_WITH_FILMS = re.compile(r"/tulis(/\d+)?")
"""Where a video may come; who is not signed in has nothing of it read."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
POLICY = (
    "default-src 'self'; "
    "img-src 'self' data:; "  # Tabler draws the arrows of its fields as data
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class BodyTooLarge(HTTPException):
    """More came than a body may hold; of a class that form parsers let through."""

    def __init__(self) -> None:
        super().__init__(413)


class Guard:
    """ASGI middleware: headers on every answer, the check on every write."""

    def __init__(
        self,
        app: ASGIApp,
        refuse: ASGIApp,
        public_url: str = "",
        largest_film: int = 0,
    ) -> None:
        self._app = app
        self._refuse = refuse
        self._largest_film = largest_film
        self._public = _origin(public_url) if public_url else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        status = self._verdict(scope)
        if status is None:
            await self._app(scope, _limited(receive, self._most(scope)), sending)
            return
        scope.setdefault("state", {})["refused"] = status
        await self._refuse(scope, receive, sending)

    def _verdict(self, scope: Scope) -> int | None:
        if scope["method"] in _SAFE:
            return None
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._most(scope):
            return 413
        if scope["path"].startswith(API):
            return None
        return None if self._is_ours(headers) else 403

    def _most(self, scope: Scope) -> int:
        """The largest body, in bytes, that may come to an address."""
        if scope["path"].startswith(API):
            return _LARGEST_CALL
        kind = Headers(scope=scope).get("content-type", "")
        films = _WITH_FILMS.fullmatch(scope["path"]) and kind.startswith(_FORM)
        return LARGEST_BODY + (self._largest_film if films else 0)

    def _is_ours(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            return False
        origin = headers.get("origin")
        if origin is None:
            return site == "same-origin"
        found = _origin(origin)
        return found is not None and found in (
            self._public,
            _origin(f"{urlsplit(origin).scheme}://{headers.get('host', '')}"),
        )


def _origin(address: str) -> tuple[str, str, int] | None:
    parts = urlsplit(address)
    try:
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (KeyError, ValueError):
        return None
    return (parts.scheme, parts.hostname or "", port) if parts.hostname else None


def _limited(receive: Receive, most: int) -> Receive:
    """Stop a body that is longer than it said."""
    seen = 0

    async def counting() -> Any:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise BodyTooLarge
        return message

    return counting
