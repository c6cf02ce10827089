"""Whether a chain is whole: which row is broken, and how. Pure; reads rows in order."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from config.words import N_
from models.chain import GENESIS, Entry, digest
from models.errors import InvalidInput

_HEAD = re.compile(r"([0-9]{1,10}):([0-9a-f]{64})")


class Fault(StrEnum):
    """What is wrong at one place of a chain."""

    CHANGED = "changed"  # the row is not what was hashed
    MISSING = "missing"  # rows are gone, from this number on
    UNLINKED = "unlinked"  # the row does not follow the one before
    CUT = "cut"  # the head knows more rows than there are
    HEAD = "head"  # the head is not the last row's
    REWRITTEN = "rewritten"  # the kept head's row now has another hash
    SHORTER = "shorter"  # the chain ends before the kept head


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain, written ``NUMBER:HASH``; to be kept elsewhere."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"

    @classmethod
    def read(cls, text: str) -> "Head":
        """What :meth:`__str__` wrote.

        Raises:
            InvalidInput: it is no head.
        """
        found = _HEAD.fullmatch(text.strip().lower())
        if found is None:
            raise InvalidInput(
                N_("Kepala rantai ditulis NOMOR:HASH, seperti yang diekspor."), "head"
            )
        return cls(int(found[1]), found[2])


EMPTY = Head(0, GENESIS)


@dataclass(frozen=True, slots=True)
class Break:
    """One fault; ``to`` is the last number it concerns."""

    chain: int
    number: int
    fault: Fault
    to: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a chain stands: its own end as the rows say, and everything that is wrong."""

    chain: int
    head: Head
    breaks: tuple[Break, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaks


def check(
    chain: int,
    entries: Iterable[Entry],
    stored: Head | None = None,
    kept: Head | None = None,
) -> Verdict:
    """Look at every row of a chain, in order of number.

    Args:
        stored: where the database says that the chain ends; None is not looked at.
        kept: a head that was exported earlier and kept elsewhere.
    """
    breaks: list[Break] = []
    last = EMPTY
    agrees = kept is None or kept == EMPTY
    for entry in entries:
        breaks += (Break(chain, *fault) for fault in _faults(chain, entry, last))
        if isinstance(entry.number, int):  # SQLite keeps any kind of value
            last = Head(entry.number, entry.hash)
            agrees = agrees or last == kept
    breaks += (Break(chain, *fault) for fault in _ends(last, stored, kept, agrees))
    return Verdict(chain, last, tuple(breaks))


def _faults(chain: int, entry: Entry, last: Head) -> Iterator[tuple[int, Fault, int]]:
    """What is wrong at one row."""
    number = entry.number
    if not isinstance(number, int):
        yield last.number + 1, Fault.CHANGED, last.number + 1
        return
    if number != last.number + 1:
        yield last.number + 1, Fault.MISSING, number - 1
    elif entry.previous != last.hash:
        yield number, Fault.UNLINKED, number
    if entry.chain != chain or not _fits(entry):
        yield number, Fault.CHANGED, number


def _fits(entry: Entry) -> bool:
    """Whether a row is what its hash says."""
    try:
        return digest(entry) == entry.hash
    except TypeError:  # a value that no row of ours ever had
        return False


def _ends(
    last: Head, stored: Head | None, kept: Head | None, agrees: bool
) -> Iterator[tuple[int, Fault, int]]:
    """What is wrong at the end of a chain."""
    if stored is not None and stored.number > last.number:
        yield last.number + 1, Fault.CUT, stored.number
    elif stored is not None and stored != last:
        yield last.number, Fault.HEAD, last.number
    if kept is None or agrees:
        return
    if kept.number > last.number:
        yield last.number + 1, Fault.SHORTER, kept.number
    else:
        yield kept.number, Fault.REWRITTEN, kept.number
