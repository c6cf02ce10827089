"""A text that is too long for one post, as the parts of a thread.

The cut is made at the end of a sentence, line or paragraph; where a sentence is longer
than a post, between words; where a word is, between graphemes. A link, a mention, a
hashtag and a number stay whole. See ``docs/design/0001-the-ledger.md``.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import regex

from models.errors import Refused
from models.problems import Problem
from networks.capabilities import TextLimit
from networks.counting import addresses, fits, length

_SHORT = (
    "a.n. bpk. dll. dr. drg. dra. drs. dsb. gg. h. hj. ir. jend. jl. jln. kab. kec. "
    "kel. km. kol. kombes. letjen. no. pol. prof. rp. rt. rw. s.d. sdr. tel. telp. "
    "tgl. u.p. yth."
)
ABBREVIATIONS = frozenset(_SHORT.split())
"""Words whose full stop ends no sentence, in small letters."""

_GRAPHEME = regex.compile(r"\X")
_WHOLE = (
    regex.compile(r"https?://\S+", regex.IGNORECASE),
    regex.compile(r"(?<!\w)[@#]\w[\w.-]*(?:@[\w.-]+)?"),
    regex.compile(r"\d+(?:[.,:/\u2013-]?\d+)*+"),
)
_AMOUNT = regex.compile(r"(?:Rp\.?|No\.|\d)\s\d", regex.IGNORECASE)
_ENDS = regex.compile(r"[.!?\u2026]+[\"'\u201d\u2019)\]]*$")
_LIST_NUMBER = regex.compile(r"\(?(?:\d{1,3}|[A-Za-z])[.)]")
_INITIALS = regex.compile(r"(?:\p{Lu}\.)+")


def split(text: str, limit: TextLimit) -> tuple[str, ...]:
    """Split ``text`` into parts that may each be posted, in order.

    Nothing but blanks at the cuts is lost. A text that fits is its only part.

    Raises:
        Refused: ``TEXT_TOO_LONG``; a link, mention, number or grapheme is longer than
            a whole post.
    """
    if fits(text, limit):
        return (text,)
    words = _words(text)
    return tuple(_parts(text, words, limit))


def _parts(
    text: str, words: Sequence[tuple[int, int]], limit: TextLimit
) -> Iterator[str]:
    sentences = [n for n in range(1, len(words) + 1) if _ends_sentence(text, words, n)]
    loose = [n for n in range(1, len(words) + 1) if not _binds(text, words, n)]
    first = 0
    begin = words[0][0] if words else 0
    ranks = (sentences, loose, range(1, len(words) + 1))
    while first < len(words):
        cut = _cut(text, begin, words, first, ranks, limit)
        if cut is None:
            stop = _inside(text, begin, words[first][1], limit)
            yield text[begin:stop]
            begin = stop
        else:
            yield text[begin : words[cut - 1][1]]
            first = cut
            begin = words[cut][0] if cut < len(words) else len(text)


def _cut(
    text: str,
    begin: int,
    words: Sequence[tuple[int, int]],
    first: int,
    ranks: Sequence[Sequence[int]],
    limit: TextLimit,
) -> int | None:
    """After how many words to cut; None when not even one fits."""

    def good(number: int) -> bool:
        return fits(text[begin : words[number - 1][1]], limit)

    most = _furthest(first + 1, len(words), good)
    for places in ranks:
        within = places[bisect_right(places, first) : bisect_right(places, most)]
        found = next((n for n in reversed(within) if good(n)), None)
        if found is not None:
            return found
    return None


def _furthest(low: int, high: int, good: Callable[[int], bool]) -> int:
    """The last number from ``low`` on that is good, if good ones come first."""
    if not good(low):
        return low - 1
    step = 1
    while low + step <= high and good(low + step):
        low += step
        step *= 2
    high = min(high, low + step - 1)
    while low < high:
        middle = (low + high + 1) // 2
        if good(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _inside(text: str, begin: int, end: int, limit: TextLimit) -> int:
    """Where to cut a word that is longer than a post."""
    word = text[begin:end]
    spans = list(_whole(word))
    stops: list[int] = [
        found.end()
        for found in _GRAPHEME.finditer(word)
        if not any(start < found.end() < stop for start, stop in spans)
    ]
    most = _furthest(1, len(stops), lambda n: fits(word[: stops[n - 1]], limit))
    for stop in reversed(stops[:most]):
        if fits(word[:stop], limit):
            return begin + stop
    counted = length(word[: stops[0]], limit)
    raise Refused(Problem.TEXT_TOO_LONG, f"{counted} of {limit.longest} in one piece")


def _whole(word: str) -> Iterator[tuple[int, int]]:
    """What may not be cut in a word."""
    for pattern in _WHOLE:
        for found in pattern.finditer(word):
            yield found.span()
    for address in addresses(word):
        start = word.find(address)
        while start >= 0:
            yield start, start + len(address)
            start = word.find(address, start + 1)


def _words(text: str) -> list[tuple[int, int]]:
    """Where words begin and end; a blank with a mark on it is a letter."""
    found: list[tuple[int, int]] = []
    begin: int | None = None
    for grapheme in _GRAPHEME.finditer(text):
        blank = grapheme[0].isspace()
        if not blank and begin is None:
            begin = grapheme.start()
        elif blank and begin is not None:
            found.append((begin, grapheme.start()))
            begin = None
    if begin is not None:
        found.append((begin, len(text)))
    return found


def _ends_sentence(text: str, words: Sequence[tuple[int, int]], number: int) -> bool:
    """Whether a sentence, a line or the text ends after so many words."""
    begin, end = words[number - 1]
    if number == len(words) or "\n" in text[end : words[number][0]]:
        return True
    word = text[begin:end]
    if not _ENDS.search(word) or word.lower() in ABBREVIATIONS:
        return False
    begins_line = number == 1 or "\n" in text[words[number - 2][1] : begin]
    if _INITIALS.fullmatch(word) or (begins_line and _LIST_NUMBER.fullmatch(word)):
        return False
    return not text[words[number][0]].islower()


def _binds(text: str, words: Sequence[tuple[int, int]], number: int) -> bool:
    """Whether a number goes on over the blank after so many words."""
    if number == len(words):
        return False
    return _AMOUNT.search(text, words[number - 1][0], words[number][0] + 1) is not None
