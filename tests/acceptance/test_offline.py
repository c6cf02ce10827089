"""A machine without any network: made, asked and read from (O10)."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
    import os, socket, sys

    def refuse(*_arguments, **_named):
        print("the network was asked", file=sys.stderr)
        os._exit(66)

    for name in ("connect", "connect_ex", "sendto"):
        setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        setattr(socket, name, refuse)
    from cli.main import main
    main()
"""


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "if 1:" + PROGRAM, *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("KENTONGAN")}
        | {
            "PYTHONPATH": str(ROOT),
            "LC_ALL": "C.UTF-8",
            "FIRST_PASSWORD": "padi-menguning-2026",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_o10_an_installation_is_made_and_reads_texts_with_no_network(
    tmp_path: Path,
) -> None:
    _run(
        tmp_path, "init", "--code", "sukamaju", "--name", "Polres Kota Sukamaju",
        "--login", "admin", "--person", "Bagus",
    )  # fmt: skip
    _run(tmp_path, "source", "add", "https://warta.example/rss")
    assert "warta.example" in _run(tmp_path, "source", "list", "--json")
    assert _run(tmp_path, "classify", "Antre SIM lama sekali, petugasnya cuek.")
