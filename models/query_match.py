"""Whether a text is what a query asks for, and where its words stand.

This is what a query means; the index of a database only brings candidates.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from models.query import WORDS, And, Field, In, Meta, Near, Not, Or, Phrase, Query
from models.query_words import Token, tokens

Span = tuple[int, int]
"""First and last word of a place, counted from 0."""

MOST_SPANS = 2_000  # of one node in one text; a text that repeats itself has more


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the words of a query stand: pairs of offsets, in their order, apart."""

    title: tuple[tuple[int, int], ...] = ()
    text: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Words:
    """One headline or text."""

    all: Sequence[Token]
    places: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, text: str) -> "_Words":
        made = cls(tokens(text))
        for place, token in enumerate(made.all):
            made.places[token.word].append(place)
        return made

    def starts(self, first: str, *, prefix: bool) -> list[int]:
        if not prefix:
            return self.places.get(first, [])
        found = [at for word, at in self.places.items() if word.startswith(first)]
        return sorted(place for places in found for place in places)


class Reading:
    """One item, cut into words once and asked by as many queries as wanted.

    Args:
        title, text: as they are shown.
        network: a network's ``NAME``, or ``feed``.
        host: of its address, without ``www.``.
    """

    def __init__(
        self, title: str, text: str, network: str = "", host: str = ""
    ) -> None:
        self._words = {Field.TITLE: _Words.of(title), Field.TEXT: _Words.of(text)}
        self._network, self._host = network, host

    def answers(self, query: Query) -> bool:
        """Whether this is what the query asks for."""
        return self._holds(query, WORDS)

    def marks(self, query: Query) -> Marks:
        """The places of all that the query wants; not of what it excludes."""
        found: dict[Field, list[Span]] = {one: [] for one in WORDS}
        for where, span in self._wanted(query, WORDS):
            found[where].append(span)
        return Marks(*(_offsets(self._words[one].all, found[one]) for one in WORDS))

    def _holds(self, query: Query, fields: Collection[Field]) -> bool:
        match query:
            case And(parts):
                return all(self._holds(part, fields) for part in parts)
            case Or(parts):
                return any(self._holds(part, fields) for part in parts)
            case Not(part):
                return not self._holds(part, fields)
            case In(only, part):
                return only in fields and self._holds(part, (only,))
            case Meta():
                return self._is_from(query)
            case Phrase() | Near():
                return any(spans(query, self._words[one]) for one in fields)

    def _is_from(self, wanted: Meta) -> bool:
        if wanted.field is Field.NETWORK:
            return self._network == wanted.value
        return f".{self._host}".endswith(f".{wanted.value}")

    def _wanted(
        self, query: Query, fields: Collection[Field]
    ) -> Iterator[tuple[Field, Span]]:
        """Where what a query wants stands, phrase by phrase."""
        match query:
            case And(parts) | Or(parts):
                for part in parts:
                    yield from self._wanted(part, fields)
            case In(only, part) if only in fields:
                yield from self._wanted(part, (only,))
            case Phrase() | Near():
                for one in fields:
                    words = self._words[one]
                    yield from ((one, span) for span in _phrases_of(query, words))


def _phrases_of(query: Query, words: _Words) -> Iterator[Span]:
    """The phrases within the places of a query, without what lies between them."""
    match query:
        case Near(left, right, _):
            places = spans(query, words)
            starts = [first for first, _ in places]
            furthest = list(accumulate((last for _, last in places), max))
            for one in (*_phrases_of(left, words), *_phrases_of(right, words)):
                at = bisect_right(starts, one[0])
                if at and one[1] <= furthest[at - 1]:
                    yield one
        case Or(parts):
            for part in parts:
                yield from _phrases_of(part, words)
        case _:
            yield from spans(query, words)


def spans(query: Query, words: _Words) -> list[Span]:
    """Where a phrase, a choice or two that are near stand in one text, in order."""
    match query:
        case Phrase(wanted, prefix):
            return list(_phrases(wanted, prefix, words))[:MOST_SPANS]
        case Or(parts):
            found = {span for part in parts for span in spans(part, words)}
            return sorted(found)[:MOST_SPANS]
        case Near(left, right, most):
            return _near(spans(left, words), spans(right, words), most)[:MOST_SPANS]
        case _:
            raise AssertionError("the parser lets nothing else be near")


def _phrases(wanted: Sequence[str], prefix: bool, words: _Words) -> Iterator[Span]:
    alone = len(wanted) == 1
    for first in words.starts(wanted[0], prefix=prefix and alone):
        last = first + len(wanted) - 1
        if last >= len(words.all):
            continue
        there = [token.word for token in words.all[first : last + 1]]
        if there[:-1] != list(wanted[:-1]):
            continue
        if there[-1] == wanted[-1] or (prefix and there[-1].startswith(wanted[-1])):
            yield first, last


def _near(left: list[Span], right: list[Span], most: int) -> list[Span]:
    found = set()
    starts = [span[0] for span in right]
    longest = max((span[1] - span[0] for span in right), default=0)
    for first, last in left:
        begin = bisect_left(starts, first - most - 1 - longest)
        for other in range(begin, len(right)):
            begins, ends = right[other]
            if begins > last + most + 1:
                break
            between = begins - last - 1 if begins > last else first - ends - 1
            if 0 <= between <= most:
                found.add((min(first, begins), max(last, ends)))
    return sorted(found)


def _offsets(
    all_: Sequence[Token], found: Collection[Span]
) -> tuple[tuple[int, int], ...]:
    """Offsets of places, in order; those that overlap become one."""
    joined: list[Span] = []
    for first, last in sorted(found):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple((all_[first].start, all_[last].end) for first, last in joined)
