"""Memory of ``kentongan run``: idle, and while it reads texts.

``python -m bench.memory [--items N]``; the last line is the result.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from models.item import Item
from models.scope import OfficeScope, SystemScope
from pipeline.unit import Store

SETTLED = 8.0  # seconds until an idle process is called idle
TEXTS = (
    "antre SKCK dari subuh belum dipanggil juga, petugasnya main HP",
    "makasih pak polisi, perpanjang SIM cuma 20 menit, ramah semua",
    "min, besok SIM keliling di mana ya? Sabtu buka gak?",
    "coba dikasih nomor antrean online biar gak numpuk di loket",
    "Polres Kota Sukamaju menggelar patroli malam di Jalan Merdeka",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        _kentongan(
            folder, "init", "--code", "sukamaju", "--name", "Polres Kota Sukamaju",
            "--login", "admin", "--person", "Admin", "--password", "padi-menguning",
        )  # fmt: skip
        with _running(folder) as pid:
            time.sleep(SETTLED)
            idle = _resident(pid)
            print(f"idle after {SETTLED:.0f} s: {idle:.0f} MiB")
            busy, seconds = _read_texts(folder, pid, arguments.items)
        print(f"busy: peak {busy:.0f} MiB while {arguments.items} texts were read")
        print(
            f"result memory: idle {idle:.0f} MiB, busy {busy:.0f} MiB, "
            f"{arguments.items / seconds:.0f} texts a second stored"
        )


def _read_texts(folder: Path, pid: int, count: int) -> tuple[float, float]:
    """Put texts into the inbox; return the peak in MiB and the seconds it took."""
    store = Store(f"sqlite:///{folder / 'kentongan.db'}")
    _fill(store, count)
    peak, started = 0.0, time.monotonic()
    while _unread(store):
        peak = max(peak, _resident(pid))
        time.sleep(0.1)
    store.close()
    return peak, time.monotonic() - started


def _fill(store: Store, count: int) -> None:
    now = datetime.now(UTC)
    with store.read(SystemScope("bench")) as work:
        office = OfficeScope(work.offices.all()[0].id)
    for start in range(0, count, 200):
        with store.write(office) as work:
            work.session.add_all(
                Item(
                    office_id=office.office_id,
                    network="feed",
                    url=f"https://contoh.id/{number}",
                    text=f"{TEXTS[number % len(TEXTS)]} {number}",
                    first_seen_at=now,
                    at=now,
                    story_key=f"{number:064x}",
                )
                for number in range(start, min(start + 200, count))
            )


def _unread(store: Store) -> int:
    with store.read(SystemScope("bench")) as work:
        return (
            work.session.scalar(
                select(func.count(Item.id)).where(Item.labelled_by == "")
            )
            or 0
        )


@contextmanager
def _running(folder: Path) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", "run"],
        cwd=folder,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _kentongan(folder: Path, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env=_environment(),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _environment() -> dict[str, str]:
    root = str(Path(__file__).resolve().parent.parent)
    return {**os.environ, "PYTHONPATH": root, "KENTONGAN_WEB_PORT": "0"}


def _resident(pid: int) -> float:
    """MiB of a process and its children, as the kernel counts resident memory."""
    total = 0
    for one in (pid, *_children(pid)):
        try:
            status = Path(f"/proc/{one}/status").read_text()
        except OSError:
            continue
        for line in status.splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / 1024


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield int(child)
            yield from _children(int(child))


if __name__ == "__main__":
    main()
