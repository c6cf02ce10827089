"""From shared documents to items: each subscribed office gets each document once.

One fetch serves every office. An office is a unit of its own, so that a crash, a lock
or a trouble of one leaves the others as they are.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog

from collectors.identity import text_fingerprint
from models.database import StorageFailed
from models.redaction import redact
from models.scope import OfficeScope, SystemScope
from models.subscription import Waiting
from pipeline.contacts import contacts_that_stay
from pipeline.queue import TaskName
from pipeline.unit import Store, Work

log = structlog.get_logger(__name__)

SCOPE = SystemScope("delivering documents")
UNIT = 100  # documents a unit
MOST_SUBSCRIPTIONS = 500  # a call
OWN_RELEASES_FOR = timedelta(days=45)  # how long our own text is recognised in the news


def deliver_documents(store: Store, now: datetime) -> int:
    """Make items of what offices have not taken over; return how many were added.

    Raises:
        StorageFailed: what was delivered before stays; the rest waits.
    """
    with store.read(SCOPE) as work:
        waiting = work.subscriptions.waiting(MOST_SUBSCRIPTIONS)
    return sum(_deliver_or_say(store, one, now) for one in waiting)


def _deliver_or_say(store: Store, waiting: Waiting, now: datetime) -> int:
    """The trouble of one subscription is logged; the next ones go on."""
    try:
        return _deliver_all(store, waiting, now)
    except StorageFailed:
        raise  # it would be the same for all
    except Exception:  # the edge of one office's work
        log.exception(
            "delivery_failed",
            office=waiting.office_id,
            subscription=waiting.subscription_id,
        )
        return 0


def _deliver_all(store: Store, waiting: Waiting, now: datetime) -> int:
    added = 0
    with store.read(OfficeScope(waiting.office_id)) as work:
        own = own_texts(work, now)  # takes time, which no other writer should wait for
    while True:
        with store.write(OfficeScope(waiting.office_id)) as work:
            new, more = _deliver(work, waiting.subscription_id, own)
            if new:
                work.enqueue(TaskName.LABEL)
        added += new
        if not more:
            return added


def _deliver(
    work: Work, subscription_id: int, own: Collection[str]
) -> tuple[int, bool]:
    """Take over the next documents and revisions of one subscription."""
    work.subscriptions.hold_office()
    reads = work.subscriptions.active(subscription_id)
    if reads is None:
        return 0, False
    documents = work.subscriptions.unread(reads, UNIT)
    added = 0
    if documents:
        pages = work.pages.texts([one.id for one in documents])
        added = work.items.take_over(documents, own, pages)
        reads.read_up_to = documents[-1].id
    room = UNIT - len(documents)
    revised = work.subscriptions.revised(reads, room) if room else []
    if revised:
        changed = [document for _, document in revised]
        work.items.revise(changed, work.pages.texts([one.id for one in changed]))
        reads.revised_up_to = revised[-1][0]
    return added, len(documents) + len(revised) == UNIT


def own_texts(work: Work, now: datetime) -> Collection[str]:
    """Story keys of what the office published itself; short texts have none.

    They are made of the words as a copy is stored: with marks.
    """
    texts = set(work.hearing.released_texts(now - OWN_RELEASES_FOR))
    keep = contacts_that_stay(work)
    keys = (text_fingerprint(redact(text, keep).text) for text in texts)
    return {key for key in keys if key}
