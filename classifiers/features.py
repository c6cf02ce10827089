"""Word and character n-grams of a text as numbers, without scikit-learn.

Words 1-2 and characters 2-5 inside a word, as ``TfidfVectorizer`` makes them
(``word`` and ``char_wb``). A gram is named by its CRC-32: with 200,000 known grams a
strange one is taken for a known one once in 20,000, and what ships is plain arrays
instead of strings.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from classifiers.text import Word

Keys = npt.NDArray[np.uint32]
Owners = npt.NDArray[np.int32]

_KEPT_MARKS = frozenset("!?")
LONGEST = 4_000  # words that are read; what lies beyond is left out


class Grams(NamedTuple):
    """Grams of one text in two blocks, each gram with the word that it comes from."""

    word_keys: Keys
    word_owners: Owners
    char_keys: Keys
    char_owners: Owners


@lru_cache(maxsize=32_768)
def _keys_of(form: str) -> tuple[int, Keys]:
    """Return the key of a word and of the character grams inside it."""
    padded = f" {form} "
    grams = [
        padded[start : start + size]
        for size in (2, 3, 4, 5)
        for start in range(max(1, len(padded) - size + 1))
        if start + size <= len(padded) or start == 0
    ]
    chars = np.fromiter(
        (crc32(f"c{gram}".encode("utf-8", "replace")) for gram in grams), np.uint32
    )
    return crc32(f"w{form}".encode("utf-8", "replace")), chars


def readable(word: Word) -> bool:
    """Whether ``word`` counts: letters, digits, and the marks ``!`` and ``?``."""
    return word.form[0].isalnum() or word.form in _KEPT_MARKS or word.form == "@user"


def grams_of(words: Sequence[Word]) -> Grams:
    """Return the grams of a split text; owners index into ``words``."""
    kept = [i for i, word in enumerate(words) if readable(word)][:LONGEST]
    word_keys: list[int] = []
    char_keys: list[Keys] = []
    for i in kept:
        own, chars = _keys_of(words[i].form)
        word_keys.append(own)
        char_keys.append(chars)
    pairs = [
        crc32(f"b{words[a].form} {words[b].form}".encode("utf-8", "replace"))
        for a, b in pairwise(kept)
    ]
    owners = np.asarray(kept, dtype=np.int32)
    lengths = [len(chars) for chars in char_keys]
    return Grams(
        np.asarray(word_keys + pairs, dtype=np.uint32),
        np.concatenate([owners, owners[:-1]]) if kept else owners,
        np.concatenate(char_keys) if kept else np.zeros(0, np.uint32),
        np.repeat(owners, lengths) if kept else owners,
    )
