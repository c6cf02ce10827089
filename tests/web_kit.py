"""A dashboard over a seeded database, and a browser without a screen."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet
from starlette.testclient import TestClient

from config.keys import Vault
from config.settings import Settings
from models.scope import OfficeScope, SystemScope
from models.tables import metadata
from pipeline import people
from pipeline.unit import Store
from tests.conftest import add_office
from tests.seeding import Seeded, seed
from web.app import create_app

AT = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)  # Tuesday, 12.12 WIB
BASE = "http://kentongan.test"


@dataclass
class Dashboard:
    """One dashboard with the data it shows."""

    store: Store
    seeded: Seeded
    vault: Vault = field(
        default_factory=lambda: Vault([Fernet.generate_key().decode()])
    )
    later: timedelta = timedelta()  # than AT, on the clock of its pages

    def wait(self, time: timedelta) -> None:
        """Let time pass for everybody."""
        self.later += time

    def browser(self, login: str = "", settings: Settings | None = None) -> TestClient:
        """A browser of our own pages, signed in as ``login`` if given."""
        app = create_app(
            self.store,
            settings or Settings(),
            self.vault,
            now=lambda: AT + self.later,
        )
        client = TestClient(
            app,
            base_url=BASE,
            headers={"origin": BASE},
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        if login:  # by a link: checking a password is slow on purpose
            with self.store.read(SystemScope("test")) as work:
                user = work.offices.user_by_login(login)
                assert user is not None
            scope = OfficeScope(user.office_id)
            code = people.make_link(self.store, scope, user.id, AT + self.later)
            answer = client.post("/masuk/tautan", data={"kode": code})
            assert answer.status_code == 303, answer.text
        return client


def build(folder: Path) -> Dashboard:
    """A fresh SQLite database with a day at Polres Kota Sukamaju."""
    content, seeded = _seeded()
    file = folder / "kentongan.db"
    file.write_bytes(content)
    return Dashboard(Store(f"sqlite:///{file}"), seeded)


@cache
def _seeded() -> tuple[bytes, Seeded]:
    """Fill a database once; every test gets a copy."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "kentongan.db"
        store = Store(f"sqlite:///{file}")
        metadata.create_all(store.engine)
        office = add_office(store, "sukamaju", "Polres Kota Sukamaju")
        seeded = seed(store, office, AT)
        store.close()  # the last connection empties the write-ahead log
        return file.read_bytes(), seeded
