"""OAuth 1.0a signatures, checked as X checks them (RFC 5849, HMAC-SHA1)."""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

HOSTS = (
    "https://api.twitter.com",
    "https://api.x.com",
    "https://upload.twitter.com",
    "https://upload.x.com",
)
CLOCK_SKEW = 300  # seconds a timestamp may be off
_PAIR = re.compile(r'\s*([\w.~%-]+)="([^"]*)"\s*(?:,|$)')


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as its signature covers it."""

    method: str
    path: str  # as it stands on the wire, still percent-encoded
    query: str
    form: str  # body of a urlencoded form, else empty


def parse_header(header: str) -> dict[str, str]:
    """The parameters of an ``Authorization: OAuth …`` header; empty if it is none."""
    scheme, _, rest = header.partition(" ")
    if scheme.casefold() != "oauth":
        return {}
    return {unquote(name): unquote(value) for name, value in _PAIR.findall(rest)}


def is_valid(
    request: Signed,
    header: Mapping[str, str],
    consumer_secret: str,
    token_secret: str,
    own_url: str,
) -> bool:
    """Whether the signature is right for one of the hosts it may be made for.

    The client signs for the real host and sends here, so the real hosts count as
    well as ``own_url``.
    """
    if header.get("oauth_signature_method") != "HMAC-SHA1":
        return False
    given = header.get("oauth_signature", "")
    key = f"{_escape(consumer_secret)}&{_escape(token_secret)}".encode()
    return any(
        hmac.compare_digest(given, _signature(request, header, host, key))
        for host in (*HOSTS, own_url)
    )


def is_fresh(header: Mapping[str, str], now: float | None = None) -> bool:
    """Whether the timestamp is near; X refuses the others with 401."""
    stamp = header.get("oauth_timestamp", "")
    if not stamp.isdigit():
        return False
    return abs((now or time.time()) - int(stamp)) <= CLOCK_SKEW


def _signature(
    request: Signed, header: Mapping[str, str], host: str, key: bytes
) -> str:
    oauth = ((n, v) for n, v in header.items() if n not in ("oauth_signature", "realm"))
    query = parse_qsl(request.query, keep_blank_values=True)
    form = parse_qsl(request.form, keep_blank_values=True)
    base = "&".join(
        (
            request.method.upper(),
            _escape(host + request.path),
            _escape(_parameters([*oauth, *query, *form])),
        )
    )
    digest = hmac.new(key, base.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _parameters(pairs: Iterable[tuple[str, str]]) -> str:
    escaped = sorted((_escape(name), _escape(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in escaped)


def _escape(text: str) -> str:
    return quote(text, safe="-._~")
