"""Clock, workers and web as processes of their own, as on several machines."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
from cryptography.fernet import Fernet

from config.keys import Vault
from models.scope import OfficeScope
from models.states import Role
from pipeline.queue import TaskName
from pipeline.unit import Store, now_utc
from pipeline.wiring import capabilities
from sandbox.site import Site
from tests.conftest import add_person
from tests.integration.ledger_kit import House
from tests.integration.test_clock_of_one_process import until
from tests.postgresql import Server
from tests.terminal import Terminal

COMMANDS = ("clock", "worker", "web")
SENDING = ("publish", "settle", "sweep")
SAID = {"clock": "Jam", "worker": "Pekerja berjalan", "web": "Dasbor berjalan"}


@dataclass
class Machines(House):
    """One installation on PostgreSQL, and the processes that serve it."""

    terminal: Terminal
    url: str
    key: str
    site: Site
    running: ExitStack

    def start(self, *command: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", *command],
            cwd=self.terminal.folder,
            env=self.terminal.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.callback(_end, process)
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said.startswith(SAID[command[0]]):
            process.kill()
            pytest.fail(f"{command}: {said} {process.communicate()[1]}")
        return process

    def query(self, text: str) -> list[Any]:
        with psycopg.connect(
            self.url.replace("+psycopg", ""), autocommit=True
        ) as connection:
            found = connection.execute(text)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def connect(self, handle: str) -> int:
        tokens = self.site.add_account("mastodon", handle)
        secrets = {one: tokens[one] for one in capabilities("mastodon").secrets}
        return self.account(
            handle,
            network="mastodon",
            base_url=self.site.url,
            sealed_secrets=Vault([self.key]).seal(json.dumps(secrets)),
        )

    def all_states(self) -> list[str]:
        return [
            row[0] for row in self.query("SELECT state FROM deliveries ORDER BY id")
        ]

    def holder(self) -> str:
        ((holder,),) = self.query("SELECT holder FROM leases WHERE name = 'clock'")
        return str(holder)

    def posts(self) -> list[str]:
        return sorted(re.sub("<[^>]+>", "", post.text) for post in self.site.posts())


def _well(address: str) -> bool:
    """Whether the dashboard says so; it listens a moment after it has its port."""
    try:
        with urlopen(f"{address}/healthz", timeout=10) as answer:
            return bool(json.load(answer)["status"] == "ok")
    except OSError:
        return False


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.communicate()


@contextmanager
def _installed(server: Server, folder: Path, **settings: str) -> Iterator[Machines]:
    with (
        Site.start() as site,
        server.fresh_database("template0") as url,
        ExitStack() as running,
    ):
        terminal = Terminal(folder)
        key = Fernet.generate_key().decode()
        host = site.url.removeprefix("http://")
        terminal.environment |= {
            "KENTONGAN_DATABASE_URL": url,
            "KENTONGAN_KEY": key,
            "KENTONGAN_INNER_HOSTS": json.dumps([host]),
            "KENTONGAN_PUBLISH_EVERY": "0.5",
            "KENTONGAN_SETTLE_EVERY": "0.5",
            "KENTONGAN_WEB_PORT": "0",
            **settings,
        }
        terminal.init()
        store = Store(url)
        running.callback(store.close)
        office = OfficeScope(1)
        people = {role: add_person(store, office, role) for role in Role}
        yield Machines(store, office, people, terminal, url, key, site, running)


@pytest.fixture
def machines(postgresql_server: Server, tmp_path: Path) -> Iterator[Machines]:
    with _installed(postgresql_server, tmp_path) as made:
        yield made


@pytest.mark.parametrize("command", COMMANDS)
def test_on_sqlite_it_says_that_postgresql_is_needed(
    tmp_path: Path, command: str
) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    done = terminal.try_(command)
    assert done.returncode == 1
    assert "perlu PostgreSQL" in done.stderr


@pytest.mark.long(20)
@pytest.mark.postgresql
def test_two_workers_publish_each_announcement_once_and_all_processes_end_cleanly(
    machines: Machines,
) -> None:
    started = [machines.start("clock"), machines.start("web")]
    queues = [word for name in SENDING for word in ("--queue", name)]
    started += [machines.start("worker", *queues, "--threads", "3") for _ in range(2)]
    texts = []
    for number in range(3):
        account = machines.connect(f"akun_{number}")
        for part in range(4):
            texts.append(f"Pengumuman {part} di akun {number}")
            machines.announce(texts[-1], account, due_at=now_utc())
    assert until(lambda: machines.all_states() == ["published"] * len(texts), 60)
    assert machines.posts() == sorted(texts)
    for process in reversed(started):
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=40)
        assert (process.returncode, "Traceback" in errors) == (0, False), errors
    assert machines.query("SELECT id FROM procrastinate_workers") == []
    doing = "SELECT id FROM procrastinate_jobs WHERE status <> 'todo'"
    assert machines.query(doing) == []
    ((until_,),) = machines.query("SELECT until < now() FROM leases")
    assert until_, "the clock gave its role back"


@pytest.mark.postgresql
def test_web_serves_pages_without_a_clock_of_its_own(machines: Machines) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "web"],
        cwd=machines.terminal.folder,
        env=machines.terminal.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    machines.running.callback(_end, process)
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    assert until(lambda: _well(address), 20)
    assert machines.query("SELECT holder FROM leases") == []


@pytest.mark.postgresql
def test_an_unknown_queue_is_named(machines: Machines) -> None:
    done = machines.terminal.try_("worker", "--queue", "kirim")
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert all(name in said for name in TaskName)


@pytest.mark.long(17)
@pytest.mark.postgresql
def test_a_clock_that_is_killed_is_followed_by_the_one_that_stood_by(
    machines: Machines,
) -> None:
    first = machines.start("clock")
    second = machines.start("clock")
    assert f":{first.pid}:" in machines.holder()
    first.kill()
    first.wait()
    assert until(lambda: f":{second.pid}:" in machines.holder(), 30)
    machines.query("DELETE FROM procrastinate_jobs")
    waiting = "SELECT queue_name FROM procrastinate_jobs"
    assert until(lambda: ("publish",) in machines.query(waiting), 20)


@pytest.mark.long(43)
@pytest.mark.postgresql
@pytest.mark.timeout(180)
def test_a_worker_killed_while_it_sends_leaves_no_job_and_its_post_stands_once(
    postgresql_server: Server, tmp_path: Path
) -> None:
    short = {
        "KENTONGAN_LEASE": "6", "KENTONGAN_SEND_WITHIN": "4",
        "KENTONGAN_TOTAL_TIMEOUT": "5",
    }  # fmt: skip
    with _installed(postgresql_server, tmp_path, **short) as machines:
        machines.start("clock")
        text = "Loket SKCK buka sampai pukul 20.00 WIB."
        account = machines.connect("polres_sukamaju")
        dying = machines.start("worker", "--threads", "2")
        machines.site.hold(20_000, 20_000)
        machines.announce(text, account, due_at=now_utc())
        assert until(lambda: machines.all_states() == ["armed"], 30)
        assert until(lambda: len(machines.posts()) == 1, 10)
        dying.kill()
        dying.wait()
        killed = time.monotonic()
        ((dead,),) = machines.query("SELECT id FROM procrastinate_workers")
        of_the_dead = f"SELECT 1 FROM procrastinate_jobs WHERE worker_id = {dead}"
        assert machines.query(of_the_dead)
        machines.site.hold(0, 0)
        machines.start("worker", "--threads", "2")
        assert until(lambda: machines.all_states() == ["published"], 60)
        assert until(lambda: not machines.query(of_the_dead), 70)
        assert time.monotonic() - killed > 20, "a slow worker is not taken for dead"
        everybody = "SELECT id FROM procrastinate_workers"
        assert until(lambda: (dead,) not in machines.query(everybody), 10)
        assert machines.posts() == [text]


@pytest.mark.postgresql
def test_an_installation_is_carried_over_by_one_command(
    postgresql_server: Server, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path)
    terminal.init()
    terminal.run("user", "add", "ratna", "--name", "Ratna", "--role", "officer")
    with postgresql_server.fresh_database("template0") as url:
        done = terminal.run("db", "copy", "kentongan.db", url, "--yes")
        assert "users: 2" in done
        assert "0 kiriman harus diperiksa" in done
        again = terminal.try_("db", "copy", "kentongan.db", url, "--yes")
        assert again.returncode == 1
        assert "sudah berisi" in again.stderr
        rows = terminal.json("user", "list", KENTONGAN_DATABASE_URL=url)
        assert rows == terminal.json("user", "list")
        terminal.run("user", "add", "wira", "--name", "Wira", "--role", "approver",
                     KENTONGAN_DATABASE_URL=url)  # fmt: skip
    missing = terminal.try_("db", "copy", "lain.db", url, "--yes")
    assert missing.returncode == 1
    assert not (tmp_path / "lain.db").exists()
