"""Acceptance bars of a publishing program that no other test is named after.

Bars 1 to 8 stand beside what they are about; ``docs/failures.md`` lists them all.
"""

import json
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config.formats import Formats
from config.keys import Vault
from models.clock import TickRow
from models.scope import OfficeScope, SystemScope
from models.states import AccountHealth, Role
from pipeline.queue import TaskName
from pipeline.unit import Store
from tests.conftest import add_person
from tests.integration.ledger_kit import House
from tests.terminal import Terminal
from web.asking import local_time

ROOT = Path(__file__).resolve().parents[2]
ZONES = (
    "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Kathmandu",
    "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "UTC",
)  # fmt: skip
START_WITHIN = timedelta(seconds=10)
MOST_MEGABYTES = 300


@pytest.fixture
def office(tmp_path: Path) -> Terminal:
    terminal = Terminal(tmp_path)
    terminal.init()
    return terminal


@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    typed=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001
)
def test_bar_9_a_time_is_kept_and_shown_as_it_was_typed_in_any_zone(
    zone: ZoneInfo, typed: datetime
) -> None:
    text = typed.isoformat(timespec="minutes")
    at = local_time(text, zone, "publish_at")
    assert at is not None
    kept = at.astimezone(UTC)
    assume(kept.astimezone(zone).replace(tzinfo=None) == at.replace(tzinfo=None))
    shown = Formats("id", zone).moment(kept)  # an hour that the clocks skip is not told
    assert f"{typed:%H.%M}" in shown
    assert f"{typed.day} " in shown
    assert str(typed.year) in shown


def test_bar_9_no_time_without_a_zone_is_written_in_the_program() -> None:
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert ruff["select"] == ["ALL"]
    assert not [rule for rule in ruff["ignore"] if rule.startswith("DTZ")]
    exempt = [
        f"{file}: {line.strip()}"
        for folder in ("cli", "collectors", "config", "models", "networks", "pipeline",
                       "publishers", "reports", "web")
        for file in sorted((ROOT / folder).rglob("*.py"))
        for line in file.read_text().splitlines()
        if re.search(r"noqa:.*DTZ", line)
    ]  # fmt: skip
    assert exempt == []


@contextmanager
def running(office: Terminal) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """``kentongan run`` until its power is cut; seconds until it answered."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "run"],
        cwd=office.folder,
        env=office.environment | {"KENTONGAN_WEB_PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert found
            while not _healthy(found[0]):
                assert process.poll() is None
                time.sleep(0.05)
            yield process, time.monotonic() - began
        finally:
            process.kill()  # the power is cut


def _healthy(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=10) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except URLError:
        return False


def test_bar_10_it_starts_soon_and_small_and_after_a_power_cut_by_itself(
    office: Terminal,
) -> None:
    for _boot in range(2):
        with running(office) as (process, seconds):
            assert seconds < START_WITHIN.total_seconds()
            time.sleep(2)  # its first round of tasks; there is no text to read
            status = Path(f"/proc/{process.pid}/status").read_text()
            kilobytes = re.search(r"VmHWM:\s+(\d+) kB", status)
            assert kilobytes
            assert int(kilobytes[1]) / 1024 < MOST_MEGABYTES


def _clock_set_back(office: Terminal) -> None:
    _ticked(office, datetime.now(UTC) + timedelta(hours=1))


def _process_long_dead(office: Terminal) -> None:
    _ticked(office, datetime.now(UTC) - timedelta(hours=1))


def _token_refused(office: Terminal) -> None:
    with _house(office) as house:
        _account(office, house, health=AccountHealth.DISCONNECTED)


def _worker_asleep(office: Terminal) -> None:
    """The clock ticks, but what was due an hour ago has not gone."""
    now = datetime.now(UTC)
    _ticked(office, now)
    with _house(office) as house:
        account = _account(office, house)
        house.announce("Loket buka.", account, due_at=now - timedelta(hours=1))


def _queue_without_a_worker(office: Terminal) -> None:
    """On many machines: every queue has a worker, but that of withdrawals."""
    now = datetime.now(UTC)
    rows = [TickRow(name, now, now) for name in set(TaskName) - {TaskName.WITHDRAW}]
    with _opened(office) as store, store.write(SystemScope("test")) as work:
        work.clockwork.write_ticks(rows)


@contextmanager
def _house(office: Terminal) -> Iterator[House]:
    own = OfficeScope(1)
    with _opened(office) as store:
        yield House(store, own, {role: add_person(store, own, role) for role in Role})


def _account(office: Terminal, house: House, **values: Any) -> int:
    key = (office.folder / "kentongan.key").read_text().strip()
    sealed = Vault([key]).seal("{}")
    return house.account("polres", network="x", sealed_secrets=sealed, **values)


def _ticked(office: Terminal, at: datetime) -> None:
    with _opened(office) as store, store.write(SystemScope("test")) as work:
        work.clockwork.write_ticks([TickRow("publish", at, at)])


@contextmanager
def _opened(office: Terminal) -> Iterator[Store]:
    store = Store(f"sqlite:///{office.folder / 'kentongan.db'}")
    yield store
    store.close()


@pytest.mark.parametrize(
    ("harm", "name", "advice"),
    [
        (_clock_set_back, "clock", "timedatectl"),
        (_process_long_dead, "tick", "kentongan run"),
        (_token_refused, "account x polres", "Sambungkan lagi"),
        (_worker_asleep, "late", "Kiriman"),
        (_queue_without_a_worker, "tasks", "kentongan worker"),
    ],
)
def test_bar_11_the_doctor_names_what_is_wrong(
    office: Terminal, harm: Callable[[Terminal], None], name: str, advice: str
) -> None:
    harm(office)
    findings = json.loads(office.try_("doctor", "--json").stdout)
    (found,) = [one for one in findings if one["name"] == name]
    assert found["verdict"] != "good"
    assert advice in found["advice"]


def test_bar_11_a_zone_that_does_not_exist_is_named(office: Terminal) -> None:
    done = office.try_("doctor", KENTONGAN_TIMEZONE="Asia/Jakata")
    assert done.returncode == 1
    assert "timezone: zona waktu tidak dikenal" in done.stderr
