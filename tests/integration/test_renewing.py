"""Tokens that end by themselves are renewed long before, or a person is told."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.chain import AuditEvent
from models.person import Person
from models.problems import WORDS, Problem
from models.scope import OfficeScope, SystemScope
from models.speech import Outgoing, open_gate
from models.states import AccountHealth, Role
from models.token import TELL_BEFORE, token_trouble
from pipeline import doctor
from pipeline.accounts import connect_account
from pipeline.clients import Clients
from pipeline.renewing import AGAIN, RENEW_BEFORE, Renewing
from pipeline.unit import Store, now_utc
from sandbox.site import Site, Tokens
from tests.contract.network_kit import STATION

VAULT = Vault([Fernet.generate_key().decode()])
RENEW = "/refresh_access_token"
DAY = timedelta(days=1)
SECRET = {"instagram": "instagram_token", "threads": "threads_token"}
LIFE = timedelta(days=60)


@pytest.fixture(scope="module")
def running() -> Iterator[Site]:
    with Site.start() as site:
        yield site


class Bureau:
    """An office with an account, whose time goes on together with the network's."""

    def __init__(self, store: Store, office: OfficeScope, admin: Person, site: Site):
        self.store, self.office, self.admin, self.site = store, office, admin, site
        host = urlsplit(site.url).netloc
        self.settings = Settings(
            inner_hosts=frozenset({host}), public_url="https://humas.example"
        )
        self.began, self.passed = now_utc(), timedelta()

    @property
    def now(self) -> datetime:
        return self.began + self.passed

    def forward(self, by: timedelta) -> None:
        self.passed += by
        self.site.forward(by)

    def connect(self, network: str) -> Tokens:
        tokens = self.site.add_account(network, STATION)
        self.connect_with(network, dict(tokens.secrets))
        return tokens

    def connect_with(self, network: str, secrets: dict[str, str]) -> None:
        connect_account(
            self.store, VAULT, self.settings, self.admin, network=network,
            base_url=self.site.url, secrets=secrets, now=self.now,
        )  # fmt: skip

    @property
    def account(self) -> Account:
        with self.store.read(self.office) as work:
            return work.accounts.listed()[0]

    def secrets(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(VAULT.open(self.account.sealed_secrets))
        return told

    def change(self, **values: object) -> None:
        with self.store.write(SystemScope("test")) as work:
            work.session.execute(update(Account).values(**values))

    def look(self) -> bool:
        return Renewing(self.store, VAULT, self.settings).next(self.now)

    def asked(self, path: str = RENEW) -> int:
        return len(self.site.requests(path=path))


@pytest.fixture
def bureau(
    store: Store, office: OfficeScope, people: dict[Role, Person], running: Site
) -> Iterator[Bureau]:
    running.reset()
    yield Bureau(store, office, people[Role.ADMIN], running)
    running.world.store.offset = timedelta()


@pytest.mark.parametrize("network", SECRET)
def test_a_token_is_renewed_a_month_before_its_end_and_the_fresh_one_posts(
    bureau: Bureau, network: str
) -> None:
    first = bureau.connect(network)
    assert not bureau.look(), "younger than the network allows"
    bureau.forward(DAY)
    assert bureau.look()
    assert bureau.account.token_ends_at == bureau.now + LIFE, "its end is known now"
    second = bureau.secrets()[SECRET[network]]
    assert second != first[SECRET[network]]
    bureau.forward(LIFE - RENEW_BEFORE - DAY)
    assert bureau.look()
    assert bureau.asked() == 1, "not yet: a look asks nothing"
    bureau.forward(DAY)
    assert bureau.look()
    assert not bureau.look(), "once a day"
    assert bureau.asked() == 2
    bureau.forward(LIFE - DAY)  # the second has ended
    with bureau.store.read(bureau.office) as work:
        acts = work.session.scalars(select(AuditEvent.action)).all()
    assert acts.count("account.renewed") == 2
    clients = Clients(bureau.store, VAULT, bureau.settings)
    publisher = clients.publisher(bureau.account)
    if network == "threads":  # the other takes no post of text alone
        post = Outgoing("kunci", "Apel pagi.")
        made = publisher.prepare(post, ())
        publisher.publish(replace(post, record_key=made.record_key), open_gate)
        assert [one.text for one in bureau.site.posts()] == ["Apel pagi."]
    clients.close()


def test_nothing_of_a_fresh_token_can_be_read_in_the_database_or_in_an_address(
    bureau: Bureau,
) -> None:
    bureau.connect("threads")
    bureau.forward(DAY)
    bureau.look()
    fresh = bureau.secrets()["threads_token"]
    assert fresh.encode() not in bureau.account.sealed_secrets
    (asked,) = bureau.site.requests(path=RENEW)
    assert "access_token=" not in str(asked.as_dict())


def test_a_fresh_token_that_does_not_work_leaves_the_old_one_in_its_place(
    bureau: Bureau,
) -> None:
    first = bureau.connect("threads")
    bureau.forward(DAY)
    bureau.site.fault("answer", "/v1.0/me", status=401)
    assert bureau.look()
    assert bureau.asked() == 1
    account = bureau.account
    assert bureau.secrets() == dict(first.secrets)
    assert account.health is AccountHealth.CONNECTED
    assert account.token_problem is Problem.TOKEN_NOT_RENEWED


def test_a_network_that_rests_is_asked_again_in_an_hour_and_nobody_is_told(
    bureau: Bureau,
) -> None:
    bureau.connect("instagram")
    bureau.forward(DAY)
    bureau.site.fault("answer", RENEW, status=500)
    assert bureau.look()
    assert token_trouble(bureau.account, bureau.now) is None
    assert not bureau.look()
    bureau.forward(AGAIN)
    assert bureau.look()
    assert bureau.account.token_ends_at == bureau.now + LIFE


def test_a_token_that_is_good_no_more_disconnects_its_account(bureau: Bureau) -> None:
    bureau.connect("instagram")
    bureau.forward(DAY)
    bureau.site.revoke("instagram", STATION)
    assert bureau.look()
    account = bureau.account
    assert account.health is AccountHealth.DISCONNECTED
    assert account.problem is Problem.TOKEN_REFUSED
    bureau.forward(2 * DAY)
    assert not bureau.look(), "a person connects it again"


def test_secrets_that_a_person_gave_meanwhile_stay(bureau: Bureau) -> None:
    bureau.connect("threads")
    bureau.forward(DAY)
    before = bureau.account
    bureau.connect_with("threads", bureau.secrets())
    with bureau.store.write(SystemScope("test")) as work:
        assert not work.tokens.replace(before, b"another", None, bureau.now)
    assert bureau.account.sealed_secrets != b"another"
    assert not bureau.look(), "connected anew: not to be renewed for a day"


def test_the_end_of_a_page_token_is_asked_for_and_told_two_weeks_ahead(
    bureau: Bureau,
) -> None:
    rules = bureau.site.world.rules
    rules.facebook_token_life = LIFE
    try:
        bureau.connect("facebook")
        assert bureau.look()
        ends = bureau.account.token_ends_at
        assert ends is not None
        assert token_trouble(bureau.account, ends - TELL_BEFORE - DAY) is None
        assert token_trouble(bureau.account, ends - TELL_BEFORE) is Problem.TOKEN_ENDS
        rules.facebook_lacks = frozenset({"pages_manage_posts"})
        bureau.forward(DAY)
        assert bureau.look()
        trouble = token_trouble(bureau.account, bureau.now)
        assert trouble is Problem.SCOPE_MISSING
    finally:
        rules.facebook_token_life, rules.facebook_lacks = None, frozenset()


def test_a_token_without_an_end_is_told_of_by_nobody(bureau: Bureau) -> None:
    bureau.connect("facebook")
    assert bureau.look()
    assert bureau.account.token_ends_at is None
    assert token_trouble(bureau.account, bureau.now) is None


def test_a_clock_that_was_ahead_does_not_put_a_look_off_for_months(
    bureau: Bureau,
) -> None:
    bureau.connect("facebook")
    bureau.change(token_next_at=bureau.now + timedelta(days=90))
    assert bureau.look()


def test_the_doctor_names_a_token_that_ends_and_what_to_do(bureau: Bureau) -> None:
    bureau.connect("threads")
    bureau.change(token_ends_at=bureau.now + 3 * DAY)
    found = doctor.tokens(bureau.store, lambda: bureau.now)
    assert [one.advice for one in found] == [WORDS[Problem.TOKEN_ENDS]]
