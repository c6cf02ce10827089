"""The language of saved queries: what a person types, read into a tree.

    (simling OR "sim keliling") NEAR/5 bekasi NOT "sim card"
    judul:polres* situs:go.id -lowongan

Words side by side are all wanted; ``AND``, ``OR``, ``NOT`` (or ``DAN``, ``ATAU``,
``BUKAN``, or ``-`` before a word) are written in capitals, so that "dan" is a word.
``NOT`` binds closest, then ``NEAR``, ``AND``, ``OR``. A phrase stands within one
headline or one text. ``a NEAR/3 b``: at most three words between them, in any order.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from config.words import N_
from models.errors import InvalidInput
from models.query_words import tokens

LONGEST_QUERY = 500  # characters
MOST_WORDS = 60
DEEPEST = 20  # brackets within brackets
SHORTEST_PREFIX = 3  # letters before ``*``
FURTHEST = 50  # words between two that are near


class Field(StrEnum):
    """Where a word is looked for, when not in the headline or the text."""

    TITLE = "judul"
    TEXT = "isi"
    NETWORK = "jaringan"
    SITE = "situs"


FIELDS = {
    "judul": Field.TITLE,
    "title": Field.TITLE,
    "isi": Field.TEXT,
    "text": Field.TEXT,
    "jaringan": Field.NETWORK,
    "network": Field.NETWORK,
    "situs": Field.SITE,
    "site": Field.SITE,
}
WORDS = (Field.TITLE, Field.TEXT)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in a row, at least one; with ``prefix`` the last one is a beginning."""

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """Two that stand in one headline or text, at most ``most`` words between them."""

    left: "Query"
    right: "Query"
    most: int


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Query"


@dataclass(frozen=True, slots=True)
class In:
    """Only in the headline, or only in the text."""

    field: Field
    part: "Query"


@dataclass(frozen=True, slots=True)
class Meta:
    """From one network (its ``NAME``), or from a site and those below it."""

    field: Field
    value: str


Query = Phrase | Near | And | Or | Not | In | Meta


def parse(typed: str) -> Query:
    """Read a query.

    Raises:
        InvalidInput: what cannot be read, in words for the person who typed it.
    """
    if len(typed) > LONGEST_QUERY:
        raise InvalidInput(
            N_("Pertanyaan terlalu panjang. Paling banyak 500 huruf."), FORM
        )
    return _Reader(_cut(typed)).whole()


FORM = "cari"


def looser(typed: str) -> str:
    """Bare words as beginnings of words; empty when it is more than bare words."""
    words = typed.split()
    if not all(word.isalnum() and len(word) > SHORTEST_PREFIX for word in words):
        return ""
    if any(word in _OPERATORS or word == _Kind.NEAR for word in words):
        return ""
    return " ".join(f"{word}*" for word in words)


class _Kind(StrEnum):
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    FIELD = "field"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: _Kind
    value: str = ""
    prefix: bool = False


_OPERATORS = {
    "AND": _Kind.AND,
    "DAN": _Kind.AND,
    "OR": _Kind.OR,
    "ATAU": _Kind.OR,
    "NOT": _Kind.NOT,
    "BUKAN": _Kind.NOT,
}
_PIECE = re.compile(
    r"""\s*(?:
    (?P<open>\() | (?P<close>\))
  | "(?P<quoted>[^"]*)"(?P<star>\*?)
  | (?P<lone>")
  | (?P<minus>-)(?=[\w("#@])
  | (?P<near>(?:NEAR|DEKAT)(?:/(?P<most>\d{1,4}))?)(?=[\s()"]|$)
  | (?P<field>[A-Za-z]+):(?=[\w("#@*])(?!//)
  | (?P<word>[^\s()"]+)
    )""",
    re.VERBOSE,
)


def _cut(typed: str) -> list[_Piece]:
    """The pieces of a query."""
    typed = typed.translate(_QUOTES).rstrip()
    pieces: list[_Piece] = []
    at = 0
    while at < len(typed):
        found = _PIECE.match(typed, at)
        assert found is not None  # the last choice takes anything
        at = found.end()
        pieces.append(_piece(found))
    return pieces


_QUOTES = dict.fromkeys(map(ord, "\u201c\u201d\u201e\u00ab\u00bb"), '"')


def _piece(found: re.Match[str]) -> _Piece:
    group = found.lastgroup or ""
    if group in _SIGNS:
        return _Piece(_SIGNS[group])
    if group == "lone":
        raise InvalidInput(N_('Tanda petik (") belum ditutup.'), FORM)
    if found["near"]:
        return _Piece(_Kind.NEAR, found["most"] or "10")
    if found["field"]:
        return _Piece(_Kind.FIELD, _field(found["field"]).value)
    if found["word"] in _OPERATORS:
        return _Piece(_OPERATORS[found["word"]])
    words = found["quoted"] or found["word"] or ""
    return _Piece(_Kind.PHRASE, words, bool(found["star"]) or words.endswith("*"))


_SIGNS = {"open": _Kind.OPEN, "close": _Kind.CLOSE, "minus": _Kind.NOT}


