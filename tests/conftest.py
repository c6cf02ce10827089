"""What every test may lean on: both databases, an office, and closed doors outside."""

import gc
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.office import Office
from models.person import Person
from models.scope import OfficeScope, SystemScope
from models.states import Role
from models.tables import metadata
from pipeline.unit import Store
from tests.postgresql import Server, find_binaries, roomy_memory

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # Tuesday, 09.00 WIB
CHROMIUM = Path("/usr/bin/chromium")
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def pytest_configure() -> None:
    """Keep the folders of the tests in memory: they make and delete many files."""
    if memory := roomy_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each process begin with its part of the long tests, the longest first."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = sorted(filter(_seconds, items), key=_seconds, reverse=True)
    short = [item for item in items if not _seconds(item)]
    left = len(items)
    items.clear()
    for place in range(processes):  # pytest-xdist cuts the row as here, then shares
        first = long[place::processes]
        share = (left - len(items)) // (processes - place)
        rest = max(share - len(first), 0)
        items += first + short[:rest]
        del short[:rest]
    items += short


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("long")
    return float(mark.args[0]) if mark else 0.0


def pytest_collection_finish() -> None:
    """Let the collector pass over what stays to the end: the tests and the libraries."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets to anything but this machine are refused."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if not (host.startswith("127.") or host in ("::1", "localhost")):
                raise AssertionError(f"a test called the outside: {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def data() -> Path:
    """Real data; the tests that need it carry the mark ``real_data``."""
    folder = os.environ.get("KENTONGAN_TEST_DATA")
    if not folder:
        if os.environ.get("CI"):
            pytest.fail("KENTONGAN_TEST_DATA must be set in CI")
        pytest.skip("KENTONGAN_TEST_DATA is not set: real data is not here")
    return Path(folder)


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One PostgreSQL server of the machine's own binaries, on loopback."""
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL must be installed in CI")
        pytest.skip("PostgreSQL's server binaries are not installed")
    with Server.start(binaries) as server:
        server.make_template(_create_tables)
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One browser for all tests of a process, which can hold only one Playwright."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail("Debian's chromium must be installed in CI")
        pytest.skip("chromium is not installed (apt install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield browser
        browser.close()


def _create_tables(url: str) -> None:
    fresh = Store(url)
    metadata.create_all(fresh.engine)
    fresh.close()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'kentongan.db'}"
        _create_tables(url)
        yield url
    else:
        server: Server = request.getfixturevalue("postgresql_server")
        with server.fresh_database() as url:
            yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store on both databases in turn; the tables are there, and empty."""
    opened = Store(database_url)
    yield opened
    opened.close()


class Moment:
    """A clock that tests set; call it for the time."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture
def office(store: Store) -> OfficeScope:
    """Polres Kota Sukamaju."""
    return add_office(store, "sukamaju", "Polres Kota Sukamaju")


@pytest.fixture
def people(store: Store, office: OfficeScope) -> dict[Role, Person]:
    """One person of each role in the office."""
    return {role: add_person(store, office, role) for role in Role}


def add_office(store: Store, code: str, name: str) -> OfficeScope:
    with store.write(SystemScope("test")) as work:
        row = Office(
            code=code,
            name=name,
            timezone="Asia/Jakarta",
            salt="garam",
            monthly_cap_idr=150_000,
            created_at=NOW,
        )
        work.session.add(row)
        work.session.flush()
        return OfficeScope(row.id)


def add_person(store: Store, office: OfficeScope, role: Role, name: str = "") -> Person:
    from models.office import User

    with store.write(office) as work:
        row = User(
            office_id=office.office_id,
            login=name or f"{role.value}-{office.office_id}",
            name=name or role.value.title(),
            role=role,
            created_at=NOW,
        )
        work.session.add(row)
        work.session.flush()
        return Person(row.id, office.office_id, row.name, role)
