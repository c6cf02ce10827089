"""Letters that came back: the address goes off, and the delivery says why."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from config.words import N_
from models.delivery import LONGEST_DETAIL
from models.errors import InvalidInput
from models.problems import Problem
from models.recipient import Recipient
from networks.mail_bounces import LONGEST_LETTER, bounce_of
from pipeline.unit import Work


def take_bounce(work: Work, letter: bytes, now: datetime) -> bool:
    """Read one letter; False when it is no report of a letter of this office.

    The letter was handed over, so its delivery stays published; it keeps what came
    back. An address that is refused for good is turned off, as one that its server
    refuses at once; one whose server gave up for now stays on the list.
    """
    bounce = bounce_of(letter)
    row = None if bounce is None else work.recipients.letter(bounce.message_id)
    if bounce is None or row is None or row.recipient_id is None:
        return False
    row.problem = Problem.RECIPIENT_REFUSED
    row.detail = bounce.detail[:LONGEST_DETAIL]
    row.updated_at = now
    found = work.recipients.get(row.recipient_id)
    if bounce.for_good and found.removed_at is None:
        work.recipients.turn_off(found.id, row.problem, bounce.detail, now)
        work.audit.record(
            "recipient.bounced",
            Recipient.__tablename__,
            found.id,
            at=now,
            office_id=row.office_id,
        )
    return True


def letters_in(maildir: Path) -> Iterator[tuple[Path, bytes]]:
    """The letters of a Maildir that nobody has seen, oldest first.

    Raises:
        InvalidInput: it is no Maildir.
    """
    new = maildir / "new"
    if not new.is_dir() or not (maildir / "cur").is_dir():
        raise InvalidInput(
            N_("Folder ini bukan kotak surat Maildir (tidak berisi new dan cur)."),
            "maildir",
        )
    for file in sorted(new.iterdir(), key=lambda one: one.name):
        if file.is_file():
            with file.open("rb") as opened:
                yield file, opened.read(LONGEST_LETTER)


def put_away(maildir: Path, file: Path) -> None:
    """Mark a letter of a Maildir as seen; what was not ours stays for a person."""
    file.rename(maildir / "cur" / f"{file.name}:2,S")
