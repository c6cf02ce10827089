"""Clients of accounts: connected once, kept a while, opened anew when they must be."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from config.keys import Vault
from config.settings import Settings
from models.errors import Disconnected, TryLater
from models.hearing import HeardAccount
from models.problems import Problem
from models.scope import OfficeScope
from networks.base import AccountSecret, Purse
from networks.capabilities import Capabilities
from networks.mastodon import CAPABILITIES, with_limits
from pipeline import wiring
from pipeline.clients import Clients
from pipeline.unit import Store
from tests.conftest import Moment
from tests.integration.listening_kit import VAULT, connect, settings_for


@dataclass
class Line:
    """A client that is only a line: open until it is closed."""

    secret: AccountSecret
    closed: bool = False
    longest: int = 500

    @property
    def capabilities(self) -> Capabilities:
        return with_limits(CAPABILITIES, {"statuses": {"max_characters": self.longest}})

    def whoami(self) -> str:
        return self.secret.handle

    def close(self) -> None:
        self.closed = True


@dataclass
class Exchange:
    """Opens lines, or refuses once."""

    lines: list[Line] = field(default_factory=list)
    refuse: Exception | None = None
    longest: int = 500

    def __call__(
        self, secret: AccountSecret, _settings: Settings, _purse: Purse
    ) -> Line:
        if self.refuse is not None:
            error, self.refuse = self.refuse, None
            raise error
        self.lines.append(Line(secret, longest=self.longest))
        return self.lines[-1]


def account(number: int = 1) -> HeardAccount:
    return HeardAccount(
        account_id=number,
        office_id=1,
        network="mastodon",
        handle=f"polres{number}",
        base_url="",
        sealed_secrets=VAULT.seal('{"token": "rahasia"}'),
        cursor=None,
        failures=0,
        token="",
    )


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


@pytest.fixture
def clients(
    store: Store, office: OfficeScope, exchange: Exchange, moment: Moment
) -> Clients:
    settings = settings_for(store.url)
    return Clients(store, VAULT, settings, connect=exchange, now=moment)


def test_an_account_is_connected_once_with_its_own_secrets(
    clients: Clients, exchange: Exchange
) -> None:
    one, other = account(1), account(2)
    assert clients._client(one) is clients._client(one)
    assert clients._client(other) is not clients._client(one)
    assert [line.secret.handle for line in exchange.lines] == ["polres1", "polres2"]
    assert exchange.lines[0].secret.secrets == {"token": "rahasia"}
    clients.close()
    assert all(line.closed for line in exchange.lines)


def test_new_secrets_a_failure_and_an_hour_open_it_anew(
    clients: Clients, exchange: Exchange
) -> None:
    first = account()
    clients._client(first)
    renewed = replace(first, sealed_secrets=VAULT.seal('{"token": "baru"}'))
    clients._client(renewed)
    assert exchange.lines[1].secret.secrets == {"token": "baru"}
    clients.forget(renewed)
    clients._client(renewed)
    kept = clients._kept[1]
    clients._kept[1] = replace(kept, until=kept.until - 3_601)
    clients._client(renewed)
    assert len(exchange.lines) == 4


def test_a_refused_connection_is_not_kept(clients: Clients, exchange: Exchange) -> None:
    exchange.refuse = Disconnected(Problem.TOKEN_REFUSED)
    with pytest.raises(Disconnected):
        clients._client(account())
    assert clients._client(account())


def test_limits_that_an_instance_changed_are_known_to_who_writes_the_next_text(
    store: Store,
    office: OfficeScope,
    clients: Clients,
    exchange: Exchange,
    moment: Moment,
) -> None:
    number = connect(store, office)

    def longest() -> tuple[int, datetime | None]:
        with store.read(office) as work:
            row = work.accounts.get(number)
            return wiring.account_capabilities(row).text.longest, row.limits_at

    heard = replace(account(number), office_id=office.office_id)
    exchange.longest = 5_000
    clients._client(heard)
    assert longest() == (5_000, moment())
    clients.forget(heard)
    exchange.longest, moment.at = 1_000, moment.at + timedelta(hours=1)
    clients._client(heard)
    assert longest() == (1_000, moment())


def test_a_key_file_that_does_not_fit_is_named_and_waited_for(
    clients: Clients, exchange: Exchange
) -> None:
    foreign = Vault([Fernet.generate_key().decode()])
    sealed = replace(account(), sealed_secrets=foreign.seal("{}"))
    with pytest.raises(TryLater) as failed:
        clients._client(sealed)
    assert failed.value.problem is Problem.KEY_WRONG
    assert exchange.lines == []
