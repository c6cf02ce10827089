"""Whom a release goes to: the list of journalists of an account that sends letters."""

from collections.abc import Mapping
from datetime import datetime

from config.words import N_
from models.account import Account
from models.approval import Content
from models.errors import Conflict, InvalidInput, NotFound
from models.person import May, Person
from models.recipient import Recipient
from networks.mail_letters import is_address
from pipeline import wiring
from pipeline.unit import Work

LONGEST_NAME = 120
TAKEN_OFF = "penerima dihapus dari daftar"


def has_list(account: Account) -> bool:
    """Whether an account sends to each person of a list."""
    return wiring.capabilities(account.network).recipients


def add_recipient(
    work: Work,
    by: Person,
    account_id: int,
    name: str,
    medium: str,
    address: str,
    now: datetime,
) -> int:
    """Put a person on an account's list; what is approved from now on goes there too.

    Returns:
        The recipient's id.

    Raises:
        InvalidInput: no name, no usable address, or the account sends no letters.
        Conflict: the address stands on the list already.
        NotAllowed, NotFound: as named.
    """
    by.must(May.LIST_PRESS)
    account = work.accounts.get(account_id)
    if not has_list(account):
        raise InvalidInput(N_("Akun ini tidak mengirim surat."), "account")
    name, medium = _line(name), _line(medium)
    address = address.strip().lower()
    if not name:
        raise InvalidInput(N_("Isi nama penerima."), "name")
    if not is_address(address):
        raise InvalidInput(
            N_("Alamat surel tidak dapat dibaca. Contoh: redaksi@kabar.example."),
            "address",
        )
    if work.recipients.find(account_id, address) is not None:
        raise InvalidInput(N_("Alamat ini sudah ada di daftar."), "address")
    recipient = Recipient(
        office_id=by.office_id,
        account_id=account_id,
        name=name,
        medium=medium,
        address=address,
        created_at=now,
    )
    work.recipients.add(recipient)
    work.audit.act(by, "recipient.add", Recipient, recipient.id, now)
    return recipient.id


def remove_recipient(work: Work, by: Person, recipient_id: int, now: datetime) -> int:
    """Take a person off the list and forget who they are; what waits is cancelled.

    Returns:
        How many letters were cancelled.

    Raises:
        NotAllowed: as named. NotFound: there is none, or it was removed before.
    """
    by.must(May.LIST_PRESS)
    found = _standing(work, recipient_id)
    found.name = found.medium = found.address = found.detail = ""
    found.removed_at = now
    cancelled = work.schedule.cancel_for(recipient_id, TAKEN_OFF, now)
    work.audit.act(by, "recipient.remove", Recipient, recipient_id, now)
    return cancelled


def turn_on(work: Work, by: Person, recipient_id: int, now: datetime) -> None:
    """Write to an address again that its server had refused.

    Raises:
        NotAllowed, NotFound: as named. Conflict: it is in use.
    """
    by.must(May.LIST_PRESS)
    found = _standing(work, recipient_id)
    if found.off_at is None:
        raise Conflict(f"recipient {recipient_id} is on already")
    found.off_at = found.problem = None
    found.detail = ""
    work.audit.act(by, "recipient.on", Recipient, recipient_id, now)


def recipients_of(work: Work, content: Content) -> Mapping[int, list[int]]:
    """Whom each account of a release with a list writes to, by account id.

    Raises:
        InvalidInput: an account has nobody to write to.
    """
    found: dict[int, list[int]] = {}
    for part in content.parts:
        if wiring.capabilities(part.network).recipients:
            found[part.account_id] = work.recipients.on(part.account_id)
            if not found[part.account_id]:
                raise InvalidInput(
                    N_("Daftar wartawan akun surel masih kosong. Isi dahulu di Akun."),
                    f"variant-{part.account_id}",
                )
    return found


def _standing(work: Work, recipient_id: int) -> Recipient:
    found = work.recipients.get(recipient_id)
    if found.removed_at is not None:
        raise NotFound(f"recipient {recipient_id}")
    return found


def _line(text: str) -> str:
    """One line without control characters: it stands in a header."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:LONGEST_NAME]
