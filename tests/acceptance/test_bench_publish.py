"""The measure of publishing measures: nothing doubled, every figure there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DATABASES

ROOT = Path(__file__).resolve().parents[2]
SHORT = {
    "deliveries": 32,
    "threads": 2,
    "scheduled": 320,
    "due": 4,
    "idle": 1,
    "every": 1,
    "warm": 3,
}


@pytest.mark.long(70)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database", DATABASES)
def test_a_short_run_tells_rate_delay_and_idle_cost_of_each_queue(
    database: str,
) -> None:
    bench = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.publish",
            *(f"--{name}={value}" for name, value in SHORT.items()),
            f"--database={database}",
            "--in-memory",
        ],
        check=False,
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("KENTONGAN_")},
        capture_output=True,
        text=True,
        timeout=290,
    )
    assert bench.returncode == 0, bench.stdout + bench.stderr
    result = bench.stdout.splitlines()[-1]
    queues = {"sqlite": 1, "postgresql": 2}[database]
    assert len(re.findall(r"rate \S+ threads=2 [\d.]+/s", result)) == queues
    assert len(re.findall(r"median=[\d.]+s p99=[\d.]+s", result)) == queues
    assert result.count("s/min") == (1 if queues == 1 else 3)
