"""What citizens write on our own page: taken in, receipted, answered.

Nobody signs in. A page carries a ticket that the key signed: it says when the page was
given out and can be used once. The receipt number follows from the ticket, so that a
slip sent twice is one slip with one number; the database holds only its hash. No
network address is stored.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from config.keys import Vault
from config.words import N_
from models.entering import cleaned
from models.errors import InvalidInput, NotFound
from models.item import Item
from models.labels import Service
from models.person import May, Person
from models.scope import OfficeScope, SystemScope
from models.states import Reply
from models.suggestion_box import FORM, Slip, SuggestionBox
from pipeline import inbox
from pipeline.contacts import contacts_that_stay
from pipeline.fetching import story_key
from pipeline.hearing import storable
from pipeline.queue import TaskName
from pipeline.unit import Store, Work

SCOPE = SystemScope("suggestion boxes")
SHORTEST, LONGEST = 10, 2_000  # characters of a slip
LONGEST_CONTACT = 120
LONGEST_NAME = 80
LONGEST_ANSWER = 1_000
MOST_BOXES = 50  # of one office
SOONEST = timedelta(seconds=3)  # a person needs longer to write
LATEST = timedelta(hours=12)
HOUR = timedelta(hours=1)
MOST_OF_A_BOX = 60  # slips an hour; a full waiting room writes fewer
MOST_OF_AN_OFFICE = 200
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
_RECEIPT = 12  # letters, 60 bits


class Turned(StrEnum):
    """Why a slip was not taken; the page says so and keeps what was written."""

    SHORT = "short"
    LONG = "long"
    NO_CONSENT = "no_consent"
    CONTACT_LONG = "contact_long"
    STALE = "stale"  # the page is too old, too new, or not ours
    FULL = "full"  # too many at once; later again


WORDS = {
    Turned.SHORT: N_("Tulis sedikit lebih banyak, paling tidak sepuluh huruf."),
    Turned.LONG: N_("Terlalu panjang. Paling banyak 2.000 huruf."),
    Turned.NO_CONSENT: N_("Centang persetujuan lebih dahulu."),
    Turned.CONTACT_LONG: N_("Kontak terlalu panjang. Paling banyak 120 huruf."),
    Turned.STALE: N_("Periksa tulisan Anda, lalu tekan Kirim sekali lagi."),
    Turned.FULL: N_("Sedang banyak yang menulis. Coba lagi beberapa menit lagi."),
}


class NotTaken(InvalidInput):
    """A slip was not taken."""

    def __init__(self, why: Turned) -> None:
        super().__init__(WORDS[why])
        self.why = why


@dataclass(frozen=True, slots=True)
class Written:
    """What came with one press of the button."""

    ticket: str
    text: str
    contact: str = ""
    consent: bool = False
    trap: str = ""  # of a field that no person sees


@dataclass(frozen=True, slots=True)
class Door:
    """An open box, as its page shows it."""

    code: str
    name: str
    office: str
    office_id: int
    box_id: int
    timezone: str
    service: Service | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of a slip, for whoever has its number."""

    box: str
    office: str
    timezone: str
    at: datetime
    reply: Reply
    answer: str
    answered_at: datetime | None


# for the citizen


def door(store: Store, code: str) -> Door:
    """The open box of an address.

    Raises:
        NotFound: there is none, or it is closed.
    """
    with store.read(SCOPE) as work:
        box = work.suggestion_boxes.open_one(code)
        if box is None:
            raise NotFound(f"suggestion box {code[:12]!r}")
        office = work.offices.by_id(box.office_id)
        return Door(
            box.code,
            box.name,
            office.name,
            box.office_id,
            box.id,
            office.timezone,
            box.service,
        )


def ticket(vault: Vault, box: Door, now: datetime) -> str:
    """What the page carries; it is good once, for :data:`LATEST`."""
    body = f"{int(now.timestamp())}.{secrets.token_hex(8)}"
    return f"{body}.{vault.sign(_said(box, body))}"


def hand_in(
    store: Store, vault: Vault, box: Door, written: Written, now: datetime
) -> str:
    """Take a slip; return its receipt number.

    The same ticket twice is the same slip. What a machine filled in is thrown away, and
    told nothing.

    Raises:
        NotTaken: as :class:`Turned` names; nothing is stored.
    """
    receipt = _receipt(vault, box, written.ticket)
    text = storable(written.text.replace("\r\n", "\n")).strip()
    _check(vault, box, written, text, now)
    if written.trap:
        return receipt
    with store.write(OfficeScope(box.office_id)) as work:
        sha256 = _sha256(receipt)
        if work.suggestion_boxes.by_receipt(sha256) is not None:
            return receipt
        _must_have_room(work, box, now)
        text = cleaned("", text, "", contacts_that_stay(work)).text
        item = Item(
            office_id=box.office_id,
            network=FORM,
            url="",
            title="",
            text=text,
            published_at=now,
            precision="second",
            first_seen_at=now,
            at=now,
            story_key=story_key("", text),
        )
        contact = storable(written.contact).strip()
        slip = Slip(
            office_id=box.office_id,
            box_id=box.box_id,
            at=now,
            receipt_sha256=sha256,
            sealed_contact=vault.seal(contact) if contact else None,
        )
        work.suggestion_boxes.put(item, slip)
        work.enqueue(TaskName.LABEL)
    return receipt


