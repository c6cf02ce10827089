"""Forks ``kentongan`` from a process that has imported it; see :mod:`tests.terminal`.

Reads one job a line: arguments, folder, environment, and the folder with the files
``in``, ``out`` and ``err``. Writes one line a job: the exit code, negative for a signal.
Ends with its input. A command that takes longer than :data:`LIMIT_S` is killed.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# what most commands import when they run
import cli.context
import cli.main
import pipeline.setup
import pipeline.unit
import pipeline.wiring  # noqa: F401

LIMIT_S = 60


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(job)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(job: Mapping[str, Any]) -> None:
    """Be the command of this job, and end with it."""
    signal.alarm(LIMIT_S)
    os.chdir(job["folder"])
    os.environ.clear()
    os.environ.update(job["environment"])
    said = Path(job["said"])
    flags = os.O_WRONLY | os.O_CREAT
    os.dup2(os.open(said / "in", os.O_RDONLY), 0)
    os.dup2(os.open(said / "out", flags, 0o600), 1)
    os.dup2(os.open(said / "err", flags, 0o600), 2)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - ends with us
    os._exit(_ended(job["arguments"]))


def _ended(arguments: Sequence[str]) -> int:
    """Run to the end as the interpreter would, and return the exit code."""
    sys.argv = ["kentongan", *arguments]
    try:
        cli.main.main()
    except SystemExit as ending:
        code = ending.code
    else:
        code = 0
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code or 0


if __name__ == "__main__":
    main()
