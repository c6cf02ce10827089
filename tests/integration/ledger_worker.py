"""One worker process of the tests: ``python -m tests.integration.ledger_worker``.

It stops itself (SIGSTOP) at the step that it is given: exactly there, and in no
transaction.
"""

import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from models.account import Account
from pipeline.ledger import Pace
from pipeline.publishing import Publishing
from pipeline.unit import Store, now_utc
from tests.integration.ledger_kit import LOOKS, Wall, WallPublisher


def main(url: str, wall: str, lease_s: str, stop_at: str) -> None:
    """Send and settle until nothing has been due for a while."""
    store = Store(url)

    def connect(account: Account) -> WallPublisher:
        return WallPublisher(Wall(Path(wall)), account.id, keeps_keys=False)

    def tell(step: str) -> None:
        nonlocal stop_at
        if step == stop_at:
            stop_at = ""  # once: a process that goes on is like any other
            os.kill(os.getpid(), signal.SIGSTOP)

    lease = timedelta(seconds=float(lease_s))
    pace = Pace(lease=lease, send_within=lease * 0.6)
    job = Publishing(store, connect, lambda _network: LOOKS, pace, tell)
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < 1:
        if job.send_next(now_utc()) or job.settle_next(now_utc()):
            idle_since = time.monotonic()
        elif not job.sweep(now_utc()):
            time.sleep(0.05)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
