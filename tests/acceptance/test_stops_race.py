"""A stop that is committed before a last look stops it, raced for real."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.postgresql import find_binaries

ROOT = Path(__file__).resolve().parents[2]
RACES = 96


@pytest.mark.long(30)
@pytest.mark.timeout(240)
@pytest.mark.parametrize("database", DATABASES)
def test_bar_7_no_send_starts_once_a_stop_is_committed(database: str) -> None:
    if (
        database == "postgresql"
        and find_binaries() is None
        and not os.environ.get("CI")
    ):
        pytest.skip("PostgreSQL's server binaries are not installed")
    bench = subprocess.run(
        [
            *(sys.executable, "-m", "bench.stops"),
            *("--races", str(RACES), "--seed", "1", "--database", database),
            "--in-memory",
        ],
        check=False,
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("KENTONGAN_")},
        capture_output=True,
        text=True,
        timeout=230,
    )
    assert bench.returncode == 0, bench.stdout + bench.stderr
    figures = dict(re.findall(r"(\w+)=(\d+)", bench.stdout.splitlines()[-1]))
    assert int(figures["races"]) == RACES
    assert figures["late"] == "0"
    assert int(figures["stopped_at_last_look"]) > 0
    assert int(figures["mutant_late"]) > 0
