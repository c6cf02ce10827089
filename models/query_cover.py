"""What an index is asked for a query: everything it wants, sometimes more, never less.

An index knows words, phrases, beginnings, networks and sites; distances it does not
know, and of some things it only knows more than is wanted. What is excluded may be
left to the index only where it knows it exactly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from models.query import And, Field, In, Meta, Near, Not, Or, Phrase, Query


class Where(Enum):
    """In which words of an item a phrase is looked for."""

    BOTH = auto()
    TITLE = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Everything:
    """The index cannot narrow it down."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No item can be one."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """What one index can look up, as it is written there."""

    written: str
    exact: bool


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Cover", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Cover", ...]


@dataclass(frozen=True, slots=True)
class Except:
    part: "Cover"


Cover = Everything | Nothing | Leaf | All | Any | Except
ToLeaf = Callable[[Phrase | Meta, Where], Leaf]


def cover(query: Query, leaf: ToLeaf) -> Cover:
    """The narrowest that an index can be asked for a query and that misses nothing."""
    return _cover(query, leaf, Where.BOTH)[0]


@dataclass(frozen=True, slots=True)
class Signs:
    """How one index writes what is not a leaf."""

    everything: str
    nothing: str
    either: str  # between two
    both: str  # between two
    without: str  # before one


def written(found: Cover, signs: Signs) -> str:
    """A question as one index reads it, in brackets."""
    match found:
        case Everything():
            inside = signs.everything
        case Nothing():
            inside = signs.nothing
        case Leaf(inside):
            pass
        case Any(parts):
            inside = signs.either.join(written(part, signs) for part in parts)
        case All(parts):
            inside = signs.both.join(written(part, signs) for part in parts)
        case Except(part):
            inside = signs.without + written(part, signs)
    return f"({inside})"


def is_narrow(found: Cover) -> bool:
    """Whether the index has to hold something for every item that answers."""
    match found:
        case Leaf() | Nothing():
            return True
        case All(parts):
            return any(is_narrow(part) for part in parts)
        case Any(parts):
            return all(is_narrow(part) for part in parts)
        case _:
            return False


def _cover(query: Query, leaf: ToLeaf, where: Where) -> tuple[Cover, bool]:
    """The question, and whether its answer holds nothing else than what is wanted."""
    match query:
        case Phrase() | Meta():
            found = leaf(query, where)
            return found, found.exact
        case Near(left, right, _):
            return _all([_cover(side, leaf, where) for side in (left, right)])[0], False
        case And(parts):
            return _all([_cover(part, leaf, where) for part in parts])
        case Or(parts):
            return _any([_cover(part, leaf, where) for part in parts])
        case Not(part):
            return _except(*_cover(part, leaf, where))
        case In(field, part):
            only = Where.TITLE if field is Field.TITLE else Where.TEXT
            there = where in (Where.BOTH, only)
            return _cover(part, leaf, only) if there else (Nothing(), True)


def _all(parts: Sequence[tuple[Cover, bool]]) -> tuple[Cover, bool]:
    exact = all(one for _, one in parts)
    if any(isinstance(part, Nothing) for part, _ in parts):
        return Nothing(), True
    narrow = tuple(part for part, _ in parts if not isinstance(part, Everything))
    if len(narrow) > 1:
        return All(narrow), exact
    return (narrow[0] if narrow else Everything()), exact


def _any(parts: Sequence[tuple[Cover, bool]]) -> tuple[Cover, bool]:
    exact = all(one for _, one in parts)
    if any(isinstance(part, Everything) for part, _ in parts):
        return Everything(), exact
    some = tuple(part for part, _ in parts if not isinstance(part, Nothing))
    if len(some) > 1:
        return Any(some), exact
    return (some[0] if some else Nothing()), exact


def _except(part: Cover, exact: bool) -> tuple[Cover, bool]:
    if not exact:
        return Everything(), False
    match part:
        case Nothing():
            return Everything(), True
        case Everything():
            return Nothing(), True
        case _:
            return Except(part), True
