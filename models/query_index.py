"""What the full-text index of each database is given, and what it is asked.

The index brings candidates: everything a query wants and sometimes more, never less;
:mod:`models.query_match` decides. Both are given the words of
:mod:`models.query_words`, so that neither database cuts a text in its own way.

SQLite has FTS5 with a column for each field; its rows come in the order of their
number, newest first, as fast as they are asked for. PostgreSQL has GIN, which knows no
order: each row carries the week of its office as a word, and weeks are asked one after
the other. ``*``, headline, network and site are words of their own there (``#3pol``,
``#tsim``, ``#nx``, ``#spolri.go.id``), because GIN keeps neither beginnings nor places.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.query import SHORTEST_PREFIX, Field, Meta, Phrase, Query
from models.query_cover import Leaf, Signs, Where, cover, is_narrow, written
from models.query_words import Token, tokens

PREFIXES = (SHORTEST_PREFIX, 5)
APART = 100  # places between headline and text on PostgreSQL
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
IDS = 2**31  # of items: a whole number of 32 bits on PostgreSQL
_LONGEST_WORD = 200  # letters kept of one

WEEK = 7 * 86_400


def place(at: datetime, item_id: int) -> int:
    """Where an item stands among all: by its second, then by its id."""
    return second(at) * IDS + item_id


def second(at: datetime) -> int:
    """Seconds since 2000, held within what a place can carry."""
    seconds = int((at - _EPOCH).total_seconds() // 1)
    return max(-(2**31), min(seconds, 2**32 - 1))


def second_of(place_: int) -> int:
    return place_ // IDS


def time_of(place_: int) -> datetime:
    """The second of a place, as a time."""
    return _EPOCH + timedelta(seconds=second_of(place_))


def item_of(place_: int) -> int:
    return place_ % IDS


@dataclass(frozen=True, slots=True)
class Entry:
    """One item, ready for either index."""

    item_id: int
    office_id: int
    at: datetime
    network: str
    host: str
    title: str
    text: str

    @property
    def place(self) -> int:
        return place(self.at, self.item_id)


def sites(host: str) -> list[str]:
    """A host and those above it, down to two parts."""
    parts = host.split(".")
    return [".".join(parts[at:]) for at in range(max(len(parts) - 1, 1)) if parts[at]]


# SQLite


def fts5_columns(entry: Entry) -> dict[str, str | int]:
    """The columns of one row of ``item_words``; its number is the item's place."""
    return {
        "place": entry.place,
        "office": office_word(entry.office_id),
        "network": _one_word(entry.network),
        "site": " ".join(_one_word(site) for site in sites(entry.host)),
        "title": _spaced(tokens(entry.title)),
        "text": _spaced(tokens(entry.text)),
    }


def fts5(query: Query, office_id: int) -> str:
    """An FTS5 expression: https://www.sqlite.org/fts5.html#full_text_query_syntax."""
    office = f"office : {office_word(office_id)}"
    signs = Signs(
        everything=office,
        nothing=f"{office} NOT {office}",
        either=" OR ",
        both=" AND ",
        without=f"{office} NOT ",  # stands between two expressions there
    )
    return f"{office} AND {written(cover(query, _fts5_leaf), signs)}"


def office_word(office_id: int) -> str:
    return f"k{office_id}"


def _one_word(value: str) -> str:
    """A value that FTS5's ``ascii`` tokenizer takes for one word."""
    return "".join(
        letter if letter.isascii() and letter.isalnum() else f"é{ord(letter):x}é"
        for letter in value[:_LONGEST_WORD].lower()
    )


def _spaced(found: Iterable[Token]) -> str:
    return " ".join(token.word[:_LONGEST_WORD] for token in found)


