"""One client for each account, opened when first needed and kept for an hour.

Connecting costs calls (limits, the account's own id), which some networks bill; a
client is opened afresh when its secrets changed, when it failed, and when its time is
over.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from collectors.base import Collector
from config.failures import SettingsProblem
from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.database import StorageFailed
from models.errors import TryLater
from models.hearing import HeardAccount
from models.problems import Problem
from models.scope import OfficeScope
from networks.base import AccountSecret, Client, Purse
from pipeline import wiring
from pipeline.accounts import number_of, secret_of
from pipeline.budget import DatabasePurse, load_prices
from pipeline.sessions import KeptSession
from pipeline.unit import Now, Store, now_utc
from publishers.base import Publisher

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(hours=1)  # an instance may change its limits
Connect = Callable[[AccountSecret, Settings, Purse], Client]


@dataclass(frozen=True, slots=True)
class _Kept:
    client: Client
    sealed: bytes
    until: float  # monotonic seconds


class Clients:
    """Clients of all accounts, for both directions; shared by threads."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        settings: Settings,
        *,
        connect: Connect = wiring.connect,
        now: Now = now_utc,
    ) -> None:
        self._store = store
        self._vault = vault
        self._settings = settings
        self._connect = connect
        self._now = now
        self._kept: dict[int, _Kept] = {}
        self._locks: dict[int, threading.Lock] = {}
        self._guard = threading.Lock()

    def publisher(self, account: Account) -> Publisher:
        """The publisher of an account.

        Raises:
            Disconnected, TryLater: as the network says at connect.
        """
        client = self._client(account)
        return wiring.publisher_for(account.network, client)

    def client(self, account: Account) -> Client:
        """The client of an account, shared with those who send and hear.

        Raises:
            Disconnected, TryLater: as the network says at connect.
        """
        return self._client(account)

    def open(self, account: HeardAccount) -> Collector:
        """The collector of an account.

        Raises:
            Disconnected, TryLater: as the network says at connect.
        """
        return wiring.collector_for(account.network, self._client(account))

    def forget(self, account: HeardAccount) -> None:
        """Drop the client, so that the next turn connects afresh."""
        with self._guard:
            self._kept.pop(account.account_id, None)

    def fresh(self, account: Account | HeardAccount) -> Client:
        """Another client of an account, for its caller alone, who closes it.

        It tells what the network's limits are now, and no send waits for it.

        Raises:
            Disconnected, TryLater: as the network says at connect.
        """
        client = self._connect(
            self._secret(account), self._settings, self._purse(account)
        )
        self._keep_limits(account, client)
        return client

    def close(self) -> None:
        """Release every connection."""
        with self._guard:
            kept, self._kept = list(self._kept.values()), {}
        for one in kept:
            one.client.close()

    def _client(self, account: Account | HeardAccount) -> Client:
        number = number_of(account)
        with self._lock(number):
            kept = self._kept.get(number)
            if kept and kept.sealed == account.sealed_secrets and _fresh(kept):
                return kept.client
            client = self.fresh(account)
            until = time.monotonic() + KEPT_FOR.total_seconds()
            with self._guard:
                self._kept[number] = _Kept(client, account.sealed_secrets, until)
            return client

    def _secret(self, account: Account | HeardAccount) -> AccountSecret:
        try:
            secret = secret_of(self._vault, account)
        except SettingsProblem as error:  # mended by putting the right key file back
            raise TryLater(Problem.KEY_WRONG, "; ".join(error.lines)) from None
        session = KeptSession(
            self._store,
            self._vault,
            account.office_id,
            number_of(account),
            account.sealed_secrets,
        )
        return replace(secret, session=session)

    def _keep_limits(self, account: Account | HeardAccount, client: Client) -> None:
        """Let those who write know an instance's limits as they are now."""
        if not wiring.capabilities(account.network).limits_at_connect:
            return
        limits = wiring.limits_of(client.capabilities)
        try:
            with self._store.write(OfficeScope(account.office_id)) as work:
                work.accounts.keep_limits(number_of(account), limits, self._now())
        except StorageFailed as error:  # the ones known before serve until then
            log.warning("limits_not_kept", problem=error.problem.value)

    def _lock(self, account_id: int) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(account_id, threading.Lock())

    def _purse(self, account: Account | HeardAccount) -> Purse:
        return DatabasePurse(
            self._store,
            account.office_id,
            number_of(account),
            load_prices(),
            self._now,
        )


def _fresh(kept: _Kept) -> bool:
    return time.monotonic() < kept.until
