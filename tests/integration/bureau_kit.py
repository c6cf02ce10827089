"""An office whose accounts are on the sandbox, asked by their own clients over HTTP."""

from urllib.parse import urlsplit

from cryptography.fernet import Fernet

from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.person import Person
from models.scope import OfficeScope
from models.states import AccountMode, Role
from networks.http import Http
from pipeline import wiring
from pipeline.accounts import connect_account
from pipeline.clients import Clients
from pipeline.unit import Store
from sandbox.site import Site
from tests.conftest import NOW
from tests.contract.network_kit import STATION, fetched_from, plain_picture
from tests.integration.ledger_kit import House

VAULT = Vault([Fernet.generate_key().decode()])


class Bureau(House):
    """An office, its accounts on the sandbox, and their clients."""

    def __init__(
        self, store: Store, office: OfficeScope, people: dict[Role, Person], site: Site
    ) -> None:
        super().__init__(store, office, people)
        self.site = site
        shop = urlsplit(fetched_from(plain_picture())).netloc
        inner = frozenset({urlsplit(site.url).netloc, shop})
        self.settings = Settings(inner_hosts=inner, public_url="https://humas.example")
        self.clients = Clients(store, VAULT, self.settings, now=lambda: NOW)
        self.http = Http(wiring.http_limits(self.settings))

    def connect(self, network: str) -> int:
        tokens = self.site.add_account(network, STATION)
        return self.connect_with(network, dict(tokens.secrets), self.site.url)

    def connect_with(self, network: str, secrets: dict[str, str], url: str) -> int:
        account = connect_account(
            self.store, VAULT, self.settings, self.people[Role.ADMIN],
            network=network, base_url=url, secrets=secrets, now=NOW,
        )  # fmt: skip
        self.change(Account, account, mode=AccountMode.LIVE)
        return account
