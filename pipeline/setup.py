"""A new installation: settings file, key file, database, office, first person."""

import os
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url

from config.keys import create_key_file
from config.settings import Settings
from models.office import Office
from models.scope import OfficeScope, SystemScope
from models.states import Role
from pipeline import job_queue, people, schema
from pipeline.unit import Store, Work

_FILE = """\
# Kentongan: settings of this machine. Every name stands in docs/reference/settings.md.
database_url = "{database_url}"
key_file = "{key_file}"
timezone = "{timezone}"
"""


def write_settings(path: Path, settings: Settings) -> bool:
    """Write ``kentongan.toml``; an existing file is left as it is.

    Returns:
        Whether a file was written.
    """
    if path.exists():
        return False
    path.write_text(
        _FILE.format(
            database_url=settings.database_url,
            key_file=settings.key_file,
            timezone=settings.timezone.key,
        )
    )
    path.chmod(0o600)  # a database address may hold a password
    return True


def prepare(store: Store, settings: Settings) -> bool:
    """Create what is missing of key and tables.

    Returns:
        Whether a key was written.
    """
    _private_file(settings.database_url)
    schema.migrate(store.engine)
    job_queue.bring(store.engine)
    if settings.key is not None or settings.key_file.exists():
        return False
    create_key_file(settings.key_file)
    return True


def _private_file(url: str) -> None:
    """Make SQLite's file for the owner alone; its log and index follow it."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite" and parts.database not in (
        None,
        "",
        ":memory:",
    ):
        with suppress(FileExistsError):
            os.close(os.open(parts.database, os.O_CREAT | os.O_EXCL, 0o600))


def add_office(
    work: Work,
    *,
    code: str,
    name: str,
    timezone: ZoneInfo,
    monthly_cap_idr: int,
    now: datetime,
) -> OfficeScope:
    """Add a station; its salt makes pseudonyms that no other office can match."""
    office_id = work.offices.add(
        Office(
            code=code,
            name=name,
            timezone=timezone.key,
            salt=secrets.token_hex(16),
            monthly_cap_idr=monthly_cap_idr,
            created_at=now,
        )
    )
    return OfficeScope(office_id)


def first_office(
    store: Store,
    settings: Settings,
    *,
    code: str,
    name: str,
    login: str,
    person: str,
    password: str | None,
    now: datetime,
) -> OfficeScope:
    """Add an office with its first administrator, both or neither."""
    with store.write(SystemScope("init")) as work:
        office = add_office(
            work,
            code=code,
            name=name,
            timezone=settings.timezone,
            monthly_cap_idr=settings.monthly_cap_idr,
            now=now,
        )
        people.add_user(
            work, office.office_id, login, person, Role.ADMIN, password, now
        )
    return office
