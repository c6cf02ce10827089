"""A session that a network gives is kept sealed, shared, and replaced when it is over."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet

from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.person import Person
from models.scope import OfficeScope
from models.speech import Outgoing, open_gate
from models.states import Role
from pipeline.accounts import connect_account
from pipeline.clients import Clients
from pipeline.unit import Store
from sandbox.site import Site, Tokens

LOG_IN = "/xrpc/com.atproto.server.createSession"
REFRESH = "/xrpc/com.atproto.server.refreshSession"
VAULT = Vault([Fernet.generate_key().decode()])


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.start() as running:
        yield running


@pytest.fixture
def tokens(site: Site) -> Tokens:
    return site.add_account("bluesky", "polres_sukamaju", "Polres Kota Sukamaju")


class Bureau:
    """An office that connects its account and publishes, in several processes."""

    def __init__(self, store: Store, office: OfficeScope, admin: Person, site: Site):
        self.store, self.office, self.admin, self.site = store, office, admin, site
        host = urlsplit(site.url).netloc
        self.settings = Settings(inner_hosts=frozenset({host}))

    def connect(self, tokens: Tokens) -> int:
        return connect_account(
            self.store,
            VAULT,
            self.settings,
            self.admin,
            network="bluesky",
            base_url=self.site.url,
            secrets=dict(tokens.secrets),
            now=datetime.now(UTC),
        )

    def account(self, number: int) -> Account:
        with self.store.read(self.office) as work:
            return work.accounts.get(number)

    def publish(self, number: int, text: str, clients: Clients | None = None) -> None:
        """As another process does: with clients of its own."""
        own = clients or Clients(self.store, VAULT, self.settings)
        publisher = own.publisher(self.account(number))
        publisher.publish(Outgoing(text, text), open_gate)
        own.close()

    def asked(self, path: str) -> int:
        return len(self.site.requests("POST", path))


@pytest.fixture
def bureau(
    store: Store, office: OfficeScope, people: dict[Role, Person], site: Site
) -> Bureau:
    return Bureau(store, office, people[Role.ADMIN], site)


def test_the_log_in_of_connecting_serves_every_process(
    bureau: Bureau, tokens: Tokens
) -> None:
    number = bureau.connect(tokens)
    for text in ("satu", "dua", "tiga"):
        bureau.publish(number, text)
    assert [post.text for post in bureau.site.posts()] == ["satu", "dua", "tiga"]
    assert (bureau.asked(LOG_IN), bureau.asked(REFRESH)) == (1, 0)


def test_nothing_of_a_session_can_be_read_in_the_database(
    bureau: Bureau, tokens: Tokens
) -> None:
    account = bureau.account(bureau.connect(tokens))
    assert account.sealed_session is not None
    told = json.loads(VAULT.open(account.sealed_session))
    assert told["access"].encode() not in account.sealed_session
    assert tokens["app_password"] not in json.dumps(told)


def test_a_session_that_is_over_is_refreshed_by_one_process_for_all(
    bureau: Bureau, tokens: Tokens
) -> None:
    number = bureau.connect(tokens)
    bureau.site.world.bluesky.end_access()
    for text in ("satu", "dua", "tiga"):
        bureau.publish(number, text)
    assert (bureau.asked(LOG_IN), bureau.asked(REFRESH)) == (1, 1)
    assert len(bureau.site.posts()) == 3


def test_connecting_again_begins_another_session(
    bureau: Bureau, tokens: Tokens
) -> None:
    number = bureau.connect(tokens)
    before = bureau.account(number).sealed_session
    assert bureau.connect(tokens) == number
    assert bureau.account(number).sealed_session != before
    bureau.publish(number, "satu")
    assert bureau.asked(LOG_IN) == 2


def test_a_session_of_secrets_that_were_replaced_is_not_kept(
    bureau: Bureau, tokens: Tokens
) -> None:
    number = bureau.connect(tokens)
    clients = Clients(bureau.store, VAULT, bureau.settings)
    clients.publisher(bureau.account(number))  # opened under the old secrets
    bureau.site.world.bluesky.end_access()
    bureau.connect(tokens)
    after = bureau.account(number).sealed_session
    with bureau.store.write(bureau.office) as work:
        work.accounts.keep_session(number, b"lama", b"yang diganti")
    assert bureau.account(number).sealed_session == after
    clients.close()


def test_a_session_that_no_key_opens_is_asked_for_anew(
    bureau: Bureau, tokens: Tokens
) -> None:
    number = bureau.connect(tokens)
    with bureau.store.write(bureau.office) as work:
        work.accounts.get(number).sealed_session = b"bukan segel"
    bureau.publish(number, "satu")
    assert bureau.asked(LOG_IN) == 2


def test_an_account_of_another_network_keeps_none(bureau: Bureau) -> None:
    tokens = bureau.site.add_account("mastodon", "polres", "Polres")
    number = connect_account(
        bureau.store,
        VAULT,
        bureau.settings,
        bureau.admin,
        network="mastodon",
        base_url=bureau.site.url,
        secrets=dict(tokens.secrets),
        now=datetime.now(UTC),
    )
    assert bureau.account(number).sealed_session is None
