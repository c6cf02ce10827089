"""What a command works with: settings, store, vault, office, and who acts."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from config.keys import Vault
    from config.settings import Settings
    from models.person import Person
    from models.scope import OfficeScope
    from pipeline.unit import Store

AS_VARIABLE = "KENTONGAN_AS"
OFFICE_VARIABLE = "KENTONGAN_OFFICE"


@dataclass
class Context:
    """Opened once a command; everything is looked up when it is first asked for."""

    settings: "Settings"
    store: "Store"
    login: str | None
    office_code: str | None

    @cached_property
    def vault(self) -> "Vault":
        from config.keys import open_vault

        return open_vault(self.settings)

    @cached_property
    def office(self) -> "OfficeScope":
        """The office named by ``--office``, or the only one there is."""
        from config.words import N_
        from models.errors import InvalidInput
        from models.scope import OfficeScope, SystemScope

        with self.store.read(SystemScope("command line")) as work:
            offices = work.offices.all()
        if not offices:
            raise InvalidInput(
                N_("Kantor belum ada. Jalankan: kentongan init"), "office"
            )
        if self.office_code:
            offices = [one for one in offices if one.code == self.office_code]
            if not offices:
                raise InvalidInput(
                    N_("Tidak ada kantor dengan kode ini di sini."), "office"
                )
        if len(offices) > 1:
            raise InvalidInput(
                N_("Ada beberapa kantor. Pilih dengan --office KODE."), "office"
            )
        return OfficeScope(offices[0].id)

    @cached_property
    def zone(self) -> "ZoneInfo":
        """The office's zone, in which times are typed and told."""
        from zoneinfo import ZoneInfo

        with self.store.read(self.office) as work:
            return ZoneInfo(work.offices.own().timezone)

    @cached_property
    def person(self) -> "Person":
        """The person named by ``--as``, else the first administrator."""
        from config.words import N_
        from models.errors import InvalidInput
        from models.person import Person
        from models.states import Role

        with self.store.read(self.office) as work:
            users = [user for user in work.offices.users() if user.active]
        if self.login:
            users = [user for user in users if user.login == self.login]
        else:
            users = [user for user in users if user.role is Role.ADMIN]
        if not users:
            raise InvalidInput(N_("Pengguna tidak ditemukan. Pilih dengan --as NAMA."))
        user = min(users, key=lambda one: one.id)
        return Person(user.id, user.office_id, user.name, user.role, user.language)


@contextmanager
def opened(*, migrated: bool = True) -> Iterator[Context]:
    """Open the installation of this folder.

    Args:
        migrated: refuse a database that is not at the newest step.

    Raises:
        InvalidInput: there is no installation here, or it must be migrated first.
    """
    from config.logging import configure
    from config.settings import load_settings
    from config.words import N_
    from models.errors import InvalidInput
    from pipeline import schema
    from pipeline.unit import Store

    settings = load_settings()
    configure(settings)
    need_database(settings.database_url)
    store = Store(settings.database_url)
    try:
        if migrated and not schema.is_current(store.engine):
            schema.must_know(store.engine)
            raise InvalidInput(
                N_("Basis data belum mutakhir. Jalankan: kentongan db migrate")
            )
        yield Context(
            settings,
            store,
            os.environ.get(AS_VARIABLE),
            os.environ.get(OFFICE_VARIABLE),
        )
    finally:
        store.close()


def need_database(url: str) -> None:
    """Refuse a SQLite file that is not there: it would be made, and be empty.

    Raises:
        InvalidInput: as said.
    """
    from pathlib import Path

    from config.words import N_
    from models.errors import InvalidInput

    prefix = "sqlite:///"
    if url.startswith(prefix) and not Path(url.removeprefix(prefix)).exists():
        raise InvalidInput(N_("Belum ada basis data di sini. Jalankan: kentongan init"))
