"""The machine's own PostgreSQL, started on loopback for the tests.

pytest-postgresql's janitor makes the database that the others are copies of; the server
is started here because ``postgres`` refuses to run as root, as containers and CI do.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from pytest_postgresql.janitor import DatabaseJanitor

USER = "postgres"
IN_MEMORY = Path("/dev/shm")  # an ext4 disk makes files slowly while many are deleted
ROOM = 2 * 1024**3  # bytes; a container may give 64 MB there


def find_binaries() -> Path | None:
    """The folder of ``initdb`` and ``pg_ctl``, the newest installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        return found[-1].parent
    on_path = shutil.which("pg_ctl")
    return Path(on_path).resolve().parent if on_path else None


@dataclass
class Server:
    """A running server; ``url()`` names one of its databases."""

    port: int
    _version: int = 0
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _template: str = "template_kentongan"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def janitor(self, database: str, template: str | None = None) -> DatabaseJanitor:
        return DatabaseJanitor(
            user=USER,
            host="127.0.0.1",
            port=self.port,
            dbname=database,
            template_dbname=template,
            password=None,
        )

    def make_template(self, fill: Callable[[str], object]) -> None:
        self.janitor(self._template).init()
        fill(self.url(self._template))

    @contextmanager
    def fresh_database(self, template: str | None = None) -> Iterator[str]:
        name, of = f"k{next(self._numbers)}", template or self._template
        # files copied as they are are half the work of writing them to the log anew;
        # before 15 there was no other way
        how = " STRATEGY FILE_COPY" if self._version >= 15 else ""
        self._order(f"CREATE DATABASE {name} TEMPLATE {of}{how}")
        try:
            yield self.url(name)
        finally:
            self._order(f"DROP DATABASE {name} WITH (FORCE)")

    def _order(self, statement: str) -> None:
        with self._connect() as connection:
            connection.execute(statement.encode())

    def _connect(self) -> psycopg.Connection:
        place = f"host=127.0.0.1 port={self.port} user={USER} dbname=postgres"
        return psycopg.connect(place, autocommit=True)

    @classmethod
    @contextmanager
    def start(cls, binaries: Path, in_memory: bool = True) -> Iterator["Server"]:
        """Run a server until the block ends; its files lie in memory if there is room."""
        place = roomy_memory() if in_memory else None
        folder = Path(tempfile.mkdtemp(prefix="kentongan-pg-", dir=place))
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam(USER).pw_uid, -1)
        port = _free_port()
        cluster = folder / "data"
        run = _runner(binaries)
        run("initdb", "-D", cluster, "-A", "trust", "-U", USER, "--no-sync",
            "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip
        options = (
            f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off "
            "-c full_page_writes=off -c synchronous_commit=off -c max_connections=200"
        )
        run("pg_ctl", "-D", cluster, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            server = cls(port)
            with server._connect() as connection:
                server._version = connection.info.server_version // 10_000
            yield server
        finally:
            run("pg_ctl", "-D", cluster, "-m", "immediate", "stop")
            shutil.rmtree(folder, ignore_errors=True)


def _runner(binaries: Path) -> Callable[..., None]:
    prefix = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []

    def run(program: str, *arguments: object) -> None:
        subprocess.run(
            [*prefix, binaries / program, *map(str, arguments)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )

    return run


def roomy_memory() -> Path | None:
    """Where files are kept in memory, if there is room; else None, the usual place."""
    try:
        free = shutil.disk_usage(IN_MEMORY).free
    except OSError:
        return None
    return IN_MEMORY if free >= ROOM and os.access(IN_MEMORY, os.W_OK) else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
