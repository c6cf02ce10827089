"""A news site, a village that talks, and an office that listens to both.

The site is real HTTP on loopback. The village is a network without any wire, so that
these tests are about storing alone; the networks' own wire is met in ``tests/contract``.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, select

from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.base import Base
from models.hearing import HeardAccount
from models.item import Item
from models.office import User
from models.person import Person
from models.scope import OfficeScope, SystemScope
from models.source import Document, Fetch, Source
from models.speech import Page, Utterance
from models.states import AccountHealth, AccountMode, Role
from networks.feed_parser import FeedParser
from networks.http import Http
from pipeline import wiring
from pipeline.listening import Listening
from pipeline.sources import add_source
from pipeline.unit import Store, Work
from tests.conftest import NOW, Moment, add_person
from tests.news_site import NewsSite, Reply, Request, Script

TEST = SystemScope("test")
VAULT = Vault([urlsafe_b64encode(b"kunci uji".ljust(32)).decode()])  # of all processes
LONG_AGO = datetime(2020, 1, 1, tzinfo=NOW.tzinfo)
LATER = timedelta(minutes=31)  # beyond the usual interval of a feed


# ------------------------------------------------------------------ a news site


@contextmanager
def news_site() -> Iterator[NewsSite]:
    opened = NewsSite()
    try:
        yield opened
    finally:
        opened.close()


def conditional(body: bytes) -> Script:
    """Serve a body with its ETag, and 304 to whoever has it."""
    etag = f'"{sha256(body).hexdigest()[:16]}"'

    def answer(request: Request) -> Reply:
        if request.headers.get("if-none-match") == etag:
            return Reply(status=304, headers={"ETag": etag})
        return Reply(body, headers={"ETag": etag, "Content-Type": "application/xml"})

    return answer


def entry(
    title: str, link: str = "", guid: str = "", date: str = "", text: str = ""
) -> str:
    parts = {
        "title": title,
        "link": link or f"https://warta.example/{sha256(title.encode()).hexdigest()}",
        "guid": guid,
        "pubDate": date,
        "description": text,
    }
    return "".join(f"<{tag}>{value}</{tag}>" for tag, value in parts.items() if value)


def rss(*entries: str, title: str = "Warta Sukamaju") -> bytes:
    inside = "".join(f"<item>{one}</item>" for one in entries)
    return f"<rss version='2.0'><channel><title>{title}</title>{inside}</channel></rss>".encode()


# ---------------------------------------------------------------- a village talks


@dataclass
class Village:
    """What people of the village said to our account, the oldest first.

    Pages hold two utterances; a cursor is the number of utterances heard. ``faults``
    are raised before the page of that number (counted from 0 in each visit).
    """

    said: list[Utterance] = field(default_factory=list)
    faults: dict[int, Exception] = field(default_factory=dict)
    before_page: Callable[[int], None] = lambda _number: None
    per_page: int = 2
    visits: int = 0
    forgets_cursor: bool = False

    def say(self, text: str, author: str = "warga", **more: object) -> Utterance:
        number = len(self.said) + 1
        one = Utterance(str(number), f"https://kampung.example/{number}", text)
        one = replace(one, author=author, published_at=NOW, **more)  # type: ignore[arg-type]
        self.said.append(one)
        return one

    def pages(self, cursor: str | None) -> Iterator[Page]:
        self.visits += 1
        at = 0 if self.forgets_cursor else int(cursor or 0)
        for number, start in enumerate(range(at, len(self.said), self.per_page)):
            self.before_page(number)
            if number in self.faults:
                raise self.faults.pop(number)
            some = tuple(self.said[start : start + self.per_page])
            yield Page(some, str(start + len(some)))


@dataclass
class Villages:
    """The collectors of accounts, by handle."""

    by_handle: dict[str, Village] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    at_connect: Exception | None = None

    def open(self, account: HeardAccount) -> Village:
        if self.at_connect is not None:
            raise self.at_connect
        return self.by_handle.setdefault(account.handle, Village())

    def forget(self, account: HeardAccount) -> None:
        self.forgotten.append(account.handle)


# -------------------------------------------------------------- an office listens


def settings_for(store_url: str, *sites: NewsSite, **more: object) -> Settings:
    return Settings(
        database_url=store_url,
        inner_hosts=frozenset(site.host for site in sites),
        connect_timeout=timedelta(seconds=2),
        read_timeout=timedelta(seconds=2),
        total_timeout=timedelta(seconds=4),
        **more,  # type: ignore[arg-type]
    )


@dataclass
class Desk:
    """An office with a news site beside it; time stands still until told."""

    store: Store
    office: OfficeScope
    site: NewsSite
    villages: Villages
    listening: Listening
    moment: Moment
    admin: Person

    def subscribe(self, path: str = "/rss", by: Person | None = None) -> int:
        person = by or self.admin
        with self.store.write(OfficeScope(person.office_id)) as work:
            return self.add(work, person, self.site.url(path), now=self.moment())

    def add(
        self, work: Work, by: Person, url: str, label: str = "", now: datetime = NOW
    ) -> int:
        """Add a source; the news site on loopback is allowed."""
        inner = frozenset({self.site.host})
        return add_source(work, by, url, label, now, vault=VAULT, inner_hosts=inner)

    def fetch(self, after: timedelta = timedelta()) -> bool:
        self.moment.at += after
        return self.listening.fetch_next(self.moment)

    def fetch_all(self, after: timedelta = timedelta()) -> int:
        """Fetch every source that is due, minding the pause between calls."""
        self.moment.at += after
        count = 0
        while self.listening.fetch_next(self.moment):
            count += 1
            self.moment.at += timedelta(seconds=10)
        return count

    def deliver(self) -> int:
        return self.listening.deliver_documents(self.moment())

    def hear(self, after: timedelta = timedelta()) -> bool:
        self.moment.at += after
        return self.listening.hear_next(self.moment)

    def connect(self, handle: str = "polres_sukamaju", **more: object) -> int:
        return connect(self.store, self.office, handle, **more)

    def source(self, source_id: int) -> Source:
        with self.store.read(TEST) as work:
            return work.sources.by_id(source_id)

    def documents(self) -> Sequence[Document]:
        return rows(self.store, Document)

    def items(self, office: OfficeScope | None = None) -> Sequence[Item]:
        return rows(self.store, Item, office or self.office)

    def fetches(self) -> Sequence[Fetch]:
        return rows(self.store, Fetch)


def desk_on(
    store: Store,
    office: OfficeScope,
    site: NewsSite,
    parser: FeedParser,
    *others: NewsSite,
    **more: object,
) -> Desk:
    settings = settings_for(store.url, site, *others, **more)
    villages = Villages()
    http = Http(wiring.http_limits(settings))
    listening = Listening(store, VAULT, http, parser, villages, settings)
    admin = add_person(store, office, Role.ADMIN, f"admin-{office.office_id}")
    return Desk(store, office, site, villages, listening, Moment(), admin)


def rows(
    store: Store, table: type[Base], scope: OfficeScope | SystemScope = TEST
) -> Sequence:
    with store.read(scope) as work:
        return work.session.scalars(select(table).order_by(table.id)).all()  # type: ignore[attr-defined]


def count(store: Store, table: type[Base]) -> int:
    with store.read(TEST) as work:
        return work.session.scalar(select(func.count()).select_from(table)) or 0


def connect(
    store: Store,
    office: OfficeScope,
    handle: str = "polres_sukamaju",
    network: str = "mastodon",
    **more: object,
) -> int:
    """An account as ``account connect`` leaves it."""
    values = {
        "mode": AccountMode.REHEARSAL,
        "health": AccountHealth.CONNECTED,
        "base_url": "https://kampung.example",
        "hear_next_at": LONG_AGO,
        **more,
    }
    with store.write(office) as work:
        account = Account(
            office_id=office.office_id,
            network=network,
            handle=handle,
            sealed_secrets=VAULT.seal("{}"),
            created_at=NOW,
            lease_until=LONG_AGO,
            next_allowed_at=LONG_AGO,
            hear_lease_until=LONG_AGO,
            **values,
        )
        work.session.add(account)
        work.session.flush()
        return account.id


def person_named(store: Store, office: OfficeScope, role: Role) -> Person:
    with store.read(office) as work:
        user = work.session.scalars(select(User).where(User.role == role)).one()
        return Person(user.id, user.office_id, user.name, user.role)
