"""The audit chain for people: checked, exported, and an export checked again."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TextIO

from config.words import N_
from models.chain import Entry
from models.chain_check import EMPTY, Head, Verdict, check
from models.errors import InvalidInput
from models.person import May, Person
from models.scope import OfficeScope, Scope
from pipeline.unit import Store

NO_EXPORT = N_("Berkas ini bukan ekspor catatan yang utuh.")


def verify(
    store: Store, by: Person, now: datetime, kept: Head | None = None
) -> list[Verdict]:
    """Look at every row of the office's chain, and of the installation's.

    What is found is kept for the pages, save where it hangs on ``kept``.

    Args:
        kept: a head of the office's chain that was exported earlier.

    Raises:
        NotAllowed: the role may not.
    """
    by.must(May.AUDIT)
    office = OfficeScope(by.office_id)
    with store.read(office) as work:
        chains = work.audit.own_chains()
    verdicts = [
        look(store, office, chain, kept if chain == by.office_id else None)
        for chain in chains
    ]
    if kept is None:
        with store.write(office) as work:
            for verdict in verdicts:
                work.audit.keep_verdict(verdict, now)
    return verdicts


def look(store: Store, scope: Scope, chain: int, kept: Head | None = None) -> Verdict:
    """Check one chain as it stands at one moment; nothing is written."""
    with store.read(scope) as work:
        return work.audit.check(chain, kept)


def exported(store: Store, by: Person, now: datetime) -> Iterator[str]:
    """The office's chain as JSON lines, a row a line; the last line is its head.

    Raises:
        NotAllowed: the role may not; at the first line.
    """
    by.must(May.AUDIT)
    head = EMPTY
    with store.read(OfficeScope(by.office_id)) as work:
        for entry in work.audit.walk(by.office_id):
            yield line(entry)
            head = Head(entry.number, entry.hash)
    last = {
        "chain": by.office_id,
        "exported_at": now.isoformat(timespec="seconds"),
        "head": str(head),
    }
    yield json.dumps(last, sort_keys=True) + "\n"


def export(store: Store, by: Person, now: datetime, out: TextIO) -> Head:
    """Write :func:`exported` to a file; return the head.

    Raises:
        NotAllowed: the role may not.
    """
    written = ""
    for written in exported(store, by, now):
        out.write(written)
    return Head.read(json.loads(written)["head"])


def line(entry: Entry) -> str:
    """One row as a line of JSON."""
    return json.dumps(entry._asdict(), ensure_ascii=False, sort_keys=True) + "\n"


def verify_export(lines: Iterable[str], kept: Head | None = None) -> Verdict:
    """Check what :func:`export` wrote, with no database.

    Raises:
        InvalidInput: these lines are no export, or its end is missing.
    """
    *rows, end = [_object(one) for one in lines] or [{}]
    if "head" not in end:
        raise InvalidInput(NO_EXPORT, "file")
    entries = [_entry(row) for row in rows]
    chain = entries[0].chain if entries else 0
    return check(chain, entries, Head.read(str(end["head"])), kept)


def _object(written: str) -> dict[str, object]:
    try:
        plain = json.loads(written)
    except ValueError:
        raise InvalidInput(NO_EXPORT, "file") from None
    if not isinstance(plain, dict):
        raise InvalidInput(NO_EXPORT, "file")
    return plain


def _entry(plain: dict[str, object]) -> Entry:
    if set(plain) != set(Entry._fields):
        raise InvalidInput(NO_EXPORT, "file")
    return Entry(**plain)  # type: ignore[arg-type]
