"""The full-text table ``item_words`` on both databases, and writing to it.

It is no table of the ORM: SQLite's is a virtual one of FTS5, PostgreSQL's holds a
``tsvector``. Triggers take a row out when its item goes or its words change; whoever
changes words puts the new ones in by :func:`put`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper
from sqlalchemy.orm.attributes import get_history

from models.base import Base
from models.query_index import Entry, fts5_columns, tsvector

NAME = "item_words"
CHUNK = 500  # rows of one statement
PAGES = 500  # of the index, merged at once

# An old row's number is its place, as models.query_index.place counts it.
SQLITE = (
    """CREATE VIRTUAL TABLE item_words USING fts5(
    office, network, site, title, text, tokenize='ascii', prefix='3 5')""",
    """CREATE TRIGGER item_words_gone AFTER DELETE ON items BEGIN
    DELETE FROM item_words WHERE rowid = old.id + 2147483648 * max(-2147483648,
        min(strftime('%s', substr(old.at, 1, 19)) - 946684800, 4294967295)); END""",
    """CREATE TRIGGER item_words_changed AFTER UPDATE OF title, text, url, at ON items
    WHEN old.title IS NOT new.title OR old.text IS NOT new.text
        OR old.url IS NOT new.url OR old.at IS NOT new.at BEGIN
    DELETE FROM item_words WHERE rowid = old.id + 2147483648 * max(-2147483648,
        min(strftime('%s', substr(old.at, 1, 19)) - 946684800, 4294967295)); END""",
)
POSTGRESQL = (
    """CREATE TABLE item_words (
    item_id INTEGER PRIMARY KEY REFERENCES items (id) ON DELETE CASCADE,
    place BIGINT NOT NULL, words TSVECTOR NOT NULL)""",
    "CREATE INDEX ix_item_words_words ON item_words USING gin (words)",
    """CREATE FUNCTION item_words_changed() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN DELETE FROM item_words WHERE item_id = OLD.id; RETURN NULL; END'""",
    """CREATE TRIGGER item_words_changed AFTER UPDATE OF title, text, url, at ON items
    FOR EACH ROW WHEN (old.title IS DISTINCT FROM new.title
        OR old.text IS DISTINCT FROM new.text OR old.url IS DISTINCT FROM new.url
        OR old.at IS DISTINCT FROM new.at) EXECUTE FUNCTION item_words_changed()""",
)
_INSERT_SQLITE = text(
    "INSERT INTO item_words (rowid, office, network, site, title, text)"
    " VALUES (:place, :office, :network, :site, :title, :text)"
)
_INSERT_POSTGRESQL = text(
    "INSERT INTO item_words (item_id, place, words)"
    " VALUES (:item_id, :place, CAST(:words AS tsvector))"
)


def create(connection: Connection) -> None:
    """Make the table and its triggers, beside ``items``."""
    kind = connection.dialect.name
    for statement in POSTGRESQL if kind == "postgresql" else SQLITE:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Take the table and its triggers away."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP TRIGGER item_words_changed ON items")
        connection.exec_driver_sql("DROP FUNCTION item_words_changed")
    else:
        connection.exec_driver_sql("DROP TRIGGER item_words_gone")
        connection.exec_driver_sql("DROP TRIGGER item_words_changed")
    connection.exec_driver_sql("DROP TABLE item_words")


def put(connection: Connection, entries: Sequence[Entry]) -> None:
    """Index items that have no row."""
    if not entries:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(
            _INSERT_POSTGRESQL,
            [
                {"item_id": one.item_id, "place": one.place, "words": tsvector(one)}
                for one in entries
            ],
        )
    else:
        connection.execute(_INSERT_SQLITE, [fts5_columns(one) for one in entries])


def index_again(connection: Connection, entries: Sequence[Entry]) -> None:
    """Index items whose words may have changed."""
    for one in entries:
        key = (
            ("item_id", one.item_id)
            if connection.dialect.name == "postgresql"
            else ("rowid", one.place)
        )
        gone = text(f"DELETE FROM item_words WHERE {key[0]} = :key")  # noqa: S608
        connection.execute(gone, {"key": key[1]})
    put(connection, entries)


def squeeze(connection: Connection, first: bool) -> bool:
    """Take words that are gone out of SQLite's index for good; True for more to do.

    FTS5 only notes a deletion beside the words, until their parts are merged:
    https://www.sqlite.org/fts5.html#the_merge_command. A piece at a time, each in a
    transaction of its own. PostgreSQL's VACUUM does it in its time.

    Args:
        first: of the pieces; the others go on with what it began.
    """
    if connection.dialect.name == "postgresql":
        return False
    before = _changes(connection)
    pages = -PAGES if first else PAGES
    connection.execute(_MERGE, {"pages": pages})
    return _changes(connection) - before >= 2  # FTS5: fewer mean that all is merged


def _changes(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT total_changes()")) or 0)


_MERGE = text("INSERT INTO item_words (item_words, rank) VALUES ('merge', :pages)")


def fill(connection: Connection) -> int:
    """Index every item of a database whose index is empty; linear in their number."""
    number, last = 0, 0
    while rows := connection.execute(_NEXT, {"last": last, "most": CHUNK}).all():
        put(connection, [entry(*row) for row in rows])
        number, last = number + len(rows), rows[-1][0]
    return number


_NEXT = text(
    "SELECT id, office_id, at, network, url, title, text FROM items"
    " WHERE id > :last ORDER BY id LIMIT :most"
)


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """For Alembic: the index is no table of the ORM, nor are FTS5's own."""
    return kind != "table" or not (name or "").startswith(NAME)


def entry(
    item_id: int,
    office_id: int,
    at: datetime | str,
    network: str,
    url: str,
    title: str,
    words: str,
) -> Entry:
    """An item for the index; ``at`` as its column or the driver gives it."""
    when = datetime.fromisoformat(at) if isinstance(at, str) else at
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
    return Entry(item_id, office_id, when, network, host_of(url), title, words)


def host_of(url: str) -> str:
    """The host of an address, without ``www.``; empty when it has none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def keep_words(table: type[Base]) -> None:
    """Index what the ORM writes, and make the index where the table is made."""

    def made(_table: object, connection: Connection, **_: object) -> None:
        create(connection)

    def inserted(_mapper: Mapper[Any], connection: Connection, item: Any) -> None:
        put(connection, [_of(item)])

    def updated(_mapper: Mapper[Any], connection: Connection, item: Any) -> None:
        names = ("title", "text", "url", "at")
        if any(get_history(item, name).has_changes() for name in names):
            put(connection, [_of(item)])

    event.listen(table.__table__, "after_create", made)
    event.listen(table, "after_insert", inserted)
    event.listen(table, "after_update", updated)


def _of(item: Any) -> Entry:
    return entry(
        item.id, item.office_id, item.at, item.network, item.url, item.title, item.text
    )
