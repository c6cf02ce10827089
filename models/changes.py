"""What changed between two contents, for whoever signs the second."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

from models.approval import Content, Part

_TOKENS = re.compile(r"\s+|\S+")


class Mark(StrEnum):
    """What became of a piece of text, or of a whole account."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"  # of an account: its text


class Run(NamedTuple):
    """Words that were left, taken out or put in."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class PartChange:
    """One account, before and after."""

    account_id: int
    network: str
    handle: str
    mark: Mark
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class FactChange:
    """Something beside the texts, by its name in :class:`Content`."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that is not as it was; accounts that stayed the same are left out."""

    parts: tuple[PartChange, ...]
    facts: tuple[FactChange, ...]

    def __bool__(self) -> bool:
        return bool(self.parts or self.facts)


FACTS = (
    *("title", "letter_number", "category", "publish_at", "not_after"),
    *("media_sha256", "alt_text", "corrects", "emergency"),
)
"""What stands beside the texts, in the order in which it is read."""


def between(before: Content, after: Content) -> Changes:
    """All that differs; nothing exactly where both have the same hash."""
    then = {one.account_id: one for one in before.parts}
    now = {one.account_id: one for one in after.parts}
    parts = (_part(then.get(number), now.get(number)) for number in sorted(then | now))
    return Changes(
        tuple(one for one in parts if one is not None),
        tuple(
            FactChange(name, was, has)
            for name in FACTS
            if (was := getattr(before, name)) != (has := getattr(after, name))
        ),
    )


def words(before: str, after: str) -> tuple[Run, ...]:
    """The way from one text to the other, word by word.

    Joined without what was added it is the one, without what was removed the other.
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    runs: list[Run] = []
    for at, (kind, a, b, c, d) in enumerate(steps):
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if kind == "equal" and not (gone.isspace() and 0 < at < len(steps) - 1):
            runs.append(Run(Mark.SAME, gone))
        else:  # a blank between two changes is of both
            runs += [Run(Mark.REMOVED, gone), Run(Mark.ADDED, come)]
    return _joined(runs)


def _joined(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Between two unchanged runs: what was removed once, then what was added once."""
    found: list[Run] = []
    pending = {Mark.REMOVED: "", Mark.ADDED: ""}
    for run in (*runs, Run(Mark.SAME, "")):
        if run.mark is Mark.SAME:
            found += [Run(mark, text) for mark, text in pending.items() if text]
            pending = dict.fromkeys(pending, "")
            if run.text:
                found.append(run)
        else:
            pending[run.mark] += run.text
    return tuple(found)


def _part(before: Part | None, after: Part | None) -> PartChange | None:
    """How one account differs; None where it does not."""
    if before == after:
        return None
    one = after or before
    assert one is not None
    was, has = (_said(part) if part else "" for part in (before, after))
    mark = Mark.CHANGED if before and after else Mark.ADDED if after else Mark.REMOVED
    return PartChange(one.account_id, one.network, one.handle, mark, words(was, has))


def _said(part: Part) -> str:
    """The text as it stands in public; the parts of a thread a line apart."""
    return "\n\n".join(part.posts)
