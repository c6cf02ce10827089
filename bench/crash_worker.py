"""A worker that can be told where to die; a process of its own in ``bench.crash``.

It is the product's own ``Publishing`` over the product's own networks, told of each
step. ``WithoutIntent`` is the mutant that the bench must catch.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from config.keys import Vault
from config.settings import Settings
from models.account import Account
from models.speech import Outgoing
from networks.base import FreePurse
from networks.capabilities import Settling
from pipeline import wiring
from pipeline.accounts import secret_of
from pipeline.addresses import Addresses
from pipeline.engine import Engine
from pipeline.ledger import (
    JOB,
    Claim,
    Ledger,
    OnStep,
    Pace,
    Timer,
    outgoing_of,
    text_of,
)
from pipeline.looking import STEPS as SETTLE_STEPS
from pipeline.looking import Connect, Settler
from pipeline.machines import Worker
from pipeline.publishing import STEPS as SEND_STEPS
from pipeline.publishing import Publishing
from pipeline.queue import TaskName
from pipeline.sessions import KeptSession
from pipeline.unit import Store, now_utc
from publishers.base import Publisher

IDLE = "idle"
STEPS = (IDLE, *SEND_STEPS, *SETTLE_STEPS)
BETWEEN = frozenset({"armed", "looked", "answered"})
"""Last steps of a worker that is between arming and recording."""

SENDING = (TaskName.PUBLISH, TaskName.SETTLE, TaskName.SWEEP)
BEAT = timedelta(seconds=0.5)
STALLED_AFTER = timedelta(seconds=3)
"""A tenth of what they are, as the leases below: half a minute is long for a bench."""

PACE = Pace(
    lease=timedelta(seconds=4),
    send_within=timedelta(seconds=3),  # on a busy machine a send needs one
    first_look=timedelta(seconds=0.3),
    apart=timedelta(seconds=1),
)


@dataclass(frozen=True)
class Order:
    """What one worker does, and where it ends."""

    database: str
    key: str
    inner_hosts: frozenset[str]
    public_url: str  # where networks fetch pictures
    step: str = ""  # where to stop; empty is nowhere
    account: int = 0  # of this account only; 0 is any
    part: int = 0  # at this part of a thread only; 0 is any
    delay: float = 0  # seconds after that step
    by: signal.Signals = signal.SIGKILL
    mutant: bool = False
    queued: bool = False  # driven by procrastinate, not by a loop of its own

    def fits(self, step: str, at: "At") -> bool:
        """Whether a worker at this step of this delivery ends here."""
        here = self.account in (0, at.account) and self.part in (0, at.part)
        return here and step == self.step


@dataclass
class At:
    """Which delivery a worker has in hand."""

    account: int = 0
    part: int = 0

    def see(self, claim: Claim | None) -> None:
        if claim is not None:
            self.account, self.part = claim.account.id, claim.part


class WatchedSettler(Settler):
    """The product's own; it is known what it has in hand."""

    def __init__(
        self,
        ledger: Ledger,
        connect: Connect,
        settles_by: Callable[[str], Sequence[Settling]],
        at: At,
    ) -> None:
        super().__init__(ledger, connect, settles_by)
        self._at = at

    def _claim(self, timer: Timer) -> Any:
        found, turn = super()._claim(timer)
        self._at.see(turn.claim if turn else None)
        return found, turn


class Watched(Publishing):
    """The product's own; it is known what it has in hand."""

    def __init__(
        self,
        store: Store,
        connect: Connect,
        on_step: OnStep,
        address: Addresses,
        at: At,
    ) -> None:
        def ways(name: str) -> Sequence[Settling]:
            return wiring.capabilities(name).settles_by

        super().__init__(store, connect, ways, PACE, on_step, address)
        self._at = at
        self._settler = WatchedSettler(self._ledger, connect, ways, at)

    def _claim(self, timer: Timer) -> tuple[bool, Claim | None]:
        found, claim = super()._claim(timer)
        self._at.see(claim)
        return found, claim


class WithoutIntent(Watched):
    """The mutant: it calls the network without having committed that it will."""

    def _arm(self, claim: Claim) -> tuple[Claim, Outgoing] | None:
        with self._store.write(JOB) as work:
            owned = self._ledger.own(work, claim)
            if owned is None:
                return None
            row = owned[1]
            row.sent_text, row.armed_at = text_of(work, row), claim.timer.now()
            outgoing = outgoing_of(work, row)
            work.session.rollback()
        return claim, outgoing


def run(order: Order, told: Any) -> None:
    """Send and settle for ever; ``told`` holds the number of the last step."""
    store = Store(order.database)
    at = At()
    job = publishing(order, store, _teller(order, at, told), at)
    if order.queued:
        _run_queued(order, store, job, told)
        return
    parent = os.getppid()
    while os.getppid() == parent:  # the bench itself may be killed
        job.sweep(now_utc())
        sent, settled = job.send_next(now_utc()), job.settle_next(now_utc())
        if not (sent or settled):
            told.value = STEPS.index(IDLE)
            time.sleep(0.05)


class Teller(Worker):
    """The product's worker, which also tells when it has nothing to do."""

    told: Any = None

    def look(self, name: TaskName) -> None:
        super().look(name)
        self.told.value = STEPS.index(IDLE)


def _run_queued(order: Order, store: Store, job: Publishing, told: Any) -> None:
    """As ``kentongan worker`` does, one thread, so that the last step is its own."""
    engine = Engine(Settings(), store, Vault([order.key]), publishing=job)
    worker = Teller(engine, SENDING, threads=1, beat=BEAT)
    worker.told = told
    worker.run()


def publishing(order: Order, store: Store, on_step: OnStep, at: At) -> Publishing:
    vault = Vault([order.key])
    settings = Settings(
        inner_hosts=order.inner_hosts, total_timeout=timedelta(seconds=5)
    )

    def connect(account: Account) -> Publisher:
        session = KeptSession(
            store, vault, account.office_id, account.id, account.sealed_secrets
        )
        secret = replace(secret_of(vault, account), session=session)
        client = wiring.connect(secret, settings, FreePurse())
        return wiring.publisher_for(account.network, client)

    kind = WithoutIntent if order.mutant else Watched
    address = Addresses(order.public_url, vault, now_utc)
    return kind(store, connect, on_step, address, at)


def _teller(order: Order, at: At, told: Any) -> Callable[[str], None]:
    def end() -> None:
        os.kill(os.getpid(), order.by)
        time.sleep(0.5)  # of several threads this one may go on for a moment

    waiting = True  # once: a worker that goes on is like any other

    def tell(step: str) -> None:
        nonlocal waiting
        told.value = STEPS.index(step)
        if not (waiting and order.fits(step, at)):
            return
        waiting = False
        if order.delay:
            threading.Timer(order.delay, end).start()
        else:
            end()

    return tell
