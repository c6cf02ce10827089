"""A terminal in a folder of its own: every command is a process with its own result.

The processes are forked from one that has imported the program already (`tests.forge`),
because two hundred commands that each import it anew cost minutes. What is measured by
its start, or is stopped by a signal, is started as a person starts it.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]


class Terminal:
    """Runs ``kentongan`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("KENTONGAN")},
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "200",
        }

    def try_(
        self, *arguments: str, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        done = _forge().run(
            arguments, self.folder, self.environment | environment, stdin
        )
        assert "Traceback" not in done.stderr + done.stdout
        return done

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> str:
        done = self.try_(*arguments, stdin=stdin, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *arguments: str, **environment: str) -> object:
        return json.loads(self.run(*arguments, "--json", **environment))

    def init(self) -> None:
        """Make an installation here, with an administrator."""
        self.run(
            "init", "--code", "sukamaju", "--name", "Polres Kota Sukamaju",
            "--login", "admin", "--person", "Bagus",
            FIRST_PASSWORD="padi-menguning-2026",
        )  # fmt: skip


class Forge:
    """The process that forks a command, waits for it, and says how it ended."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forge"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        arguments: tuple[str, ...],
        folder: Path,
        environment: dict[str, str],
        stdin: str,
    ) -> subprocess.CompletedProcess[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with TemporaryDirectory() as name:
            said = Path(name)
            (said / "in").write_text(stdin)
            job = {
                "arguments": arguments,
                "folder": str(folder),
                "environment": environment,
                "said": name,
            }
            self._process.stdin.write(json.dumps(job) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            out, err = ((said / one).read_text() for one in ("out", "err"))
        return subprocess.CompletedProcess(arguments, code, out, err)


@cache
def _forge() -> Forge:
    return Forge()
