"""A signed webhook: the office's own website, or any program, gets each announcement.

One POST of JSON. The signature is HMAC-SHA256 over the timestamp, a dot and the body;
while a secret is changed two are in force, and each signs. ``Idempotency-Key`` is the
delivery's own key: a receiver answers a repeat with its first answer, so a lost answer
is settled by sending the same again.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from models.errors import Disconnected, NetworkError, Refused
from models.problems import Problem
from models.speech import (
    Event,
    Gate,
    Image,
    Outgoing,
    Receipt,
    Standing,
    open_gate,
)
from networks.base import AccountSecret, HttpLimits, Purse
from networks.capabilities import (
    Ability,
    Capabilities,
    CountBy,
    MediaLimit,
    Replay,
    Source,
    Sure,
    TextLimit,
)
from networks.requests_door import GuardedAdapter, Reply
from networks.verdicts import common, retry_after

NAME = "webhook"
MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    name=NAME,
    title="Webhook",
    icon="world",
    # the office's own bounds; what a receiver takes is its own affair
    text=TextLimit(longest=20_000, count_by=CountBy.GRAPHEMES, url_cost=0),
    media=MediaLimit(most=4, image_bytes=5 * MIB, alt_text=1_500),
    settles_by=(Replay(within=timedelta(hours=24)),),
    secrets=("secret",),
    needs_base_url=True,
    address_form="https://situs.contoh.go.id/kentongan",
    # our own contract: docs/networks/webhook.md
    # our own contract: an event of its own says that it is withdrawn
    edits=Ability(
        False,
        Sure.CONFIRMED,
        Source("https://www.rfc-editor.org/rfc/rfc2104", seen="2026-11-24"),
    ),
    deletes=Ability(
        True,
        Sure.CONFIRMED,
        Source("https://www.rfc-editor.org/rfc/rfc2104", seen="2026-11-24"),
    ),
    source=Source("https://www.rfc-editor.org/rfc/rfc2104", seen="2026-11-24"),
    public=False,
    hears=False,
    told=True,
    asked_by_writing=True,  # a signed ping
    pictures_in_call=True,
)

VERSION = 1
PUBLISHED, PING = "announcement.published", "ping"
WITHDRAWN = "announcement.withdrawn"
MOST_KEYS, SHORTEST_KEY = 2, 16
_GONE = frozenset({404, 405, 410})


def connect(
    account: AccountSecret,
    limits: HttpLimits,
    purse: Purse,  # noqa: ARG001 - nothing here costs money
) -> "Client":
    """Open a client for one receiver; nothing is called yet.

    Raises:
        Disconnected: the address or the secret cannot be used.
    """
    return Client(account, limits)


class Client:
    """Signs and sends to one address."""

    capabilities = CAPABILITIES

    def __init__(self, account: AccountSecret, limits: HttpLimits) -> None:
        self._keys = keys_of(account.secrets.get("secret", ""))
        self._address = account.base_url
        parts = urlsplit(self._address)
        if (
            parts.scheme not in {"https", "http"}
            or not parts.hostname
            or "@" in (parts.netloc)
        ):
            raise Disconnected(Problem.ADDRESS_INVALID, "no http or https address")
        self._host = parts.hostname
        self._door = GuardedAdapter(limits, judge, self._keys)
        self._session = self._door.session()

    def whoami(self) -> str:
        """The receiver's host, after it has taken a signed ping."""
        body = _written({"version": VERSION, "event": PING})
        with self._door.errand():
            self._post(body, hashlib.sha256(body).hexdigest()[:32])
        return self._host[:120]

    def close(self) -> None:
        """Nothing is kept open."""

    def send(self, outgoing: Outgoing, gate: Gate = open_gate) -> Receipt:
        """Send one announcement; under the same key it is the same announcement.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named.
        """
        body = _written(announcement(outgoing))
        with self._door.errand(publishes=True, gate=gate):
            answer = self._post(body, outgoing.key)
        told = _told(answer)
        url = str(told.get("url") or "")
        return Receipt(
            str(told.get("id") or outgoing.key)[:200],
            url if url.startswith(("https://", "http://")) else "",
        )

    def withdraw(self, post: Standing, gate: Gate) -> None:
        """Say that an announcement is withdrawn; said again, it is the same event.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named.
        """
        body = _written(withdrawal(post))
        with self._door.errand(publishes=True, gate=gate):
            self._post(body, hashlib.sha256(body).hexdigest()[:32])

    def tell(self, event: Event, gate: Gate) -> None:
        """Say what became of a delivery; said again, it is the same event.

        Raises:
            GateClosed, TryLater, Disconnected, Refused, Uncertain: as named.
        """
        body = _written(happened(event))
        with self._door.errand(publishes=True, gate=gate):
            self._post(body, hashlib.sha256(body).hexdigest()[:32])

    def _post(self, body: bytes, key: str) -> bytes:
        timestamp = str(int(datetime.now(UTC).timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Kentongan-Timestamp": timestamp,
            "Kentongan-Signature": signatures(self._keys, timestamp, body),
            "Idempotency-Key": key,
        }
        answer = self._session.post(self._address, data=body, headers=headers)
        return bytes(answer.content)


def keys_of(secret: str) -> tuple[str, ...]:
    """One secret, or two while it is changed: the new one, a comma, the old one.

    Raises:
        Disconnected: none, too many, or one that is too short to be one.
    """
    keys = tuple(one.strip() for one in secret.split(",") if one.strip())
    usable = all(
        len(one) >= SHORTEST_KEY and all("!" <= letter <= "~" for letter in one)
        for one in keys
    )
    if not keys or len(keys) > MOST_KEYS or not usable:
        raise Disconnected(Problem.TOKEN_REFUSED, "the secret is missing or unusable")
    return keys


def signatures(keys: tuple[str, ...], timestamp: str, body: bytes) -> str:
    """``v1=…`` for each key in force, the newest first, separated by commas."""
    signed = timestamp.encode() + b"." + body
    return ",".join(
        "v1=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
        for key in keys
    )


def announcement(outgoing: Outgoing) -> Mapping[str, Any]:
    """The body of an announcement; the same bytes at every repeat."""
    return {
        "version": VERSION,
        "event": PUBLISHED,
        "delivery": outgoing.key,
        "at": outgoing.armed_at.isoformat() if outgoing.armed_at else None,
        "language": outgoing.language,
        "title": outgoing.title,
        "text": outgoing.text,
        "media": [_media(image) for image in outgoing.images],
    }


def withdrawal(post: Standing) -> Mapping[str, Any]:
    """The body that takes an announcement back; the same bytes at every repeat."""
    return {
        "version": VERSION,
        "event": WITHDRAWN,
        "delivery": post.key,
        "id": post.receipt.remote_id,
        "at": post.asked_at.isoformat() if post.asked_at else None,
        "title": post.title,
    }


def happened(event: Event) -> Mapping[str, Any]:
    """The body of what became of a delivery; the same bytes at every repeat."""
    return {
        "version": VERSION,
        "event": event.name,
        "delivery": event.delivery,
        "announcement": event.announcement,
        "network": event.network,
        "account": event.account,
        "title": event.title,
        "url": event.url,
        "at": event.at.isoformat(),
        "cause": event.cause or None,
    }


def judge(reply: Reply) -> NetworkError | None:
    """Name the caller's next move; an address where nobody is has moved."""
    error = common(reply, retry_after(reply.headers, datetime.now(UTC)))
    if isinstance(error, Refused) and reply.status in _GONE:
        return Disconnected(Problem.ADDRESS_INVALID, error.detail)
    return error


def _media(image: Image) -> Mapping[str, Any]:
    return {
        "type": image.media_type,
        "sha256": image.sha256,
        "alt": image.alt,
        "content": base64.b64encode(image.content).decode(),
    }


def _written(values: Mapping[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _told(body: bytes) -> Mapping[str, Any]:
    """What the receiver says of it; any body, and none, is a yes."""
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