def look_up(store: Store, number: str) -> Standing | None:
    """What became of the slip of a receipt number, as it was typed."""
    plain = "".join(_read_as(letter) for letter in number.upper() if letter.isalnum())
    if len(plain) != _RECEIPT:
        return None
    with store.read(SCOPE) as work:
        found = work.suggestion_boxes.by_receipt(_sha256(plain))
        if found is None:
            return None
        slip, item, box = found
        office = work.offices.by_id(box.office_id)
        return Standing(
            box.name,
            office.name,
            office.timezone,
            slip.at,
            item.reply,
            slip.answer,
            slip.answered_at,
        )


def printed(receipt: str) -> str:
    """A receipt number as it is easily read and typed: ``K7H3-9QF2-0MXB``."""
    return "-".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))


def _read_as(letter: str) -> str:
    """Letters that are not among ours are those that look like them."""
    return {"O": "0", "I": "1", "L": "1", "U": "V"}.get(letter, letter)


def _said(box: Door, body: str) -> str:
    return f"slip {box.code} {body}"


def _receipt(vault: Vault, box: Door, written_on: str) -> str:
    body = written_on.rpartition(".")[0]
    digest = hashlib.sha256(vault.sign(f"receipt {_said(box, body)}").encode())
    number = int.from_bytes(digest.digest()[:8], "big")
    return "".join(_LETTERS[(number >> 5 * at) & 31] for at in range(_RECEIPT))


def _sha256(receipt: str) -> str:
    return hashlib.sha256(f"kentongan receipt\0{receipt}".encode()).hexdigest()


def _check(vault: Vault, box: Door, written: Written, text: str, now: datetime) -> None:
    if len(text) < SHORTEST:
        raise NotTaken(Turned.SHORT)
    if len(text) > LONGEST:
        raise NotTaken(Turned.LONG)
    if len(written.contact.strip()) > LONGEST_CONTACT:
        raise NotTaken(Turned.CONTACT_LONG)
    if not written.consent:
        raise NotTaken(Turned.NO_CONSENT)
    body, _, signature = written.ticket.rpartition(".")
    if not vault.signed(_said(box, body), signature):
        raise NotTaken(Turned.STALE)
    given_out = datetime.fromtimestamp(int(body.partition(".")[0]), UTC)
    if not SOONEST <= now - given_out <= LATEST:
        raise NotTaken(Turned.STALE)


def _must_have_room(work: Work, box: Door, now: datetime) -> None:
    boxes = work.suggestion_boxes
    if (
        boxes.since(now - HOUR, box.box_id) >= MOST_OF_A_BOX
        or boxes.since(now - HOUR) >= MOST_OF_AN_OFFICE
    ):
        raise NotTaken(Turned.FULL)


# for the desk


def open_box(
    work: Work, by: Person, name: str, service: Service | None, now: datetime
) -> int:
    """Open a box under a name; return its id.

    Raises:
        NotAllowed: only an administrator.
        InvalidInput: the name is empty or too long, or there are too many boxes.
    """
    by.must(May.ADMINISTER)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(N_("Beri nama, paling panjang 80 huruf."), "nama")
    if len(work.suggestion_boxes.listed()) >= MOST_BOXES:
        raise InvalidInput(N_("Sudah ada 50 kotak saran."), "nama")
    code = "".join(secrets.choice(_LETTERS.lower()) for _ in range(8))
    box = SuggestionBox(
        office_id=by.office_id,
        code=code,
        name=name,
        service=service,
        made_by=by.user_id,
        made_at=now,
    )
    work.suggestion_boxes.add(box)
    work.audit.act(by, "box.open", SuggestionBox, box.id, now, detail=name)
    return box.id


def set_open(work: Work, by: Person, box_id: int, open_: bool, now: datetime) -> None:
    """Close a box, or open it again under the same address.

    Raises:
        NotAllowed, NotFound: as named.
    """
    by.must(May.ADMINISTER)
    box = work.suggestion_boxes.get(box_id)
    box.closed_at = None if open_ else now
    act = "box.reopen" if open_ else "box.close"
    work.audit.act(by, act, SuggestionBox, box.id, now, detail=box.name)


def contact_of(
    work: Work, vault: Vault, by: Person, item_id: int, now: datetime
) -> str:
    """What a citizen left to be reached by; empty when nothing. It is written down.

    Raises:
        NotAllowed, NotFound: as named.
    """
    by.must(May.TRIAGE)
    inbox.may_touch(by, work.items.by_id(item_id))
    found = work.suggestion_boxes.of_item(item_id)
    if found is None:
        raise NotFound(f"slip of item {item_id}")
    slip, _ = found
    if slip.sealed_contact is None:
        return ""
    work.audit.act(by, "box.contact", Item, item_id, now)
    return vault.open(slip.sealed_contact)


def answer(work: Work, by: Person, item_id: int, text: str, now: datetime) -> None:
    """Answer a slip; whoever has its number reads it.

    Raises:
        NotAllowed: this person may not, or it is an integrity case.
        NotFound: no such item, or it came another way.
        InvalidInput: the answer is empty or too long.
    """
    by.must(May.TRIAGE)
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > LONGEST_ANSWER:
        raise InvalidInput(N_("Tulis jawaban, paling panjang 1.000 huruf."), "jawaban")
    inbox.may_touch(by, work.items.by_id(item_id))
    found = work.suggestion_boxes.of_item(item_id)
    if found is None:
        raise NotFound(f"slip of item {item_id}")
    slip, _ = found
    slip.answer, slip.answered_at = text, now
    inbox.mark(work, by, item_id, Reply.ANSWERED, "", now)
