"""Whether two texts say the same, or nearly: shared runs of three words.

Linear in the length of the texts: each becomes a set of its runs, and two sets are
compared by what they share (Jaccard). Case, punctuation and width do not count; numbers
do, because another hour is another announcement.
"""

import re
import unicodedata

RUN = 3  # words
_WORD = re.compile(r"\w+")

Runs = frozenset[tuple[str, ...]]


def runs(text: str) -> Runs:
    """Every run of three words of a text; of a shorter one the text itself."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(folded)
    if len(words) <= RUN:
        return frozenset({tuple(words)}) if words else frozenset()
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def likeness(one: Runs, other: Runs) -> float:
    """From 0, nothing in common, to 1, the same."""
    if not one or not other:
        return 0.0
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
