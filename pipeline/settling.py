"""What people decide on deliveries, and what a restored backup means."""

from datetime import datetime
from urllib.parse import urlsplit

from config.words import N_
from models.delivery import Delivery, FoundBy
from models.errors import Conflict, InvalidInput
from models.person import May, Person
from models.problems import Problem
from models.speech import Receipt
from models.states import Answer, DeliveryState
from models.thread import LONGEST_KEY
from pipeline.correcting import proved
from pipeline.queue import TaskName
from pipeline.unit import Work


def answer(
    work: Work,
    by: Person,
    delivery_id: int,
    answer: Answer,
    now: datetime,
    *,
    url: str = "",
    remote_id: str = "",
    reason: str = "",
) -> None:
    """Settle a delivery that only a person can judge.

    Args:
        url: address of the post, when it was published and the person knows it.
        remote_id: the network's own id of it, likewise.
        reason: what the person says, kept with the delivery.

    Raises:
        NotAllowed, NotFound: as named.
        Conflict: it does not (or no longer) wait for a person.
    """
    by.must(May.SETTLE)
    row = work.deliveries.get(delivery_id, lock=True)
    if row.state is not DeliveryState.NEEDS_PERSON:
        raise Conflict(f"delivery {delivery_id} is {row.state.value}")
    match answer:
        case Answer.WAS_PUBLISHED:
            _check_url(url)
            receipt = Receipt(remote_id or _id_in(url, row), url)
            work.deliveries.prove(row, receipt, FoundBy.PERSON, now, part=row.part)
            proved(work, row, now)
            work.enqueue(TaskName.PUBLISH)  # a thread goes on
        case Answer.SEND_AGAIN:
            work.deliveries.put(row, DeliveryState.SCHEDULED, now)
            row.key = fresh_key(row.key, row.tries)
            row.media_at = None  # prepared anew; a record key that still serves stays
            row.released_at = now
            work.enqueue(TaskName.PUBLISH)
        case Answer.CANCEL:
            work.deliveries.put(row, DeliveryState.CANCELLED, now, row.problem)
    row.reason = reason or row.reason
    work.audit.act(by, f"delivery.{answer.value}", Delivery, row.id, now, reason or url)


def fresh_key(key: str, tries: int) -> str:
    """The key of a post that a person sends again.

    A person has looked and decided that the first post is absent. Under the old key a
    network may answer with a post that it has deleted, or refuse; the new key says that
    this is meant to be another write.
    """
    suffix = f"~{tries}"
    return key.split("~", maxsplit=1)[0][: LONGEST_KEY - len(suffix)] + suffix


def release(work: Work, by: Person, delivery_id: int, now: datetime) -> None:
    """Let a held delivery go on; it is held again while its reason stands.

    Raises:
        NotAllowed, NotFound: as named. Conflict: it is not held.
    """
    by.must(May.SETTLE)
    row = work.deliveries.get(delivery_id, lock=True)
    work.deliveries.put(row, DeliveryState.SCHEDULED, now)
    row.released_at = now
    work.audit.act(by, "delivery.release", Delivery, row.id, now)
    work.enqueue(TaskName.PUBLISH)


def cancel_delivery(
    work: Work, by: Person, delivery_id: int, reason: str, now: datetime
) -> None:
    """Give up one delivery that has not left: scheduled, held or rejected.

    Raises:
        NotAllowed, NotFound: as named.
        Conflict: a worker is at it, or it may have left.
    """
    by.must(May.WRITE)
    row = work.deliveries.get(delivery_id, lock=True)
    if row.state is DeliveryState.NEEDS_PERSON:
        raise Conflict(f"delivery {delivery_id} needs an answer")
    work.deliveries.put(row, DeliveryState.CANCELLED, now, row.problem)
    row.reason = reason
    work.audit.act(by, "delivery.cancel", Delivery, row.id, now, reason)


def after_restore(work: Work, backup_taken_at: datetime, now: datetime) -> int:
    """Doubt every delivery that the lost time after a backup may have sent.

    That is each one unfinished in the backup and due by now: also one that was late
    already, or held and then released. Settling looks for it; it is replayed only
    inside the life of a key that the backup itself had armed. A series makes nothing
    for a time that is past: it may have, in the lost time.

    Args:
        work: of ``SystemScope("restore")``, before any worker starts.
        backup_taken_at: aware; nothing that the backup calls unsent was sent before.
        now: aware.

    Returns:
        How many deliveries became uncertain.
    """
    rows = work.turns.maybe_sent_since(now)
    for row in rows:
        earliest = row.armed_at or max(row.due_at, backup_taken_at)
        title, text = row.sent_title, row.sent_text
        work.deliveries.put(row, DeliveryState.UNCERTAIN, now, Problem.RESTORED_BACKUP)
        row.armed_at, row.sent_title, row.sent_text = earliest, title, text
        row.restored = True  # so are the later parts of a thread
    work.series.not_before(now)
    return len(rows)


def _id_in(url: str, row: Delivery) -> str:
    """The network's id of a part that others follow: they answer it.

    Raises:
        InvalidInput: the address is missing, or has none.
    """
    if row.part == row.parts:
        return ""
    found = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    if not found:
        raise InvalidInput(
            N_("Tulis tautan kiriman ini, agar bagian utas berikutnya menyambung."),
            "url",
        )
    return found


def _check_url(url: str) -> None:
    if url and not url.startswith(("https://", "http://")):
        raise InvalidInput(N_("Tautan kiriman harus diawali https://."), "url")
