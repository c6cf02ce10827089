"""The part of a text that a search found, cut where its words stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.item import Item
from models.query_match import Marks

BEFORE = 40  # characters kept before the first word that was found
LONGEST = 260


@dataclass(frozen=True, slots=True)
class Bit:
    """Words of a snippet; ``found`` if they are what was searched."""

    text: str
    found: bool = False


def snippet(item: Item, marks: Marks) -> list[Bit]:
    """Headline and text of an item, short, beginning near what was found."""
    bits = list(_cut(item.title, marks.title, 0, LONGEST))
    if item.title and item.text:
        bits.append(Bit(". "))
    begin = _begin(item.text, marks.text)
    end = min(len(item.text), begin + LONGEST)
    if begin:
        bits.append(Bit("… "))
    bits += _cut(item.text, marks.text, begin, end)
    if end < len(item.text):
        bits.append(Bit(" …"))
    return bits


def _begin(text: str, marks: Sequence[tuple[int, int]]) -> int:
    """At the start of a word, where the first mark is not far behind."""
    if not marks or marks[0][0] <= LONGEST // 2:
        return 0
    near = marks[0][0] - BEFORE
    gap = text.find(" ", near, marks[0][0])
    return near if gap < 0 else gap + 1


def _cut(
    text: str, marks: Sequence[tuple[int, int]], begin: int, end: int
) -> Iterator[Bit]:
    inside = [(max(a, begin), min(b, end)) for a, b in marks if a < end and b > begin]
    cuts = sorted({begin, min(end, len(text)), *(at for mark in inside for at in mark)})
    starts = {a for a, _ in inside}
    for start, stop in pairwise(cuts):
        yield Bit(text[start:stop], start in starts)
