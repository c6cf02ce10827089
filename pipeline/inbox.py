"""The desk's work on what was heard: marked as answered, closed, or not ours."""

from datetime import datetime

from models.item import Item
from models.labels import Severity
from models.person import May, Person
from models.redaction import redact
from models.states import Reply
from pipeline.contacts import contacts_that_stay
from pipeline.unit import Work

LONGEST_NOTE = 2_000


def mark(
    work: Work, by: Person, item_id: int, reply: Reply, note: str, now: datetime
) -> None:
    """Say how the desk dealt with an item; it may be opened again.

    What a citizen left to be reached by goes at once; some days later the author's
    handle goes (``retention.toml``): a pseudonym stays.

    Raises:
        NotAllowed: this person may not, or the item is an integrity case.
        NotFound: there is no such item in this office.
    """
    by.must(May.TRIAGE)
    item = work.items.by_id(item_id)
    may_touch(by, item)
    item.reply = reply
    kept = redact(note.strip(), contacts_that_stay(work)).text
    item.reply_note = kept[:LONGEST_NOTE]
    item.reply_by = by.user_id
    item.reply_at = now
    if reply is not Reply.OPEN:
        work.suggestion_boxes.forget_contact(item_id)
    work.audit.act(by, f"item.{reply.value}", Item, item.id, now)


def may_touch(by: Person, item: Item) -> None:
    """Raise :class:`NotAllowed` for an integrity case that ``by`` may not read."""
    if item.severity is Severity.S1:
        by.must(May.READ_INTEGRITY)
