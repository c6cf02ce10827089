"""Calls to Bluesky's servers in one session: begun, kept, refreshed, begun anew."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from models.errors import Disconnected
from models.speech import Gate, open_gate
from networks.base import AccountSecret, HttpLimits
from networks.bluesky_session import Session
from networks.bluesky_verdicts import Stale, judge
from networks.requests_door import GuardedAdapter, usable_secrets
from networks.wire import Body

HOST = "https://bsky.social"
_LOG_IN = "com.atproto.server.createSession"
_REFRESH = "com.atproto.server.refreshSession"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """One call: what it is named, and what goes with it."""

    method: str
    name: str
    query: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    content: bytes | Body = b""
    media_type: str = ""


class Xrpc:
    """Makes the calls of one account; shared by threads.

    Args:
        account: its ``base_url`` is the account's own server, or empty.
        limits: times and sizes of every call.
        names: of the two secrets: who, and the app password.

    Raises:
        Disconnected: a secret is missing or cannot be one.
    """

    def __init__(
        self, account: AccountSecret, limits: HttpLimits, names: Sequence[str]
    ) -> None:
        secrets = usable_secrets(account, names)
        self._who, self._password = (secrets[name] for name in names)
        self._kept = account.session
        self._named = account.base_url.rstrip("/")
        self._door = GuardedAdapter(limits, judge, secrets.values())
        self._http = self._door.session()
        self._http.headers.clear()
        self._lock = threading.Lock()
        self._open: Session | None = None

    def close(self) -> None:
        """Release what the session holds."""
        self._http.close()

    def call(
        self,
        ask: Ask,
        read: Callable[[Any], T],
        gate: Gate = open_gate,
        *,
        publishes: bool = False,
    ) -> T:
        """Make one call in the session; once more when the session was over."""
        session = self.session()
        try:
            return self._once(ask, session, read, gate, publishes=publishes)
        except Stale:  # nothing was done
            session = self.session(instead_of=session)
            return self._once(ask, session, read, gate, publishes=publishes)

    def _once(
        self,
        ask: Ask,
        session: Session,
        read: Callable[[Any], T],
        gate: Gate = open_gate,
        *,
        publishes: bool = False,
    ) -> T:
        with self._door.errand(publishes=publishes, gate=gate):
            return read(self._sent(ask, session.host, session.access))

    def _sent(self, ask: Ask, host: str, token: str = "") -> Any:
        headers = {"accept": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        if ask.content:
            headers["content-type"] = ask.media_type
        answer = self._http.request(
            ask.method,
            f"{host}/xrpc/{ask.name}",
            params=dict(ask.query or {}),
            json=None if ask.body is None else dict(ask.body),
            data=ask.content or None,
            headers=headers,
        )
        return answer.json() if answer.content else None

    # the session

    def session(self, instead_of: Session | None = None) -> Session:
        """The open session; a kept one, a refreshed one, or a new one.

        Args:
            instead_of: a session that the server says is over.

        Raises:
            Disconnected, TryLater: as named.
        """
        with self._lock:
            if self._open is None:
                self._open = Session.read(self._kept.read())
                self._hide(self._open)
            here = self._open
            if here is None or here.is_over or here == instead_of:
                self._open = here = self._renewed(here)
                self._hide(here)
                self._kept.keep(str(here))
            return here

    def _renewed(self, old: Session | None) -> Session:
        """A refreshed session; a new one by the app password where that is over."""
        if old is not None:
            with suppress(Disconnected):
                return self._begun(Ask("POST", _REFRESH), old.host, old.refresh)
        body = {"identifier": self._who, "password": self._password}
        return self._begun(Ask("POST", _LOG_IN, body=body), self._named or HOST)

    def _begun(self, ask: Ask, host: str, token: str = "") -> Session:
        with self._door.errand():
            told = self._sent(ask, host, token)
            return Session.of(told, host, moves=not self._named)

    def _hide(self, session: Session | None) -> None:
        if session is not None:
            self._door.hide(session.access, session.refresh)
