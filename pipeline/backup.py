"""Copies of the one database, and putting one back without posting anything twice."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from config.words import N_
from models.backup import Backup
from models.database import StorageFailed
from models.errors import InvalidInput
from models.scope import SystemScope
from pipeline import schema
from pipeline.heart import ROLE, is_dead
from pipeline.settling import after_restore
from pipeline.unit import Store

_SCOPE = SystemScope("backup")
_SQLITE_MAGIC = b"SQLite format 3\x00"
_PG_MAGIC = b"PGDMP"


def backup(store: Store, target: Path, now: datetime) -> None:
    """Copy the database to ``target`` while everything runs on.

    Raises:
        InvalidInput: the file exists already, or ``pg_dump`` is missing or failed.
    """
    if target.exists():
        raise InvalidInput(N_("Berkas cadangan sudah ada. Pilih nama lain."), "file")
    with store.write(_SCOPE, durable=True) as work:
        work.backups.note(now)
    partial = target.with_name(target.name + ".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if store.engine.dialect.name == "sqlite":
        with (
            closing(sqlite3.connect(_sqlite_file(store))) as source,
            closing(sqlite3.connect(partial)) as copy,
        ):
            source.backup(copy)
    else:
        _postgres(store, "pg_dump", "--format=custom", f"--file={partial}")
    partial.replace(target)


def restore(store: Store, source: Path, now: datetime) -> int:
    """Put a backup in the place of the database; nothing may run meanwhile.

    Every delivery that was due since the backup may have left already: it becomes
    ``uncertain`` and is looked for before anybody decides.

    Returns:
        How many deliveries became uncertain.

    Raises:
        InvalidInput: the file is no backup of this kind of database, or 'kentongan
            run' still works on the database.
    """
    if runs(store, now):
        raise InvalidInput(N_("Hentikan kentongan run dahulu, lalu pulihkan lagi."))
    head = source.read_bytes()[:16] if source.is_file() else b""
    store.close()
    if store.engine.dialect.name == "sqlite":
        if head != _SQLITE_MAGIC or not _sound(source):
            raise InvalidInput(N_("Berkas ini bukan cadangan yang utuh."), "file")
        _swap(_sqlite_file(store), source, now)
    else:
        if not head.startswith(_PG_MAGIC):
            raise InvalidInput(N_("Berkas ini bukan cadangan yang utuh."), "file")
        _postgres(
            store,
            "pg_restore",
            "--clean",
            "--if-exists",
            "--single-transaction",
            "--no-owner",
            f"--dbname={make_url(store.url).database}",
            str(source),
        )
    schema.migrate(store.engine)
    with store.write(_SCOPE, durable=True) as work:
        taken_at = work.backups.last()
        work.audit.record("database.restored", Backup.__tablename__, None, at=now)
        return after_restore(work, taken_at, now) if taken_at else 0


def _sqlite_file(store: Store) -> Path:
    return Path(make_url(store.url).database or "")


def runs(store: Store, now: datetime) -> bool:
    """Whether a clock holds the database; one that cannot be read has none."""
    try:
        with store.read(_SCOPE) as work:
            lease = work.clockwork.holder(ROLE)
    except (StorageFailed, DBAPIError):
        return False
    return lease is not None and lease.until > now and not is_dead(lease.holder)


def _sound(file: Path) -> bool:
    """Whether it is whole, ours, and not of a newer Kentongan."""
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            steps = connection.execute("SELECT version_num FROM alembic_version")
            known = all(schema.knows(step) for (step,) in steps.fetchall())
            connection.execute("SELECT 1 FROM offices, accounts, deliveries LIMIT 1")
    except sqlite3.Error:
        return False
    return bool(verdict == "ok" and known)


def _swap(target: Path, source: Path, now: datetime) -> None:
    """Keep the old database beside the new one; its log belongs to it.

    Its name has the time, so that a second restore does not replace the first copy.
    """
    kept = f"{target.name}.before-restore-{now:%Y%m%dT%H%M%S}"
    partial = target.with_name(target.name + ".partial")
    shutil.copyfile(source, partial)
    partial.chmod(0o600)
    for suffix in ("", "-wal", "-shm"):
        old = target.with_name(target.name + suffix)
        if old.exists():
            old.replace(target.with_name(f"{kept}{suffix}"))
    partial.replace(target)


def _postgres(store: Store, program: str, *arguments: str) -> None:
    """Run a PostgreSQL tool; the password travels in the environment only."""
    path = shutil.which(program)
    if path is None:
        raise InvalidInput(N_("pg_dump dan pg_restore belum terpasang."), "file")
    url = make_url(store.url)
    environment = {
        **os.environ,
        "PGHOST": url.host or "",
        "PGPORT": str(url.port or 5432),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
    }
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [path, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise InvalidInput(N_("Cadangan gagal dibuat atau dipulihkan."), "file")
