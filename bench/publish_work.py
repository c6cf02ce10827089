"""The processes of ``bench.publish``: the product's own, told where the sandbox is."""

import os
import time
from dataclasses import dataclass
from datetime import timedelta

from config.keys import Vault
from config.settings import Settings
from pipeline.engine import Engine
from pipeline.job_queue import DatabaseQueue, reap
from pipeline.machines import Worker
from pipeline.queue import TaskName
from pipeline.ticker import Ticker
from pipeline.unit import Store

SENDING = (TaskName.PUBLISH, TaskName.SETTLE, TaskName.SWEEP)


@dataclass(frozen=True)
class Order:
    """What one process works with."""

    database: str
    key: str
    inner_hosts: frozenset[str]
    threads: int
    every: float  # seconds between two looks for what is due


def in_process(order: Order) -> None:
    """Clock and workers in one, as ``kentongan run`` has them."""
    settings, store = _open(order)
    Engine(settings, store, Vault([order.key])).start()
    _until_orphaned()


def clock(order: Order) -> None:
    """``kentongan clock``."""
    settings, store = _open(order)
    store.queue = DatabaseQueue()
    Ticker(settings, store, reap).start()
    _until_orphaned()


def worker(order: Order) -> None:
    """``kentongan worker --queue publish --queue settle --queue sweep``."""
    settings, store = _open(order)
    Worker(Engine(settings, store, Vault([order.key])), SENDING, order.threads).run()


def _open(order: Order) -> tuple[Settings, Store]:
    settings = Settings(
        database_url=order.database,
        inner_hosts=order.inner_hosts,
        publish_threads=order.threads,
        publish_every=timedelta(seconds=order.every),
        log_level="ERROR",
    )
    return settings, Store(order.database)


def _until_orphaned() -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # the bench itself may be killed
        time.sleep(1)
