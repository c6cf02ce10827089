"""Texts that were stored before redaction stood at the doors, redacted where they lie.

``kentongan db migrate`` does it after the last step. Each unit is small and notes how
far it came: a pass that is killed goes on there, by hand or at the next migration. What
was changed is labelled anew; an announcement and the audit chain are never touched.
"""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from collectors.identity import content_hash, identity_of_words
from models.database import Begin, open_session, storing
from models.entering import cleaned, cleaned_name
from models.guard import Own
from models.redaction import redact
from models.rewriting import Change, Rewriting, Words
from models.scope import SystemScope
from models.search_table import squeeze
from pipeline.contacts import contacts_that_stay
from pipeline.fetching import story_key
from pipeline.unit import Work, now_utc

SCOPE = SystemScope("redacting what is stored")
UNIT = 200  # rows


def redact_stored(engine: Engine) -> int:
    """Redact every stored text that is not yet; return how many rows changed.

    Raises:
        StorageFailed: what was redacted before stays so; the next call goes on.
    """
    changed = 0
    while (done := redact_some(engine, now_utc())) is not None:
        changed += done
    if changed:
        forget_pages(engine)
    return changed


def redact_some(engine: Engine, now: datetime) -> int | None:
    """One unit of it: how many rows changed, None when there is nothing left.

    Raises:
        StorageFailed: nothing was changed.
    """
    with storing(), open_session(engine, SCOPE, Begin.READ) as session:
        if Rewriting(session).next() is None:
            return None
    with storing(), open_session(engine, SCOPE, Begin.WRITE) as session:
        changed = _unit(Work(session), Rewriting(session), now)
        session.commit()
        return changed


def _unit(work: Work, rows: Rewriting, now: datetime) -> int:
    found = rows.next()
    if found is None:
        return 0
    name, after = found
    change = _changes(contacts_that_stay(work))[name]
    read = rows.words(name, after, UNIT)
    changed = 0
    for number, words in read:
        values = change(words)
        if values:
            changed += rows.rewrite(name, number, words, values)
    last = read[-1][0] if read else after
    rows.move(name, last, now if len(read) < UNIT else None)
    return changed


def _changes(keep: Own) -> Mapping[str, Change]:
    """What becomes of a row of each table."""

    def document(row: Words) -> Words:
        said = cleaned(row["title"], row["text"], row["url"], keep)
        values: dict[str, Any] = {
            "url": said.url,
            "title": said.title,
            "text": said.text,
            "author": cleaned_name(row["author"]),
        }
        if said.changed:
            values |= _hashes(said.title, said.text)
            values["identity"] = identity_of_words(
                row["identity"], said.title, said.text, said.url
            )
        return _other(row, values)

    def revision(row: Words) -> Words:
        said = cleaned(row["title"], row["text"], "", keep)
        if not said.changed:
            return {}
        hashed = content_hash(said.title, said.text)
        return {"title": said.title, "text": said.text, "content_hash": hashed}

    def item(row: Words) -> Words:
        said = cleaned(row["title"], row["text"], row["url"], keep)
        values: dict[str, Any] = {
            "url": said.url,
            "title": said.title,
            "text": said.text,
            "reply_note": redact(row["reply_note"], keep).text,
        }
        if said.changed:
            values["story_key"] = story_key(said.title, said.text)
            values["labelled_by"] = ""
        return _other(row, values)

    def plain(row: Words) -> Words:
        return _other(row, {name: redact(row[name], keep).text for name in row})

    return {
        "sources": plain,
        "documents": document,
        "revisions": revision,
        "items": item,
        "ideas": plain,
        "idea_evidence": plain,
        "idea_moves": plain,
    }


def _hashes(title: str, said: str) -> dict[str, str]:
    return {
        "content_hash": content_hash(title, said),
        "story_key": story_key(title, said),
    }


def _other(row: Words, values: dict[str, Any]) -> Words:
    """The values that differ from the row's own."""
    return {name: new for name, new in values.items() if row.get(name) != new}


def forget_pages(engine: Engine) -> None:
    """Leave no copy of replaced words in SQLite's files: in the index, in the log.

    Freed space is blanked by ``secure_delete``; PostgreSQL's VACUUM does all of it in
    its time, and a dump never holds what was replaced.
    """
    if engine.dialect.name != "sqlite":
        return
    more, first = True, True
    while more:
        with storing(), open_session(engine, SCOPE, Begin.WRITE) as session:
            more = squeeze(session.connection(), first)
            session.commit()
        first = False
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
