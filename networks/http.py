"""The one guarded door to the web: reading a page or a feed.

Only ``http`` and ``https``, public addresses, a total deadline, a size cap after
decompression, and at most five hops that are followed by hand so that each is checked.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpcore2
import httpx2

from models.errors import Refused
from models.problems import Problem
from networks.addresses import Guard
from networks.base import HttpLimits
from networks.wire import Call, Deadline, Raw, Wire

MOST_HOPS = 5
# A name or a number; what httpx2 had to escape is neither.
_HOST = re.compile(rb"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PERMANENT = frozenset({301, 308})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Headers that belong to one origin and must not follow a redirect to another one.
_PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect that was followed: from where, and with which status."""

    url: str
    status: int

    @property
    def permanent(self) -> bool:
        return self.status in _PERMANENT


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said in the end, whatever its status.

    Args:
        status: 200, 304, 404, 429 …; only failures of the transport are raised.
        headers: names in lower case; repeated ones joined by a comma.
        body: bytes after decompression, at most ``HttpLimits.max_bytes``.
        url: where the answer came from, without credentials.
        hops: the redirects on the way, in order.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    hops: tuple[Hop, ...] = ()

    @property
    def permanent_url(self) -> str | None:
        """The new address after an unbroken chain of permanent hops, else None."""
        moved = self.hops and all(hop.permanent for hop in self.hops)
        return self.url if moved else None


class Http:
    """Fetches addresses that others wrote; safe to share by threads.

    Proxies, ``.netrc`` and certificates named in the environment are not used for
    choosing where to connect: the checked address is the connected one.
    """

    def __init__(self, limits: HttpLimits, guard: Guard | None = None) -> None:
        self._limits = limits
        self._wire = Wire(limits, guard)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Read ``url``, following at most five redirects.

        Credentials in the address become basic authentication; they, and private
        headers, are dropped at the first hop to another origin.

        Raises:
            Refused: the address or its answer cannot be used (``ADDRESS_INVALID``,
                ``ADDRESS_REFUSED``, ``TOO_LARGE``, ``TOO_MANY_REDIRECTS``).
            TryLater: no usable answer now (``UNREACHABLE``, ``TOO_SLOW``).
        """
        here = parsed(url)
        carried = _carried(here, headers or {})
        deadline = self._wire.deadline()
        hops: list[Hop] = []
        while True:
            raw = self._once(here, carried, deadline)
            there = _target(here, raw)
            if there is None:
                return _answer(here, raw, hops)
            if len(hops) == MOST_HOPS:
                raise Refused(Problem.TOO_MANY_REDIRECTS, f"more than {MOST_HOPS}")
            hops.append(Hop(safe(here), raw.status))
            if _origin(there) != _origin(here):
                carried = {k: v for k, v in carried.items() if k not in _PRIVATE}
            here = there

    def _once(
        self, url: httpx2.URL, carried: Mapping[str, str], deadline: Deadline
    ) -> Raw:
        headers = {
            "host": url.netloc.decode("ascii"),
            "user-agent": self._limits.user_agent,
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "connection": "close",
            **carried,
        }
        call = Call(
            method="GET",
            url=httpcore2.URL(
                scheme=url.raw_scheme,
                host=url.raw_host,
                port=url.port,
                target=url.raw_path,
            ),
            headers=tuple((k.encode(), _latin(v)) for k, v in headers.items()),
        )
        return self._wire.exchange(call, deadline)


def parsed(url: str) -> httpx2.URL:
    """Read an address that a person or a server wrote.

    Raises:
        Refused: it is no absolute ``http`` or ``https`` address.
    """
    try:
        found = httpx2.URL(url.strip())
        known = found.scheme in {"http", "https"} and _HOST.fullmatch(found.raw_host)
    except (httpx2.InvalidURL, ValueError):
        known = False
    if not known:
        raise Refused(Problem.ADDRESS_INVALID, "no http or https address")
    return found.copy_with(fragment=None)


def safe(url: httpx2.URL) -> str:
    """Return the address without user name and password, for logs and storage."""
    return str(url.copy_with(userinfo=b""))


def _carried(url: httpx2.URL, headers: Mapping[str, str]) -> dict[str, str]:
    carried = {name.lower(): value for name, value in headers.items()}
    if url.userinfo:
        pair = unquote(url.userinfo.decode("ascii"))
        pair = pair if ":" in pair else f"{pair}:"
        token = base64.b64encode(pair.encode()).decode()
        carried.setdefault("authorization", f"Basic {token}")
    return carried


def _target(here: httpx2.URL, raw: Raw) -> httpx2.URL | None:
    location = dict(raw.headers).get("location")
    if raw.status not in _REDIRECTS or not location:
        return None
    try:
        joined = str(here.copy_with(userinfo=b"").join(location.strip()))
    except (httpx2.InvalidURL, ValueError):
        raise Refused(Problem.ADDRESS_INVALID, "redirect to no address") from None
    return parsed(joined)


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    default = 443 if url.scheme == "https" else 80
    return url.scheme, url.host.lower(), url.port or default


def _answer(url: httpx2.URL, raw: Raw, hops: list[Hop]) -> Answer:
    headers: dict[str, str] = {}
    for name, value in raw.headers:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Answer(raw.status, headers, raw.body, safe(url), tuple(hops))


def _latin(value: str) -> bytes:
    """Encode a header value; a line break in it would start another header."""
    if "\r" in value or "\n" in value:
        raise Refused(Problem.ADDRESS_INVALID, "line break in a header")
    return value.encode("latin-1", errors="replace")
