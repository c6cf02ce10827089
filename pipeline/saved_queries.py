"""Keeping queries: what the desk asks again and again about its services."""

from datetime import datetime

from config.words import N_
from models.errors import InvalidInput
from models.person import May, Person
from models.query import parse
from models.saved_query import SavedQuery
from pipeline.unit import Work

LONGEST_NAME = 80
MOST = 100  # of one office


def save(
    work: Work,
    by: Person,
    name: str,
    words: str,
    now: datetime,
    query_id: int | None = None,
) -> int:
    """Keep a query under a name, or change the one of ``query_id``; return its id.

    Raises:
        NotAllowed: this person may not.
        InvalidInput: the name is empty or taken, or the words cannot be read.
        NotFound: there is no such query in this office.
    """
    by.must(May.TRIAGE)
    name, words = " ".join(name.split()), words.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(N_("Beri nama, paling panjang 80 huruf."), "nama")
    parse(words)
    same = work.saved_queries.named(name)
    if same is not None and same.id != query_id:
        raise InvalidInput(N_("Nama itu sudah dipakai pantauan lain."), "nama")
    if query_id is None:
        if work.saved_queries.number() >= MOST:
            raise InvalidInput(
                N_("Sudah ada 100 pantauan. Hapus yang tidak dipakai dahulu."), "nama"
            )
        row = SavedQuery(
            office_id=by.office_id,
            name=name,
            words=words,
            changed_by=by.user_id,
            changed_at=now,
        )
        work.saved_queries.add(row)
        act = "query.save"
    else:
        row = work.saved_queries.get(query_id)
        row.name, row.words = name, words
        row.changed_by, row.changed_at = by.user_id, now
        act = "query.change"
    work.audit.act(by, act, SavedQuery, row.id, now, detail=words)
    return row.id


def remove(work: Work, by: Person, query_id: int, now: datetime) -> None:
    """Forget a query; what it found stays.

    Raises:
        NotAllowed, NotFound: as named.
    """
    by.must(May.TRIAGE)
    row = work.saved_queries.get(query_id)
    work.audit.act(by, "query.remove", SavedQuery, row.id, now, detail=row.words)
    work.saved_queries.remove(row)
