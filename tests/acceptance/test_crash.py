"""The publisher is killed for real, against the sandbox, and nothing is doubled or lost."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.postgresql import find_binaries

ROOT = Path(__file__).resolve().parents[2]
KILLS = 30 if os.environ.get("CI") else 10
NETWORKS = {"sqlite": "x,bluesky,mail", "postgresql": "mastodon,threads,wordpress"}
"""Some of each kind, that it stays short; the bench runs over all by itself."""


@pytest.mark.long(110)
@pytest.mark.timeout(510)
@pytest.mark.parametrize("database", DATABASES)
def test_bar_1_killed_at_every_step_and_at_random_nothing_is_doubled_or_lost(
    database: str,
) -> None:
    if (
        database == "postgresql"
        and find_binaries() is None
        and not os.environ.get("CI")
    ):
        pytest.skip("PostgreSQL's server binaries are not installed")
    bench = subprocess.run(
        [
            *(sys.executable, "-m", "bench.crash"),
            *("--kills", str(KILLS), "--seed", "1", "--database", database),
            *("--networks", NETWORKS[database], "--short"),
        ],
        check=False,
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("KENTONGAN_")},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert bench.returncode == 0, bench.stdout + bench.stderr
    result = bench.stdout.splitlines()[-1]
    figures = dict(re.findall(r"(\w+)=(\d+)", result))
    wrong = ("doubled", "lost", "stuck", "stale", "bare", "loose")
    assert [figures[name] for name in wrong] == ["0"] * len(wrong)
    assert (figures["named"], figures["in_threads"]) == ("30", "6")
    assert int(figures["between_arming_and_recording"]) >= 30
    assert int(figures["mutant_doubled"]) + int(figures["mutant_lost"]) > 0