def _fts5_leaf(query: Phrase | Meta, where: Where) -> Leaf:
    if isinstance(query, Phrase):
        words = " ".join(word[:_LONGEST_WORD] for word in query.words)
        star = " *" if query.prefix else ""
        return Leaf(f'{_COLUMNS[where]} : "{words}"{star}', _whole(query.words))
    if query.field is Field.NETWORK:
        return Leaf(f"network : {_one_word(query.value)}", exact=True)
    return Leaf(f"site : {_one_word(query.value)}", exact="." in query.value)


_COLUMNS = {Where.BOTH: "{title text}", Where.TITLE: "title", Where.TEXT: "text"}


# PostgreSQL


def tsvector(entry: Entry) -> str:
    """One row as PostgreSQL's ``tsvector`` is written."""
    title, text = tokens(entry.title), tokens(entry.text)
    places: dict[str, list[int]] = {}
    for at, token in enumerate(title, 1):
        places.setdefault(token.word, []).append(at)
        places.setdefault(f"#t{token.word}", []).append(at)
    for at, token in enumerate(text, len(title) + APART):
        places.setdefault(token.word, []).append(at)
    written = [_quoted(word) for word in sorted(_bare(entry, [*title, *text]))]
    written += [
        f"{_quoted(word)}:{','.join(map(str, found))}" for word, found in places.items()
    ]
    return " ".join(written)


def _bare(entry: Entry, found: Iterable[Token]) -> set[str]:
    """Words that stand nowhere: of an item's week, of where it is from, beginnings."""
    bare = {
        f"#k{entry.office_id}",
        week_word(entry.office_id, second(entry.at) // WEEK),
        f"#n{entry.network.lower()}",
        *(f"#s{site.lower()}" for site in sites(entry.host)),
    }
    for word in {token.word for token in found}:
        bare |= {f"#{size}{word[:size]}" for size in PREFIXES if len(word) >= size}
    return bare


def tsquery(query: Query) -> tuple[str, bool]:
    """A ``tsquery`` of any office, and whether it names something to look up."""
    found = cover(query, _ts_leaf)
    return written(found, _TS), is_narrow(found)


def office_query(office_id: int) -> str:
    """All rows of an office, as a ``tsquery``."""
    return f"({_quoted(f'#k{office_id}')})"


def week_word(office_id: int, week: int) -> str:
    return f"#w{office_id}:{week}"


def weeks_query(office_id: int, weeks: Sequence[int]) -> str:
    """Rows of these weeks of an office, as a ``tsquery``."""
    words = (_quoted(week_word(office_id, week)) for week in weeks)
    return f"({' | '.join(words)})"


def _ts_leaf(query: Phrase | Meta, where: Where) -> Leaf:
    if isinstance(query, Meta):
        sign = "#n" if query.field is Field.NETWORK else "#s"
        exact = query.field is Field.NETWORK or "." in query.value
        return Leaf(_quoted(sign + query.value), exact=exact)
    before = "#t" if where is Where.TITLE else ""
    words = query.words[:-1] if query.prefix else query.words
    exact = where is not Where.TEXT and _whole(query.words)
    parts = [" <-> ".join(_quoted(before + word) for word in words)] if words else []
    if query.prefix:
        last = query.words[-1]
        size = max(size for size in PREFIXES if size <= len(last))
        parts.append(_quoted(f"#{size}{last[:size]}"))
        exact &= where is Where.BOTH and len(query.words) == 1 and len(last) == size
    return Leaf(" & ".join(parts), exact=exact)


_NEVER = "'#-'"  # a word that no row has
_TS = Signs(
    everything=f"!{_NEVER}", nothing=_NEVER, either=" | ", both=" & ", without="!"
)


def _quoted(word: str) -> str:
    safe = word[:_LONGEST_WORD].replace("\\", "\\\\").replace("'", "''")
    return f"'{safe}'"


def _whole(words: Sequence[str]) -> bool:
    """Whether nothing of a word is cut off in the index."""
    return all(len(word) < _LONGEST_WORD - 2 for word in words)
