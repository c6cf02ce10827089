"""A process that sends on a wall, and tells of each send when its last look began.

It is the product's own ``Publishing``. ``WithoutLastLook`` is the mutant that
``bench.stops`` must catch.
"""

import os
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.account import Account
from models.errors import GateClosed
from models.speech import Gate, Image, Outgoing, Prepared, Receipt
from pipeline.ledger import Claim, Ledger
from pipeline.publishing import Publishing
from pipeline.unit import Store, now_utc
from publishers.base import Publisher

THREADS = 2
LONGEST_WAY = 0.06
"""Seconds at most between arming and the last look, as a slow network makes them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A send is armed, and on its way to its last look."""

    key: str


@dataclass(frozen=True, slots=True)
class Look:
    """One send: when its last look began, and whether the bytes left after it."""

    key: str
    began: float  # monotonic seconds, the same clock in every process
    sent: bool


class Blind(Ledger):
    """The mutant's ledger: the gate is open to everybody."""

    def last_look(self, claim: Claim) -> Gate:  # noqa: ARG002
        return lambda: None


class WithoutLastLook(Publishing):
    """The mutant: what was armed goes, whatever was decided since."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        known = self._ledger
        self._ledger = Blind(known.store, known.pace, known.on_step)


@dataclass(frozen=True, slots=True)
class Wall:
    """A network without a wire: a post is a word on the way back to the bench."""

    told: Any

    def prepare(self, post: Outgoing, images: Sequence[Image]) -> Prepared:
        assert not images, post.key
        return Prepared()

    def publish(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        self.told.put(Arrival(outgoing.key))
        time.sleep(random.uniform(0, LONGEST_WAY))
        look = Look(outgoing.key, time.monotonic(), sent=True)
        try:
            gate()
        except GateClosed:
            self.told.put(replace(look, sent=False))
            raise
        self.told.put(look)
        return Receipt(outgoing.key, "https://dinding.example/")

    def replay(self, outgoing: Outgoing, gate: Gate) -> Receipt:
        return self.publish(outgoing, gate)

    def look_up(self, outgoing: Outgoing) -> Receipt | None:
        raise AssertionError(f"nothing is lost on a wall: {outgoing.key}")


def run(url: str, told: Any, *, mutant: bool) -> None:
    """Send for ever, on several threads."""
    store = Store(url)
    kind = WithoutLastLook if mutant else Publishing

    def connect(_account: Account) -> Publisher:
        return Wall(told)

    job = kind(store, connect, lambda _network: ())
    parent = os.getppid()

    def send() -> None:
        while os.getppid() == parent:  # the bench itself may be killed
            if not job.send_next(now_utc()):
                time.sleep(0.002)

    threads = [threading.Thread(target=send, daemon=True) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