def _field(name: str) -> Field:
    if name.lower() not in FIELDS:
        raise InvalidInput(
            N_("Bidang itu tidak ada. Yang ada: judul, isi, jaringan, situs."), FORM
        )
    return FIELDS[name.lower()]


class _Reader:
    """Reads pieces from left to right; each method reads one level of binding."""

    def __init__(self, pieces: list[_Piece]) -> None:
        self._pieces = pieces
        self._at = 0
        self._depth = 0
        self._words = 0

    def whole(self) -> Query:
        if not self._pieces:
            raise InvalidInput(N_("Tulis kata yang dicari."), FORM)
        query = self._or()
        if self._next() is not None:  # only a bracket ends ``_or`` early
            raise InvalidInput(N_("Ada kurung tutup tanpa kurung buka."), FORM)
        if query is None:
            raise InvalidInput(N_("Tulis kata yang dicari."), FORM)
        return query

    def _next(self) -> _Kind | None:
        return self._pieces[self._at].kind if self._at < len(self._pieces) else None

    def _take(self) -> _Piece:
        self._at += 1
        return self._pieces[self._at - 1]

    def _or(self) -> Query | None:
        parts = [self._and()]
        while self._next() is _Kind.OR:
            self._take()
            self._must_follow()
            parts.append(self._and())
        return _joined(Or, parts)

    def _and(self) -> Query | None:
        parts = []
        while self._next() not in (None, _Kind.CLOSE, _Kind.OR):
            if self._next() is _Kind.AND:
                if not self._at or self._pieces[self._at - 1].kind in (
                    _Kind.OPEN,
                    _Kind.OR,
                ):
                    raise InvalidInput(N_("Di depan AND harus ada kata."), FORM)
                self._take()
                self._must_follow()
                continue
            parts.append(self._near())
        if not parts:
            raise InvalidInput(
                N_("Di antara kurung atau di samping OR harus ada kata."), FORM
            )
        return _joined(And, parts)

    def _near(self) -> Query | None:
        left = self._not()
        while self._next() is _Kind.NEAR:
            most = int(self._take().value)
            if most > FURTHEST:
                raise InvalidInput(N_("NEAR paling jauh 50 kata."), FORM)
            self._must_follow()
            right = self._not()
            if left is None or right is None:
                left = left or right
                continue
            for side in (left, right):
                _must_have_places(side)
            left = Near(left, right, most)
        return left

    def _not(self) -> Query | None:
        if self._next() is _Kind.NEAR:
            raise InvalidInput(N_("Di depan NEAR harus ada kata."), FORM)
        if self._next() is not _Kind.NOT:
            return self._one()
        self._take()
        self._must_follow()
        self._deeper()
        part = self._not()
        self._depth -= 1
        return None if part is None else Not(part)

    def _one(self) -> Query | None:
        piece = self._take()
        if piece.kind is _Kind.OPEN:
            self._deeper()
            inside = self._or()
            self._depth -= 1
            if self._next() is not _Kind.CLOSE:
                raise InvalidInput(N_("Ada kurung buka yang belum ditutup."), FORM)
            self._take()
            return inside
        if piece.kind is _Kind.FIELD:
            return self._in(Field(piece.value))
        return self._phrase(piece)

    def _in(self, field: Field) -> Query | None:
        self._must_follow()
        if field in WORDS:
            part = self._one()
            return None if part is None else In(field, part)
        piece = self._take()
        value = piece.value.strip().lower().rstrip("*")
        if piece.kind is not _Kind.PHRASE or not value:
            raise InvalidInput(
                N_("Sesudah jaringan: atau situs: tulis satu nama."), FORM
            )
        self._count(1)
        return Meta(field, value.removeprefix("www."))

    def _phrase(self, piece: _Piece) -> Query | None:
        words = tuple(token.word for token in tokens(piece.value))
        self._count(len(words))
        if not words:
            return None  # only signs: nothing to look for
        if piece.prefix and len(words[-1]) < SHORTEST_PREFIX:
            raise InvalidInput(N_("Di depan * tulis paling sedikit tiga huruf."), FORM)
        return Phrase(words, piece.prefix)

    def _count(self, words: int) -> None:
        self._words += words
        if self._words > MOST_WORDS:
            raise InvalidInput(N_("Terlalu banyak kata. Paling banyak 60."), FORM)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise InvalidInput(N_("Terlalu banyak kurung di dalam kurung."), FORM)

    def _must_follow(self) -> None:
        """After an operator or a field a word or a bracket must come."""
        if self._next() in (None, _Kind.CLOSE, _Kind.AND, _Kind.OR, _Kind.NEAR):
            raise InvalidInput(
                N_("Sesudah AND, OR, NOT, NEAR, atau nama bidang harus ada kata."), FORM
            )


def _joined(kind: type[And] | type[Or], parts: list[Query | None]) -> Query | None:
    found = tuple(part for part in parts if part is not None)
    if not found:
        return None
    return found[0] if len(found) == 1 else kind(found)


def _must_have_places(side: Query) -> None:
    """Only what stands somewhere can be near."""
    match side:
        case Phrase() | Near():
            return
        case Or(parts):
            for part in parts:
                _must_have_places(part)
        case _:
            raise InvalidInput(
                N_("Di samping NEAR hanya kata, kutipan, atau pilihan dengan OR."), FORM
            )
