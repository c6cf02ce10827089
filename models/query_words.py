"""Words as queries know them: how a text is cut, and what counts as the same word.

Letters and digits make words; case, accents and decorated letters do not matter:
"Polrés", "POLRES" and "𝗣𝗼𝗹𝗿𝗲𝘀" are ``polres``. The index and the matching cut alike.
"""

import re
import unicodedata
from dataclasses import dataclass

MOST_WORDS = 8_000
"""Of one text; what stands behind them is not searched."""

MOST_OF_ONE = 255
"""PostgreSQL keeps 255 places of a word
(https://www.postgresql.org/docs/15/textsearch-limitations.html): a text is searched as
far as its most frequent word has so many."""

_RUN = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text; ``text[start:end]`` is how it was written."""

    word: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text in their order, as far as it is searched."""
    found: list[Token] = []
    seen: dict[str, int] = {}
    for run in _RUN.finditer(text):
        word = plain(run[0])
        if not word:
            continue
        seen[word] = times = seen.get(word, 0) + 1
        if times > MOST_OF_ONE:
            break
        found.append(Token(word, run.start(), run.end()))
        if len(found) == MOST_WORDS:
            break
    return found


def plain(run: str) -> str:
    """One run of letters and digits as the word it counts as; may become empty."""
    if run.isascii():
        return run.lower()
    apart = unicodedata.normalize("NFKD", run).casefold()
    return "".join(letter for letter in apart if letter.isalnum())
