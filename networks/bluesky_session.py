"""The session of a Bluesky account: begun by an app password, then only refreshed.

A log-in is counted (30 in 5 minutes, 300 a day: C,
https://docs.bsky.app/docs/advanced-guides/rate-limits, seen 2026-11-24), so what the
server gave is kept, sealed, and used until it is over. The access token lives for
about two hours, the refresh token for about two months (S).
"""

import base64
import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

_BEFORE_THE_END = 60  # seconds; a token is not used when it is about to end


@dataclass(frozen=True, slots=True)
class Session:
    """Who we are there, and the tokens that say so."""

    did: str
    handle: str
    host: str  # address of the account's own server, without a slash at the end
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "Session | None":
        """What was kept; None when it is none."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    @classmethod
    def of(cls, told: dict[str, Any], host: str, *, moves: bool) -> "Session":
        """What a server answers to a log-in or a refresh.

        Args:
            told: the answer.
            host: where it was asked.
            moves: whether the account's own server, which the answer names, is used
                from now on; not where the office named a server itself.

        Raises:
            KeyError, TypeError, AttributeError: it is no session.
        """
        own = _server_of(told.get("didDoc")) if moves else ""
        return cls(
            did=str(told["did"]),
            handle=str(told["handle"]),
            host=own or host,
            access=str(told["accessJwt"]),
            refresh=str(told["refreshJwt"]),
        )

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    @property
    def is_over(self) -> bool:
        """Whether the access token has ended or is about to, by its own word."""
        ends = _ends(self.access)
        return ends is not None and ends - _BEFORE_THE_END <= time.time()


def _ends(token: str) -> float | None:
    """When a token ends; None when it does not say. Its seal is not ours to check."""
    try:
        middle = token.split(".")[1]
        told = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return float(told["exp"])
    except (ValueError, IndexError, KeyError, TypeError):
        return None


def _server_of(document: Any) -> str:
    """The account's own server in its document; only https is believed."""
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else ():
        if isinstance(service, dict) and service.get("id") == "#atproto_pds":
            address = str(service.get("serviceEndpoint", "")).rstrip("/")
            parts = urlsplit(address)
            if parts.scheme == "https" and parts.hostname and not parts.path:
                return address
    return ""
